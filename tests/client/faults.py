"""Transports that are not always well: what happens to requests and answers on the way."""

from collections.abc import Callable, Iterator

import httpx

Fault = Callable[[httpx.Request, Callable[[httpx.Request], httpx.Response]], httpx.Response]


def refused(request: httpx.Request, on: Callable[[httpx.Request], httpx.Response]) -> httpx.Response:
    """Nobody listens."""
    raise httpx.ConnectError("refused", request=request)


def cut(request: httpx.Request, on: Callable[[httpx.Request], httpx.Response]) -> httpx.Response:
    """It is carried out, and the answer is lost."""
    on(request)
    raise httpx.ReadError("cut", request=request)


def lost(request: httpx.Request, on: Callable[[httpx.Request], httpx.Response]) -> httpx.Response:
    """It never arrives, which nobody can tell from the other."""
    raise httpx.ReadTimeout("nothing came", request=request)


def later(request: httpx.Request, on: Callable[[httpx.Request], httpx.Response]) -> httpx.Response:
    """The upstream's limit."""
    return httpx.Response(429, text="Retry later\n", headers={"Retry-After": "0"})


def broken(request: httpx.Request, on: Callable[[httpx.Request], httpx.Response]) -> httpx.Response:
    """A proxy's own page."""
    return httpx.Response(502, text="<html>Bad Gateway</html>")


def well(request: httpx.Request, on: Callable[[httpx.Request], httpx.Response]) -> httpx.Response:
    """Nothing happens to it."""
    return on(request)


class Faulty(httpx.BaseTransport):
    """Lets each request meet the next fault, and is well when there are none left. `seen` are those that set out."""

    def __init__(self, on: httpx.BaseTransport, faults: Iterator[Fault] | None = None) -> None:
        self._on, self.faults = on, faults or iter(())
        self.seen = list[httpx.Request]()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        return next(self.faults, well)(request, self._on.handle_request)


class AsyncFaulty(httpx.AsyncBaseTransport):
    """The same, for the client of event loops."""

    def __init__(self, on: httpx.BaseTransport, faults: Iterator[Fault] | None = None) -> None:
        self._faulty = Faulty(on, faults)
        self.seen = self._faulty.seen

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        asked = httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
        answer = self._faulty.handle_request(asked)
        headers = {name: value for name, value in answer.headers.items() if name != "content-encoding"}
        return httpx.Response(answer.status_code, headers=headers, content=answer.read())
