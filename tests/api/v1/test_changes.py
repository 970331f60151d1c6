"""Changes: a client that does what it is told has what it would get by asking for everything."""

from dataclasses import dataclass, field

import httpx

from genjin.domain.people import DataScope, Rights, Role
from genjin.store import changes
from genjin.wire.v1.change import ChangeObject
from tests.world import ORGANISATION, SELLER, Json, World, follow_up, new_contact, new_customer, new_lead, ok, problem

CHANGES = "/api/v1/changes"
START = f"{CHANGES}?from=start&limit=3"


@dataclass
class Copy:
    """A client's loop, as the reference shows it."""

    client: httpx.Client
    held: dict[int, Json] = field(default_factory=dict)
    path: str = START
    ops: list[str] = field(default_factory=list)

    def catch_up(self) -> "Copy":
        while self._read():
            pass
        return self

    def _read(self) -> bool:
        answer = self.client.get(self.path)
        page = answer.json()
        if answer.status_code == 410:
            return self._begin_anew()
        assert answer.status_code == 200, answer.text
        for item in page["items"]:
            ChangeObject.model_validate(item)
            self.ops.append(item["op"])
            match item["op"]:
                case "created" | "edited" | "shown":
                    self.held[item["activity"]["id"]] = item["activity"]
                case "removed":
                    self.held.pop(item["id"], None)
                case "hidden":
                    ref = item["record"]
                    self.held = {
                        id_: held
                        for id_, held in self.held.items()
                        if (held["subject"]["type"], held["subject"]["id"]) != (ref["type"], ref["id"])
                    }
                case "reset":
                    return self._begin_anew()
        self.path = page["next"] or f"{CHANGES}?limit=3&cursor={page['cursor']}"
        return page["next"] is not None

    def _begin_anew(self) -> bool:
        self.held, self.path = {}, START
        return True


def everything(client: httpx.Client) -> dict[int, Json]:
    """What the feed gives; only a feed folds."""
    found: dict[int, Json] = {}
    path: str | None = "/api/v1/activities?limit=200"
    while path:
        page = client.get(path).json()
        found |= {item["id"]: {key: item[key] for key in item if key != "folded"} for item in page["items"]}
        path = page["next"]
    return found


def test_a_copy_is_what_the_feed_gives_after_each_act(world: World) -> None:
    _follow(world)


def test_so_it_is_on_postgresql(postgres_world: World) -> None:
    _follow(postgres_world)


def test_nothing_is_told_without_a_cursor_and_what_comes_next_with_it(world: World) -> None:
    alice = world.client("alice")
    new_lead(alice)
    page = alice.get(CHANGES).json()
    assert (page["items"], page["next"]) == ([], None)
    new_lead(alice)
    told = alice.get(CHANGES, params={"cursor": page["cursor"]}).json()
    assert [(item["op"], item["activity"]["kind"]) for item in told["items"]] == [("created", "record.created")]
    assert told["cursor"] == told["items"][-1]["cursor"]
    assert world.client("charlie").get(CHANGES, params={"from": "start"}).json()["items"] == []


def test_the_next_page_is_asked_for_as_this_one_was(alice: httpx.Client) -> None:
    for name in ("甲", "乙"):
        new_lead(alice, name)
    path, names = f"{CHANGES}?lang=en&from=start&limit=1", list[str]()
    while path:
        told = alice.get(path)
        names += [item["activity"]["sentence"] for item in told.json()["items"]]
        path = told.json()["next"]
        assert told.headers.get("Link") == (f'<{path}>; rel="next"' if path else None)
    assert [" created " in name for name in names] == [True, True]


def test_who_has_another_role_now_is_told_to_begin_anew(world: World) -> None:
    alice, charlie = world.client("alice"), world.client("charlie")
    new_lead(alice)
    copy = Copy(charlie).catch_up()
    assert copy.held == {}
    world.change(Role(SELLER.id, SELLER.name, DataScope.ALL))
    assert "reset" in copy.catch_up().ops
    assert copy.held == everything(charlie) != {}


def test_a_cursor_of_changes_that_are_gone_is_answered_with_410(world: World) -> None:
    alice = world.client("alice")
    new_lead(alice)
    cursor = alice.get(CHANGES).json()["cursor"]
    copy = Copy(alice).catch_up()
    for _ in range(2):
        new_lead(alice)
        world.database.write(lambda tx: changes.trim(tx, ORGANISATION.id, -1, 100))
        new_lead(alice)
    problem(alice.get(CHANGES, params={"cursor": cursor}), 410, "cursor_gone")
    assert copy.catch_up().held == everything(alice)


def test_cursors_are_sealed_for_the_organisation(world: World) -> None:
    alice, eve = world.client("alice"), world.client("eve")
    cursor = alice.get(CHANGES).json()["cursor"]
    problem(alice.get(CHANGES, params={"cursor": cursor[:-2] + "xx"}), 400, "bad_cursor")
    problem(eve.get(CHANGES, params={"cursor": cursor}), 400, "bad_cursor")
    problem(alice.get(CHANGES, params={"cursor": cursor, "from": "start"}), 422, "invalid")
    problem(alice.get(CHANGES, params={"from": "2024-01-01"}), 422, "invalid")
    told = alice.get("/api/v1/activities", params={"cursor": cursor})
    problem(told, 400, "bad_cursor")


def test_a_last_event_that_there_cannot_be_is_refused(alice: httpx.Client) -> None:
    for last, status, code in (("nonsense", 400, "bad_cursor"), ("a" * 2001, 422, "invalid")):
        problem(alice.get(f"{CHANGES}/stream", headers={"Last-Event-ID": last}), status, code)


def test_masked_numbers_are_masked_here_too(world: World) -> None:
    alice = world.client("alice")
    follow_up(alice, new_lead(alice), "电话13400000031")
    world.change(Role(SELLER.id, SELLER.name, DataScope.SELF, Rights(phones_masked=True)))
    told = alice.get(CHANGES, params={"from": "start"}).text
    assert "13400000031" not in told and "134****0031" in told


def _follow(world: World) -> None:
    people = {name: world.client(name) for name in ("alice", "bob", "charlie", "dora")}
    copies = {name: Copy(client).catch_up() for name, client in people.items()}

    def check(*told: tuple[str, str]) -> None:
        for copy in copies.values():
            copy.ops = []
            copy.catch_up()
            assert copy.held == everything(copy.client)
        assert {(name, op) for name, copy in copies.items() for op in copy.ops} >= set(told)

    alice, dora = people["alice"], people["dora"]
    lead = new_lead(alice)
    check(("alice", "created"), ("bob", "created"), ("dora", "created"))
    written = follow_up(alice, lead)
    check(("alice", "created"))
    ok(alice.put(f"/api/v2/revisit_logs/{written['id']}", json={"revisit_log": {"content": "改"}}))
    check(("bob", "edited"))
    ok(dora.post("/api/v2/transfers", json={"entity_type": "leads", "ids": [lead], "user_id": 33}))
    check(("alice", "hidden"), ("bob", "hidden"), ("charlie", "shown"))
    ok(dora.post("/api/v2/transfers", json={"entity_type": "leads", "ids": [lead], "user_id": 31}))
    check(("charlie", "hidden"), ("alice", "shown"))
    ok(alice.delete(f"/api/v2/revisit_logs/{written['id']}"))
    check(("alice", "removed"), ("bob", "removed"))
    customer = new_customer(alice, refer_lead_id=lead)
    new_contact(alice, customer_id=customer)
    check(("bob", "created"))
    ok(dora.delete(f"/api/v2/customers/{customer}"))
    check()
    assert copies["charlie"].held == {}
