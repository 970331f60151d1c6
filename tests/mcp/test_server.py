"""The official client reads as its person sees, and writes only what its person has agreed to."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client as Assistant
from mcp import StdioServerParameters, types
from mcp.client.streamable_http import streamable_http_client

from genjin.client import Client
from genjin.mcp.server import make_server
from tests.cli.running import GENJIN, SLOWEST, Server, environment, free_port, wait_for
from tests.web.browsing import served
from tests.world import PASSWORD, World, follow_up, new_customer, new_lead, timeline_of

Json = Any


@pytest.fixture
def address(world: World) -> Iterator[str]:
    """Where the world's server is."""
    with served(world) as url:
        yield url


def asked(
    address: str,
    login: str,
    use: Callable[[Assistant], Awaitable[Json]],
    says: bool | None = None,
    trusting: bool = False,
    heard: list[str] | None = None,
) -> Json:
    """What an assistant of somebody comes to, who says yes or no; None where the client cannot ask."""

    async def answer(_: Any, params: Any) -> Any:
        if heard is not None:
            heard.append(params.message)
        return types.ElicitResult(action="accept", content={"write_it": says})

    async def run() -> Json:
        server = make_server(lambda _: Client(address, login=login, password=PASSWORD), trusting)
        callback: Any = None if says is None else answer
        async with Assistant(server, elicitation_callback=callback) as assistant:
            return await use(assistant)

    return asyncio.run(run())


def call(tool: str, **given: object) -> Callable[[Assistant], Awaitable[Json]]:
    """One tool, and what it tells."""

    async def use(assistant: Assistant) -> Json:
        result = await assistant.call_tool(tool, given)
        if result.is_error:
            return "\n".join(part.text for part in result.content if isinstance(part, types.TextContent))
        told = result.structured_content
        return told["result"] if isinstance(told, dict) and set(told) == {"result"} else told

    return use


def test_it_reads_what_its_person_sees_and_nothing_else(world: World, address: str) -> None:
    alice = world.client("alice")
    id_ = new_lead(alice)
    follow_up(alice, id_, "报价太高 😀")
    new_customer(alice)
    [found] = asked(address, "alice", call("find_record", q="zls"))
    assert found["record"] == f"leads/{id_}"
    assert asked(address, "alice", call("read_record", record=f"leads/{id_}"))["timeline"]["total"] == 2
    told = asked(address, "alice", call("read_timeline", record=f"leads/{id_}", kinds=["talk"]))
    assert [entry["text"] for entry in told] == ["报价太高 😀"]
    assert [each["record"] for each in asked(address, "alice", call("search", q="报价"))] == [f"leads/{id_}"]
    report = asked(address, "alice", call("report", name="follow-ups", by="day", period="today"))
    assert report["total"]["written"]["value"] == 1
    assert asked(address, "alice", call("silent_customers", days=1)) == []
    assert asked(address, "charlie", call("find_record", q="zls")) == []
    assert "no such thing" in asked(address, "charlie", call("read_timeline", record=f"leads/{id_}"))
    assert asked(address, "charlie", call("search", q="报价")) == []


def test_it_writes_once_its_person_has_agreed_and_not_before(world: World, address: str) -> None:
    alice = world.client("alice")
    id_ = new_lead(alice)
    write = call("write_follow_up", record=f"leads/{id_}", text="下周再联系", remind_at="2024-06-20T09:30:00+08:00")
    assert "nothing was written" in asked(address, "alice", write, says=False)
    assert "cannot ask" in asked(address, "alice", write)
    assert timeline_of(alice, id_)["total_count"] == 1
    heard = list[str]()
    assert asked(address, "alice", write, says=True, heard=heard)["text"] == "下周再联系"
    assert "下周再联系" in heard[0] and "2024-06-20" in heard[0]
    assert asked(address, "alice", write, trusting=True)["text"] == "下周再联系"
    assert timeline_of(alice, id_)["total_count"] == 3
    [reminder, *_] = asked(address, "alice", call("my_reminders"))
    assert reminder["record"]["id"] == id_
    assert "no such thing" in asked(address, "charlie", write, says=True)
    wrong = call("write_follow_up", record=f"leads/{id_}", text="x", remind_at="tomorrow")
    assert "remind_at" in asked(address, "alice", wrong, says=True)


def test_the_command_speaks_on_its_standard_input(world: World, address: str) -> None:
    new_lead(world.client("alice"))
    settings = {"GENJIN_URL": address, "GENJIN_TOKEN": world.site.tokens["alice"]}
    command = StdioServerParameters(command=GENJIN[0], args=[*GENJIN[1:], "mcp"], env=environment(settings))

    async def run() -> Json:
        async with Assistant(command) as assistant:
            return await call("find_record", q="zls")(assistant)

    [found] = asyncio.run(run())
    assert found["name"] == "郑老师"


def test_over_http_everybody_sees_by_their_own_token(world: World, address: str, tmp_path: Path) -> None:
    new_lead(world.client("alice"))
    port = free_port()
    with (tmp_path / "err.txt").open("wb") as stderr:
        process = subprocess.Popen(
            [*GENJIN, "mcp", "--http", address, "--port", str(port)],
            env=environment({}),
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
    url = f"http://127.0.0.1:{port}"

    async def run(headers: dict[str, str]) -> Json:
        async with httpx2.AsyncClient(headers=headers, timeout=SLOWEST) as http:
            transport = streamable_http_client(f"{url}/mcp", http_client=http)
            async with Assistant(transport) as assistant:
                return await call("find_record", q="zls")(assistant)

    try:
        wait_for(Server(url, process, tmp_path))
        tokens = world.site.tokens
        assert len(asyncio.run(run({"Authorization": f"Bearer {tokens['alice']}"}))) == 1
        assert asyncio.run(run({"Authorization": f"Bearer {tokens['charlie']}"})) == []
        assert "Bearer" in asyncio.run(run({}))
    finally:
        process.terminate()
        process.wait(SLOWEST)
    assert "zls" not in (tmp_path / "err.txt").read_text()  # nor anything else that was asked for
