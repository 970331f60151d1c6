"""Writes rows that are records: through the same creating and changing as the API, with its rule for likeness."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from genjin.domain.duplicates import Traits, contact_marks, name_key
from genjin.domain.phones import numbers_in
from genjin.domain.records import RecordInput, RecordType, Ref
from genjin.domain.table_import import Asked, Duplicates
from genjin.errors import Duplicate, GenjinError, Invalid, NotFound, StoreUnavailable
from genjin.importers.tables.outcome import Earlier, Outcome
from genjin.importers.tables.reading import RecordRow, RowReader
from genjin.service.context import Session
from genjin.service.records.writes import change, check, create_many
from genjin.service.visibility import locked, seen_many
from genjin.store import duplicates, records, sources
from genjin.store.transaction import Tx, undone_if_it_fails
from genjin.wire.scalars import id_or_none

_POINTS_AT: Mapping[str, RecordType] = {
    "customer_id": RecordType.CUSTOMER,
    "parent_id": RecordType.CUSTOMER,
    "opportunity_id": RecordType.OPPORTUNITY,
}
_NOT_THERE = {"customer_id": "没有这个客户", "parent_id": "没有这个客户", "opportunity_id": "没有这个商机"}


def write_records(tx: Tx, reader: RowReader, rows: Sequence[RecordRow], earlier: Earlier | None = None) -> Outcome:
    """Create, update, skip or reject each, in their order. `earlier` are those of a dry run's earlier batches."""
    writing = _Writing(tx, reader, reader.asked, reader.session, earlier)
    outcome, waiting = Outcome(), list(rows)
    while waiting:
        waiting = writing.as_many_as_differ(waiting, outcome)
    return outcome


@dataclass(frozen=True)
class _Writing:
    tx: Tx
    reader: RowReader
    asked: Asked
    session: Session
    earlier: Earlier | None

    @property
    def type(self) -> RecordType:
        type_ = self.asked.form.type
        assert type_ is not None
        return type_

    def as_many_as_differ(self, rows: Sequence[RecordRow], outcome: Outcome) -> list[RecordRow]:
        """Write rows up to the first that is like one before it, which has to be there first; the rest comes back."""
        among = Earlier()
        pointed = self._pointed(rows)
        inputs = [self._with_names(row, pointed) for row in rows]
        traits = [self._traits(given) for given in inputs]
        there = self._there(rows, inputs, traits)
        fresh = list[tuple[RecordRow, RecordInput]]()
        rest = len(rows)
        for nth, (row, given, its) in enumerate(zip(rows, inputs, traits, strict=True)):
            if self._is_among(among, row, its):
                rest = nth
                break
            try:
                if isinstance(given, Invalid):
                    raise given
                known, by = there(row, its)
                if known is None and not (self.earlier is not None and self._is_among(self.earlier, row, its)):
                    if row.missing:
                        raise Invalid(row.missing)
                    check(self.session, self.type, given, creating=True)
                    fresh.append((row, given))
                    among.see(its, row.external_id)
                    continue
                self._again(row, given, known, by, outcome)
            except StoreUnavailable:
                raise
            except GenjinError as error:
                outcome.reject(row.row, self.reader.reason(error))
        self._create(fresh, outcome)
        return list(rows[rest:])

    def _create(self, fresh: Sequence[tuple[RecordRow, RecordInput]], outcome: Outcome) -> None:
        told = [(given, row.original) for row, given in fresh]
        made = create_many(self.tx, self.session, self.type, told, self.reader.now)
        called = dict[str, int]()
        for (row, given), became in zip(fresh, made, strict=True):
            if isinstance(became, GenjinError):
                outcome.reject(row.row, self.reader.reason(became))
                continue
            outcome.count("created")
            if self.earlier is not None:
                self.earlier.see(self._traits(given), row.external_id)
            if row.external_id:
                called[row.external_id] = became.id
        sources.remember_records(self.tx, self.session.organisation_id, self.type, self.asked.source, called)

    def _again(self, row: RecordRow, given: RecordInput, id_: int | None, by: str, outcome: Outcome) -> None:
        """A row of what is there already; `id_` is None where that is a row of the dry run."""
        if self.asked.duplicates is Duplicates.SKIP and by != "id":
            outcome.count("skipped")
            return
        if self.asked.duplicates is not Duplicates.UPDATE and by != "id":
            raise self._duplicate(id_, by)
        if id_ is not None:
            check(self.session, self.type, given, creating=False)
            if self.earlier is not None:
                self.earlier.see(self._traits(given), row.external_id)
            self._update(Ref(self.type, id_), given, row.external_id, by)
        outcome.count("updated")

    def _update(self, ref: Ref, given: RecordInput, external_id: str, by: str) -> None:
        with undone_if_it_fails(self.tx):
            try:
                before = locked(self.tx, self.session, ref)
            except NotFound:
                raise (NotFound("no such record") if by == "id" else self._duplicate(ref.id, by)) from None
            change(self.tx, self.session, before, given, self.reader.now)
            if external_id:
                told = {external_id: ref.id}
                sources.remember_records(self.tx, self.session.organisation_id, self.type, self.asked.source, told)

    def _duplicate(self, id_: int | None, by: str) -> Duplicate:
        found = None if id_ is None else records.find(self.tx, self.session.organisation_id, Ref(self.type, id_))
        owner = self.session.directory.users.get(found.owner_id or 0) if found else None
        whose = f"，负责人：{owner.name}" if owner else "，无负责人" if found else ""
        return Duplicate(f"{by}与已有的重复{whose}" if by != _CALLED else "该编号已导入")

    def _is_among(self, some: Earlier, row: RecordRow, its: Traits) -> bool:
        if self.asked.duplicates is Duplicates.CREATE:
            return bool(row.external_id) and some.has_id(row.external_id)
        return some.has(its, row.external_id)

    def _traits(self, given: RecordInput | Invalid) -> Traits:
        """By what a row is compared; those of a contact stand for numbers, as it has none without its customer."""
        if isinstance(given, Invalid):
            return Traits()
        told = given.columns.get("name")
        name = name_key(told) if isinstance(told, str) else ""
        numbers = numbers_in(given.details, self.session.viewer.number_fields)
        if self.type is not RecordType.CONTACT:
            return Traits(name, numbers)
        customer_id = given.columns.get("customer_id")
        return Traits("", contact_marks(customer_id, name, numbers)) if isinstance(customer_id, int) else Traits()

    def _there(
        self, rows: Sequence[RecordRow], inputs: Sequence[RecordInput | Invalid], traits: Sequence[Traits]
    ) -> "_There":
        """What is there already of these rows."""
        called = sources.records_of(
            *(self.tx, self.session.organisation_id, self.type, self.asked.source),
            {row.external_id for row in rows if row.external_id},
        )
        refs = [Ref(self.type, id_) for id_ in sorted(set(called.values()))]
        stands = {
            ref.id: record.merged_into_id or ref.id
            for ref, record in records.find_many(self.tx, self.session.organisation_id, refs).items()
            if record.deleted_at is None
        }
        called = {name: stands[id_] for name, id_ in called.items() if id_ in stands}
        by_name, by_number = dict[str, int](), dict[str, int]()
        if self.asked.duplicates is Duplicates.CREATE:
            return _There(called, by_name, by_number)
        if self.type is not RecordType.CONTACT:
            by_name, by_number = duplicates.alike(self.tx, self.session.organisation_id, self.type, traits)
            return _There(called, by_name, by_number)
        of = dict[int, set[str]]()
        for given in inputs:
            if not isinstance(given, Invalid) and isinstance(customer_id := given.columns.get("customer_id"), int):
                of.setdefault(customer_id, set()).add(name_key(str(given.columns.get("name") or "")))
        by_number = duplicates.contacts_alike(self.tx, self.session.organisation_id, of)
        return _There(called, by_name, by_number, "联系人")

    def _pointed(self, rows: Sequence[RecordRow]) -> Mapping[tuple[str, str], Sequence[Ref]]:
        """The records that rows name, by the field and the name: by their ids, else by their names."""
        found = dict[tuple[str, str], Sequence[Ref]]()
        for field in sorted({field for row in rows for field in row.named}):
            type_, texts = _POINTS_AT[field], {row.named[field] for row in rows if field in row.named}
            ids = {text: Ref(type_, id_) for text in texts if (id_ := id_or_none(text))}
            seen = seen_many(self.tx, self.session, ids.values()) if ids else {}
            keys = {text: name_key(text) for text in texts}
            named = duplicates.seen_named(self.tx, self.session.viewer, [type_], set(keys.values()))
            for text in texts:
                by_name = named.get(keys[text], [])
                found[field, text] = by_name or ([ids[text]] if ids.get(text) in seen else [])
        return found

    def _with_names(self, row: RecordRow, pointed: Mapping[tuple[str, str], Sequence[Ref]]) -> RecordInput | Invalid:
        columns, details = dict(row.given.columns), dict(row.given.details)
        errors = dict[str, list[str]]()
        for field, text in row.named.items():
            refs = pointed[field, text]
            if len(refs) != 1:
                errors[field] = [f"{'有多个同名的客户' if refs else _NOT_THERE[field]}：{text[:64]}"]
            elif field == "parent_id":
                details[field] = refs[0].id
            else:
                columns[field] = refs[0].id
        if errors:
            return Invalid(errors)
        return replace(row.given, columns=columns, details=details) if row.named else row.given


_CALLED = "编号"


@dataclass(frozen=True, slots=True)
class _There:
    """What is there already: by external id, by name and by number."""

    called: Mapping[str, int]
    by_name: Mapping[str, int]
    by_number: Mapping[str, int]
    numbers: str = "电话号码"

    def __call__(self, row: RecordRow, traits: Traits) -> tuple[int | None, str]:
        """The record that a row is of, and by what; None for none. Raises Duplicate for an external id of another."""
        if row.id is not None:
            if self.called.get(row.external_id, row.id) != row.id:
                raise Duplicate("该编号已导入")
            return row.id, "id"
        if row.external_id in self.called:
            return self.called[row.external_id], _CALLED
        if traits.name in self.by_name:
            return self.by_name[traits.name], "名称"
        ids = [self.by_number[number] for number in traits.numbers if number in self.by_number]
        return (min(ids), self.numbers) if ids else (None, "")
