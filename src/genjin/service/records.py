"""Leads and customers: list, read, create, update, delete; and the conversion of a lead into a customer."""

from dataclasses import replace

from genjin.domain.activity import Draft
from genjin.domain.field_rights import filtered, writable
from genjin.domain.kinds import LEAD_CONVERTED, RECORD_CREATED, RECORD_DELETED, CreatedDetails
from genjin.domain.pinyin import pinyin_of
from genjin.domain.policy import may_assign
from genjin.domain.records import Record, RecordFilter, RecordInput, RecordType, Ref
from genjin.domain.timeline import Page
from genjin.errors import Duplicate, Forbidden, Invalid
from genjin.service.activities import record as record_activity
from genjin.service.approvals import first_status
from genjin.service.changes import tell, tell_edit
from genjin.service.context import Installation, Session
from genjin.service.lineage import hold
from genjin.service.visibility import locked, permitted, standing
from genjin.store import ids, records, timeline
from genjin.store.transaction import Tx

MAX_NAME = 255


def list_records(
    installation: Installation, session: Session, wanted: RecordFilter, page: Page
) -> tuple[list[Record], int]:
    """One page of the records that the viewer may see, and the number of all. Raises Forbidden for a hidden filter."""
    asked = filtered(session.viewer, wanted)
    return installation.database.read(lambda tx: records.page(tx, session.viewer, asked, page.offset, page.size))


def read_record(installation: Installation, session: Session, ref: Ref) -> Record:
    """One record, or the one that took its place. Raises NotFound when it is missing or not visible."""
    return installation.database.read(lambda tx: standing(tx, session, ref))


def create_record(
    installation: Installation,
    session: Session,
    type_: RecordType,
    given: RecordInput,
    refer_lead_id: int | None = None,
    approve_status: str = "",
) -> Record:
    """Create a record, owned by the viewer unless the input says otherwise.

    `approve_status` is the state of approval that somebody wants it to begin with; see `first_status`.

    With `refer_lead_id`, a customer is what that lead is converted into: the lead's timeline shows in the
    customer's. Raises Invalid; Forbidden for an owner outside the viewer's sight; NotFound for the lead;
    Duplicate when it was converted before.
    """
    check(session, type_, given, creating=True)
    now = installation.clock.now()

    def use(tx: Tx) -> Record:
        created = create(tx, session, type_, given, now, approve_status)
        if refer_lead_id is not None:
            _convert(tx, session, Ref(RecordType.LEAD, refer_lead_id), created, now)
        return created

    return installation.database.write(use)


def create(
    tx: Tx, session: Session, type_: RecordType, given: RecordInput, now: int, approve_status: str = ""
) -> Record:
    """Create a record inside a transaction, with the activity of its creation. Raises Forbidden."""
    given = writable(session.viewer, type_, given)
    viewer, owner_id = session.viewer, given.columns.get("owner_id") or session.viewer.user_id
    assert isinstance(owner_id, int)
    department_id = given.columns.get("department_id") or session.directory.users[owner_id].department_id
    assert department_id is None or isinstance(department_id, int)
    _check_assignment(session, owner_id, department_id)
    name, company = str(given.columns["name"]), given.columns.get("company_name")
    fresh = Record(
        type=type_,
        id=ids.allocate(tx)[0],
        name=name,
        owner_id=owner_id,
        creator_id=viewer.user_id,
        department_id=department_id,
        created_at=now,
        updated_at=now,
        name_pinyin=pinyin_of(name),
        company_name_pinyin=pinyin_of(str(company or "")),
        details={key: value for key, value in given.details.items() if value not in (None, "")},
    )
    plain = ("company_name", "status", "source", "category", "remind_at")
    created = replace(fresh, **{key: given.columns[key] for key in plain if key in given.columns})  # type: ignore[arg-type]
    created = replace(created, approve_status=first_status(session, created, approve_status))
    records.put_records(tx, session.organisation_id, [created])
    draft = Draft(RECORD_CREATED, viewer.user_id, created.ref, now, now, details=CreatedDetails())
    record_activity(tx, session.organisation_id, draft)
    return created


def update_record(installation: Installation, session: Session, ref: Ref, given: RecordInput) -> Record:
    """Change what is given. Raises NotFound, Invalid, Forbidden."""
    check(session, ref.type, given, creating=False)
    now = installation.clock.now()

    def use(tx: Tx) -> Record:
        before = locked(tx, session, ref)
        told = permitted(tx, session, ref.type, given, before)
        if before.pool_id is not None and told.columns.keys() & {"owner_id", "department_id"}:
            raise Invalid({"user_id": ["该对象在公海中，请先领取"]})
        after = replace(before, **told.columns, updated_at=now)  # type: ignore[arg-type]
        after = replace(
            after,
            name_pinyin=before.name_pinyin if after.name == before.name else pinyin_of(after.name),
            company_name_pinyin=(
                before.company_name_pinyin
                if after.company_name == before.company_name
                else pinyin_of(after.company_name)
            ),
            details={k: v for k, v in {**before.details, **told.details}.items() if v not in (None, "")},
        )
        if after.owner_id != before.owner_id:
            if "department_id" not in told.columns and after.owner_id is not None:
                after = replace(after, department_id=session.directory.users[after.owner_id].department_id)
            after = replace(after, before_owner_id=before.owner_id, before_department_id=before.department_id)
        if (after.owner_id, after.department_id) != (before.owner_id, before.department_id):
            _check_assignment(session, after.owner_id or 0, after.department_id)
        records.put_records(tx, session.organisation_id, [after])
        tell_edit(tx, session.organisation_id, before, after, session.viewer.user_id, now)
        return after

    return installation.database.write(use)


def delete_record(installation: Installation, session: Session, ref: Ref) -> Record:
    """Delete a record; its history stays in the database. Raises NotFound."""
    now = installation.clock.now()

    def use(tx: Tx) -> Record:
        found = locked(tx, session, ref)
        records.change(tx, session.organisation_id, ref, {"deleted_at": now, "updated_at": now})
        tell(tx, session.organisation_id, RECORD_DELETED, ref, session.viewer.user_id, now)
        return replace(found, deleted_at=now, updated_at=now)

    return installation.database.write(use)


def _convert(tx: Tx, session: Session, lead: Ref, customer: Record, now: int) -> None:
    before = locked(tx, session, lead)
    if before.customer_id is not None:
        raise Duplicate("该线索已转换为客户")
    hold(tx, session.organisation_id, [lead])
    values: dict[str, object] = {"customer_id": customer.id, "turned_at": now, "updated_at": now}
    records.change(tx, session.organisation_id, lead, values)
    tell(tx, session.organisation_id, LEAD_CONVERTED, lead, session.viewer.user_id, now, refs=[customer.ref])
    timeline.roll_up(tx, session.organisation_id, lead, customer.ref)


def check(session: Session, _: RecordType, given: RecordInput, creating: bool) -> None:
    """Raises Invalid for what the organisation has not, and for what is missing or too long."""
    errors: dict[str, list[str]] = {}
    name = given.columns.get("name")
    if (creating or "name" in given.columns) and (not isinstance(name, str) or not name.strip()):
        errors["name"] = ["不能为空"]
    for field in ("name", "company_name"):
        if len(str(given.columns.get(field) or "")) > MAX_NAME:
            errors[field] = [f"不能超过{MAX_NAME}个字符"]
    owner_id = given.columns.get("owner_id")
    if isinstance(owner_id, int) and not session.directory.is_here(owner_id):
        errors["user_id"] = ["没有这个用户"]
    department_id = given.columns.get("department_id")
    if department_id is not None and department_id not in session.directory.departments:
        errors["want_department_id"] = ["没有这个部门"]
    if errors:
        raise Invalid(errors)


def _check_assignment(session: Session, owner_id: int, department_id: int | None) -> None:
    if not may_assign(session.viewer, owner_id, department_id):
        raise Forbidden("您没有权限将其分配给该用户或部门")
