"""GET /api/call_centers/interface/users, for partners that run a call centre."""

import httpx
import pytest

from tests.api.bodies import LOGIN_AGAIN, MISSING, NO_ROUTE, same, user_body
from tests.world import ALICE, BOB, EVE, ORGANISATION, OTHER, World, refused

PATH = "/api/call_centers/interface/users"


@pytest.fixture
def partner(world: World) -> httpx.Client:
    """Who has a token of dora's in the header of partners."""
    client = world.client()
    client.headers["ACCESS-TOKEN"] = world.site.tokens["dora"]
    return client


def test_the_users_asked_for_come_in_the_envelope_of_partners(partner: httpx.Client) -> None:
    asked = {"corp_id": ORGANISATION.corp_id, "user_ids[]": [ALICE.id, BOB.id, EVE.id]}
    body = partner.get(PATH, params=asked).json()  # type: ignore[arg-type]
    assert (body["code"], body["message"]) == (0, "success")
    assert body["data"] | {"list": []} == {
        "list": [],
        "total_count": 2,
        "total_pages": 1,
        "current_page": 1,
        "per_page": 10,
    }
    assert body["data"]["list"][0] == user_body()
    assert len(body["data"]["list"]) == 2


def test_pages_are_counted(partner: httpx.Client) -> None:
    asked = {"corp_id": ORGANISATION.corp_id, "user_ids[]": [31, 32, 33], "page": 2, "per_page": 2}
    data = partner.get(PATH, params=asked).json()["data"]  # type: ignore[arg-type]
    assert ([user["id"] for user in data["list"]], data["total_pages"], data["current_page"]) == ([33], 2, 2)


@pytest.mark.parametrize("missing", ["corp_id", "user_ids"])
def test_organisation_and_users_have_to_be_named(partner: httpx.Client, missing: str) -> None:
    asked = {"corp_id": ORGANISATION.corp_id, "user_ids[]": "31"}
    del asked[missing if missing in asked else "user_ids[]"]
    assert missing in refused(partner.get(PATH, params=asked), 100422)["errors"]


@pytest.mark.parametrize("corp_id", [OTHER.corp_id, "nowhere"])
def test_another_organisation_is_missing(partner: httpx.Client, corp_id: str) -> None:
    assert same(partner.get(PATH, params={"corp_id": corp_id, "user_ids[]": "35"}), MISSING)


def test_only_an_administrators_token_will_do(world: World) -> None:
    asked = {"corp_id": ORGANISATION.corp_id, "user_ids[]": "31"}
    refused(world.client("alice").get(PATH, params=asked), 100403)
    assert same(world.client().get(PATH, params=asked), LOGIN_AGAIN)


def test_agents_are_not_served(partner: httpx.Client) -> None:
    assert same(partner.get("/api/call_centers/interface/call_agents"), NO_ROUTE)
