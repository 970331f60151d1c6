"""A thread of the server's process that does something again and again, from `start` to `stop`."""

import threading
from abc import ABC, abstractmethod

import structlog

from genjin.errors import StoreUnavailable

STOP_SECONDS = 10
LONGEST_REST = 60.0
log = structlog.get_logger("genjin.jobs")


class Loop(ABC):
    """Takes a turn every `poll` seconds; more seldom while turns fail, because the database is away, say."""

    def __init__(self, name: str, poll: float) -> None:
        self.poll = poll
        self._name, self._ending = name, threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"genjin-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask what is at hand to end after its next part, and wait for it a while; what is cut off is done again."""
        self.end()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def end(self) -> None:
        """Ask for no more than that."""
        self._ending.set()

    def go_on(self) -> bool:
        """Asked between two parts: False when the process wants to end."""
        return not self._ending.is_set()

    @abstractmethod
    def turn(self) -> None:
        """Look once for what is to be done, and do it."""

    def rest(self, seconds: float) -> None:
        """Wait for so long, or until there is reason not to."""
        self._ending.wait(seconds)

    def _run(self) -> None:
        failed = 0
        while self.go_on():
            try:
                self.turn()
                failed = 0
            except StoreUnavailable as error:  # a full disk, say, which is told with all that there is to know
                failed += 1
                log.warning(f"{self._name}_not_looked_at", error=str(error))  # noqa: G004
            except Exception:
                failed += 1
                log.exception(f"{self._name}_not_looked_at")  # noqa: G004
            self.rest(min(LONGEST_REST, self.poll * 2 ** min(failed, 10)) if failed else self.poll)
