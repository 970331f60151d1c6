"""Servers that history is brought from, and how far that has come."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import orjson
from sqlalchemy import ColumnElement, delete, func, select, tuple_

from genjin.domain.json import JsonValue
from genjin.domain.sync import Misfit, Sync, Unit
from genjin.store.tables import sync_misfits, sync_units, syncs
from genjin.store.transaction import MOST_IDS, Tx, batched

_NAMES = tuple(field.name for field in fields(Sync))


def put(tx: Tx, organisation_id: int, sync: Sync) -> None:
    """Insert or replace one."""
    tx.put(syncs, [{"organisation_id": organisation_id, **asdict(sync)}])


def find_for_update(tx: Tx, organisation_id: int, source: str) -> Sync | None:
    """The one of a source, locked until the transaction ends."""
    found = select(*(syncs.c[name] for name in _NAMES)).where(
        syncs.c.organisation_id == organisation_id, syncs.c.source == source
    )
    row = tx.execute(found.with_for_update()).mappings().one_or_none()
    return None if row is None else Sync(**row)


def sync_list(tx: Tx, organisation_id: int) -> list[Sync]:
    """All of them, by id. There are few."""
    found = select(*(syncs.c[name] for name in _NAMES)).where(syncs.c.organisation_id == organisation_id)
    return [Sync(**row) for row in tx.execute(found.order_by(syncs.c.id)).mappings()]


def put_units(tx: Tx, organisation_id: int, sync_id: int, units: Iterable[Unit]) -> None:
    """Insert or replace some."""
    rows: list[dict[str, object]] = [
        {
            "organisation_id": organisation_id,
            "sync_id": sync_id,
            "unit": unit.name,
            "listed_at": unit.listed_at,
            "listed": unit.listed,
            "due_at": unit.due_at,
            "read_at": unit.read_at,
            "total": unit.total,
            "state": orjson.dumps(unit.state) if unit.state else None,
        }
        for unit in units
    ]
    tx.put(sync_units, rows)


def find_units(tx: Tx, organisation_id: int, sync_id: int, names: Sequence[str]) -> dict[str, Unit]:
    """Those of these that are known, by their names."""
    c, found = sync_units.c, dict[str, Unit]()
    for some in batched(names, MOST_IDS):
        statement = select(sync_units).where(
            c.organisation_id == organisation_id, c.sync_id == sync_id, c.unit.in_(some)
        )
        found |= {row["unit"]: _unit(row) for row in tx.execute(statement).mappings()}
    return found


def due_units(
    tx: Tx, organisation_id: int, sync_id: int, limit: int, after: tuple[int, str] | None = None
) -> list[Unit]:
    """Those that have to be read, the longest known first, behind the one that was due then and has that name."""
    c = sync_units.c
    statement = (
        select(sync_units)
        .where(c.organisation_id == organisation_id, c.sync_id == sync_id, c.due_at.is_not(None))
        .order_by(c.due_at, c.unit)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(c.due_at, c.unit) > tuple_(*after))
    return [_unit(row) for row in tx.execute(statement).mappings()]


def stale_units(tx: Tx, organisation_id: int, sync_id: int, before: int, limit: int) -> list[Unit]:
    """Those of lists that were read, and not since that instant, the longest ago first; not those that are gone."""
    c = sync_units.c
    statement = (
        select(sync_units)
        .where(c.organisation_id == organisation_id, c.sync_id == sync_id, c.read_at < before, c.due_at.is_(None))
        .where(c.listed_at.is_not(None))
        .order_by(c.read_at, c.unit)
        .limit(limit)
    )
    return [_unit(row) for row in tx.execute(statement).mappings()]


def listed_units(
    tx: Tx, organisation_id: int, sync_id: int, list_: str, after: str, limit: int, before: int | None = None
) -> list[Unit]:
    """Those of a list such as `leads` whose names lie behind that one, in order; `before` has those that the list has
    not shown since that instant, but did.
    """
    c = sync_units.c
    statement = select(sync_units).where(*_of_list(organisation_id, sync_id, list_), c.unit > after)
    if before is not None:
        statement = statement.where(c.listed_at < before)
    return [_unit(row) for row in tx.execute(statement.order_by(c.unit).limit(limit)).mappings()]


def count_listed(tx: Tx, organisation_id: int, sync_id: int, list_: str, since: int = 0) -> int:
    """How many of a list it has shown since that instant."""
    counted = select(func.count()).where(*_of_list(organisation_id, sync_id, list_), sync_units.c.listed_at >= since)
    return int(tx.execute(counted).scalar_one())


def count_due(tx: Tx, organisation_id: int, sync_id: int) -> int:
    """How many have to be read."""
    c = sync_units.c
    counted = select(func.count()).where(
        c.organisation_id == organisation_id, c.sync_id == sync_id, c.due_at.is_not(None)
    )
    return int(tx.execute(counted).scalar_one())


def put_misfits(tx: Tx, organisation_id: int, sync_id: int, unit: str, at: int, misfits: Sequence[Misfit]) -> None:
    """What of a unit could not be taken in, in the place of what could not before."""
    c = sync_misfits.c
    tx.execute(delete(sync_misfits).where(c.organisation_id == organisation_id, c.sync_id == sync_id, c.unit == unit))
    keys = {"organisation_id": organisation_id, "sync_id": sync_id, "unit": unit}
    rows: list[dict[str, object]] = [
        {**keys, "place": place, "at": at, "path": _text(each.path), "why": _text(each.why), "raw": _packed(each.raw)}
        for place, each in enumerate(misfits)
    ]
    tx.put(sync_misfits, rows)


def forget_misfits(tx: Tx, organisation_id: int, sync_id: int, unit: str) -> None:
    """Forget what of the units whose names begin so could not be taken in."""
    c = sync_misfits.c
    tx.execute(
        delete(sync_misfits).where(
            c.organisation_id == organisation_id, c.sync_id == sync_id, c.unit.startswith(unit, autoescape=True)
        )
    )


def misfit_list(
    tx: Tx, organisation_id: int, sync_id: int, limit: int, after: tuple[str, int]
) -> list[tuple[str, int, Misfit]]:
    """What could not be taken in, by unit and place there, behind that one."""
    c = sync_misfits.c
    statement = (
        select(sync_misfits)
        .where(c.organisation_id == organisation_id, c.sync_id == sync_id, tuple_(c.unit, c.place) > tuple_(*after))
        .order_by(c.unit, c.place)
        .limit(limit)
    )
    found = tx.execute(statement).mappings()
    return [(row["unit"], row["place"], Misfit(row["path"], row["why"], orjson.loads(row["raw"]))) for row in found]


def count_misfits(tx: Tx, organisation_id: int, sync_id: int) -> int:
    """How many there are."""
    c = sync_misfits.c
    counted = select(func.count()).where(c.organisation_id == organisation_id, c.sync_id == sync_id)
    return int(tx.execute(counted).scalar_one())


def _text(told: str) -> str:
    """As both engines take it."""
    return told.replace("\0", "\ufffd")


def _packed(raw: JsonValue) -> bytes:
    """orjson writes no more than 254 levels, and reads more."""
    try:
        return orjson.dumps(raw)
    except TypeError:
        return json.dumps(raw).encode()


def _of_list(organisation_id: int, sync_id: int, list_: str) -> tuple[ColumnElement[bool], ...]:
    c = sync_units.c
    prefix = c.unit.startswith(f"{list_}/", autoescape=True)
    return c.organisation_id == organisation_id, c.sync_id == sync_id, prefix


def _unit(row: Mapping[Any, Any]) -> Unit:
    return Unit(
        row["unit"],
        row["listed_at"],
        row["listed"],
        row["due_at"],
        row["read_at"],
        row["total"],
        orjson.loads(row["state"]) if row["state"] else {},
    )
