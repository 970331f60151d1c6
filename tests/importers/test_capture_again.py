"""Importing again: twice is once, a changed row updates, and what was done here in between stays."""

from dataclasses import replace

import httpx
import orjson
import pytest
from sqlalchemy import select, update

from genjin.domain.people import DataScope, Role
from genjin.importers.capture import count_answers, import_captures
from genjin.store import people
from genjin.store.tables import activities, activity_versions, departments, follow_ups, records, users
from genjin.store.transaction import Tx
from tests.importers.captures import (
    CALL_ID,
    CREATED_ID,
    FOLLOW_UP_ID,
    LEAD_ID,
    ORGANISATION_ID,
    UPSTREAM,
    Capturing,
    activity,
    answer,
    document,
)
from tests.world import activities_of, follow_up, new_lead, ok, timeline_of


def test_importing_twice_is_importing_once(capturing: Capturing) -> None:
    capturing.take_files(UPSTREAM)
    once = capturing.dump()
    summary = capturing.take_files(UPSTREAM)
    assert capturing.dump() == once
    assert (summary.new.total(), summary.changed.total()) == (0, 0)


def test_the_same_file_named_twice_is_imported_once(capturing: Capturing) -> None:
    assert capturing.take_files(UPSTREAM, UPSTREAM).new["activities"] == 6
    assert capturing.count(activities) == 6


def test_the_summary_says_what_was_read_and_what_is_new(capturing: Capturing) -> None:
    summary = capturing.take_files(UPSTREAM)
    assert summary.read == {"answers": 1, "users": 2, "records": 1, "activities": 6}
    assert summary.new == {"organisations": 1, "departments": 2, "users": 2, "records": 1, "activities": 6}
    assert not summary.changed
    assert not summary.unknown_keys


def test_progress_is_told_once_for_each_answer_checked_and_once_for_each_imported(capturing: Capturing) -> None:
    files = [capturing.file(document(), document()), UPSTREAM]
    steps: list[int] = []
    import_captures(capturing.world.installation, files, progress=steps.append)
    assert sum(steps) == 2 * count_answers(files) == 6


def test_pages_in_any_order_leave_what_the_newest_activity_shows(capturing: Capturing) -> None:
    """Page 2 of a timeline is older than page 1 and comes after it; it must not bring old names back."""
    new = activity(FOLLOW_UP_ID, refer_name="郑校长", refer_type_display="潜在客户")
    new["user"] |= {"name": "兰兰", "department_name": "大客户部"}
    newer, older = answer(new), answer(activity(1501305145))
    capturing.take(newer, older)
    entry = capturing.served()[1501305145]
    assert (entry["refer_name"], entry["user"]["name"], entry["user"]["department_name"]) == (
        "郑校长",
        "兰兰",
        "大客户部",
    )
    assert entry["refer_type_display"] == "潜在客户"
    before = capturing.dump()
    assert capturing.take(newer, older).changed.total() == 0
    assert capturing.dump() == before


def test_an_edited_follow_up_updates_and_its_earlier_wording_is_kept(capturing: Capturing) -> None:
    capturing.take(answer(activity()))
    edited = activity(description="约好周五见", origin_description="约好周五见", updated_at="2024-04-05 09:00")
    assert capturing.take(answer(edited)).changed == {"activities": 1}
    assert capturing.served()[FOLLOW_UP_ID] == edited
    versions = capturing.world.database.read(
        lambda tx: tx.execute(select(activity_versions.c.version, activity_versions.c.text)).all()
    )
    assert [tuple(row) for row in versions] == [(1, '"在忙,留了电话"'.encode())]


def test_a_recording_that_came_later_and_a_new_length_update(capturing: Capturing) -> None:
    late = activity(CALL_ID)
    capturing.take(answer(activity(CALL_ID, audios=[])))
    assert capturing.served()[CALL_ID]["audios"] == []
    capturing.take(answer(late))
    assert capturing.served()[CALL_ID]["audios"] == late["audios"]
    late["audios"][0] |= {"duration": "150", "duration_seconds": 150}
    capturing.take(answer(late))
    assert capturing.served()[CALL_ID]["audios"] == late["audios"]


def test_a_recording_whose_address_an_earlier_version_stored_twice_is_as_it_was(capturing: Capturing) -> None:
    call = activity(CALL_ID)
    [audio] = call["audios"]
    assert audio["file_url"] == audio["mp3_file_url"]
    capturing.take(answer(call))

    def store_it_twice(tx: Tx) -> None:
        here = (activities.c.organisation_id == ORGANISATION_ID, activities.c.id == CALL_ID)
        stored: bytes = tx.execute(select(activities.c.rare).where(*here)).scalar_one()
        told = orjson.loads(stored)
        assert told["recordings"][0][1:3] == [audio["file_url"], None]
        told["recordings"][0][2] = audio["file_url"]
        tx.execute(update(activities).where(*here).values(rare=orjson.dumps(told)))

    capturing.world.database.write(store_it_twice)
    assert capturing.served()[CALL_ID] == call
    before = capturing.dump()
    assert not capturing.take(answer(call)).changed
    assert capturing.dump() == before


def test_a_moved_activity_moves_in_every_timeline_and_is_counted_once(capturing: Capturing) -> None:
    capturing.take_files(UPSTREAM)
    assert next(iter(capturing.served())) == CREATED_ID
    capturing.take(answer(activity(CREATED_ID, timestamp="2024-01-02 03:04", created_at="2024-01-02 03:04")))
    served = capturing.served()
    assert list(served)[-1] == CREATED_ID
    assert len(served) == 6
    assert served[CREATED_ID]["timestamp"] == "2024-01-02 03:04"
    assert capturing.miscounts() == []


def test_many_moved_activities_of_a_long_timeline_leave_its_counters_right(capturing: Capturing) -> None:
    count = 560
    many = [
        activity(CALL_ID, id=2_000_000 + n, timestamp=f"2024-03-{1 + n % 28:02} 10:{n % 60:02}") for n in range(count)
    ]
    for entry in many:
        entry["created_at"] = entry["updated_at"] = entry["real_created_at"] = entry["timestamp"]
    capturing.take(answer(*many))
    assert capturing.miscounts() == []
    for entry in many[::14]:
        entry["timestamp"] = entry["created_at"] = "2024-02-01 08:00"
    capturing.take(answer(*many))
    assert capturing.miscounts() == []
    page = timeline_of(capturing.client(), LEAD_ID, per_page=40, page=14)
    assert page["total_count"] == count
    assert [entry["id"] for entry in activities_of(page)] == [2_000_000 + n for n in range(546, -14, -14)]


def test_an_activity_whose_record_changed_leaves_the_old_timeline(capturing: Capturing) -> None:
    capturing.take_files(UPSTREAM)
    capturing.take(answer(activity(CALL_ID, refer_id=77, saleable_id=77)))
    assert CALL_ID not in capturing.served()
    assert list(capturing.served(77)) == [CALL_ID]
    assert capturing.miscounts() == []


def test_what_was_written_here_since_survives(capturing: Capturing) -> None:
    capturing.take_files(UPSTREAM)
    watcher = capturing.client()
    written = follow_up(watcher, LEAD_ID, "本地写的")
    ok(watcher.put(f"/api/v2/leads/{LEAD_ID}", json={"lead": {"name": "郑校长", "note": "重要"}}))
    local = new_lead(watcher, "本地线索")
    before = capturing.dump()
    assert capturing.take_files(UPSTREAM).changed.total() == 0
    assert capturing.dump() == before
    assert ok(watcher.get(f"/api/v2/leads/{LEAD_ID}"))["name"] == "郑校长"
    assert timeline_of(watcher, LEAD_ID)["total_count"] == 8
    assert ok(watcher.get(f"/api/v2/revisit_logs/{written['id']}"))["content"] == "本地写的"
    assert ok(watcher.get(f"/api/v2/leads/{local}"))["name"] == "本地线索"


@pytest.fixture
def author(capturing: Capturing) -> httpx.Client:
    """A client of the one who wrote the captured follow-ups."""
    capturing.take_files(UPSTREAM)
    return capturing.author()


def test_a_captured_follow_up_that_was_edited_here_stays_edited(capturing: Capturing, author: httpx.Client) -> None:
    follow_up_id = activity()["saleable_id"]
    ok(author.put(f"/api/v2/revisit_logs/{follow_up_id}", json={"revisit_log": {"content": "改过了"}}))
    before = capturing.dump()
    capturing.take_files(UPSTREAM)
    assert capturing.dump() == before
    entry = capturing.served()[FOLLOW_UP_ID]
    assert (entry["description"], entry["origin_description"]) == ("改过了", "改过了")


def test_a_captured_follow_up_that_was_deleted_here_stays_deleted(capturing: Capturing, author: httpx.Client) -> None:
    ok(author.delete(f"/api/v2/revisit_logs/{activity()['saleable_id']}"))
    before = capturing.dump()
    capturing.take_files(UPSTREAM)
    assert capturing.dump() == before
    assert FOLLOW_UP_ID not in capturing.served()
    assert capturing.miscounts() == []
    listed = ok(author.get("/api/v2/revisit_logs/new_index", params={"date": "all"}))
    assert listed["total_count"] == 1


def test_a_captured_lead_that_was_deleted_here_stays_deleted(capturing: Capturing, author: httpx.Client) -> None:
    ok(author.delete(f"/api/v2/leads/{LEAD_ID}"))
    before = capturing.dump()
    capturing.take_files(UPSTREAM)
    assert capturing.dump() == before


def test_a_login_a_role_and_a_leaving_given_here_survive(capturing: Capturing, author: httpx.Client) -> None:
    def use(tx: Tx) -> None:
        people.put_roles(tx, ORGANISATION_ID, [Role(99, "主管", DataScope.ALL)])
        user = people.user_named(tx, ORGANISATION_ID, "xiaolan")
        assert user is not None
        people.put_users(tx, ORGANISATION_ID, [replace(user, role_id=99, workflow_state="left")])
        people.bump_version(tx, ORGANISATION_ID)

    capturing.world.database.write(use)
    before = capturing.dump()
    capturing.take_files(UPSTREAM)
    assert capturing.dump() == before
    assert author.get("/api/v2/leads").json()["code"] == 100401


def test_what_no_capture_tells_of_a_user_survives(capturing: Capturing) -> None:
    capturing.take(answer(activity()))

    def use(tx: Tx) -> None:
        (user,) = people.user_list(tx, ORGANISATION_ID)
        assert (user.from_capture, user.login) == (True, None)
        left = replace(user, gender="female", superior_id=5, left_at=1_700_000_000, workflow_state="left")
        people.put_users(tx, ORGANISATION_ID, [left])

    capturing.world.database.write(use)
    renamed = activity()
    renamed["user"]["name"] = "兰兰"
    assert capturing.take(answer(renamed)).changed == {"users": 1}
    (user,) = capturing.world.database.read(lambda tx: people.user_list(tx, ORGANISATION_ID))
    assert (user.name, user.gender, user.superior_id) == ("兰兰", "female", 5)
    assert (user.left_at, user.workflow_state) == (1_700_000_000, "left")


def test_a_captured_user_who_was_moved_to_a_new_department_moves(capturing: Capturing) -> None:
    capturing.take(answer(activity()))
    moved = activity()
    moved["user"] |= {"department_name": "北京销售部", "phone": "13400000009"}
    assert capturing.take(answer(moved)).changed == {"users": 1}
    assert capturing.served()[FOLLOW_UP_ID]["user"] == moved["user"]
    assert capturing.count(departments) == 2
    assert capturing.count(users) == 2  # and the watcher


def test_a_newer_raw_dump_of_the_lead_updates_it_and_an_older_one_does_not(capturing: Capturing) -> None:
    capturing.take_files(UPSTREAM)
    newer = activity(CREATED_ID)
    newer["saleable_id"] |= {"updated_at": "2024-06-01T10:00:00.000+04:00", "note": "新的备注"}
    capturing.take(answer(newer))
    assert capturing.served()[CREATED_ID]["saleable_id"] == newer["saleable_id"]
    capturing.take_files(UPSTREAM)
    assert capturing.served()[CREATED_ID]["saleable_id"] == newer["saleable_id"]


def test_ids_given_out_afterwards_are_larger_than_all_imported_ones(capturing: Capturing) -> None:
    created = activity(CREATED_ID)
    created["saleable_id"] |= {"turned_customer_id": 1_900_000_001}
    payment = activity(CALL_ID, refer_type="Payment", saleable_type="Payment", saleable_id=1_900_000_002)
    capturing.take(answer(created, payment))
    assert new_lead(capturing.client()) > 1_900_000_002


def test_a_capture_of_another_organisation_may_have_the_same_ids(capturing: Capturing) -> None:
    capturing.take_files(UPSTREAM)
    other = document()
    for entry in activities_of(other["data"]):
        entry["user"]["organization_id"] = 5
    capturing.take(other)
    assert list(capturing.served(organisation_id=5)) == list(capturing.served())
    assert capturing.count(records, 5) == capturing.count(records) == 1
    assert capturing.count(follow_ups, 5) == 2
