"""The client for programs that wait for their answers."""

import threading
import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import IO, TypeVar

import httpx
from httpx_sse import connect_sse

from genjin.client import api
from genjin.client.calls import Answer, Call, Listing, Page, Request
from genjin.client.errors import Busy, NotReached, NotSignedIn, TooOften
from genjin.client.following import asked, change_in
from genjin.client.limiter import Limit
from genjin.client.sending import Body, answer_of, not_reached, options, saving, sent
from genjin.client.steps import Now, Retries, Send, SignIn, Steps, Wait, carried_out, signing_in, state_of
from genjin.wire.v1.change import ChangeObject

T = TypeVar("T")


class Client:
    """Makes calls to one server, for one person. May be used by several threads, which share its limit.

    `token`, or `login` and `password` to sign in with, also anew when a token has died; `timeout` in seconds.
    """

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
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._state = state_of(token, login, password, corp_id, limit, retries or Retries())
        self._http = httpx.Client(**options(url, timeout, transport))
        self._signing_in = threading.Lock()
        self._limiting = threading.Lock()

    @property
    def sent(self) -> int:
        """How many requests were sent so far."""
        return self._state.sent

    def do(self, call: Call[T]) -> T:
        """What a call comes to. Raises ClientError."""
        return self._run(carried_out(self._state, call))

    def pages(self, listing: Listing[T]) -> Iterator[Page[T]]:
        """The pages of a list, as they come. Raises ClientError."""
        next_: Call[Page[T]] | None = listing.first
        while next_ is not None:
            page = self.do(next_)
            yield page
            next_ = page.next

    def each(self, listing: Listing[T]) -> Iterator[T]:
        """Everything in a list, each once. Raises ClientError."""
        before = set[object]()
        for page in self.pages(listing):
            keys = {listing.key(item): item for item in page.items}
            yield from (item for key, item in keys.items() if key not in before)
            before = set(keys)

    def live(self, cursor: str | None = None) -> Iterator[ChangeObject]:
        """What happens from now on, or behind a cursor, as it happens. It never ends, and comes back by itself
        when it is cut. Raises ClientError when it cannot come back.
        """
        while True:
            self.do(api.me())  # signs in, and waits for a server that is away
            try:
                with connect_sse(self._http, **asked(cursor, self._state.token)) as source:
                    if source.response.status_code != 200:
                        source.response.read()
                        api.check(answer_of(source.response))
                    for event in source.iter_sse():
                        cursor = event.id or cursor
                        change = change_in(event)
                        if change is not None:
                            yield change
            except (httpx.HTTPError, Busy, TooOften, NotSignedIn):
                time.sleep(self._state.retries.first_wait)

    def save(self, request: Request, file: IO[bytes]) -> Mapping[str, str]:
        """Write what comes as a file to one, piece by piece; the headers of the answer, in lower case. It is asked for
        once. Raises ClientError; a file that was cut off is not whole.
        """
        self.do(api.me())  # signs in, and waits for a server that is away
        try:
            with self._http.stream(**saving(request, self._state.token)) as response:
                if response.status_code != 200:
                    response.read()
                    api.check(answer_of(response))
                for part in response.iter_bytes():
                    file.write(part)
                return {name.lower(): value for name, value in response.headers.items()}
        except httpx.HTTPError as error:
            raise not_reached(error) from error

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, steps: Steps[T]) -> T:
        told: Answer | NotReached | float | None = None
        while True:
            try:
                with self._limiting:
                    step = steps.send(told)
            except StopIteration as done:
                value: T = done.value
                return value
            match step:
                case Send(request):
                    told = self._send(request)
                case Wait(seconds):
                    time.sleep(seconds)
                    told = None
                case SignIn(dead):
                    with self._signing_in:
                        if self._state.token == dead:
                            self._run(signing_in(self._state))
                    told = None
                case Now():
                    told = time.monotonic()

    def _send(self, request: Request) -> Answer | NotReached:
        try:
            with self._http.stream(**sent(request)) as response:
                body = Body(response.status_code)
                for part in response.iter_bytes():
                    body.add(part)
                return body.answer(response.headers)
        except httpx.HTTPError as error:
            return not_reached(error)
