"""Counts the timelines of an organisation anew, part by part, and puts those right that are counted wrongly."""

from collections.abc import Callable
from typing import Any

from genjin.domain.json import JsonValue
from genjin.service.context import Installation
from genjin.service.queue.batches import Batch, Context, Task
from genjin.store import timeline
from genjin.store.recount import BEGINNING, Position, count_timelines, recount_part
from genjin.store.transaction import Tx

PART = 50_000
"""About how many entries one read counts where nothing is mended."""


def count_wrong(installation: Installation, organisation_id: int, seen: Callable[[int, int], object]) -> int:
    """How many timelines are counted wrongly; nothing is changed. `seen` hears how many of how many were counted."""
    total = installation.database.read(lambda tx: count_timelines(tx, organisation_id), organisation_id)
    position, done, wrong = BEGINNING, 0, 0
    while True:
        part = installation.database.read(
            lambda tx, at=position: recount_part(tx, organisation_id, at, PART),  # type: ignore[misc]
            organisation_id,
        )
        done, wrong = done + part.timelines, wrong + len(part.wrong)
        seen(done, total)
        if part.next is None:
            return wrong
        position = part.next


def mended(cursor: JsonValue) -> int:
    """How many timelines a job has put right so far."""
    return _read(cursor)[1]


def _step(tx: Tx, context: Context, cursor: JsonValue, limit: int) -> Batch:
    """One part of about so many entries."""
    position, count = _read(cursor)
    part = recount_part(tx, context.organisation_id, position, limit)
    for miscount in part.wrong:
        timeline.mend(tx, context.organisation_id, miscount.subject)
    at = part.next or BEGINNING
    return Batch({"at": list(at), "mended": count + len(part.wrong)}, part.timelines, part.next is not None)


def _total(tx: Tx, context: Context) -> int:
    return count_timelines(tx, context.organisation_id)


def _read(cursor: Any) -> tuple[Position, int]:
    return (BEGINNING, 0) if cursor is None else (Position(*cursor["at"]), cursor["mended"])


RECOUNT = Task(
    "timelines.recount",
    "counts timelines anew and puts right what is wrong",
    "timelines",
    _step,
    _total,
    lambda cursor: f"{mended(cursor)} put right",
    first=2_000,
    most=20_000,
)
