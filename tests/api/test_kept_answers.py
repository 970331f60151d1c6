"""An answer that was kept is given again only while nothing that it depends on has changed."""

from contextlib import closing

import httpx
import pytest

from genjin.app import build, open_installation
from genjin.domain.people import Option
from genjin.service.timeline import KeptAnswers, Stamp
from genjin.settings import Settings
from tests.world import ALICE, PHONE_CALL, InProcess, World, activities_of, follow_up, new_lead, ok, timeline_of


@pytest.fixture
def alice(world: World) -> httpx.Client:
    return world.client("alice")


@pytest.fixture
def id_(alice: httpx.Client) -> int:
    made = new_lead(alice, "郑老师")
    follow_up(alice, made, content="在忙", category=str(PHONE_CALL.id))
    timeline_of(alice, made)
    return made


def test_an_edit_a_deletion_and_a_new_entry_show_at_once(alice: httpx.Client, id_: int) -> None:
    written = activities_of(timeline_of(alice, id_))[0]["saleable_id"]
    ok(alice.put(f"/api/v2/revisit_logs/{written}", json={"revisit_log": {"content": "约了周三"}}))
    assert activities_of(timeline_of(alice, id_))[0]["description"] == "约了周三"

    follow_up(alice, id_, content="第二次")
    assert [a["description"] for a in activities_of(timeline_of(alice, id_))][:2] == ["第二次", "约了周三"]

    ok(alice.delete(f"/api/v2/revisit_logs/{written}"))
    assert timeline_of(alice, id_)["total_count"] == 2


def test_a_recording_that_comes_late_shows_at_once(alice: httpx.Client, id_: int) -> None:
    start = {"dial_log": {"caller_type": "Lead", "caller_id": str(id_), "number": "13400000001"}}
    call = ok(alice.post("/api/v2/dial_logs", json=start))["dial_log"]["id"]
    ok(alice.put(f"/api/v2/dial_logs/{call}", json={"dial_log": {"talk_time": "9"}}))
    assert activities_of(timeline_of(alice, id_))[0]["audios"] == []

    audio = {"file_url": "https://files.example.com/1.mp3", "duration": "9"}
    ok(alice.put(f"/api/v2/dial_logs/{call}", json={"dial_log": {"talk_time": "9"}, "audios": [audio]}))
    assert [a["duration_seconds"] for a in activities_of(timeline_of(alice, id_))[0]["audios"]] == [9]


def test_a_rename_shows_at_once(world: World, alice: httpx.Client, id_: int) -> None:
    ok(alice.put(f"/api/v2/leads/{id_}", json={"lead": {"name": "小郑"}}))
    assert activities_of(timeline_of(alice, id_))[0]["refer_name"] == "小郑"

    world.change(Option(PHONE_CALL.id, PHONE_CALL.field, "电话", 0))
    assert activities_of(timeline_of(alice, id_))[0]["title"] == "电话"


def test_what_another_process_wrote_shows_at_once(world: World, alice: httpx.Client, id_: int) -> None:
    settings = Settings(database_url=world.site.url)
    installation = open_installation(settings, world.clock)
    with closing(installation.database):
        other = InProcess(build(installation, settings), world.portal)
        headers = {"Authorization": world.site.header("alice")}
        with httpx.Client(transport=other, base_url="http://genjin.test", headers=headers) as elsewhere:
            follow_up(elsewhere, id_, content="从另一个进程")

    assert activities_of(timeline_of(alice, id_))[0]["description"] == "从另一个进程"


def test_another_viewer_gets_an_answer_of_their_own(world: World, alice: httpx.Client, id_: int) -> None:
    own = activities_of(timeline_of(alice, id_))[0]["revisit_log"]["is_user_self"]
    seen = activities_of(timeline_of(world.client("bob"), id_))[0]["revisit_log"]["is_user_self"]
    assert (own, seen) == (True, False)


def test_whoever_may_not_see_any_more_gets_nothing_that_was_kept(world: World, alice: httpx.Client, id_: int) -> None:
    ok(world.client("dora").put(f"/api/v2/leads/{id_}", json={"lead": {"user_id": str(ALICE.id + 2)}}))
    assert alice.get(f"/api/v2/leads/{id_}/sales_activities").json()["code"] == 100100


def test_what_is_kept_is_bounded(world: World) -> None:
    kept = KeptAnswers(size=100)
    stamp = Stamp(None, None, 1)  # type: ignore[arg-type]
    for n in range(50):
        kept.keep((n,), stamp, b"x" * 30)
    assert [n for n in range(50) if kept.find((n,), stamp) is not None] == [47, 48, 49]
    kept.keep((49,), stamp, b"y" * 30)
    assert kept.find((49,), stamp) == b"y" * 30
    assert kept.find((49,), stamp._replace(version=2)) is None
