"""Values of the domain's types as JSON in which everything has a name, and back: the types say how.

A dataclass or a named tuple is an object of what is not as it is by default, an enumeration its member's name, an
integer called `at` or `..._at` an instant. What the types leave open is JSON already, and stays as it is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Seen = Callable[[str, object], object]
"""Hears the path of each key that is passed over, with None; and of each id, with its value."""


class NoSuchValue(ValueError):
    """A value that its type does not have; the text begins with the path to it."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path} {why}".lstrip())
        self.path, self.why = path, why


class Type(NamedTuple):
    """How values of one type are told and read. `read` is given the value, its path, and who hears of what is seen."""

    tell: Callable[[Any], Any]
    read: Callable[[Any, str, Seen], Any]


def tell_instant(at: int) -> str | int:
    """`1718157600` -> `2024-06-12T02:00:00Z`; what is in no year from 1 to 9999 stays a number."""
    try:
        return (EPOCH + timedelta(seconds=at)).isoformat()[:-6] + "Z"
    except OverflowError:
        return at


def read_instant(told: Any, path: str) -> int:
    """The instant of a time with an offset; a part of a second is dropped. Raises NoSuchValue."""
    if isinstance(told, int) and not isinstance(told, bool):
        return told
    try:
        if not isinstance(told, str) or len(told) > 40:
            raise ValueError
        read = datetime.fromisoformat(told)
        if read.tzinfo is None:
            raise ValueError
        return int((read - EPOCH).total_seconds() // 1)
    except (ValueError, OverflowError) as error:
        raise NoSuchValue(path, "is no time with an offset, such as 2024-06-12T02:00:00Z") from error


def read_scalar(kind: type, told: Any, path: str) -> Any:
    """A text, a number, a truth value, as it is. Raises NoSuchValue."""
    fits = isinstance(told, kind) and (kind is bool or not isinstance(told, bool))
    if kind is float and isinstance(told, int) and not isinstance(told, bool):
        return float(told)
    if not fits:
        raise NoSuchValue(path, f"is no {_CALLED[kind]}")
    return told


@lru_cache(maxsize=256)
def type_of(hint: Any, name: str = "") -> Type:
    """How values of a type are told and read; `name` is the field's that has them."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        rest = [each for each in inner if each is not NoneType]
        return _or_none(type_of(rest[0], name)) if len(rest) == 1 else JSON
    if origin is tuple:
        return _many(type_of(inner[0], name), tuple)
    if origin is Sequence:
        return _many(type_of(inner[0], name), tuple)
    if origin is Mapping:
        return _mapping(type_of(inner[1]))
    if isinstance(hint, type):
        if issubclass(hint, Enum):
            return _member(hint)
        if is_dataclass(hint) or hasattr(hint, "_fields"):
            return _object(hint)
        if hint is int and (name == "at" or name.endswith("_at")):
            return Type(tell_instant, lambda told, path, _: read_instant(told, path))
        if hint is int and (name == "id" or name.endswith("_id")):
            return Type(lambda value: value, _read_id)
        if hint in _CALLED:
            return Type(lambda value: value, lambda told, path, _: read_scalar(hint, told, path))
    return JSON


JSON = Type(lambda value: value, lambda told, _path, _seen: told)
_CALLED = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def _read_id(told: Any, path: str, seen: Seen) -> int:
    id_: int = read_scalar(int, told, path)
    seen(path, id_)
    return id_


def _or_none(inner: Type) -> Type:
    return Type(
        lambda value: None if value is None else inner.tell(value),
        lambda told, path, seen: None if told is None else inner.read(told, path, seen),
    )


def _many(inner: Type, made: Callable[[Iterator[Any]], Any]) -> Type:
    def read(told: Any, path: str, seen: Seen) -> Any:
        if not isinstance(told, list):
            raise NoSuchValue(path, "is no list")
        return made(inner.read(each, f"{path}[{place}]", seen) for place, each in enumerate(told))

    return Type(lambda value: [inner.tell(each) for each in value], read)


def _mapping(inner: Type) -> Type:
    def read(told: Any, path: str, seen: Seen) -> Any:
        if not isinstance(told, dict):
            raise NoSuchValue(path, "is no object")
        return {key: inner.read(value, f"{path}.{key}", seen) for key, value in told.items()}

    return Type(lambda value: {key: inner.tell(each) for key, each in value.items()}, read)


def _member(of: type[Enum]) -> Type:
    """By its name where a number is stored, else by what is stored, which is a word already."""
    words = {member: member.value if isinstance(member.value, str) else member.name.lower() for member in of}
    by_word = {word: member for member, word in words.items()}

    def read(told: Any, path: str, _seen: Seen) -> Any:
        if not isinstance(told, str) or told not in by_word:
            raise NoSuchValue(path, f"is none of {', '.join(by_word)}")
        return by_word[told]

    return Type(lambda value: words[of(value)], read)


def _object(of: Any) -> Type:
    hints = get_type_hints(of)
    inner = {name: type_of(hints[name], name) for name in _defaults(of)}
    defaults = _defaults(of)

    def tell(value: Any) -> Any:
        return {name: each.tell(its) for name, each in inner.items() if (its := getattr(value, name)) != defaults[name]}

    def read(told: Any, path: str, seen: Seen) -> Any:
        if not isinstance(told, dict):
            raise NoSuchValue(path, "is no object")
        for key in told:
            if key not in inner:
                seen(f"{path}.{key}", None)
        values = {name: each.read(told[name], f"{path}.{name}", seen) for name, each in inner.items() if name in told}
        for name, default in defaults.items():
            if default is MISSING and name not in values:
                raise NoSuchValue(f"{path}.{name}", "is missing")
        return of(**values)

    return Type(tell, read)


def _defaults(of: Any) -> dict[str, Any]:
    if is_dataclass(of):
        return {
            each.name: each.default if each.default_factory is MISSING else each.default_factory()
            for each in fields(of)
        }
    return {name: of._field_defaults.get(name, MISSING) for name in of._fields}
