"""Whatever is done through either API, in whatever order: both tell the same of it, and it is what a model in memory
says that happened. On both engines.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from genjin.domain.kinds import KINDS
from genjin.domain.records import RecordType
from genjin.store.transaction import Tx
from tests.world import (
    ALICE,
    BOB,
    CHARLIE,
    ORGANISATION,
    SHANGHAI,
    Json,
    World,
    activities_of,
    follow_up,
    new_contact,
    new_customer,
    new_lead,
    ok,
    problem,
    refused,
    timeline_of,
)

FEED = "/api/v1/activities"
MISSING = 100100
MOST = 8
"""Records; a feed is asked for ten at most."""
CLASSES = {"leads": "Lead", "customers": "Customer", "contacts": "Contact"}
TEXTS = ("在忙，留了电话", "全角１２３😀", "呼和浩特市赛罕区锡林郭勒南路", "", "a\nb")
TYPES = {"leads": "LEAD", "customers": "CUSTOMER", "contacts": "CONTACT"}
TALK = "follow_up.written"
WRITTEN = {"talk": TALK, "call": "call.made", "visit": "checkin.made"}
nths = st.integers(0, 20)
apis = st.sampled_from(["v1", "v2"])


def test_both_apis_tell_what_happened(either: World) -> None:
    sqlite = either.database.engine == "sqlite"

    class Here(Histories):
        def __init__(self) -> None:
            super().__init__(either)

    wanted = settings(max_examples=12 if sqlite else 5, stateful_step_count=20, deadline=None)
    run_state_machine_as_test(Here, settings=wanted)
    assert either.miscounts() == []


@dataclass(eq=False)
class Thing:
    """A record, and whom it points at."""

    type: str
    id: int
    owner: int = ALICE.id
    customer: "Thing | None" = None
    merged: "Thing | None" = None
    deleted: bool = False

    @property
    def here(self) -> bool:
        return not self.deleted and self.merged is None

    @property
    def path(self) -> str:
        return f"/api/v2/{self.type}/{self.id}"

    def end(self) -> "Thing":
        """What stands for it, which is itself when it was not merged."""
        return self.merged.end() if self.merged else self

    def leads_to(self) -> "set[Thing]":
        """Those whose timelines show what happened on it."""
        ways = [way for way in (self.customer, self.merged) if way]
        return {self}.union(*(way.leads_to() for way in ways))


@dataclass(eq=False)
class Entry:
    """What one activity should say."""

    id: int
    kind: str
    on: Thing
    at: int
    text: str | None = None
    version: int = 1
    own: bool = True
    comments: list[int] = field(default_factory=list)


@dataclass
class Merged:
    """A merge that was not undone, and what it moved."""

    kept: Thing
    gone: Thing
    moved: list[tuple[Thing, str]]


class Histories(RuleBasedStateMachine):
    """dora does it; she sees everything, and administers. alice and bob look on."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.dora, self.alice = world.client("dora"), world.client("alice")

    @initialize()
    def begin(self) -> None:
        self.things: list[Thing] = []
        self.entries: list[Entry] = []
        self.merges: list[Merged] = []
        self.last = self._highest()

    @rule(seconds=st.sampled_from([1, 59, 3600, 86_400]))
    def wait(self, seconds: int) -> None:
        self.world.clock.at += seconds

    @rule()
    def create_lead(self) -> None:
        self._create("leads", new_lead)

    @rule()
    def create_customer(self) -> None:
        self._create("customers", new_customer)

    @rule(nth=nths)
    def create_contact(self, nth: int) -> None:
        customer = self._pick(nth, "customers")
        if customer and self._room():
            contact = Thing("contacts", new_contact(self.dora, customer_id=customer.id, user_id=ALICE.id), ALICE.id)
            contact.customer = customer
            self.things.append(contact)
            self._happened([("record.created", contact)])

    @rule(nth=nths, how=st.sampled_from(["talk", "call", "visit"]), text=st.sampled_from(TEXTS), api=apis)
    def write(self, nth: int, how: str, text: str, api: str) -> None:
        """On any record that is not deleted: a merged one stands for what took its place."""
        if thing := self._any(nth):
            if api == "v1":
                words = {} if how == "call" else {"text": text}
                self._post({"kind": WRITTEN[how], "subject": {"type": thing.type, "id": thing.id}, **words})
            else:
                self._write_by_v2(thing, how, text or "无")
            told = (text if api == "v1" else text or "无") if how == "talk" else None
            self._happened([(WRITTEN[how], thing.end())], told)

    @rule(nth=nths, text=st.sampled_from(TEXTS), days=st.integers(0, 400))
    def backdate(self, nth: int, text: str, days: int) -> None:
        if thing := self._any(nth):
            at = self._now() - days * 86_400
            body = {"kind": TALK, "subject": {"type": thing.type, "id": thing.id}, "text": text}
            self._post(body | {"at": SHANGHAI.iso(at), "actor_id": BOB.id})
            self._happened([(TALK, thing.end())], text, at)

    @rule(nth=nths, text=st.sampled_from(TEXTS), api=apis)
    def edit(self, nth: int, text: str, api: str) -> None:
        if entry := self._own(nth):
            text = text or "无"
            if api == "v1":
                told = self.dora.patch(f"{FEED}/{entry.id}", json={"text": text})
                assert told.status_code == 200, told.text
            else:
                path = f"/api/v2/revisit_logs/{self._object(entry)}"
                ok(self.dora.put(path, json={"revisit_log": {"content": text}}))
            entry.version += 1
            entry.text = text

    @rule(nth=nths, api=apis)
    def take_back(self, nth: int, api: str) -> None:
        if entry := self._own(nth):
            if api == "v1":
                assert self.dora.delete(f"{FEED}/{entry.id}").json()["deleted"] is True
            else:
                ok(self.dora.delete(f"/api/v2/revisit_logs/{self._object(entry)}"))
            self.entries.remove(entry)

    @rule(nth=nths)
    def comment(self, nth: int) -> None:
        alive = [entry for entry in self.entries if self._seen(entry)]
        if alive:
            entry = alive[nth % len(alive)]
            said = ok(self.dora.post(f"/api/v2/sales_activities/{entry.id}/comments", json={"content": "做得好"}))
            entry.comments.append(said["id"])

    @rule(nth=nths)
    def take_comment_back(self, nth: int) -> None:
        said = [entry for entry in self.entries if entry.comments and self._seen(entry)]
        if said:
            ok(self.dora.delete(f"/api/v2/comments/{said[nth % len(said)].comments.pop()}"))

    @rule(nth=nths, name=st.sampled_from(["孙老师", "钱老师"]))
    def rename(self, nth: int, name: str) -> None:
        if thing := self._pick(nth):
            before = ok(self.dora.get(thing.path))["name"]
            ok(self.dora.put(thing.path, json={thing.type[:-1]: {"name": name}}))
            self._happened([("record.edited", thing)] if before != name else [])

    @rule(nth=nths)
    def convert(self, nth: int) -> None:
        lead = self._pick(nth, "leads")
        if lead and lead.customer is None and self._room():
            customer = Thing("customers", new_customer(self.dora, refer_lead_id=lead.id, user_id=ALICE.id), ALICE.id)
            lead.customer = customer
            self.things.append(customer)
            self._happened([("record.created", customer), ("lead.converted", lead)])

    @rule(nth=nths)
    def undo_turn(self, nth: int) -> None:
        lead = self._pick(nth, "leads")
        if lead and lead.customer and not lead.customer.end().deleted:
            ok(self.dora.post(f"{lead.path}/undo_turn"))
            lead.customer = None
            self._happened([("lead.conversion_undone", lead)])

    @rule(nth=nths, other=nths)
    def merge(self, nth: int, other: int) -> None:
        kept = self._pick(nth, "leads", "customers")
        duplicates = [thing for thing in self._here(kept.type) if thing is not kept] if kept else []
        if kept is None or not duplicates:
            return
        gone = duplicates[other % len(duplicates)]
        asked = {"merge_ids": [gone.id]}
        if gone.type == "leads" and gone.customer not in (None, kept.customer):
            refused(self.dora.post(f"{kept.path}/merge", json=asked), 100422)
            return
        ok(self.dora.post(f"{kept.path}/merge", json=asked))
        moved = [(t, "customer") for t in self.things if t.customer is gone]
        moved += [(t, "merged") for t in self.things if t.merged is gone]
        for thing, way in moved:
            setattr(thing, way, kept)
        gone.merged = kept
        self.merges.append(Merged(kept, gone, moved))
        self._happened([("record.merged", kept)])

    @rule(nth=nths)
    def undo_merge(self, nth: int) -> None:
        open_ = [merge for merge in self.merges if merge.kept.here]
        if open_:
            merge = open_[nth % len(open_)]
            told = ok(self.dora.get(f"{merge.kept.path}/merges", params={"per_page": 50}))["merges"]
            id_ = next(each["id"] for each in told if each["merged_id"] == merge.gone.id and not each["undone_at"])
            ok(self.dora.post(f"{merge.kept.path}/undo_merge", json={"merge_id": id_}))
            merge.gone.merged = None
            for thing, way in merge.moved:
                if getattr(thing, way) is merge.kept:
                    setattr(thing, way, merge.gone)
            self.merges.remove(merge)
            self._happened([("record.merge_undone", merge.kept)])

    @rule(nth=nths, owner=st.sampled_from([ALICE, CHARLIE]))
    def transfer(self, nth: int, owner: Json) -> None:
        if thing := self._pick(nth, "leads", "contacts"):
            ok(self.dora.put(f"{thing.path}/update_user", json={"user_id": owner.id}))
            self._happened([("record.assigned", thing)] if thing.owner != owner.id else [])
            thing.owner = owner.id

    @rule(nth=nths)
    def delete(self, nth: int) -> None:
        if thing := self._pick(nth):
            ok(self.dora.delete(thing.path))
            self._happened([("record.deleted", thing)])
            thing.deleted = True

    @rule(nth=nths)
    def restore(self, nth: int) -> None:
        if gone := [thing for thing in self.things if thing.deleted]:
            thing = gone[nth % len(gone)]
            ok(self.dora.post(f"{thing.path}/restore"))
            thing.deleted = False
            self._happened([("record.restored", thing)])

    @invariant()
    def both_apis_tell_what_happened(self) -> None:
        if not hasattr(self, "things") or not self.things:
            return
        for thing in self.things:
            if thing.type == "contacts":  # /api/v2 has no timeline of it
                continue
            if thing.end().deleted:
                refused(self.dora.get(f"{thing.path}/sales_activities"), MISSING)
                problem(self.dora.get(FEED, params={"subject": _subject(thing)}), 404, "not_found")
                continue
            expected = self._expected([thing])
            told = timeline_of(self.dora, thing.id, thing.type, per_page=200)
            assert told["total_count"] == len(expected)
            assert [_by_v2(entry) for entry in activities_of(told)] == [_of(entry) for entry in expected]
            days = [SHANGHAI.minute(entry.at)[:10] for entry in expected]
            assert [group["date"][:10] for group in told["sales_activities"]] == list(dict.fromkeys(days))
        self._feed_tells(self.dora, [thing for thing in self.things if not thing.end().deleted])

    @invariant()
    def who_sees_less_sees_the_same_through_both(self) -> None:
        for thing in getattr(self, "things", ()):
            if thing.type == "contacts":
                continue
            old = self.alice.get(f"{thing.path}/sales_activities", params={"per_page": 200}).json()
            new = self.alice.get(FEED, params={"subject": _subject(thing), "limit": 200})
            if thing.end().deleted or thing.end().owner != ALICE.id:
                assert (old["code"], new.status_code) == (MISSING, 404), thing
            else:
                shown = [each["id"] for each in activities_of(old["data"])]
                assert shown == [each["id"] for each in new.json()["items"]] == self._ids([thing])

    def _feed_tells(self, client: httpx.Client, things: Sequence[Thing]) -> None:
        """Every entry of them, once, counted rightly, by kind and in its months."""
        if not things:
            return
        subjects = [_subject(thing) for thing in things]
        told = client.get(FEED, params={"subject": subjects, "limit": 200, "counts": "kind"}).json()
        expected = self._expected(things)
        assert [_by_v1(item) for item in told["items"]] == [_of(entry) for entry in expected]
        assert [item["text"] for item in told["items"] if item["kind"] == TALK] == [
            entry.text for entry in expected if entry.kind == TALK
        ]
        assert [item["version"] for item in told["items"]] == [entry.version for entry in expected]
        counted = {each["kind"]: each["count"] for each in told["counts"]["kind"]}
        assert counted == Counter(entry.kind for entry in expected)
        thing = things[len(expected) % len(things)]
        months = client.get(f"/api/v1/timelines/{_subject(thing)}/months").json()["items"]
        found = {month["month"]: month["count"] for month in months}
        assert found == Counter(SHANGHAI.minute(entry.at)[:7] for entry in self._expected([thing]))

    def _expected(self, things: Sequence[Thing]) -> list[Entry]:
        """What happened on them and on what leads to them, the latest first."""
        ends = {thing.end() for thing in things}
        some = [entry for entry in self.entries if ends & entry.on.leads_to()]
        return sorted(some, key=lambda entry: (entry.at, entry.id), reverse=True)

    def _ids(self, things: Sequence[Thing]) -> list[int]:
        return [entry.id for entry in self._expected(things)]

    def _happened(self, what: list[tuple[str, Thing]], text: str | None = None, at: int | None = None) -> None:
        """These activities are in the database now and were not before, and no other."""

        def use(tx: Tx) -> list[tuple[int, int, int, int]]:
            sql = "SELECT id, kind, target_type, target_id FROM activities WHERE organisation_id = ? AND id > ?"
            return [tuple(row) for row in tx.rows(sql, (ORGANISATION.id, self.last))]

        found = sorted(
            (KINDS[kind].event, f"{RecordType(type_).name}", on, id_)
            for id_, kind, type_, on in self.world.database.read(use)
        )
        wanted = sorted((kind, TYPES[thing.type], thing.id) for kind, thing in what)
        assert [each[:3] for each in found] == wanted
        things = {(TYPES[thing.type], thing.id): thing for thing in self.things}
        for kind, type_, on, id_ in found:
            self.entries.append(Entry(id_, kind, things[type_, on], at or self._now(), text, own=at is None))
            self.last = max(self.last, id_)

    def _highest(self) -> int:
        sql = "SELECT COALESCE(MAX(id), 0) FROM activities WHERE organisation_id = ?"
        return int(self.world.database.read(lambda tx: tx.rows(sql, (ORGANISATION.id,)))[0][0])

    def _write_by_v2(self, thing: Thing, how: str, text: str) -> None:
        class_ = CLASSES[thing.type]
        if how == "talk":
            follow_up(self.dora, thing.id, text, class_)
        elif how == "call":
            told = {"caller_type": class_, "caller_id": thing.id, "number": "13400000077", "talk_time": 9}
            ok(self.dora.post("/api/v2/dial_logs", json={"dial_log": told}))
        else:
            told = {"checkable_type": class_, "checkable_id": thing.id, "detail_address": "世纪大道1号"}
            ok(self.dora.post("/api/v2/checkins", json={"checkin": told | {"lat": "31.23", "lng": "121.49"}}))

    def _post(self, body: Json) -> None:
        told = self.dora.post(FEED, json=body)
        assert told.status_code == 201, told.text

    def _object(self, entry: Entry) -> int:
        """The id that the follow-up has in /api/v2."""
        told = activities_of(timeline_of(self.dora, entry.on.id, entry.on.type, per_page=200))
        return next(int(each["saleable_id"]) for each in told if each["id"] == entry.id)

    def _create(self, type_: str, make: Callable[..., int]) -> None:
        if self._room():
            thing = Thing(type_, make(self.dora, user_id=ALICE.id))
            self.things.append(thing)
            self._happened([("record.created", thing)])

    def _room(self) -> bool:
        return len(self.things) < MOST

    def _now(self) -> int:
        return self.world.clock.now()

    def _seen(self, entry: Entry) -> bool:
        return not entry.on.end().deleted

    def _own(self, nth: int) -> Entry | None:
        """A follow-up of dora's that may be changed."""
        some = [entry for entry in self.entries if entry.kind == TALK and entry.own and self._seen(entry)]
        return some[nth % len(some)] if some else None

    def _any(self, nth: int) -> Thing | None:
        """On which something may be written: what was merged stands for what took its place."""
        some = [thing for thing in self.things if not thing.deleted and not thing.end().deleted]
        return some[nth % len(some)] if some else None

    def _here(self, *types: str) -> list[Thing]:
        return [thing for thing in self.things if thing.here and (not types or thing.type in types)]

    def _pick(self, nth: int, *types: str) -> Thing | None:
        some = self._here(*types)
        return some[nth % len(some)] if some else None


def _subject(thing: Thing) -> str:
    return f"{thing.type}/{thing.id}"


Told = tuple[int, str, int, str, int]
"""Of an entry its id, what it happened on, when (to the minute), and how many comments it has."""


def _of(entry: Entry) -> Told:
    return entry.id, entry.on.type, entry.on.id, SHANGHAI.minute(entry.at), len(entry.comments)


def _by_v2(entry: Json) -> Told:
    types = {class_: type_ for type_, class_ in CLASSES.items()}
    return entry["id"], types[entry["refer_type"]], entry["refer_id"], entry["timestamp"], entry["comments_count"]


def _by_v1(item: Json) -> Told:
    subject, at = item["subject"], f"{item['at'][:10]} {item['at'][11:16]}"
    return item["id"], subject["type"], subject["id"], at, item["comment_count"]
