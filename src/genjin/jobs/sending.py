"""Sends by HTTP what others take their time to answer: many requests at once in an event loop, none for long.

Names are resolved here, and what is connected to is an address that was looked at: a name that leads elsewhere a moment
later leads nowhere. Redirects are not followed, proxies not used, bodies of answers read no further than is kept.
This file is imported by who has something to send.
"""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, NamedTuple

import certifi
import httpcore

from genjin import __version__
from genjin.domain.address import Networks, addresses_of, may_connect, web_address

ANSWER_BYTES = 1_024
"""So much of an answer's body is read."""
BODY_SECONDS = 2
"""So long an answer's body is waited for, once its status is there."""
IDLE_SECONDS = 2
"""A connection is used again within so long: most servers keep one for longer."""
RESOLVERS = 32
"""Names that are resolved at once: a server of names may be as slow as any other."""
LONGEST_ERROR, MOST_CAUSES = 300, 5
USER_AGENT = f"Genjin/{__version__}"


class Request(NamedTuple):
    """A JSON body, and the headers that go with it."""

    url: str
    headers: dict[str, str]
    body: bytes


class Answer(NamedTuple):
    """The status, or what went wrong; how the body began; for how many seconds nothing more shall be sent."""

    status: int | None
    error: str | None = None
    body: str = ""
    retry_after: int = 0


class Sender:
    """An event loop in a thread. `seconds` is how long a request may take with everything, from its name on."""

    def __init__(self, networks: Networks, seconds: float) -> None:
        self._seconds = seconds
        self._loop = asyncio.new_event_loop()
        self._resolvers = ThreadPoolExecutor(RESOLVERS, "genjin-resolver")
        secure = ssl.create_default_context(cafile=certifi.where())
        secure.load_default_certs()
        self._pools = {
            is_secure: httpcore.AsyncConnectionPool(
                ssl_context=secure,
                max_connections=1_000,
                max_keepalive_connections=50,
                keepalive_expiry=IDLE_SECONDS,
                network_backend=CheckedNetwork(networks, self._resolvers, is_secure),
            )
            for is_secure in (True, False)
        }
        self._thread = threading.Thread(target=self._run, name="genjin-sender", daemon=True)
        self._thread.start()

    def send(self, request: Request, done: Callable[[Answer], object]) -> None:
        """Send it; `done` hears of the answer, in the loop's thread, unless everything is cut off before."""
        asyncio.run_coroutine_threadsafe(self._send(request, done), self._loop)

    def close(self) -> None:
        """Cut off what is being sent, and end."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_forever()
            self._loop.run_until_complete(self._cut_off())
        finally:
            self._resolvers.shutdown(wait=False, cancel_futures=True)
            self._loop.close()

    async def _cut_off(self) -> None:
        some = asyncio.all_tasks() - {asyncio.current_task()}
        for task in some:
            task.cancel()
        await asyncio.gather(*some, return_exceptions=True)
        for pool in self._pools.values():
            await pool.aclose()

    async def _send(self, request: Request, done: Callable[[Answer], object]) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._answer(request)
        except TimeoutError:
            answer = Answer(None, f"no answer within {self._seconds:g} s")
        except Exception as error:
            answer = Answer(None, _why(error))
        done(answer)

    async def _answer(self, request: Request) -> Answer:
        scheme, host, port, target = address = web_address(request.url)
        shown = f"[{host}]" if ":" in host else host
        url = httpcore.URL(scheme=scheme, host=host, port=port, target=target)
        headers = {"Host": f"{shown}:{port}", "User-Agent": USER_AGENT, "Content-Type": "application/json"}
        if port == (443 if address.is_secure else 80):
            headers["Host"] = shown
        pool = self._pools[address.is_secure]
        async with pool.stream(
            "POST", url, headers=list((headers | request.headers).items()), content=request.body
        ) as response:
            told = dict(response.headers)
            body = await _beginning(response)
        return Answer(response.status, None, body, _seconds(told.get(b"Retry-After", told.get(b"retry-after", b""))))


class CheckedNetwork(httpcore.AnyIOBackend):
    """Connects to where one may: docs/how-to/receive-webhooks.md."""

    def __init__(self, networks: Networks, resolvers: ThreadPoolExecutor, is_secure: bool) -> None:
        self._networks, self._resolvers, self._is_secure = networks, resolvers, is_secure

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (as httpcore has it)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._resolvers, _resolved, host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"the name {host} was not found: {error}") from error
        some = [each for each in addresses_of(found) if may_connect(each, self._is_secure, self._networks)]
        if not some:
            raise httpcore.ConnectError(f"{host} leads to {', '.join(found)}, where nothing may be sent")
        for address in some[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await super().connect_tcp(str(address), port, timeout, local_address, socket_options)
        return await super().connect_tcp(str(some[-1]), port, timeout, local_address, socket_options)


def _resolved(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


async def _beginning(response: httpcore.Response) -> str:
    """How a body begins. That the rest does not come says nothing: the status is there."""
    got = b""
    with suppress(TimeoutError, httpcore.NetworkError, httpcore.ProtocolError):
        async with asyncio.timeout(BODY_SECONDS):
            async for part in response.aiter_stream():
                got += part
                if len(got) >= ANSWER_BYTES:
                    break
    return got[:ANSWER_BYTES].decode(errors="replace").replace("\0", "\ufffd")


def _seconds(told: bytes) -> int:
    return int(told) if told.isdigit() and len(told) < 8 else 0


def _why(error: Exception) -> str:
    """What went wrong, and what was behind it."""
    texts = list[str]()
    behind: BaseException | None = error
    while behind is not None and len(texts) < MOST_CAUSES:
        texts.append(str(behind))
        behind = behind.__cause__ or behind.__context__
    return ": ".join(dict.fromkeys(filter(None, (texts[0], texts[-1]))))[:LONGEST_ERROR] or type(error).__name__
