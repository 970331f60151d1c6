"""Tables that were uploaded are imported by a job, whoever works on it."""

from dataclasses import replace

import pytest

from genjin.domain.attachment import Upload
from genjin.domain.job import JobState
from genjin.domain.table_import import Asked, Duplicates, TableForm
from genjin.errors import NotFound
from genjin.importers.tables import uploads
from genjin.importers.tables.importing import preview
from genjin.importers.tables.uploads import IMPORT_TABLE, Queued, begin_by_job, find_queued, opened
from genjin.jobs.worker import run_all
from genjin.service.files.files import delete_file
from genjin.service.files.uploads import arriving, keep
from genjin.service.queue.batches import work
from genjin.service.queue.queue import take
from tests.importers.tables.importing import counts
from tests.world import World, lead_names

LINES = "姓名,备注\n" + "".join(f"线索{each:03d},第{each}条\n" for each in range(120))


def upload(world: World, who: str, text: str) -> int:
    with arriving(world.installation) as to:
        to.write(text.encode())
        return keep(world.installation, world.session(who), to, Upload("表.csv")).id


def begun(world: World, who: str, file_id: int, duplicates: Duplicates = Duplicates.SKIP) -> Queued:
    session = world.session(who)
    with opened(world.installation, session, file_id) as file:
        asked = Asked(TableForm.LEADS, {}, "表.csv", duplicates=duplicates)
        told = preview(world.installation, session, file, asked).asked
        its = begin_by_job(world.installation, session, file, file_id, told)
    return find_queued(world.installation, session, its.id)


def test_a_job_goes_on_where_another_process_left_it_and_every_row_comes_once(world: World) -> None:
    file_id = upload(world, "alice", LINES)
    queued = begun(world, "alice", file_id)
    assert queued.is_going and begun(world, "alice", file_id).its.id == queued.its.id
    lease = take(world.installation, 1, {IMPORT_TABLE.name: 8})
    assert lease is not None
    batches = iter((True, False))
    work(world.installation, lease, IMPORT_TABLE, lambda: next(batches))
    half = find_queued(world.installation, world.session("alice"), queued.its.id)
    assert half.its.counts == counts(50) and half.is_going and half.part is not None and 0.3 < half.part < 0.5
    uploads._at_hand.let_go()  # as in another process
    run_all(world.installation, {IMPORT_TABLE.name: IMPORT_TABLE})
    done = find_queued(world.installation, world.session("alice"), queued.its.id)
    assert (done.its.counts, done.part, done.is_going) == (counts(120), 1.0, False)
    assert uploads._at_hand._folder is None, "a copy of what somebody uploaded is left behind"
    assert len(lead_names(world.client("alice"), query="线索", per_page=200)) == 120
    with pytest.raises(NotFound):
        find_queued(world.installation, world.session("bob"), queued.its.id)
    same = begun(world, "alice", upload(world, "alice", LINES))
    assert same.its == done.its
    other = begun(world, "alice", file_id, Duplicates.UPDATE)
    assert other.its.id != done.its.id and other.is_going
    uploads.cancel(world.installation, world.session("alice"), other.its.id)
    run_all(world.installation, {IMPORT_TABLE.name: IMPORT_TABLE})
    assert find_queued(world.installation, world.session("alice"), other.its.id).its.counts == counts()
    uploads.go_on(world.installation, world.session("alice"), other.its.id)
    run_all(world.installation, {IMPORT_TABLE.name: IMPORT_TABLE})
    again = find_queued(world.installation, world.session("alice"), other.its.id)
    assert again.its.counts == counts(updated=120)


def test_a_job_whose_upload_is_gone_has_failed_and_says_so(world: World) -> None:
    file_id = upload(world, "alice", LINES.replace("线索", "客"))
    queued = begun(world, "alice", file_id)
    delete_file(world.installation, world.session("alice"), file_id)
    run_all(world.installation, {IMPORT_TABLE.name: replace(IMPORT_TABLE, tries=1)})
    failed = find_queued(world.installation, world.session("alice"), queued.its.id)
    assert failed.job is not None and failed.job.state is JobState.FAILED
    assert failed.job.error is not None and "kept no longer" in failed.job.error
    assert failed.its.counts == counts()
