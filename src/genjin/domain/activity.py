"""An activity: somebody did something to a record at a moment. Written once; an edit adds a version."""

from dataclasses import dataclass
from typing import NamedTuple

import orjson

from genjin.domain.kinds import Details, Kind
from genjin.domain.records import RecordType, Ref


@dataclass(frozen=True, slots=True)
class Draft:
    """An activity before it is recorded.

    Three clocks: `at`, when it happened, orders the timeline; `said_at` is when its writer says it happened;
    `recorded_at` is when it was written down. `object_id` is what the act made (a follow-up, a call), None
    when it is the target itself. `id` is given only for what was captured elsewhere.
    """

    kind: Kind
    actor_id: int
    target: Ref
    at: int
    recorded_at: int
    object_id: int | None = None
    said_at: int | None = None
    edited_at: int | None = None
    remind_at: int | None = None
    category_id: int | None = None
    text: str = ""
    details: Details | None = None
    id: int | None = None


class Facts(NamedTuple):
    """An activity as it lies in the store, in the order of its columns; the unit of the read path.

    `text` is the typed text as a JSON string and `rare` the kind's details as a JSON object, both ready
    bytes; None when there is none. `edited_at` is None while it was never edited. `comment_count` counts its comments.
    """

    id: int
    kind: int
    actor_id: int
    target_type: int
    target_id: int
    object_id: int | None
    at: int
    said_at: int | None
    recorded_at: int
    edited_at: int | None
    remind_at: int | None
    category_id: int | None
    text: bytes | None
    rare: bytes | None
    comment_count: int = 0

    @property
    def target(self) -> Ref:
        return Ref(RecordType(self.target_type), self.target_id)


class Wording(NamedTuple):
    """What an activity said until an edit replaced it; version 1 is the first. `text` and `rare` are as in Facts."""

    version: int
    replaced_at: int
    replaced_by: int | None
    said_at: int | None
    remind_at: int | None
    category_id: int | None
    text: bytes | None
    rare: bytes | None


NOTE = b'"note":'
"""What the details have in them of a change that somebody gave a reason for."""


def is_written(text: bytes | None, rare: bytes | None) -> bool:
    """Whether there may be something that somebody wrote."""
    return text is not None or (rare is not None and NOTE in rare)


def written(text: bytes | None, rare: bytes | None) -> str:
    """What somebody wrote, as facts have it: the text, or the note of a change."""
    if text is not None:
        return str(orjson.loads(text))
    return str(orjson.loads(rare).get("note", "")) if rare is not None and NOTE in rare else ""
