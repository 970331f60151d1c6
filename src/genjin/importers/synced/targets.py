"""What entries tell of the records that they happened on: of those that no list has, by raw dumps, and when."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from genjin.domain.approval import Approval
from genjin.domain.kinds import CALL_MADE, FOLLOW_UP_WRITTEN, RECORD_POOLED
from genjin.domain.records import MERGEABLE, OF_A_CUSTOMER, Record, RecordType, Ref
from genjin.importers.synced.bringing import Bringing
from genjin.importers.synced.ids import DEPARTMENTS, OF_RECORDS, ours, settle
from genjin.importers.synced.people import name_users
from genjin.importers.synced.pools import pool_of
from genjin.importers.synced.records import DEPARTMENTS_OF, USERS_OF, find_many, is_theirs, keep, placeholder
from genjin.store.sync_ids import Known
from genjin.wire.synced.entries import ToldEntry


def put_targets(into: Bringing, subject: Ref, whose: Ref, told: Collection[ToldEntry]) -> dict[Ref, Ref]:
    """Our refs of the records that these entries happened on, by the upstream's. `whose` is the subject's."""
    known: dict[Ref, Known] = {}
    for type_ in RecordType:
        ids = {entry.draft.target.id for entry in told if entry.draft.target.type is type_}
        if subject.type is type_:
            ids.add(subject.id)
        known |= {Ref(type_, id_): each for id_, each in settle(into, OF_RECORDS[type_], ids).items()}
    there = find_many(into, [Ref(ref.type, each.id) for ref, each in known.items()])
    by_target: dict[Ref, list[ToldEntry]] = {subject: []}
    for entry in sorted(told, key=lambda each: (each.draft.at, each.draft.id or 0)):
        by_target.setdefault(entry.draft.target, []).append(entry)
    written = []
    for ref, entries in by_target.items():
        its, at = known[ref], entries[0].draft.at if entries else min(each.draft.at for each in told)
        was = there.get(Ref(ref.type, its.id))
        name = next((e.captured.target_name for e in reversed(entries) if e.captured.target_name), "")
        after = placeholder(ref.type, its.id, name, at) if was is None else was
        theirs = is_theirs(was, its, None)
        if theirs:
            after = _as_entries_tell(into, after, entries)
            raw = next((e.captured.raw for e in reversed(entries) if e.captured.raw is not None), None)
            if raw is not None:
                after = _as_dumped(after, raw) if was is not None else _all_as_dumped(into, after, raw)
        if (was is None or its.gone_at is not None) and ref != subject:  # no list has it
            after, its = _out_of_sight(into, after, whose, its)
        after = _touched(after, [e for of, some in by_target.items() if _touches(of, ref, subject) for e in some])
        if after != was:
            written.append((after, ref.id, its if theirs else None))
    keep(into, written)
    return {ref: Ref(ref.type, each.id) for ref, each in known.items()}


def _as_entries_tell(into: Bringing, record: Record, entries: Sequence[ToldEntry]) -> Record:
    """What its newest entry says of a record as it is now: its approval, and its pools."""
    if not entries:
        return record
    latest = entries[-1]
    if (latest.approval or Approval.APPROVED) == (record.approve_status or Approval.APPROVED):
        record = replace(record, approve_status=latest.approval)
    if latest.came_from and record.type in MERGEABLE:
        record = replace(record, from_pool_id=pool_of(into, record.type, latest.came_from))
    if latest.pooled and record.pool_id is None and record.owner_id is None and record.type in MERGEABLE:
        since = next((e.draft.at for e in reversed(entries) if e.draft.kind is RECORD_POOLED), record.updated_at)
        record = replace(record, pool_id=pool_of(into, record.type), pooled_at=record.pooled_at or since)
    return record


def _as_dumped(record: Record, raw: Record) -> Record:
    """What only the raw dump tells of a record: times to the second, how its names are read, and what we do not
    store.
    """
    exact: dict[str, Any] = {}
    for name in ("created_at", "updated_at", "said_followed_up_at", "remind_at"):
        was, told = getattr(record, name), getattr(raw, name)
        if was is not None and told is not None and was // 60 == told // 60:
            exact[name] = told
    for name in ("name", "company_name"):
        if getattr(raw, f"{name}_pinyin") and getattr(raw, name) == getattr(record, name):
            exact[f"{name}_pinyin"] = getattr(raw, f"{name}_pinyin")
    turned_at = raw.turned_at if record.customer_id is not None else None
    followed_up_at = raw.followed_up_at or record.followed_up_at
    return replace(record, **exact, turned_at=turned_at, followed_up_at=followed_up_at, captured=raw.captured)


def _all_as_dumped(into: Bringing, record: Record, raw: Record) -> Record:
    """A record that is only told of by its raw dump."""
    users = name_users(into, (), {id_ for name in USERS_OF if (id_ := getattr(raw, name))})
    departments = ours(into, DEPARTMENTS, (id_ for name in DEPARTMENTS_OF if (id_ := getattr(raw, name))))
    customers = ours(into, OF_RECORDS[RecordType.CUSTOMER], [raw.customer_id] if raw.customer_id else ())
    named: dict[str, Any] = {name: users.get(getattr(raw, name)) for name in USERS_OF}
    named |= {name: departments.get(getattr(raw, name)) for name in DEPARTMENTS_OF}
    kept = {name: getattr(record, name) for name in ("approve_status", "from_pool_id", "pool_id", "pooled_at")}
    return replace(raw, id=record.id, **named, customer_id=customers.get(raw.customer_id or 0), **kept)


def _out_of_sight(into: Bringing, record: Record, whose: Ref, known: Known) -> tuple[Record, Known]:
    """A record that no list has: it was merged into the one whose timeline shows it, or is deleted there. It comes back
    when a list has it.
    """
    if record.type is whose.type and record.type in MERGEABLE:
        return replace(record, merged_into_id=whose.id, deleted_at=None), known._replace(gone_at=into.now)
    if whose.type is RecordType.CUSTOMER and record.customer_id is None:
        record = replace(record, customer_id=whose.id)
    return replace(record, deleted_at=record.deleted_at or into.now), known._replace(gone_at=known.gone_at or into.now)


def _touches(target: Ref, record: Ref, subject: Ref) -> bool:
    """Whether what happened on a record is a contact with another: with itself, and with the customer that it is of."""
    return target == record or (
        record == subject and subject.type is RecordType.CUSTOMER and target.type in OF_A_CUSTOMER
    )


def _touched(record: Record, entries: Sequence[ToldEntry]) -> Record:
    """The record with the times of its latest follow-up and call, where it does not have later ones."""
    for name, kind in (("followed_up_at", FOLLOW_UP_WRITTEN), ("called_at", CALL_MADE)):
        latest = max((e.draft.at for e in entries if e.draft.kind is kind), default=0)
        if latest and (getattr(record, name) or 0) // 60 < latest // 60:
            record = replace(record, **{name: latest})  # type: ignore[arg-type]
    return record
