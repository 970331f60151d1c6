"""Searching: who finds what, in which order, and what is shown of it. bob sees alice's records, charlie does not."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from genjin.domain.people import Rights
from genjin.service.search.settling import settle_texts
from genjin.store import search_texts
from genjin.wire.v1.search import FoundObject, SuggestedRecord
from tests.world import (
    ADMIN,
    SELLER,
    Json,
    Site,
    World,
    fields_of,
    follow_up,
    new_contact,
    new_customer,
    new_lead,
    ok,
    opened,
    problem,
)

SEARCH = "/api/v1/search"


def found(client: httpx.Client, q: str, **asked: Any) -> list[Json]:
    """All that is found, which is one page long."""
    told = client.get(SEARCH, params={"q": q} | {name.rstrip("_"): value for name, value in asked.items()})
    assert told.status_code == 200, told.text
    body = told.json()
    assert (body["next"], body["complete"]) == (None, True)
    for item in body["items"]:
        FoundObject.model_validate(item)
    return list(body["items"])


def marked(item: Json) -> list[str]:
    return [item["snippet"]["text"][start:end] for start, end in item["snippet"]["marks"]]


def test_texts_comments_and_names_are_found(world: World) -> None:
    with world.client("alice") as alice:
        lead = new_lead(alice, "报价王", company_name="洛阳轴承")
        follow_up(alice, lead, "客户要 ＡＢＣ 型的报价，尽快")
        items = found(alice, "报价")
        assert [item["type"] for item in items] == ["record", "activity"]
        record, activity = items
        assert (record["record"]["type"], record["record"]["id"], marked(record)) == ("leads", lead, ["报价"])
        assert (activity["activity"]["subject"]["id"], marked(activity)) == (lead, ["报价"])
        assert marked(found(alice, "abc 报价")[0]) == ["ＡＢＣ", "报价"]
        assert marked(found(alice, "洛阳")[0]) == ["洛阳"]
        assert [item["record"]["id"] for item in found(alice, "bjw")] == [lead]
        assert found(alice, "型报价") == []


def test_a_comment_is_found_with_the_entry_that_it_is_on(world: World) -> None:
    with world.client("alice") as alice:
        follow_up(alice, lead := new_lead(alice), "在忙")
        [entry] = alice.get("/api/v1/activities", params={"kind": "talk"}).json()["items"]
        url = f"/api/v2/sales_activities/{entry['id']}/comments"
        told = ok(alice.post(url, json={"comment": {"content": "改天再报价"}}))
        [item] = found(alice, "报价")
        assert (item["type"], item["comment"]["id"], item["activity"]["id"]) == ("comment", told["id"], entry["id"])
        assert (item["comment"]["author"]["name"], item["activity"]["subject"]["id"]) == ("Alice", lead)
        assert found(alice, "报价", in_="text") == []


def test_nobody_finds_what_they_may_not_see(world: World) -> None:
    with world.client("alice") as alice, world.client("eve") as eve, world.client("charlie") as charlie:
        follow_up(alice, new_lead(alice, "报价王"), "报价已发")
        new_lead(eve, "报价李")
        assert found(charlie, "报价") == []
        assert [len(found(world.client(name), "报价")) for name in ("alice", "bob", "dora", "eve")] == [2, 2, 2, 1]


def test_what_happened_on_a_contact_is_found_by_who_sees_its_customer(world: World) -> None:
    with world.client("alice") as alice:
        customer = new_customer(alice)
        contact = new_contact(alice, customer_id=customer)
        follow_up(alice, contact, "报价已发", "Contact")
        assert [item["activity"]["via"] for item in found(alice, "报价")] == [None]
        [item] = found(alice, "报价", subject=f"customers/{customer}")
        assert item["activity"]["via"] == {"type": "contacts", "id": contact}


def test_who_is_shown_masked_numbers_does_not_find_them(world: World) -> None:
    masked = replace(SELLER, rights=Rights(phones_masked=True))
    with world.client("alice") as alice:
        follow_up(alice, new_lead(alice), "电话13400000031，要报价")
        follow_up(alice, new_lead(alice), "2024年要报价")
        assert len(found(alice, "134000")) == 1
        world.change(masked)
        assert [found(alice, q) for q in ("134000", "13400000031", "１３４", "电话134", '"31 要报价"')] == [[]] * 5
        texts = [item["snippet"]["text"] for item in found(alice, "报价")]
        assert texts == ["2024年要报价", "电话134****0031，要报价"]
        assert [item["activity"]["text"] for item in found(alice, "电话")] == ["电话134****0031，要报价"]
        assert len(found(alice, "2024年")) == 1


def test_a_company_that_the_role_hides_is_not_found(world: World) -> None:
    with world.client("alice") as alice:
        lead = new_lead(alice, "郑老师", company_name="洛阳轴承")
        world.change(replace(SELLER, rights=Rights(hidden=frozenset({"lead.company_name"}))))
        assert found(alice, "洛阳") == []
        [item] = found(alice, "郑老师")
        assert (item["record"]["id"], item["record"]["company_name"]) == (lead, None)


def test_the_best_comes_first(world: World) -> None:
    with world.client("dora") as dora:
        names = ["华强", "深圳华强", "华强北", "洛阳"]
        leads = [new_lead(dora, name) for name in names]
        follow_up(dora, leads[3], "强在价格，华强")
        follow_up(dora, leads[3], "强 华强")
        assert [item["record"]["name"] for item in found(dora, "华强", in_="record")] == ["华强", "华强北", "深圳华强"]
        items = found(dora, "强 华强", in_="text")
        assert [item["snippet"]["text"] for item in items] == ["强 华强", "强在价格，华强"]
        newest = found(dora, "华强", order="newest")
        assert newest == sorted(newest, key=lambda item: item["at"], reverse=True)
        assert len(newest) == 5


def test_the_filters_of_feeds_hold_too(world: World) -> None:
    with world.client("alice") as alice, world.client("bob") as bob:
        lead = new_lead(alice, "报价王")
        follow_up(alice, lead, "报价一")
        follow_up(bob, lead, "报价二")

        def texts(**asked: Any) -> list[str]:
            return [item["snippet"]["text"] for item in found(alice, "报价", **asked)]

        assert texts(kind="talk") == ["报价二", "报价一"]
        assert texts(actor="me") == ["报价一"]
        assert texts(actor="!me", subject=f"leads/{lead}") == ["报价二"]
        assert texts(to="2024-06-11") == []
        assert texts(kind="call") == texts(in_="record", kind="talk") == []
        assert len(texts(from_="2024-06-12")) == 3


def test_pages_laid_end_to_end_are_the_whole(world: World) -> None:
    with world.client("alice") as alice:
        for nth in range(5):
            follow_up(alice, new_lead(alice, f"报价{nth}"), f"报价{nth}")
        path, met = f"{SEARCH}?q=报价&limit=3", list[Json]()
        while path:
            body = alice.get(path).json()
            met += body["items"]
            path = body["next"]
            settle_texts(world.installation)
        assert met == found(alice, "报价")
        assert len(met) == 10


def test_what_was_edited_or_taken_back_is_not_found(world: World) -> None:
    with world.client("alice") as alice:
        told = follow_up(alice, new_lead(alice), "报价一")
        settle_texts(world.installation)
        url = f"/api/v2/revisit_logs/{told['id']}"
        ok(alice.put(url, json={"revisit_log": {"content": "样品一"}}))
        assert (len(found(alice, "报价")), len(found(alice, "样品"))) == (0, 1)
        ok(alice.delete(url))
        assert found(alice, "样品") == []


def test_it_is_told_while_not_all_was_looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_texts, "MANY", 0)
    with world.client("alice") as alice:
        follow_up(alice, new_lead(alice), "报价一")
        assert alice.get(SEARCH, params={"q": "报价"}).json() == {"items": [], "next": None, "complete": False}
        assert settle_texts(world.installation) > 0
        assert len(found(alice, "报价")) == 1


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "q"),
        ({"q": "报"}, "q"),
        ({"q": "，。"}, "q"),
        ({"q": "报" * 201}, "q"),
        ({"q": "报价", "in": "name"}, "in"),
        ({"q": "报价", "order": "best"}, "order"),
        ({"q": "报价", "clock": "at"}, "clock"),
    ],
)
def test_what_cannot_be_searched_for_is_refused(world: World, asked: dict[str, str], field: str) -> None:
    with world.client("alice") as alice:
        refused = problem(alice.get(SEARCH, params=asked), 422, "invalid")
        assert any(name.split(".")[0] == field for name in fields_of(refused))


def test_a_role_that_is_held_to_one_organisation_searches_too(postgres_site: Site, application_role: str) -> None:
    with opened(postgres_site.served_by(application_role)) as world, world.client("alice") as alice:
        follow_up(alice, new_lead(alice, "报价王"), "报价一")
        with world.client("eve") as eve:
            new_lead(eve, "报价李")
            for _ in range(2):
                assert [len(found(client, "报价")) for client in (alice, eve)] == [2, 1]
                settle_texts(world.installation)


def test_an_administrator_finds_numbers(world: World) -> None:
    assert not ADMIN.rights.phones_masked
    with world.client("dora") as dora:
        follow_up(dora, new_lead(dora), "电话13400000031")
        assert [marked(item) for item in found(dora, "1340000")] == [["1340000"]]


def suggested(client: httpx.Client, q: str, **asked: Any) -> list[Json]:
    """What is suggested to who has typed this."""
    told = client.get(f"{SEARCH}/records", params={"q": q, **asked})
    assert told.status_code == 200, told.text
    assert told.json()["next"] is None
    return [SuggestedRecord.model_validate(item).model_dump(mode="json") for item in told.json()["items"]]


def test_a_record_is_suggested_by_whatever_is_known_of_it(world: World) -> None:
    with world.client("alice") as alice:
        lead = new_lead(alice, "小兰", company_name="洛阳轴承", address_attributes={"tel": "134 0000 0042"})
        other = new_customer(alice, "小兰花店")
        new_contact(alice, "大小兰", customer_id=other)
        for q in ("xl", "xiaol", "XIAOLAN", "小", "小兰"):
            names = [item["name"] for item in suggested(alice, q)]
            assert names[0] in ("小兰", "小兰花店"), q
            assert set(names[:2]) == {"小兰", "小兰花店"}, q
        assert [item["name"] for item in suggested(alice, "小兰")] == ["小兰", "小兰花店", "大小兰"]
        assert [item["id"] for item in suggested(alice, "小兰", type="leads")] == [lead]
        assert len(suggested(alice, "小兰", limit=1)) == 1
        for q in ("13400000042", "+86 134-0000-0042", "0042", "00000042"):
            [item] = suggested(alice, q)
            assert (item["id"], item["field"], item["marks"]) == (lead, "phone", []), q
        assert [suggested(alice, q) for q in ("042", "1340000004", "13400000043")] == [[], [], []]
        [item] = suggested(alice, "轴承")
        assert (item["field"], item["marks"], item["company_name"]) == ("company_name", [[2, 4]], "洛阳轴承")
        assert (item["owner"]["name"], item["phone"], item["type"]) == ("Alice", "134 0000 0042", "leads")
        assert [suggested(alice, q) for q in ("x", "4", "%", " ，")] == [[]] * 4  # too little to suggest anything


def test_nobody_is_suggested_what_they_may_not_see_nor_finds_a_number_that_is_masked(world: World) -> None:
    with world.client("alice") as alice, world.client("charlie") as charlie, world.client("eve") as eve:
        new_lead(alice, "小兰", company_name="洛阳轴承", address_attributes={"tel": "13400000042"})
        for q in ("小兰", "xl", "0042", "洛阳"):
            assert [len(suggested(client, q)) for client in (alice, charlie, eve)] == [1, 0, 0], q
        world.change(replace(SELLER, rights=Rights(phones_masked=True)))
        assert suggested(alice, "0042") == []
        assert [item["phone"] for item in suggested(alice, "小兰")] == ["134****0042"]
        world.change(replace(SELLER, rights=Rights(hidden=frozenset({"lead.address.tel", "lead.company_name"}))))
        assert [suggested(alice, q) for q in ("0042", "13400000042", "洛阳")] == [[], [], []]
        [item] = suggested(alice, "小兰")
        assert (item["phone"], item["company_name"]) == (None, None)
