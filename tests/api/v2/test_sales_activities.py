"""`GET /api/v2/:entity_type/:entity_id/sales_activities`: the whole answer for each kind, to the byte."""

import httpx
import pytest

from genjin.domain.activity import Draft
from genjin.domain.call import CallDetails, Direction, Recording
from genjin.domain.kinds import CALL_MADE
from tests.api.bodies import activity_body, follow_up_parts, page_body, raw_lead, same, text, user_body
from tests.world import (
    ALICE,
    BOB,
    NOW,
    PHONE_CALL,
    VISIT,
    World,
    activities_of,
    follow_up,
    lead,
    new_customer,
    new_lead,
    timeline_of,
)

TODAY = "2024-06-12 星期三"


def _ask(client: httpx.Client, id_: int, entity: str = "leads", **more: str) -> httpx.Response:
    return client.get(f"/api/v2/{entity}/{id_}/sales_activities", params=more)


def test_a_created_lead(alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    created = activity_body(id_ + 1, id_, description="新增线索", saleable_id=raw_lead(id_))
    assert same(_ask(alice, id_), page_body([(TODAY, [created])], 1))


def test_a_created_customer(alice: httpx.Client) -> None:
    id_ = new_customer(alice, "郑州第一中学")
    raw = {key: value for key, value in raw_lead(id_).items() if not key.startswith("turned_")}
    raw |= {"name": "郑州第一中学", "name_pinyin": "zhengzhoudiyizhongxue", "category": None}
    created = activity_body(
        id_ + 1,
        id_,
        "郑州第一中学",
        description="新增客户",
        saleable_id=raw,
        saleable_type="Customer",
        saleable_type_display="客户",
        refer_type="Customer",
        refer_type_display="客户",
        refer_approve_status="approved",
    )
    assert same(_ask(alice, id_, "customers"), page_body([(TODAY, [created])], 1))


def test_the_integer_is_sent_in_place_of_the_dump_where_the_setting_says_so(world: World) -> None:
    id_ = new_lead(world.client("alice"))
    asked = _ask(world.client("alice", saleable_id="id"), id_)
    assert same(asked, page_body([(TODAY, [activity_body(id_ + 1, id_, description="新增线索")])], 1))


def test_a_follow_up_of_words_alone(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    world.clock.at = NOW + 60
    told = follow_up(alice, id_, "在忙,留了电话")
    first, created = activities_of(timeline_of(alice, id_))
    parts = follow_up_parts(told["id"], id_, "在忙,留了电话") | dict.fromkeys(
        ("timestamp", "created_at", "updated_at", "real_created_at", "real_revisit_at"), "2024-06-12 10:01"
    )
    assert text(first) == text(activity_body(first["id"], id_, **parts))
    assert created["saleable_id"] == raw_lead(
        id_,
        updated_at="2024-06-12T10:01:00.000+08:00",
        revisit_at="2024-06-12T10:01:00.000+08:00",
        real_revisit_at="2024-06-12T10:01:00.000+08:00",
    )


def test_a_follow_up_with_everything_that_can_be_said(alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    told = follow_up(
        alice,
        id_,
        '约好周五 100% "见" \\ 👩‍👩‍👧\n第二行',
        category=VISIT.id,
        real_revisit_at="2024-06-11 09:30",
        remind_at="2024-06-14 15:00",
        address_attributes={"detail_address": "南京路1号"},
        lat="31.25",
        lng=121.5,
        at_user_ids=[BOB.id, ALICE.id, BOB.id],
    )
    first = activities_of(timeline_of(alice, id_))[0]
    parts = follow_up_parts(told["id"], id_, '约好周五 100% "见" \\ 👩‍👩‍👧\n第二行', "拜访") | {
        "real_revisit_at": "2024-06-11 09:30",
        "remind_at": "2024-06-14 15:00",
        "remind_at_display": "06月14日 15:00",
        "at_users": [user_body(BOB, "销售部"), user_body()],
        "address": {
            "country": {},
            "province": {},
            "city": {},
            "district": {},
            "tel": "",
            "phone": "",
            "email": "",
            "qq": "",
            "fax": "",
            "wechat": "",
            "wangwang": "",
            "zip": "",
            "url": "",
            "detail_address": "南京路1号",
            "lat": 31.25,
            "lng": 121.5,
            "region_info": "",
        },
    }
    assert text(first) == text(activity_body(first["id"], id_, **parts))


def test_a_follow_up_with_a_category_has_its_label_as_title(alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    follow_up(alice, id_, category=str(PHONE_CALL.id))
    first = activities_of(timeline_of(alice, id_))[0]
    assert (first["title"], first["saleable_name"]) == ("电销", "电销")


def test_a_call_with_its_recordings(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    recordings = (
        Recording(901, "https://example.com/a.wav?attname=1.mp3", "https://example.com/a.wav?attname=1.mp3", 144, 1),
        Recording(902, 'https://example.com/"b".wav', "https://example.com/b.mp3", 0, None, converted=True),
    )
    details = CallDetails(Direction.INBOUND, 13, "incoming", recordings)
    (facts,) = world.record(Draft(CALL_MADE, ALICE.id, lead(id_), NOW + 60, NOW + 180, details=details))
    first = activities_of(timeline_of(alice, id_))[0]
    expected = activity_body(
        facts.id,
        id_,
        timestamp="2024-06-12 10:01",
        created_at="2024-06-12 10:01",
        updated_at="2024-06-12 10:01",
        real_created_at="2024-06-12 10:03",
        saleable_dial_type="incoming",
        activity_type_display="电销",
        activity_type="call_record",
        call_type_display="呼入",
        call_mode=13,
        audios=[
            {
                "id": 901,
                "file_url": "https://example.com/a.wav?attname=1.mp3",
                "mp3_file_url": "https://example.com/a.wav?attname=1.mp3",
                "duration": "144",
                "duration_seconds": 144,
                "oss_type": 1,
                "is_convert_to_mp3": False,
            },
            {
                "id": 902,
                "file_url": 'https://example.com/"b".wav',
                "mp3_file_url": "https://example.com/b.mp3",
                "duration": "0",
                "duration_seconds": 0,
                "oss_type": None,
                "is_convert_to_mp3": True,
            },
        ],
    )
    assert text(first) == text(expected)


@pytest.mark.parametrize(("direction", "shown"), [(Direction.UNKNOWN, ""), (Direction.OUTBOUND, "呼出")])
def test_the_direction_of_a_call_is_shown_in_words(world: World, direction: Direction, shown: str) -> None:
    alice = world.client("alice")
    id_ = new_lead(alice)
    world.record(Draft(CALL_MADE, ALICE.id, lead(id_), NOW, NOW, details=CallDetails(direction)))
    assert activities_of(timeline_of(alice, id_))[0]["call_type_display"] == shown


def test_an_empty_timeline_is_an_empty_list(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    assert same(_ask(alice, id_, page="2"), page_body([], 1, page=2))


def test_the_viewer_sees_which_follow_ups_are_the_own_ones(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    follow_up(alice, id_)
    follow_up(world.client("bob"), id_)

    def own(name: str) -> list[tuple[bool, bool]]:
        entries = activities_of(timeline_of(world.client(name), id_))
        stubs = [entry["revisit_log"] for entry in entries if entry["revisit_log"]]
        return [(stub["is_user_self"], stub["is_creator_self"]) for stub in stubs]

    assert own("alice") == [(False, False), (True, True)]
    assert own("bob") == [(True, True), (False, False)]
    assert own("dora") == [(False, False), (False, False)]


def test_a_converted_leads_entries_say_so(alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    customer = new_customer(alice, refer_lead_id=id_)
    entries = activities_of(timeline_of(alice, customer, "customers"))
    assert [(entry["refer_type"], entry["is_lead_and_turned"]) for entry in entries] == [
        ("Lead", True),
        ("Customer", False),
        ("Lead", True),
    ]


def test_a_head_request_is_answered_without_a_body(alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    whole = _ask(alice, id_)
    head = alice.head(f"/api/v2/leads/{id_}/sales_activities")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "content-encoding"):
        assert head.headers.get(name) == whole.headers.get(name)


def test_a_trailing_slash_is_served_and_not_redirected(alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    assert alice.get(f"/api/v2/leads/{id_}/sales_activities/").content == _ask(alice, id_).content


def test_unknown_parameters_and_any_device_and_version_are_accepted(alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    plain = _ask(alice, id_).content
    assert _ask(alice, id_, device="android", version_code="3.13.0", a="[", type="x").content == plain


def test_the_answer_is_json_in_utf_8_and_may_not_be_sniffed(alice: httpx.Client) -> None:
    told = _ask(alice, new_lead(alice))
    assert told.headers["content-type"] == "application/json; charset=utf-8"
    assert told.headers["x-content-type-options"] == "nosniff"
    assert "新增线索".encode() in told.content
