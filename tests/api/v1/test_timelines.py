"""A timeline as a whole, and its months."""

from dataclasses import replace

import httpx
import pytest

from genjin.domain.activity import Draft
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.domain.records import RecordType, Ref
from tests.world import ALICE, ORGANISATION, World, at, follow_up, new_contact, new_customer, new_lead, ok, problem

MOMENTS = ("1999-12-31 23:59", "2000-01-01 00:00", "2024-02-29 23:59", "2024-03-01 00:00", "2024-03-31 23:59")


def months(client: httpx.Client, id_: int, type_: str = "leads") -> list[tuple[str, int]]:
    body = client.get(f"/api/v1/timelines/{type_}/{id_}/months").json()
    assert body["next"] is None
    for each in body["items"]:
        listed = client.get(f"{each['activities']}&limit=200").json()["items"]
        assert len(listed) == each["count"]
        assert all(each["since"] <= item["at"] < each["until"] for item in listed)
    return [(each["month"], each["count"]) for each in body["items"]]


def test_the_months_in_which_something_happened_are_told_and_lead_there(world: World, alice: httpx.Client) -> None:
    lead = Ref(RecordType.LEAD, new_lead(alice))
    world.record(*(Draft(FOLLOW_UP_WRITTEN, ALICE.id, lead, at(when), at(when)) for when in MOMENTS))
    told = [("2024-06", 1), ("2024-03", 2), ("2024-02", 1), ("2000-01", 1), ("1999-12", 1)]
    assert months(alice, lead.id) == told


def test_months_are_those_of_the_organisation(world: World, alice: httpx.Client) -> None:
    lead = Ref(RecordType.LEAD, new_lead(alice))
    world.record(Draft(FOLLOW_UP_WRITTEN, ALICE.id, lead, at("2024-03-01 00:00"), at("2024-03-01 00:00")))
    world.change(replace(ORGANISATION, time_zone="America/New_York"))
    assert months(alice, lead.id) == [("2024-06", 1), ("2024-02", 1)]


def test_what_rolls_up_is_counted_and_a_merged_record_stands_for_another(alice: httpx.Client) -> None:
    customer, gone = new_customer(alice), new_customer(alice, "另一家")
    follow_up(alice, new_contact(alice, customer_id=customer), type_="Contact")
    ok(alice.post(f"/api/v2/customers/{customer}/merge", json={"merge_ids": [gone]}))
    whole = months(alice, customer, "customers")
    assert whole == months(alice, gone, "customers")
    assert whole[0][1] >= 4


@pytest.mark.parametrize("path", ["leads/{}", "customers/{}", "leads/0", "leads/x", "leads/9999999999"])
def test_who_does_not_see_the_record_is_told_of_no_month(world: World, id_: int, path: str) -> None:
    problem(world.client("charlie").get(f"/api/v1/timelines/{path.format(id_)}/months"), 404, "not_found")


def test_another_type_is_refused(alice: httpx.Client) -> None:
    problem(alice.get("/api/v1/timelines/users/1/months"), 422, "invalid")


def test_a_timeline_is_told_as_a_whole_and_leads_to_its_activities(world: World, alice: httpx.Client) -> None:
    customer, gone = new_customer(alice), new_customer(alice, "另一家")
    follow_up(alice, new_contact(alice, customer_id=customer), type_="Contact")
    ok(alice.post(f"/api/v2/customers/{customer}/merge", json={"merge_ids": [gone]}))
    moments = ("1999-12-31 23:59", "2024-07-01 00:00")
    subject = Ref(RecordType.CUSTOMER, customer)
    world.record(*(Draft(FOLLOW_UP_WRITTEN, ALICE.id, subject, at(when), at(when)) for when in moments))
    told = alice.get(f"/api/v1/timelines/customers/{customer}")
    body = told.json()
    assert body == alice.get(f"/api/v1/timelines/customers/{gone}").json()
    assert body["subject"] == {"type": "customers", "id": customer, "name": "郑州第一中学"}
    listed = alice.get(f"{body['activities']}&limit=200&counts=kind").json()
    assert body["total"] == len(listed["items"]) == sum(body["counts"].values())
    by_group = dict.fromkeys(body["counts"], 0)
    for kind in listed["counts"]["kind"]:
        by_group[kind["group"]] += kind["count"]
    assert (body["counts"], body["complete"]) == (by_group, True)
    assert (body["counts"]["talk"], body["counts"]["call"]) == (3, 0)
    assert (body["first_at"], body["last_at"]) == ("1999-12-31T23:59:00+08:00", "2024-07-01T00:00:00+08:00")
    assert sum(each["count"] for each in alice.get(body["months"]).json()["items"]) == body["total"]
    assert alice.get(told.url, headers={"If-None-Match": told.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("path", ["leads/{}", "customers/{}", "leads/0", "leads/x", "leads/9999999999"])
def test_who_does_not_see_the_record_is_told_nothing_of_its_timeline(world: World, id_: int, path: str) -> None:
    problem(world.client("charlie").get(f"/api/v1/timelines/{path.format(id_)}"), 404, "not_found")
