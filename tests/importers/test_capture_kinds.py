"""What the documented example does not show: other kinds, filled parts, odd shapes, other records. Nothing is lost."""

from typing import Any

import pytest

from genjin.wire.sales_activity import KEYS
from tests.importers.captures import CALL_ID, CREATED_ID, FOLLOW_UP_ID, LEAD_ID, Capturing, activity, answer
from tests.world import Json, ok

CHECKIN = {"id": 5, "checkin_name": "拜访", "address": {"lat": 31.2, "lng": 121.4, "distance": "0m"}, "attachments": []}
COMMENT = {"id": 9, "content": "加油", "user": {"id": 12341142, "name": "小乔"}, "parent": {}, "audios": []}
FILLED: dict[str, Json] = {
    "comments_count": 1,
    "comments": [COMMENT],
    "is_common_customer": True,
    "attachments": [{"id": 1, "file_url": "https://example.com/a.jpg"}],
    "image_attachments": [{"id": 1, "file_url": "https://example.com/a.jpg"}],
    "attachment_files": [{"id": 2, "name": "报价.xlsx", "file_file_size": 9}],
    "address": {"id": 3, "detail_address": "南京路1号", "lat": 31.2, "lng": 121.4},
    "remind_at": "2024-04-15 10:00",
    "remind_at_display": "2024-04-15 10:00 提醒",
    "at_users": [{"id": 12341142, "name": "小乔"}],
    "is_lead_and_turned": True,
    "revisit_log_contacts": [{"id": 4, "name": "王五"}],
    "common_customer_source": "华东公海",
    "revisit_log_contract": {"id": 6, "title": "合同"},
    "revisit_log_opportunity": {"id": 7, "title": "商机"},
    "checkin": CHECKIN,
    "sign_in": {"at": "2024-04-04 09:00"},
    "sign_out": {"at": "2024-04-04 10:00"},
    "contacts": [{"id": 4, "name": "王五"}],
    "contract": {"id": 6},
    "opportunity": {"id": 7},
    "refer_approve_status": "approved",
    "from_skb_info": {"source": "skb"},
}


@pytest.mark.parametrize("id_", [FOLLOW_UP_ID, CALL_ID, CREATED_ID])
def test_each_filled_part_of_a_known_kind_comes_back_as_captured(capturing: Capturing, id_: int) -> None:
    captured = [
        activity(id_, id=2_000_000 + place, **{key: value}) for place, (key, value) in enumerate(FILLED.items())
    ]
    if id_ == FOLLOW_UP_ID:
        for entry in captured:
            entry["saleable_id"] = entry["revisit_log"]["id"] = entry["id"] + 1000
    capturing.take(answer(*captured))
    served = capturing.served()
    for entry in captured:
        assert served[entry["id"]] == entry


@pytest.mark.parametrize("id_", [FOLLOW_UP_ID, CALL_ID, CREATED_ID])
def test_all_parts_filled_at_once_come_back_as_captured(capturing: Capturing, id_: int) -> None:
    captured = activity(id_, **FILLED)
    capturing.take(answer(captured))
    assert capturing.served()[id_] == captured


@pytest.mark.parametrize(
    "changed",
    [
        {"activity_type": "transfer", "activity_type_display": "转移", "description": "转移给小乔", "title": "转移"},
        {"activity_type": "update", "saleable_type": "RevisitLog", "saleable_id": 99, "saleable_type_display": "跟进"},
        {"activity_type": "create", "saleable_type": "Checkin", "saleable_id": 98, "saleable_type_display": "签到"},
        {"activity_type": "create", "saleable_type": "Payment", "saleable_id": None, "saleable_type_display": ""},
        {
            "refer_type": "Payment",
            "refer_id": 97,
            "refer_name": "首付",
            "refer_type_display": "回款",
            "saleable_type": "Payment",
        },
        {
            "refer_type": "Payment",
            "refer_id": None,
            "refer_name": None,
            "refer_type_display": None,
            "saleable_type": None,
        },
        {"refer_type": ["odd"], "saleable_type": {"odd": 1}, "activity_type": 5, "saleable_id": [1]},
        {"activity_type": None, "description": None, "origin_description": 5},
        {"saleable_id": {"id": LEAD_ID, "name": "老师"}, "activity_type": "transfer"},
    ],
    ids=lambda changed: next(iter(changed.values())) if isinstance(changed, dict) else None,
)
def test_an_unknown_kind_comes_back_as_captured(capturing: Capturing, changed: dict[str, Any]) -> None:
    captured = activity(CALL_ID, id=2_000_000, **FILLED) | changed
    capturing.take(answer(activity(FOLLOW_UP_ID), captured))
    served = capturing.served()[2_000_000]
    late = {"user", "refer_name", "refer_type_display"} if captured["refer_type"] == "Lead" else {"user"}
    assert list(served) == list(KEYS)
    assert {key: served[key] for key in KEYS if key not in late} == {
        key: captured[key] for key in KEYS if key not in late
    }


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("oss_type", True),
        ("oss_type", 1.0),
        ("is_convert_to_mp3", 1),
        ("is_convert_to_mp3", None),
        ("duration_seconds", 144.0),
        ("duration_seconds", None),
        ("duration_seconds", 2**63),
        ("duration", "00:02:24"),
        ("duration", None),
        ("id", "1412142234"),
        ("id", None),
        ("file_url", None),
        ("file_url", {"url": 1}),
        ("extra", [1, 2]),
    ],
)
def test_an_odd_recording_comes_back_as_captured(capturing: Capturing, key: str, value: Json) -> None:
    captured = activity(CALL_ID)
    captured["audios"][0][key] = value
    capturing.take(answer(captured))
    assert repr(capturing.served()[CALL_ID]["audios"]) == repr(captured["audios"])


@pytest.mark.parametrize(
    ("id_", "key", "value"),
    [
        (FOLLOW_UP_ID, "comments_count", 0.0),
        (FOLLOW_UP_ID, "comments_count", False),
        (FOLLOW_UP_ID, "is_common_customer", 0),
        (
            FOLLOW_UP_ID,
            "refer_info",
            {"id": LEAD_ID, "type": "Lead", "source": None, "sub_id": None, "source_app": True},
        ),
        (FOLLOW_UP_ID, "refer_info", {"type": "Lead", "id": LEAD_ID, "source": None, "sub_id": None, "source_app": 1}),
        (FOLLOW_UP_ID, "refers_display", None),
        (
            FOLLOW_UP_ID,
            "refers_display",
            [{"label": "关联商机", "value": [{"id": 8, "name": "大单"}], "type": "Opportunity"}],
        ),
        (FOLLOW_UP_ID, "revisit_log", {}),
        (FOLLOW_UP_ID, "revisit_log", None),
        (FOLLOW_UP_ID, "origin_description", ""),
        (FOLLOW_UP_ID, "description", "在忙,留了电话<br>"),
        (FOLLOW_UP_ID, "real_revisit_at", ""),
        (FOLLOW_UP_ID, "real_revisit_at", "2024-04-04 01:43:59"),
        (FOLLOW_UP_ID, "updated_at", ""),
        (FOLLOW_UP_ID, "created_at", "2024-04-04 01:40"),
        (FOLLOW_UP_ID, "remind_at", None),
        (FOLLOW_UP_ID, "common_customer_source", None),
        (CALL_ID, "call_mode", None),
        (CALL_ID, "call_mode", 13.0),
        (CALL_ID, "call_mode", 2**63),
        (CALL_ID, "call_type_display", "未接"),
        (CALL_ID, "call_type_display", None),
        (CALL_ID, "saleable_dial_type", None),
        (CALL_ID, "audios", None),
        (CALL_ID, "audios", {}),
        (CALL_ID, "refer_id", str(LEAD_ID)),
        (CREATED_ID, "description", "批量导入线索"),
        (CREATED_ID, "call_mode", 1e300),
    ],
)
def test_an_odd_value_comes_back_as_captured(capturing: Capturing, id_: int, key: str, value: Json) -> None:
    captured = activity(id_, **{key: value})
    capturing.take(answer(captured))
    served = capturing.served()[id_]
    assert repr(served[key]) == repr(value)
    assert served == captured


def test_a_row_of_related_records_that_is_labelled_otherwise_keeps_its_label(capturing: Capturing) -> None:
    captured = activity()
    captured["refers_display"][1]["label"] = "关联线索"
    capturing.take(answer(captured))
    assert capturing.served()[FOLLOW_UP_ID] == captured


def test_the_labels_of_related_records_follow_a_captured_module_name(capturing: Capturing) -> None:
    captured = activity(refer_type_display="潜在客户")
    captured["refers_display"][1]["label"] = "来自潜在客户"
    capturing.take(
        answer(captured, activity(CREATED_ID, refer_type_display="潜在客户", saleable_type_display="潜在客户"))
    )
    served = capturing.served()
    assert served[FOLLOW_UP_ID] == captured
    assert served[CREATED_ID]["description"] == "新增线索"  # as captured: it is not what we would say


def test_keys_outside_the_contract_are_counted_and_not_served(capturing: Capturing) -> None:
    summary = capturing.take(answer(activity(brand_new=1), activity(CALL_ID, brand_new=2)))
    assert summary.unknown_keys == {"brand_new": 2}
    assert list(capturing.served()[FOLLOW_UP_ID]) == list(KEYS)


def test_an_edit_here_of_a_captured_follow_up_shows_in_every_key_that_says_it(capturing: Capturing) -> None:
    """Also where the captured value was kept as it came, because it was not quite what we would say."""
    odd: dict[str, Json] = {"description": "<p>在忙</p>", "updated_at": "", "real_revisit_at": "", "address": {"id": 3}}
    odd |= {"remind_at": "2024-05-01 10:00", "remind_at_display": "五月一日", "at_users": [{"id": 12341142}]}
    capturing.take(answer(activity(**odd, comments=[COMMENT])))
    author = capturing.author()
    assert odd.items() <= capturing.served()[FOLLOW_UP_ID].items()
    url = f"/api/v2/revisit_logs/{activity()['saleable_id']}"
    ok(author.put(url, json={"revisit_log": {"content": "改过了"}}))
    entry = capturing.served()[FOLLOW_UP_ID]
    assert (entry["description"], entry["origin_description"], entry["updated_at"]) == (
        "改过了",
        "改过了",
        "2024-06-12 10:00",
    )
    assert (entry["remind_at_display"], entry["at_users"], entry["comments"]) == (
        "五月一日",
        [{"id": 12341142}],
        [COMMENT],
    )
    given: dict[str, Json] = {"remind_at": "2024-07-01 09:00", "real_revisit_at": "2024-06-11 09:00"}
    given |= {"address_attributes": {"detail_address": "新"}}
    ok(author.put(url, json={"revisit_log": given, "at_user_ids": []}))
    entry = capturing.served()[FOLLOW_UP_ID]
    assert (entry["remind_at"], entry["remind_at_display"]) == ("2024-07-01 09:00", "07月01日 09:00")
    assert (entry["real_revisit_at"], entry["at_users"]) == ("2024-06-11 09:00", [])
    assert (entry["address"]["detail_address"], entry["comments"]) == ("新", [COMMENT])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("note", ""),
        ("source", 3462),
        ("turned_customer_id", 0),
        ("is_draft", 0),
        ("channel", {"a": [1]}),
        ("new_key", None),
    ],
)
def test_an_odd_value_of_a_raw_dump_comes_back_as_captured(capturing: Capturing, key: str, value: Json) -> None:
    captured = activity(CREATED_ID)
    captured["saleable_id"][key] = value
    capturing.take(answer(captured))
    assert repr(capturing.served()[CREATED_ID]["saleable_id"]) == repr(captured["saleable_id"])
