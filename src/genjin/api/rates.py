"""Limits how often is called: so many calls in each window of so many seconds, as the upstream does.

Counted by each worker for itself: for rehearsing an integration (decision 9), and so that one program that went wild
does not use up what all share. Off by default.
"""

from typing import Generic, NamedTuple, TypeVar

from genjin.domain.clock import Clock
from genjin.errors import TooManyRequests

K = TypeVar("K")
Rate = tuple[int, int]
"""So many calls in so many seconds."""


class Left(NamedTuple):
    """What is left of a budget: `calls` of `most` in each window of so many seconds; the next begins in `resets_in`."""

    most: int
    seconds: int
    calls: int
    resets_in: int


class Budgets:
    """What an organisation may call, and what may be called with one token of it; None for no limit."""

    def __init__(self, organisation: Rate | None, token: Rate | None, clock: Clock) -> None:
        self._organisation = RateLimit[int](organisation, clock)
        self._token = RateLimit[str](token, clock)

    def count(self, organisation_id: int, token: str) -> None:
        """Count one call; one that its token has no budget for takes nothing from the organisation's. What is called
        without a token of its own, by the ticket of an upload, has an empty one. Raises TooManyRequests.
        """
        if token:
            self._token.count(token)
        self._organisation.count(organisation_id)

    def left(self, organisation_id: int, token: str) -> dict[str, Left]:
        """What is left of each budget that there is, by its name."""
        found = {"calls": self._organisation.left(organisation_id), "token": self._token.left(token)}
        return {name: left for name, left in found.items() if left is not None}


class RateLimit(Generic[K]):
    """`rate` is what each key may call, or None for no limit."""

    def __init__(self, rate: Rate | None, clock: Clock) -> None:
        self._rate, self._clock = rate, clock
        self._window = 0
        self._calls: dict[K, int] = {}

    def count(self, key: K) -> None:
        """Count one call. Raises TooManyRequests."""
        if self._rate is None:
            return
        most, seconds = self._rate
        now = self._clock.now()
        if now // seconds != self._window:
            self._window = now // seconds
            self._calls = {}
        calls = self._calls[key] = self._calls.get(key, 0) + 1
        if calls > most:
            raise TooManyRequests(seconds - now % seconds)

    def left(self, key: K) -> Left | None:
        """What is left of the window at hand; None where there is no limit."""
        if self._rate is None:
            return None
        most, seconds = self._rate
        now = self._clock.now()
        calls = self._calls.get(key, 0) if now // seconds == self._window else 0
        return Left(most, seconds, max(0, most - calls), seconds - now % seconds)
