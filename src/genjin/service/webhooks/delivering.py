"""Deliveries on their way: taken by a lease, shown as their webhook's owner sees them by then, and what became of them.

A lease lasts longer than any try. A worker that is killed keeps it until then; another one sends the delivery again,
under the same id. Every transaction locks the webhook first, so that what is taken, ends and follows is one order.
"""

import os
import random
import secrets
import socket
from collections.abc import Sequence
from typing import NamedTuple

from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.notice import NoticeKind
from genjin.domain.webhook import (
    Attempt,
    Delivery,
    DeliveryState,
    Webhook,
    answered,
    ended,
    given_back,
    taken,
    tried,
)
from genjin.errors import NotFound
from genjin.service import notices
from genjin.service.context import Installation, Session
from genjin.service.feed.entry import EntryView, view_entry
from genjin.service.inbox.reading import NoticeViews, view_notice
from genjin.service.webhooks.subscriptions import owner_viewer
from genjin.store import deliveries, webhooks
from genjin.store.transaction import Tx

LEASE_SECONDS = 120
"""Longer than the settings let a try be."""
AT_ONCE = 10
"""Deliveries of one webhook that are sent at the same time, by all workers; of one that fails one."""


class Parcel(NamedTuple):
    """A delivery that was taken. `view` is the activity or the notice that it tells, None of a ping; None in the place
    of the session where the owner does not see it any more.
    """

    organisation_id: int
    webhook: Webhook
    delivery: Delivery
    session: Session | None
    view: EntryView | NoticeViews | None


class Outcome(NamedTuple):
    """What became of a parcel: an attempt; without one it is given back. With a state it is over, whatever its receiver
    would say. A receiver may have asked not to be sent anything for some seconds.
    """

    parcel: Parcel
    attempt: Attempt | None
    state: DeliveryState | None = None
    retry_after: int = 0


def due_webhooks(installation: Installation, organisation_id: int) -> tuple[list[int], int | None]:
    """Of which webhooks something may be sent now; and when something may be next, of the others."""
    now = installation.clock.now()

    def use(tx: Tx) -> tuple[list[int], int | None]:
        ready, later = list[int](), list[int]()
        for webhook in webhooks.webhook_list(tx, organisation_id):
            due_at = deliveries.next_due(tx, organisation_id, webhook.id) if webhook.is_on else None
            if due_at is not None:
                due_at = max(due_at, webhook.rests_until or 0)
                (ready if due_at <= now else later).append(webhook.id if due_at <= now else due_at)
        return ready, min(later, default=None)

    return installation.database.read(use, organisation_id)


def take_parcels(
    installation: Installation, organisation_id: int, webhook_ids: Sequence[int], most: int
) -> list[Parcel]:
    """Take at most so many deliveries, of each of these webhooks its share, and look up what they tell."""
    now, share = installation.clock.now(), max(1, most // len(webhook_ids))
    lease = f"{socket.gethostname()[:30]} {os.getpid()} {secrets.token_hex(8)}"

    def use(tx: Tx) -> list[tuple[Webhook, Delivery]]:
        found = list[tuple[Webhook, Delivery]]()
        for webhook_id in sorted(webhook_ids):
            webhook = webhooks.find_for_update(tx, organisation_id, webhook_id)
            if webhook is None or not webhook.is_on or (webhook.rests_until or 0) > now:
                continue
            at_once = 1 if webhook.failures else AT_ONCE
            flying = deliveries.flying(tx, organisation_id, webhook_id, now)
            free = min(at_once - flying, share, most - len(found))
            for delivery in deliveries.due(tx, organisation_id, webhook_id, now, free) if free > 0 else ():
                delivery = taken(delivery, lease, now + LEASE_SECONDS)
                deliveries.put(tx, organisation_id, delivery)
                found.append((webhook, delivery))
        return found

    some = installation.database.write(use, organisation_id)
    if not some:
        return []
    return installation.database.read(
        lambda tx: [_parcel(tx, installation, organisation_id, *each) for each in some], organisation_id
    )


def settle(installation: Installation, organisation_id: int, outcomes: Sequence[Outcome]) -> list[Webhook]:
    """Write down what became of parcels of an organisation; the webhooks that were switched off by it."""
    now = installation.clock.now()

    def use(tx: Tx) -> list[Webhook]:
        off = list[Webhook]()
        by_webhook: dict[int, list[Outcome]] = {}
        for outcome in outcomes:
            by_webhook.setdefault(outcome.parcel.webhook.id, []).append(outcome)
        for webhook_id, its in sorted(by_webhook.items()):
            before = webhooks.find_for_update(tx, organisation_id, webhook_id)
            if before is None:
                continue
            webhook = before
            for outcome in its:
                webhook = _settled(tx, organisation_id, webhook, outcome, now)
            if webhook != before:
                webhooks.put(tx, organisation_id, webhook)
            if before.is_on and not webhook.is_on:
                _tell_owner(tx, organisation_id, webhook, now)
                off.append(webhook)
        return off

    return installation.database.write(use, organisation_id)


def release_next(tx: Tx, organisation_id: int, delivery: Delivery, now: int) -> None:
    """A delivery is over: the next one of its record need not wait any longer."""
    if delivery.subject is None:
        return
    following = deliveries.first_open(tx, organisation_id, delivery.webhook_id, delivery.subject)
    if following is not None and following.due_at is None:
        deliveries.put(tx, organisation_id, given_back(following, now))


def _tell_owner(tx: Tx, organisation_id: int, webhook: Webhook, now: int) -> None:
    """Put into the owner's inbox that nothing is sent any more, and why."""
    name, why = webhook.description or webhook.url, str(webhook.off_why)
    details: dict[str, JsonValue] = {"name": name, "webhook_id": webhook.id, "because": why}
    notices.tell(tx, organisation_id, NoticeKind.WEBHOOK_OFF, [webhook.owner_id], now, details=details)


def _parcel(tx: Tx, installation: Installation, organisation_id: int, webhook: Webhook, delivery: Delivery) -> Parcel:
    directory = installation.directories.latest(tx, organisation_id)
    session = _session(directory, webhook)
    try:
        view = None if session is None else _view(tx, session, delivery)
    except NotFound:
        session = view = None
    return Parcel(organisation_id, webhook, delivery, session, view)


def _view(tx: Tx, session: Session, delivery: Delivery) -> EntryView | NoticeViews | None:
    if delivery.activity_id is not None:
        return view_entry(tx, session, delivery.activity_id)
    return None if delivery.notice_id is None else view_notice(tx, session, delivery.notice_id)


def _session(directory: Directory, webhook: Webhook) -> Session | None:
    viewer = owner_viewer(directory, webhook)
    return None if viewer is None else Session(viewer, directory)


def _settled(tx: Tx, organisation_id: int, webhook: Webhook, outcome: Outcome, now: int) -> Webhook:
    taken_as, attempt = outcome.parcel.delivery, outcome.attempt
    delivery = deliveries.find(tx, organisation_id, webhook.id, taken_as.number)
    if delivery is None or delivery.lease != taken_as.lease:
        return webhook  # another worker has it by now
    if attempt is not None:
        delivery = tried(delivery, attempt, now, random.random(), outcome.retry_after)
    if outcome.state is not None:
        delivery = ended(delivery, outcome.state, now)
    elif attempt is None:
        delivery = given_back(delivery, now)
    elif webhook.is_on:
        webhook = answered(webhook, attempt, now)
    deliveries.put(tx, organisation_id, delivery)
    if delivery.is_over:
        release_next(tx, organisation_id, delivery, now)
    return webhook
