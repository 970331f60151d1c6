"""Writes what a captured answer tells of records: a raw dump tells everything, an activity only the name."""

from collections.abc import Sequence
from dataclasses import replace

from genjin.domain.activity import Draft
from genjin.domain.calendar import calendar_of
from genjin.domain.pinyin import pinyin_of
from genjin.domain.records import Record, RecordType, Ref
from genjin.importers.importing import Importing
from genjin.importers.synced.ids import OF_RECORDS
from genjin.store import lineage, records, sync_ids, timeline
from genjin.store.transaction import batched
from genjin.wire.modules import CLASS_NAMES, STANDARD_NAMES
from genjin.wire.scalars import instant
from genjin.wire.timeline.capture import CapturedActivity

AT_ONCE = 400
"""Records looked up by one query: SQLite takes no expression of more than 1,000."""


def put_records(into: Importing, found: Sequence[CapturedActivity], drafts: Sequence[Draft], whose: Ref | None) -> None:
    """Every record that something happened on, and the one whose timeline it is, with what rolls up to it."""
    named = {a.draft.target: a for a in found if a.draft.target.id}
    raws = {a.raw.ref: a.raw for a in found if a.raw is not None}
    oldest = {draft.target: draft.at for draft in reversed(drafts)}
    if whose:
        oldest.setdefault(whose, drafts[0].at)  # all of it may have happened on its contacts and contracts
    refs = sorted(oldest.keys() | raws.keys())
    before: dict[Ref, Record] = {}
    for some in batched(refs, AT_ONCE):
        before |= records.find_many(into.tx, into.organisation_id, some)
    synchronised = _synchronised(into, refs)
    into.summary.read["records"] += len(oldest)
    for ref in refs:
        was = before.get(ref)
        if was is not None and was.captured is None:
            into.problem(f"{ref.type.name.lower()} {ref.id} was created here and cannot be imported over")
            continue
        after = _as_named(into, ref, was, named.get(ref), oldest.get(ref, 0))
        if was is not None and ref in synchronised:  # by which all of it is told
            after = was
        elif ref in raws:
            after = _as_dumped(was, after, raws[ref])
        if whose and whose.type is RecordType.CUSTOMER and ref.type is not RecordType.CUSTOMER:
            after = replace(after, customer_id=after.customer_id or whose.id)
        if was is not None:  # what was done here since is not undone by what was captured elsewhere
            after = replace(after, customer_id=was.customer_id or after.customer_id, merged_into_id=was.merged_into_id)
        if after != was:
            records.put_records(into.tx, into.organisation_id, [after])
            into.count("records", was is None)
        if after.customer_id is not None and (was is None or was.customer_id is None):
            for subject in lineage.timelines_of(into.tx, into.organisation_id, [ref])[ref][1:]:
                timeline.roll_up(into.tx, into.organisation_id, ref, subject)


def _synchronised(into: Importing, refs: Sequence[Ref]) -> set[Ref]:
    """Those of these records that a synchronisation brought."""
    found: set[Ref] = set()
    for type_, noun in OF_RECORDS.items():
        ids = [ref.id for ref in refs if ref.type is type_]
        found |= {Ref(type_, id_) for id_ in sync_ids.claimed(into.tx, into.organisation_id, noun, ids)}
    return found


def _as_named(into: Importing, ref: Ref, was: Record | None, shown: CapturedActivity | None, at: int) -> Record:
    """The record under the name that the activity shows; a new one where there is none.

    A new one that no activity shows is called by what it is, such as 客户500, until a capture names it.
    """
    name = shown.target_name if shown else f"{STANDARD_NAMES[CLASS_NAMES[ref.type]]}{ref.id}"
    if was is None:
        pinyin = pinyin_of(name)
        return Record(ref.type, ref.id, name, None, None, None, at, at, name_pinyin=pinyin, captured={})
    if shown is None or name in ("", was.name) or not into.newest.is_last(shown, ref):
        return was
    if _changed_here(was) and shown.draft.at <= was.updated_at:
        return was
    return replace(was, name=name, name_pinyin=pinyin_of(name))


def _as_dumped(was: Record | None, named: Record, raw: Record) -> Record:
    """The record as its raw dump has it, without what was changed here since."""
    if was is None or not _changed_here(was):
        return raw if was is None or not was.captured or raw.updated_at >= was.updated_at else named
    if was.captured:
        return raw if raw.updated_at >= was.updated_at else named
    kept = {name: value for name in Record.__slots__ if (value := getattr(was, name)) not in (None, "", {})}
    return replace(raw, **kept | {"created_at": raw.created_at})


def _changed_here(was: Record) -> bool:
    """Whether the record was changed by us after it was captured."""
    told = (was.captured or {}).get("updated_at")
    captured_at = instant(told, calendar_of("UTC")) if told else None
    return was.updated_at > (was.created_at if captured_at is None else captured_at)
