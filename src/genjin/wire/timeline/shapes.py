"""How each kind fills the 50 keys. A kind's shape is a function from Values to a SalesActivity.

A shape is called with real values (to describe one activity) or with slots (to make the kind's template, see
page.py), so it may only place values, never look at them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from genjin.domain.change import ChangeDetails
from genjin.domain.kinds import (
    APPROVAL_CHANGED,
    CALL_MADE,
    CHECKED_IN,
    COLLABORATORS_CHANGED,
    CONVERSION_UNDONE,
    FOLLOW_UP_WRITTEN,
    FOREIGN,
    KINDS,
    LEAD_CONVERTED,
    MERGE_UNDONE,
    RECORD_ASSIGNED,
    RECORD_CREATED,
    RECORD_DELETED,
    RECORD_EDITED,
    RECORD_POOLED,
    RECORD_RESTORED,
    RECORD_TAKEN,
    RECORDS_MERGED,
    RETURN_WARNED,
    STATUS_CHANGED,
    Kind,
)
from genjin.wire.modules import CHECK_IN, FOLLOW_UP
from genjin.wire.sales_activity import SalesActivity

CHANGES: Mapping[Kind, tuple[str, str]] = {
    RECORD_EDITED: ("update", "编辑"),
    STATUS_CHANGED: ("change_status", "状态变更"),
    RECORD_ASSIGNED: ("transfer", "转移"),
    COLLABORATORS_CHANGED: ("assist", "协作人变更"),
    RECORD_POOLED: ("put_back", "退回公海"),
    RECORD_TAKEN: ("take", "领取"),
    LEAD_CONVERTED: ("turn_to_customer", "转客户"),
    CONVERSION_UNDONE: ("undo_turn", "撤销转客户"),
    RECORDS_MERGED: ("merge", "合并"),
    MERGE_UNDONE: ("undo_merge", "撤销合并"),
    APPROVAL_CHANGED: ("approve", "审批"),
    RECORD_DELETED: ("destroy", "删除"),
    RECORD_RESTORED: ("restore", "恢复"),
    RETURN_WARNED: ("return_warning", "退回提醒"),
}
"""The kinds that tell of a change: `activity_type` and `activity_type_display` (ours; the upstream's are unknown)."""


@dataclass(frozen=True)
class Values:
    """What varies from one activity to the next; those of the rare parts have the empty form as their default."""

    id: Any
    user: Any
    at: Any
    updated_at: Any
    recorded_at: Any
    refer_type: Any
    refer_type_display: Any
    refer_name: Any
    refer_id: Any
    turned: Any
    said_at: Any = ""
    text: Any = ""
    category: Any = ""
    follow_up_display: Any = ""
    check_in_display: Any = ""
    check_in: Any = None
    sign_in: Any = None
    sign_out: Any = None
    object_id: Any = 0
    own: Any = False
    remind_at: Any = ""
    remind_at_display: Any = ""
    saleable: Any = 0
    created: Any = ""
    address: Any = None
    at_users: Any = None
    attachments: Any = None
    images: Any = None
    files: Any = None
    audios: Any = None
    direction: Any = ""
    dial_type: Any = ""
    mode: Any = 0
    refers: Any = None
    contacts_row: Any = None
    record_row: Any = None
    linked_contacts: Any = None
    linked_contract: Any = None
    linked_opportunity: Any = None
    own_contract: Any = None
    own_opportunity: Any = None
    changed: Any = ""
    pooled: Any = False
    pool: Any = None
    pool_told: Any = ""
    approval: Any = None
    of_contacts: Any = None
    of_contract: Any = None
    of_opportunity: Any = None


def _shape(values: Values, fields: Mapping[str, Any]) -> SalesActivity:
    """What all kinds have in common, and every other key in its empty form."""
    common: dict[str, Any] = {
        "id": values.id,
        "user": values.user,
        "title": values.refer_name,
        "timestamp": values.at,
        "description": "",
        "comments_count": 0,
        "refer_type_display": values.refer_type_display,
        "comments": [],
        "refer_type": values.refer_type,
        "refer_name": values.refer_name,
        "refer_id": values.refer_id,
        "is_common_customer": values.pooled,
        "attachments": [],
        "image_attachments": [],
        "attachment_files": [],
        "address": {},
        "remind_at": "",
        "remind_at_display": "",
        "saleable_name": values.refer_name,
        "saleable_id": values.refer_id,
        "saleable_type": values.refer_type,
        "saleable_type_display": values.refer_type_display,
        "saleable_dial_type": "",
        "activity_type_display": "新增",
        "activity_type": "create",
        "audios": [],
        "at_users": [],
        "real_revisit_at": "",
        "is_lead_and_turned": values.turned,
        "revisit_log_contacts": [],
        "updated_at": values.updated_at,
        "created_at": values.at,
        "real_created_at": values.recorded_at,
        "call_type_display": "",
        "origin_description": "",
        "common_customer_source": values.pool,
        "revisit_log": {},
        "refers_display": None,
        "revisit_log_contract": None,
        "revisit_log_opportunity": None,
        "checkin": {},
        "sign_in": {},
        "sign_out": {},
        "contacts": [] if values.of_contacts is None else values.of_contacts,
        "contract": {} if values.of_contract is None else values.of_contract,
        "opportunity": {} if values.of_opportunity is None else values.of_opportunity,
        "refer_approve_status": values.approval,
        "refer_info": {},
        "from_skb_info": {},
        "call_mode": 0,
    }
    return SalesActivity.model_construct(**(common | dict(fields)))


def _place_and_files(values: Values) -> dict[str, Any]:
    return {
        "attachments": [] if values.attachments is None else values.attachments,
        "image_attachments": [] if values.images is None else values.images,
        "attachment_files": [] if values.files is None else values.files,
        "address": {} if values.address is None else values.address,
    }


def _follow_up(values: Values) -> SalesActivity:
    own = {"id": values.object_id, "is_user_self": values.own, "is_creator_self": values.own}
    info = {"id": values.refer_id, "type": values.refer_type, "source": None, "sub_id": None, "source_app": 1}
    fields = {
        "title": values.category,
        "description": values.text,
        **_place_and_files(values),
        "remind_at": values.remind_at,
        "remind_at_display": values.remind_at_display,
        "saleable_name": values.category,
        "saleable_id": values.object_id,
        "saleable_type": FOLLOW_UP,
        "saleable_type_display": values.follow_up_display,
        "audios": [] if values.audios is None else values.audios,
        "at_users": [] if values.at_users is None else values.at_users,
        "real_revisit_at": values.said_at,
        "origin_description": values.text,
        "common_customer_source": values.pool_told,
        "revisit_log_contacts": [] if values.linked_contacts is None else values.linked_contacts,
        "revisit_log": own,
        "refers_display": values.refers if values.contacts_row is None else [values.contacts_row, values.record_row],
        "revisit_log_contract": values.own_contract if values.linked_contract is None else values.linked_contract,
        "revisit_log_opportunity": (
            values.own_opportunity if values.linked_opportunity is None else values.linked_opportunity
        ),
        "refer_info": info,
    }
    return _shape(values, fields)


def _call(values: Values) -> SalesActivity:
    fields = {
        "saleable_dial_type": values.dial_type,
        "activity_type_display": "电销",
        "activity_type": "call_record",
        "audios": [] if values.audios is None else values.audios,
        "call_type_display": values.direction,
        "call_mode": values.mode,
    }
    return _shape(values, fields)


def _checked_in(values: Values) -> SalesActivity:
    fields = {
        "title": values.check_in_display,
        "description": values.text,
        **_place_and_files(values),
        "saleable_name": values.check_in_display,
        "saleable_id": values.object_id,
        "saleable_type": CHECK_IN,
        "saleable_type_display": values.check_in_display,
        "origin_description": values.text,
        "checkin": {} if values.check_in is None else values.check_in,
        "sign_in": {} if values.sign_in is None else values.sign_in,
        "sign_out": {} if values.sign_out is None else values.sign_out,
    }
    return _shape(values, fields)


def _created(values: Values) -> SalesActivity:
    return _shape(values, {"description": values.created, "saleable_id": values.saleable})


def _changed(kind: Kind) -> Callable[[Values], SalesActivity]:
    activity_type, display = CHANGES[kind]

    def shape(values: Values) -> SalesActivity:
        fields = {
            "description": values.changed,
            "activity_type": activity_type,
            "activity_type_display": display,
        }
        return _shape(values, fields)

    return shape


def _foreign(values: Values) -> SalesActivity:
    return _shape(values, {"real_revisit_at": values.said_at})


SHAPES: Mapping[Kind, Callable[[Values], SalesActivity]] = {
    FOREIGN: _foreign,
    RECORD_CREATED: _created,
    FOLLOW_UP_WRITTEN: _follow_up,
    CALL_MADE: _call,
    CHECKED_IN: _checked_in,
    **{kind: _changed(kind) for kind in KINDS.values() if kind.details is ChangeDetails},
}
