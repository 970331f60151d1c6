"""Webhooks as somebody keeps them: everybody their own, administrators also those of colleagues."""

import hashlib
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

import orjson

from genjin.domain.address import check_url
from genjin.domain.audit import Act, Subject
from genjin.domain.change_log import LogCursor
from genjin.domain.directory import Directory
from genjin.domain.feed import FeedFilter
from genjin.domain.json import JsonValue
from genjin.domain.policy import Viewer, may_administer
from genjin.domain.webhook import MOST_WEBHOOKS, USUAL, Event, Off, Webhook, switched_off, switched_on
from genjin.domain.webhook_signature import SECRET_BYTES
from genjin.errors import Forbidden, Invalid, NotFound, Stale
from genjin.service.audit import By, administrator, hand_of, note
from genjin.service.context import Installation, Session
from genjin.service.feed.reading import settled
from genjin.store import changes, deliveries, ids, webhooks
from genjin.store.transaction import Tx

ReadFilter = Callable[[Mapping[str, JsonValue], int, Directory], FeedFilter]
"""Reads what activities have to fulfil, as the API words it, for the owner of this id. Raises Invalid."""
MOST_COUNTED = 10_000
"""Waiting deliveries that are counted of one webhook."""


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody says of a webhook. None leaves it as it is."""

    url: str | None = None
    description: str | None = None
    events: frozenset[Event] | None = None
    asked: Mapping[str, JsonValue] | None = None
    language: Literal["zh", "en"] | None = None
    is_on: bool | None = None


@dataclass(frozen=True, slots=True)
class WebhookView:
    """A webhook, and how many deliveries wait; at most MOST_COUNTED are counted."""

    webhook: Webhook
    waiting: int


def create_webhook(installation: Installation, session: Session, told: Told, read_filter: ReadFilter) -> WebhookView:
    """A new webhook of the caller's, which is told what happens from now on. Raises Invalid."""
    check_url(told.url or "", installation.webhook_networks)
    now = installation.clock.now()

    def use(tx: Tx) -> WebhookView:
        organisation_id = session.organisation_id
        _check_filter(tx, session, told.asked or {}, read_filter)
        there = [webhook for webhook in webhooks.webhook_list(tx, organisation_id) if webhook.removed_at is None]
        if len(there) >= MOST_WEBHOOKS:
            raise Invalid({"url": [f"would be one webhook more than {MOST_WEBHOOKS}"]})
        webhook = Webhook(
            id=ids.allocate(tx)[0],
            owner_id=session.viewer.user_id,
            url=told.url or "",
            created_at=now,
            secret=secrets.token_bytes(SECRET_BYTES),
            cursor=log_end(tx, organisation_id),
            description=told.description or "",
            events=frozenset(USUAL) if told.events is None else told.events,
            asked=told.asked or {},
            language=told.language or "zh",
        )
        if told.is_on is False:
            webhook = switched_off(webhook, Off.BY_HAND, now)
        webhooks.put(tx, organisation_id, webhook)
        changes.wake(tx, organisation_id)
        _note(tx, installation, session, Act.WEBHOOK_ADDED, None, webhook)
        return WebhookView(webhook, 0)

    return installation.database.write(use, session.organisation_id)


def list_webhooks(installation: Installation, session: Session) -> list[WebhookView]:
    """The caller's webhooks, of an administrator all of the organisation, by id."""

    def use(tx: Tx) -> list[WebhookView]:
        some = webhooks.webhook_list(tx, session.organisation_id)
        return [view_of(tx, session.organisation_id, each) for each in some if _is_kept_by(session, each)]

    return installation.database.read(use, session.organisation_id)


def read_webhook(installation: Installation, session: Session, webhook_id: int) -> WebhookView:
    """One webhook. Raises NotFound."""
    return installation.database.read(
        lambda tx: view_of(tx, session.organisation_id, kept(tx, session, webhook_id)), session.organisation_id
    )


def change_webhook(
    installation: Installation,
    session: Session,
    webhook_id: int,
    told: Told,
    read_filter: ReadFilter,
    wanted: Collection[str] | None = None,
) -> WebhookView:
    """Say it otherwise, if its version is one of those that are `wanted`. Who lets it lead elsewhere owns it from then
    on: what is told is what they see. Raises NotFound, Stale, Invalid; Forbidden for who may not switch it on.
    """
    if told.url is not None:
        check_url(told.url, installation.webhook_networks)
    now = installation.clock.now()

    def use(tx: Tx) -> WebhookView:
        before = locked(tx, session, webhook_id)
        _check_version(before, wanted)
        after = replace(
            before,
            url=before.url if told.url is None else told.url,
            description=before.description if told.description is None else told.description,
            events=before.events if told.events is None else told.events,
            asked=before.asked if told.asked is None else told.asked,
            language=before.language if told.language is None else told.language,
        )
        if after.url != before.url:
            after = replace(after, owner_id=session.viewer.user_id)
        if (after.asked, after.owner_id) != (before.asked, before.owner_id):
            _check_filter(tx, owner_session(session, after), after.asked, read_filter)
        if told.is_on is not None:
            if told.is_on:
                owner_session(session, after)
            after = _switched(tx, session.organisation_id, after, told.is_on, now)
        if after != before:
            after = replace(after, version=before.version + 1)
            webhooks.put(tx, session.organisation_id, after)
            changes.wake(tx, session.organisation_id)
            _note(tx, installation, session, Act.WEBHOOK_CHANGED, before, after)
        return view_of(tx, session.organisation_id, after)

    return installation.database.write(use, session.organisation_id)


def remove_webhook(
    installation: Installation, session: Session, webhook_id: int, wanted: Collection[str] | None = None
) -> None:
    """Nothing is sent any more; the log of its deliveries goes with it. Raises NotFound, Stale."""
    now = installation.clock.now()

    def use(tx: Tx) -> None:
        webhook = locked(tx, session, webhook_id)
        _check_version(webhook, wanted)
        webhooks.put(tx, session.organisation_id, replace(webhook, removed_at=now))
        _note(tx, installation, session, Act.WEBHOOK_REMOVED, webhook, None)

    installation.database.write(use, session.organisation_id)


def rotate_secret(
    installation: Installation,
    session: Session,
    webhook_id: int,
    overlap_seconds: int,
    wanted: Collection[str] | None = None,
) -> WebhookView:
    """Give it another secret; so long the one until now signs, too. Raises NotFound, Stale."""
    now = installation.clock.now()

    def use(tx: Tx) -> WebhookView:
        before = locked(tx, session, webhook_id)
        _check_version(before, wanted)
        after = replace(
            before,
            secret=secrets.token_bytes(SECRET_BYTES),
            old_secret=before.secret if overlap_seconds else None,
            old_until=now + overlap_seconds if overlap_seconds else None,
            version=before.version + 1,
        )
        webhooks.put(tx, session.organisation_id, after)
        _note(tx, installation, session, Act.WEBHOOK_CHANGED, before, after)
        return view_of(tx, session.organisation_id, after)

    return installation.database.write(use, session.organisation_id)


def webhooks_of(installation: Installation, organisation_id: int) -> list[WebhookView]:
    """Every webhook of an organisation, for the installation's operator."""

    def use(tx: Tx) -> list[WebhookView]:
        some = webhooks.webhook_list(tx, organisation_id)
        return [view_of(tx, organisation_id, each) for each in some if each.removed_at is None]

    return installation.database.read(use, organisation_id)


def switch_webhook(installation: Installation, organisation_id: int, webhook_id: int, is_on: bool) -> Webhook:
    """Switch a webhook on or off, as the operator. Raises NotFound; Invalid where its owner has left."""
    now = installation.clock.now()

    def use(tx: Tx) -> Webhook:
        before = webhooks.find_for_update(tx, organisation_id, webhook_id)
        if before is None or before.removed_at is not None:
            raise NotFound(f"there is no webhook {webhook_id}: see `genjin webhooks list`")
        if is_on and not installation.directories.latest(tx, organisation_id).is_here(before.owner_id):
            raise Invalid({"webhook": ["its owner has left: an administrator may let it lead elsewhere"]})
        after = _switched(tx, organisation_id, before, is_on, now)
        if after != before:
            webhooks.put(tx, organisation_id, replace(after, version=before.version + 1))
            changes.wake(tx, organisation_id)
            _note(tx, installation, organisation_id, Act.WEBHOOK_CHANGED, before, after)
        return after

    return installation.database.write(use, organisation_id)


def kept(tx: Tx, session: Session, webhook_id: int) -> Webhook:
    """A webhook that is the caller's to look at and to change. Raises NotFound."""
    return _kept(session, webhooks.find(tx, session.organisation_id, webhook_id))


def locked(tx: Tx, session: Session, webhook_id: int) -> Webhook:
    """The same, locked until the transaction ends. Raises NotFound."""
    return _kept(session, webhooks.find_for_update(tx, session.organisation_id, webhook_id))


def view_of(tx: Tx, organisation_id: int, webhook: Webhook) -> WebhookView:
    """With what is counted."""
    return WebhookView(webhook, deliveries.count_waiting(tx, organisation_id, webhook.id, MOST_COUNTED))


def owner_session(session: Session, webhook: Webhook) -> Session:
    """What the webhook's owner may see. Raises Forbidden for one who has left."""
    viewer = owner_viewer(session.directory, webhook)
    if viewer is None:
        raise Forbidden("该推送的负责人已离职，请先更换推送地址")
    return Session(viewer, session.directory)


def owner_viewer(directory: Directory, webhook: Webhook) -> Viewer | None:
    """What the webhook's owner may see; None for one who has left."""
    return directory.viewer(webhook.owner_id) if directory.is_here(webhook.owner_id) else None


def log_end(tx: Tx, organisation_id: int) -> LogCursor:
    """The end of the log of changes: what happens from now on is behind it."""
    return LogCursor(changes.end(tx, organisation_id), "")


def _note(tx: Tx, installation: Installation, by: By, act: Act, before: Webhook | None, after: Webhook | None) -> None:
    hand = hand_of(by) if isinstance(by, Session) else administrator(by)
    was, told = ({} if each is None else _told(each) for each in (before, after))
    id_ = after.id if after else before.id if before else None
    note(tx, installation, hand, act, Subject(id_, str((was or told)["host"])), was, told)


def _told(webhook: Webhook) -> dict[str, JsonValue]:
    """As the audit log tells of one: not its secret but that it is another one, and of the address, whose path may be a
    secret too, the host and whether the rest is another one.
    """
    return {
        "host": urlsplit(webhook.url).hostname or "",
        "url_hash": hashlib.sha256(webhook.url.encode()).hexdigest()[:8],
        "description": webhook.description,
        "owner_id": webhook.owner_id,
        "events": ", ".join(sorted(event.name.lower() for event in webhook.events)),
        "filter": orjson.dumps(webhook.asked).decode(),
        "language": webhook.language,
        "on": webhook.is_on,
        "secret_hash": hashlib.sha256(webhook.secret).hexdigest()[:8],
    }


def _switched(tx: Tx, organisation_id: int, webhook: Webhook, is_on: bool, now: int) -> Webhook:
    if is_on is webhook.is_on:
        return webhook
    if is_on:
        return switched_on(webhook, log_end(tx, organisation_id))
    return switched_off(webhook, Off.BY_HAND, now)


def _check_filter(tx: Tx, session: Session, asked: Mapping[str, JsonValue], read_filter: ReadFilter) -> None:
    """Raises Invalid for what cannot be read, and for a record that the owner does not see."""
    try:
        settled(tx, session, read_filter(asked, session.viewer.user_id, session.directory))
    except NotFound as error:
        raise Invalid(
            {"filter.subject": ["names a record that is not there, or that its owner does not see"]}
        ) from error


def _check_version(webhook: Webhook, wanted: Collection[str] | None) -> None:
    if wanted is not None and str(webhook.version) not in wanted:
        raise Stale(str(webhook.id))


def _kept(session: Session, found: Webhook | None) -> Webhook:
    if found is None or not _is_kept_by(session, found):
        raise NotFound("no such webhook")
    return found


def _is_kept_by(session: Session, webhook: Webhook) -> bool:
    is_own = webhook.owner_id == session.viewer.user_id
    return webhook.removed_at is None and (is_own or may_administer(session.viewer))
