"""The server in memory answers as the real one does, and fails when it is told to."""

import asyncio
from typing import Any

import httpx
import pytest

from genjin.client import AsyncClient, Client, Retries, contract
from genjin.client.errors import NotSignedIn, NotThere, Wrong
from genjin.client.testing import FakeServer
from tests.world import PASSWORD, World

AT_ONCE = Retries(first_wait=0.0, limit_wait=0.0)
_OWN = {
    *("id", "user", "saleable_id", "revisit_log", "timestamp", "updated_at", "created_at", "real_created_at"),
    *("refer_id", "real_revisit_at", "refer_info", "saleable_name", "description", "refers_display"),
}
"""What differs by whose and when, and the words that describe a record's creation."""


def shown(told: dict[str, Any]) -> dict[str, Any]:
    """What the two have to say alike; of linked records their names."""
    rows = [
        (row["label"], row["type"], [each["name"] for each in row["value"]]) for row in told["refers_display"] or ()
    ]
    return {key: told[key] for key in told if key not in _OWN} | {"rows": rows}


def story(client: Client) -> list[dict[str, Any]]:
    """What a program does, and what it reads afterwards."""
    id_ = int(client.do(contract.create_record("leads", {"name": "郑老师"}))["id"])
    for number in range(3):
        assert client.do(contract.write_follow_up("leads", id_, f"第{number}次 😀"))["loggable_id"] == id_
    assert client.do(contract.change_record("leads", id_, {"name": "郑老师"}))["name"] == "郑老师"
    assert next(client.each(contract.records("leads")))["id"] == id_
    with pytest.raises(NotThere):
        client.do(contract.record("customers", id_))
    with pytest.raises(NotThere):
        client.do(contract.write_follow_up("leads", 999_999, "?"))
    with pytest.raises(Wrong) as wrong:
        client.do(contract.create_record("leads", {"name": ""}))
    assert set(wrong.value.errors) == {"name"}
    listing = contract.sales_activities("leads", id_, per_page=2)
    assert next(client.pages(listing)).total == 4
    return [each.model_dump() for each in client.each(listing)]


def test_a_program_reads_the_same_of_both(world: World) -> None:
    with Client("http://fake", login="demo", password="demo", transport=FakeServer()) as fake:
        of_memory = story(fake)
    transport = world.client()._transport
    with Client("http://genjin.test", login="alice", password=PASSWORD, transport=transport) as real:
        of_server = story(real)
    plain = [list(map(shown, each)) for each in (of_memory, of_server)]
    for memory, server in zip(*plain, strict=True):
        assert memory == server
    assert [each["description"] for each in of_memory[:3]] == [each["description"] for each in of_server[:3]]


def test_it_fails_when_it_is_told_to_and_its_tokens_die() -> None:
    server = FakeServer()
    id_ = server.add_record("leads", "郑老师")
    server.add_follow_up("leads", id_, "在忙,留了电话")
    server.add_call("leads", id_)
    server.fail(429, 502, httpx.ConnectError("refused"))
    with Client("http://fake", login="demo", password="demo", retries=AT_ONCE, transport=server) as client:
        assert len(list(client.each(contract.sales_activities("leads", id_)))) == 3
        server.sign_out()
        assert client.do(contract.record("leads", id_))["name"] == "郑老师"
        with pytest.raises(NotThere):
            client.do(contract.call("GET", "/api/v2/products"))
    with Client("http://fake", login="demo", password="wrong", transport=server) as client, pytest.raises(NotSignedIn):
        client.do(contract.record("leads", id_))


def test_programs_with_an_event_loop_may_use_it_too() -> None:
    server = FakeServer()
    id_ = server.add_record("customers", "郑州第一中学")

    async def read() -> list[str]:
        async with AsyncClient("http://fake", login="demo", password="demo", transport=server) as client:
            return [each.refer_name async for each in client.each(contract.sales_activities("customers", id_))]

    assert asyncio.run(read()) == ["郑州第一中学"]
