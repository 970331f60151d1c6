"""A task that leaves its mark on every lead: how often it was there, and which process was last. Also a program that
works off the queue, for tests that kill it.
"""

import os
import random
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path

from genjin.domain.clock import FixedClock
from genjin.domain.json import JsonValue
from genjin.domain.records import Record, RecordType
from genjin.jobs import worker
from genjin.service.context import Installation, open_installation
from genjin.service.queue.batches import Batch, Context, Task
from genjin.service.queue.filling import fill_task
from genjin.service.queue.jobs import list_jobs
from genjin.service.timeline.recounting import RECOUNT
from genjin.settings import Settings
from genjin.store import records
from genjin.store.transaction import Row, Tx

NAME = "test.stamp"


def stamps(tx: Tx, organisation_id: int, rows: Sequence[Row]) -> list[Mapping[str, object]]:
    """One more in `amount`, and this process in `source`."""
    return [{"amount": (amount or 0) + 1, "source": str(os.getpid())} for _, _, amount in rows]


def stamping(first: int = 5, most: int = 5) -> Task:
    """The task, in batches of so many."""
    return fill_task(NAME, "is a test", "records", ["amount"], stamps, first=first, most=most)


def put_leads(installation: Installation, organisation_id: int, leads: int) -> None:
    """So many leads without a mark."""
    some = [Record(RecordType.LEAD, n, f"线索{n} 🏖", 1, 1, 1, 1, 1) for n in range(1, leads + 1)]
    installation.database.write(lambda tx: records.put_records(tx, organisation_id, some), organisation_id)


def marks(installation: Installation, organisation_id: int) -> list[tuple[int | None, str | None]]:
    """How often each lead was met, and by which process last."""
    sql = "SELECT amount, source FROM records WHERE organisation_id = ? ORDER BY id"
    found = installation.database.read(lambda tx: tx.rows(sql, (organisation_id,)), organisation_id)
    return [(row[0], row[1]) for row in found]


def main(url: str, folder: str, at: str, dies_in: str) -> None:
    """Tell that it is ready, wait to be let go, and work off the queue of organisation 1, a batch at a time.

    The clock stands `at` an instant. It dies in that step, all of which was written and nothing committed; 0 for never.
    """
    worker.SLICE_SECONDS = 0.0
    installation = open_installation(Settings(database_url=url), FixedClock(int(at)))
    tasks = {task.name: dying(task, int(dies_in)) for task in (stamping(), replace(RECOUNT, first=100, most=100))}
    with closing(installation.database):
        (Path(folder) / f"ready-{os.getpid()}").touch()
        while not (Path(folder) / "go").exists():
            threading.Event().wait(0.001)
        while not all(job.is_over for job in list_jobs(installation, 1)):
            worker.run_some(installation, 1, tasks)
            threading.Event().wait(random.random() / 200)


def dying(task: Task, dies_in: int) -> Task:
    """The task; its process kills itself, as `kill -9` does, in the step of this number."""
    steps = count(1)

    def step(tx: Tx, context: Context, cursor: JsonValue, limit: int) -> Batch:
        batch = task.step(tx, context, cursor, limit)
        if next(steps) == dies_in:
            os.kill(os.getpid(), signal.SIGKILL)
        return batch

    return replace(task, step=step)


if __name__ == "__main__":
    main(*sys.argv[1:])
