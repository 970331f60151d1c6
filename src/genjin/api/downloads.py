"""Gives out files to who has a link: whole, or the range that a player asks for. A bare ASGI endpoint.

Here alone refusals have their own status always: who asks is a browser's element, and not a program that reads codes.
"""

import asyncio
import re
from collections.abc import Iterable
from urllib.parse import quote

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from genjin.api.answers import refusal
from genjin.api.calling import Door
from genjin.api.edge import log_unavailable
from genjin.errors import GenjinError
from genjin.service.files.downloads import Download, open_download
from genjin.service.files.media_types import INLINE
from genjin.service.files.uploads import clean_name
from genjin.wire.files.links import asked_file
from genjin.wire.params import parse_query

KEPT_SECONDS = 3600
"""How long a browser need not ask again; the bytes behind a link never change."""
_RANGE = re.compile(r"bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*")

Span = tuple[int, int]
"""The first byte, and the first that is not sent."""


class Downloads:
    """`GET` and `HEAD` of FILES."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            found, download_name = await run_in_threadpool(self._find, scope)
        except GenjinError as error:
            log_unavailable(error, scope["request_id"])
            await refusal(error, strict=True)(scope, receive, send)
            return
        scope["organisation_id"] = found.organisation_id
        asked = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        status, headers, (start, end) = _answer(found, download_name, asked)
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        if scope["method"] != "HEAD":
            await self._send(send, receive, found.read(start, end))
        await send({"type": "http.response.body", "body": b""})

    def _find(self, scope: Scope) -> tuple[Download, str]:
        installation = self._door.installation
        query = parse_query(scope["query_string"])
        asked = asked_file(self._door.secret, scope["path_params"]["id"], query, installation.clock.now())
        found = open_download(installation, asked.organisation_id, asked.file_id, asked.variant)
        return found, asked.download_name

    async def _send(self, send: Send, receive: Receive, body: Iterable[bytes]) -> None:
        """Nothing more is read for who has gone away, or takes nothing for as long as a request may last."""
        gone = asyncio.create_task(_gone(receive))
        try:
            async for chunk in iterate_in_threadpool(body):
                if gone.done():
                    raise ClientDisconnect
                async with asyncio.timeout(self._door.settings.request_seconds):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except TimeoutError:
            raise ClientDisconnect from None
        finally:
            gone.cancel()


async def _gone(receive: Receive) -> None:
    """Ends when the caller does."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _answer(found: Download, download_name: str, asked: dict[str, str]) -> tuple[int, list[tuple[str, str]], Span]:
    """The status, the headers, and which bytes follow."""
    tag, nothing = f'"{found.tag}"', (0, 0)
    headers = [("etag", tag), ("accept-ranges", "bytes"), ("cache-control", f"private, max-age={KEPT_SECONDS}")]
    if _names(asked.get("if-none-match", ""), tag):
        return 304, headers, nothing
    headers += [("content-type", found.content_type), ("content-disposition", _disposition(found, download_name))]
    span = _span(asked, tag, found.size)
    if span is None:
        return 200, [*headers, ("content-length", str(found.size))], (0, found.size)
    start, end = span
    if start >= end:
        return 416, [*headers, ("content-range", f"bytes */{found.size}"), ("content-length", "0")], nothing
    headers.append(("content-range", f"bytes {start}-{end - 1}/{found.size}"))
    return 206, [*headers, ("content-length", str(end - start))], span


def _span(asked: dict[str, str], tag: str, size: int) -> Span | None:
    """The range that is asked for, an empty one where it is not there; None where all is to be sent."""
    match = _RANGE.fullmatch(asked.get("range", ""))
    if match is None or asked.get("if-range", tag) != tag:
        return None
    first, last = match[1], match[2]
    if first == "":
        return (size - min(int(last), size), size) if last else None
    if last and int(last) < int(first):
        return None  # it is no range at all
    return int(first), min(int(last) + 1 if last else size, size)


def _names(header: str, tag: str) -> bool:
    """Whether If-None-Match names this tag."""
    return any(each.strip().removeprefix("W/") in (tag, "*") for each in header.split(","))


def _disposition(found: Download, download_name: str) -> str:
    """Shown in the browser where that can do no harm and nobody wants it saved."""
    inline = found.content_type in INLINE and not download_name
    return f"{'inline' if inline else 'attachment'}; {named(clean_name(download_name or found.file.name))}"


def named(name: str) -> str:
    """What Content-Disposition says of a file's name, in both forms of the RFC."""
    plain = "".join(each if " " <= each < "\x7f" and each not in '"\\%' else "_" for each in name)
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
