"""What a role hides is empty in every answer, and numbers are masked for who may not see them."""

from dataclasses import replace

import httpx
import pytest

from genjin.domain.people import Rights
from tests.world import HOT, NEW, SELLER, World, activities_of, new_lead, ok, timeline_of

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
