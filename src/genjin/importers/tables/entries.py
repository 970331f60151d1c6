"""Writes rows that are follow-ups or calls: on the record that each is about, with their authors and at their times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from genjin.domain.activity import Draft
from genjin.domain.call import Call, CallDetails, CallReport
from genjin.domain.followup import FollowUpDetails, FollowUpInput
from genjin.domain.kinds import CALL_MADE, FOLLOW_UP_WRITTEN
from genjin.domain.records import OF_A_CUSTOMER, RecordType, Ref
from genjin.domain.table_import import Asked, Duplicates
from genjin.domain.writing import External
from genjin.errors import Duplicate, GenjinError, Invalid, StoreUnavailable
from genjin.importers.tables.columns import CUSTOMER, LEAD, PHONE, RECORD, RECORD_EXTERNAL_ID, RECORD_ID
from genjin.importers.tables.outcome import Earlier, Outcome
from genjin.importers.tables.reading import EntryRow, RowReader, WhichRecord
from genjin.service.context import Installation, Session
from genjin.service.entries.calls import DIRECTIONS
from genjin.service.entries.history import Told, put_past
from genjin.service.entries.writing import change_entry
from genjin.service.visibility import seen_many
from genjin.store import duplicates, ids, lineage, sources
from genjin.store.transaction import Tx, undone_if_it_fails

_TYPES: Mapping[str, Sequence[RecordType]] = {
    CUSTOMER: (RecordType.CUSTOMER,),
    LEAD: (RecordType.LEAD,),
    RECORD: (RecordType.CUSTOMER, RecordType.LEAD),
}
_BY_NUMBER = (RecordType.CUSTOMER, RecordType.LEAD, RecordType.CONTACT)
_PLAIN_CALL = {word: CallDetails(direction, 0, word) for word, direction in DIRECTIONS.items()}


def write_entries(
    tx: Tx, installation: Installation, reader: RowReader, rows: Sequence[EntryRow], earlier: Earlier | None = None
) -> Outcome:
    """Record, change, skip or reject each, in their order. `earlier` are those of a dry run's earlier batches."""
    writing = _Writing(tx, installation, reader, reader.asked, reader.session, earlier)
    outcome, waiting = Outcome(), list(rows)
    while waiting:
        waiting = writing.as_many_as_differ(waiting, outcome)
    return outcome


@dataclass(frozen=True)
class _Writing:
    tx: Tx
    installation: Installation
    reader: RowReader
    asked: Asked
    session: Session
    earlier: Earlier | None

    def as_many_as_differ(self, rows: Sequence[EntryRow], outcome: Outcome) -> list[EntryRow]:
        """Write rows up to the first that has the id of one before it, which has to be there first; the rest comes
        back.
        """
        first, rest = _differing(rows)
        names = {row.external_id: External(self.asked.source, row.external_id) for row in first if row.external_id}
        claimed = sources.claim(self.tx, self.session.organisation_id, names.values()) if names else {}
        refs = self._found(first)
        told, called = list[Told](), dict[int, External]()
        fresh = iter(ids.allocate(self.tx, len(first)))
        for row in first:
            name = names.get(row.external_id)
            known = claimed.get(name) if name is not None else None
            try:
                if known is not None or (self.earlier is not None and name and self.earlier.has_id(name.id)):
                    self._again(row, known, outcome)
                    continue
                ref = refs[row.which]
                if isinstance(ref, Invalid):
                    raise ref
            except StoreUnavailable:
                raise
            except GenjinError as error:
                outcome.reject(row.row, self.reader.reason(error))
                continue
            if name is not None:
                called[len(told)] = name
            told.append(self._told(row, ref, next(fresh)))
        lineage.lock(self.tx, self.session.organisation_id, sorted({each.draft.target for each in told}))
        born = put_past(self.tx, self.session.organisation_id, told, reminding=True) if told else []
        outcome.count("created", len(born))
        if names:
            settled = {name: born[nth].id for nth, name in called.items()}
            sources.settle(self.tx, self.session.organisation_id, settled)
            free = [name for name, id_ in claimed.items() if id_ is None and name not in settled]
            sources.release(self.tx, self.session.organisation_id, free)
        if self.earlier is not None:
            self.earlier.see_ids(name.id for name in called.values())
        return rest

    def _told(self, row: EntryRow, ref: Ref, id_: int) -> Told:
        now = self.reader.now
        if row.call is None:
            details = FollowUpDetails(custom=row.custom) if row.custom else None
            told = (row.said_at, None, row.remind_at, row.category_id, row.text, details)
            return Told(Draft(FOLLOW_UP_WRITTEN, row.actor_id, ref, row.at, now, id_, *told))
        number, seconds, connected, dial_type = row.call
        call = Call(
            0, row.actor_id, ref, number, row.at, now, dial_type=dial_type, seconds=seconds, connected=connected
        )
        return Told(Draft(CALL_MADE, row.actor_id, ref, row.at, now, id_, details=_PLAIN_CALL[dial_type]), call)

    def _again(self, row: EntryRow, activity_id: int | None, outcome: Outcome) -> None:
        """An entry that was imported before; without an `activity_id` it is one of the dry run."""
        if self.asked.duplicates is Duplicates.SKIP:
            outcome.count("skipped")
            return
        if self.asked.duplicates is not Duplicates.UPDATE:
            raise Duplicate("该编号已导入")
        if activity_id is not None:
            with undone_if_it_fails(self.tx):
                inside = self.installation.within(self.tx)
                change_entry(inside, self.session, activity_id, lambda _: _changed(row))
        outcome.count("updated")

    def _found(self, rows: Sequence[EntryRow]) -> Mapping[WhichRecord, Ref | Invalid]:
        """The record that each is about, of those that the importer sees; or why it is none."""
        asked = dict.fromkeys(row.which for row in rows)
        by_id = self._by_id({which.id for which in asked if which.id is not None})
        by_external_id = self._by_external_id({which.external_id for which in asked if which.external_id})
        by_name = dict[tuple[str, str], list[Ref]]()
        for of, types in _TYPES.items():
            names = {which.name for which in asked if which.of == of}
            if names:
                found = duplicates.seen_named(self.tx, self.session.viewer, types, names)
                by_name |= {(of, name): refs for name, refs in found.items()}
        numbers = {which.number for which in asked if which.number and self._asks_number(which, by_name)}
        by_number = duplicates.seen_numbered(self.tx, self.session.viewer, _BY_NUMBER, numbers) if numbers else {}
        return {which: _one(which, by_id, by_external_id, by_name, by_number) for which in asked}

    def _asks_number(self, which: WhichRecord, by_name: Mapping[tuple[str, str], Sequence[Ref]]) -> bool:
        if which.id is not None or which.external_id:
            return False
        return not which.name or len(by_name.get((which.of, which.name), ())) > 1

    def _by_id(self, ids: set[int]) -> Mapping[int, Ref]:
        """Ids are those of one record, of whichever type; a merged one stands for what took its place."""
        if not ids:
            return {}
        seen = seen_many(self.tx, self.session, [Ref(type_, id_) for id_ in ids for type_ in RecordType])
        return {ref.id: Ref(ref.type, record.merged_into_id or ref.id) for ref, record in seen.items()}

    def _by_external_id(self, external_ids: set[str]) -> Mapping[str, list[Ref]]:
        if not external_ids:
            return {}
        refs = dict[str, list[Ref]]()
        for type_ in RecordType:
            asked = (self.tx, self.session.organisation_id, type_, self.asked.source, external_ids)
            for name, id_ in sources.records_of(*asked).items():
                refs.setdefault(name, []).append(Ref(type_, id_))
        seen = seen_many(self.tx, self.session, [ref for some in refs.values() for ref in some])
        stands = {ref: Ref(ref.type, record.merged_into_id or ref.id) for ref, record in seen.items()}
        return {name: [stands[ref] for ref in some if ref in stands] for name, some in refs.items()}


def _differing(rows: Sequence[EntryRow]) -> tuple[list[EntryRow], list[EntryRow]]:
    known = set[str]()
    for nth, row in enumerate(rows):
        if row.external_id:
            if row.external_id in known:
                return list(rows[:nth]), list(rows[nth:])
            known.add(row.external_id)
    return list(rows), []


def _one(
    which: WhichRecord,
    by_id: Mapping[int, Ref],
    by_external_id: Mapping[str, Sequence[Ref]],
    by_name: Mapping[tuple[str, str], Sequence[Ref]],
    by_number: Mapping[str, Sequence[Ref]],
) -> Ref | Invalid:
    if which.id is not None:
        field, refs = RECORD_ID, [by_id[which.id]] if which.id in by_id else []
    elif which.external_id:
        field, refs = RECORD_EXTERNAL_ID, list(by_external_id.get(which.external_id, ()))
    elif which.name:
        field, refs = which.of, list(by_name.get((which.of, which.name), ()))
        if len(refs) > 1 and which.number:
            refs = [ref for ref in refs if ref in by_number.get(which.number, ())] or refs
    else:
        field, refs = PHONE, list(by_number.get(which.number, ()))
        if len(refs) > 1:  # a customer and its contact have one number: the history is the customer's
            refs = [ref for ref in refs if ref.type not in OF_A_CUSTOMER] or refs
    if len(refs) == 1:
        return refs[0]
    return Invalid({field: ["有多条记录符合" if refs else "没有找到对应的记录"]})


def _changed(row: EntryRow) -> FollowUpInput | CallReport:
    """What a row says anew of an entry; an empty cell leaves what is there."""
    if row.call is not None:
        number, seconds, connected, dial_type = row.call
        given = frozenset({"number", "seconds", "connected", "dial_type"} if number else {"seconds", "connected"})
        return CallReport(given, number=number, seconds=seconds, connected=connected, dial_type=dial_type)
    told = {
        "text": row.text,
        "category_id": row.category_id,
        "said_at": row.said_at,
        "remind_at": row.remind_at,
        "custom": row.custom,
    }
    told = {name: value for name, value in told.items() if value not in (None, "")}
    return FollowUpInput(frozenset(told), **told)  # type: ignore[arg-type]
