"""Reads that wait at the same moment go to a thread together; what becomes of one is nothing to the others."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from genjin.errors import Overloaded
from genjin.store import postgres_readers
from genjin.store.postgres_readers import READERS, TOGETHER, Readers


class Mistake(Exception):
    pass


@pytest.fixture
def readers() -> Iterator[Readers]:
    with closing(Readers()) as readers:
        yield readers


def _fail() -> int:
    raise Mistake


def test_each_gets_its_own_answer_in_few_threads(readers: Readers) -> None:
    def act(n: int) -> tuple[int, str]:
        return n, threading.current_thread().name

    async def ask() -> list[tuple[int, str]]:
        return await asyncio.gather(*(readers.run(lambda n=n: act(n)) for n in range(100)))

    for _ in range(2):  # one loop after the other
        told = asyncio.run(ask())
        assert [n for n, _ in told] == list(range(100))
        names = [name for _, name in told]
        assert all(len(set(names[start : start + TOGETHER])) == 1 for start in range(0, 100, TOGETHER))
        assert len(set(names)) <= READERS
        assert all(name.startswith("genjin-reader") for name in names)


def test_who_waits_for_a_slow_one_is_not_everybody(readers: Readers) -> None:
    go = threading.Event()

    async def ask() -> None:
        slow = [asyncio.ensure_future(readers.run(go.wait)) for _ in range(TOGETHER)]
        assert await asyncio.gather(*(readers.run(lambda n=n: n) for n in range(TOGETHER))) == list(range(TOGETHER))
        assert not any(each.done() for each in slow)
        go.set()
        assert await asyncio.gather(*slow) == [True] * TOGETHER

    asyncio.run(ask())


def test_one_that_raises_hurts_only_itself(readers: Readers) -> None:
    async def ask() -> list[object]:
        acts = [lambda: 1, _fail, lambda: 2]
        return list(await asyncio.gather(*map(readers.run, acts), return_exceptions=True))

    one, failed, two = asyncio.run(ask())
    assert (one, two) == (1, 2)
    assert isinstance(failed, Mistake)


def test_one_that_nobody_waits_for_any_more_hurts_nobody(readers: Readers) -> None:
    began, go = threading.Event(), threading.Event()

    def slow() -> bool:
        began.set()
        return go.wait()

    async def ask() -> int:
        given_up = asyncio.ensure_future(readers.run(slow))
        other = asyncio.ensure_future(readers.run(lambda: 7))
        await asyncio.to_thread(began.wait)
        given_up.cancel()
        go.set()
        return await other

    assert asyncio.run(ask()) == 7


def test_a_loop_that_ends_before_it_is_answered_leaves_the_threads_as_they_were(readers: Readers) -> None:
    began, go = threading.Event(), threading.Event()

    def slow() -> bool:
        began.set()
        return go.wait()

    async def leave() -> None:
        waiting = asyncio.ensure_future(readers.run(slow))
        await asyncio.to_thread(began.wait)
        waiting.cancel()

    asyncio.run(leave())
    go.set()
    assert asyncio.run(readers.run(lambda: 7)) == 7


def test_who_asks_while_it_is_closed_is_answered_or_told(readers: Readers) -> None:
    async def ask() -> list[object]:
        waiting = asyncio.gather(*(readers.run(lambda n=n: n) for n in range(8)), return_exceptions=True)
        await asyncio.to_thread(readers.close)
        return list(await waiting)

    for _ in range(20):
        told = asyncio.run(ask())
        assert all(found == n or isinstance(found, RuntimeError) for n, found in enumerate(told))


def test_more_than_may_wait_are_told_so_at_once(readers: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_readers, "MOST", 3)
    go_on = threading.Event()

    async def ask() -> list[object]:
        waiting = [asyncio.ensure_future(readers.run(lambda: go_on.wait(60))) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await readers.run(lambda: True)
        go_on.set()
        return [*await asyncio.gather(*waiting), await readers.run(lambda: True)]

    assert asyncio.run(ask()) == [True] * 4
