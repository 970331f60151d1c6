"""Webhooks of everybody, the log of what they were sent, and what became of it."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from genjin.domain.webhook import USUAL, DeliveryState
from genjin.domain.webhook_signature import shown_secret
from genjin.service.webhooks import log, subscriptions
from genjin.service.webhooks.subscriptions import Told, WebhookView
from genjin.web.calling import Form, PageCall, Posted
from genjin.web.pages.admin.desk import NO_ERRORS, Admin, Errors, Refused, desk, errors_of, id_in
from genjin.web.rendering import go
from genjin.web.texts import _
from genjin.wire.v1.delivery import deliveries_to_wire, delivery_to_wire
from genjin.wire.v1.shared import Id
from genjin.wire.v1.webhook import EVENTS, read_filter, webhook_to_wire

_FIELDS = ("url", "description", "events")
_PER_PAGE = 50
MOST = 2**53
Number = Annotated[int, Path(ge=1, le=MOST)]
OVERLAP_SECONDS = 86_400
"""How long the secret until now signs beside a new one."""
EVENT_NAMES: Mapping[str, str] = {
    "activity.created": _("Something happened"),
    "activity.edited": _("Something was edited"),
    "activity.removed": _("Something was removed"),
    "notice.created": _("A notice came into its owner's inbox"),
    "ping": _("A test"),
}
WHY_OFF: Mapping[str, str] = {
    "by_hand": _("Switched off by somebody"),
    "failing": _("Switched off: nothing came through for three days"),
    "gone": _("Switched off: the receiver said that it is gone"),
    "owner_left": _("Switched off: its owner has left"),
}
STATES: Mapping[str, str] = {
    "waiting": _("Waiting"),
    "delivered": _("Delivered"),
    "failed": _("Failed"),
    "withheld": _("Withheld"),
}


def show(call: Admin) -> Response:
    """All of them, and how they are."""
    views = subscriptions.list_webhooks(call.installation, call.session)
    return desk(call, "webhooks", "webhooks", webhooks=[_wire(call, view) for view in views], why_off=WHY_OFF)


def new(call: Admin) -> Response:
    """An empty form."""
    return _form(call, "", "", [event.type for event in USUAL])


def add(call: Admin, form: Form) -> Response:
    """Make one; its secret is shown this once."""
    url, description, events = _in(form)
    told = Told(url, description, frozenset(EVENTS[name] for name in events), language=call.language)
    try:
        view = subscriptions.create_webhook(call.installation, call.session, told, read_filter)
    except Refused as error:
        return _form(call, url, description, events, errors_of(error, *_FIELDS), 422)
    return _one(call, view, secret=shown_secret(view.webhook.secret))


def open_one(call: Admin, webhook_id: Id, before: str = "", state: str = "") -> Response:
    """One of them, with its log."""
    view = subscriptions.read_webhook(call.installation, call.session, webhook_id)
    return _one(call, view, before=before, state=state)


def change(call: Admin, webhook_id: Id, form: Form) -> Response:
    """Say it otherwise; who lets it lead elsewhere owns it from then on."""
    url, description, events = _in(form)
    told = Told(url, description, frozenset(EVENTS[name] for name in events) or None)
    try:
        subscriptions.change_webhook(call.installation, call.session, webhook_id, told, read_filter)
    except Refused as error:
        view = subscriptions.read_webhook(call.installation, call.session, webhook_id)
        return _one(call, view, 422, errors=errors_of(error, *_FIELDS), url=url, description=description)
    return go(call, f"/admin/webhooks/{webhook_id}?saved=1")


def switch(call: Admin, webhook_id: Id, form: Form) -> Response:
    """On or off."""
    told = Told(is_on=form.text("on") == "1")
    subscriptions.change_webhook(call.installation, call.session, webhook_id, told, read_filter)
    return go(call, f"/admin/webhooks/{webhook_id}?saved=1")


def try_out(call: Admin, webhook_id: Id, form: Form) -> Response:  # noqa: ARG001 (a form that is ours)
    """Send something that tells nothing."""
    log.ping(call.installation, call.session, webhook_id)
    return go(call, f"/admin/webhooks/{webhook_id}?saved=1")


def new_secret(call: Admin, webhook_id: Id, form: Form) -> Response:  # noqa: ARG001
    """Another secret, which is shown this once."""
    view = subscriptions.rotate_secret(call.installation, call.session, webhook_id, OVERLAP_SECONDS)
    return _one(call, view, secret=shown_secret(view.webhook.secret))


def remove(call: Admin, webhook_id: Id, form: Form) -> Response:  # noqa: ARG001
    """Remove it, with its log."""
    subscriptions.remove_webhook(call.installation, call.session, webhook_id)
    return go(call, "/admin/webhooks")


def open_delivery(call: Admin, webhook_id: Id, number: Number) -> Response:
    """One delivery, with its tries."""
    view = subscriptions.read_webhook(call.installation, call.session, webhook_id)
    delivery = log.read_delivery(call.installation, call.session, webhook_id, number)
    return desk(
        *(call, "delivery", "webhooks"),
        webhook=_wire(call, view),
        delivery=delivery_to_wire(delivery, call.calendar),
        states=STATES,
        event_names=EVENT_NAMES,
    )


def resend(call: Admin, webhook_id: Id, number: Number, form: Form) -> Response:  # noqa: ARG001
    """Send it once more."""
    log.resend(call.installation, call.session, webhook_id, number)
    return go(call, f"/admin/webhooks/{webhook_id}/deliveries/{number}")


def _in(form: Posted) -> tuple[str, str, list[str]]:
    return form.text("url"), form.text("description"), [name for name in form.texts("events") if name in EVENTS]


def _wire(call: PageCall, view: WebhookView) -> dict[str, object]:
    return webhook_to_wire(view.webhook, view.waiting, call.session.directory)


def _form(
    call: PageCall, url: str, description: str, events: Sequence[str], errors: Errors = NO_ERRORS, status: int = 200
) -> Response:
    return desk(
        *(call, "webhook_new", "webhooks", status),
        url=url,
        description=description,
        events=events,
        event_names={name: EVENT_NAMES[name] for name in EVENTS},
        errors=errors,
    )


def _one(
    call: PageCall,
    view: WebhookView,
    status: int = 200,
    secret: str = "",
    before: str = "",
    state: str = "",
    errors: Errors = NO_ERRORS,
    url: str | None = None,
    description: str | None = None,
) -> Response:
    wanted = DeliveryState(state) if state in {each.value for each in DeliveryState} else None
    found = log.list_deliveries(
        call.installation, call.session, view.webhook.id, wanted, id_in(before, MOST) or None, _PER_PAGE + 1
    )
    webhook = _wire(call, view)
    return desk(
        *(call, "webhook", "webhooks", status),
        webhook=webhook,
        url=webhook["url"] if url is None else url,
        description=webhook["description"] if description is None else description,
        secret=secret,
        deliveries=deliveries_to_wire(found[:_PER_PAGE], call.calendar),
        more=len(found) > _PER_PAGE,
        state=state if wanted else "",
        states=STATES,
        event_names=EVENT_NAMES,
        why_off=WHY_OFF,
        errors=errors,
        saved="saved" in call.request.query_params,
    )
