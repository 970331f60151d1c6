"""THE list of tasks: what jobs of the queue may ask for."""

from collections.abc import Mapping

from genjin.importers.tables.uploads import IMPORT_TABLE
from genjin.service.inbox.reminding import FILL_REMINDERS
from genjin.service.organisation.handing_over import HAND_OVER
from genjin.service.queue.batches import Task
from genjin.service.timeline.latest import FILL_LATEST
from genjin.service.timeline.recounting import RECOUNT
from genjin.service.webhooks.replays import replay_task
from genjin.wire.v1.webhook import read_filter

TASKS: Mapping[str, Task] = {
    task.name: task
    for task in (RECOUNT, HAND_OVER, FILL_LATEST, FILL_REMINDERS, IMPORT_TABLE, replay_task(read_filter))
}
