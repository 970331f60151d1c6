"""Who the caller is."""

from dataclasses import replace

from genjin.domain.people import Rights
from tests.world import ALICE, SELLER, World


def test_somebody_is_told_who_they_are_and_what_they_may_do(world: World) -> None:
    world.change(replace(SELLER, rights=Rights(frozenset({"customer.note"}), frozenset({"lead.source"}), True)))
    assert world.client("alice").get("/api/v1/me").json() == {
        "id": ALICE.id,
        "name": "Alice",
        "email": "alice@example.com",
        "role": {"id": SELLER.id, "name": "销售"},
        "department": {"id": 12, "name": "电销组"},
        "organisation": {"id": 1, "name": "长江贸易", "corp_id": "wwj0001"},
        "time_zone": "Asia/Shanghai",
        "rights": {
            "scope": "self",
            "administers": False,
            "hidden_fields": ["customer.note"],
            "read_only_fields": ["lead.source"],
            "phones_masked": True,
        },
    }


def test_an_administrator_of_another_organisation_without_a_department(world: World) -> None:
    told = world.client("eve").get("/api/v1/me").json()
    assert (told["organisation"]["name"], told["department"]) == ("黄河物流", None)
    assert told["rights"]["administers"] is True


def test_a_new_name_is_told_at_once(world: World) -> None:
    alice = world.client("alice")
    before = alice.get("/api/v1/me")
    world.change(replace(ALICE, name="欧阳娜娜😀"))
    after = alice.get("/api/v1/me", headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.json()["name"]) == (200, "欧阳娜娜😀")
