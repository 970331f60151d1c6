"""Approval of customers and contracts: the states, and who may bring one from which to which."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from genjin.domain.records import RecordType

APPROVABLE = frozenset({RecordType.CUSTOMER, RecordType.CONTRACT})
"""The types of which an organisation may want each record approved."""
MAX_NOTE = 1000


class Approval(StrEnum):
    """Where a record is in approval; the values are stored and are those of the wire."""

    APPLYING = "applying"
    APPROVED = "approved"
    DENIED = "denied"
    REVERTED = "reverted"


LABELS: Mapping[str, str] = {
    Approval.APPLYING: "待审批",
    Approval.APPROVED: "已通过",
    Approval.DENIED: "已否决",
    Approval.REVERTED: "已撤销",
}


class Act(StrEnum):
    """What is done to a record in approval."""

    SUBMIT = "submit"
    APPROVE = "approve"
    DENY = "deny"
    REVERT = "revert"


class Step(NamedTuple):
    """Where an act leads to; `by_approver` is whether it takes who may approve, not just who may change the record."""

    to: Approval
    by_approver: bool


STEPS: Mapping[tuple[Act, Approval], Step] = {
    (Act.SUBMIT, Approval.DENIED): Step(Approval.APPLYING, by_approver=False),
    (Act.SUBMIT, Approval.REVERTED): Step(Approval.APPLYING, by_approver=False),
    (Act.APPROVE, Approval.APPLYING): Step(Approval.APPROVED, by_approver=True),
    (Act.DENY, Approval.APPLYING): Step(Approval.DENIED, by_approver=True),
    (Act.REVERT, Approval.APPLYING): Step(Approval.REVERTED, by_approver=False),
    (Act.REVERT, Approval.APPROVED): Step(Approval.REVERTED, by_approver=True),
}
"""Every act that there is; what is not here is not allowed."""


def standing(approve_status: str | None) -> Approval:
    """The state of a record: one that was never asked to be approved is as good as approved."""
    return Approval(approve_status) if approve_status else Approval.APPROVED
