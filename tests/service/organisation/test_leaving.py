"""Who leaves hands over all that they worked on, with its history, and nothing of it twice or not at all."""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest

from genjin.domain.activity import Draft
from genjin.domain.job import JobState
from genjin.domain.kinds import FOLLOW_UP_WRITTEN, RECORD_ASSIGNED
from genjin.domain.pools import PoolInput
from genjin.domain.records import Record, RecordType, Ref
from genjin.domain.timeline import Page
from genjin.errors import Forbidden, Invalid, NotFound
from genjin.jobs.worker import run_all
from genjin.service.organisation import leaving
from genjin.service.organisation.leaving import leave, leave_by_login
from genjin.service.pools.settings import add_pool, all_pools
from genjin.service.queue.jobs import list_jobs
from genjin.store import records, timeline
from tests.world import (
    ADMIN,
    ALICE,
    BOB,
    CHARLIE,
    DORA,
    EVE,
    NOW,
    ORGANISATION,
    PARTNERS,
    PHONES,
    SALES,
    World,
    activities_of,
    new_customer,
    new_lead,
    ok,
    refused,
    timeline_of,
)

HAS_LEFT = "Invalid: to_user_id: has left too: let the user leave again, to somebody else"
CUT = """
import os, signal, sys
from dataclasses import replace
from genjin.service.organisation import leaving
from genjin.service.queue import batches
from genjin.service.context import open_installation
from genjin.settings import Settings
from genjin.store.sqlite import SqliteDatabase

batches.HOLD_SECONDS = 99
leaving.AT_ONCE = 50
leaving.HAND_OVER = replace(leaving.HAND_OVER, first=50, most=50)
write, written = SqliteDatabase.write, []

def cut_short(self, use, organisation_id):
    told = write(self, use, organisation_id)
    written.append(told)
    if len(written) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return told

SqliteDatabase.write = cut_short
leaving.leave_by_login(open_installation(Settings(database_url=sys.argv[1])), 1, "alice", "charlie")
"""


def _fill(world: World, count: int, owner_id: int = ALICE.id, deleted: int = 0) -> list[Ref]:
    """So many leads of somebody's, the last ones deleted, each with a follow-up."""
    refs = [Ref(RecordType.LEAD, 5000 + nth) for nth in range(count)]
    some = [Record(ref.type, ref.id, f"线索{ref.id}", owner_id, owner_id, PHONES.id, NOW, NOW) for ref in refs]
    gone = [replace(record, deleted_at=NOW) for record in some[count - deleted :]]
    world.database.write(lambda tx: records.put_records(tx, ORGANISATION.id, [*some[: count - deleted], *gone]))
    world.record(*(Draft(FOLLOW_UP_WRITTEN, owner_id, ref, NOW - 60, NOW - 60, 9, text="聊过") for ref in refs))
    return refs


def _owners(world: World, refs: Sequence[Ref]) -> dict[int | None, int]:
    found = world.database.read(lambda tx: [records.find(tx, 1, ref, with_deleted=True) for ref in refs])
    owners = [record.owner_id for record in found if record]
    return {owner: owners.count(owner) for owner in set(owners)}


def _times_assigned(world: World, ref: Ref) -> int:
    entries, _ = world.database.read(lambda tx: timeline.page(tx, 1, ref, Page(1, 50)))
    return sum(entry.kind == RECORD_ASSIGNED.code for entry in entries)


def test_leaving_is_one_act(world: World) -> None:
    alice, dora, charlie = (world.client(name) for name in ("alice", "dora", "charlie"))
    world.change(replace(SALES, managers=(ALICE.id, BOB.id)), replace(BOB, superior_id=ALICE.id))
    lead = new_lead(alice)
    customer = new_customer(alice)
    told = ok(dora.post(f"/api/v2/user/{ALICE.id}/leave", json={"to_user_id": CHARLIE.id}))
    assert (told["transferred_count"], told["assisted_count"]) == (2, 0)
    assert told["user"]["workflow_state"] == "left"
    refused(alice.get("/api/v2/leads"), 100401)
    for entity, id_ in (("leads", lead), ("customers", customer)):
        assigned, created = activities_of(timeline_of(charlie, id_, entity))
        assert assigned["activity_type"] == "transfer"
        assert assigned["description"] == "负责人：Alice → Charlie；离职交接"
        assert (assigned["user"]["id"], created["user"]["name"]) == (DORA.id, "Alice")
    directory = world.session("dora").directory
    assert directory.users[ALICE.id].left_at == NOW
    assert directory.departments[SALES.id].managers == (BOB.id,)
    assert directory.users[BOB.id].superior_id is None
    kept = world.database.read(lambda tx: records.find(tx, 1, Ref(RecordType.LEAD, lead)))
    assert kept is not None
    assert (kept.department_id, kept.before_owner_id, kept.before_department_id) == (PARTNERS.id, ALICE.id, PHONES.id)


def test_what_they_worked_on_with_others_is_handed_over_too(world: World) -> None:
    theirs, successors = (Ref(RecordType.LEAD, new_lead(world.client(name))) for name in ("bob", "charlie"))
    world.database.write(
        lambda tx: [
            records.add_collaborators(tx, 1, ref, [ALICE.id, DORA.id], NOW, BOB.id) for ref in (theirs, successors)
        ]
    )
    handed = leave_by_login(world.installation, 1, "alice", "charlie")
    assert (handed.owned, handed.shared) == (0, 2)
    found = world.database.read(lambda tx: records.find_many(tx, 1, [theirs, successors]))
    assert found[theirs].collaborators == {CHARLIE.id, DORA.id}
    assert found[successors].collaborators == {DORA.id}
    newest = activities_of(timeline_of(world.client("charlie"), theirs.id))[0]
    assert newest["description"] == "协作人：Alice、Dora → Charlie、Dora；离职交接"


@pytest.mark.parametrize("engine", ["world", "postgres_world"])
def test_who_has_left_is_in_no_pool_and_is_put_into_none(request: pytest.FixtureRequest, engine: str) -> None:
    world: World = request.getfixturevalue(engine)
    given = PoolInput({"name": "公海", "open_to_all": False, "admin_ids": (ALICE.id, BOB.id), "user_ids": (ALICE.id,)})
    theirs = add_pool(world.installation, ORGANISATION.id, RecordType.LEAD, given)
    others = PoolInput({"name": "别的", "open_to_all": False, "user_ids": (BOB.id,)})
    untouched = add_pool(world.installation, ORGANISATION.id, RecordType.CUSTOMER, others)
    world.clock.at = NOW + 60
    leave_by_login(world.installation, 1, "alice", "charlie")
    dora = world.client("dora")
    (told,) = (
        pool
        for pool in ok(dora.get("/api/v2/common_leads/common_settings"))["common_settings"]
        if pool["id"] == theirs.id
    )
    assert told["admin_list"]["user_ids"] == [BOB.id]
    assert told["member_list"]["user_ids"] == []
    assert untouched in all_pools(world.installation, ORGANISATION.id)
    for name, where in (("admin_list", "admin_list"), ("member_list", "member_list.user_ids")):
        change = {"common_setting": {name: {"user_ids": [ALICE.id]}}}
        body = refused(dora.put(f"/api/v2/common_leads/common_settings/{theirs.id}", json=change), 100422)
        assert list(body["errors"]) == [where]


def test_hundreds_of_records_change_hands_in_one_transaction_and_soon(world: World) -> None:
    refs = _fill(world, 900, deleted=10)
    began = time.monotonic()
    handed = leave_by_login(world.installation, 1, "alice", "charlie")
    assert time.monotonic() - began < 20
    assert handed.owned == 900
    assert list_jobs(world.installation, ORGANISATION.id) == []
    assert _owners(world, refs) == {CHARLIE.id: 900}
    assert [_times_assigned(world, ref) for ref in (refs[0], refs[889], refs[890])] == [1, 1, 0]
    assert world.miscounts() == []


def test_many_batches_hand_over_everything_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "AT_ONCE", 20)
    refs = _fill(world, 100)
    world.database.write(
        lambda tx: [records.add_collaborators(tx, 1, ref, [BOB.id], NOW, DORA.id) for ref in refs[:45]]
    )
    assert leave_by_login(world.installation, 1, "alice", "charlie").owned == 100
    assert leave_by_login(world.installation, 1, "bob", "charlie").shared == 45
    assert {_times_assigned(world, ref) for ref in refs} == {1}


def _cut_short(world: World) -> list[Ref]:
    """Leads of alice's, half of which are charlie's already, because who handed them over was killed."""
    refs = _fill(world, 300)
    killed = subprocess.run([sys.executable, "-c", CUT, world.site.url], timeout=120)
    assert killed.returncode == -signal.SIGKILL
    assert _owners(world, refs) == {CHARLIE.id: 150, ALICE.id: 150}
    refused(world.client("alice").get("/api/v2/leads"), 100401)
    return refs


def test_who_kills_it_in_the_middle_goes_on_by_saying_it_again(world: World) -> None:
    refs = _cut_short(world)
    assert leave_by_login(world.installation, 1, "alice", "charlie").owned == 150
    assert _owners(world, refs) == {CHARLIE.id: 300}
    assert {_times_assigned(world, ref) for ref in refs} == {1}
    assert world.miscounts() == []
    assert leave_by_login(world.installation, 1, "alice", "charlie").owned == 0
    [earlier] = list_jobs(world.installation, 1)
    assert (earlier.state, earlier.done, earlier.total) == (JobState.CANCELLED, 150, 300)


def test_what_was_cut_short_is_finished_by_a_worker_once_nothing_is_heard_any_more(world: World) -> None:
    refs = _cut_short(world)
    [job] = list_jobs(world.installation, 1)
    assert job.due_at is not None
    world.clock.at = job.due_at - 1
    run_all(world.installation)
    assert _owners(world, refs) == {CHARLIE.id: 150, ALICE.id: 150}
    world.clock.at = job.due_at
    run_all(world.installation)
    [job] = list_jobs(world.installation, 1)
    assert (job.state, job.done, job.total, job.cursor) == (JobState.DONE, 300, 300, [300, 0])
    assert _owners(world, refs) == {CHARLIE.id: 300}
    assert {_times_assigned(world, ref) for ref in refs} == {1}
    assert world.miscounts() == []


def test_who_names_another_successor_when_it_is_said_again_gives_them_the_rest(world: World) -> None:
    refs = _cut_short(world)
    assert leave_by_login(world.installation, 1, "alice", "bob").owned == 150
    world.clock.at = 2**31
    run_all(world.installation)
    assert _owners(world, refs) == {CHARLIE.id: 150, BOB.id: 150}


def test_a_successor_who_left_meanwhile_is_given_no_more(world: World) -> None:
    refs = _cut_short(world)
    leave_by_login(world.installation, 1, "charlie", "bob")
    world.clock.at = 2**31
    run_all(world.installation)
    failed, *_ = (job for job in list_jobs(world.installation, 1) if job.state is JobState.FAILED)
    assert (failed.failures, failed.error) == (2, HAS_LEFT)  # the first one was killed
    assert _owners(world, refs) == {BOB.id: 150, ALICE.id: 150}
    assert leave_by_login(world.installation, 1, "alice", "bob").owned == 150
    assert _owners(world, refs) == {BOB.id: 300}


def test_it_works_on_postgres_too(postgres_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = postgres_world
    refs = _fill(world, 120)
    world.database.write(lambda tx: records.add_collaborators(tx, 1, refs[0], [BOB.id], NOW, DORA.id))
    monkeypatch.setattr(leaving, "AT_ONCE", 50)
    assert leave_by_login(world.installation, 1, "alice", "charlie").owned == 120
    assert [job.state for job in list_jobs(world.installation, 1)] == [JobState.DONE]
    assert leave_by_login(world.installation, 1, "bob", "dora").shared == 1
    assert _owners(world, refs) == {CHARLIE.id: 120}
    assert world.miscounts() == []


@pytest.mark.parametrize("to_user_id", ["", "x", 0, ALICE.id, EVE.id, 1_999_999_999])
def test_the_successor_is_another_colleague(world: World, to_user_id: object) -> None:
    body = refused(world.client("dora").post(f"/api/v2/user/{ALICE.id}/leave", json={"to_user_id": to_user_id}), 100422)
    assert list(body["errors"]) == ["to_user_id"]
    ok(world.client("alice").get("/api/v2/leads"))


def test_who_has_left_takes_nothing_over(world: World) -> None:
    leave_by_login(world.installation, 1, "charlie", "bob")
    with pytest.raises(Invalid):
        leave_by_login(world.installation, 1, "alice", "charlie")


def test_who_has_left_is_given_no_record(world: World) -> None:
    leave_by_login(world.installation, 1, "charlie", "bob")
    dora = world.client("dora")
    body = refused(dora.post("/api/v2/leads", json={"lead": {"name": "新", "user_id": CHARLIE.id}}), 100422)
    assert list(body["errors"]) == ["user_id"]
    refused(dora.put(f"/api/v2/leads/{new_lead(dora)}", json={"lead": {"user_id": CHARLIE.id}}), 100422)


def test_only_administrators_let_somebody_leave_and_only_of_their_own(world: World) -> None:
    given = {"to_user_id": CHARLIE.id}
    refused(world.client("bob").post(f"/api/v2/user/{ALICE.id}/leave", json=given), 100403)
    refused(world.client("eve").post(f"/api/v2/user/{ALICE.id}/leave", json=given), 100100)
    session = world.session("dora")
    with pytest.raises(NotFound):
        leave(world.installation, session, EVE.id, CHARLIE.id)


def test_the_last_administrator_stays(world: World) -> None:
    with pytest.raises(Forbidden):
        leave_by_login(world.installation, 1, "dora", "bob")
    world.change(replace(BOB, role_id=ADMIN.id))
    assert leave_by_login(world.installation, 1, "dora", "bob").user.id == DORA.id
