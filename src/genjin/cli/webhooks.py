"""`genjin webhooks`: the addresses that are told what happens."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from genjin.cli.admin import Organisation
from genjin.cli.opened import opened
from genjin.cli.output import table

WebhookId = Annotated[int, typer.Argument(metavar="ID", help="The webhook's id, see `genjin webhooks list`.")]


def webhooks_list(organisation: Organisation = "") -> None:
    """List the webhooks of an organisation, and how they are; instants are in UTC."""
    from genjin.service.organisation.organisations import people_of, pick_organisation
    from genjin.service.webhooks.subscriptions import webhooks_of

    with opened() as installation:
        organisation_id = pick_organisation(installation, organisation).id
        found, names = webhooks_of(installation, organisation_id), people_of(installation, organisation_id).users
    rows = []
    for webhook, waiting in ((view.webhook, view.waiting) for view in found):
        owner = names[webhook.owner_id].name if webhook.owner_id in names else webhook.owner_id
        state = "on" if webhook.is_on else f"off: {webhook.off_why}"
        failing = webhook.failing_since
        since = "" if failing is None else f"{datetime.fromtimestamp(failing, UTC):%Y-%m-%d %H:%M:%S}"
        rows.append((webhook.id, owner, webhook.url, state, waiting, webhook.failures, since))
    table(("id", "owner", "url", "state", "waiting", "failures", "failing since"), rows)


def webhooks_enable(id_: WebhookId, organisation: Organisation = "") -> None:
    """Switch a webhook on; it is told what happens from now on, and what waited for it goes on."""
    _switch(id_, organisation, is_on=True)


def webhooks_disable(id_: WebhookId, organisation: Organisation = "") -> None:
    """Switch a webhook off; what waits for it stays."""
    _switch(id_, organisation, is_on=False)


def _switch(id_: int, organisation: str, is_on: bool) -> None:
    from genjin.service.organisation.organisations import pick_organisation
    from genjin.service.webhooks.subscriptions import switch_webhook

    with opened() as installation:
        switch_webhook(installation, pick_organisation(installation, organisation).id, id_, is_on)
    print(f"Webhook {id_} is {'on' if is_on else 'off'}.")
