"""Activities: what is shown of each kind, and lists of them by every parameter."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, event

from genjin.domain.activity import Draft
from genjin.domain.kinds import KINDS, Kind
from genjin.domain.people import Rights
from genjin.domain.records import RecordType, Ref
from genjin.wire.v1.feed import FeedItem
from tests.acts import ACTS, PHOTO, entry_of
from tests.api.uploading import upload
from tests.samples import recording
from tests.world import (
    ALICE,
    BOB,
    ORGANISATION,
    PHONES,
    SALES,
    SELLER,
    VISIT,
    Json,
    World,
    fields_of,
    follow_up,
    new_contact,
    new_customer,
    new_lead,
    ok,
    problem,
)

FEED = "/api/v1/activities"
SET_BACK = (
    *("2010-11-06T23:30:00-02:30", "2010-11-07T00:00:30-02:30"),
    *("2010-11-06T23:01:30-03:30", "2010-11-07T00:30:00-03:30"),
)
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: str(kind.event))


def feed(client: httpx.Client, **asked: Any) -> list[Json]:
    """The items of a feed that is one page long."""
    told = client.get(FEED, params={name.rstrip("_"): value for name, value in asked.items()})
    assert told.status_code == 200, told.text
    body = told.json()
    assert body["next"] is None
    for item in body["items"]:
        FeedItem.model_validate(item)
    return list(body["items"])


def kinds_in(items: list[Json]) -> list[str]:
    return [item["kind"] for item in items]


@every_kind
def test_every_kind_is_shown(world: World, kind: Kind) -> None:
    entry = entry_of(world, kind)
    item = next(item for item in feed(world.client("dora")) if item["id"] == entry.ids["activity"])
    assert (item["kind"], item["group"]) == (kind.event, kind.group)
    assert item["subject"]["id"] == entry.shown["refer_id"]
    assert item["subject"]["name"] == entry.shown["refer_name"]
    assert item["sentence"]
    assert item["comment_count"] == entry.shown["comments_count"]
    assert (item["version"], item["deleted"], item["via"]) == (1, False, None)
    assert item["at"].startswith(entry.shown["timestamp"].replace(" ", "T"))
    assert set(ACTS) == set(KINDS.values())


def test_a_follow_up_is_shown_with_all_that_it_has(world: World) -> None:
    entry = entry_of(world, KINDS[2])
    ids = entry.ids
    item = next(item for item in feed(world.client("alice"), lang="en") if item["id"] == ids["activity"])
    details, files = item["details"], item["files"]
    assert item["sentence"] == "Alice followed up with 郑州第一中学"
    assert item["actor"] == {"id": ALICE.id, "name": "Alice"}
    assert item["category"] == {"id": VISIT.id, "label": "拜访"}
    assert item["said_at"] == "2024-06-12T09:30:00+08:00"
    assert item["remind_at"] == "2024-06-14T15:00:00+08:00"
    assert details["place"]["detail"] == "世纪大道1号"
    assert details["mentions"] == [{"id": BOB.id, "name": "Bob"}]
    assert [(each["type"], each["id"]) for each in details["records"]] == [
        ("contacts", ids["contact"]),
        ("opportunities", ids["opportunity"]),
        ("contracts", ids["contract"]),
    ]
    assert [(file["id"], file["kind"]) for file in files] == [
        (ids["photo"], "picture"),
        (ids["quotation"], "file"),
        (ids["voice"], "recording"),
    ]
    assert world.client().get(files[0]["url"]).content == PHOTO
    assert files[2]["mp3_url"]
    assert item["comment_count"] == 1


def change_of_name(before: str, after: str) -> dict[str, str]:
    texts = {"before_text": before, "after_text": after}
    return {"field": "name", "label": "名称", "before": before, "after": after, **texts}


def test_a_change_is_shown_with_what_was_before_and_after(alice: httpx.Client, id_: int) -> None:
    ok(alice.put(f"/api/v2/leads/{id_}", json={"lead": {"name": "郑校长"}}))
    item = feed(alice, kind="record.edited")[0]
    change = change_of_name("郑老师", "郑校长")
    assert item["details"] == {"changes": [change], "note": "", "summary": "名称：郑老师 → 郑校长", "records": []}
    assert item["sentence"] == "Alice编辑了郑校长"


def test_an_edit_is_another_version(alice: httpx.Client, id_: int) -> None:
    written = follow_up(alice, id_)
    for text in ("再约", "已约"):
        ok(alice.put(f"/api/v2/revisit_logs/{written['id']}", json={"revisit_log": {"content": text}}))
    item = feed(alice, kind="talk")[0]
    assert (item["version"], item["text"]) == (3, "已约")
    assert item["edited_at"]


def test_what_the_installation_does_has_no_actor(world: World) -> None:
    entry = entry_of(world, KINDS[18])
    for language, sentence in (("zh", "即将退回公海"), ("en", "will go back to its pool soon")):
        items = feed(world.client("dora"), kind="system", lang=language)
        assert [(item["id"], item["actor"]) for item in items] == [(entry.ids["activity"], None)]
        assert sentence in items[0]["sentence"]


def test_a_feed_is_of_the_whole_organisation_as_far_as_it_is_seen(world: World, alice: httpx.Client) -> None:
    new_lead(alice)
    new_lead(world.client("charlie"))
    seen = {name: len(feed(world.client(name))) for name in ("alice", "bob", "charlie", "dora", "eve")}
    assert seen == {"alice": 1, "bob": 1, "charlie": 1, "dora": 2, "eve": 0}


def test_a_feed_of_a_customer_tells_through_which_record_each_came_and_each_once(alice: httpx.Client) -> None:
    lead = new_lead(alice)
    customer = new_customer(alice, refer_lead_id=lead)
    contact = new_contact(alice, customer_id=customer)
    follow_up(alice, contact, type_="Contact")
    asked = {"subject": [f"customers/{customer}", f"leads/{lead}"]}
    whole = feed(alice, subject=f"customers/{customer}")
    assert [(item["via"] or {}).get("type") for item in whole if item["kind"] == "follow_up.written"] == ["contacts"]
    assert {item["id"] for item in whole} == {item["id"] for item in feed(alice, **asked)}
    own, related = (feed(alice, subject=f"customers/{customer}", via=via) for via in ("own", "relation"))
    assert {item["id"] for item in own} == {item["id"] for item in whole if item["via"] is None}
    assert {item["id"] for item in own + related} == {item["id"] for item in whole}
    assert {item["via"]["type"] for item in feed(alice, subject=f"customers/{customer}", via="leads")} == {"leads"}
    assert feed(alice, subject=f"!customers/{customer}") == []
    assert feed(alice, via="own") == feed(alice)
    assert feed(alice, via=["relation", "contacts"]) == []
    assert feed(alice, actor=9_999_999_999) == []


def test_filters_combine_and_are_negated(world: World, alice: httpx.Client, id_: int, bob: httpx.Client) -> None:
    follow_up(alice, id_, "在忙, Call LATER")
    follow_up(bob, id_, "明天再打")
    assert kinds_in(feed(alice, kind="!record.created")) == ["follow_up.written"] * 2
    assert [item["text"] for item in feed(alice, kind=["talk", "call"], actor="!me")] == ["明天再打"]
    assert [item["text"] for item in feed(alice, q="call later")] == ["在忙, Call LATER"]
    assert [item["text"] for item in feed(alice, q=["忙", "再打", "!明天"])] == ["在忙, Call LATER"]
    assert len(feed(alice, department=SALES.id)) == 3
    assert len(feed(alice, department=PHONES.id, actor=[ALICE.id, BOB.id])) == 2
    assert feed(alice, department=[f"!{PHONES.id}", f"!{SALES.id}"]) == []
    assert feed(alice, department=4_000) == []


def test_a_feed_goes_by_any_of_three_clocks(world: World, alice: httpx.Client, id_: int) -> None:
    for said in ("2024-02-29 00:00", "2024-02-28 23:59", "2024-03-01 00:00"):
        follow_up(alice, id_, said, real_revisit_at=said)
    leap_day = {"from_": "2024-02-29", "to": "2024-02-29", "clock": "said_at"}
    assert [item["text"] for item in feed(alice, **leap_day)] == ["2024-02-29 00:00"]
    moments = {"from_": "2024-02-28T23:59:00+08:00", "to": "2024-02-29T16:00:00Z", "clock": "said_at"}
    found = [item["text"] for item in feed(alice, **moments, order="oldest")]
    assert found == ["2024-02-28 23:59", "2024-02-29 00:00"]
    assert feed(alice, **leap_day | {"clock": "at"}) == []
    assert len(feed(alice, from_="2024-06-12", to="2024-06-12", clock="recorded_at")) == 4


def test_what_an_activity_has_is_asked_for(alice: httpx.Client, id_: int) -> None:
    photo, voice = upload(alice, PHOTO, "door.bmp")["id"], upload(alice, recording(), "voice.wav")["id"]
    follow_up(alice, id_, "拍照", attachment_ids=[photo])
    follow_up(alice, id_, "录音", audio_ids=[voice])
    follow_up(alice, id_, "无")
    [said] = feed(alice, q="无")
    ok(alice.post(f"/api/v2/sales_activities/{said['id']}/comments", json={"content": "好"}))
    for has, text in (("picture", "拍照"), ("recording", "录音"), ("comment", "无")):
        assert [item["text"] for item in feed(alice, has=has)] == [text]
    assert len(feed(alice, has=["picture", "recording", "comment"])) == 3
    assert kinds_in(feed(alice, has=["!picture", "!recording", "!comment"])) == ["record.created"]


def test_pages_are_walked_by_next_links_in_both_orders(world: World, alice: httpx.Client, id_: int) -> None:
    for nth in range(7):
        world.clock.at += nth % 2
        follow_up(alice, id_, f"第{nth}次")
    whole = [item["id"] for item in feed(alice)]
    for order in ("newest", "oldest"):
        found, path = list[int](), f"{FEED}?limit=3&order={order}&subject=leads/{id_}"
        while path:
            body = alice.get(path).json()
            found += [item["id"] for item in body["items"]]
            path = body["next"]
        assert found == (whole if order == "newest" else whole[::-1])


def test_a_cursor_of_another_filter_is_refused(alice: httpx.Client, id_: int) -> None:
    follow_up(alice, id_)
    path = alice.get(FEED, params={"limit": "1", "subject": f"leads/{id_}"}).json()["next"]
    problem(alice.get(path.replace("subject=", "actor=me&subject=")), 400, "bad_cursor")
    problem(alice.get(path.replace(f"leads%2F{id_}", "leads%2F1")), 400, "bad_cursor")


def test_a_merged_record_stands_for_what_took_its_place(alice: httpx.Client) -> None:
    kept, gone = new_lead(alice, "甲"), new_lead(alice, "乙")
    ok(alice.post(f"/api/v2/leads/{kept}/merge", json={"merge_ids": [gone]}))
    items = feed(alice, subject=f"leads/{gone}")
    assert items == feed(alice, subject=f"leads/{kept}")
    assert {"type": "leads", "id": gone} in [item["via"] for item in items]


def test_a_subject_that_is_not_seen_is_refused_like_one_that_is_not_there(world: World, id_: int) -> None:
    charlie = world.client("charlie")
    for subject in (f"leads/{id_}", "leads/999999999", "leads/9999999999", f"!leads/{id_}", f"customers/{id_}"):
        problem(charlie.get(FEED, params={"subject": subject}), 404, "not_found")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        *(
            ({"subject": bad}, "subject.0")
            for bad in ("leads", "leads/0", "users/1", "leads/01", "leads/-1", "!!leads/1")
        ),
        ({"subject": ["leads/1"] * 11}, "subject"),
        *(({"kind": bad}, "kind.0") for bad in ("", "!", "Talk")),
        *(({"kind": bad}, "kind") for bad in ("talking", "record.")),
        *(({"actor": bad}, "actor.0") for bad in ("alice", "０", "1.5")),
        *(({"department": bad}, "department.0") for bad in ("me", "-1")),
        *(({"has": bad}, "has.0") for bad in ("text", "Picture")),
        *(({"q": bad}, "q.0") for bad in ("", "长" * 201)),
        ({"q": "!"}, "q.0"),
        ({"via": "users"}, "via.0"),
        ({"clock": "now"}, "clock"),
        ({"order": "up"}, "order"),
        ({"from": "2023-02-29"}, "from"),
        ({"to": "2024-06-12 10:00"}, "to"),
        ({"actor": ["1"] * 51}, "actor"),
    ],
)
def test_what_cannot_be_a_filter_is_refused(alice: httpx.Client, asked: dict[str, Any], field: str) -> None:
    assert fields_of(problem(alice.get(FEED, params=asked), 422, "invalid")) == {field}


def test_an_id_that_is_too_high_is_that_of_nothing(postgres_world: World) -> None:
    alice = postgres_world.client("alice")
    new_lead(alice)
    for high in (2_147_483_648, 9_999_999_999):
        assert feed(alice, actor=high) == feed(alice, department=high) == []
        assert len(feed(alice, actor=f"!{high}")) == len(feed(alice, department=f"!{high}")) == 1
        problem(alice.get(FEED, params={"subject": f"leads/{high}"}), 404, "not_found")


def test_numbers_that_are_shown_masked_are_masked_everywhere_and_not_found(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice, address_attributes={"tel": "13400000031"})
    follow_up(alice, id_, "电话13400000031，再约", detail_address="找13400000032", lat="1", lng="1")
    ok(alice.put(f"/api/v2/leads/{id_}", json={"lead": {"note": "改为13400000033", "mobile": "13400000034"}}))
    assert len(feed(alice, q="1340000003")) == 1
    world.change(replace(SELLER, rights=Rights(phones_masked=True)))
    assert feed(alice, q="1340000003") == []
    assert len(feed(alice, q=["!1340000003"])) == len(feed(alice)) == 3
    shown = str(feed(alice))
    assert "1340000" not in shown
    assert "134****0031" in shown
    assert "134****0033" in shown


def test_fields_that_are_hidden_are_not_told_of(world: World, alice: httpx.Client, id_: int) -> None:
    ok(alice.put(f"/api/v2/leads/{id_}", json={"lead": {"note": "秘密"}}))
    world.change(replace(SELLER, rights=Rights(frozenset({"lead.note"}))))
    assert "秘密" not in str(feed(alice))


def test_a_page_takes_as_many_queries_whatever_is_on_it(world: World, alice: httpx.Client) -> None:
    def furnish(number: int) -> None:
        for nth in range(number):
            customer = new_customer(alice, f"客户{nth}")
            contact = new_contact(alice, customer_id=customer)
            photo = upload(alice, PHOTO, "door.bmp")["id"]
            written = follow_up(alice, contact, "看", "Contact", attachment_ids=[photo], contacts_ids=[contact])
            ok(alice.put(f"/api/v2/revisit_logs/{written['id']}", json={"revisit_log": {"content": "看过"}}))

    def ask() -> None:
        assert len(alice.get(FEED, params={"limit": "200"}).json()["items"]) >= 3

    furnish(1)
    ask()
    few = _statements(ask)
    furnish(9)
    assert _statements(ask) == few < 15


def _statements(act: Callable[[], None]) -> int:
    said = list[str]()

    def before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", before)
    try:
        act()
    finally:
        event.remove(Engine, "before_cursor_execute", before)
    return len(said)


def test_a_deleted_activity_is_in_no_feed(world: World, alice: httpx.Client, id_: int) -> None:
    written = follow_up(alice, id_)
    ok(alice.delete(f"/api/v2/revisit_logs/{written['id']}"))
    assert kinds_in(feed(alice)) == ["record.created"]
    assert kinds_in(feed(alice, subject=f"leads/{id_}")) == ["record.created"]


def test_activities_are_counted_by_kind_actor_and_day(world: World, alice: httpx.Client, id_: int) -> None:
    follow_up(alice, id_)
    world.clock.at += 86_400
    follow_up(world.client("bob"), id_)
    body = alice.get(FEED, params={"counts": "kind,actor,day", "limit": "1", "lang": "en"}).json()
    assert body["counts"] == {
        "total": 3,
        "complete": True,
        "reached": None,
        "kind": [
            {"kind": "follow_up.written", "group": "talk", "count": 2},
            {"kind": "record.created", "group": "change", "count": 1},
        ],
        "actor": [
            {"actor": {"id": ALICE.id, "name": "Alice"}, "count": 2},
            {"actor": {"id": BOB.id, "name": "Bob"}, "count": 1},
        ],
        "day": [
            {"date": "2024-06-13", "weekday": 4, "weekday_name": "Thursday", "count": 1},
            {"date": "2024-06-12", "weekday": 3, "weekday_name": "Wednesday", "count": 2},
        ],
    }
    assert alice.get(FEED, params={"counts": "actor", "kind": "call"}).json()["counts"]["actor"] == []
    assert world.client("charlie").get(FEED, params={"counts": "kind"}).json()["counts"]["total"] == 0
    assert fields_of(problem(alice.get(FEED, params={"counts": "kind,text"}), 422, "invalid")) == {"counts"}


def test_the_days_of_a_page_are_told_in_the_zone_of_the_organisation(world: World, alice: httpx.Client) -> None:
    """In St. John's clocks were set back from 00:01 to 23:01 of the day before: a day comes twice there."""
    world.change(replace(ORGANISATION, time_zone="America/St_Johns"))
    lead = new_lead(alice)
    moments = [int(datetime.fromisoformat(at).timestamp()) for at in SET_BACK]
    world.record(*(Draft(KINDS[2], ALICE.id, Ref(RecordType.LEAD, lead), at, at, text=str(at)) for at in moments))
    body = alice.get(FEED, params={"kind": "talk", "group": "day", "counts": "day", "order": "oldest"}).json()
    ids = [item["id"] for item in body["items"]]
    assert [(day["date"], day["weekday_name"], day["ids"]) for day in body["days"]] == [
        ("2010-11-06", "星期六", [ids[0], ids[2]]),
        ("2010-11-07", "星期日", [ids[1], ids[3]]),
    ]
    assert [(day["date"], day["count"]) for day in body["counts"]["day"]] == [("2010-11-07", 2), ("2010-11-06", 2)]


def test_what_somebody_edits_in_one_go_is_folded_into_one_item(world: World, alice: httpx.Client, id_: int) -> None:
    for name, seconds in (("甲", 0), ("乙", 600), ("丙", 601)):
        world.clock.at += seconds
        ok(alice.put(f"/api/v2/leads/{id_}", json={"lead": {"name": name}}))
    ok(world.client("bob").put(f"/api/v2/leads/{id_}", json={"lead": {"name": "丁"}}))
    plain, folded = feed(alice), feed(alice, fold="1")
    assert all(item["folded"] is None for item in plain)
    assert [(item["folded"] or {}).get("count") for item in folded] == [None, None, 2, None]
    run = folded[2]
    assert run["folded"]["ids"] == [item["id"] for item in plain[2:4]]
    assert [run["folded"][key] for key in ("since", "until")] == [
        "2024-06-12T10:00:00+08:00",
        "2024-06-12T10:10:00+08:00",
    ]
    assert run["details"]["changes"] == [change_of_name("郑老师", "乙")]
    assert run["details"]["summary"] == "名称：郑老师 → 乙"


def test_a_feed_shows_what_was_known_at_a_moment(world: World, alice: httpx.Client, id_: int) -> None:
    def known(hour: int, **asked: Any) -> list[tuple[str, int, int]]:
        items = feed(alice, as_of=f"2024-06-12T{hour:02}:30:00+08:00", kind="talk", **asked)
        return [(item["text"], item["version"], item["comment_count"]) for item in items]

    written = follow_up(alice, id_, "约明天")
    world.clock.at += 3600
    ok(alice.put(f"/api/v2/revisit_logs/{written['id']}", json={"revisit_log": {"content": "约后天"}}))
    world.clock.at += 3600
    [now] = feed(alice, kind="talk")
    ok(alice.post(f"/api/v2/sales_activities/{now['id']}/comments", json={"content": "好"}))
    world.clock.at += 3600
    ok(alice.delete(f"/api/v2/revisit_logs/{written['id']}"))
    for asked in ({}, {"subject": f"leads/{id_}"}, {"actor": "me"}, {"clock": "recorded_at"}, {"clock": "said_at"}):
        told = [known(hour, **asked) for hour in (9, 10, 11, 12, 13)]
        assert told == [[], [("约明天", 1, 0)], [("约后天", 2, 0)], [("约后天", 2, 1)], []]
    assert [item["text"] for item in feed(alice, as_of="2024-06-12T11:00:00+08:00", kind="talk")] == ["约后天"]
    assert feed(alice, as_of="2024-06-12T11:00:00+08:00", kind="talk")[0]["edited_at"] is not None
    assert feed(alice, as_of="2024-06-12T10:59:59+08:00", kind="talk")[0]["edited_at"] is None
    assert known(10, q="明天") == known(10)
    assert known(11, q="明天") == known(11, has="comment") == []
    assert known(12, has="comment") == known(12)
    assert known(12, subject=f"!leads/{id_}") == []
    assert fields_of(problem(alice.get(FEED, params={"as_of": "2024-06-12"}), 422, "invalid")) == {"as_of"}
