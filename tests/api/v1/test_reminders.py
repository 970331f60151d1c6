"""Reminders: what asks for them, what does them, when their people are told; and the calendar that shows them."""

import re
from dataclasses import replace
from typing import Any

import httpx
import pytest
from icalendar import Calendar
from structlog.testing import capture_logs

from genjin.domain.people import LEFT, Rights
from genjin.jobs.periodic import PERIODIC
from genjin.service.inbox.reminding import FILL_REMINDERS
from genjin.service.queue.batches import do_now
from genjin.store import reminders
from tests.world import (
    ALICE,
    BOB,
    CHARLIE,
    ORGANISATION,
    SELLER,
    World,
    fields_of,
    follow_up,
    new_contact,
    new_customer,
    new_lead,
    ok,
    problem,
)

Json = Any
DAY = 86_400
TODAY, TOMORROW, NEXT_WEEK = "2024-06-12 18:00", "2024-06-13 09:00", "2024-06-19 09:00"


@pytest.fixture(params=["world", "postgres_world"])
def worlds(request: pytest.FixtureRequest, postgres_template: str) -> World:
    """On either engine."""
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


def listed(client: httpx.Client, **asked: str) -> list[Json]:
    told = client.get("/api/v1/reminders", params={"limit": "200", **asked})
    assert told.status_code == 200, told.text
    return list(told.json()["items"])


def due(client: httpx.Client, **asked: str) -> list[str]:
    return [each["due_at"][:16].replace("T", " ") for each in listed(client, **asked)]


def shown(client: httpx.Client, id_: int) -> str:
    """The next reminder that /api/v2 shows of a lead."""
    return str(ok(client.get(f"/api/v2/leads/{id_}"))["revisit_remind_at"])


def tell(world: World) -> str:
    return PERIODIC["reminders.tell"].run(world.installation, lambda: True)


def act(client: httpx.Client, id_: int, what: str, **body: str) -> Json:
    told = client.post(f"/api/v1/reminders/{id_}/{what}", json=body or None)
    assert told.status_code == 200, told.text
    return told.json()


def test_a_follow_up_reminds_its_author_and_may_be_put_off_and_done(worlds: World) -> None:
    alice, bob = worlds.client("alice"), worlds.client("bob")
    id_ = new_lead(alice)
    written = follow_up(alice, id_, "周三回电", remind_at=TODAY)
    [told] = listed(alice)
    assert (told["state"], told["record"]["id"], told["activity"]["text"]) == ("due", id_, "周三回电")
    assert (told["due_at"], told["remind_at"], told["done_at"]) == (told["remind_at"], told["due_at"], None)
    assert (due(bob), shown(alice, id_)) == ([], TODAY)
    problem(bob.post(f"/api/v1/reminders/{told['id']}/done"), 404, "not_found")
    past = {"until": "2024-06-12T10:00:00+08:00"}
    assert fields_of(problem(alice.post(f"/api/v1/reminders/{told['id']}/snooze", json=past), 422, "invalid"))

    later = act(alice, told["id"], "snooze", until="2024-06-13T09:00:00+08:00")
    assert (later["state"], later["remind_at"][:16]) == ("upcoming", "2024-06-12T18:00")
    assert (due(alice), shown(alice, id_)) == ([TOMORROW], TOMORROW)
    assert due(alice, state="due") == due(alice, state="overdue") == due(alice, to="2024-06-12") == []
    assert due(alice, state="upcoming") == due(alice, **{"from": "2024-06-13"}) == [TOMORROW]

    change = {"revisit_log": {"remind_at": NEXT_WEEK}}
    ok(alice.put(f"/api/v2/revisit_logs/{written['id']}", json=change))
    assert (due(alice), shown(alice, id_)) == ([NEXT_WEEK], NEXT_WEEK)
    follow_up(alice, id_, remind_at=TODAY)
    assert (due(alice), shown(alice, id_)) == ([TODAY, NEXT_WEEK], TODAY)
    done = act(alice, listed(alice)[0]["id"], "done")
    assert (done["state"], done["done_at"][:10]) == ("done", "2024-06-12")
    assert (due(alice), shown(alice, id_), due(alice, state="done")) == ([NEXT_WEEK], NEXT_WEEK, [TODAY])
    ok(alice.delete(f"/api/v2/revisit_logs/{written['id']}"))
    assert (due(alice), shown(alice, id_)) == ([], "")
    assert act(alice, done["id"], "snooze", until="2024-06-12T11:00:00+08:00")["state"] == "due"


def test_each_is_told_once_when_it_is_due_and_a_follow_up_does_it(worlds: World) -> None:
    alice = worlds.client("alice")
    id_ = new_lead(alice)
    follow_up(alice, id_, remind_at=TODAY)
    assert tell(worlds) == "0 told"
    worlds.clock.at += 9 * 3600
    assert (tell(worlds), tell(worlds)) == ("1 told", "0 told")
    [notice] = alice.get("/api/v1/inbox?lang=en").json()["items"]
    assert (notice["kind"], notice["actor"], notice["record"]["id"]) == ("reminder_due", None, id_)
    assert notice["sentence"] == "It is time to follow up with 郑老师"
    [told] = listed(alice, state="overdue")
    assert notice["details"] == {"reminder_id": told["id"]}
    act(alice, told["id"], "snooze", until="2024-06-13T09:00:00+08:00")
    worlds.clock.at += DAY
    assert tell(worlds) == "1 told"
    follow_up(alice, id_, "回了")
    assert (due(alice), due(alice, state="done")) == ([], [TOMORROW])


def test_a_record_reminds_its_owner_and_who_is_given_it(worlds: World) -> None:
    alice, bob, dora = (worlds.client(name) for name in ("alice", "bob", "dora"))
    id_ = new_lead(alice, revisit_remind_at=TODAY)
    ok(bob.put(f"/api/v2/leads/{id_}", json={"lead": {"revisit_remind_at": TOMORROW}}))
    assert (due(alice), due(bob), listed(alice)[0]["activity"]) == ([TOMORROW], [], None)
    follow_up(alice, id_, remind_at=NEXT_WEEK)
    ok(dora.post(f"/api/v2/leads/{id_}/update_user", json={"user_id": BOB.id}))
    assert (due(alice), due(bob)) == ([], [TOMORROW, NEXT_WEEK])
    ok(dora.put(f"/api/v2/leads/{id_}", json={"lead": {"revisit_remind_at": ""}}))
    assert due(bob) == [TOMORROW]
    ok(dora.post(f"/api/v2/leads/{id_}/update_user", json={"user_id": CHARLIE.id}))
    assert (due(bob), due(worlds.client("charlie"))) == ([], [TOMORROW])


def test_what_is_not_seen_is_not_shown_and_what_was_merged_reminds_of_what_took_its_place(world: World) -> None:
    alice, charlie, dora = (world.client(name) for name in ("alice", "charlie", "dora"))
    id_, other = new_lead(alice), new_lead(alice, "王老师")
    ok(alice.post(f"/api/v2/leads/{id_}/update_assist_user", json={"assist_user_ids": [CHARLIE.id]}))
    follow_up(charlie, id_, remind_at=TODAY)
    ok(dora.post(f"/api/v2/leads/{other}/merge", json={"merge_ids": [id_]}))
    assert due(charlie) == []
    ok(alice.post(f"/api/v2/leads/{other}/update_assist_user", json={"assist_user_ids": [CHARLIE.id]}))
    assert [each["record"]["id"] for each in listed(charlie)] == [other]
    assert due(world.client("eve")) == []


def test_the_next_one_is_in_lists_also_of_what_rolls_up(worlds: World) -> None:
    alice = worlds.client("alice")
    first, second, third = (new_customer(alice, name) for name in ("一", "二", "三"))
    follow_up(alice, new_contact(alice, customer_id=second), type_="Contact", remind_at=TODAY)
    follow_up(alice, first, type_="Customer", remind_at=NEXT_WEEK)
    follow_up(alice, second, type_="Customer", remind_at=TOMORROW)

    def ids(**asked: str) -> list[int]:
        found = alice.get("/api/v1/records/customers", params=asked).json()["items"]
        assert found == [alice.get(f"/api/v1/records/customers/{each['id']}").json() for each in found]
        return [each["id"] for each in found]

    assert ids(sort="next_due_at", order="asc") == [second, first, third]
    assert ids(sort="next_due_at") == [first, second, third]
    assert ids(next_due_before="2024-06-12") == [second]
    assert ids(next_due_after="2024-06-13") == [first]
    told = alice.get(f"/api/v1/records/customers/{second}").json()
    assert told["next_due_at"] == alice.get("/api/v1/users").json()["items"][0]["next_due_at"]
    assert told["next_due_at"] == "2024-06-12T18:00:00+08:00"


def test_a_job_keeps_those_of_what_was_written_before(worlds: World) -> None:
    alice = worlds.client("alice")
    id_ = new_lead(alice)
    new_lead(alice, "王老师", revisit_remind_at=NEXT_WEEK)
    follow_up(alice, id_, remind_at=TOMORROW)
    follow_up(alice, new_lead(alice), "过去", remind_at="2024-06-01 09:00")
    before = [(each["due_at"], each["record"], each["activity"]) for each in listed(alice)]
    assert len(before) == 2
    for each in listed(alice):
        worlds.database.write(lambda tx, gone=each["id"]: reminders.remove(tx, ORGANISATION.id, gone), ORGANISATION.id)
    for _ in range(2):
        do_now(worlds.installation, ORGANISATION.id, replace(FILL_REMINDERS, first=2, most=2), {}, lambda _: None)
        assert [(each["due_at"], each["record"], each["activity"]) for each in listed(alice)] == before


def link(client: httpx.Client) -> str:
    told = client.put("/api/v1/calendar")
    assert told.status_code == 200, told.text
    return str(told.json()["url"])


def events(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    assert b"\n" not in answer.content.replace(b"\r\n", b"")
    read = Calendar.from_ical(answer.content)
    assert (read["VERSION"], len(read.walk("VCALENDAR"))) == ("2.0", 1)
    return {str(each["UID"]): each for each in read.walk("VEVENT")}


def test_a_calendar_shows_reminders_and_visits_without_a_token(world: World, stranger: httpx.Client) -> None:
    alice = world.client("alice")
    id_ = new_lead(alice, "长江贸易📈有限公司" * 4)
    text = "周三；带样品, 报价\\单\n" + "见王主任🤝" * 20
    follow_up(alice, id_, text, remind_at=TODAY)
    visit = {"checkable_type": "Lead", "checkable_id": id_, "detail_address": "南京路1号"}
    ok(alice.post("/api/v2/checkins", json={"checkin": visit}))
    url = link(alice)
    first = stranger.get(url)
    found = events(first)
    [reminder] = [each for uid, each in found.items() if uid.startswith("reminder-")]
    [visited] = [each for uid, each in found.items() if uid.startswith("visit-")]
    assert reminder["SUMMARY"] == f"跟进 {'长江贸易📈有限公司' * 4}"
    assert reminder["DESCRIPTION"] == text
    assert reminder.decoded("DTSTART").isoformat() == "2024-06-12T10:00:00+00:00"
    assert reminder.decoded("DTSTAMP").isoformat() == "2024-06-12T02:00:00+00:00"
    [alarm] = reminder.walk("VALARM")
    assert (alarm["ACTION"], alarm.decoded("TRIGGER").total_seconds()) == ("DISPLAY", 0)
    assert (visited["LOCATION"], visited.decoded("DTSTART").isoformat()) == ("南京路1号", "2024-06-12T02:00:00+00:00")
    assert stranger.get(url, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    assert "Follow up with" in stranger.get(url, params={"lang": "en"}).text
    assert stranger.get(url).content == first.content
    act(alice, listed(alice)[0]["id"], "snooze", until="2024-06-13T09:00:00+08:00")
    again = events(stranger.get(url))
    assert again.keys() == found.keys()
    assert again[str(reminder["UID"])].decoded("DTSTART").isoformat() == "2024-06-13T01:00:00+00:00"


def test_a_link_is_one_secret_that_may_be_renewed_and_taken_away(world: World, stranger: httpx.Client) -> None:
    alice = world.client("alice")
    assert alice.get("/api/v1/calendar").json() == {"created_at": None, "url": None}
    problem(alice.delete("/api/v1/calendar"), 404, "not_found")
    first, second = link(alice), link(alice)
    other = link(world.client("bob"))
    assert len({first, second, other}) == 3
    assert alice.get("/api/v1/calendar").json() == {"created_at": "2024-06-12T10:00:00+08:00", "url": None}
    problem(stranger.get(first), 401, "unauthenticated")
    assert [stranger.get(url).status_code for url in (second, other)] == [200, 200]
    assert alice.delete("/api/v1/calendar").status_code == 204
    problem(stranger.get(second), 401, "unauthenticated")
    secret = re.findall(r"/([0-9a-f]{48})\.ics$", other)[0]
    problem(stranger.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}), 401, "unauthenticated")
    for wrong in ("x", secret[:-1], secret[:-1] + "g", f"00000002{secret[8:]}", world.site.tokens["alice"]):
        problem(stranger.get(f"/api/v1/calendar/{wrong}.ics"), 401, "unauthenticated")
    stored = world.database.read(lambda tx: tx.rows("SELECT * FROM calendar_links WHERE organisation_id = ?", (1,)))
    assert len(stored) == 1
    assert secret not in str(stored)
    with capture_logs():
        stranger.get(other)
    world.change(replace(BOB, workflow_state=LEFT))
    problem(stranger.get(other), 401, "unauthenticated")


def test_a_calendar_shows_what_its_person_sees_now_as_they_see_it(world: World, stranger: httpx.Client) -> None:
    alice, charlie = world.client("alice"), world.client("charlie")
    id_ = new_lead(alice)
    ok(alice.post(f"/api/v2/leads/{id_}/update_assist_user", json={"assist_user_ids": [CHARLIE.id]}))
    follow_up(charlie, id_, "打13400000031", remind_at=TODAY)
    url = link(charlie)
    assert "13400000031" in stranger.get(url).text
    world.change(replace(SELLER, rights=Rights(phones_masked=True)))
    assert "134****0031" in stranger.get(url).text
    ok(alice.post(f"/api/v2/leads/{id_}/update_assist_user", json={"assist_user_ids": []}))
    assert events(stranger.get(url)) == {}
    assert ALICE.name not in stranger.get(url).text
