"""Kinds of activities as /api/v1 shows them, and as an organisation defines its own."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import Field

from genjin.domain.custom_kind import MAX_ICON, MAX_LABEL, MAX_NAME, MAX_TEMPLATE, CustomKind, Definition
from genjin.domain.json import JsonValue
from genjin.domain.kinds import Group, Kind
from genjin.wire.v1.shared import Given, Next, Shown

GroupName = Literal["talk", "call", "visit", "change", "system"]


class Sentences(Shown):
    """The same in both languages; of a sentence with names in braces for what is put in."""

    zh: str
    en: str


class KindObject(Shown):
    """A kind of activity: what can happen to a record."""

    name: str = Field(description="As activities and filters call it, such as `follow_up.written`.")
    group: GroupName
    icon: str = Field(description="The name of a picture; of a kind that comes with Genjin that of its group.")
    label: Sentences = Field(description="What lists call it.")
    sentence: Sentences
    custom: bool = Field(description="Whether the organisation defined it.")
    writable: bool = Field(description="Whether `POST /activities` takes activities of it.")
    schema_: dict[str, Any] | None = Field(
        alias="schema", description="The JSON Schema of the details of a custom one."
    )
    fills: dict[str, str] | None = Field(description="Of a custom one: templates of keys of /api/v2's timeline.")
    archived: bool
    version: int = Field(description="Of a custom one: one more with each change.")


class KindList(Shown):
    """Every kind that there is."""

    items: list[KindObject]
    next: Next


class GivenSentences(Given):
    """Sentences with names in braces: `{actor}`, `{target}`, `{text}`, and properties of the payload."""

    zh: str = Field(min_length=1, max_length=MAX_TEMPLATE)
    en: str = Field(min_length=1, max_length=MAX_TEMPLATE)


class GivenLabels(Given):
    """What lists call it."""

    zh: str = Field("", max_length=MAX_LABEL)
    en: str = Field("", max_length=MAX_LABEL)


class NewKind(Given):
    """A kind to define."""

    name: str = Field(
        max_length=MAX_NAME,
        pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){1,3}$",
        description="Such as `erp.invoice_paid`; it stays.",
    )
    group: GroupName = "system"
    icon: str = Field("", max_length=MAX_ICON)
    label: GivenLabels = GivenLabels(zh="", en="")
    sentence: GivenSentences
    schema_: dict[str, Any] = Field(
        {"type": "object"}, alias="schema", description="The JSON Schema (2020-12) of the payload, of type object."
    )
    fills: dict[str, str] = Field({}, max_length=20, description="Templates, by the key of /api/v2 that each fills.")


class KindChange(Given):
    """What is to be changed of a kind; what is not given stays as it is."""

    group: GroupName = "system"
    icon: str = Field("", max_length=MAX_ICON)
    label: GivenLabels = GivenLabels(zh="", en="")
    sentence: GivenSentences = GivenSentences(zh="{actor}", en="{actor}")
    schema_: dict[str, Any] = Field({}, alias="schema")
    fills: dict[str, str] = Field({}, max_length=20)
    archived: bool = False


def definition_of(given: NewKind) -> Definition:
    """What is defined."""
    return changed(given)(Definition(given.name))


def changed(given: NewKind | KindChange) -> Callable[[Definition], Definition]:
    """Puts what is given into a definition."""
    told: dict[str, Any] = {
        "group": {"group": Group(given.group)},
        "icon": {"icon": given.icon},
        "label": {"label_zh": given.label.zh, "label_en": given.label.en},
        "sentence": {"says_zh": given.sentence.zh, "says_en": given.sentence.en},
        "schema_": {"schema": given.schema_},
        "fills": {"fills": given.fills},
    }
    names = told.keys() if isinstance(given, NewKind) else told.keys() & given.model_fields_set
    values = {field: value for name in names for field, value in told[name].items()}
    return lambda before: replace(before, **values)


def kind_to_wire(kind: Kind, writable: bool) -> dict[str, JsonValue]:
    """A kind that comes with Genjin as KindObject."""
    sentence: Mapping[str, JsonValue] = {"zh": kind.says_zh, "en": kind.says_en}
    return {
        "name": kind.event,
        "group": kind.group.value,
        "icon": kind.group.value,
        "label": {"zh": "", "en": ""},
        "sentence": sentence,
        "custom": False,
        "writable": writable,
        "schema": None,
        "fills": None,
        "archived": False,
        "version": 1,
    }


def custom_kind_to_wire(custom: CustomKind) -> dict[str, JsonValue]:
    """A kind of the organisation's as KindObject."""
    told = custom.definition
    return kind_to_wire(custom.kind, writable=custom.archived_at is None) | {
        "icon": told.icon or told.group.value,
        "label": {"zh": told.label_zh, "en": told.label_en},
        "custom": True,
        "schema": told.schema or {},
        "fills": dict(told.fills or {}),
        "archived": custom.archived_at is not None,
        "version": custom.version,
    }
