"""Real processes that work off one queue, and die as by `kill -9` in the middle: in the end all is as after a run that
nobody disturbed; on both engines.
"""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, text

from genjin.domain.clock import FixedClock
from genjin.domain.job import JobState
from genjin.domain.people import Organisation
from genjin.domain.records import RecordType, Ref
from genjin.service.context import Installation, open_installation
from genjin.service.queue.batches import do_now
from genjin.service.queue.jobs import find_job, submit
from genjin.service.timeline.recounting import RECOUNT, mended
from genjin.settings import Settings
from genjin.store import people, timeline
from genjin.store.recount import recount
from genjin.store.tables import timeline_blocks, timelines
from genjin.store.timeline import Place
from genjin.store.transaction import Row, Tx
from tests.jobs import stamping
from tests.jobs.stamping import NAME, marks, put_leads

NOW, LEASE, SOON = 1_718_000_000, 30, 120
LEADS = 200
"""In batches of five."""


@pytest.fixture
def installation(database_url: str) -> Iterator[Installation]:
    installation = open_installation(Settings(database_url=database_url), FixedClock(NOW))
    with closing(installation.database):
        for id_ in (1, 2):
            organisation = Organisation(id_, "长江贸易", f"org{id_}")
            installation.database.write(lambda tx, each=organisation: people.put_organisation(tx, each), id_)
        yield installation


def run(url: str, folder: Path, at: int, *dying: int) -> list[int]:
    """One process for each of `dying`, let go together at this instant, that die in their step of this number; how
    they ended.
    """
    for flag in folder.iterdir():
        flag.unlink()
    started = [
        subprocess.Popen([sys.executable, stamping.__file__, url, str(folder), str(at), str(dies_in)])
        for dies_in in dying
    ]
    try:
        while len(list(folder.glob("ready-*"))) < len(started):
            assert [each.poll() for each in started] == [None] * len(started)
            threading.Event().wait(0.01)
        (folder / "go").touch()
        return [each.wait(SOON) for each in started]
    finally:
        for each in started:
            each.kill()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the processes wait for each other."""
    made = tmp_path / "flags"
    made.mkdir()
    return made


def test_who_is_killed_in_the_middle_loses_and_repeats_nothing(
    installation: Installation, database_url: str, folder: Path
) -> None:
    """Twice, once of them in the very first batch."""
    put_leads(installation, 1, LEADS)
    asked = submit(installation, 1, NAME)
    done = 0
    for nth, dies_in in enumerate((1, 18)):
        assert run(database_url, folder, NOW + nth * LEASE, dies_in) == [-signal.SIGKILL]
        done += (dies_in - 1) * 5
        job = find_job(installation, 1, asked.id)
        assert (job.state, job.done) == (JobState.RUNNING, done)
        assert [times for times, _ in marks(installation, 1)] == [1] * done + [None] * (LEADS - done)
    assert run(database_url, folder, NOW + 2 * LEASE, 0) == [0]
    job = find_job(installation, 1, asked.id)
    assert (job.state, job.done, job.total, job.failures) == (JobState.DONE, LEADS, LEADS, 0)
    assert [times for times, _ in marks(installation, 1)] == [1] * LEADS


def test_two_processes_never_do_the_same_batch(installation: Installation, database_url: str, folder: Path) -> None:
    put_leads(installation, 1, LEADS)
    jobs = [submit(installation, 1, NAME, {"n": n}) for n in range(2)]
    assert run(database_url, folder, NOW, 0, 0) == [0, 0]
    found = [find_job(installation, 1, job.id) for job in jobs]
    assert [(job.state, job.done) for job in found] == [(JobState.DONE, LEADS)] * 2
    assert {times for times, _ in marks(installation, 1)} == {2}
    assert len({by for _, by in marks(installation, 1)}) == 2


def test_a_recount_that_is_killed_and_resumed_mends_what_an_undisturbed_one_does(
    installation: Installation, database_url: str, folder: Path
) -> None:
    for organisation_id in (1, 2):
        installation.database.write(lambda tx, of=organisation_id: spoiled(tx, of), organisation_id)
        assert len(wrong(installation, organisation_id)) == 15
    asked = submit(installation, 1, RECOUNT.name)
    assert run(database_url, folder, NOW, 8) == [-signal.SIGKILL]
    assert 0 < len(wrong(installation, 1)) < 15
    assert run(database_url, folder, NOW + LEASE, 0) == [0]
    undisturbed = do_now(installation, 2, RECOUNT, {}, lambda _: None)
    resumed = find_job(installation, 1, asked.id)
    for job in (undisturbed, resumed):
        assert (job.state, mended(job.cursor), job.done, job.total) == (JobState.DONE, 15, 41, 41)
    for organisation_id in (1, 2):
        assert wrong(installation, organisation_id) == []
    assert counters(installation, 1) == counters(installation, 2)


def spoiled(tx: Tx, organisation_id: int) -> None:
    """Forty timelines of 30 entries and one of 1,500; every third is counted wrongly, and so is a block."""
    for n in range(1, 42):
        subject = Ref(RecordType.LEAD, n)
        places = [Place(subject, at, at + 1, 1, 1) for at in range(1_500 if n == 20 else 30)]
        timeline.add(tx, organisation_id, places)
    of = {"of": organisation_id}
    tx.execute(text("UPDATE timelines SET total = total + 5 WHERE organisation_id = :of AND subject_id % 3 = 0"), of)
    least = "SELECT MIN(at) FROM timeline_blocks WHERE organisation_id = :of AND at > 0"
    tx.execute(text(f"UPDATE timeline_blocks SET entries = 7 WHERE organisation_id = :of AND at = ({least})"), of)
    tx.execute(text("DELETE FROM timelines WHERE organisation_id = :of AND subject_id = 41"), of)


def wrong(installation: Installation, organisation_id: int) -> Sequence[Row]:
    """The timelines that are counted wrongly."""
    return installation.database.read(lambda tx: recount(tx, organisation_id), organisation_id)


def counters(installation: Installation, organisation_id: int) -> list[Row]:
    """All that is kept of timelines beside their entries, versions included."""

    def use(tx: Tx) -> list[Row]:
        found = list[Row]()
        for table in (timelines, timeline_blocks):
            rows = tx.execute(select(table).where(table.c.organisation_id == organisation_id))
            found += [tuple(row)[1:] for row in rows]
        return sorted(found)

    return installation.database.read(use, organisation_id)
