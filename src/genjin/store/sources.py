"""What entries and records are called in the systems that they came from."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from sqlalchemy import ColumnElement, and_, delete, select

from genjin.domain.records import RecordType
from genjin.domain.writing import External
from genjin.store.tables import activity_sources, record_sources
from genjin.store.transaction import MOST_IDS, Tx, batched


def claim(tx: Tx, organisation_id: int, names: Collection[External]) -> dict[External, int | None]:
    """The entries of these names; None for a name that nobody has had, which is this transaction's from now on.

    Who claims the same name meanwhile waits until the transaction ends.
    """
    ordered = sorted(set(names))  # so that two who claim the same wait for each other in one order
    tx.put(activity_sources, [_row(organisation_id, name) for name in ordered])
    found: dict[External, int | None] = {}
    for its in _by_source(ordered):
        statement = select(
            activity_sources.c.source, activity_sources.c.external_id, activity_sources.c.activity_id
        ).where(activity_sources.c.organisation_id == organisation_id, its)
        found |= {External(row[0], row[1]): row[2] for row in tx.execute(statement)}
    return found


def settle(tx: Tx, organisation_id: int, entries: Mapping[External, int]) -> None:
    """Say which entries have the names that were claimed."""
    tx.put(
        activity_sources,
        [_row(organisation_id, name) | {"activity_id": activity_id} for name, activity_id in entries.items()],
    )


def release(tx: Tx, organisation_id: int, names: Sequence[External]) -> None:
    """Give names back that were claimed for nothing."""
    for its in _by_source(names):
        tx.execute(
            delete(activity_sources).where(
                activity_sources.c.organisation_id == organisation_id,
                its,
                activity_sources.c.activity_id.is_(None),
            )
        )


def of_entries(tx: Tx, organisation_id: int, activity_ids: Collection[int]) -> dict[int, External]:
    """The names of those of these entries that came from elsewhere."""
    found: dict[int, External] = {}
    for some in batched(sorted(activity_ids), MOST_IDS):
        statement = select(
            activity_sources.c.activity_id, activity_sources.c.source, activity_sources.c.external_id
        ).where(activity_sources.c.organisation_id == organisation_id, activity_sources.c.activity_id.in_(some))
        found |= {row[0]: External(row[1], row[2]) for row in tx.execute(statement)}
    return found


def records_of(
    tx: Tx, organisation_id: int, type_: RecordType, source: str, external_ids: Collection[str]
) -> dict[str, int]:
    """The records of a type that are known to a source by these ids of its own."""
    c, found = record_sources.c, dict[str, int]()
    for some in batched(sorted(external_ids), MOST_IDS):
        statement = select(c.external_id, c.record_id).where(
            c.organisation_id == organisation_id, c.source == source, c.type == int(type_), c.external_id.in_(some)
        )
        found |= {row[0]: row[1] for row in tx.execute(statement)}
    return found


def remember_records(tx: Tx, organisation_id: int, type_: RecordType, source: str, ids: Mapping[str, int]) -> None:
    """Say which records of a type a source knows by these ids of its own."""
    key = {"organisation_id": organisation_id, "source": source, "type": int(type_)}
    tx.put(record_sources, [{**key, "external_id": name, "record_id": id_} for name, id_ in ids.items()])


def _by_source(names: Iterable[External]) -> Iterator[ColumnElement[bool]]:
    """Conditions that hold for these names together; of pairs, PostgreSQL would plan for long."""
    for source, some in groupby(sorted(names), attrgetter("source")):
        for ids in batched([name.id for name in some], MOST_IDS):
            yield and_(activity_sources.c.source == source, activity_sources.c.external_id.in_(ids))


def _row(organisation_id: int, name: External) -> dict[str, object]:
    return {"organisation_id": organisation_id, "source": name.source, "external_id": name.id}
