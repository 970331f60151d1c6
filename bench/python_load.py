"""The load generator for machines without wrk: asyncio, one process, several times slower than wrk.

`python -m bench.python_load PORT CONNECTIONS SECONDS FILE TOKEN` prints one line of JSON, as requests.lua does.
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import Iterator
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import cast

import uvloop

HOST = "127.0.0.1"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_STATUS = re.compile(rb"HTTP/1\.1 [23]")


def main() -> None:
    """Send the requests and print what came of it."""
    port, connections, seconds, file, token = sys.argv[1:]
    prepared = [_prepare(line, token) for line in Path(file).read_text().splitlines()]
    print(json.dumps(uvloop.run(drive(int(port), int(connections), float(seconds), prepared))))


async def drive(port: int, connections: int, seconds: float, prepared: list[bytes]) -> dict[str, float]:
    """Keep every connection busy for so many seconds."""
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    in_turn = cycle(prepared)
    some = [_Connection(in_turn, begun + seconds) for _ in range(connections)]
    for one in some:
        await loop.create_connection(partial(_given, one), HOST, port)
    await asyncio.gather(*(one.done for one in some))
    taken = time.perf_counter() - begun
    times = sorted(each for one in some for each in one.times)
    return {
        "requests": len(times),
        "seconds": taken,
        "p50_ms": times[len(times) // 2] * 1000 if times else 0,
        "p99_ms": times[len(times) * 99 // 100] * 1000 if times else 0,
        "bytes": sum(one.bytes for one in some),
        "failed": sum(one.failed for one in some),
    }


class _Connection(asyncio.Protocol):
    """One request after the other, until the deadline."""

    def __init__(self, in_turn: Iterator[bytes], deadline: float) -> None:
        self.in_turn, self.deadline = in_turn, deadline
        self.times: list[float] = []
        self.bytes = self.failed = 0
        self.received, self.expected, self.sent_at = bytearray(), 0, 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.WriteTransport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self.received += data
        if not self.expected:
            head = self.received.find(b"\r\n\r\n")
            if head < 0:
                return
            length = _LENGTH.search(self.received, 0, head)
            self.failed += _STATUS.match(self.received) is None
            self.expected = head + 4 + (int(length[1]) if length else 0)
        if len(self.received) >= self.expected:
            self.times.append(time.perf_counter() - self.sent_at)
            self.bytes += len(self.received)
            self._send()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.done.done():
            self.failed += 1
            self.done.set_result(None)

    def _send(self) -> None:
        self.received.clear()
        self.expected, self.sent_at = 0, time.perf_counter()
        if self.sent_at < self.deadline:
            self.transport.write(next(self.in_turn))
        else:
            self.done.set_result(None)
            self.transport.close()


def _given(one: _Connection) -> _Connection:
    return one


def _prepare(line: str, token: str) -> bytes:
    method, path, body, tag = line.split("\t")
    head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Token token={token}\r\n"
    if tag:
        head += f"If-None-Match: {tag}\r\n"
    if body:
        head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body.encode())}\r\n"
    return f"{head}\r\n{body}".encode()


if __name__ == "__main__":
    main()
