"""Who may not see a record gets exactly the answer of one that does not exist."""

import httpx
import pytest

from tests.api.bodies import LOGIN_AGAIN, MISSING, NO_ROUTE, same
from tests.world import World, follow_up, new_customer, new_lead, ok, timeline_of

NOWHERE = 1_999_999_999


def _ask(client: httpx.Client, id_: object, entity: str = "leads") -> httpx.Response:
    return client.get(f"/api/v2/{entity}/{id_}/sales_activities")


@pytest.fixture
def id_(world: World) -> int:
    """A lead of alice's."""
    made = new_lead(world.client("alice"))
    follow_up(world.client("alice"), made, "密")
    return made


@pytest.mark.parametrize("name", ["alice", "bob", "dora"])
def test_the_owner_her_manager_and_the_administrator_see_it(world: World, id_: int, name: str) -> None:
    assert timeline_of(world.client(name), id_)["total_count"] == 2


@pytest.mark.parametrize("name", ["charlie", "eve"])
def test_others_get_the_answer_of_a_lead_that_does_not_exist(world: World, id_: int, name: str) -> None:
    client = world.client(name)
    hidden, missing = _ask(client, id_), _ask(client, NOWHERE)
    assert same(hidden, MISSING)
    assert hidden.content == missing.content
    assert hidden.status_code == missing.status_code == 200
    assert _without_id(hidden) == _without_id(missing)


@pytest.mark.parametrize("name", ["charlie", "eve"])
def test_others_get_it_in_strict_mode_too(world: World, id_: int, name: str) -> None:
    client = world.client(name, http_errors="strict")
    hidden, missing = _ask(client, id_), _ask(client, NOWHERE)
    assert (hidden.status_code, hidden.content) == (missing.status_code, missing.content)
    assert hidden.status_code == 404
    assert same(hidden, MISSING)


@pytest.mark.parametrize(
    "id_", ["0", "-1", "2147483648", "99999999999999999999999", "abc", "1.5", "1e3", "%20", "１", "null", "1%00", "%FF"]
)
def test_what_can_be_no_id_is_missing(world: World, id_: str) -> None:
    assert same(_ask(world.client("dora"), id_), MISSING)


def test_a_leads_id_under_customers_is_missing(world: World, id_: int) -> None:
    assert same(_ask(world.client("alice"), id_, "customers"), MISSING)
    assert same(_ask(world.client("alice"), new_customer(world.client("alice")), "leads"), MISSING)


def test_a_deleted_record_is_missing(world: World, id_: int) -> None:
    alice = world.client("alice")
    ok(alice.delete(f"/api/v2/leads/{id_}"))
    for name in ("alice", "bob", "dora"):
        assert same(_ask(world.client(name), id_), MISSING)


@pytest.mark.parametrize("entity", ["lead", "Leads", "contacts", "contracts", "users", "revisit_logs", "%6ceads%20"])
def test_an_unknown_entity_type_is_no_route(world: World, id_: int, entity: str) -> None:
    assert same(_ask(world.client("alice"), id_, entity), NO_ROUTE)


@pytest.mark.parametrize("entity_id", [NOWHERE, "abc", "2147483648"])
def test_without_a_token_nothing_is_told_about_ids(world: World, id_: int, entity_id: object) -> None:
    stranger = world.client()
    assert same(_ask(stranger, id_), LOGIN_AGAIN)
    assert _ask(stranger, entity_id).content == _ask(stranger, id_).content
    stranger.headers["Authorization"] = "Token token=" + "0" * 48
    assert _ask(stranger, entity_id).content == _ask(stranger, id_).content == _ask(world.client(), id_).content


def test_a_lead_handed_on_is_seen_by_its_new_owner_and_no_longer_by_the_old(world: World, id_: int) -> None:
    alice, charlie = world.client("alice"), world.client("charlie")
    ok(world.client("dora").put(f"/api/v2/leads/{id_}", json={"lead": {"user_id": 33}}))
    assert timeline_of(charlie, id_)["total_count"] == 3
    assert same(_ask(alice, id_), MISSING)
    assert same(_ask(world.client("bob"), id_), MISSING)


def test_an_organisations_id_is_not_enough_for_its_records(world: World, id_: int) -> None:
    """eve's token with the other organisation's number in front is no token."""
    token = f"{1:08x}" + world.site.tokens["eve"][8:]
    client = world.client()
    client.headers["Authorization"] = f"Token token={token}"
    assert same(_ask(client, id_), LOGIN_AGAIN)


def _without_id(response: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name != "x-request-id"}
