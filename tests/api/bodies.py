"""The contract's bodies, key by key in their order, for comparing whole answers."""

import json

import httpx

from genjin.domain.people import User
from tests.world import ALICE, NOW, ORGANISATION, SHANGHAI, Json

MISSING = {
    "code": 100100,
    "message": "您没有权限查看该对象或该对象不存在。",
    "error": "active_record/record_not_found",
    "data": None,
}
LOGIN_AGAIN = {
    "code": 100401,
    "message": "您的登录已经过期,请重新登录!",
    "error": "user_authentication_error",
    "data": None,
}
NO_ROUTE = {"code": 100404, "message": "没有这个接口", "error": "route_not_found", "data": None}


def text(body: Json) -> str:
    """The body as we send it."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def same(response: httpx.Response, body: Json) -> bool:
    """Whether this is the whole answer, to the byte; shows the difference when not."""
    assert response.json() == body
    assert response.text == text(body)
    return True


def user_body(user: User = ALICE, department: str = "电销组") -> Json:
    """The short user object."""
    return {
        "id": user.id,
        "email": user.email,
        "created_at": SHANGHAI.minute(user.created_at),
        "name": user.name,
        "organization_id": ORGANISATION.id,
        "phone": user.phone,
        "role_id": user.role_id,
        "workflow_state": "organization_staff",
        "job": "销售",
        "tel": "",
        "avatar_url": "/static/avatar.svg",
        "department_name": department,
        "third_userid": None,
        "third_dept_id": None,
        "uid": user.uid,
    }


def activity_body(id_: int, refer_id: int, name: str = "郑老师", **different: object) -> Json:
    """An activity on a lead, all 50 keys, with every part that does not apply in its own empty form."""
    body = {
        "id": id_,
        "user": user_body(),
        "title": name,
        "timestamp": "2024-06-12 10:00",
        "description": "",
        "comments_count": 0,
        "refer_type_display": "线索",
        "comments": [],
        "refer_type": "Lead",
        "refer_name": name,
        "refer_id": refer_id,
        "is_common_customer": False,
        "attachments": [],
        "image_attachments": [],
        "attachment_files": [],
        "address": {},
        "remind_at": "",
        "remind_at_display": "",
        "saleable_name": name,
        "saleable_id": refer_id,
        "saleable_type": "Lead",
        "saleable_type_display": "线索",
        "saleable_dial_type": "",
        "activity_type_display": "新增",
        "activity_type": "create",
        "audios": [],
        "at_users": [],
        "real_revisit_at": "",
        "is_lead_and_turned": False,
        "revisit_log_contacts": [],
        "updated_at": "2024-06-12 10:00",
        "created_at": "2024-06-12 10:00",
        "real_created_at": "2024-06-12 10:00",
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
    assert different.keys() <= body.keys()
    return body | different


def follow_up_parts(follow_up_id: int, refer_id: int, content: str, title: str = "跟进记录", own: bool = True) -> Json:
    """What a follow-up's activity has that others have not."""
    return {
        "title": title,
        "description": content,
        "saleable_name": title,
        "saleable_id": follow_up_id,
        "saleable_type": "RevisitLog",
        "saleable_type_display": "跟进记录",
        "real_revisit_at": "2024-06-12 10:00",
        "origin_description": content,
        "common_customer_source": "",
        "revisit_log": {"id": follow_up_id, "is_user_self": own, "is_creator_self": own},
        "refers_display": [
            {"label": "关联联系人", "value": [], "type": "Contact"},
            {"label": "来自线索", "value": [{"id": refer_id, "name": "郑老师"}], "type": "Lead"},
        ],
        "refer_info": {"id": refer_id, "type": "Lead", "source": None, "sub_id": None, "source_app": 1},
    }


def raw_lead(id_: int, **different: object) -> Json:
    """The raw dump of a lead of alice's, all its keys."""
    now = SHANGHAI.iso(NOW)
    body = {
        "id": id_,
        "user_id": ALICE.id,
        "organization_id": ORGANISATION.id,
        "name": "郑老师",
        "company_name": None,
        "source": None,
        "department": None,
        "job": None,
        "note": None,
        "created_at": now,
        "updated_at": now,
        "deleted_at": None,
        "status": None,
        "turned_customer_id": None,
        "department_id": ALICE.department_id,
        "name_pinyin": "zhenglaoshi",
        "company_name_pinyin": "",
        "creator_id": ALICE.id,
        "customer_requirement": None,
        "revisit_at": None,
        "real_revisit_at": None,
        "revisit_remind_at": None,
        "qixinbao_id": None,
        "before_user_id": None,
        "before_department_id": None,
        "turned_at": None,
        "channel_code": None,
        "is_draft": False,
        "biz_pid": "",
        "soukebox_account_id": None,
        "channel": None,
        "market_activity_id": None,
        "shop_id": None,
        "approve_status": "approved",
        "submit_applying_at": None,
        "finish_approve_at": None,
        "lock_status": "unlocked",
    }
    assert different.keys() <= body.keys()
    return body | different


def page_body(days: list[tuple[str, list[Json]]], total: int, per_page: int = 15, page: int = 1) -> Json:
    """The whole answer."""
    return {
        "code": 0,
        "data": {
            "sales_activities": [{"date": date, "activities": activities} for date, activities in days],
            "default_image_url": "/static/attachment_no_permission.svg",
            "user_config_columns": {"revisit_log": [], "dx_revisit_log": None},
            "total_count": total,
            "per_page": per_page,
            "page": page,
        },
    }
