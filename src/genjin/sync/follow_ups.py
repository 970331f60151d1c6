"""Goes through the list of follow-ups: it tells of timelines that have to be read, and of what no timeline shows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from genjin.client import Client, contract
from genjin.client.contract import RawPage
from genjin.domain.json import JsonValue
from genjin.domain.records import Ref
from genjin.domain.sync import Unit
from genjin.importers.synced.bringing import Bringing
from genjin.importers.synced.followups import put_follow_ups, unknown_follow_ups
from genjin.store import records, sync_ids, syncs
from genjin.sync.keeping import Keeper
from genjin.sync.lists import WITH_TIMELINES, Tell
from genjin.sync.reading import do, pages
from genjin.wire.v1.refs import TYPE_NAMES

NAME = "follow_ups"
PATH = "/api/v2/revisit_logs/new_index"
EVER: Mapping[str, str] = {"date": "other", "start_date": "1970-01-02", "end_date": "2099-12-31"}
EARLIER = timedelta(days=2)
"""They are asked for from so long before the last time: their days are those of the server's zone."""


def look_for_timelines(keeper: Keeper, client: Client) -> None:
    """Make timelines due on which somebody has written since the last time what is not here. Raises ClientError."""
    since = _read_at(keeper)
    if since is None:  # every timeline is due anyway
        return
    for _, page in pages(_reader(client, since)):
        keeper.write_or_keep(partial(_make_due, page.items), NAME, list(page.items))


def bring_the_rest(keeper: Keeper, client: Client, tell: Tell) -> None:
    """Put what timelines did not show, now that all have been read; the first time of all follow-ups that there are.
    Raises ClientError.
    """
    since, began, unit = _read_at(keeper), keeper.now(), keeper.unit(NAME)
    number, total, cut_off = 1, None, unit.state.get("walk")
    if isinstance(cut_off, dict):
        number, total = int(str(cut_off["number"])), int(str(cut_off["total"]))
    for at, page in pages(_reader(client, since), number, total):
        state: dict[str, JsonValue] = {"walk": {"number": at + 1, "total": page.total}}
        name = f"{NAME}?{_first_day(since)}.{at}"
        keeper.write_or_keep(partial(_put, page.items, name, replace(unit, state=state)), name, list(page.items))
        tell(min(at * page.step, page.total), page.total)
    keeper.put_unit(Unit(NAME, read_at=began))


def _read_at(keeper: Keeper) -> datetime | None:
    read_at = keeper.unit(NAME).read_at
    return None if read_at is None else datetime.fromtimestamp(read_at, UTC)


def _reader(client: Client, since: datetime | None) -> Any:
    asked = {**EVER, "start_date": _first_day(since)}

    def read(number: int) -> RawPage:
        return do(client, contract.raw_page(PATH, "revisit_logs", number, asked=asked))

    return read


def _first_day(since: datetime | None) -> str:
    return EVER["start_date"] if since is None else f"{since - EARLIER:%Y-%m-%d}"


def _put(items: Sequence[JsonValue], name: str, unit: Unit, into: Bringing) -> None:
    put_follow_ups(into, items)
    keys = into.tx, into.organisation_id, into.sync_id
    syncs.put_units(*keys, [unit])
    syncs.put_misfits(*keys, name, into.now, into.misfits)


def _make_due(items: Sequence[JsonValue], into: Bringing) -> None:
    keys = into.tx, into.organisation_id, into.sync_id
    known = syncs.find_units(*keys, sorted(_timelines(into, unknown_follow_ups(into, items))))
    syncs.put_units(*keys, [replace(unit, due_at=into.now) for unit in known.values() if unit.due_at is None])


def _timelines(into: Bringing, refs: Sequence[Ref]) -> set[str]:
    """The names of the timelines that show what happened on these records, by the ids there: their own, or their
    customers'.
    """
    of, names = (into.tx, into.organisation_id, into.sync_id), set[str]()
    for type_ in {ref.type for ref in refs}:
        name, some = TYPE_NAMES[type_], [ref.id for ref in refs if ref.type is type_]
        if name in WITH_TIMELINES:
            names |= {f"{name}/{id_}" for id_ in some}
            continue
        ours = [Ref(type_, id_) for id_ in sync_ids.ours(*of, name, some).values()]
        found = records.find_many(into.tx, into.organisation_id, ours)
        customers = [record.customer_id for record in found.values() if record.customer_id]
        names |= {f"customers/{id_}" for id_ in sync_ids.theirs(*of, "customers", customers).values()}
    return names
