"""Kinds of activities, as /api/v1 shows them."""

from typing import Literal

from pydantic import Field

from genjin.domain.json import JsonValue
from genjin.domain.kinds import Kind
from genjin.wire.v1.shared import Next, Shown

GroupName = Literal["talk", "call", "visit", "change", "system"]


class Sentences(Shown):
    """The sentence of a kind in both languages, with names in braces for what is put in."""

    zh: str
    en: str


class KindObject(Shown):
    """A kind of activity: what can happen to a record."""

    name: str = Field(description="As activities and filters call it, such as `follow_up.written`.")
    group: GroupName
    icon: str = Field(description="The name of a picture; of a kind that comes with Genjin that of its group.")
    sentence: Sentences
    custom: bool = Field(description="Whether the organisation defined it.")


class KindList(Shown):
    """Every kind that there is."""

    items: list[KindObject]
    next: Next


def kind_to_wire(kind: Kind) -> dict[str, JsonValue]:
    """A kind as KindObject."""
    return {
        "name": kind.event,
        "group": kind.group.value,
        "icon": kind.group.value,
        "sentence": {"zh": kind.says_zh, "en": kind.says_en},
        "custom": False,
    }
