"""The usual way, its answer: one activity of the ORM as the 50 keys of the contract."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bench.usual.tables import Activity, Call, FollowUp, Record, User
from genjin.domain.json import JsonValue
from genjin.wire.records.parts import address_to_wire
from genjin.wire.sales_activity import SalesActivity

NAMES = {"Lead": "线索", "Customer": "客户"}


def heading(at: int, zone: ZoneInfo) -> str:
    """`2024-04-04 星期四`"""
    local = _local(at, zone)
    return f"{local:%Y-%m-%d} 星期{'一二三四五六日'[local.weekday()]}"


def activity_to_wire(activity: Activity, viewer: User, zone: ZoneInfo) -> SalesActivity:
    """One activity, validated."""
    record, at = activity.record, _minute(activity.at, zone)
    display = NAMES[record.class_name]
    fields: dict[str, Any] = {
        **_empty(),
        "id": activity.id,
        "user": _user(activity.user, zone),
        "title": record.name,
        "timestamp": at,
        "refer_type_display": display,
        "refer_type": record.class_name,
        "refer_name": record.name,
        "refer_id": record.id,
        "saleable_name": record.name,
        "saleable_id": record.id,
        "saleable_type": record.class_name,
        "saleable_type_display": display,
        "updated_at": at,
        "created_at": at,
        "real_created_at": _minute(activity.recorded_at, zone),
    }
    if activity.follow_up is not None:
        fields |= _follow_up(activity.follow_up, record, activity.user_id == viewer.id, zone)
    elif activity.call is not None:
        fields |= _call(activity.call)
    else:
        fields |= {"description": f"新增{display}", "saleable_id": _raw_dump(record, viewer.organisation_id, zone)}
    return SalesActivity(**fields)


def _empty() -> dict[str, Any]:
    """Every key in its empty form."""
    objects = "address revisit_log checkin sign_in sign_out contract opportunity refer_info from_skb_info"
    lists = "comments attachments image_attachments attachment_files audios at_users revisit_log_contacts contacts"
    texts = "description remind_at remind_at_display saleable_dial_type real_revisit_at call_type_display"
    nulls = "common_customer_source refers_display revisit_log_contract revisit_log_opportunity refer_approve_status"
    return {
        **{key: {} for key in objects.split()},
        **{key: [] for key in lists.split()},
        **dict.fromkeys(texts.split(), ""),
        **dict.fromkeys(nulls.split()),
        **dict.fromkeys(("is_common_customer", "is_lead_and_turned"), False),
        **dict.fromkeys(("comments_count", "call_mode"), 0),
        "origin_description": "",
        "activity_type": "create",
        "activity_type_display": "新增",
    }


def _follow_up(follow_up: FollowUp, record: Record, own: bool, zone: ZoneInfo) -> dict[str, Any]:
    label, place = follow_up.category.label, follow_up.address is not None
    where: dict[str, JsonValue] = {
        "detail_address": follow_up.address or "",
        "lat": follow_up.lat or 0.0,
        "lng": follow_up.lng or 0.0,
    }
    remind_at = follow_up.remind_at
    named = [{"id": record.id, "name": record.name}]
    return {
        "title": label,
        "description": follow_up.text,
        "address": address_to_wire(where) if place else {},
        "remind_at": "" if remind_at is None else _minute(remind_at, zone),
        "remind_at_display": "" if remind_at is None else f"{_local(remind_at, zone):%m月%d日 %H:%M}",
        "saleable_name": label,
        "saleable_id": follow_up.id,
        "saleable_type": "RevisitLog",
        "saleable_type_display": "跟进记录",
        "at_users": [_user(mention.user, zone) for mention in follow_up.mentions],
        "real_revisit_at": _minute(follow_up.said_at, zone),
        "origin_description": follow_up.text,
        "common_customer_source": "",
        "revisit_log": {"id": follow_up.id, "is_user_self": own, "is_creator_self": own},
        "refers_display": [
            {"label": "关联联系人", "value": [], "type": "Contact"},
            {"label": f"来自{NAMES[record.class_name]}", "value": named, "type": record.class_name},
        ],
        "refer_info": {"id": record.id, "type": record.class_name, "source": None, "sub_id": None, "source_app": 1},
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "activity_type_display": "电销",
        "activity_type": "call_record",
        "audios": [
            {
                "id": each.id,
                "file_url": each.url,
                "mp3_file_url": each.url,
                "duration": str(each.seconds),
                "duration_seconds": each.seconds,
                "oss_type": each.store,
                "is_convert_to_mp3": False,
            }
            for each in call.recordings
        ],
        "call_type_display": "呼出" if call.outbound else "呼入",
        "call_mode": call.mode,
    }


def _user(user: User, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "id": user.id,
        "email": user.email,
        "created_at": _minute(user.created_at, zone),
        "name": user.name,
        "organization_id": user.organisation_id,
        "phone": user.phone,
        "role_id": user.role_id,
        "workflow_state": user.workflow_state,
        "job": user.job,
        "tel": user.tel,
        "avatar_url": user.avatar_url or "/static/avatar.svg",
        "department_name": user.department.name,
        "third_userid": None,
        "third_dept_id": None,
        "uid": user.uid,
    }


def _raw_dump(record: Record, organisation_id: int, zone: ZoneInfo) -> dict[str, Any]:
    nothing = (
        "source department job note deleted_at customer_requirement revisit_at real_revisit_at revisit_remind_at"
        " qixinbao_id before_user_id before_department_id channel_code soukebox_account_id channel"
        " market_activity_id shop_id submit_applying_at finish_approve_at"
    )
    is_lead = record.class_name == "Lead"
    return {
        **dict.fromkeys(nothing.split()),
        **(dict.fromkeys(("turned_customer_id", "turned_at")) if is_lead else {"category": None}),
        "id": record.id,
        "user_id": record.owner_id,
        "organization_id": organisation_id,
        "name": record.name,
        "company_name": record.company_name,
        "created_at": _local(record.created_at, zone).isoformat(timespec="milliseconds"),
        "updated_at": _local(record.updated_at, zone).isoformat(timespec="milliseconds"),
        "status": record.status,
        "department_id": record.department_id,
        "name_pinyin": record.name_pinyin,
        "company_name_pinyin": record.company_name_pinyin,
        "creator_id": record.creator_id,
        "is_draft": False,
        "biz_pid": "",
        "approve_status": "approved",
        "lock_status": "unlocked",
    }


def _local(at: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone(zone)


def _minute(at: int, zone: ZoneInfo) -> str:
    return f"{_local(at, zone):%Y-%m-%d %H:%M}"
