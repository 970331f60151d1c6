"""What the address of a page asks for, read as /api/v1 reads it; and addresses that ask for a little more or less."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar, get_origin
from urllib.parse import parse_qsl, urlencode

from pydantic import BaseModel, ValidationError
from starlette.types import Scope

from genjin.errors import Invalid

M = TypeVar("M", bound=BaseModel)
_OF_THE_PAGE = ("cursor", "limit")


@dataclass(frozen=True)
class Address:
    """A path with its parameters in order. As a text it is a link."""

    path: str
    pairs: Sequence[tuple[str, str]] = ()

    def __str__(self) -> str:
        query = urlencode(self.pairs, safe="!/")
        return f"{self.path}?{query}" if query else self.path

    def values(self, name: str) -> list[str]:
        """What a parameter is, in order."""
        return [value for key, value in self.pairs if key == name]

    def has(self, name: str, value: str) -> bool:
        """Whether this is one of the values of a parameter."""
        return (name, value) in self.pairs

    def without(self, *names: str) -> "Address":
        """The same without these parameters."""
        return Address(self.path, [pair for pair in self.pairs if pair[0] not in names])

    def dropping(self, name: str, value: str) -> "Address":
        """The same without one value of a parameter."""
        return Address(self.path, [pair for pair in self.pairs if pair != (name, value)])

    def adding(self, name: str, value: str) -> "Address":
        """The same with one more value of a parameter."""
        return Address(self.path, [*self.dropping(name, value).pairs, (name, value)])

    def setting(self, name: str, value: str | None) -> "Address":
        """The same with no value of a parameter but this one; None for none."""
        return self.without(name) if value is None else self.without(name).adding(name, value)

    def toggling(self, name: str, value: str) -> "Address":
        """The same with a value where it is without, and the other way round."""
        return (self.dropping if self.has(name, value) else self.adding)(name, value)

    def at(self, path: str) -> "Address":
        """The same parameters at another path."""
        return Address(path, self.pairs)


def address_of(scope: Scope) -> Address:
    """The address that was asked for, at its first page. A parameter that is empty, as forms send it, is left out."""
    asked = parse_qsl(scope["query_string"].decode("latin-1"))
    return Address(scope["path"], [pair for pair in asked if pair[0] not in _OF_THE_PAGE])


def query_of(model: type[M], scope: Scope) -> M:
    """The parameters as one of the queries of /api/v1; others and empty ones are not read. Raises Invalid by name."""
    return query_in(model, parse_qsl(scope["query_string"].decode("latin-1")))


def query_in(model: type[M], pairs: Sequence[tuple[str, str]]) -> M:
    """The same of parameters that are there."""
    asked = dict[str, list[str]]()
    for name, value in pairs:
        asked.setdefault(name, []).append(value)
    told = dict[str, str | list[str]]()
    for field_name, field in model.model_fields.items():
        name = field.alias or field_name
        if name in asked:
            told[name] = asked[name] if get_origin(field.annotation) is list else asked[name][-1]
    try:
        return model.model_validate(told)
    except ValidationError as error:
        errors = dict[str, list[str]]()
        for each in error.errors():
            errors.setdefault(str(each["loc"][0]), []).append(each["msg"])
        raise Invalid(errors) from error
