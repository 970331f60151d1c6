"""Reads objects that another server told, key by key: the other half of what is written."""

from collections.abc import Mapping

import orjson

from genjin.domain.calendar import Calendar
from genjin.domain.json import JsonValue
from genjin.errors import Invalid
from genjin.wire import scalars

MAX_STATE, MAX_INDEXED = 64, 255
"""The most characters of a user's state, as the store has it, and of the texts that the store has an index of."""
Errors = dict[str, list[str]]


class Told:
    """One object of an answer. What is wrong with it is gathered by key, until `check` raises it.

    Raises Invalid for what is no object, and for what could not be kept.
    """

    def __init__(self, body: JsonValue, calendar: Calendar) -> None:
        if not isinstance(body, Mapping):
            raise Invalid({"": ["is no object"]})
        if unkeepable(body):
            raise Invalid({key: [what] for key, value in body.items() if (what := unkeepable({key: value}))})
        self.body, self.calendar = body, calendar
        self.errors: Errors = {}

    def check(self) -> None:
        """Raises Invalid if anything that was read is wrong."""
        if self.errors:
            raise Invalid(self.errors)

    def id(self, key: str) -> int:
        """The id that has to be there."""
        found = scalars.id_or_none(self.body.get(key))
        if found is None:
            self.errors[key] = [f"{_short(self.body.get(key))} is no positive 32-bit id"]
        return found or 0

    def reference(self, key: str) -> int | None:
        """The id of something else; None for nothing."""
        return None if scalars.no_id(self.body.get(key)) else self.id(key)

    def minute(self, key: str) -> int | None:
        """The instant that has to be there."""
        found = scalars.instant(self.body.get(key), self.calendar)
        if found is None:
            self.errors[key] = [f"{_short(self.body.get(key))} is no time (YYYY-MM-DD HH:MM)"]
        return found

    def optional_minute(self, key: str) -> int | None:
        """The instant; None for nothing."""
        return None if self.body.get(key) in (None, "") else self.minute(key)

    def text(self, key: str, most: int) -> str:
        """A text, or a number as one; empty for nothing."""
        value = self.body.get(key)
        if isinstance(value, Mapping | list):
            self.errors[key] = ["is no text"]
            return ""
        told = scalars.text_of(value)
        if len(told) > most:
            self.errors[key] = [f"is longer than {most} characters"]
        return told

    def objects(self, key: str) -> list[Mapping[str, JsonValue]]:
        """A list of objects; none for nothing."""
        value = self.body.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
            self.errors[key] = ["is no list of objects"]
            return []
        return value


def unkeepable(value: JsonValue) -> str:
    """What is wrong with a value that could not be stored or answered with; empty when nothing is."""
    try:
        text = orjson.dumps([[[[value]]]])  # it will lie that much deeper
    except TypeError:
        return "is nested too deeply"
    return "holds a NUL character" if b"\\u0000" in text and _has_nul(value) else ""


def _short(value: JsonValue) -> str:
    told = repr(value)
    return told if len(told) <= 100 else f"{told[:100]}..."


def _has_nul(value: JsonValue) -> bool:
    if isinstance(value, Mapping):
        return any("\0" in key or _has_nul(part) for key, part in value.items())
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\0" in value
