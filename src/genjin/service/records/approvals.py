"""Approval of customers and contracts: submit, approve, deny, revert."""

from dataclasses import replace

from genjin.domain.approval import APPROVABLE, LABELS, MAX_NOTE, STEPS, Act, Approval, standing
from genjin.domain.change import Change
from genjin.domain.kinds import APPROVAL_CHANGED
from genjin.domain.policy import may_approve
from genjin.domain.records import Record, Ref
from genjin.errors import Forbidden, Invalid, NotFound
from genjin.service.changes import tell
from genjin.service.context import Installation, Session
from genjin.service.visibility import editable, seen
from genjin.store import records
from genjin.store.transaction import Tx


def move_approval(installation: Installation, session: Session, ref: Ref, act: Act, note: str = "") -> Record:
    """Do what is done in approval, with what the one who does it has to say.

    Raises NotFound; Forbidden, also where the act does not follow from the record's state, or nothing is approved;
    Invalid for the note.
    """
    if len(note) > MAX_NOTE:
        raise Invalid({"note": [f"不能超过{MAX_NOTE}个字符"]})
    if act is Act.SUBMIT and ref.type.name.lower() not in session.directory.organisation.approvals:
        raise Forbidden("企业没有开启审批")
    now = installation.clock.now()

    def use(tx: Tx) -> Record:
        found = seen(tx, session, records.find_for_update(tx, session.organisation_id, ref))
        if found.merged_into_id is not None:
            raise NotFound("merged into another record")
        before = standing(found.approve_status)
        step = STEPS.get((act, before))
        if step is None:
            raise Forbidden(f"当前状态为{LABELS[before]}，不能进行该操作")
        if not step.by_approver:
            editable(tx, session, found)
        elif not may_approve(session.viewer, found):
            raise Forbidden("您没有权限审批该对象")
        values: dict[str, object] = {"approve_status": step.to.value, "updated_at": now}
        records.change(tx, session.organisation_id, ref, values)
        change = Change("approve_status", before.value, step.to.value)
        tell(tx, session.organisation_id, APPROVAL_CHANGED, ref, session.viewer.user_id, now, [change], note)
        return replace(found, **values)  # type: ignore[arg-type]

    return installation.database.write(use, session.organisation_id)


def first_status(session: Session, fresh: Record, told: str) -> str | None:
    """The state of a new record: where approval is on it waits, unless who may approve says otherwise; else it is
    approved. None for what is never approved. Raises Invalid for what is no state.
    """
    if fresh.type not in APPROVABLE:
        return None
    if told and told not in LABELS:
        raise Invalid({"approve_status": [f"应为{'、'.join(LABELS)}之一"]})
    if fresh.type.name.lower() not in session.directory.organisation.approvals:
        return Approval.APPROVED
    return told if told and may_approve(session.viewer, fresh) else Approval.APPLYING
