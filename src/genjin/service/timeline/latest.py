"""Looks up when something happened last in the timelines that are there, for a column that was added."""

from collections.abc import Mapping, Sequence

from genjin.domain.latest import NEVER
from genjin.service.queue.filling import fill_task
from genjin.store import timeline
from genjin.store.transaction import Row, Tx


def _values(tx: Tx, organisation_id: int, rows: Sequence[Row]) -> Sequence[Mapping[str, object]]:
    if not rows:
        return []
    keys = [(row[0], row[1]) for row in rows]
    found = timeline.latest_many(tx, organisation_id, keys[0], keys[-1])
    return [found.get(key, NEVER)._asdict() for key in keys]


FILL_LATEST = fill_task(
    "timelines.fill_latest", "finds when something happened last in timelines", "timelines", (), _values, most=2_000
)
