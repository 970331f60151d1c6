"""What is bound late is as it is now, on the very next request, in every process on the same database (decision 6)."""

from dataclasses import replace

import httpx
import pytest

from genjin.domain.activity import Draft
from genjin.domain.call import CallDetails
from genjin.domain.kinds import CALL_MADE
from tests.world import (
    ALICE,
    NOW,
    ORGANISATION,
    PHONE_CALL,
    PHONES,
    SALES,
    Json,
    World,
    activities_of,
    follow_up,
    lead,
    new_customer,
    new_lead,
    ok,
    opened,
    timeline_of,
)


@pytest.fixture
def id_(world: World) -> int:
    """A lead with a follow-up of the category 电销."""
    made = new_lead(world.client("alice"))
    follow_up(world.client("alice"), made, category=PHONE_CALL.id)
    return made


def _newest(client: httpx.Client, id_: int) -> Json:
    return activities_of(timeline_of(client, id_))[0]


def test_a_renamed_user_is_shown_under_the_new_name(world: World, id_: int) -> None:
    alice = world.client("alice")
    assert _newest(alice, id_)["user"]["name"] == "Alice"
    world.change(replace(ALICE, name="爱丽丝", phone="13400000099", avatar_url="https://example.com/a.png"))
    for entry in activities_of(timeline_of(alice, id_)):
        assert (entry["user"]["name"], entry["user"]["phone"]) == ("爱丽丝", "13400000099")
        assert entry["user"]["avatar_url"] == "https://example.com/a.png"


def test_a_user_who_changed_departments_and_a_renamed_department_are_shown(world: World, id_: int) -> None:
    alice = world.client("alice")
    world.change(replace(PHONES, name="电话组"))
    assert _newest(alice, id_)["user"]["department_name"] == "电话组"
    world.change(replace(ALICE, department_id=SALES.id))
    assert _newest(alice, id_)["user"]["department_name"] == "销售部"
    world.change(replace(ALICE, department_id=None))
    assert _newest(alice, id_)["user"]["department_name"] == ""


def test_renamed_modules_are_shown_everywhere(world: World, id_: int) -> None:
    alice = world.client("alice")
    _newest(alice, id_)
    names = {"Lead": "潜在客户", "RevisitLog": "回访", "Contact": "人"}
    world.change(replace(ORGANISATION, module_names=names))
    written, created = activities_of(timeline_of(alice, id_))
    for entry in (written, created):
        assert entry["refer_type_display"] == "潜在客户"
        assert entry["refer_type"] == "Lead"
    assert written["saleable_type_display"] == "回访"
    assert [row["label"] for row in written["refers_display"]] == ["关联人", "来自潜在客户"]
    assert (created["saleable_type_display"], created["description"]) == ("潜在客户", "新增潜在客户")
    world.change(replace(ORGANISATION, module_names={}))
    assert _newest(alice, id_)["refer_type_display"] == "线索"


def test_a_follow_up_without_a_category_has_the_modules_name_as_title(world: World, id_: int) -> None:
    alice = world.client("alice")
    follow_up(alice, id_)
    assert _newest(alice, id_)["title"] == "跟进记录"
    world.change(replace(ORGANISATION, module_names={"RevisitLog": "回访"}))
    assert _newest(alice, id_)["title"] == "回访"


def test_a_renamed_category_renames_what_was_written_before(world: World, id_: int) -> None:
    alice = world.client("alice")
    world.change(replace(PHONE_CALL, label="电话销售"))
    assert (_newest(alice, id_)["title"], _newest(alice, id_)["saleable_name"]) == ("电话销售", "电话销售")


def test_a_renamed_record_is_shown_under_its_new_name_in_all_its_entries(world: World, id_: int) -> None:
    alice = world.client("alice")
    ok(alice.put(f"/api/v2/leads/{id_}", json={"lead": {"name": "郑校长 100%"}}))
    renamed, written, created = activities_of(timeline_of(alice, id_))
    assert (renamed["refer_name"], renamed["description"]) == ("郑校长 100%", "名称：郑老师 → 郑校长 100%")
    assert (
        written["refer_name"] == created["refer_name"] == created["title"] == created["saleable_name"] == "郑校长 100%"
    )
    assert written["refers_display"][1]["value"] == [{"id": id_, "name": "郑校长 100%"}]
    assert created["saleable_id"]["name"] == "郑校长 100%"
    assert created["saleable_id"]["name_pinyin"] == "zhengxiaozhang100%"


def test_a_renamed_lead_is_shown_so_in_its_customers_timeline(world: World, id_: int) -> None:
    alice = world.client("alice")
    customer = new_customer(alice, refer_lead_id=id_)
    ok(alice.put(f"/api/v2/leads/{id_}", json={"lead": {"name": "郑校长"}}))
    names = [entry["refer_name"] for entry in activities_of(timeline_of(alice, customer, "customers"))]
    assert names == ["郑校长", "郑校长", "郑州第一中学", "郑校长", "郑校长"]


def test_what_was_typed_does_not_change_with_the_names(world: World, id_: int) -> None:
    alice = world.client("alice")
    before = _newest(alice, id_)
    world.change(replace(ALICE, name="爱丽丝"), replace(PHONE_CALL, label="电话销售"))
    ok(alice.put(f"/api/v2/leads/{id_}", json={"lead": {"name": "郑校长"}}))
    after = activities_of(timeline_of(alice, id_))[1]
    different = {key for key in before if before[key] != after[key]}
    assert different == {"user", "title", "saleable_name", "refer_name", "refers_display"}


def test_organisation_settings_are_shown(world: World, id_: int) -> None:
    alice = world.client("alice")
    columns = {"revisit_log": ["content"], "dx_revisit_log": ["100%"]}
    world.change(replace(ORGANISATION, default_image_url="https://example.com/100%25.svg", user_config_columns=columns))
    page = timeline_of(alice, id_)
    assert page["default_image_url"] == "https://example.com/100%25.svg"
    assert page["user_config_columns"] == columns


def test_somebody_who_is_in_no_directory_any_more_is_shown_without_a_name(world: World, id_: int) -> None:
    world.record(Draft(CALL_MADE, 777, lead(id_), NOW + 60, NOW + 60, details=CallDetails()))
    user = _newest(world.client("alice"), id_)["user"]
    assert (user["id"], user["name"], len(user)) == (777, "", 15)


def test_another_process_on_the_same_database_sees_it_on_its_next_request(world: World, id_: int) -> None:
    with opened(world.site) as other:
        here, there = world.client("alice"), other.client("alice")
        assert _newest(here, id_) == _newest(there, id_)
        world.change(replace(ALICE, name="爱丽丝"))
        assert _newest(there, id_)["user"]["name"] == _newest(here, id_)["user"]["name"] == "爱丽丝"
        other.change(replace(PHONE_CALL, label="电话销售"))
        assert _newest(there, id_)["title"] == _newest(here, id_)["title"] == "电话销售"
        ok(there.put(f"/api/v2/leads/{id_}", json={"lead": {"name": "郑校长"}}))
        assert _newest(here, id_)["refer_name"] == "郑校长"
        follow_up(there, id_, "那边写的")
        assert _newest(here, id_)["description"] == "那边写的"
        world.change(replace(ALICE, workflow_state="left"))
        assert there.get("/api/v2/leads").json()["code"] == 100401
