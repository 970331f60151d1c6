"""The SDK against the real server: lists without pages, signing in again, and whatever happens on the way."""

import asyncio
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import pairwise
from typing import Any
from zipfile import ZipFile

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genjin.client import AsyncClient, Client, Limit, NotReached, Retries, Unexpected, api, contract
from genjin.client.errors import InTheWay, NotAllowed, NotSignedIn, NotThere, TooOften, Wrong
from genjin.client.limiter import Limiter
from genjin.service.organisation.signin import set_password
from tests.client import faults
from tests.client.faults import AsyncFaulty, Faulty
from tests.web.browsing import served
from tests.world import ALICE, ORGANISATION, PASSWORD, World, activities_of, follow_up, new_lead, timeline_of

AT_ONCE = Retries(first_wait=0.0, limit_wait=0.0)
Making = Callable[..., Client]


@pytest.fixture
def transport(world: World) -> httpx.BaseTransport:
    """The way to the world's server."""
    return world.client()._transport


@pytest.fixture
def making(transport: httpx.BaseTransport) -> Iterator[Making]:
    """Makes clients whose requests meet these faults."""
    made = list[Client]()

    def make(*met: faults.Fault, **given: Any) -> Client:
        told: dict[str, Any] = {"login": "alice", "password": PASSWORD, "retries": AT_ONCE} | given
        made.append(Client("http://genjin.test", transport=Faulty(transport, iter(met)), **told))
        return made[-1]

    yield make
    for client in made:
        client.close()


def sent_by(client: Client) -> list[str]:
    """The methods and paths of what a client has sent."""
    faulty = client._http._transport
    assert isinstance(faulty, Faulty)
    return [f"{request.method} {request.url.path}" for request in faulty.seen]


def test_timelines_are_read_without_pages_in_both_dialects(world: World, making: Making) -> None:
    alice = world.client("alice")
    id_ = new_lead(alice)
    for number in range(7):
        follow_up(alice, id_, f"第{number}次 😀")
    client = making()
    told = [activity.id for activity in client.each(contract.sales_activities("leads", id_, per_page=3))]
    assert told == [entry["id"] for entry in activities_of(timeline_of(alice, id_))]
    ours = list(client.each(api.timeline_of("leads", id_, limit=3, kind="talk")))
    assert [item.text for item in ours] == [f"第{number}次 😀" for number in reversed(range(7))]
    assert client.do(api.me()).id == ALICE.id
    assert [each.name for each in client.each(api.suggest("zls"))] == ["郑老师"]
    assert client.do(contract.record("leads", id_))["name"] == "郑老师"
    assert id_ in [each["id"] for each in client.each(contract.records("leads", per_page=1))]
    assert sent_by(client).count("POST /api/v2/auth/login") == 1


def test_an_entry_that_moves_to_the_next_page_meanwhile_is_given_once(world: World, making: Making) -> None:
    alice = world.client("alice")
    id_ = new_lead(alice)
    for number in range(4):
        follow_up(alice, id_, str(number))
    told = list[int]()
    for activity in making().each(contract.sales_activities("leads", id_, per_page=2)):
        told.append(activity.id)
        if len(told) == 2:
            follow_up(alice, id_, "newer than all of them")
    assert len(told) == len(set(told)) == 5


def test_who_was_signed_out_is_signed_in_again_once(world: World, making: Making) -> None:
    client = making()
    client.do(api.me())
    set_password(world.installation, ORGANISATION.id, "alice", PASSWORD)  # which revokes every token
    assert client.do(api.me()).id == ALICE.id
    set_password(world.installation, ORGANISATION.id, "alice", "another one")
    with pytest.raises(NotSignedIn):
        client.do(api.me())
    assert sent_by(client).count("POST /api/v2/auth/login") == 3
    with pytest.raises(NotSignedIn):
        making(token="0" * 48, login="").do(contract.record("leads", 1))


FAULTS = st.lists(
    st.sampled_from([faults.refused, faults.cut, faults.lost, faults.later, faults.broken, faults.well]), max_size=4
)


@given(met=FAULTS)
def test_whatever_happens_on_the_way_an_activity_is_written_once(
    world: World, transport: httpx.BaseTransport, met: list[faults.Fault]
) -> None:
    alice = world.client("alice")
    id_ = new_lead(alice)
    activity = {"kind": "follow_up.written", "subject": {"type": "leads", "id": id_}, "text": "一次"}
    way = Faulty(transport, iter(met))
    with Client("http://genjin.test", token=world.site.tokens["alice"], retries=AT_ONCE, transport=way) as client:
        written = client.do(api.write_activity(activity))
    assert [item["id"] for item in activities_of(timeline_of(alice, id_))][:-1] == [written.id]


def test_what_may_have_been_done_is_not_done_again_without_a_key(world: World, making: Making) -> None:
    alice = world.client("alice")
    id_ = new_lead(alice)
    client = making(faults.cut, token=world.site.tokens["alice"])
    with pytest.raises(NotReached) as error:
        client.do(contract.write_follow_up("leads", id_, "一次"))
    assert error.value.maybe_done
    assert timeline_of(alice, id_)["total_count"] == 2
    client = making(faults.refused, faults.later, token=world.site.tokens["alice"])
    assert client.do(contract.write_follow_up("leads", id_, "两次"))["content"] == "两次"
    assert timeline_of(alice, id_)["total_count"] == 3


def test_refusals_are_told_apart_in_both_dialects(world: World, making: Making) -> None:
    theirs = new_lead(world.client("charlie"))
    client = making()
    for call in (contract.record("leads", theirs), api.record("leads", theirs), api.call("GET", "/api/v1/nothing")):
        with pytest.raises(NotThere):
            client.do(call)
    with pytest.raises(Wrong) as wrong:
        client.do(contract.create_record("leads", {"name": ""}))
    assert wrong.value.errors
    with pytest.raises(Wrong) as wrong:
        client.do(api.write_activity({"kind": "no.such"}))
    assert "subject" in wrong.value.errors
    with pytest.raises(NotAllowed):
        client.do(api.call("POST", "/api/v1/kinds", {"name": "erp.paid", "sentence": {"zh": "x", "en": "x"}}))
    id_ = new_lead(world.client("alice"))
    entry = client.do(
        api.write_activity({"kind": "follow_up.written", "subject": {"type": "leads", "id": id_}, "text": "a"})
    )
    read, tag = client.do(api.tagged(api.activity(entry.id)))
    assert read == entry
    client.do(api.change_activity(entry.id, {"text": "b"}, if_match=tag))
    with pytest.raises(InTheWay):
        client.do(api.change_activity(entry.id, {"text": "c"}, if_match=tag))
    assert client.do(api.remove_activity(entry.id)).deleted


def test_an_answer_that_is_not_of_the_contract_is_kept_and_said(making: Making) -> None:
    def page(body: bytes) -> faults.Fault:
        return lambda *_: httpx.Response(200, content=body)

    for body in (b"<html>", b"[]", b'{"code": 0, "data": {"sales_activities": "none"}}', b'{"data": {}}'):
        with pytest.raises(Unexpected) as error:
            making(page(body), token="0" * 48).do(contract.sales_activities("leads", 1).first)
        assert error.value.raw == body
    elsewhere = b'{"items": [], "next": "//evil.example/api/v1/kinds"}'
    with pytest.raises(Unexpected):
        list(making(page(elsewhere), token="0" * 48).each(api.kinds()))


def test_an_answer_that_is_too_large_is_not_gathered(making: Making, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genjin.client.sending.MOST_BYTES", 10)
    with pytest.raises(Unexpected, match="larger than 10") as error:
        making(lambda *_: httpx.Response(200, content=b"x" * 11), token="0" * 48).do(api.me())
    assert error.value.raw == b"x" * 11


def test_too_many_calls_are_waited_for_and_then_given_up(making: Making) -> None:
    client = making(*[faults.later] * 9, token="0" * 48)
    with pytest.raises(TooOften):
        client.do(api.me())
    assert len(sent_by(client)) == AT_ONCE.tries


@given(
    st.lists(st.floats(0, 3), min_size=1, max_size=60),
    st.integers(1, 6),
    st.floats(0.5, 10),
)
def test_never_more_calls_than_the_limit_says_in_any_span(steps: list[float], calls: int, seconds: float) -> None:
    limiter, now, made = Limiter(Limit(calls, seconds)), 0.0, list[float]()
    for step in steps:
        now += step
        made.append(now + limiter.wait(now))
    assert all(later >= earlier - 1e-6 for earlier, later in pairwise(made))
    assert all(later - earlier >= seconds - 1e-6 for earlier, later in zip(made, made[calls:], strict=False))


def test_tasks_of_one_client_sign_in_once_and_read_alike(world: World, transport: httpx.BaseTransport) -> None:
    alice = world.client("alice")
    id_ = new_lead(alice)
    follow_up(alice, id_)
    way = AsyncFaulty(transport, iter([faults.broken, faults.later]))

    async def read() -> list[list[int]]:
        async with AsyncClient(
            "http://genjin.test", login="alice", password=PASSWORD, retries=AT_ONCE, transport=way
        ) as client:

            async def one() -> list[int]:
                return [each.id async for each in client.each(contract.sales_activities("leads", id_, per_page=1))]

            return list(await asyncio.gather(*[one() for _ in range(4)]))

    told = asyncio.run(read())
    assert told == [[entry["id"] for entry in activities_of(timeline_of(alice, id_))]] * 4
    assert [request.url.path for request in way.seen].count("/api/v2/auth/login") == 3  # two of which met a fault


def test_both_clients_save_the_same_file_and_tell_what_is_refused(world: World) -> None:
    follow_up(world.client("alice"), new_lead(world.client("alice")), "在忙")
    wanted, unseen = api.export_activities("xlsx", order="oldest"), api.export_activities(subject="leads/999999")

    async def save(url: str, file: BytesIO) -> None:
        async with AsyncClient(url, login="alice", password=PASSWORD, retries=AT_ONCE) as client:
            assert (await client.save(wanted, file))["genjin-rows"] == "2"
            with pytest.raises(NotThere):
                await client.save(unseen, file)

    files = BytesIO(), BytesIO()
    with served(world) as url, Client(url, login="alice", password=PASSWORD, retries=AT_ONCE) as client:
        assert client.save(wanted, files[0])["genjin-rows"] == "2"
        with pytest.raises(NotThere):
            client.save(unseen, files[0])
        asyncio.run(save(url, files[1]))
    sheets = [ZipFile(file).read("xl/worksheets/sheet1.xml") for file in files]
    assert sheets[0] == sheets[1]


def test_who_looks_on_live_comes_back_where_it_was(world: World) -> None:
    alice = world.client("alice")
    id_ = new_lead(alice)
    with served(world) as url, Client(url, login="alice", password=PASSWORD, retries=AT_ONCE) as client:
        begin = client.do(api.call("GET", "/api/v1/changes"))["cursor"]
        follow_up(alice, id_, "一")
        live = client.live(begin)
        first = next(live)
        follow_up(alice, id_, "二")
        set_password(world.installation, ORGANISATION.id, "alice", PASSWORD)  # its token is dead, the stream ends
        second, third = next(live), None
        follow_up(world.client("bob"), id_, "三")
        third = next(live)
    told = [change.activity.text for change in (first, second, third) if change.activity]
    assert told == ["一", "二", "三"]
