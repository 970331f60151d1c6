"""Puts leads, customers and their kin, and takes away those that an upstream has no more."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from genjin.domain.approval import Approval
from genjin.domain.custom_field import CustomField
from genjin.domain.json import JsonValue
from genjin.domain.pinyin import pinyin_of
from genjin.domain.records import Record, RecordType, Ref
from genjin.importers.synced.bringing import Bringing, digest
from genjin.importers.synced.forms import put_options
from genjin.importers.synced.ids import DEPARTMENTS, OF_RECORDS, OPTIONS, ours, remember, settle
from genjin.importers.synced.people import name_departments, name_users
from genjin.importers.synced.pools import pool_of
from genjin.service.records import lineage
from genjin.store import activities, records, sync_ids, timeline
from genjin.store.sync_ids import Known
from genjin.store.transaction import MOST_IDS, batched
from genjin.wire.modules import CLASS_NAMES, STANDARD_NAMES
from genjin.wire.records.forms import FORMS, MAX_TEXT, FieldType
from genjin.wire.synced.records import ToldRecord, record_from_wire

USERS_OF = ("owner_id", "creator_id", "before_owner_id")
DEPARTMENTS_OF = ("department_id", "before_department_id")
_LINKS = {"customer_id": RecordType.CUSTOMER, "opportunity_id": RecordType.OPPORTUNITY}
_CHOSEN = {"status", "source", "category"}
_TIMES = {"created_at", "updated_at", "remind_at", "said_followed_up_at", "called_at", "pooled_at"}
_SAID = (
    *("name", "company_name", "status", "source", "category", "amount", "remind_at", "approve_status", "deleted_at"),
    *(
        "owner_id",
        "creator_id",
        "department_id",
        "customer_id",
        "opportunity_id",
        "pool_id",
        "merged_into_id",
        "details",
    ),
)
"""What of a record only the upstream says, unless somebody changes it here."""
_AT_ONCE = 400
"""Records looked up by one query: SQLite takes no expression of more than 1,000."""


def put_records(into: Bringing, type_: RecordType, bodies: Sequence[JsonValue]) -> None:
    """Items of the list of a type: all of it, or a part."""
    noun, added = OF_RECORDS[type_], into.directory.fields_of(type_)
    read = into.read_each(noun, bodies, lambda body: record_from_wire(body, type_, added, into.calendar))
    told = {each.id: each for each in read}
    if told:
        _put(into, type_, told, added)


def take_away_records(into: Bringing, type_: RecordType, gone_there: Collection[int]) -> None:
    """What is not in the list any more, by the upstream's ids, was deleted there, and is here, as if by somebody,
    unless it was changed here. It comes back when it is told of again.
    """
    noun = OF_RECORDS[type_]
    some = sync_ids.find(into.tx, into.organisation_id, into.sync_id, noun, gone_there)
    missing = {id_: known for id_, known in some.items() if known.told is not None and known.gone_at is None}
    there = find_many(into, [Ref(type_, known.id) for known in missing.values()])
    gone: dict[int, Known] = {}
    for id_, known in missing.items():
        record = there.get(Ref(type_, known.id))
        if record is None or record.deleted_at is not None or record.merged_into_id is not None:
            continue
        if known.told == digest(_said(record)) and not _has_own_entries(into, record.ref):
            records.change(into.tx, into.organisation_id, record.ref, {"deleted_at": into.now})
            gone[id_] = known._replace(gone_at=into.now, told=digest(_said(replace(record, deleted_at=into.now))))
    remember(into, noun, gone)
    into.gone[noun] += len(gone)


def _has_own_entries(into: Bringing, ref: Ref) -> bool:
    """Whether something happened on a record here."""
    entries = timeline.ids(into.tx, into.organisation_id, ref)
    return any(activities.born_here(into.tx, into.organisation_id, some) for some in batched(entries, MOST_IDS))


def find_many(into: Bringing, refs: Iterable[Ref]) -> dict[Ref, Record]:
    """Our records, also deleted ones."""
    found: dict[Ref, Record] = {}
    for some in batched(sorted(set(refs)), _AT_ONCE):
        found |= records.find_many(into.tx, into.organisation_id, some)
    return found


def keep(into: Bringing, written: Sequence[tuple[Record, int, Known | None]]) -> None:
    """Put records as they are now, and lay timelines anew where they show in others: each with the upstream's id and
    what is known of it, None where that stays as it is.
    """
    some = [record for record, _, _ in written]
    before = find_many(into, [record.ref for record in some])
    moved = [
        record.ref
        for record in some
        if (was := before.get(record.ref)) is not None
        and (was.customer_id, was.merged_into_id) != (record.customer_id, record.merged_into_id)
    ]
    subjects = lineage.above(into.tx, into.organisation_id, moved) if moved else set()
    records.put_records(into.tx, into.organisation_id, [each for each in some if each != before.get(each.ref)])
    if moved:
        subjects |= lineage.above(into.tx, into.organisation_id, moved)
        lineage.settle(into.tx, into.organisation_id, subjects)
    by_type: dict[str, dict[int, Known]] = {}
    for record, upstream_id, known in written:
        noun = OF_RECORDS[record.type]
        if known is not None:
            by_type.setdefault(noun, {})[upstream_id] = known._replace(told=digest(_said(record)))
        if record != before.get(record.ref):
            into.count(noun, record.ref not in before)
    for noun, each in by_type.items():
        remember(into, noun, each)


def linked(into: Bringing, refs: Iterable[Ref]) -> dict[Ref, Ref]:
    """Those of these records that came from there, by ours."""
    found: dict[Ref, Ref] = {}
    by_type: dict[RecordType, set[int]] = {}
    for ref in refs:
        by_type.setdefault(ref.type, set()).add(ref.id)
    for type_, ids in by_type.items():
        known = sync_ids.find(into.tx, into.organisation_id, into.sync_id, OF_RECORDS[type_], ids)
        found |= {Ref(type_, id_): Ref(type_, each.id) for id_, each in known.items() if each.told is not None}
    return found


def is_theirs(was: Record | None, known: Known, updated_at: int | None) -> bool:
    """Whether the upstream may say what a record is: nothing was done to it here since, or it was changed there later.
    What was deleted here stays so.
    """
    if was is None:
        return True
    if was.deleted_at is not None and known.gone_at is None and known.told is not None:
        return known.told == digest(_said(was))
    if known.told is None or known.told == digest(_said(was)):
        return True
    return updated_at is not None and updated_at > was.updated_at


def placeholder(type_: RecordType, id_: int, name: str, at: int) -> Record:
    """A record of which only its name is known; without one it is called by what it is, such as 客户500."""
    name = name or f"{STANDARD_NAMES[CLASS_NAMES[type_]]}{id_}"
    return Record(type_, id_, name, None, None, None, at, at, name_pinyin=pinyin_of(name), captured={})


def _put(into: Bringing, type_: RecordType, told: Mapping[int, ToldRecord], added: Sequence[CustomField]) -> None:
    known = settle(into, OF_RECORDS[type_], told)
    translate = _Translation(into, list(told.values()), added)
    there = find_many(into, [Ref(type_, known[id_].id) for id_ in told])
    written: list[tuple[Record, int, Known | None]] = []
    for id_, each in told.items():
        its = known[id_]
        was = there.get(Ref(type_, its.id))
        if is_theirs(was, its, each.updated_at):
            written.append((_record(into, was, each, its, translate), id_, its._replace(gone_at=None)))
        into.unknown_keys.update(f"{OF_RECORDS[type_]}.{key}" for key in each.unknown)
    keep(into, written)


def _record(into: Bringing, was: Record | None, told: ToldRecord, known: Known, translate: "_Translation") -> Record:
    made = told.created_at if told.created_at is not None else told.updated_at
    if was is None:
        was = placeholder(told.type, known.id, "", into.now if made is None else made)
    columns = translate.columns(told)
    details = {**was.details, **translate.details(told), **_kept(told.unknown)}
    columns["details"] = {name: value for name, value in details.items() if value not in (None, "", [])}
    columns |= {"created_at": told.created_at or was.created_at, "updated_at": told.updated_at or was.updated_at}
    columns |= {name: _exact(getattr(was, name), columns[name]) for name in _TIMES & columns.keys()}
    if known.gone_at is not None or known.told is None:
        columns |= {"deleted_at": None, "merged_into_id": None}
    if columns.get("approve_status") == Approval.APPROVED and was.approve_status is None:
        del columns["approve_status"]  # where nothing is approved, everything is
    if not columns.get("name", was.name):
        columns["name"] = placeholder(told.type, known.id, "", 0).name
    for name in ("name", "company_name"):
        if columns.get(name, getattr(was, name)) != getattr(was, name):  # otherwise a raw dump may have told it
            columns[f"{name}_pinyin"] = pinyin_of(columns[name] or "")
    pooled = columns.get("owner_id", was.owner_id) is None and columns.get("pooled_at", was.pooled_at) is not None
    columns["pool_id"] = (was.pool_id or pool_of(into, told.type)) if pooled else None
    if not pooled:
        columns["pooled_at"] = None
    return replace(was, **columns, captured=was.captured or {})


def _exact(was: int | None, told: int | None) -> int | None:
    """A time to the second, where it is known so; bodies tell minutes."""
    return told if was is None or told is None or was // 60 != told // 60 else was


def _kept(unknown: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """What nobody here knows, as long as it is a scalar; it is a detail of its own name."""
    plain = {key: value for key, value in unknown.items() if isinstance(value, str | int | float)}
    return {key: value for key, value in plain.items() if not isinstance(value, str) or len(value) <= MAX_TEXT}


def _said(record: Record) -> object:
    return [dict(value) if isinstance(value := getattr(record, name), Mapping) else value for name in _SAID]


class _Translation:
    """Our ids of all that some records refer to; a query or two for each noun, however many they are."""

    def __init__(self, into: Bringing, told: Sequence[ToldRecord], added: Sequence[CustomField]) -> None:
        self.users_in = [field.name for field in added if field.field_type == "user_field"]
        self.departments_in = [field.name for field in added if field.field_type == "department_field"]
        users = [*_ids(told, USERS_OF), *_ids(told, self.users_in)]
        self.users = name_users(into, [body for each in told for body in each.people], users)
        self.departments = name_departments(into, {k: v for each in told for k, v in each.departments.items()})
        self.departments |= ours(into, DEPARTMENTS, [*_ids(told, DEPARTMENTS_OF), *_ids(told, self.departments_in)])
        self.links = {name: ours(into, OF_RECORDS[type_], _ids(told, [name])) for name, type_ in _LINKS.items()}
        self.parents = ours(into, OF_RECORDS[RecordType.CUSTOMER], _ids(told, ["parent_id"]))
        self.options = put_options(into, (option for each in told for option in each.options))
        values = {
            value for each in told for name in _choices(each.type) if isinstance(value := _value(each, name), str)
        }
        others = {int(value) for value in values if value.isdecimal() and value.isascii() and len(value) < 10}
        self.options |= sync_ids.ours(into.tx, into.organisation_id, into.sync_id, OPTIONS, others)

    def columns(self, told: ToldRecord) -> dict[str, Any]:
        """The columns with our ids."""
        found = dict(told.columns)
        for names, ids_ in ((USERS_OF, self.users), (DEPARTMENTS_OF, self.departments)):
            found |= {name: ids_[found[name]] for name in names if found.get(name)}
        found |= {name: ids_[found[name]] for name, ids_ in self.links.items() if found.get(name)}
        return found | {name: self._choice(found[name]) for name in _CHOSEN & found.keys()}

    def details(self, told: ToldRecord) -> dict[str, JsonValue]:
        """The details with our ids."""
        found: dict[str, Any] = dict(told.details)
        found |= {name: self.users[found[name]] for name in self.users_in if found.get(name)}
        found |= {name: self.departments[found[name]] for name in self.departments_in if found.get(name)}
        if found.get("parent_id"):
            found["parent_id"] = self.parents[found["parent_id"]]
        return found | {name: self._choice(found[name]) for name in set(_choices(told.type)) & found.keys()}

    def _choice(self, value: Any) -> Any:
        decimal = isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) < 10
        return str(self.options.get(int(value), value)) if decimal else value


def _choices(type_: RecordType) -> Iterator[str]:
    """The columns and details of a type that hold choices."""
    return (each.stored for each in FORMS[type_].fields if each.type is FieldType.OPTION)


def _value(told: ToldRecord, name: str) -> Any:
    return told.columns.get(name, told.details.get(name))


def _ids(told: Iterable[ToldRecord], names: Iterable[str]) -> list[int]:
    wanted = list(names)
    return [value for each in told for name in wanted if (value := _value(each, name))]
