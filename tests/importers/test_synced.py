"""A copy of a Genjin answers what the original answers; what is put twice is put once; what was done here stays."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from genjin.domain.records import RecordType, Ref
from genjin.importers.synced.followups import put_follow_ups, unknown_follow_ups
from genjin.importers.synced.people import put_departments
from genjin.importers.synced.records import put_records, take_away_records
from genjin.importers.synced.timelines import put_timeline
from genjin.store import activities, people, records, sync_ids
from tests.acts import ACTS
from tests.importers.captures import Capturing
from tests.importers.copying import ORDER, SYNC_ID, WATCHED, Copy, Upstream, copy_in, differences, empty_copy
from tests.world import (
    ALICE,
    ORGANISATION,
    Json,
    World,
    follow_up,
    new_contact,
    new_customer,
    new_lead,
    ok,
    timeline_of,
)

MUST_DIFFER = {"role_json", "is_super_user", "enabled_number_hidden_dispose"}
ADDRESSES = {"file_url", "origin_url", "public_url", "mp3_file_url"}


@pytest.fixture
def copy(tmp_path: Path, sqlite_template: Path) -> Iterator[Copy]:
    with empty_copy(tmp_path, sqlite_template) as copy:
        yield copy


def test_a_copy_answers_what_the_original_answers(world: World, copy: Copy) -> None:
    for kind, act in ACTS.items():
        if kind.code:
            act(world)
    copy.world.clock.at = world.clock.at
    original = Upstream(world.client("dora"))
    outcome = copy.take(original, with_files=True)
    assert outcome.misfits == []
    other = Upstream(copy.client())
    found = differences(told_by(other), told_by(original))
    assert "\n".join(each for each in found if not (MUST_DIFFER | ADDRESSES) & _keys(each)) == ""
    for entry in (e for bodies in told_by(other)["timelines"].values() for e in bodies):
        for file in (*entry["attachments"], *entry["audios"]):
            assert other.client.get(file["file_url"]).status_code == 200
    once = copy.dump()
    again = copy.take(original, with_files=True)
    assert (again.misfits, again.changed, again.gone) == ([], {}, {})
    assert copy.dump() == once
    assert copy.world.miscounts() == []


def test_a_name_is_read_as_it_is_read_there(world: World, copy: Copy) -> None:
    lead = new_lead(world.client("alice"), "重庆某某公司")
    read: dict[str, object] = {"name_pinyin": "zhongqingmoumougongsi"}
    world.database.write(lambda tx: records.change(tx, ORGANISATION.id, Ref(RecordType.LEAD, lead), read))
    original = Upstream(world.client("dora"))
    for _ in range(2):
        copy.take(original)
        other = Upstream(copy.client())
        assert other.timeline(RecordType.LEAD, lead) == original.timeline(RecordType.LEAD, lead)


def test_without_files_entries_show_those_of_the_upstream(world: World, copy: Copy) -> None:
    alice = world.client("alice")
    lead = new_lead(alice)
    photo = ok(alice.post("/api/v2/attachments", files={"file": ("a.txt", b"words")}))["id"]
    follow_up(alice, lead, attachment_ids=[photo])
    original = Upstream(world.client("dora"))
    copy.take(original)
    (entry, _), (shown, _) = (server.timeline(RecordType.LEAD, lead) for server in (original, Upstream(copy.client())))
    assert shown == entry


@pytest.fixture
def either_copy(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Copy]:
    """A copy on each engine."""
    monkeypatch.chdir(tmp_path)
    with copy_in(database_url) as copy:
        yield copy


def test_ids_that_somebody_has_here_are_translated_wherever_they_stand(world: World, either_copy: Copy) -> None:
    """Into an organisation that has things of its own, and from two sources."""
    copy = either_copy
    alice = world.client("alice")
    lead = new_lead(alice, "第一个")
    customer = new_customer(alice, "客户一", refer_lead_id=lead)
    contact = new_contact(alice, customer_id=customer)
    follow_up(alice, customer, "见面", "Customer", at_user_ids=[32], contacts_ids=[contact])
    original = Upstream(world.client("dora"))
    copy.take(original)
    outcome = copy.take(original, sync_id=SYNC_ID + 1)
    assert outcome.misfits == []
    ids = {
        name: copy.database.read(
            lambda tx, name=name, id_=id_: sync_ids.ours(tx, ORGANISATION.id, SYNC_ID + 1, name, [id_])[id_]
        )
        for name, id_ in (("leads", lead), ("customers", customer), ("contacts", contact), ("users", ALICE.id))
    }
    assert not {lead, customer, contact, ALICE.id} & set(ids.values())
    other = Upstream(copy.client())
    shown = other.timeline(RecordType.CUSTOMER, ids["customers"])
    wanted = original.timeline(RecordType.CUSTOMER, customer)
    assert [e["description"] for e in shown] == [e["description"] for e in wanted]
    assert {(e["refer_type"], e["refer_id"]) for e in shown} == {
        ("Customer", ids["customers"]),
        ("Lead", ids["leads"]),
        ("Contact", ids["contacts"]),
    }
    assert {e["user"]["id"] for e in shown} == {ids["users"]}
    written = next(e for e in shown if e["saleable_type"] == "RevisitLog")
    assert written["revisit_log_contacts"] == [{"id": ids["contacts"], "name": "王主任"}]
    assert [user["name"] for user in written["at_users"]] == ["Bob"]
    assert not {e["id"] for e in shown} & {e["id"] for e in wanted}
    assert copy.world.miscounts() == []


def test_what_was_changed_or_deleted_here_stays_until_it_is_changed_there_later(world: World, copy: Copy) -> None:
    alice, hour = world.client("alice"), 3600
    changed, deleted = new_lead(alice, "改名前"), new_lead(alice, "要删的")
    entry = follow_up(alice, changed, "原文")["id"]
    original = Upstream(world.client("dora"))
    copy.take(original)
    here = copy.client("alice", ALICE.id)
    copy.world.clock.at = world.clock.at + hour
    ok(here.put(f"/api/v2/leads/{changed}", json={"lead": {"name": "这里的名字"}}))
    ok(here.put(f"/api/v2/revisit_logs/{entry}", json={"revisit_log": {"content": "这里的话"}}))
    ok(here.delete(f"/api/v2/leads/{deleted}"))
    copy.take(original)
    assert _names(Upstream(here)) == {changed: "这里的名字"}
    assert _texts(Upstream(here), changed) == {"这里的话"}
    world.clock.at += 2 * hour
    ok(alice.put(f"/api/v2/leads/{changed}", json={"lead": {"name": "那边的名字"}}))
    ok(alice.put(f"/api/v2/revisit_logs/{entry}", json={"revisit_log": {"content": "那边的话"}}))
    copy.take(original)
    assert _names(Upstream(here)) == {changed: "那边的名字"}
    assert _texts(Upstream(here), changed) == {"那边的话"}


def test_what_vanished_there_is_deleted_here_and_comes_back_with_it(world: World, copy: Copy) -> None:
    alice, dora = world.client("alice"), world.client("dora")
    kept, gone = new_lead(alice, "留着"), new_lead(alice, "没了")
    first = follow_up(alice, kept, "会被删")["id"]
    original = Upstream(dora)
    copy.take(original)
    other = Upstream(copy.client())
    before, entries = original.records(RecordType.LEAD), original.timeline(RecordType.LEAD, kept)
    ok(alice.delete(f"/api/v2/leads/{gone}"))
    ok(alice.delete(f"/api/v2/revisit_logs/{first}"))
    copy.put(take_away_records, RecordType.LEAD, {gone})
    copy.take(original)
    assert _names(other) == {kept: "留着"}
    assert _texts(other, kept) == set()
    copy.put(put_records, RecordType.LEAD, before)
    copy.put(put_timeline, Ref(RecordType.LEAD, kept), entries, True)
    assert _names(other) == {kept: "留着", gone: "没了"}
    assert other.timeline(RecordType.LEAD, kept) == entries
    assert copy.world.miscounts() == []


def test_a_follow_up_that_no_timeline_showed_is_an_entry_and_the_same_when_one_does(world: World, copy: Copy) -> None:
    alice = world.client("alice")
    contact, lead = new_contact(alice), new_lead(alice)
    follow_up(alice, contact, "没有客户的联系人", "Contact", category=41, real_revisit_at="2024-06-11 09:00")
    follow_up(alice, lead, "线索上的")
    original = Upstream(world.client("dora"))
    shown, asked = original.timeline(RecordType.LEAD, lead), {"date": "other", "start_date": "2024-06-01"}
    listed = original.get("/api/v2/revisit_logs/new_index", **asked, end_date="2024-06-30")["revisit_logs"]
    copy.take(original, timelines=False)
    unknown = copy.database.read(lambda tx: unknown_follow_ups(copy.bringing(tx), listed))
    assert unknown == [Ref(RecordType.LEAD, lead), Ref(RecordType.CONTACT, contact)]
    for _ in range(2):
        assert copy.put(put_follow_ups, [*listed, {"id": 5}]).misfits[0].path == "follow_ups[2].loggable_type"
        copy.put(put_timeline, Ref(RecordType.LEAD, lead), shown, True)
    other = Upstream(copy.client())
    told = other.get("/api/v2/revisit_logs/new_index", **asked, end_date="2024-06-30")["revisit_logs"]
    assert "\n".join(differences(told, listed)) == ""
    entries = other.timeline(RecordType.LEAD, lead)
    assert [entry | {"id": 0} for entry in entries] == [entry | {"id": 0} for entry in shown]
    assert copy.world.miscounts() == []


@pytest.mark.parametrize("captured_first", [True, False])
def test_a_capture_and_a_copy_of_the_same_make_nothing_twice(
    captured_first: bool, world: World, copy: Copy, tmp_path: Path
) -> None:
    alice = world.client("alice")
    customer = new_customer(alice, "郑州第一中学")
    contact = new_contact(alice, customer_id=customer)
    follow_up(alice, customer, "见面", "Customer", at_user_ids=[32], contacts_ids=[contact])
    original = Upstream(world.client("dora"))
    capturing, copy.captures = Capturing(copy.world, tmp_path), True
    told = {"code": 0, "data": timeline_of(original.client, customer, "customers")}
    for captured in (captured_first, not captured_first):
        if captured:
            capturing.take(told)
        else:
            assert copy.take(original).misfits == []
    other = Upstream(copy.client())
    shown, wanted = (server.timeline(RecordType.CUSTOMER, customer) for server in (other, original))
    found = [each for each in differences(shown, wanted) if "department_id" not in each]  # captures do not tell it
    assert "\n".join(found) == ""
    for type_ in ORDER:
        assert [each["id"] for each in other.records(type_)] == [each["id"] for each in original.records(type_)]
    assert [each["id"] for each in other.users()] == [each["id"] for each in original.users()]
    assert sorted(each["name"] for each in other.departments()) == sorted(d["name"] for d in original.departments())
    entry = other.timeline(RecordType.CUSTOMER, customer)[0]
    assert copy.database.read(lambda tx: activities.versions(tx, ORGANISATION.id, entry["id"])) == []
    assert copy.world.miscounts() == []


def test_what_vanished_there_stays_where_somebody_went_on_with_it_here(world: World, copy: Copy) -> None:
    alice = world.client("alice")
    written_on, commented = new_lead(alice, "有人跟进"), new_lead(alice, "有人评论")
    follow_up(alice, commented, "原文")
    original = Upstream(world.client("dora"))
    copy.take(original)
    here = copy.client()
    entry = Upstream(here).timeline(RecordType.LEAD, commented)[0]["id"]
    ok(here.post(f"/api/v2/sales_activities/{entry}/comments", json={"content": "记得回访"}))
    follow_up(here, written_on, "这里的跟进")
    copy.put(take_away_records, RecordType.LEAD, {written_on})
    copy.put(put_timeline, Ref(RecordType.LEAD, commented), [], True)
    assert _names(Upstream(here)) == {written_on: "有人跟进", commented: "有人评论"}
    assert _texts(Upstream(here), commented) == {"原文"}
    unreadable = original.timeline(RecordType.LEAD, commented)[:1]
    unreadable[0]["id"] = "?"
    outcome = copy.put(put_timeline, Ref(RecordType.LEAD, commented), unreadable, True)
    assert [(misfit.path, misfit.raw) for misfit in outcome.misfits] == [("activities[0].id", unreadable[0])]
    assert (+outcome.new, +outcome.gone) == (Counter(), Counter())


def test_a_circle_of_departments_is_cut_once_and_what_hangs_on_it_stays(copy: Copy) -> None:
    told = [(1, 3), (2, 1), (3, 2), (4, 1), (5, 4), (6, None)]
    outcome = copy.put(put_departments, [{"id": id_, "name": f"部门{id_}", "parent_id": up} for id_, up in told])
    assert outcome.misfits == []
    there = copy.database.read(lambda tx: people.department_list(tx, ORGANISATION.id))
    assert {(each.id, each.parent_id) for each in there} == {*told} - {(1, 3)} | {(1, None)}


def test_nobody_who_came_so_can_sign_in(world: World, copy: Copy) -> None:
    copy.take(Upstream(world.client("dora")))
    with_password, users = copy.database.read(
        lambda tx: (people.users_with_password(tx, ORGANISATION.id), people.user_list(tx, ORGANISATION.id))
    )
    assert with_password == set()
    assert {user.login for user in users} == {None}
    assert {user.name for user in users} == {"Alice", "Bob", "Charlie", "Dora"}


def told_by(server: Upstream) -> Json:
    """All that it answers."""
    records = {type_.name: {each["id"]: each for each in server.records(type_)} for type_ in ORDER}
    timelines = {f"{type_.name} {id_}": server.timeline(type_, id_) for type_ in WATCHED for id_ in records[type_.name]}
    return {"departments": server.departments(), "users": server.users(), "records": records, "timelines": timelines}


def _keys(difference: str) -> set[str]:
    return set(difference.split(":")[0].split("."))


def _names(server: Upstream) -> dict[int, str]:
    return {each["id"]: each["name"] for each in server.records(RecordType.LEAD)}


def _texts(server: Upstream, lead: int) -> set[str]:
    return {e["description"] for e in server.timeline(RecordType.LEAD, lead) if e["saleable_type"] == "RevisitLog"}
