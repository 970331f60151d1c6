"""The upstream's limit, for rehearsing an integration under it (decision 9)."""

from tests.world import NOW, World, new_lead, ok


def test_there_is_no_limit_unless_it_is_set(world: World) -> None:
    alice = world.client("alice")
    assert all(alice.get("/api/v2/leads").status_code == 200 for _ in range(30))


def test_three_calls_in_ten_seconds_and_the_fourth_comes_back_later(world: World) -> None:
    world.clock.at = NOW - NOW % 10 + 4
    alice = world.client("alice", rate_limit="3/10s")
    for _ in range(3):
        assert ok(alice.get("/api/v2/leads"))["total_count"] == 0
    told = alice.get("/api/v2/leads")
    assert (told.status_code, told.text) == (429, "Retry later\n")
    assert told.headers["content-type"].startswith("text/plain")
    assert told.headers["retry-after"] == "6"
    world.clock.at += 5
    assert alice.get("/api/v2/leads").status_code == 429
    world.clock.at += 1
    assert ok(alice.get("/api/v2/leads"))["total_count"] == 0


def test_the_organisation_shares_it_over_its_people_and_routes_and_others_do_not(world: World) -> None:
    id_ = new_lead(world.client("alice"))
    limit = {"rate_limit": "3/10s"}
    assert ok(world.client("alice", **limit).get(f"/api/v2/leads/{id_}/sales_activities"))
    assert ok(world.client("bob", **limit).get(f"/api/v2/leads/{id_}"))
    assert ok(world.client("dora", **limit).get("/api/v2/revisit_logs/new_index"))
    for name in ("alice", "bob", "charlie", "dora"):
        assert world.client(name, **limit).get(f"/api/v2/leads/{id_}/sales_activities").status_code == 429
    assert ok(world.client("eve", **limit).get("/api/v2/leads"))["total_count"] == 0


def test_a_refused_call_counts_on_every_route(world: World) -> None:
    for path in ("/api/v2/leads/99999", "/api/v2/leads/99999/sales_activities"):
        world.clock.at += 10
        alice = world.client("alice", rate_limit="3/10s")
        assert [alice.get(path).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_strangers_are_not_counted_for_anybody(world: World) -> None:
    stranger = world.client(rate_limit="3/10s")
    assert {stranger.get("/api/v2/leads").json()["code"] for _ in range(9)} == {100401}
    assert ok(world.client("alice", rate_limit="3/10s").get("/api/v2/leads"))["total_count"] == 0


def test_a_token_has_a_budget_of_its_own_and_takes_no_more_than_that_from_its_organisation(world: World) -> None:
    limits = {"rate_limit": "5/10s", "token_rate_limit": "2/10s"}
    world.clock.at = NOW - NOW % 10
    alice, bob, dora = (world.client(name, **limits) for name in ("alice", "bob", "dora"))
    id_ = new_lead(alice)
    assert ok(alice.get(f"/api/v2/leads/{id_}/sales_activities"))
    for path in ("/api/v2/leads", f"/api/v2/leads/{id_}/sales_activities", "/api/v1/me"):
        assert alice.get(path).status_code == 429
    assert ok(bob.get("/api/v2/leads"))
    told = bob.get("/api/v1/me")
    assert told.headers["ratelimit-policy"] == '"calls";q=5;w=10, "token";q=2;w=10'
    assert told.headers["ratelimit"] == '"calls";r=1;t=10, "token";r=0;t=10'
    assert dora.get("/api/v2/leads").status_code == 200
    assert dora.get("/api/v2/leads").status_code == 429  # all have called as often as they may
    world.clock.at += 10
    assert alice.get("/api/v2/leads").status_code == 200
