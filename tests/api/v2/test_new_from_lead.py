"""The customer that a lead would become, as a form to fill in."""

import httpx

from genjin.domain.people import Option
from tests.api.bodies import MISSING, same
from tests.world import FROM_WEB, Json, World, new_customer, new_lead, ok, refused

URL = "/api/v2/customers/new_from_lead"
LEAD: Json = {
    "company_name": "郑州第一中学",
    "source": str(FROM_WEB.id),
    "department": "教务处",
    "job": "主任",
    "note": "👩‍👩‍👧‍👦 急",
    "address_attributes": {"phone": "13400000031", "detail_address": "南京路１号"},
}


def test_it_is_filled_from_the_lead_and_is_not_there_yet(world: World, alice: httpx.Client) -> None:
    world.change(Option(61, "customer.source", "官网", 0), Option(62, "customer.source", "展会", 1))
    told = ok(alice.get(URL, params={"lead_id": new_lead(alice, "郑老师", **LEAD)}))
    assert (told["id"], told["name"], told["company_name"]) == (0, "郑州第一中学", "郑州第一中学")
    assert (told["source"], told["source_mapped"], told["note"]) == ("61", "官网", "👩‍👩‍👧‍👦 急")
    assert (told["user"]["name"], told["address"]["detail_address"]) == ("Alice", "南京路１号")
    [contact] = told["contacts"]
    assert (contact["id"], contact["name"], contact["department"], contact["job"]) == (0, "郑老师", "教务处", "主任")
    assert contact["address"]["phone"] == "13400000031"
    assert (told["created_at"], told["history_contarct_money"]) == ("", "0.0")
    assert ok(alice.get("/api/v2/customers"))["total_count"] == 0


def test_a_lead_of_nobodys_company_becomes_a_customer_of_its_own_name(alice: httpx.Client, id_: int) -> None:
    told = ok(alice.get(URL, params={"lead_id": str(id_)}))
    assert (told["name"], told["source"], told["contacts"][0]["name"]) == ("郑老师", "", "郑老师")


def test_what_was_converted_or_cannot_be_seen_is_not_offered(world: World, alice: httpx.Client, id_: int) -> None:
    for name in ("charlie", "eve"):
        assert same(world.client(name).get(URL, params={"lead_id": id_}), MISSING)
    new_customer(alice, refer_lead_id=id_)
    refused(alice.get(URL, params={"lead_id": id_}), 100409)


def test_no_lead_is_missing_and_what_is_no_id_is_refused(alice: httpx.Client) -> None:
    for none in ("", "0"):
        assert same(alice.get(URL, params={"lead_id": none}), MISSING)
    assert list(refused(alice.get(URL, params={"lead_id": "x"}), 100422)["errors"]) == ["lead_id"]
