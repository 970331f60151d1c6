"""`check_duplicates` of a write: a lead or customer that another one is like is refused, and nothing is written."""

from collections.abc import Mapping
from dataclasses import replace

import httpx
import pytest

from genjin.domain.custom_field import NewField
from genjin.domain.people import Rights
from genjin.domain.records import RecordType
from genjin.service.organisation.custom_fields import add_field
from genjin.store.tables import INSTALLATION_TABLES, metadata
from genjin.store.transaction import Row, Tx
from tests.world import ALICE, ORGANISATION, SELLER, Json, World, new_contact, new_customer, new_lead, ok, refused

NUMBER = "13400002331"
SAME_NAME, SAME_NUMBER = "名称与已有的重复，负责人：Alice", "电话号码与已有的重复，负责人：Alice"
NOUNS = ("lead", "customer")

of_each_type = pytest.mark.parametrize("noun", NOUNS)


def _create(client: httpx.Client, noun: str, told: Json, check: object = True, **more: object) -> httpx.Response:
    return client.post(f"/api/v2/{noun}s", json={noun: told, "check_duplicates": check, **more})


def _update(client: httpx.Client, noun: str, id_: int, told: Json, check: object = True) -> httpx.Response:
    return client.put(f"/api/v2/{noun}s/{id_}", json={noun: told, "check_duplicates": check})


def _rows(world: World) -> Mapping[str, list[Row]]:
    """Every row of every organisation."""

    def use(tx: Tx) -> dict[str, list[Row]]:
        names = metadata.tables.keys() - INSTALLATION_TABLES
        return {name: tx.rows(f"SELECT * FROM {name}", ()) for name in sorted(names)}

    return world.database.read(use)


@of_each_type
@pytest.mark.across
def test_one_of_the_same_name_is_refused_with_whose_it_is_and_nothing_is_written(
    world: World, alice: httpx.Client, noun: str
) -> None:
    ok(_create(alice, noun, {"name": "Acme（上海）", "note": "预算五十万"}))
    before = _rows(world)
    for name in ("alice", "bob", "charlie"):
        told = _create(world.client(name), noun, {"name": " ACME(上海) "})
        assert told.json() == {"code": 100409, "message": SAME_NAME, "error": "duplicate_error", "data": None}
    assert _rows(world) == before


@of_each_type
@pytest.mark.parametrize("field", ["tel", "phone"])
def test_one_with_the_same_number_in_any_field_is_refused(alice: httpx.Client, noun: str, field: str) -> None:
    ok(_create(alice, noun, {"name": "甲", "address_attributes": {"phone": NUMBER}}))
    told = {"name": "乙", "address_attributes": {field: "0371-55502331、+86 134 0000 2331"}}
    assert refused(_create(alice, noun, told), 100409)["message"] == SAME_NUMBER
    ok(_create(alice, noun, told | {"address_attributes": {field: "0371-55502331"}}))


@of_each_type
@pytest.mark.parametrize("check", [None, False, "false", "0", ""])
def test_who_does_not_ask_may_have_as_many_as_they_like(alice: httpx.Client, noun: str, check: object) -> None:
    told = {"name": "甲", "address_attributes": {"tel": NUMBER}}
    assert len({ok(_create(alice, noun, told, check))["id"] for _ in range(3)}) == 3
    refused(_create(alice, noun, told, "true"), 100409)


def test_it_may_be_asked_for_in_a_form_as_well(alice: httpx.Client) -> None:
    form = {"lead[name]": "甲", "check_duplicates": "true"}
    ok(alice.post("/api/v2/leads", data=form))
    refused(alice.post("/api/v2/leads", data=form), 100409)
    refused(alice.post("/api/v2/leads", params={"check_duplicates": "1"}, data={"lead[name]": "甲"}), 100409)


def test_leads_are_compared_with_leads_and_customers_with_customers(world: World, alice: httpx.Client) -> None:
    told = {"name": "甲", "address_attributes": {"tel": NUMBER}}
    lead_id = ok(_create(alice, "lead", told))["id"]
    customer_id = ok(_create(alice, "customer", told, refer_lead_id=lead_id))["id"]
    new_contact(alice, "乙", customer_id=customer_id, address_attributes={"tel": "13400002332"})
    ok(_create(alice, "customer", {"name": "乙", "address_attributes": {"tel": "13400002332"}}))
    ok(alice.post("/api/v2/contacts", json={"contact": {"name": "乙"}, "check_duplicates": True}))


@of_each_type
def test_what_was_deleted_or_merged_or_is_another_organisation_s_is_not_compared(
    world: World, alice: httpx.Client, noun: str
) -> None:
    make = {"lead": new_lead, "customer": new_customer}[noun]
    kept, merged, deleted = make(alice, "甲"), make(alice, "乙"), make(alice, "丙")
    ok(alice.post(f"/api/v2/{noun}s/{kept}/merge", json={"merge_ids": [merged]}))
    ok(alice.delete(f"/api/v2/{noun}s/{deleted}"))
    for name in ("乙", "丙"):
        ok(_create(alice, noun, {"name": name}))
    ok(_create(world.client("eve"), noun, {"name": "甲"}))


@of_each_type
@pytest.mark.across
def test_a_change_is_compared_by_what_it_changes(world: World, alice: httpx.Client, noun: str) -> None:
    make = {"lead": new_lead, "customer": new_customer}[noun]
    make(alice, "甲", address_attributes={"tel": NUMBER})
    like_it, id_ = make(alice, "甲", address_attributes={"tel": NUMBER}), make(alice, "乙")
    before = _rows(world)
    assert refused(_update(alice, noun, id_, {"name": "甲", "note": "改"}), 100409)["message"] == SAME_NAME
    number = {"address_attributes": {"phone": NUMBER}}
    assert refused(_update(alice, noun, id_, number), 100409)["message"] == SAME_NUMBER
    assert _rows(world) == before
    ok(_update(alice, noun, like_it, {"note": "改", "name": "甲 ", "address_attributes": {"phone": NUMBER}}))
    ok(_update(alice, noun, id_, {"name": "丙", "address_attributes": {"tel": "13400002332"}}))
    ok(_update(alice, noun, id_, {"name": "甲"}, check="false"))


@of_each_type
@pytest.mark.across
def test_what_is_created_in_a_pool_is_compared_with_all(world: World, alice: httpx.Client, noun: str) -> None:
    dora = world.client("dora")
    pool = ok(dora.get(f"/api/v2/common_{noun}s/common_settings"))["common_settings"][0]["id"]
    told = {"common_id": pool, noun: {"name": "甲"}, "check_duplicates": "true"}
    ok(dora.post(f"/api/v2/common_{noun}s", json=told))
    before = _rows(world)
    for answer in (dora.post(f"/api/v2/common_{noun}s", json=told), _create(alice, noun, {"name": "甲"})):
        assert refused(answer, 100409)["message"] == "名称与已有的重复，无负责人"
    assert _rows(world) == before


def test_an_added_field_of_numbers_is_compared_too(world: World, alice: httpx.Client) -> None:
    field = add_field(world.installation, ORGANISATION.id, NewField(RecordType.LEAD, "备用电话", "mobile_field"))
    new_lead(alice, "甲", **{field.name: NUMBER})
    told = {"name": "乙", "address_attributes": {"tel": NUMBER}}
    assert refused(_create(alice, "lead", told), 100409)["message"] == SAME_NUMBER


def test_whatever_else_is_wrong_is_told_first_so_that_no_guess_is_free(world: World, alice: httpx.Client) -> None:
    """Else somebody could try number after number on what is refused anyhow."""
    world.change(replace(SELLER, rights=Rights(phones_masked=True)))
    new_customer(alice, "甲", address_attributes={"tel": NUMBER})
    turned = new_lead(alice, "乙")
    new_customer(alice, "乙", refer_lead_id=turned)
    guess = {"name": "丙", "address_attributes": {"tel": NUMBER}}
    for told, more, code in (
        (guess | {"parent_id": 1_999_999_999}, {}, 100422),
        (guess | {"contacts_attributes": [{"name": "丁", "user_id": 33}]}, {}, 100403),
        (guess, {"refer_lead_id": turned}, 100409),
    ):
        right = _create(alice, "customer", told, **more).json()
        wrong = _create(alice, "customer", told | {"address_attributes": {"tel": "13400002332"}}, **more).json()
        assert right == wrong
        assert right["code"] == code
    assert refused(_create(alice, "customer", guess), 100409)["message"] == SAME_NUMBER


def test_who_may_not_write_a_hidden_number_guesses_none(world: World, alice: httpx.Client) -> None:
    new_lead(alice, "甲", address_attributes={"tel": NUMBER}, user_id=ALICE.id)
    world.change(replace(SELLER, rights=Rights(frozenset({"lead.address.tel"}))))
    for number in (NUMBER, "13400002332"):
        body = refused(_create(alice, "lead", {"name": "乙", "address_attributes": {"tel": number}}), 100403)
        assert body["message"] == "您没有权限修改：address.tel"
