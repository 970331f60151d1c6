"""Handing a record over to another owner, and saying who works on it beside its owner."""

from collections.abc import Callable, Mapping

import httpx
import pytest

from genjin.domain.records import RecordType
from genjin.wire.records.forms import FORMS
from tests.api.bodies import MISSING, same
from tests.api.things import furnish
from tests.world import (
    ALICE,
    BOB,
    CHARLIE,
    EVE,
    NOW,
    PARTNERS,
    PHONES,
    Json,
    World,
    activities_of,
    follow_up,
    new_contact,
    new_contract,
    new_customer,
    new_lead,
    new_opportunity,
    ok,
    refused,
    timeline_of,
)


@pytest.fixture
def dora(world: World) -> httpx.Client:
    """Who sees everything."""
    return world.client("dora")


def _collaborators(client: httpx.Client, id_: int, *users: int, entity: str = "leads") -> list[int]:
    """The ids of who works on a record, after these were told to."""
    given = {"assist_user_ids": list(users)}
    told = ok(client.post(f"/api/v2/{entity}/{id_}/update_assist_user", json=given))
    assert told["total_count"] == len(told["assist_users"])
    return [user["id"] for user in told["assist_users"]]


def _latest(client: httpx.Client, id_: int, entity: str = "leads") -> Json:
    return activities_of(timeline_of(client, id_, entity))[0]


@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH"])
@pytest.mark.parametrize(
    "given",
    [
        {"data": {"user_id": str(CHARLIE.id)}},
        {"data": {"lead[user_id]": str(CHARLIE.id)}},
        {"json": {"user_id": CHARLIE.id}},
        {"json": {"lead": {"user_id": str(CHARLIE.id)}}},
        {"params": {"user_id": str(CHARLIE.id)}},
    ],
)
def test_a_lead_is_handed_over_however_it_is_told(dora: httpx.Client, id_: int, method: str, given: Json) -> None:
    told = ok(dora.request(method, f"/api/v2/leads/{id_}/update_user", **given))
    assert (told["id"], told["user_id"], told["user"]["name"]) == (id_, CHARLIE.id, "Charlie")
    assert told["owned_department"] == {"id": PARTNERS.id, "name": "渠道部"}
    assert told["before_user"]["id"] == ALICE.id
    assert told["before_owned_department"]["id"] == PHONES.id
    assert ok(dora.get(f"/api/v2/leads/{id_}"))["user_id"] == CHARLIE.id


def test_it_is_told_on_the_timeline_and_who_had_it_sees_it_no_more(
    world: World, alice: httpx.Client, dora: httpx.Client, id_: int
) -> None:
    world.clock.at = NOW + 60
    ok(dora.put(f"/api/v2/leads/{id_}/update_user", json={"user_id": CHARLIE.id}))
    assert same(alice.get(f"/api/v2/leads/{id_}"), MISSING)
    entry = _latest(world.client("charlie"), id_)
    assert (entry["activity_type"], entry["activity_type_display"]) == ("transfer", "转移")
    assert (entry["description"], entry["user"]["id"]) == ("负责人：Alice → Charlie", 34)
    assert world.miscounts() == []


def test_handing_it_to_who_has_it_changes_nothing(dora: httpx.Client, id_: int) -> None:
    ok(dora.put(f"/api/v2/leads/{id_}/update_user", json={"user_id": ALICE.id}))
    assert timeline_of(dora, id_)["total_count"] == 1


def test_nobody_hands_a_record_to_where_they_cannot_see(world: World, alice: httpx.Client, id_: int) -> None:
    refused(alice.put(f"/api/v2/leads/{id_}/update_user", json={"user_id": CHARLIE.id}), 100403)
    bob = world.client("bob")
    refused(bob.put(f"/api/v2/leads/{id_}/update_user", json={"user_id": CHARLIE.id}), 100403)
    assert ok(bob.put(f"/api/v2/leads/{id_}/update_user", json={"user_id": BOB.id}))["user_id"] == BOB.id


TAKES = {
    "alice": True,
    "bob": True,
    "dora": True,
    "masha": True,
    "hilde": True,
    "colin": False,
    "paula": None,
    "charlie": None,
    "eve": None,
}
"""Who of all viewers may take what alice owns; colin only works on it, None is for whom it is missing."""


@pytest.mark.parametrize("noun", ["lead", "customer", "contact", "opportunity", "contract"])
def test_a_record_is_taken_by_its_owner_managers_and_administrators_and_by_no_collaborator(
    world: World, dora: httpx.Client, noun: str
) -> None:
    things = furnish(world)
    id_, plural = things.ids[noun], FORMS[RecordType[noun.upper()]].plural
    url = f"/api/v2/{plural}/{id_}"

    def owner() -> int:
        return int(ok(dora.get(url))["user_id"])

    for name, takes in TAKES.items():
        client = things.client(name)
        own_id = ok(client.get("/api/v2/user/info"))["id"]
        for path, given in (
            (f"{url}/update_user", {"user_id": own_id}),
            (url, {noun: {"user_id": own_id}}),
            ("/api/v2/transfers", {"entity_type": plural, "ids": [id_], "user_id": own_id}),
        ):
            answer = client.post(path, json=given)
            if takes:
                ok(answer)
                assert owner() == own_id, (name, path)
                ok(dora.post(f"{url}/update_user", json={"user_id": ALICE.id}))
                continue
            assert same(answer, MISSING) if takes is None else refused(answer, 100403)
            assert owner() == ALICE.id, (name, path)


@pytest.mark.parametrize("noun", ["lead", "customer"])
def test_a_collaborator_changes_a_record_and_neither_puts_it_back_nor_merges_it_away(
    world: World, dora: httpx.Client, noun: str
) -> None:
    things = furnish(world)
    colin, id_ = things.client("colin"), things.ids[noun]
    ok(colin.put(f"/api/v2/{noun}s/{id_}", json={noun: {"note": "改了", "want_department_id": PHONES.id}}))
    refused(colin.put(f"/api/v2/{noun}s/{id_}", json={noun: {"want_department_id": PARTNERS.id}}), 100403)
    refused(colin.put(f"/api/v2/{noun}s/{id_}/put_back", json={}), 100403)
    own = int(ok(colin.post(f"/api/v2/{noun}s", json={noun: {"name": "自己的"}}))["id"])
    refused(colin.post(f"/api/v2/{noun}s/{own}/merge", json={"merge_ids": [id_]}), 100403)
    assert ok(dora.get(f"/api/v2/{noun}s/{id_}"))["user_id"] == ALICE.id
    ok(colin.post(f"/api/v2/{noun}s/{id_}/merge", json={"merge_ids": [own]}))


@pytest.mark.parametrize("wrong", [None, "", "0", "abc", 999, EVE.id])
def test_nobody_is_no_owner(dora: httpx.Client, id_: int, wrong: object) -> None:
    told = refused(dora.put(f"/api/v2/leads/{id_}/update_user", json={"user_id": wrong}), 100422)
    assert list(told["errors"]) == ["user_id"]


def test_a_lead_of_others_is_missing(world: World, id_: int) -> None:
    for name in ("charlie", "eve"):
        for act in ("update_user", "update_assist_user", "restore"):
            given = {"user_id": PEOPLE_OF[name], "assist_user_ids": []}
            assert same(world.client(name).post(f"/api/v2/leads/{id_}/{act}", json=given), MISSING)


PEOPLE_OF = {"charlie": CHARLIE.id, "eve": EVE.id}


def test_several_are_handed_over_together_or_none_is(alice: httpx.Client, dora: httpx.Client) -> None:
    ids = [new_lead(alice, f"线索{n}") for n in range(3)]
    for bad in ([*ids, 1_999_999_999], []):
        told = dora.post("/api/v2/transfers", json={"entity_type": "leads", "ids": bad, "user_id": CHARLIE.id}).json()
        assert told["code"] in (100100, 100422)
    assert {ok(dora.get(f"/api/v2/leads/{id_}"))["user_id"] for id_ in ids} == {ALICE.id}
    given = {"entity_type": "Lead", "ids[]": [str(id_) for id_ in ids], "user_id": str(CHARLIE.id)}
    assert ok(dora.post("/api/v2/transfers", data=given)) == {"ids": ids, "total_count": 3}
    assert {ok(dora.get(f"/api/v2/leads/{id_}"))["user_id"] for id_ in ids} == {CHARLIE.id}
    refused(dora.post("/api/v2/transfers", json={"entity_type": "x", "ids": ids, "user_id": CHARLIE.id}), 100422)


def test_collaborators_see_it_at_once_and_no_longer_when_left_out(world: World, alice: httpx.Client, id_: int) -> None:
    charlie = world.client("charlie")
    assert same(charlie.get(f"/api/v2/leads/{id_}/sales_activities"), MISSING)
    assert _collaborators(alice, id_, CHARLIE.id, BOB.id, CHARLIE.id) == [CHARLIE.id, BOB.id]
    assert _latest(charlie, id_)["description"] == "协作人：空 → Bob、Charlie"
    assert [lead["id"] for lead in ok(charlie.get("/api/v2/leads", params={"tab_type": "assist"}))["leads"]] == [id_]
    follow_up(charlie, id_, "一起跟进")
    assert _collaborators(alice, id_, BOB.id) == [BOB.id]
    assert same(charlie.get(f"/api/v2/leads/{id_}/sales_activities"), MISSING)
    entry = _latest(alice, id_)
    assert (entry["activity_type"], entry["description"]) == ("assist", "协作人：Bob、Charlie → Bob")
    assert _collaborators(alice, id_) == []
    assert world.miscounts() == []


def test_without_a_list_nothing_changes(alice: httpx.Client, id_: int) -> None:
    _collaborators(alice, id_, BOB.id)
    told = ok(alice.post(f"/api/v2/leads/{id_}/update_assist_user", json={"assist_users": []}))
    assert [user["id"] for user in told["assist_users"]] == [BOB.id]


def test_what_lies_in_a_pool_is_neither_handed_over_nor_shared(world: World, alice: httpx.Client, id_: int) -> None:
    world.client("dora").get("/api/v2/common_leads/common_settings")
    ok(alice.put(f"/api/v2/leads/{id_}/put_back"))
    dora = world.client("dora")
    for act in ("update_user", "update_assist_user"):
        given = {"user_id": CHARLIE.id, "assist_user_ids": [CHARLIE.id]}
        assert "公海" in refused(dora.put(f"/api/v2/leads/{id_}/{act}", json=given), 100403)["message"]


def test_the_owner_is_no_collaborator_and_the_same_list_says_nothing(alice: httpx.Client, id_: int) -> None:
    assert _collaborators(alice, id_, ALICE.id, BOB.id) == [BOB.id]
    before = timeline_of(alice, id_)["total_count"]
    assert _collaborators(alice, id_, BOB.id) == [BOB.id]
    assert timeline_of(alice, id_)["total_count"] == before


@pytest.mark.parametrize(
    "given",
    [
        {"data": {"user_ids[]": [str(BOB.id)]}},
        {"data": {"lead[assist_user_ids][]": [str(BOB.id)]}},
        {"json": {"user_ids": [str(BOB.id)]}},
        {"json": {"assist_user_ids": {"0": BOB.id}}},
    ],
)
def test_collaborators_are_told_in_many_ways(alice: httpx.Client, id_: int, given: Json) -> None:
    told = ok(alice.put(f"/api/v2/leads/{id_}/update_assist_user", **given))
    assert [user["id"] for user in told["assist_users"]] == [BOB.id]
    nobody = ok(alice.put(f"/api/v2/leads/{id_}/update_assist_user", data={"assist_user_ids[]": ""}))
    assert nobody["assist_users"] == []


@pytest.mark.parametrize("given", [{"assist_user_ids": ["x"]}, {"assist_user_ids": [EVE.id]}])
def test_who_is_no_colleague_is_refused(alice: httpx.Client, id_: int, given: Json) -> None:
    told = refused(alice.put(f"/api/v2/leads/{id_}/update_assist_user", json=given), 100422)
    assert list(told["errors"]) == ["assist_user_ids"]


def test_who_becomes_the_owner_is_no_collaborator_any_more(alice: httpx.Client, dora: httpx.Client, id_: int) -> None:
    _collaborators(alice, id_, CHARLIE.id)
    ok(dora.put(f"/api/v2/leads/{id_}/update_user", json={"user_id": CHARLIE.id}))
    assert ok(dora.get("/api/v2/leads", params={"tab_type": "assist"}))["total_count"] == 0
    ok(dora.put(f"/api/v2/leads/{id_}/update_user", json={"user_id": ALICE.id}))
    assert ok(dora.get(f"/api/v2/leads/{id_}"))["user_id"] == ALICE.id


@pytest.mark.parametrize("by_edit", [False, True])
def test_what_the_owner_had_with_a_customer_goes_with_it(
    world: World, alice: httpx.Client, dora: httpx.Client, by_edit: bool
) -> None:
    customer = new_customer(alice)
    theirs = [
        ("contacts", new_contact(alice, customer_id=customer)),
        ("opportunities", new_opportunity(alice, customer)),
        ("contracts", new_contract(alice, customer)),
    ]
    bobs, elsewhere = new_contact(world.client("bob"), customer_id=customer), new_contact(alice)
    if by_edit:
        ok(dora.put(f"/api/v2/customers/{customer}", json={"customer": {"user_id": CHARLIE.id}}))
    else:
        ok(dora.put(f"/api/v2/customers/{customer}/update_user", json={"user_id": CHARLIE.id}))
    for entity, id_ in theirs:
        found = ok(dora.get(f"/api/v2/{entity}/{id_}"))
        assert (found["user_id"], found["before_user"]["id"]) == (CHARLIE.id, ALICE.id), entity
    for id_, owner in ((bobs, BOB), (elsewhere, ALICE)):
        assert ok(dora.get(f"/api/v2/contacts/{id_}"))["user_id"] == owner.id
    told = activities_of(timeline_of(world.client("charlie"), customer, "customers"))
    handed = [entry["refer_type"] for entry in told if entry["activity_type"] == "transfer"]
    assert sorted(handed) == ["Contact", "Contract", "Customer", "Opportunity"]
    assert world.miscounts() == []


@pytest.mark.parametrize("entity", ["contacts", "opportunities", "contracts"])
def test_records_of_a_customer_are_handed_over_and_shared_alone_too(
    world: World, alice: httpx.Client, dora: httpx.Client, entity: str
) -> None:
    customer = new_customer(alice)
    makers: Mapping[str, Callable[..., int]] = {
        "contacts": new_contact,
        "opportunities": new_opportunity,
        "contracts": new_contract,
    }
    id_ = makers[entity](alice, customer_id=customer)
    listed = f"/api/v2/{entity}/{id_}/assist_users"
    for name in ("charlie", "eve"):
        assert same(world.client(name).get(listed), MISSING)
    assert _collaborators(alice, id_, CHARLIE.id, entity=entity) == [CHARLIE.id]
    assert ok(world.client("charlie").get(f"/api/v2/{entity}/{id_}"))["id"] == id_
    assert [user["id"] for user in ok(world.client("charlie").get(listed))["assist_users"]] == [CHARLIE.id]
    assert ok(dora.post(f"/api/v2/{entity}/{id_}/update_user", data={"user_id": BOB.id}))["user_id"] == BOB.id
    assert ok(dora.get(f"/api/v2/customers/{customer}"))["user_id"] == ALICE.id


def test_customers_have_owners_and_collaborators_too(world: World, alice: httpx.Client, dora: httpx.Client) -> None:
    customer = new_customer(alice)
    assert _collaborators(alice, customer, BOB.id, entity="customers") == [BOB.id]
    ok(dora.post(f"/api/v2/customers/{customer}/update_user", data={"customer[user_id]": CHARLIE.id}))
    assert _latest(world.client("charlie"), customer, "customers")["description"] == "负责人：Alice → Charlie"
