"""Wakes the worker of this process at once; those of others find a job when they look for one next."""

import threading


class Bell:
    """Rung for an organisation when a job of it was committed; waited for by one worker."""

    def __init__(self) -> None:
        self._rung = threading.Condition()
        self._for: set[int] = set()
        self._woken = False

    def ring(self, organisation_id: int) -> None:
        """There is something to do in this organisation."""
        with self._rung:
            self._for.add(organisation_id)
            self._rung.notify_all()

    def wake(self) -> None:
        """End the waiting, or the next one: there is something else to look at."""
        with self._rung:
            self._woken = True
            self._rung.notify_all()

    def wait(self, seconds: float) -> set[int]:
        """Wait until it rings or was rung, but not longer than so many seconds; for which organisations it was."""
        with self._rung:
            self._rung.wait_for(lambda: self._for or self._woken, seconds)
            rung, self._for, self._woken = self._for, set(), False
        return rung
