"""Webhooks as /api/v1 shows them and takes them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from genjin.domain.address import MOST_CHARACTERS
from genjin.domain.directory import Directory
from genjin.domain.feed import MOST_SUBJECTS, FeedFilter
from genjin.domain.json import JsonValue
from genjin.domain.webhook import ASKED_FOR, USUAL, Event, Webhook
from genjin.domain.webhook_signature import shown_secret
from genjin.errors import Invalid
from genjin.wire.v1.activity import Language, actor_to_wire
from genjin.wire.v1.feed import (
    ActorText,
    DepartmentText,
    FeedQuery,
    HasText,
    KindText,
    SearchText,
    SubjectText,
    Values,
    ViaText,
    feed_filter,
)
from genjin.wire.v1.shared import Given, Named, Next, Shown
from genjin.wire.v1.times import ShownTime, iso_time, iso_time_or_none

EventName = Literal["activity.created", "activity.edited", "activity.removed", "notice.created"]
EVENTS: Mapping[str, Event] = {event.type: event for event in ASKED_FOR}
_USUAL: list[EventName] = [name for name in get_args(EventName) if EVENTS[name] in USUAL]
LONGEST_OVERLAP = 168


class WebhookFilter(Given):
    """What activities have to fulfil. A value that begins with `!` is what they have not."""

    subject: Annotated[list[SubjectText], Field(max_length=MOST_SUBJECTS)] = Field([])
    kind: Values[KindText] = Field([])
    actor: Values[ActorText] = Field([])
    department: Values[DepartmentText] = Field([])
    q: Values[SearchText] = Field([])
    has: Values[HasText] = Field([])
    via: Values[ViaText] = Field([])


class NewWebhook(Given):
    """A webhook to make."""

    url: str = Field(max_length=MOST_CHARACTERS, description="Where what happens is sent to, by POST.")
    description: str = Field("", max_length=500)
    events: Annotated[list[EventName], Field(min_length=1, max_length=len(EVENTS))] = Field(
        list(get_args(EventName)[: len(USUAL)])
    )
    filter: WebhookFilter = WebhookFilter()
    language: Language = Field("zh", description="The language of sentences.")
    enabled: bool = True


class WebhookChange(Given):
    """What is to be changed of a webhook; what is not given stays as it is."""

    url: str = Field("", max_length=MOST_CHARACTERS)
    description: str = Field("", max_length=500)
    events: Annotated[list[EventName], Field(min_length=1, max_length=len(EVENTS))] = Field([])
    filter: WebhookFilter = WebhookFilter()
    language: Language = "zh"
    enabled: bool = True


class SecretRotation(Given):
    """How a secret is followed by another one."""

    overlap_hours: int = Field(
        24, ge=0, le=LONGEST_OVERLAP, description="How long the secret until now signs beside the new one."
    )


class ShownFilter(Shown):
    """What activities have to fulfil."""

    subject: list[str]
    kind: list[str]
    actor: list[str]
    department: list[str]
    q: list[str]
    has: list[str]
    via: list[str]


class WebhookObject(Shown):
    """An address that is told what happens, as far as its owner sees it."""

    id: int
    url: str
    description: str
    owner: Named | None
    events: list[EventName]
    filter: ShownFilter
    language: Language
    enabled: bool
    off_at: ShownTime | None = Field(description="Since when it is switched off.")
    off_because: Literal["by_hand", "failing", "gone", "owner_left"] | None
    failing_since: ShownTime | None = Field(description="Since when every try has failed.")
    failures: int = Field(description="How many tries have failed since.")
    rests_until: ShownTime | None = Field(description="Until when nothing is sent, since it fails.")
    waiting: int = Field(description="How many deliveries wait; 10000 for more.")
    secret: str | None = Field(
        description="What its signatures are verified by, when it is made or changed; else null."
    )
    old_secret_until: ShownTime | None = Field(description="Until when the secret before signs, too.")
    created_at: ShownTime
    version: int


class WebhookList(Shown):
    """A page of webhooks."""

    items: list[WebhookObject]
    next: Next


def filter_of(given: WebhookFilter) -> dict[str, JsonValue]:
    """What is kept of a filter."""
    return {name: value for name, value in given.model_dump().items() if value}


def read_filter(asked: Mapping[str, JsonValue], owner_id: int, directory: Directory) -> FeedFilter:
    """What activities have to fulfil, as `filter_of` keeps it. Raises Invalid by field."""
    try:
        return feed_filter(FeedQuery.model_validate(asked), owner_id, directory)
    except Invalid as error:
        raise Invalid({f"filter.{field}": texts for field, texts in error.errors.items()}) from error


def webhook_to_wire(webhook: Webhook, waiting: int, directory: Directory, secret: bool = False) -> dict[str, Any]:
    """As WebhookObject; with the secret only where it is new."""
    calendar = directory.calendar
    shown = WebhookFilter.model_validate(dict(webhook.asked)).model_dump()
    return {
        "id": webhook.id,
        "url": webhook.url,
        "description": webhook.description,
        "owner": actor_to_wire(webhook.owner_id, directory),
        "events": [name for name, event in EVENTS.items() if event in webhook.events],
        "filter": shown,
        "language": webhook.language,
        "enabled": webhook.is_on,
        "off_at": iso_time_or_none(webhook.off_at, calendar),
        "off_because": None if webhook.off_why is None else webhook.off_why.value,
        "failing_since": iso_time_or_none(webhook.failing_since, calendar),
        "failures": webhook.failures,
        "rests_until": iso_time_or_none(webhook.rests_until, calendar),
        "waiting": waiting,
        "secret": shown_secret(webhook.secret) if secret else None,
        "old_secret_until": iso_time_or_none(webhook.old_until, calendar),
        "created_at": iso_time(webhook.created_at, calendar),
        "version": webhook.version,
    }
