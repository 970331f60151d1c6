"""Webhooks: addresses that are told what happens, and how far each is in the log of changes."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import orjson
from sqlalchemy import delete, select

from genjin.domain.change_log import cursor_of
from genjin.domain.webhook import Event, Off, Webhook
from genjin.store.tables import webhooks
from genjin.store.transaction import Tx

_NAMES = tuple(field.name for field in fields(Webhook))
_COLUMNS = [webhooks.c[name] for name in _NAMES]


def put(tx: Tx, organisation_id: int, webhook: Webhook) -> None:
    """Insert or replace one."""
    row: dict[str, object] = {name: getattr(webhook, name) for name in _NAMES}
    row |= {
        "events": sum(1 << event for event in webhook.events),
        "asked": orjson.dumps(webhook.asked),
        "cursor": orjson.dumps(webhook.cursor.parts()),
        "off_why": None if webhook.off_why is None else webhook.off_why.value,
    }
    tx.put(webhooks, [{"organisation_id": organisation_id, **row}])


def find(tx: Tx, organisation_id: int, webhook_id: int) -> Webhook | None:
    """One webhook, also a removed one."""
    found = select(*_COLUMNS).where(webhooks.c.organisation_id == organisation_id, webhooks.c.id == webhook_id)
    return _one(tx, found)


def find_for_update(tx: Tx, organisation_id: int, webhook_id: int) -> Webhook | None:
    """The same, locked until the transaction ends: whoever changes its deliveries has it so."""
    found = select(*_COLUMNS).where(webhooks.c.organisation_id == organisation_id, webhooks.c.id == webhook_id)
    return _one(tx, found.with_for_update())


def webhook_list(tx: Tx, organisation_id: int) -> list[Webhook]:
    """All of them, also removed ones, by id. There are few."""
    found = select(*_COLUMNS).where(webhooks.c.organisation_id == organisation_id).order_by(webhooks.c.id)
    return [_webhook(row) for row in tx.execute(found).mappings()]


def forget(tx: Tx, organisation_id: int, webhook_id: int) -> None:
    """Delete its row."""
    tx.execute(delete(webhooks).where(webhooks.c.organisation_id == organisation_id, webhooks.c.id == webhook_id))


def _one(tx: Tx, statement: Any) -> Webhook | None:
    row = tx.execute(statement).mappings().one_or_none()
    return None if row is None else _webhook(row)


def _webhook(row: Mapping[Any, Any]) -> Webhook:
    values = {name: row[name] for name in _NAMES}
    values |= {
        "events": frozenset(event for event in Event if row["events"] >> event & 1),
        "asked": orjson.loads(row["asked"]),
        "cursor": cursor_of(orjson.loads(row["cursor"])),
        "off_why": None if row["off_why"] is None else Off(row["off_why"]),
    }
    return Webhook(**values)
