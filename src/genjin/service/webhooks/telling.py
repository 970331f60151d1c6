"""Makes deliveries of what the log of changes has: each webhook is told what its owner sees and its filter asks for.

A webhook's place in the log moves in the transaction that its deliveries are written in: nothing is left out, and
nothing is told twice. What came into the owner's sight later is not told, since it did not happen then.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from genjin.domain.activity import Facts
from genjin.domain.change_log import LogCursor, LogOp, Place, PlacedLine
from genjin.domain.feed import FeedFilter
from genjin.domain.records import Ref
from genjin.domain.told import Told
from genjin.domain.webhook import TOLD, Delivery, Event, Off, Webhook, switched_off
from genjin.errors import Invalid, NotFound
from genjin.service.context import Installation, Session
from genjin.service.feed.changes import AT_ONCE, Batch, read_batch, told_of_line, walk_through, walked
from genjin.service.feed.matching import entries_of
from genjin.service.feed.reading import settled
from genjin.service.webhooks.subscriptions import ReadFilter, log_end, owner_viewer
from genjin.store import activities, changes, deliveries, notices, webhooks
from genjin.store.transaction import Tx


class Happened(NamedTuple):
    """What a webhook is told: an activity and the record that it happened on, or a notice; and when that happened."""

    event: Event
    at: int
    id: int
    subject: Ref | None = None


def of_entry(event: Event, at: int, facts: Facts) -> Happened:
    """What happened to an activity."""
    return Happened(event, at, facts.id, facts.target)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a webhook that was there `before` is told, and how far in the log it is then. `more` is whether there is
    more already. An `off` one is switched off instead. One that `missed` something goes on at the end of the log.
    """

    before: Webhook
    cursor: LogCursor
    happened: Sequence[Happened] = ()
    more: bool = False
    off: Off | None = None
    missed: bool = False

    @property
    def changes_nothing(self) -> bool:
        return self.cursor == self.before.cursor and self.off is None


class Look(NamedTuple):
    """What one look at the log gave: whether a webhook is on, whether there is more, which webhooks were switched off,
    and which were told nothing of what is kept no longer.
    """

    is_on: bool
    more: bool
    off: Sequence[Webhook]
    missed: Sequence[Webhook]


def tell_webhooks(installation: Installation, organisation_id: int, read_filter: ReadFilter) -> Look:
    """Write what the webhooks of an organisation are told of what happened since, at most AT_ONCE lines of the log."""
    plans = installation.database.read(
        lambda tx: list(_plans(tx, installation, organisation_id, read_filter)), organisation_id
    )
    changed = [plan for plan in plans if not plan.changes_nothing]
    if changed:
        now = installation.clock.now()

        def use(tx: Tx) -> None:
            for plan in changed:
                _carry_out(tx, organisation_id, plan, now)

        installation.database.write(use, organisation_id)
    return Look(
        any(plan.off is None for plan in plans),
        any(plan.more for plan in plans),
        [switched_off(plan.before, plan.off, installation.clock.now()) for plan in plans if plan.off is not None],
        [plan.before for plan in plans if plan.missed],
    )


def add_deliveries(
    tx: Tx, organisation_id: int, webhook: Webhook, some: Sequence[Happened], now: int, replay_id: int | None = None
) -> Webhook:
    """Put deliveries behind those that are there, for a locked webhook, which is given back as it is then."""
    refs = {each.subject for each in some if each.subject is not None}
    waiting = deliveries.open_subjects(tx, organisation_id, webhook.id, refs)
    made = list[Delivery]()
    for number, (event, at, id_, subject) in enumerate(some, webhook.last_number + 1):
        due_at = None if subject in waiting else now
        if subject is not None:
            waiting.add(subject)
        told = Delivery(webhook.id, number, event, at, subject=subject, due_at=due_at, replay_id=replay_id)
        made.append(replace(told, notice_id=id_) if event is Event.NOTICE else replace(told, activity_id=id_))
    deliveries.add(tx, organisation_id, made)
    return replace(webhook, last_number=webhook.last_number + len(made))


def matching(tx: Tx, session: Session, wanted: FeedFilter, some: Sequence[Facts]) -> set[int]:
    """The ids of those of these activities that a filter asks for."""
    return (
        {entry.facts.id for entry in entries_of(tx, session, wanted, some) if wanted.matches(entry)} if some else set()
    )


def _plans(tx: Tx, installation: Installation, organisation_id: int, read_filter: ReadFilter) -> Iterator[Plan]:
    batches: dict[Place, Batch] = {}
    for webhook in webhooks.webhook_list(tx, organisation_id):
        if webhook.is_on:
            yield _plan(tx, installation, organisation_id, webhook, batches, read_filter)


def _plan(
    tx: Tx,
    installation: Installation,
    organisation_id: int,
    webhook: Webhook,
    batches: dict[Place, Batch],
    read_filter: ReadFilter,
) -> Plan:
    directory = installation.directories.latest(tx, organisation_id)
    viewer = owner_viewer(directory, webhook)
    if viewer is None:
        return Plan(webhook, webhook.cursor, off=Off.OWNER_LEFT)
    session, place = Session(viewer, directory), webhook.cursor.place
    if not changes.is_kept(tx, organisation_id, place):
        return Plan(webhook, log_end(tx, organisation_id), missed=True)
    if webhook.cursor.walk is not None:
        page = walked(tx, session, webhook.cursor, webhook.cursor.walk, AT_ONCE)
        happened = _asked_for(tx, session, webhook, read_filter, [(told, place.at) for told in page.told])
        return Plan(webhook, page.cursor, happened, more=True)
    if place not in batches:
        batches[place] = read_batch(tx, organisation_id, place, AT_ONCE)
    batch, cursor, told = batches[place], webhook.cursor, list[tuple[Told, int]]()
    for line_place, line in batch.lines:
        cursor = LogCursor(line_place, "", walk_through(line))
        if cursor.walk is not None:
            break
        told += [
            (each, line_place.at)
            for each in told_of_line(batch, viewer, line, cursor)
            if each.id not in batch.entries  # it went to a record that the owner does not see
        ]
    happened = [
        *_asked_for(tx, session, webhook, read_filter, told),
        *_noticed(tx, session, webhook, [line for line in batch.lines if line.place <= cursor.place]),
    ]
    return Plan(webhook, cursor, happened, more=batch.more or cursor.walk is not None)


def _noticed(tx: Tx, session: Session, webhook: Webhook, lines: Sequence[PlacedLine]) -> list[Happened]:
    """The notices among these lines that the owner was given and sees, where the webhook asks for them."""
    told = {line.id: place.at for place, line in lines if line.op is LogOp.NOTICE and Event.NOTICE in webhook.events}
    found = notices.find_many(tx, session.viewer, sorted(told)) if told else {}
    return [Happened(Event.NOTICE, told[id_], id_) for id_ in sorted(found)]


def _asked_for(
    tx: Tx, session: Session, webhook: Webhook, read_filter: ReadFilter, some: Sequence[tuple[Told, int]]
) -> list[Happened]:
    """What of this the webhook asks for. Of what was taken back, and is seen still, the activity as it was decides."""
    taken_back = [told.id for told, _ in some if told.id is not None]
    facts = {each.id: each for each in activities.find_with_removed(tx, session.organisation_id, taken_back)}
    facts |= {told.facts.id: told.facts for told, _ in some if told.facts is not None}
    happened = [
        (TOLD[told.tell], at, facts[id_])
        for told, at in some
        if told.tell in TOLD and (id_ := told.id if told.facts is None else told.facts.id) in facts
    ]
    happened = [(event, at, entry) for event, at, entry in happened if event in webhook.events]
    if not happened:
        return []
    try:
        wanted = settled(tx, session, read_filter(webhook.asked, webhook.owner_id, session.directory))
    except (Invalid, NotFound):  # of a record or a kind that is not there any more, nothing happens
        return []
    fitting = matching(tx, session, wanted, list({entry.id: entry for *_, entry in happened}.values()))
    return [of_entry(event, at, entry) for event, at, entry in happened if entry.id in fitting]


def _carry_out(tx: Tx, organisation_id: int, plan: Plan, now: int) -> None:
    """Do what was planned, unless another worker was quicker, or somebody changed the webhook meanwhile."""
    webhook = webhooks.find_for_update(tx, organisation_id, plan.before.id)
    if webhook is None or not webhook.is_on or webhook.cursor != plan.before.cursor:
        return
    if webhook.version != plan.before.version:
        return
    if plan.off is not None:
        webhooks.put(tx, organisation_id, switched_off(webhook, plan.off, now))
        return
    webhook = add_deliveries(tx, organisation_id, webhook, plan.happened, now)
    webhooks.put(tx, organisation_id, replace(webhook, cursor=plan.cursor))
