"""Limits the calls of an organisation, as the upstream does: so many in each window of so many seconds.

Counted by each worker for itself; meant for rehearsing an integration (decision 9), off by default.
"""

from typing import NamedTuple

from genjin.domain.clock import Clock
from genjin.errors import TooManyRequests


class Left(NamedTuple):
    """What is left of a budget: `calls` of `most` in each window of so many seconds; the next begins in `resets_in`."""

    most: int
    seconds: int
    calls: int
    resets_in: int


class RateLimit:
    """`rate` is (calls, seconds), or None for no limit."""

    def __init__(self, rate: tuple[int, int] | None, clock: Clock) -> None:
        self._rate, self._clock = rate, clock
        self._window = 0
        self._calls: dict[int, int] = {}

    def count(self, organisation_id: int) -> None:
        """Count one call. Raises TooManyRequests."""
        if self._rate is None:
            return
        most, seconds = self._rate
        now = self._clock.now()
        if now // seconds != self._window:
            self._window = now // seconds
            self._calls = {}
        calls = self._calls[organisation_id] = self._calls.get(organisation_id, 0) + 1
        if calls > most:
            raise TooManyRequests(seconds - now % seconds)

    def left(self, organisation_id: int) -> Left | None:
        """What is left of the window at hand; None where there is no limit."""
        if self._rate is None:
            return None
        most, seconds = self._rate
        now = self._clock.now()
        calls = self._calls.get(organisation_id, 0) if now // seconds == self._window else 0
        return Left(most, seconds, max(0, most - calls), seconds - now % seconds)
