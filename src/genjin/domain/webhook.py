"""Webhooks: what they are told of, when a delivery is tried again, when it is given up, when a webhook is switched off.

Pure rules; nothing of how webhooks are stored or how anything is sent. They follow https://www.standardwebhooks.com.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import Literal, NamedTuple

from genjin.domain.change_log import LogCursor
from genjin.domain.feed import Moment
from genjin.domain.json import JsonValue
from genjin.domain.records import Ref
from genjin.domain.told import Tell

MOST_WEBHOOKS = 100
"""Of one organisation."""
DELAYS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds until a delivery is tried again after its first failure, its second, and so on; the last one from then on."""
SPREAD = 0.2
"""By so much of it a delay is longer or shorter, so that what failed together is not tried together again."""
PATIENCE_SECONDS = 3 * 86_400
"""A delivery is given up when it fails so long after it was first tried; a webhook is switched off when it fails, and
nothing has come through for so long.
"""
RESTS_AFTER, FIRST_REST, LONGEST_REST = 3, 5, 3_600
"""After how many failures in a row a webhook rests, and for how long: twice as long each time."""
LONGEST_RETRY_AFTER = 3_600
MOST_ATTEMPTS = 20
"""So many attempts of a delivery are kept."""


class Event(IntEnum):
    """What a delivery tells. The numbers are stored; never change one."""

    CREATED = 1
    EDITED = 2
    REMOVED = 3
    PING = 4
    NOTICE = 5

    @property
    def type(self) -> str:
        """What receivers call it."""
        return _TYPES.get(self) or f"activity.{self.name.lower()}"


_TYPES = {Event.PING: "ping", Event.NOTICE: "notice.created"}


TOLD: Mapping[Tell, Event] = {
    Tell.CREATED: Event.CREATED,
    Tell.SHOWN: Event.CREATED,
    Tell.EDITED: Event.EDITED,
    Tell.REMOVED: Event.REMOVED,
}
"""What becomes of what readers of the log are told. Only what was recorded with many others is shown to webhooks."""
USUAL = (Event.CREATED, Event.EDITED, Event.REMOVED)
ASKED_FOR = (*USUAL, Event.NOTICE)


class Off(StrEnum):
    """Why a webhook is off: somebody wants it so, it has failed for days, its receiver answered 410, its owner left."""

    BY_HAND = "by_hand"
    FAILING = "failing"
    GONE = "gone"
    OWNER_LEFT = "owner_left"


class DeliveryState(StrEnum):
    """Where a delivery is in its life. WITHHELD: the webhook's owner does not see any more what it would tell."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told what happens, as far as its owner sees it.

    `asked` is what activities have to fulfil, as the API words it. `secret` signs, and until `old_until` also
    `old_secret`. `cursor` is how far in the log of changes it is; `last_number` the number of its latest delivery.
    `version` grows with what somebody changes. `failures` are those in a row since `failing_since`; until `rests_until`
    nothing is sent. A removed one stays until its deliveries are gone.
    """

    id: int
    owner_id: int
    url: str
    created_at: int
    secret: bytes = field(repr=False)
    cursor: LogCursor
    description: str = ""
    events: frozenset[Event] = frozenset(USUAL)
    asked: Mapping[str, JsonValue] = field(default_factory=dict)
    language: Literal["zh", "en"] = "zh"
    version: int = 1
    old_secret: bytes | None = field(default=None, repr=False)
    old_until: int | None = None
    last_number: int = 0
    off_at: int | None = None
    off_why: Off | None = None
    failures: int = 0
    failing_since: int | None = None
    rests_until: int | None = None
    removed_at: int | None = None

    @property
    def is_on(self) -> bool:
        return self.off_at is None and self.removed_at is None

    def secrets(self, now: int) -> Sequence[bytes]:
        """What signs at this instant, the newest first."""
        if self.old_secret is None or self.old_until is None or self.old_until <= now:
            return (self.secret,)
        return self.secret, self.old_secret


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: when, for how many milliseconds, and the status or what went wrong; how the answer's body began."""

    at: int
    ms: int
    status: int | None = None
    error: str | None = None
    answer: str = ""

    @property
    def went_well(self) -> bool:
        return self.error is None and self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing that a webhook is told. Deliveries of a webhook are numbered in the order of what happened.

    What is sent is made at each try, of what the owner sees by then: an activity, or a notice in their inbox. `subject`
    is the record that it happened on: while an earlier one of it waits, this one does, without `due_at`. `due_at` is
    else when it may be taken next: after a delay, or when the lease of the worker that has it ends. `tries` and
    `tried_since` count from the last time that somebody asked for it. `replay_id` is the replay that asked for it.
    """

    webhook_id: int
    number: int
    event: Event
    at: int
    activity_id: int | None = None
    subject: Ref | None = None
    state: DeliveryState = DeliveryState.WAITING
    due_at: int | None = None
    lease: str | None = None
    tries: int = 0
    tried_since: int | None = None
    ended_at: int | None = None
    attempts: Sequence[Attempt] = ()
    replay_id: int | None = None
    notice_id: int | None = None

    @property
    def message_id(self) -> str:
        """The same for every try; another one even when the database was restored and counts anew."""
        return f"msg_{self.webhook_id}_{self.number}_{self.at:x}"

    @property
    def is_over(self) -> bool:
        return self.state is not DeliveryState.WAITING


class Range(NamedTuple):
    """What is told once more: from an instant on, and up to before another one, by a clock."""

    since: int
    until: int
    clock: Moment


def taken(delivery: Delivery, lease: str, until: int) -> Delivery:
    """A worker sends it."""
    return replace(delivery, lease=lease, due_at=until)


def given_back(delivery: Delivery, now: int) -> Delivery:
    """The worker that had it ends before it was sent: another one may take it."""
    return replace(delivery, lease=None, due_at=now)


def ended(delivery: Delivery, state: DeliveryState, now: int) -> Delivery:
    """Nobody sends it any more, unless somebody asks for it again."""
    return replace(delivery, state=state, lease=None, due_at=None, ended_at=now)


def asked_again(delivery: Delivery, now: int) -> Delivery:
    """It is sent once more, under the same id, whatever became of it."""
    return replace(
        delivery, state=DeliveryState.WAITING, due_at=now, lease=None, tries=0, tried_since=None, ended_at=None
    )


def tried(delivery: Delivery, attempt: Attempt, now: int, chance: float, retry_after: int = 0) -> Delivery:
    """After a try: delivered, given up, or to be tried again. `chance` from 0 to 1 spreads the delay; a receiver may
    have asked for a longer one.
    """
    since = attempt.at if delivery.tried_since is None else delivery.tried_since
    after = replace(
        delivery,
        tries=delivery.tries + 1,
        tried_since=since,
        attempts=(*delivery.attempts, attempt)[-MOST_ATTEMPTS:],
    )
    if attempt.went_well:
        return ended(after, DeliveryState.DELIVERED, now)
    if attempt.at - since >= PATIENCE_SECONDS:
        return ended(after, DeliveryState.FAILED, now)
    usual = DELAYS[min(after.tries, len(DELAYS)) - 1]
    delay = max(round(usual * (1 - SPREAD + 2 * SPREAD * chance)), min(retry_after, LONGEST_RETRY_AFTER), 1)
    return replace(after, lease=None, due_at=now + delay)


def switched_off(webhook: Webhook, why: Off, now: int) -> Webhook:
    """Nothing is made for it or sent to it."""
    return replace(webhook, off_at=now, off_why=why)


def switched_on(webhook: Webhook, cursor: LogCursor) -> Webhook:
    """It is told what happens from now on; what was waiting goes on."""
    return replace(webhook, cursor=cursor, off_at=None, off_why=None, failures=0, failing_since=None, rests_until=None)


def answered(webhook: Webhook, attempt: Attempt, now: int) -> Webhook:
    """The webhook after a try of one of its deliveries: well, resting, or switched off."""
    if attempt.went_well:
        return replace(webhook, failures=0, failing_since=None, rests_until=None)
    since = attempt.at if webhook.failing_since is None else webhook.failing_since
    failures = webhook.failures + 1
    over = failures - RESTS_AFTER
    rests_until = now + min(LONGEST_REST, FIRST_REST << min(over, 20)) if over >= 0 else None
    after = replace(webhook, failures=failures, failing_since=since, rests_until=rests_until)
    if attempt.status == 410:
        return switched_off(after, Off.GONE, now)
    return switched_off(after, Off.FAILING, now) if attempt.at - since >= PATIENCE_SECONDS else after
