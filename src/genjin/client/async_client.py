"""The same client for programs with an event loop."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import IO, TypeVar

import httpx
from httpx_sse import aconnect_sse

from genjin.client import api
from genjin.client.calls import Answer, Call, Listing, Page, Request
from genjin.client.errors import Busy, NotReached, NotSignedIn, TooOften
from genjin.client.following import asked, change_in
from genjin.client.limiter import Limit
from genjin.client.sending import Body, answer_of, not_reached, options, saving, sent
from genjin.client.steps import Now, Retries, Send, SignIn, Steps, Wait, carried_out, signing_in, state_of
from genjin.wire.v1.change import ChangeObject

T = TypeVar("T")


class AsyncClient:
    """Makes calls to one server, for one person. Its tasks share its limit; see `Client` for the parameters."""

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        login: str = "",
        password: str = "",
        corp_id: str = "",
        limit: Limit | None = None,
        retries: Retries | None = None,
        timeout: float = 30.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._state = state_of(token, login, password, corp_id, limit, retries or Retries())
        self._http = httpx.AsyncClient(**options(url, timeout, transport))
        self._signing_in = asyncio.Lock()

    async def do(self, call: Call[T]) -> T:
        """What a call comes to. Raises ClientError."""
        return await self._run(carried_out(self._state, call))

    async def pages(self, listing: Listing[T]) -> AsyncIterator[Page[T]]:
        """The pages of a list, as they come. Raises ClientError."""
        next_: Call[Page[T]] | None = listing.first
        while next_ is not None:
            page = await self.do(next_)
            yield page
            next_ = page.next

    async def each(self, listing: Listing[T]) -> AsyncIterator[T]:
        """Everything in a list, each once. Raises ClientError."""
        before = set[object]()
        async for page in self.pages(listing):
            keys = {listing.key(item): item for item in page.items}
            for key, item in keys.items():
                if key not in before:
                    yield item
            before = set(keys)

    async def live(self, cursor: str | None = None) -> AsyncIterator[ChangeObject]:
        """What happens from now on, or behind a cursor, as it happens. It never ends, and comes back by itself
        when it is cut. Raises ClientError when it cannot come back.
        """
        while True:
            await self.do(api.me())  # signs in, and waits for a server that is away
            try:
                async with aconnect_sse(self._http, **asked(cursor, self._state.token)) as source:
                    if source.response.status_code != 200:
                        await source.response.aread()
                        api.check(answer_of(source.response))
                    async for event in source.aiter_sse():
                        cursor = event.id or cursor
                        change = change_in(event)
                        if change is not None:
                            yield change
            except (httpx.HTTPError, Busy, TooOften, NotSignedIn):
                await asyncio.sleep(self._state.retries.first_wait)

    async def save(self, request: Request, file: IO[bytes]) -> Mapping[str, str]:
        """Write what comes as a file to one, piece by piece; the headers of the answer, in lower case. It is asked for
        once. Raises ClientError; a file that was cut off is not whole.
        """
        await self.do(api.me())  # signs in, and waits for a server that is away
        try:
            async with self._http.stream(**saving(request, self._state.token)) as response:
                if response.status_code != 200:
                    await response.aread()
                    api.check(answer_of(response))
                async for part in response.aiter_bytes():
                    file.write(part)
                return {name.lower(): value for name, value in response.headers.items()}
        except httpx.HTTPError as error:
            raise not_reached(error) from error

    async def aclose(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _run(self, steps: Steps[T]) -> T:
        told: Answer | NotReached | float | None = None
        while True:
            try:
                step = steps.send(told)
            except StopIteration as done:
                value: T = done.value
                return value
            match step:
                case Send(request):
                    told = await self._send(request)
                case Wait(seconds):
                    await asyncio.sleep(seconds)
                    told = None
                case SignIn(dead):
                    async with self._signing_in:
                        if self._state.token == dead:
                            await self._run(signing_in(self._state))
                    told = None
                case Now():
                    told = time.monotonic()

    async def _send(self, request: Request) -> Answer | NotReached:
        try:
            async with self._http.stream(**sent(request)) as response:
                body = Body(response.status_code)
                async for part in response.aiter_bytes():
                    body.add(part)
                return body.answer(response.headers)
        except httpx.HTTPError as error:
            return not_reached(error)
