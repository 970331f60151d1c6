"""Webhooks, the log of what they were sent, and replays."""

from typing import Annotated

from fastapi import Path, Query
from starlette.responses import Response

from genjin.api.v1.answers import listed, one, position
from genjin.api.v1.calling import Caller, OurCall
from genjin.api.v1.conditions import wanted_states
from genjin.domain.webhook import Delivery
from genjin.service.webhooks import log, replays, subscriptions
from genjin.service.webhooks.subscriptions import Told, WebhookView
from genjin.wire.v1.delivery import (
    DeliveriesQuery,
    NewReplay,
    deliveries_to_wire,
    delivery_to_wire,
    range_of,
    replay_to_wire,
)
from genjin.wire.v1.shared import Id, Paged
from genjin.wire.v1.webhook import (
    EVENTS,
    NewWebhook,
    SecretRotation,
    WebhookChange,
    filter_of,
    read_filter,
    webhook_to_wire,
)

Number = Annotated[int, Path(ge=1, le=2**53)]
NO_ROTATION = SecretRotation(overlap_hours=24)
HOUR = 3600


def list_webhooks(call: Caller, query: Annotated[Paged, Query()]) -> Response:
    """The caller's webhooks, of an administrator all of the organisation, by id."""
    after = position(call, query.cursor)
    views = subscriptions.list_webhooks(call.installation, call.session)
    left = [view for view in views if after is None or view.webhook.id > int(str(after[0]))]
    page = left[: query.limit]
    items = [webhook_to_wire(view.webhook, view.waiting, call.session.directory) for view in page]
    return listed(call, items, [page[-1].webhook.id] if len(left) > len(page) else None)


def create_webhook(call: Caller, body: NewWebhook) -> Response:
    """Make a webhook, which is told what happens from now on as far as the caller sees it. Its secret is shown once."""
    view = subscriptions.create_webhook(call.installation, call.session, _told(body), read_filter)
    location = {"Location": f"/api/v1/webhooks/{view.webhook.id}"}
    return _answer(call, view, 201, location, secret=True)


def read_webhook(call: Caller, id: Id) -> Response:  # noqa: A002 (as it stands in the path)
    """One webhook, and how it is."""
    return _answer(call, subscriptions.read_webhook(call.installation, call.session, id))


def update_webhook(call: Caller, id: Id, body: WebhookChange) -> Response:  # noqa: A002
    """Change a webhook, switch it off, or on again: then it is told what happens from now on. An administrator who lets
    a colleague's webhook lead elsewhere owns it from then on.
    """
    wanted = wanted_states(call.request)
    told = _told(body)
    return _answer(call, subscriptions.change_webhook(call.installation, call.session, id, told, read_filter, wanted))


def remove_webhook(call: Caller, id: Id) -> Response:  # noqa: A002
    """Remove a webhook, with the log of its deliveries. Nothing is sent any more."""
    subscriptions.remove_webhook(call.installation, call.session, id, wanted_states(call.request))
    return Response(status_code=204)


def rotate_secret(call: Caller, id: Id, body: SecretRotation = NO_ROTATION) -> Response:  # noqa: A002
    """Give a webhook another secret, which is shown once. For some hours the one until now signs beside it."""
    seconds = body.overlap_hours * HOUR
    view = subscriptions.rotate_secret(call.installation, call.session, id, seconds, wanted_states(call.request))
    return _answer(call, view, secret=True)


def test_webhook(call: Caller, id: Id) -> Response:  # noqa: A002
    """Send a `ping`, to try a webhook out: what became of it is told by its delivery."""
    return _delivery(call, log.ping(call.installation, call.session, id), 201)


def list_deliveries(call: Caller, id: Id, query: Annotated[DeliveriesQuery, Query()]) -> Response:  # noqa: A002
    """What a webhook was sent and will be sent, the latest first."""
    after = position(call, query.cursor)
    before = None if after is None else int(str(after[0]))
    found = log.list_deliveries(call.installation, call.session, id, query.state, before, query.limit + 1)
    page = found[: query.limit]
    items = deliveries_to_wire(page, call.calendar)
    return listed(call, items, [page[-1].number] if len(found) > len(page) else None)


def read_delivery(call: Caller, id: Id, number: Number) -> Response:  # noqa: A002
    """One delivery with its tries: when, how long, what was answered."""
    return _delivery(call, log.read_delivery(call.installation, call.session, id, number))


def resend_delivery(call: Caller, id: Id, number: Number) -> Response:  # noqa: A002
    """Send a delivery once more, with the same `webhook-id`; one that waits for its next try is tried now."""
    return _delivery(call, log.resend(call.installation, call.session, id, number))


def create_replay(call: Caller, id: Id, body: NewReplay) -> Response:  # noqa: A002
    """Tell a webhook once more what was recorded in a range of time and its filter asks for, as `activity.created`, the
    oldest first. A job makes the deliveries.
    """
    job = replays.begin_replay(call.installation, call.session, id, range_of(body, call.calendar))
    location = {"Location": f"/api/v1/webhooks/{id}/replays/{job.id}"}
    return one(call, replay_to_wire(job, call.calendar), status=201, headers=location)


def read_replay(call: Caller, id: Id, replay_id: Id) -> Response:  # noqa: A002
    """A replay, and how far it is."""
    return one(call, replay_to_wire(replays.find_replay(call.installation, call.session, id, replay_id), call.calendar))


def _told(body: NewWebhook | WebhookChange) -> Told:
    names = body.model_fields_set if isinstance(body, WebhookChange) else type(body).model_fields.keys()
    return Told(
        url=body.url if "url" in names else None,
        description=body.description if "description" in names else None,
        events=frozenset(EVENTS[name] for name in body.events) if "events" in names else None,
        asked=filter_of(body.filter) if "filter" in names else None,
        language=body.language if "language" in names else None,
        is_on=body.enabled if "enabled" in names else None,
    )


def _answer(
    call: OurCall, view: WebhookView, status: int = 200, headers: dict[str, str] | None = None, secret: bool = False
) -> Response:
    body = webhook_to_wire(view.webhook, view.waiting, call.session.directory, secret)
    return one(call, body, str(view.webhook.version), status, headers)


def _delivery(call: OurCall, delivery: Delivery, status: int = 200) -> Response:
    return one(call, delivery_to_wire(delivery, call.calendar), status=status)
