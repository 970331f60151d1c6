"""How many calls may be made in how much time, as the upstream limits them. No I/O, no clock: it is told the time."""

from collections import deque
from typing import NamedTuple


class Limit(NamedTuple):
    """At most so many calls in so many seconds; the upstream's is Limit(10, 10)."""

    calls: int
    seconds: float


class Limiter:
    """Says how long to wait before the next call. Times are seconds of a clock that only goes forward."""

    def __init__(self, limit: Limit | None) -> None:
        self._limit = limit
        self._made = deque[float]()
        self._not_before = 0.0

    def wait(self, now: float) -> float:
        """Take the place of one call: how many seconds to wait until it may be sent."""
        at = max(now, self._not_before)
        if self._limit is not None:
            if len(self._made) >= self._limit.calls:
                at = max(at, self._made[-self._limit.calls] + self._limit.seconds)
            self._made.append(at)
            while len(self._made) > self._limit.calls:
                self._made.popleft()
        return at - now

    def refused(self, now: float, seconds: float) -> None:
        """The server says that there were too many: nobody calls for so long."""
        self._not_before = max(self._not_before, now + seconds)
