"""What replicas promise: a read that says from where on it has to see all sees it, wherever it is answered; and no read
fails because of a replica.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from typing import TypeVar

import psycopg
import pytest
from sqlalchemy import make_url, select
from structlog.testing import CapturingLogger

from genjin.domain.clock import FixedClock
from genjin.domain.people import Department
from genjin.errors import BadSettings, NotFound, ReplicaRefused, StoreUnavailable
from genjin.store import people, replica
from genjin.store.database import open_database
from genjin.store.postgres import PostgresDatabase
from genjin.store.read_point import ReadPoint
from genjin.store.tables import departments
from genjin.store.transaction import Tx
from tests.citus import stand_in
from tests.databases import as_role, new_postgres
from tests.standby import SECONDS, Pair

T = TypeVar("T")
LATER = 3600
"""When nobody is left out any more."""


class Place:
    """Who answered, and what it showed."""

    def __init__(self, on_standby: bool, shown: list[int]) -> None:
        self.on_standby, self.shown = on_standby, shown


class Machine:
    """A process that has opened the database and its replicas."""

    def __init__(self, url: str, *replica_urls: str, wait: float = 0.05) -> None:
        self.clock = FixedClock(0)
        opened = open_database(url, replica_urls, wait, self.clock)
        assert isinstance(opened, PostgresDatabase)
        self.database = opened

    def begin(self) -> ReadPoint:
        """Where a request begins: all that is committed now, it shall see."""
        return self.database.read(_began)

    def begin_there(self, pair: Pair) -> ReadPoint:
        """The same, and the standby has come there and is not left out."""
        since = self.begin()
        pair.catch_up()
        self.clock.at += LATER
        return since

    def read(self, since: ReadPoint | None = None, organisation_id: int = 1) -> Place:
        return self.database.read(lambda tx: _look(tx, organisation_id), organisation_id, since)

    def read_now(self, organisation_id: int = 1) -> Place:
        return self.read(self.begin(), organisation_id)

    def read_soon(self, organisation_id: int = 1) -> Place:
        """What an event loop reads: first on the primary, then wherever."""

        def use(tx: Tx) -> Place:
            return tx.offload(lambda there: _look(there, organisation_id), _began(tx))

        return asyncio.run(self.database.read_soon(use, organisation_id))

    def on_standby(self, read: Callable[[], Place]) -> Place:
        """What it reads there, which is in the end where it reads again, whatever was."""
        for _ in range(SECONDS * 20):
            self.clock.at += LATER
            if (place := read()).on_standby:
                return place
        raise AssertionError("the standby is not asked")

    def write(self, id_: int, organisation_id: int = 1) -> None:
        department = Department(id_, f"{id_}")
        self.database.write(lambda tx: people.put_departments(tx, organisation_id, [department]), organisation_id)

    def close(self) -> None:
        self.database.close()


@pytest.fixture
def here(pair: Pair, pair_url: str) -> Iterator[Machine]:
    """A machine that knows of the standby."""
    with closing(Machine(pair_url, pair.on_standby(pair_url))) as machine:
        yield machine


@pytest.fixture
def there(pair: Pair, pair_url: str) -> Iterator[Machine]:
    """Another one."""
    with closing(Machine(pair_url, pair.on_standby(pair_url))) as machine:
        yield machine


def test_only_reads_that_say_what_they_have_to_see_go_to_a_replica(pair: Pair, here: Machine) -> None:
    here.write(1)
    pair.catch_up()
    assert not here.read().on_standby
    assert not here.database.write(_is_on_standby)
    here.on_standby(here.read_now)
    here.on_standby(here.read_soon)
    assert here.read_now().shown == here.read_soon().shown == [1]


def test_a_database_without_replicas_has_no_read_points(pair_url: str) -> None:
    with closing(open_database(pair_url)) as database:
        assert database.read(lambda tx: tx.rows(f"SELECT {tx.read_point}", ())) == [(None,)]
        assert database.replicas() == []
        assert database.read(_is_on_standby, None, ReadPoint(1, 0)) is False


def test_what_was_written_is_seen_by_the_next_read_of_every_machine_while_the_replica_stands_still(
    pair: Pair, here: Machine, there: Machine
) -> None:
    for machine in (here, there):  # their connections are open, and have seen the replica come this far
        machine.on_standby(machine.read_now)
        machine.on_standby(machine.read_soon)
    with pair.paused():
        for nth, machine in enumerate([here, there] * 5, 1):
            machine.write(nth)
            for reader in (here, there):
                reader.clock.at += LATER
                assert reader.read_now().shown == list(range(1, nth + 1))
                assert reader.read_soon().shown == list(range(1, nth + 1))
                assert not reader.read_now().on_standby
    for machine in (here, there):
        machine.on_standby(machine.read_now)
        machine.on_standby(machine.read_soon)


def test_a_replica_that_stands_still_answers_what_it_has_to_show(pair: Pair, here: Machine) -> None:
    before = here.begin_there(pair)
    with pair.paused():
        here.write(1)
        place = here.read(before)
        assert (place.on_standby, place.shown) == (True, [])


def test_a_read_waits_for_a_replica_that_is_not_far_behind(pair: Pair, pair_url: str) -> None:
    with closing(Machine(pair_url, pair.on_standby(pair_url), wait=SECONDS)) as machine:
        for nth in range(1, 30):
            machine.write(nth)
            for place in (machine.read_now(), machine.read_soon()):
                assert (place.on_standby, place.shown) == (True, list(range(1, nth + 1)))


def test_machines_that_write_and_read_at_once_always_see_what_was_written(pair: Pair, pair_url: str) -> None:
    machines = [Machine(pair_url, pair.on_standby(pair_url), wait=0.01) for _ in range(2)]
    answered = set[bool]()

    def work(organisation_id: int) -> None:
        for nth in range(1, 40):
            machines[nth % 2].write(nth, organisation_id)
            reader = machines[nth // 2 % 2]
            place = reader.read_now(organisation_id) if nth % 3 else reader.read_soon(organisation_id)
            assert place.shown == list(range(1, nth + 1))
            answered.add(place.on_standby)
            reader.clock.at += LATER

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(1, 5)))
    assert True in answered
    for machine in machines:
        machine.close()


def test_a_later_read_of_a_request_does_not_see_less_than_an_earlier_one(pair: Pair, here: Machine) -> None:
    with pair.paused():
        here.write(1)
        since = here.begin()
        assert not here.read(since).on_standby
    here.clock.at += LATER
    assert not here.read(since).on_standby
    since = here.begin_there(pair)
    assert here.read(since).on_standby
    pair.kill()
    try:
        assert not here.read(since).on_standby
    finally:
        pair.start()
    here.clock.at += LATER
    assert not here.read(since).on_standby


def test_of_several_replicas_one_that_can_answers(pair: Pair, pair_url: str) -> None:
    nobody = make_url(pair.on_standby(pair_url)).set(query={"host": "/nowhere"}).render_as_string(hide_password=False)
    with closing(Machine(pair_url, nobody, pair.on_standby(pair_url), nobody)) as machine:
        for _ in range(6):
            machine.on_standby(machine.read_now)
        assert [bool(report.why) for report in machine.database.replicas()] == [True, False, True]


# When a replica fails


def test_no_read_fails_when_a_replica_is_killed_and_it_is_used_again_when_it_is_back(
    pair: Pair, here: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = CapturingLogger()
    monkeypatch.setattr(replica, "log", heard)
    here.write(1)
    pair.catch_up()
    enough, answered = threading.Event(), list[Place]()

    def work(nth: int) -> None:
        while not enough.is_set():
            answered.append(here.read_soon() if nth % 2 else here.read_now())
            here.clock.at += 1

    with ThreadPoolExecutor(6) as pool:
        working = [pool.submit(work, nth) for nth in range(6)]
        try:
            _until(lambda: any(place.on_standby for place in list(answered)))
            pair.kill()
            seen = len(answered)
            _until(lambda: len(answered) > seen + 50)
        finally:
            pair.start()
        seen = len(answered)
        _until(lambda: any(place.on_standby for place in list(answered)[seen:]))
        enough.set()
        for each in working:
            each.result(SECONDS)
    assert {tuple(place.shown) for place in answered} == {(1,)}
    assert {"replica_left_out", "replica_back"} <= {call.args[0] for call in heard.calls}


def test_a_replica_that_says_nothing_any_more_is_waited_for_once(
    pair: Pair, pair_url: str, pair_role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replica, "SILENT_SECONDS", 0.5)
    monkeypatch.setattr(replica, "CONNECT_SECONDS", 2)
    with closing(_as_application(pair, pair_url, pair_role)) as machine:
        machine.on_standby(machine.read_now)
        machine.on_standby(machine.read_soon)
        with pair.frozen():
            assert not machine.read_now().on_standby
            assert not machine.read_soon().on_standby
            machine.clock.at += 1
            assert not machine.read_soon().on_standby
            machine.clock.at += 2
            assert not machine.read_now().on_standby
            [report] = machine.database.replicas()
            assert report.why
        machine.on_standby(machine.read_now)
        machine.on_standby(machine.read_soon)


def test_a_replica_that_was_promoted_is_left_out(pair: Pair, here: Machine) -> None:
    here.on_standby(here.read_now)
    with pair.promoted():
        pair.tell_standby("CHECKPOINT")
        here.clock.at += LATER
        assert not here.read_now().on_standby  # its connections were cut
        here.clock.at += LATER
        assert not here.read_now().on_standby
        [report] = here.database.replicas()
        assert "promoted" in report.why
        here.database.check_replicas()  # nothing that would keep the server from starting
    pair.catch_up()
    here.on_standby(here.read_now)


def test_a_replica_of_another_history_is_not_asked(pair: Pair, here: Machine) -> None:
    since = here.begin_there(pair)
    assert not here.read(ReadPoint(since.history + 1, since.position)).on_standby
    here.clock.at += LATER
    assert here.read(since).on_standby


def test_a_read_that_gives_way_to_replay_is_repeated_on_the_primary(pair: Pair, pair_url: str, here: Machine) -> None:
    here.write(1)
    since, asked = here.begin_there(pair), list[bool]()

    def look(tx: Tx) -> list[int]:
        asked.append(_is_on_standby(tx))
        slow = "SELECT id FROM departments WHERE organisation_id = 1 AND pg_sleep(?::float8) IS NOT NULL"
        return [id_ for (id_,) in tx.rows(slow, (30.0 if asked[-1] else 0.0,))]

    at_once = "SET max_standby_streaming_delay = 0"
    pair.tell_standby(f"ALTER SYSTEM {at_once}")
    pair.tell_standby("SELECT pg_reload_conf()")
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(here.database.read, look, 1, since)
        _until(lambda: pair.tell_standby("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'") != [])
        with psycopg.connect(pair_url, autocommit=True) as primary:
            primary.execute("UPDATE departments SET name = 'x'")
            primary.execute("VACUUM departments")
        assert reading.result(SECONDS) == [1]
    pair.tell_standby("ALTER SYSTEM RESET max_standby_streaming_delay")
    pair.tell_standby("SELECT pg_reload_conf()")
    assert asked == [True, False]
    pair.catch_up()
    here.on_standby(here.read_now)  # the replica is well


def test_a_statement_that_takes_too_long_there_is_repeated_on_the_primary(
    pair: Pair, pair_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replica, "STATEMENT_SECONDS", 1)
    with closing(Machine(pair_url, pair.on_standby(pair_url))) as machine:
        asked = list[bool]()

        def look(tx: Tx) -> None:
            asked.append(_is_on_standby(tx))
            tx.rows("SELECT pg_sleep(?::float8)", (SECONDS if asked[-1] else 0,))

        machine.database.read(look, 1, machine.begin_there(pair))
        assert asked == [True, False]
        machine.on_standby(machine.read_now)


def test_what_a_use_case_refuses_is_refused_once(pair: Pair, here: Machine) -> None:
    asked = list[bool]()

    def refuse(tx: Tx) -> None:
        asked.append(_is_on_standby(tx))
        raise NotFound("nothing")

    with pytest.raises(NotFound):
        here.database.read(refuse, 1, here.begin_there(pair))
    assert asked == [True]
    here.on_standby(here.read_now)


def test_a_use_case_that_writes_where_it_should_read_does_so_on_the_primary(pair: Pair, here: Machine) -> None:
    here.write(1)

    asked = list[bool]()

    def change(tx: Tx) -> int:
        asked.append(_is_on_standby(tx))
        return tx.execute(departments.update().where(departments.c.organisation_id == 1).values(name="y")).rowcount

    assert here.database.read(change, 1, here.begin_there(pair)) == 1
    assert asked == [True, False]
    assert here.read(here.begin_there(pair)).on_standby


def test_without_its_primary_a_replica_answers_nothing(pair: Pair, pair_url: str) -> None:
    """Whether a token is alive is asked of the primary, and so is how much is to be seen."""
    nobody = make_url(pair_url).set(query={"host": "/nowhere"}).render_as_string(hide_password=False)
    with closing(Machine(nobody, pair.on_standby(pair_url))) as machine, pytest.raises(StoreUnavailable):
        machine.read_now()


# Whose replica it is


def test_what_is_no_replica_of_the_database_is_refused_with_a_reason(
    pair: Pair, pair_url: str, pair_role: str, pair_template: str, postgres_url: str
) -> None:
    with new_postgres(pair.primary_url, pair_template) as another:
        pair.catch_up()
        for url, why in (
            (postgres_url, "another installation"),
            (pair.on_standby(another), "another database"),
            (as_role(pair.on_standby(pair_url), pair_role), f"read as {pair_role}"),
        ):
            with closing(Machine(pair_url, pair.on_standby(pair_url), url)) as machine:
                with pytest.raises(ReplicaRefused, match=why) as refused:
                    machine.database.check_replicas()
                assert "GENJIN_REPLICA_URLS" in str(refused.value)
                for _ in range(4):
                    machine.on_standby(machine.read_now)
                assert [why in report.why for report in machine.database.replicas()] == [False, True]


def test_a_database_on_citus_has_no_such_replicas(pair: Pair, pair_url: str) -> None:
    stand_in(pair_url)
    with (
        closing(Machine(pair_url, pair.on_standby(pair_url))) as machine,
        pytest.raises(ReplicaRefused, match="Citus"),
    ):
        machine.database.check_replicas()


def test_a_url_that_cannot_be_read_is_a_wrong_setting(pair_url: str) -> None:
    with pytest.raises(BadSettings, match="GENJIN_REPLICA_URLS"):
        Machine(pair_url, "postgresql://host:no-port/x")


def test_who_cannot_be_reached_does_not_keep_a_server_from_starting(pair: Pair, here: Machine) -> None:
    pair.kill()
    try:
        here.database.check_replicas()
        [report] = here.database.replicas()
        assert report.why
        assert report.lag_bytes is None
    finally:
        pair.start()


def test_a_report_tells_how_far_a_replica_is_behind(pair: Pair, pair_url: str, here: Machine) -> None:
    _until(lambda: [each[1:] for each in here.database.replicas()] == [("", 0, 0.0)])
    [report] = here.database.replicas()
    assert report.name.endswith(f"/{make_url(pair_url).database}")
    assert "postgres:" not in report.name
    with pair.paused():
        here.write(1)
        here.read_now()
        [report] = here.database.replicas()
        assert "bytes behind" in report.why
        assert report.lag_bytes is not None
        assert report.lag_bytes > 0


# The second lock


@pytest.mark.across
def test_a_replica_shows_a_role_that_owns_nothing_one_organisation_at_a_time(
    pair: Pair, pair_url: str, pair_role: str
) -> None:
    with closing(_as_application(pair, pair_url, pair_role)) as machine:
        machine.write(1)
        machine.write(2, organisation_id=2)
        pair.catch_up()
        for organisation_id in (1, 2, 1):
            for read in (machine.read_now, machine.read_soon):
                assert machine.on_standby(partial(read, organisation_id)).shown == [organisation_id]

        def all_there_is(tx: Tx) -> list[int]:
            assert _is_on_standby(tx)
            by_hand = [id_ for (id_,) in tx.rows("SELECT id FROM departments WHERE organisation_id > 0", ())]
            by_core = tx.execute(select(departments.c.id).where(departments.c.organisation_id > 0)).scalars().all()
            assert by_hand == list(by_core)
            return by_hand

        assert machine.database.read(all_there_is, 2, machine.begin_there(pair)) == [2]
        assert machine.database.read(all_there_is, None, machine.begin_there(pair)) == []


def _as_application(pair: Pair, url: str, role: str) -> Machine:
    """A machine whose role owns nothing, in either place."""
    return Machine(as_role(url, role), as_role(pair.on_standby(url), role))


def _began(tx: Tx) -> ReadPoint:
    return ReadPoint.parse(tx.rows(f"SELECT {tx.read_point}", ())[0][0])


def _look(tx: Tx, organisation_id: int) -> Place:
    found = tx.rows("SELECT id FROM departments WHERE organisation_id = ? ORDER BY id", (organisation_id,))
    return Place(_is_on_standby(tx), [id_ for (id_,) in found])


def _is_on_standby(tx: Tx) -> bool:
    return bool(tx.rows("SELECT pg_is_in_recovery()", ())[0][0])


def _until(true: Callable[[], bool]) -> None:
    for _ in range(SECONDS * 100):
        if true():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not happen")
