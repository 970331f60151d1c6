"""The database's side of a run: it has its source alone, and puts units together with what is known of them."""

import os
import secrets
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from threading import Lock
from typing import TypeVar

from genjin.domain.audit import Act, Subject
from genjin.domain.json import JsonValue
from genjin.domain.people import SYSTEM_ID
from genjin.domain.sync import LEASE_SECONDS, Misfit, Sync, Unit
from genjin.errors import InFlight, StoreUnavailable
from genjin.importers.synced.bringing import Bringing
from genjin.service.audit import Hand, note
from genjin.service.context import Installation
from genjin.store import ids, syncs
from genjin.store.transaction import Tx

T = TypeVar("T")
AT_ONCE = 500
"""Units that are in memory."""


class Keeper:
    """One run, of one source, into one organisation. `new`, `changed` and `gone` count what it has brought, by noun."""

    def __init__(self, installation: Installation, organisation_id: int, source: str, captures: bool) -> None:
        self.installation, self.organisation_id = installation, organisation_id
        self.new, self.changed, self.gone = Counter[str](), Counter[str](), Counter[str]()
        self._source, self._captures, self._counting = source, captures, Lock()
        self._lease = f"{_host()}.{os.getpid()}.{secrets.token_hex(4)}"
        self.sync = self._begin()

    def write(self, use: Callable[[Bringing], T]) -> T:
        """Put something in one transaction; in any thread. Raises InFlight when another run has taken the source
        meanwhile.
        """

        def act(tx: Tx) -> tuple[T, Bringing]:
            now = self.installation.clock.now()
            self._hold(tx, now)
            into = Bringing(tx, self.organisation_id, self.sync.id, now, self._captures)
            return use(into), into

        value, into = self.installation.database.write(act, self.organisation_id)
        with self._counting:
            self.new += into.new
            self.changed += into.changed
            self.gone += into.gone
        return value

    def write_or_keep(self, use: Callable[[Bringing], T], unit: str, raw: JsonValue) -> T | None:
        """The same; what cannot be put, for whatever reason that lies in it, is kept as it came, and is a misfit."""
        try:
            return self.write(use)
        except (StoreUnavailable, InFlight):
            raise
        except Exception as error:
            self.keep(unit, Misfit("", f"{type(error).__name__}: {error}"[:1000], raw))
        return None

    def keep(self, unit: str, *some: Misfit) -> None:
        """Keep what of a unit could not be taken in."""
        self.write(lambda into: syncs.put_misfits(into.tx, into.organisation_id, into.sync_id, unit, into.now, some))

    def count(self, noun: str, number: int) -> None:
        """Put some that are new into the summary."""
        with self._counting:
            self.new += Counter({noun: number})

    def read(self, use: Callable[[Tx], T]) -> T:
        """Look something up."""
        return self.installation.database.read(use, self.organisation_id)

    def unit(self, name: str) -> Unit:
        """What is known of a unit; one that nothing is known of is a new one."""
        found = self.read(lambda tx: syncs.find_units(tx, self.organisation_id, self.sync.id, [name]))
        return found.get(name) or Unit(name)

    def put_unit(self, unit: Unit) -> None:
        """Put what is known of one."""
        self.write(lambda into: syncs.put_units(into.tx, into.organisation_id, into.sync_id, [unit]))

    def listed(self, name: str) -> Iterator[list[Unit]]:
        """The units of the records that a list has shown, some at a time."""
        after = ""
        while some := self.read(partial(self._listed, name, after)):
            yield some
            after = some[-1].name

    def now(self) -> int:
        """The instant."""
        return self.installation.clock.now()

    def touch(self) -> None:
        """Tell that this run is alive."""
        self.write(lambda _: None)

    def end(self, finished: bool) -> None:
        """Let go of the source; `finished` is whether all was done that this run was for."""

        def act(tx: Tx) -> None:
            sync = self._hold(tx, self.now())
            ended_at = self.now() if finished else sync.ended_at
            syncs.put(tx, self.organisation_id, replace(sync, lease=None, leased_until=None, ended_at=ended_at))

        self.installation.database.write(act, self.organisation_id)

    def _listed(self, name: str, after: str, tx: Tx) -> list[Unit]:
        return syncs.listed_units(tx, self.organisation_id, self.sync.id, name, after, AT_ONCE)

    def _begin(self) -> Sync:
        def act(tx: Tx) -> Sync:
            now = self.now()
            sync = syncs.find_for_update(tx, self.organisation_id, self._source)
            if sync is None:
                sync = Sync(ids.allocate(tx)[0], self._source)
            elif sync.lease and (sync.leased_until or 0) > now and not _is_dead(sync.lease):
                raise InFlight(f"another run is at it, or was killed just now: try again in {LEASE_SECONDS} s")
            sync = replace(sync, began_at=now, lease=self._lease, leased_until=now + LEASE_SECONDS)
            syncs.put(tx, self.organisation_id, sync)
            by = Hand(self.organisation_id, SYSTEM_ID)
            note(tx, self.installation, by, Act.DATA_SYNCHRONISED, Subject(None, self._source))
            return sync

        return self.installation.database.write(act, self.organisation_id)

    def _hold(self, tx: Tx, now: int) -> Sync:
        sync = syncs.find_for_update(tx, self.organisation_id, self._source)
        if sync is None or sync.lease != self._lease:
            raise InFlight("another run has taken over")
        sync = replace(sync, leased_until=now + LEASE_SECONDS)
        syncs.put(tx, self.organisation_id, sync)
        return sync


def _host() -> str:
    return blake2b(socket.gethostname().encode(), digest_size=4).hexdigest()


def _is_dead(lease: str) -> bool:
    """Whether the process of a lease is one of this machine that is no more."""
    host, _, rest = lease.partition(".")
    number = rest.partition(".")[0]
    if host != _host() or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
