"""Merging duplicates of leads or of customers, and undoing it: histories are linked, never copied or moved."""

from collections.abc import Sequence
from dataclasses import replace

from genjin.domain.kinds import MERGE_UNDONE, RECORDS_MERGED
from genjin.domain.merge import MOST_MERGED, Merge
from genjin.domain.records import MERGEABLE, Record, RecordType, Ref
from genjin.domain.timeline import Page
from genjin.errors import Invalid, NotFound
from genjin.service.changes import tell
from genjin.service.context import Installation, Session
from genjin.service.records.lineage import above, hold, settle
from genjin.service.visibility import check_gives_away, locked, seen
from genjin.store import audiences, follows, ids, lineage, merges, records, reminders
from genjin.store.lineage import MERGED
from genjin.store.transaction import Tx


def merge_records(installation: Installation, session: Session, kept: Ref, merge_ids: Sequence[int]) -> Record:
    """Let one record take the place of its duplicates; it stays as it is itself.

    What belonged to the duplicates belongs to it, their histories show in its own, and their ids stand for it.
    Raises NotFound or Forbidden for any of them; Invalid.
    """
    wanted = sorted(set(merge_ids))
    _check(kept, wanted)
    now = installation.clock.now()

    def use(tx: Tx) -> Record:
        refs = [Ref(kept.type, id_) for id_ in wanted]
        found = {ref: locked(tx, session, ref) for ref in sorted([kept, *refs])}
        hold(tx, session.organisation_id, sorted(found))
        for ref in refs:
            check_gives_away(tx, session, found[ref])
            _check_conversion(found[kept], found[ref])
            _merge(tx, session, found[kept], ref, now)
        tell(tx, session.organisation_id, RECORDS_MERGED, kept, session.viewer.user_id, now, refs=refs)
        return found[kept]

    return installation.database.write(use, session.organisation_id)


def undo_merge(installation: Installation, session: Session, kept: Ref, merge_id: int) -> Record:
    """Let a merged record stand for itself again; it is answered.

    It gets back what it brought along, unless that was given to another record since. Raises NotFound, Forbidden;
    Invalid when the kept record was itself merged later, which has to be undone before.
    """
    now = installation.clock.now()

    def use(tx: Tx) -> Record:
        merge = _done(tx, session, kept, merge_id)
        locked(tx, session, kept)
        hold(tx, session.organisation_id, [kept])
        merge = _done(tx, session, kept, merge_id)  # as it is now that others wait
        moved = [(ref, column) for column, refs in merge.moved.items() for ref in refs]
        touched = [merge.merged, *(ref for ref, _ in moved)]
        before = above(tx, session.organisation_id, touched)
        with audiences.told(tx, session.organisation_id, touched):
            records.change(tx, session.organisation_id, merge.merged, {MERGED: None, "updated_at": now})
            lineage.point(tx, session.organisation_id, moved, kept.id, merge.merged_id)
        settle(tx, session.organisation_id, before | above(tx, session.organisation_id, touched))
        merges.put(tx, session.organisation_id, replace(merge, undone_at=now))
        tell(tx, session.organisation_id, MERGE_UNDONE, kept, session.viewer.user_id, now, refs=[merge.merged])
        restored = records.find(tx, session.organisation_id, merge.merged)
        assert restored is not None
        return restored

    return installation.database.write(use, session.organisation_id)


def list_merges(
    installation: Installation, session: Session, kept: Ref, page: Page
) -> tuple[list[tuple[Merge, Record]], int]:
    """What was merged into a record, each with the merged record; undone ones too. Raises NotFound."""

    def use(tx: Tx) -> tuple[list[tuple[Merge, Record]], int]:
        seen(tx, session, records.find(tx, session.organisation_id, kept))
        found, total = merges.page_of(tx, session.organisation_id, kept, page.offset, page.size)
        merged = records.find_many(tx, session.organisation_id, sorted({merge.merged for merge in found}))
        return [(merge, merged[merge.merged]) for merge in found], total

    return installation.read_for(session, use)


def _merge(tx: Tx, session: Session, kept: Record, merged: Ref, now: int) -> None:
    moved = lineage.pointing_at(tx, session.organisation_id, [merged])
    touched = [merged, *(ref for ref, _ in moved)]
    before = above(tx, session.organisation_id, touched)
    with audiences.told(tx, session.organisation_id, touched):
        records.change(tx, session.organisation_id, merged, {MERGED: kept.id, "updated_at": now})
        lineage.point(tx, session.organisation_id, moved, merged.id, kept.id)
    settle(tx, session.organisation_id, before | above(tx, session.organisation_id, touched))
    by_column = {column: [ref for ref, by in moved if by == column] for _, column in moved}
    merge = Merge(ids.allocate(tx)[0], kept.ref, merged.id, now, session.viewer.user_id, by_column)
    merges.put(tx, session.organisation_id, merge)
    follows.copy(tx, session.organisation_id, merged, kept.ref)
    reminders.move(tx, session.organisation_id, merged, kept.ref)


def _done(tx: Tx, session: Session, kept: Ref, merge_id: int) -> Merge:
    """The merge, if it is there and was not undone. Raises NotFound, Invalid."""
    keeper = seen(tx, session, records.find(tx, session.organisation_id, kept))
    merge = merges.find(tx, session.organisation_id, merge_id)
    if merge is None or merge.undone_at is not None or merge.kept.type is not kept.type:
        raise NotFound("no such merge")
    merged = records.find(tx, session.organisation_id, merge.merged)
    if merged is None or kept.id not in (merge.kept.id, merged.merged_into_id):
        raise NotFound("no such merge")
    if merge.kept != kept or keeper.merged_into_id is not None:
        raise Invalid({"merge_id": ["之后又有合并，请先撤销后来的合并"]})
    return merge


def _check(kept: Ref, wanted: Sequence[int]) -> None:
    if not wanted:
        raise Invalid({"merge_ids": ["不能为空"]})
    if len(wanted) > MOST_MERGED:
        raise Invalid({"merge_ids": [f"不能超过{MOST_MERGED}个"]})
    if kept.id in wanted:
        raise Invalid({"merge_ids": ["不能与自身合并"]})
    if kept.type not in MERGEABLE:
        raise Invalid({"merge_ids": ["只能合并线索或客户"]})


def _check_conversion(kept: Record, merged: Record) -> None:
    """What one customer came of is not told as another one's."""
    if merged.type is RecordType.LEAD and merged.customer_id not in (None, kept.customer_id):
        raise Invalid({"merge_ids": [f"线索{merged.id}已转换为客户，请保留该线索，或先合并客户"]})
