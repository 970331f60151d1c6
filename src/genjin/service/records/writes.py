"""Creates, changes and deletes records inside a transaction, with what is nested in them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from genjin.domain.activity import Draft, Facts
from genjin.domain.field_rights import writable
from genjin.domain.json import JsonValue
from genjin.domain.kinds import RECORD_CREATED, RECORD_DELETED, CreatedDetails
from genjin.domain.notice import NoticeKind
from genjin.domain.pinyin import pinyin_of
from genjin.domain.policy import may_assign
from genjin.domain.records import TITLED, Record, RecordInput, RecordType, Ref
from genjin.domain.writing import Original
from genjin.errors import Forbidden, GenjinError, Invalid, StoreUnavailable
from genjin.service import notices
from genjin.service.activities import record_many
from genjin.service.changes import tell, tell_edit
from genjin.service.context import Session
from genjin.service.records.approvals import first_status
from genjin.service.records.assignment import hand_over_with
from genjin.service.records.lineage import above
from genjin.service.records.links import link
from genjin.service.reminders import set_on_record
from genjin.service.visibility import check_gives_away, locked, permitted
from genjin.store import ids, records, timeline
from genjin.store.transaction import Tx

MAX_NAME = 255


def check(session: Session, type_: RecordType, given: RecordInput, creating: bool) -> None:
    """Raises Invalid for what the organisation has not, and for what is missing or too long."""
    errors = dict(_wrong(session, type_, given, creating))
    for name, each in given.nested:
        errors |= {f"{name}.{field}": told for field, told in _wrong(session, each.type, each.given, each.id is None)}
    if errors:
        raise Invalid(errors)


def create(
    tx: Tx,
    session: Session,
    type_: RecordType,
    given: RecordInput,
    now: int,
    approve_status: str = "",
    whose: Record | None = None,
) -> Record:
    """Create a record and what is nested in it, each with the activity of its creation.

    `approve_status` is asked for (see `first_status`). `whose` is the customer that it is nested in, which gives it its
    owner. Raises Invalid, Forbidden.
    """
    given, created = _made(tx, session, type_, given, now, ids.allocate(tx)[0], approve_status, whose)
    [facts] = _keep(tx, session, [created], now)
    about = (now, session.viewer.user_id, None, facts.id)
    notices.tell(tx, session.organisation_id, NoticeKind.ASSIGNED, [created.owner_id or 0], *about)
    _write_nested(tx, session, created, given, now)
    return created


def create_many(
    tx: Tx, session: Session, type_: RecordType, some: Sequence[tuple[RecordInput, Original]], now: int
) -> list[Record | GenjinError]:
    """Create records of one type, with nothing nested in them, or tell why not, each by itself; whose they become is
    not told of each. What they have to have was checked before, and that the viewer may say who made them when.
    """
    made = list[Record | GenjinError]()
    for (given, original), id_ in zip(some, ids.allocate(tx, len(some)), strict=True):
        try:
            record = _made(tx, session, type_, given, now, id_)[1]
            at = now if original.at is None else original.at
            made.append(replace(record, creator_id=original.actor_id or record.creator_id, created_at=at))
        except StoreUnavailable:
            raise
        except GenjinError as error:
            made.append(error)
    _keep(tx, session, [each for each in made if isinstance(each, Record)], now)
    return made


def _made(
    tx: Tx,
    session: Session,
    type_: RecordType,
    given: RecordInput,
    now: int,
    id_: int,
    approve_status: str = "",
    whose: Record | None = None,
) -> tuple[RecordInput, Record]:
    """What of an input may be written, and the record that comes of it, which is not stored yet. Raises Invalid,
    Forbidden.
    """
    given, viewer = writable(session.viewer, type_, given), session.viewer
    columns = dict(given.columns)
    if whose is not None:
        columns |= {"customer_id": whose.id, "owner_id": columns.get("owner_id") or whose.owner_id}
    columns["owner_id"] = owner_id = int(columns.get("owner_id") or viewer.user_id)
    columns["department_id"] = columns.get("department_id") or session.directory.users[owner_id].department_id
    fresh = Record(
        type=type_,
        id=id_,
        name=str(columns["name"]),
        owner_id=None,
        creator_id=viewer.user_id,
        department_id=None,
        created_at=now,
        updated_at=now,
        name_pinyin=pinyin_of(str(columns["name"])),
        company_name_pinyin=pinyin_of(str(columns.get("company_name") or "")),
        details=_kept(given.details),
    )
    created = replace(fresh, **columns)  # type: ignore[arg-type]
    _check_assignment(session, created)
    created = link(tx, session, None, created)
    return given, replace(created, approve_status=first_status(session, created, approve_status))


def _keep(tx: Tx, session: Session, created: Sequence[Record], now: int) -> list[Facts]:
    """Store new records, each with the activity of its creation, which come back, and its reminder."""
    records.put_records(tx, session.organisation_id, created)
    drafts = [
        Draft(
            *(RECORD_CREATED, record.creator_id or session.viewer.user_id, record.ref, record.created_at, now),
            details=CreatedDetails(),
        )
        for record in created
    ]
    born = record_many(tx, session.organisation_id, drafts)
    for record in created:
        set_on_record(tx, session.organisation_id, record.ref, record.owner_id or 0, record.remind_at, now)
    return born


def change(tx: Tx, session: Session, before: Record, given: RecordInput, now: int) -> Record:
    """Change what is given of a locked record, and what is nested in it. Raises Invalid, Forbidden, NotFound."""
    given = permitted(tx, session, before.type, given, before)
    if before.pool_id is not None and given.columns.keys() & {"owner_id", "department_id"}:
        raise Invalid({"user_id": ["该对象在公海中，请先领取"]})
    after = replace(before, **given.columns, details=_kept({**before.details, **given.details}), updated_at=now)  # type: ignore[arg-type]
    if after.name != before.name:
        after = replace(after, name_pinyin=pinyin_of(after.name))
    if after.company_name != before.company_name:
        after = replace(after, company_name_pinyin=pinyin_of(after.company_name))
    if after.owner_id != before.owner_id:
        if "department_id" not in given.columns and after.owner_id is not None:
            after = replace(after, department_id=session.directory.users[after.owner_id].department_id)
        after = replace(after, before_owner_id=before.owner_id, before_department_id=before.department_id)
    if (after.owner_id, after.department_id) != (before.owner_id, before.department_id):
        check_gives_away(tx, session, before)
        _check_assignment(session, after)
    after = link(tx, session, before, after)
    moves = after.customer_id != before.customer_id
    was_in = above(tx, session.organisation_id, [before.ref]) if moves else ()
    records.put_records(tx, session.organisation_id, [after])
    if moves:
        _move(tx, session.organisation_id, after.ref, was_in)
    tell_edit(tx, session.organisation_id, before, after, session.viewer.user_id, now)
    if after.owner_id is not None and after.owner_id != before.owner_id:
        hand_over_with(tx, session, before, session.directory.users[after.owner_id], now)
    _write_nested(tx, session, after, given, now)
    return after


def delete(tx: Tx, session: Session, found: Record, now: int) -> Record:
    """Delete a locked record, which tells of it; its history stays in the database."""
    records.change(tx, session.organisation_id, found.ref, {"deleted_at": now, "updated_at": now})
    tell(tx, session.organisation_id, RECORD_DELETED, found.ref, session.viewer.user_id, now)
    return replace(found, deleted_at=now, updated_at=now)


def _write_nested(tx: Tx, session: Session, customer: Record, given: RecordInput, now: int) -> None:
    for name, each in given.nested:
        try:
            if each.id is None:
                create(tx, session, each.type, each.given, now, whose=customer)
                continue
            before = locked(tx, session, Ref(each.type, each.id))
            if before.customer_id != customer.id:
                raise Invalid({"id": ["不属于该客户"]})
            if each.delete:
                delete(tx, session, before, now)
            else:
                change(tx, session, before, each.given, now)
        except Invalid as error:
            raise Invalid({f"{name}.{field}": told for field, told in error.errors.items()}) from error


def _move(tx: Tx, organisation_id: int, moved: Ref, was_in: Collection[Ref]) -> None:
    """What happened to a record leaves the timelines that it was in, and shows in those that it belongs to now."""
    is_in = above(tx, organisation_id, [moved])
    for subject in sorted(set(was_in) - is_in):
        timeline.roll_back(tx, organisation_id, moved, subject)
    for subject in sorted(is_in - set(was_in)):
        timeline.roll_up(tx, organisation_id, moved, subject)


def _wrong(session: Session, type_: RecordType, given: RecordInput, creating: bool) -> Iterator[tuple[str, list[str]]]:
    columns, directory = given.columns, session.directory
    name = columns.get("name")
    field = "title" if type_ in TITLED else "name"
    if (creating or "name" in columns) and (not isinstance(name, str) or not name.strip()):
        yield field, ["不能为空"]
    for key, told in ((field, name), ("company_name", columns.get("company_name"))):
        if len(str(told or "")) > MAX_NAME:
            yield key, [f"不能超过{MAX_NAME}个字符"]
    owner_id = columns.get("owner_id")
    if isinstance(owner_id, int) and not directory.is_here(owner_id):
        yield "user_id", ["没有这个用户"]
    if columns.get("department_id") is not None and columns["department_id"] not in directory.departments:
        yield "want_department_id", ["没有这个部门"]


def _check_assignment(session: Session, record: Record) -> None:
    if not may_assign(session.viewer, record.owner_id or 0, record.department_id):
        raise Forbidden("您没有权限将其分配给该用户或部门")


def _kept(details: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: value for name, value in details.items() if value not in (None, "")}
