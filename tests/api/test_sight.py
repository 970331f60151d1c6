"""What a role hides is empty in every answer, and numbers are masked for who may not see them."""

from dataclasses import replace

import httpx
import pytest

from genjin.domain.people import Rights
from tests.world import FROM_WEB, HOT, NEW, SELLER, World, activities_of, lead_names, new_lead, ok, refused, timeline_of

NUMBER, MASKED = "13400002331", "134****2331"


@pytest.fixture
def id_(alice: httpx.Client) -> int:
    """A lead of alice's with numbers in every place that may hold one, and a status that was changed."""
    made = new_lead(alice, note=f"打{NUMBER}", status=str(NEW.id), address_attributes={"tel": NUMBER, "qq": "10001"})
    ok(alice.put(f"/api/v2/leads/{made}", json={"lead": {"note": f"改打{NUMBER}", "status": str(HOT.id)}}))
    return made


def test_a_role_that_masks_numbers_masks_them_in_lists_details_and_timelines(
    world: World, alice: httpx.Client, id_: int
) -> None:
    world.change(replace(SELLER, rights=Rights(phones_masked=True)))
    listed = alice.get("/api/v2/leads")
    read = alice.get(f"/api/v2/leads/{id_}")
    timeline = alice.get(f"/api/v2/leads/{id_}/sales_activities")
    for answer in (listed, read, timeline):
        assert MASKED in answer.text
        assert NUMBER not in answer.text
    assert ok(read)["address"]["tel"] == MASKED
    assert ok(read)["need_hidden_dispose"] is True
    assert NUMBER in world.client("bob").get(f"/api/v2/leads/{id_}").text


def test_a_hidden_field_is_empty_in_lists_details_and_timelines(world: World, alice: httpx.Client, id_: int) -> None:
    world.change(replace(SELLER, rights=Rights(frozenset({"lead.note", "lead.status", "customer.source"}))))
    read = ok(alice.get(f"/api/v2/leads/{id_}"))
    assert (read["note"], read["status"], read["status_mapped"]) == ("", "", "")
    assert ok(alice.get("/api/v2/leads"))["leads"] == [read]
    edited, moved, created = activities_of(timeline_of(alice, id_))
    assert (edited["description"], moved["description"]) == ("", "")
    assert (created["saleable_id"]["note"], created["saleable_id"]["status"]) == (None, None)
    assert activities_of(timeline_of(world.client("bob"), id_))[1]["description"] == "状态：新建 → 重点"


def test_a_hidden_or_read_only_field_is_not_written(world: World, alice: httpx.Client, id_: int) -> None:
    rights = Rights(frozenset({"lead.note"}), frozenset({"lead.status", "lead.source"}))
    world.change(replace(SELLER, rights=rights))
    for field, value in (("note", "x"), ("status", str(NEW.id)), ("source", str(FROM_WEB.id))):
        body = refused(alice.put(f"/api/v2/leads/{id_}", json={"lead": {field: value}}), 100403)
        assert body["message"] == f"您没有权限修改：{field}"
    refused(alice.post("/api/v2/leads", json={"lead": {"name": "新", "note": "x"}}), 100403)
    assert ok(alice.post("/api/v2/leads", json={"lead": {"name": "新", "source": str(FROM_WEB.id)}}))["source"]
    told = {"loggable_type": "Lead", "loggable_id": id_, "loggable_attributes": {"status": str(NEW.id)}}
    refused(alice.post("/api/v2/revisit_logs", json={"revisit_log": told}), 100403)
    assert ok(world.client("bob").get(f"/api/v2/leads/{id_}"))["note"] == f"改打{NUMBER}"


def test_who_sends_back_what_they_were_shown_changes_nothing_else(world: World, alice: httpx.Client, id_: int) -> None:
    """As clients do that fill a form from an answer and send the whole form."""
    world.change(replace(SELLER, rights=Rights(frozenset({"lead.status"}), phones_masked=True)))
    form = ok(alice.get(f"/api/v2/leads/{id_}"))
    sent = {name: form[name] for name in ("name", "note", "status", "source", "company_name")} | {"job": "校长"}
    ok(alice.put(f"/api/v2/leads/{id_}", json={"lead": sent | {"address_attributes": form["address"]}}))
    kept = ok(world.client("bob").get(f"/api/v2/leads/{id_}"))
    assert (kept["job"], kept["note"], kept["status"]) == ("校长", f"改打{NUMBER}", str(HOT.id))
    assert (kept["address"]["tel"], kept["address"]["qq"]) == (NUMBER, "10001")


def test_nothing_is_filtered_sorted_or_found_by_a_hidden_field(world: World, alice: httpx.Client, id_: int) -> None:
    ok(alice.put(f"/api/v2/leads/{id_}", json={"lead": {"company_name": "郑州一中"}}))
    later = new_lead(alice, "later")
    assert lead_names(alice, query="zhengzhou") == ["郑老师"]
    world.change(replace(SELLER, rights=Rights(frozenset({"lead.status", "lead.company_name"}))))
    body = refused(alice.get("/api/v2/leads", params={"status": str(HOT.id)}), 100403)
    assert body["message"] == "您没有权限按此字段筛选：status"
    sorted_by = ok(alice.get("/api/v2/leads?sort=status&order=desc"))["leads"]
    assert [lead["id"] for lead in sorted_by] == [later, id_]
    assert lead_names(alice, query="郑州") == lead_names(alice, query="zhengzhou") == []
