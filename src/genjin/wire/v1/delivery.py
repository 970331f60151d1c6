"""Deliveries of webhooks: what is sent, and how /api/v1 shows what became of it."""

from collections.abc import Mapping, Sequence
from typing import Literal

import orjson
from pydantic import Field

from genjin.domain.calendar import Calendar
from genjin.domain.feed import Moment
from genjin.domain.job import Job
from genjin.domain.json import JsonValue
from genjin.domain.webhook import Attempt, Delivery, DeliveryState, Range
from genjin.wire.v1.refs import RecordRef, ref_to_wire
from genjin.wire.v1.shared import Given, Next, Paged, Shown
from genjin.wire.v1.times import MomentOrDay, ShownTime, end_of, iso_time, iso_time_or_none, start_of

ClockName = Literal["at", "said_at", "recorded_at"]


class AttemptObject(Shown):
    """One try."""

    at: ShownTime
    ms: int = Field(description="How long it took, in milliseconds.")
    status: int | None = Field(description="The status of the answer, if there was one.")
    error: str | None = Field(description="What went wrong, where it is not the status.")
    answer: str = Field(description="How the body of the answer began.")


class DeliveryObject(Shown):
    """One thing that a webhook is told."""

    id: int = Field(description="The number of the delivery in its webhook.")
    message_id: str = Field(description="The `webhook-id` that it is sent with.")
    type: Literal["activity.created", "activity.edited", "activity.removed", "notice.created", "ping"]
    at: ShownTime = Field(description="When it happened.")
    activity_id: int | None
    notice_id: int | None
    subject: RecordRef | None = Field(description="The record that it happened on.")
    state: DeliveryState
    blocked: bool = Field(description="Whether it waits for an earlier delivery of its record.")
    next_try_at: ShownTime | None
    tries: int = Field(description="Since it was asked for last.")
    ended_at: ShownTime | None
    last_attempt: AttemptObject | None
    replay_id: int | None


class DeliveryDetail(DeliveryObject):
    """The same with its tries."""

    attempts: list[AttemptObject] = Field(description="The latest 20, the oldest first.")


class DeliveryList(Shown):
    """A page of deliveries, the latest first."""

    items: list[DeliveryObject]
    next: Next


class DeliveriesQuery(Paged):
    """Which deliveries are asked for."""

    state: DeliveryState | None = Field(None, description="Only those in this state.")


class NewReplay(Given):
    """What is to be told once more."""

    from_: MomentOrDay = Field(alias="from", description="The first moment, or day.")
    to: MomentOrDay = Field(description="The moment behind the last one, or the last day.")
    clock: ClockName = Field("recorded_at", description="The time of activities that is meant.")


class ReplayObject(Shown):
    """A replay, and how far it is."""

    id: int
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    done: int = Field(description="Activities that deliveries were made of.")
    total: int | None = Field(description="How many there are, where that is known.")
    error: str | None
    created_at: ShownTime
    started_at: ShownTime | None
    ended_at: ShownTime | None


def payload(delivery: Delivery, data: Mapping[str, JsonValue], calendar: Calendar) -> bytes:
    """What is sent: an activity as `GET /activities/{id}` shows it to the webhook's owner, or a notice as
    `GET /inbox/{id}` does.
    """
    told: dict[str, JsonValue] = {
        "type": delivery.event.type,
        "timestamp": iso_time(delivery.at, calendar),
        "webhook_id": delivery.webhook_id,
        "replay_id": delivery.replay_id,
        "data": data,
    }
    return orjson.dumps(told)


def range_of(given: NewReplay, calendar: Calendar) -> Range:
    """The range that is meant."""
    return Range(start_of(given.from_, calendar), end_of(given.to, calendar), Moment(given.clock))


def deliveries_to_wire(some: Sequence[Delivery], calendar: Calendar) -> list[JsonValue]:
    """Each as DeliveryObject."""
    return [_delivery_to_wire(each, calendar) for each in some]


def delivery_to_wire(delivery: Delivery, calendar: Calendar) -> dict[str, JsonValue]:
    """As DeliveryDetail."""
    attempts = [_attempt_to_wire(attempt, calendar) for attempt in delivery.attempts]
    return {**_delivery_to_wire(delivery, calendar), "attempts": attempts}


def replay_to_wire(job: Job, calendar: Calendar) -> dict[str, JsonValue]:
    """As ReplayObject."""
    return {
        "id": job.id,
        "state": job.state.value,
        "done": job.done,
        "total": job.total,
        "error": job.error,
        "created_at": iso_time(job.created_at, calendar),
        "started_at": iso_time_or_none(job.started_at, calendar),
        "ended_at": iso_time_or_none(job.ended_at, calendar),
    }


def _delivery_to_wire(delivery: Delivery, calendar: Calendar) -> dict[str, JsonValue]:
    attempts = delivery.attempts
    return {
        "id": delivery.number,
        "message_id": delivery.message_id,
        "type": delivery.event.type,
        "at": iso_time(delivery.at, calendar),
        "activity_id": delivery.activity_id,
        "notice_id": delivery.notice_id,
        "subject": None if delivery.subject is None else ref_to_wire(delivery.subject),
        "state": delivery.state.value,
        "blocked": not delivery.is_over and delivery.due_at is None,
        "next_try_at": iso_time_or_none(delivery.due_at if delivery.lease is None else None, calendar),
        "tries": delivery.tries,
        "ended_at": iso_time_or_none(delivery.ended_at, calendar),
        "last_attempt": _attempt_to_wire(attempts[-1], calendar) if attempts else None,
        "replay_id": delivery.replay_id,
    }


def _attempt_to_wire(attempt: Attempt, calendar: Calendar) -> dict[str, JsonValue]:
    return {
        "at": iso_time(attempt.at, calendar),
        "ms": attempt.ms,
        "status": attempt.status,
        "error": attempt.error,
        "answer": attempt.answer,
    }
