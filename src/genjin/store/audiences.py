"""Who sees what happened on records, and the lines of the log that tell when that changes.

Whatever changes it - an owner, a department, a pool, who works on a record, what it was merged into or became, whether
it is deleted - does so within `told`, which the functions of the store that write these columns see to.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import text

from genjin.domain.audience import Audience, held
from genjin.domain.change_log import LogLine, LogOp
from genjin.domain.records import RecordType, Ref
from genjin.store import changes, lineage
from genjin.store.refs import by_type
from genjin.store.transaction import Row, Tx, batched

DECISIVE = ("owner_id", "department_id", "pool_id", "deleted_at", "merged_into_id", "customer_id")
"""The columns of a record by which it is decided, beside who works on it."""
_AT_ONCE = 500
_PARTS = 7
"""Columns of each of the four records."""
_SHARED = {
    "sqlite": "(SELECT group_concat(c.user_id) {of})",
    "postgresql": "(SELECT string_agg(c.user_id::text, ',') {of})",
}
_OF = (
    "FROM collaborators c WHERE c.organisation_id = {0}.organisation_id"
    " AND c.record_type = {0}.type AND c.record_id = {0}.id"
)


def find(tx: Tx, organisation_id: int, refs: Iterable[Ref]) -> dict[Ref, Audience]:
    """The audiences of what happened on these records; each is as it was at one moment."""
    found: dict[Ref, Audience] = {}
    for type_, ids in by_type(refs).items():
        for some in batched(ids, _AT_ONCE):
            sql = f"{_SELECT[tx.engine]} AND t.type = ? AND t.id IN ({', '.join('?' * len(some))})"
            for row in tx.rows(sql, (organisation_id, int(type_), *some)):
                audience = _audience(type_, row)
                found[audience.target.ref] = audience
    return found


@contextmanager
def told(tx: Tx, organisation_id: int, refs: Iterable[Ref]) -> Iterator[None]:
    """Log for which records a block changes who sees what happened on them: these, and all that roll up to them.

    A block within another one leaves to that one what it looks after. The outermost ones of an organisation come one
    after the other, so that each knows what was before it.
    """
    watched = tx.logged.watched
    own = [ref for ref in refs if ref not in watched]
    if not own:
        yield
        return
    if tx.engine == "postgresql":
        key = f"audiences {organisation_id}"
        tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})
    affected = [ref for ref in lineage.below(tx, organisation_id, own) if ref not in watched]
    before = find(tx, organisation_id, affected)
    watched.update(affected)
    try:
        yield
    finally:
        watched.difference_update(affected)
    changes.add(tx, organisation_id, _lines(before, find(tx, organisation_id, before)))


def _lines(before: Mapping[Ref, Audience], after: Mapping[Ref, Audience]) -> list[LogLine]:
    return [
        LogLine(LogOp.SIGHT, ref.id, int(ref.type), before=was) for ref, was in before.items() if was != after.get(ref)
    ]


def _columns(engine: str, alias: str) -> str:
    shared = _SHARED[engine].format(of=_OF.format(alias))
    own = ", ".join(f"{alias}.{name}" for name in ("id", "owner_id", "department_id", "pool_id"))
    return f"{own}, {shared}, {alias}.deleted_at, {alias}.merged_into_id"


def _select(engine: str) -> str:
    def joined(alias: str, type_: str, id_: str) -> str:
        its = f"{alias}.organisation_id = t.organisation_id AND {alias}.type = {type_} AND {alias}.id = {id_}"
        return f" LEFT JOIN records {alias} ON {its}"

    customer = str(int(RecordType.CUSTOMER))
    return (
        f"SELECT {', '.join(_columns(engine, alias) for alias in ('t', 'k', 'u', 'v'))} FROM records t"
        + joined("k", "t.type", "t.merged_into_id")
        + joined("u", customer, "t.customer_id")
        + joined("v", customer, "k.customer_id")
        + " WHERE t.organisation_id = ?"
    )


_SELECT = {engine: _select(engine) for engine in _SHARED}


def _audience(type_: RecordType, row: Row) -> Audience:
    types = (type_, type_, RecordType.CUSTOMER, RecordType.CUSTOMER)
    target, *others = (
        None if row[at] is None else held(Ref(types[at // _PARTS], row[at]), _parts(row[at + 1 : at + _PARTS]))
        for at in range(0, len(row), _PARTS)
    )
    assert target is not None
    return Audience(target, *others)


def _parts(row: Row) -> Row:
    owner_id, department_id, pool_id, shared, deleted_at, merged_into_id = row
    people = [int(id_) for id_ in shared.split(",")] if shared else ()
    return owner_id, department_id, pool_id, people, deleted_at is not None, merged_into_id is not None
