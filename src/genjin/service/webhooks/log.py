"""The log of deliveries: looked at, sent again, tried out; old ones go."""

from collections.abc import Callable
from dataclasses import replace

from genjin.domain.webhook import Delivery, DeliveryState, Event, Webhook, asked_again
from genjin.errors import Invalid, NotFound
from genjin.service.context import Installation, Session
from genjin.service.sweeping import sweep_everywhere
from genjin.service.webhooks.subscriptions import kept, locked
from genjin.store import changes, deliveries, webhooks
from genjin.store.transaction import Tx

_AT_ONCE = 500


def list_deliveries(
    installation: Installation,
    session: Session,
    webhook_id: int,
    state: DeliveryState | None,
    before: int | None,
    limit: int,
) -> list[Delivery]:
    """Deliveries of a webhook with numbers below one, the latest first. Raises NotFound."""

    def use(tx: Tx) -> list[Delivery]:
        webhook = kept(tx, session, webhook_id)
        return deliveries.page(tx, session.organisation_id, webhook.id, state, before, limit)

    return installation.database.read(use, session.organisation_id)


def read_delivery(installation: Installation, session: Session, webhook_id: int, number: int) -> Delivery:
    """One delivery. Raises NotFound."""

    def use(tx: Tx) -> Delivery:
        return _there(deliveries.find(tx, session.organisation_id, kept(tx, session, webhook_id).id, number))

    return installation.database.read(use, session.organisation_id)


def ping(installation: Installation, session: Session, webhook_id: int) -> Delivery:
    """Send something that tells nothing, to try it out. Raises NotFound; Invalid for a webhook that is off."""
    now = installation.clock.now()

    def use(tx: Tx) -> Delivery:
        webhook = _on(locked(tx, session, webhook_id))
        delivery = Delivery(webhook.id, webhook.last_number + 1, Event.PING, now, due_at=now)
        deliveries.add(tx, session.organisation_id, [delivery])
        webhooks.put(tx, session.organisation_id, replace(webhook, last_number=delivery.number, rests_until=None))
        changes.wake(tx, session.organisation_id)
        return delivery

    return installation.database.write(use, session.organisation_id)


def resend(installation: Installation, session: Session, webhook_id: int, number: int) -> Delivery:
    """Send a delivery once more, under the same id; one that waits for its next try is tried now. One that waits for an
    earlier one of its record, or is being sent, stays as it is. Raises NotFound; Invalid for a webhook that is off.
    """
    now = installation.clock.now()

    def use(tx: Tx) -> Delivery:
        webhook = _on(locked(tx, session, webhook_id))
        before = _there(deliveries.find(tx, session.organisation_id, webhook.id, number))
        if not before.is_over and (before.due_at is None or before.lease is not None):
            return before
        after = asked_again(before, now) if before.is_over else replace(before, due_at=now)
        deliveries.put(tx, session.organisation_id, after)
        webhooks.put(tx, session.organisation_id, replace(webhook, rests_until=None))
        changes.wake(tx, session.organisation_id)
        return after

    return installation.database.write(use, session.organisation_id)


def forget_old_deliveries(installation: Installation, go_on: Callable[[], bool] = lambda: True) -> int:
    """Delete what ended longer ago than it is kept, and what is left of removed webhooks; how many deliveries."""
    before = installation.clock.now() - installation.webhook_days * 86_400
    return sweep_everywhere(installation, lambda tx, organisation_id: _forget(tx, organisation_id, before), go_on)


def _forget(tx: Tx, organisation_id: int, before: int) -> int:
    gone = deliveries.forget(tx, organisation_id, before, _AT_ONCE)
    for webhook in webhooks.webhook_list(tx, organisation_id):
        if webhook.removed_at is not None and gone < _AT_ONCE:
            some = deliveries.forget_of(tx, organisation_id, webhook.id, _AT_ONCE)
            gone += some
            if not some:
                webhooks.forget(tx, organisation_id, webhook.id)
    return gone


def _on(webhook: Webhook) -> Webhook:
    if not webhook.is_on:
        raise Invalid({"enabled": ["the webhook is switched off: nothing is sent to it"]})
    return webhook


def _there(found: Delivery | None) -> Delivery:
    if found is None:
        raise NotFound("no such delivery")
    return found
