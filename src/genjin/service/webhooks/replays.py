"""Replays: what was recorded in a range of time is told to a webhook once more, as a job of the queue."""

from dataclasses import replace
from typing import Any

from genjin.domain.feed import FeedFilter, Key, Moment
from genjin.domain.job import Job
from genjin.domain.webhook import Event, Range, Webhook
from genjin.errors import Invalid, NotFound
from genjin.service.context import Installation, Session
from genjin.service.feed.reading import settled
from genjin.service.queue.batches import Batch, Context, Task
from genjin.service.queue.queue import enqueue
from genjin.service.webhooks.subscriptions import ReadFilter, kept, locked, owner_viewer
from genjin.service.webhooks.telling import add_deliveries, of_entry
from genjin.store import feed, feed_counts, jobs, webhooks
from genjin.store.transaction import Tx

NAME = "webhooks.replay"


def begin_replay(installation: Installation, session: Session, webhook_id: int, asked: Range) -> Job:
    """Ask for a replay to a webhook that is on. Raises NotFound, Invalid."""
    if asked.since >= asked.until:
        raise Invalid({"to": ["must be behind `from`"]})
    now = installation.clock.now()

    def use(tx: Tx) -> Job:
        webhook = locked(tx, session, webhook_id)
        if not webhook.is_on:
            raise Invalid({"enabled": ["the webhook is switched off: nothing is sent to it"]})
        told = {"webhook_id": webhook.id, "since": asked.since, "until": asked.until, "clock": asked.clock.value}
        return enqueue(tx, session.organisation_id, NAME, now, told)

    job = installation.database.write(use, session.organisation_id)
    installation.bell.ring(session.organisation_id)
    return job


def find_replay(installation: Installation, session: Session, webhook_id: int, replay_id: int) -> Job:
    """A replay, and how far it is. Raises NotFound, also for one that was over a month ago."""

    def use(tx: Tx) -> Job:
        webhook = kept(tx, session, webhook_id)
        job = jobs.find(tx, session.organisation_id, replay_id)
        if job is None or job.task != NAME or job.arguments["webhook_id"] != webhook.id:
            raise NotFound("no such replay")
        return job

    return installation.database.read(use, session.organisation_id)


def replay_task(read_filter: ReadFilter) -> Task:
    """The task that replays; oldest first. It ends where the webhook is off, or its owner has left."""

    def step(tx: Tx, context: Context, cursor: Any, limit: int) -> Batch:
        return _some(tx, context, cursor, limit, read_filter)

    def total(tx: Tx, context: Context) -> int | None:
        found = _asked(tx, context, webhooks.find(tx, context.organisation_id, _webhook_id(context)), read_filter)
        if found is None:
            return 0
        session, wanted = found
        counts = feed_counts.count(tx, session.viewer, wanted, (), session.directory.calendar, newest=False)
        return counts.total if counts.reached is None else None

    return Task(NAME, "tells a webhook once more what was recorded in a range of time", "activities", step, total)


def _some(tx: Tx, context: Context, cursor: Any, limit: int, read_filter: ReadFilter) -> Batch:
    organisation_id = context.organisation_id
    webhook = webhooks.find_for_update(tx, organisation_id, _webhook_id(context))
    found = _asked(tx, context, webhook, read_filter)
    if webhook is None or found is None:
        return Batch(cursor, 0, more=False)
    session, wanted = found
    after = None if cursor is None else Key(*cursor["behind"])
    stretch = feed.page(tx, session.viewer, wanted, limit, after, newest=False)
    happened = [of_entry(Event.CREATED, facts.recorded_at, facts) for facts in stretch.entries]
    now = context.installation.clock.now()
    webhooks.put(tx, organisation_id, add_deliveries(tx, organisation_id, webhook, happened, now, context.job_id))
    behind = after if stretch.end is None else stretch.end
    return Batch({"behind": behind and list(behind)}, len(happened), more=stretch.end is not None)


def _asked(
    tx: Tx, context: Context, webhook: Webhook | None, read_filter: ReadFilter
) -> tuple[Session, FeedFilter] | None:
    if webhook is None or not webhook.is_on:
        return None
    directory = context.installation.directories.latest(tx, context.organisation_id)
    viewer = owner_viewer(directory, webhook)
    if viewer is None:
        return None
    session = Session(viewer, directory)
    since, until, clock = (context.arguments[name] for name in ("since", "until", "clock"))
    try:
        wanted = settled(tx, session, read_filter(webhook.asked, webhook.owner_id, directory))
    except (Invalid, NotFound):  # of a record or a kind that is not there any more, nothing happened
        return None
    return session, replace(wanted, since=int(str(since)), until=int(str(until)), clock=Moment(str(clock)))


def _webhook_id(context: Context) -> int:
    return int(str(context.arguments["webhook_id"]))
