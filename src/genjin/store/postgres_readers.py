"""Threads that read for an event loop. Reads that wait at the same moment go there and come back a few at a time.

To wake a thread, and the loop again, takes as long as a small read.
"""

import asyncio
from asyncio import AbstractEventLoop, Future
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from genjin.errors import Overloaded

T = TypeVar("T")
Job = tuple[Callable[[], Any], "Future[Any]"]

READERS = 8
"""Threads. Each has a connection of its own."""
TOGETHER = 4
"""The most reads that one thread takes at a time: with more a slow one holds up more, and little more is saved."""

MOST = 1_000
"""Reads that are asked for at a time, about: beyond that it is told at once that they are too many."""


class Readers:
    """Reads for any number of event loops."""

    def __init__(self) -> None:
        self._threads = _threads()
        self._waiting: dict[AbstractEventLoop, list[Job]] = {}
        self._asked = 0

    async def run(self, act: Callable[[], T]) -> T:
        """What `act` returns, in one of the threads; what it raises. Raises Overloaded."""
        if self._asked >= MOST:
            raise Overloaded("too many requests wait already")
        self._asked += 1
        try:
            return await self._run(act)
        finally:
            self._asked -= 1

    async def _run(self, act: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        waiting = self._waiting.get(loop)
        if waiting is None:
            waiting = self._waiting[loop] = []
            loop.call_soon(self._hand_over, loop)  # behind all whose turn it is already
        future: Future[T] = loop.create_future()
        waiting.append((act, future))
        return await future

    def close(self) -> None:
        """Wait for what is being read. Whoever asks afterwards has other threads."""
        threads, self._threads = self._threads, _threads()
        threads.shutdown()

    def _hand_over(self, loop: AbstractEventLoop) -> None:
        waiting = self._waiting.pop(loop)
        for start in range(0, len(waiting), TOGETHER):
            some = waiting[start : start + TOGETHER]
            try:
                self._threads.submit(_read, loop, some)
            except RuntimeError as error:  # closed at this moment
                _answer([(future, None, error) for _, future in some])


def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(READERS, "genjin-reader")


def _read(loop: AbstractEventLoop, jobs: Sequence[Job]) -> None:
    results: list[tuple[Future[Any], Any, BaseException | None]] = []
    for act, future in jobs:
        try:
            results.append((future, act(), None))
        except BaseException as error:
            results.append((future, None, error))
    loop.call_soon_threadsafe(_answer, results)


def _answer(results: Sequence[tuple["Future[Any]", Any, BaseException | None]]) -> None:
    for future, value, failure in results:
        if future.done():  # nobody waits for it any more
            continue
        if failure is None:
            future.set_result(value)
        else:
            future.set_exception(failure)
