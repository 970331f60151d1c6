"""What a role hides is empty in every answer, and numbers are masked for who may not see them."""

from dataclasses import replace

import httpx
import pytest

from genjin.domain.custom_field import NewField
from genjin.domain.people import Rights
from genjin.domain.records import RecordType
from genjin.service.organisation.custom_fields import add_field
from tests.world import (
    FROM_WEB,
    HOT,
    NEW,
    SELLER,
    Json,
    World,
    activities_of,
    follow_up,
    lead_names,
    new_lead,
    ok,
    refused,
    timeline_of,
)

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


def test_a_conversion_copies_the_numbers_that_were_shown_masked(world: World, alice: httpx.Client, id_: int) -> None:
    world.change(replace(SELLER, rights=Rights(phones_masked=True)))
    form = ok(alice.get("/api/v2/customers/new_from_lead", params={"lead_id": id_}))
    assert (form["address"]["tel"], form["note"]) == (MASKED, f"改打{MASKED}")
    contact = {"name": "郑老师", "address_attributes": form["contacts"][0]["address"]}
    assert contact["address_attributes"]["tel"] == MASKED
    given = {"name": "郑州一中", "note": f"客户：{form['note']}", "address_attributes": form["address"]}
    body = {"customer": given | {"contacts_attributes": [contact]}, "refer_lead_id": id_}
    made = alice.post("/api/v2/customers", json=body)
    assert NUMBER not in made.text
    bob = world.client("bob")
    kept = ok(bob.get(f"/api/v2/customers/{ok(made)['id']}"))
    assert (kept["address"]["tel"], kept["address"]["qq"], kept["note"]) == (NUMBER, "10001", f"客户：改打{NUMBER}")
    (person,) = ok(bob.get(f"/api/v2/customers/{kept['id']}/contacts"))["contacts"]
    assert person["address"]["tel"] == NUMBER
    assert ok(bob.get("/api/v2/dial_logs/caller_id", params={"phone": NUMBER}))["name"] == "郑老师"


def test_a_masked_number_of_something_else_is_stored_nowhere(world: World, alice: httpx.Client, id_: int) -> None:
    field = add_field(world.installation, 1, NewField(RecordType.LEAD, "手机", "mobile_field")).name
    ok(alice.put(f"/api/v2/leads/{id_}", json={"lead": {field: NUMBER}}))
    world.change(replace(SELLER, rights=Rights(phones_masked=True)))
    form = ok(alice.get(f"/api/v2/leads/{id_}"))
    assert form[field] == MASKED
    ok(alice.put(f"/api/v2/leads/{id_}", json={"lead": {field: form[field], "job": "校长"}}))
    copied = {"name": "抄来的", "address_attributes": form["address"], field: form[field]}
    told = refused(alice.post("/api/v2/leads", json={"lead": copied}), 100422)
    assert told["errors"].keys() == {"address_attributes.tel", field}
    nested = {"name": "新客户", "contacts_attributes": [{"name": "人", "address_attributes": {"phone": MASKED}}]}
    told = refused(alice.post("/api/v2/customers", json={"customer": nested}), 100422)
    assert list(told["errors"]) == ["contacts_attributes.0.address_attributes.phone"]
    assert ok(alice.get("/api/v2/customers"))["total_count"] == 0
    kept = ok(world.client("bob").get(f"/api/v2/leads/{id_}"))
    assert (kept[field], kept["job"]) == (NUMBER, "校长")


def test_what_was_written_keeps_its_numbers_when_it_is_sent_back_masked(
    world: World, alice: httpx.Client, id_: int
) -> None:
    """Follow-ups, comments and calls, all of whose forms are filled from what was shown."""
    world.change(replace(SELLER, rights=Rights(phones_masked=True)))
    field = add_field(world.installation, 1, NewField(None, "来电", "mobile_field")).name
    bob = world.client("bob")
    given: Json = {"address_attributes": {"detail_address": f"门口写着{NUMBER}"}, field: NUMBER}
    told = follow_up(alice, id_, f"换号了，打{NUMBER}", **given)
    assert (told["content"], told[field]) == (f"换号了，打{MASKED}", MASKED)
    url = f"/api/v2/revisit_logs/{told['id']}"
    form = {"content": f"{told['content']}，下午", "address_attributes": told["address"], field: told[field]}
    ok(alice.put(url, json={"revisit_log": form}))
    kept = ok(bob.get(url))
    assert (kept["content"], kept[field]) == (f"换号了，打{NUMBER}，下午", NUMBER)
    assert kept["address"]["detail_address"] == f"门口写着{NUMBER}"
    assert list(refused(alice.put(url, json={"revisit_log": {field: "135****2331"}}), 100422)["errors"]) == [field]

    entry = activities_of(timeline_of(alice, id_))[0]["id"]
    said = ok(alice.post(f"/api/v2/sales_activities/{entry}/comments", json={"content": f"打{NUMBER}"}))
    ok(alice.put(f"/api/v2/comments/{said['id']}", json={"content": f"{said['content']}！"}))
    assert ok(bob.get(f"/api/v2/comments/{said['id']}"))["content"] == f"打{NUMBER}！"

    dialled = {"caller_type": "Lead", "caller_id": id_, "number": MASKED}
    logged = ok(alice.post("/api/v2/dial_logs", json={"dial_log": dialled}))["dial_log"]
    assert logged["number"] == MASKED
    ok(alice.put(f"/api/v2/dial_logs/{logged['id']}", json={"dial_log": {"number": MASKED, "talk_time": "9"}}))
    assert ok(bob.get(f"/api/v2/dial_logs/{logged['id']}"))["dial_log"]["number"] == NUMBER


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
