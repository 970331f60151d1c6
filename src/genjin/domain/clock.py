"""The only file that reads the time. Everybody else is handed a Clock.

An instant is a whole number of seconds since 1970-01-01 UTC, everywhere below the wire.
"""

import time
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> int:
        """The current instant, in seconds since 1970-01-01 UTC."""
        ...

    def ticks(self) -> float:
        """Seconds from an arbitrary start, for measuring how long something took."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        return int(time.time())

    def ticks(self) -> float:
        return time.perf_counter()


@dataclass
class FixedClock:
    """A clock that stands still until it is moved; for tests and for made-up histories."""

    at: int

    def now(self) -> int:
        return self.at

    def ticks(self) -> float:
        return float(self.at)
