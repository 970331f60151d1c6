"""How each kind fills the 50 keys. A kind's shape is a function from Values to a SalesActivity.

A shape is called with real values (to describe one activity) or with slots (to make the kind's template, see
timeline_page.py), so it may only place values, never look at them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from genjin.domain.kinds import CALL_MADE, FOLLOW_UP_WRITTEN, FOREIGN, RECORD_CREATED, Kind
from genjin.wire.modules import FOLLOW_UP
from genjin.wire.sales_activity import SalesActivity


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
    object_id: Any = 0
    own: Any = False
    remind_at: Any = ""
    remind_at_display: Any = ""
    saleable: Any = 0
    created: Any = ""
    address: Any = None
    at_users: Any = None
    audios: Any = None
    direction: Any = ""
    dial_type: Any = ""
    mode: Any = 0
    refers: Any = None


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
        "is_common_customer": False,
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
        "common_customer_source": None,
        "revisit_log": {},
        "refers_display": None,
        "revisit_log_contract": None,
        "revisit_log_opportunity": None,
        "checkin": {},
        "sign_in": {},
        "sign_out": {},
        "contacts": [],
        "contract": {},
        "opportunity": {},
        "refer_approve_status": None,
        "refer_info": {},
        "from_skb_info": {},
        "call_mode": 0,
    }
    return SalesActivity.model_construct(**(common | dict(fields)))


def _follow_up(values: Values) -> SalesActivity:
    own = {"id": values.object_id, "is_user_self": values.own, "is_creator_self": values.own}
    info = {"id": values.refer_id, "type": values.refer_type, "source": None, "sub_id": None, "source_app": 1}
    fields = {
        "title": values.category,
        "description": values.text,
        "address": {} if values.address is None else values.address,
        "remind_at": values.remind_at,
        "remind_at_display": values.remind_at_display,
        "saleable_name": values.category,
        "saleable_id": values.object_id,
        "saleable_type": FOLLOW_UP,
        "saleable_type_display": values.follow_up_display,
        "at_users": [] if values.at_users is None else values.at_users,
        "real_revisit_at": values.said_at,
        "origin_description": values.text,
        "common_customer_source": "",
        "revisit_log": own,
        "refers_display": values.refers,
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


def _created(values: Values) -> SalesActivity:
    return _shape(values, {"description": values.created, "saleable_id": values.saleable})


def _foreign(values: Values) -> SalesActivity:
    return _shape(values, {"real_revisit_at": values.said_at})


SHAPES: Mapping[Kind, Callable[[Values], SalesActivity]] = {
    FOREIGN: _foreign,
    RECORD_CREATED: _created,
    FOLLOW_UP_WRITTEN: _follow_up,
    CALL_MADE: _call,
}
