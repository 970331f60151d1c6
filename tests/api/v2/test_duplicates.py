"""Looking up duplicates: by a name everybody finds all, and sees what they may; by a number who is shown it."""

from dataclasses import replace

import httpx
import pytest

from genjin.domain.custom_field import NewField
from genjin.domain.people import Rights
from genjin.domain.pools import Pool
from genjin.domain.records import RecordType
from genjin.service.organisation.custom_fields import add_field
from genjin.store import pools, records
from genjin.store.transaction import Tx
from tests.world import (
    ALICE,
    BOB,
    NOW,
    ORGANISATION,
    SELLER,
    Json,
    World,
    customer,
    new_contact,
    new_customer,
    new_lead,
    ok,
    refused,
)

URL = "/api/v2/duplicates"
NUMBER = "13400002331"
CONCEALED = {"id": 0, "user_id": ALICE.id, "user_name": "Alice", "name": ""}
WAYS = [
    (f"{URL}/matching_name", "name"),
    ("/api/v2/customers/search_duplicates", "query"),
    (f"{URL}/search", "query"),
]


def _named(client: httpx.Client, name: str, **more: int) -> Json:
    return ok(client.get(f"{URL}/matching_name", params={"name": name, **more}))


def _searched(client: httpx.Client, key: str, query: str, entity_type: str = "customer") -> list[Json]:
    asked = {"key": key, "query": query, "entity_type": entity_type}
    found: dict[str, list[Json]] = ok(client.get(f"{URL}/search", params=asked))
    return found[f"{entity_type}s"]


@pytest.mark.parametrize(("url", "parameter"), WAYS)
def test_the_owner_finds_the_customer_with_what_a_list_shows_of_it(
    alice: httpx.Client, url: str, parameter: str
) -> None:
    id_ = new_customer(alice, "长江贸易", address_attributes={"tel": NUMBER})
    new_contact(alice, "王主任", customer_id=id_)
    new_customer(alice, "长江贸易公司")
    new_lead(alice, "长江贸易")
    found = ok(alice.get(url, params={parameter: "长江贸易"}))
    assert found == {
        "customers": [ok(alice.get(f"/api/v2/customers/{id_}"))],
        "total_count": 1,
        "per_page": 15,
        "page": 1,
        "has_next_page": False,
    }
    assert [contact["name"] for contact in found["customers"][0]["contacts"]] == ["王主任"]


@pytest.mark.parametrize("name", ["Acme(上海) Ltd", " acme（上海） ｌｔｄ ", "ＡＣＭＥ(上海)　LTD"])
def test_capitals_widths_and_blanks_around_do_not_matter(alice: httpx.Client, name: str) -> None:
    id_ = new_customer(alice, "Ａcme（上海） Ltd")
    assert [each["id"] for each in _named(alice, name)["customers"]] == [id_]
    assert _named(alice, "Acme")["customers"] == []


@pytest.mark.parametrize(("url", "parameter"), WAYS)
def test_who_may_not_see_it_is_told_that_there_is_one_and_whose_and_nothing_else(
    world: World, alice: httpx.Client, url: str, parameter: str
) -> None:
    new_customer(alice, "长江贸易", note="预算五十万", address_attributes={"tel": NUMBER})
    told = world.client("charlie").get(url, params={parameter: "长江贸易"})
    assert ok(told)["customers"] == [CONCEALED]
    assert ok(told)["total_count"] == 1
    for secret in ("预算", NUMBER, "134****2331"):
        assert secret not in told.text


def test_of_several_each_is_shown_as_far_as_it_is_seen_and_the_oldest_is_first(
    world: World, alice: httpx.Client
) -> None:
    charlie = world.client("charlie")
    ids = [new_customer(alice, "甲"), new_customer(charlie, "甲"), new_customer(alice, "甲")]
    found = _named(charlie, "甲")["customers"]
    assert [each["id"] for each in found] == [0, ids[1], 0]
    assert [each["id"] for each in _named(world.client("dora"), "甲")["customers"]] == ids
    second = _named(charlie, "甲", per_page=2, page=2)
    assert (second["customers"], second["total_count"], second["has_next_page"]) == ([CONCEALED], 3, False)


def test_another_organisation_finds_nothing(world: World, alice: httpx.Client) -> None:
    new_customer(alice, "长江贸易", address_attributes={"tel": NUMBER})
    eve = world.client("eve")
    for url, parameter in WAYS:
        assert ok(eve.get(url, params={parameter: "长江贸易"})) == ok(eve.get(url, params={parameter: "没有的"}))
    assert _searched(eve, "phone", NUMBER) == []


def test_what_was_deleted_or_merged_is_no_duplicate(world: World, alice: httpx.Client) -> None:
    kept, merged, deleted = (new_customer(alice, "甲", address_attributes={"tel": NUMBER}) for _ in range(3))
    ok(alice.post(f"/api/v2/customers/{kept}/merge", json={"merge_ids": [merged]}))
    ok(alice.delete(f"/api/v2/customers/{deleted}"))
    assert [each["id"] for each in _named(alice, "甲")["customers"]] == [kept]
    assert [each["id"] for each in _searched(alice, "tel", NUMBER)] == [kept]
    assert _named(world.client("charlie"), "甲")["customers"] == [CONCEALED]


def test_what_is_renamed_is_found_by_its_new_name_alone(alice: httpx.Client) -> None:
    id_ = new_customer(alice, "甲")
    ok(alice.put(f"/api/v2/customers/{id_}", json={"customer": {"name": "乙"}}))
    assert _named(alice, "甲")["customers"] == []
    assert [each["id"] for each in _named(alice, "乙")["customers"]] == [id_]


def test_a_record_is_found_by_its_name_or_any_number_whatever_field_is_asked(alice: httpx.Client) -> None:
    customer_id = new_customer(alice, "甲", address_attributes={"tel": "0371-5550 2331"})
    lead_id = new_lead(alice, "郑老师", address_attributes={"phone": NUMBER})
    for key in ("tel", "phone"):
        assert [each["id"] for each in _searched(alice, key, "037155502331")] == [customer_id]
        assert [each["id"] for each in _searched(alice, key, "+86 134-0000-2331", "lead")] == [lead_id]
        assert _searched(alice, key, NUMBER[:-1], "lead") == _searched(alice, key, "没有号码", "lead") == []
    assert [each["id"] for each in _searched(alice, "", "郑老师", "lead")] == [lead_id]
    assert _searched(alice, "name", NUMBER, "lead") == []


def test_an_added_field_of_numbers_is_compared_too(world: World, alice: httpx.Client) -> None:
    field = add_field(world.installation, ORGANISATION.id, NewField(RecordType.LEAD, "备用电话", "mobile_field"))
    id_ = new_lead(alice, "郑老师", **{field.name: NUMBER})
    assert [each["id"] for each in _searched(alice, field.name, NUMBER, "lead")] == [id_]
    fields = ok(alice.get(f"{URL}/field_setting", params={"entity_type": "lead"}))["fields"]
    assert fields[-1] == {"name": field.name, "label": "备用电话", "field_type": "mobile_field"}
    refused(alice.get(f"{URL}/search", params={"key": field.name, "query": NUMBER}), 100422)


@pytest.mark.parametrize("name", ["charlie", "eve"])
def test_by_a_number_nobody_finds_what_they_may_not_see(world: World, alice: httpx.Client, name: str) -> None:
    new_customer(alice, "甲", address_attributes={"tel": NUMBER})
    assert [each["name"] for each in _searched(world.client("bob"), "tel", NUMBER)] == ["甲"]
    assert _searched(world.client(name), "tel", NUMBER) == []


def test_who_is_shown_masked_numbers_finds_none_by_a_number(world: World, alice: httpx.Client) -> None:
    new_customer(alice, "甲", address_attributes={"tel": NUMBER})
    world.change(replace(SELLER, rights=Rights(phones_masked=True)))
    assert _searched(alice, "tel", NUMBER) == []
    (found,) = _named(alice, "甲")["customers"]
    assert found["address"]["tel"] == "134****2331"


def test_what_lies_in_a_pool_is_shown_to_its_members_and_nobody_s_to_the_others(
    world: World, alice: httpx.Client
) -> None:
    id_ = new_customer(alice, "甲", address_attributes={"tel": NUMBER})

    def put_into_pool(tx: Tx) -> None:
        pool = Pool(71, RecordType.CUSTOMER, "公海", NOW, NOW, open_to_all=False, user_ids=(BOB.id,))
        pools.put_pools(tx, ORGANISATION.id, [pool])
        values: dict[str, object] = {"owner_id": None, "department_id": None, "pool_id": pool.id}
        records.change(tx, ORGANISATION.id, customer(id_), values)

    world.database.write(put_into_pool)
    world.change(ORGANISATION)
    (shown,) = _named(world.client("bob"), "甲")["customers"]
    assert (shown["id"], shown["address"]["tel"]) == (id_, "134****2331")
    assert _searched(world.client("bob"), "tel", NUMBER) == []
    assert _named(alice, "甲")["customers"] == [CONCEALED | {"user_id": 0, "user_name": ""}]


def test_a_hidden_field_is_empty_told_of_nowhere_and_nothing_is_found_by_it(world: World, alice: httpx.Client) -> None:
    new_customer(alice, "甲", note="预算五十万", address_attributes={"phone": NUMBER})
    world.change(replace(SELLER, rights=Rights(frozenset({"customer.note", "customer.address.phone"}))))
    told = alice.get(f"{URL}/matching_name", params={"name": "甲"})
    assert ok(told)["customers"][0]["note"] == ""
    assert NUMBER not in told.text
    names = [field["name"] for field in ok(alice.get(f"{URL}/field_setting"))["fields"]]
    assert names == ["name", "tel"]
    for key in ("phone", "tel"):  # whichever is asked, the number might lie in the hidden one
        body = refused(alice.get(f"{URL}/search", params={"key": key, "query": NUMBER}), 100403)
        assert "phone" in body["message"]
    world.change(replace(SELLER, rights=Rights(frozenset({"customer.address"}))))
    assert [field["name"] for field in ok(alice.get(f"{URL}/field_setting"))["fields"]] == ["name"]
    refused(alice.get(f"{URL}/search", params={"key": "tel", "query": NUMBER}), 100403)
    assert _searched(alice, "tel", NUMBER, "lead") == []


def test_the_fields_that_are_compared(alice: httpx.Client) -> None:
    fields = [
        {"name": "name", "label": "名称", "field_type": "text_field"},
        {"name": "tel", "label": "电话", "field_type": "mobile_field"},
        {"name": "phone", "label": "手机", "field_type": "mobile_field"},
    ]
    for told, type_ in (("", "customer"), ("customer", "customer"), ("Leads", "lead")):
        found = ok(alice.get(f"{URL}/field_setting", params={"entity_type": told}))
        assert found == {"entity_type": type_, "fields": fields}


@pytest.mark.parametrize(
    ("url", "asked", "wrong"),
    [
        (f"{URL}/matching_name", {}, "name"),
        (f"{URL}/matching_name", {"name": " \u3000"}, "name"),
        ("/api/v2/customers/search_duplicates", {"name": "甲"}, "query"),
        (f"{URL}/search", {"key": "name"}, "query"),
        (f"{URL}/search", {"key": "note", "query": "x"}, "key"),
        (f"{URL}/search", {"entity_type": "contact", "query": "x"}, "entity_type"),
        (f"{URL}/field_setting", {"entity_type": "product"}, "entity_type"),
    ],
)
def test_what_cannot_be_looked_up_is_refused(alice: httpx.Client, url: str, asked: dict[str, str], wrong: str) -> None:
    assert list(refused(alice.get(url, params=asked), 100422)["errors"]) == [wrong]


def test_lists_are_not_filtered_by_numbers_of_which_some_are_hidden(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice, "郑老师", address_attributes={"phone": NUMBER})
    caller = {"phone": NUMBER}
    assert ok(alice.get("/api/v2/dial_logs/caller_id", params=caller))["entity_id"] == id_
    world.change(replace(SELLER, rights=Rights(frozenset({"lead.address.phone"}))))
    for asked in ({"all_phone_number": NUMBER}, {"has_phone": "true"}, {"has_phone": "false"}):
        body = refused(alice.get("/api/v2/leads", params=asked), 100403)
        assert body["message"] == "您没有权限按此字段筛选：address.phone"
        assert ok(alice.get("/api/v2/customers", params=asked))["total_count"] == 0
    assert ok(alice.get("/api/v2/dial_logs/caller_id", params=caller))["entity_id"] == 0
