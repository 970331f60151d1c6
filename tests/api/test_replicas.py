"""With replicas the server answers as without: nobody is shown what was, whichever worker wrote and however far behind
the replica is, and nobody is refused because it is away.
"""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from genjin.domain.people import User
from genjin.service.organisation.signin import revoke_token, set_password
from genjin.store import tokens
from genjin.store.replica import Replica
from tests.api.bodies import MISSING, same
from tests.standby import SECONDS, Pair
from tests.world import (
    ALICE,
    CHARLIE,
    HOT,
    NEW,
    ORGANISATION,
    PASSWORD,
    Json,
    Site,
    World,
    activities_of,
    follow_up,
    lead_names,
    new_customer,
    new_lead,
    ok,
    opened,
    refused,
    timeline_of,
)

LATER = 3600
"""When no replica is left out any more."""


class Heard:
    """How many reads were tried on the replica, and how many it answered."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.tried = self.answered = 0
        read = Replica.read

        def overheard(replica: Replica, *given: Any) -> Any:
            self.tried += 1
            found = read(replica, *given)
            self.answered += 1
            return found

        patch.setattr(Replica, "read", overheard)

    def of(self, act: Callable[[], object]) -> tuple[int, int]:
        """What `act` adds."""
        tried, answered = self.tried, self.answered
        act()
        return self.tried - tried, self.answered - answered


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    return Heard(monkeypatch)


@pytest.fixture(params=["owner", "application role"])
def site(request: pytest.FixtureRequest, pair_site: Site, pair_role: str) -> Site:
    """A world with a replica, served by the owner of the tables and by a role that owns nothing."""
    return pair_site if request.param == "owner" else pair_site.served_by(pair_role)


@pytest.fixture
def here(site: Site) -> Iterator[World]:
    """One worker."""
    with opened(site) as world:
        yield world


@pytest.fixture
def there(site: Site) -> Iterator[World]:
    """Another worker, perhaps on another machine."""
    with opened(site) as world:
        yield world


def test_what_a_get_reads_is_answered_by_the_replica_and_nothing_else(pair: Pair, here: World, heard: Heard) -> None:
    alice = here.client("alice")
    lead_id, customer_id = new_lead(alice), new_customer(alice)
    follow_up_id = follow_up(alice, lead_id, "在忙")["id"]
    [entry, _] = activities_of(timeline_of(alice, lead_id))
    comments = f"/api/v2/sales_activities/{entry['id']}/comments"
    ok(alice.post(comments, json={"comment": {"content": "好"}}))
    _settle(pair, here, heard)
    for path in (
        f"/api/v2/leads/{lead_id}",
        "/api/v2/leads",
        f"/api/v2/revisit_logs/{follow_up_id}",
        "/api/v2/revisit_logs/new_index",
        comments,
        f"/api/v2/customers/{customer_id}/contacts",
        f"/api/v2/customers/{customer_id}/sales_activities",
        "/api/v2/duplicates/search?type=Lead&query=x",
        "/api/v2/dial_logs",
        "/api/v2/checkins",
        "/api/v2/common_leads",
        "/api/v1/activities",
    ):
        pair.catch_up()
        here.clock.at += LATER
        tried, answered = heard.of(lambda path=path: _well(alice.get(path)))
        assert tried == answered > 0, path
    same_name = {"lead": {"name": "新名字"}, "check_duplicates": "true"}
    for act in (
        lambda: ok(alice.put(f"/api/v2/leads/{lead_id}", json={"lead": {"name": "新名字"}})),
        lambda: follow_up(alice, lead_id, "再来", loggable_attributes={"status": HOT.id}),
        lambda: refused(alice.post("/api/v2/leads", json=same_name), 100409),
        lambda: ok(here.client().post("/api/v2/auth/login", json={"login": "alice", "password": PASSWORD})),
        lambda: ok(alice.get("/api/v2/user/info")),
    ):
        assert heard.of(act) == (0, 0)


def test_while_the_replica_stands_still_every_worker_shows_what_each_has_written(
    pair: Pair, here: World, there: World, heard: Heard
) -> None:
    workers = [here, there]
    lead_id = new_lead(here.client("alice"))
    for worker in workers:
        _settle(pair, worker, heard)
    with pair.paused():
        for nth in range(4):
            writer = workers[nth % 2].client("alice")
            follow_up(writer, lead_id, f"第{nth}次")
            ok(writer.put(f"/api/v2/leads/{lead_id}", json={"lead": {"name": f"名字{nth}"}}))
            other_id = new_lead(writer, f"另外{nth}")
            for worker in workers:
                worker.clock.at += LATER
                for name in ("alice", "bob", "dora"):
                    client = worker.client(name)
                    said = [entry["description"] for entry in activities_of(timeline_of(client, lead_id))]
                    assert f"第{nth}次" in said
                    assert ok(client.get(f"/api/v2/leads/{lead_id}"))["name"] == f"名字{nth}"
                    assert f"另外{nth}" in lead_names(client)
                    assert timeline_of(client, other_id)["total_count"] == 1
        ok(here.client("alice").delete(f"/api/v2/leads/{lead_id}"))
        there.clock.at += LATER
        assert same(there.client("alice").get(f"/api/v2/leads/{lead_id}/sales_activities"), MISSING)
        assert same(there.client("alice").get(f"/api/v2/leads/{lead_id}"), MISSING)


def test_a_rename_and_a_comment_are_shown_by_the_next_request_while_the_replica_stands_still(
    pair: Pair, here: World, there: World, heard: Heard
) -> None:
    lead_id = new_lead(here.client("alice"), status=NEW.id)
    [entry] = activities_of(timeline_of(there.client("alice"), lead_id))
    _settle(pair, there, heard)
    with pair.paused():
        here.change(User(**{**_fields(ALICE), "name": "艾丽丝"}))
        ok(here.client("bob").post(f"/api/v2/sales_activities/{entry['id']}/comments", json=_comment("知道了")))
        for _ in range(2):  # the second one may be a kept answer
            there.clock.at += LATER
            [shown] = activities_of(timeline_of(there.client("alice"), lead_id))
            assert shown["user"]["name"] == "艾丽丝"
            assert [each["content"] for each in shown["comments"]] == ["知道了"]
            assert lead_names(there.client("alice")) == ["郑老师"]


def test_kept_answers_and_tags_are_right_whoever_made_them(pair: Pair, here: World, there: World, heard: Heard) -> None:
    alice, path = there.client("alice"), f"/api/v2/leads/{new_lead(here.client('alice'))}/sales_activities"
    lead_id = int(path.split("/")[4])
    _settle(pair, there, heard)
    follow_up(here.client("alice"), lead_id, "一")
    pair.catch_up()
    there.clock.at += LATER
    from_replica = alice.get(path)
    again = alice.get(path, headers={"If-None-Match": from_replica.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    with pair.paused():
        there.clock.at += LATER
        assert alice.get(path).content == from_replica.content
        follow_up(here.client("alice"), lead_id, "二")
        changed = alice.get(path, headers={"If-None-Match": from_replica.headers["etag"]})
        assert [each["description"] for each in activities_of(ok(changed))][:2] == ["二", "一"]
    there.clock.at += LATER
    assert alice.get(path).content == changed.content == here.client("alice").get(path).content


def test_a_token_is_dead_at_once_while_the_replica_stands_still(
    pair: Pair, here: World, there: World, heard: Heard
) -> None:
    lead_id = new_lead(here.client("alice"))
    asked = f"/api/v2/leads/{lead_id}/sales_activities", f"/api/v2/leads/{lead_id}", "/api/v2/leads"
    _settle(pair, there, heard)
    for path in asked:
        ok(there.client("alice").get(path))
    with pair.paused():
        [token] = [row for row in here.database.read(lambda tx: tokens.token_list(tx, 1)) if row.user_id == ALICE.id]
        revoke_token(here.installation, ORGANISATION.id, token.id)
        there.clock.at += LATER
        for path in asked:
            refused(there.client("alice").get(path), 100401)
        set_password(here.installation, ORGANISATION.id, "bob", PASSWORD)
        for path in asked:
            refused(there.client("bob").get(path), 100401)
            ok(there.client("dora").get(path))


def test_who_lost_a_right_is_not_shown_by_the_replica_what_they_could_see(
    pair: Pair, here: World, there: World, heard: Heard
) -> None:
    lead_id = new_lead(here.client("alice"))
    path = f"/api/v2/leads/{lead_id}/sales_activities"
    _settle(pair, there, heard)
    with pair.paused():
        given = {"entity_type": "leads", "ids": [lead_id], "user_id": CHARLIE.id}
        ok(here.client("dora").post("/api/v2/transfers", json=given))
        there.clock.at += LATER
        assert same(there.client("alice").get(path), MISSING)
        assert lead_names(there.client("alice")) == []
        assert lead_names(there.client("charlie")) == ["郑老师"]


def test_no_request_fails_while_the_replica_is_away_and_it_is_used_again(pair: Pair, here: World, heard: Heard) -> None:
    alice = here.client("alice")
    lead_id = new_lead(alice)
    paths = f"/api/v2/leads/{lead_id}/sales_activities?per_page=7", f"/api/v2/leads/{lead_id}", "/api/v2/leads"
    _settle(pair, here, heard)
    pair.kill()
    try:
        for nth in range(6):
            for path in paths:
                ok(alice.get(path))
            follow_up(alice, lead_id, f"{nth}")
            here.clock.at += 1
        [state] = here.client().get("/readyz").json()["replicas"]
        assert state == {"used": False, "lag_bytes": None, "lag_seconds": None}
    finally:
        pair.start()
    _settle(pair, here, heard)
    [state] = here.client().get("/readyz").json()["replicas"]
    assert state["used"]


def test_readiness_tells_how_far_the_replica_is_behind(pair: Pair, here: World) -> None:
    for _ in range(SECONDS):
        pair.catch_up()
        told = here.client().get("/readyz").json()
        assert list(told) == ["status", "replicas"]
        if told["replicas"] == [{"used": True, "lag_bytes": 0, "lag_seconds": 0.0}]:
            break
    else:
        raise AssertionError(told)
    with pair.paused():
        new_lead(here.client("alice"))
        told = here.client().get("/readyz").json()
        assert told["status"] == "ok"
        assert told["replicas"][0]["lag_bytes"] > 0


def _well(told: httpx.Response) -> None:
    """It is no refusal, in either API's way."""
    assert (told.status_code, told.json().get("code", 0)) == (200, 0), told.text


def _settle(pair: Pair, world: World, heard: Heard) -> None:
    """Ask until the replica answers: what follows begins with one that is used."""
    for _ in range(SECONDS):
        pair.catch_up()
        world.clock.at += LATER
        if heard.of(lambda: world.client("dora").get("/api/v2/leads"))[1]:
            return
    raise AssertionError("the replica is not asked")


def _comment(content: str) -> Json:
    return {"comment": {"content": content}}


def _fields(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in User.__dataclass_fields__}
