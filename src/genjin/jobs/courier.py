"""Tells webhooks what happens, in a thread of the server's process; safe with any number of processes and machines.

The thread reads the log of changes, takes deliveries and writes down what became of them; another one, with an event
loop, sends them (sending.py). It begins when there is something to send: where there are no webhooks, all that this
costs is a look at each organisation now and then.
"""

from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import structlog

from genjin import tracing
from genjin.domain.address import web_address
from genjin.domain.webhook import Attempt, Delivery, DeliveryState, Webhook
from genjin.domain.webhook_signature import signatures
from genjin.jobs.loop import Loop
from genjin.logs import redact_text
from genjin.service.bell import Bell
from genjin.service.context import Installation
from genjin.service.feed.entry import EntryView
from genjin.service.inbox.reading import NoticeViews
from genjin.service.organisation.organisations import list_organisations
from genjin.service.queue.batches import GoOn
from genjin.service.webhooks.delivering import Outcome, Parcel, due_webhooks, settle, take_parcels
from genjin.service.webhooks.telling import tell_webhooks
from genjin.settings import Settings
from genjin.wire.files.links import FileLinks, expiry
from genjin.wire.v1.activity import ActivityForm, activity_to_wire
from genjin.wire.v1.delivery import payload
from genjin.wire.v1.notice import notice_to_wire
from genjin.wire.v1.webhook import read_filter

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from genjin.jobs.sending import Answer, Sender

POLL_SECONDS = 1.0
LOOKS = 20
"""In how many organisations without something to do one looks in each of these seconds."""
GATHER_SECONDS = 0.02
"""What is committed or answered within so short a time is looked at once."""
AT_ONCE, OF_ORGANISATION = 200, 100
"""Deliveries that a process sends at the same time: all of them, and those of one organisation."""
LARGEST = 1_048_576
"""Bytes of a request."""
log = structlog.get_logger("genjin.webhooks")
Key = tuple[int, int, int]


class Courier(Loop):
    """The thread that tells webhooks what happens."""

    def __init__(self, installation: Installation, settings: Settings, poll: float = POLL_SECONDS) -> None:
        super().__init__("courier", poll)
        self._installation, self._settings = installation, settings
        self._bell = Bell()
        self._stop_watching: Callable[[], object] | None = None
        self._sender: Sender | None = None
        self._flying: dict[Key, Parcel] = {}
        self._answered: SimpleQueue[Outcome] = SimpleQueue()
        self._unsettled: list[Outcome] = []
        self._round: list[int] = []
        self._rung = set[int]()
        self._due: dict[int, int | None] = {}
        """The organisations with webhooks, each with when something is due there next."""

    def turn(self) -> None:
        self._settle()
        looked, self._rung = self._rung | self._some(), set()
        for organisation_id in sorted(looked):
            if self.go_on():
                self._look(organisation_id)

    def rest(self, seconds: float) -> None:
        rung = self._bell.wait(0 if self._rung else seconds)
        if rung:
            self._ending.wait(GATHER_SECONDS)
        self._rung |= rung | self._bell.wait(0)

    def end(self) -> None:
        super().end()
        self._bell.wake()

    def stop(self) -> None:
        """What is being sent is cut off and given back: it is sent again, under the same id."""
        super().stop()
        if self._stop_watching is not None:
            self._stop_watching()
        if self._sender is not None:
            self._sender.close()
        self._settle([Outcome(parcel, None) for parcel in self._flying.values()])

    def run_all(self, go_on: GoOn) -> None:
        """Tell and send until there is nothing to send now, as long as `go_on` says so."""
        for organisation in list_organisations(self._installation):
            self._rung.add(organisation.id)
        while go_on() and (self._rung or self._flying):
            self.turn()
            if self._flying and not self._rung:
                self._rung |= self._bell.wait(self.poll)

    def _some(self) -> set[int]:
        """The organisations whose turn it is, and those where something is due."""
        now = self._installation.clock.now()
        if not self._round:
            self._round = [organisation.id for organisation in list_organisations(self._installation)]
        some, self._round = self._round[:LOOKS], self._round[LOOKS:]
        return {*some, *(id_ for id_, due_at in self._due.items() if due_at is not None and due_at <= now)}

    def _look(self, organisation_id: int) -> None:
        look = tell_webhooks(self._installation, organisation_id, read_filter)
        _log_off(organisation_id, look.off)
        for webhook in look.missed:
            log.warning("webhook_missed_changes", organisation_id=organisation_id, webhook_id=webhook.id)
        if not look.is_on:
            self._due.pop(organisation_id, None)
            return
        if self._stop_watching is None:
            self._stop_watching = self._installation.database.watch(self._heard).stop
        if look.more:
            self._rung.add(organisation_id)
        ready, self._due[organisation_id] = due_webhooks(self._installation, organisation_id)
        own = sum(1 for key in self._flying if key[0] == organisation_id)
        free = min(AT_ONCE - len(self._flying), OF_ORGANISATION - own)
        if ready and free > 0:
            for parcel in take_parcels(self._installation, organisation_id, ready, free):
                self._send(parcel)

    def _heard(self, organisation_id: int | None) -> None:
        for id_ in list(self._due) if organisation_id is None else (organisation_id,):
            self._bell.ring(id_)

    def _send(self, parcel: Parcel) -> None:
        from genjin.jobs.sending import Request, Sender

        organisation_id, webhook, delivery, session, _ = parcel
        self._flying[organisation_id, webhook.id, delivery.number] = parcel
        if session is None:
            self._end(Outcome(parcel, None, DeliveryState.WITHHELD))
            return
        now, began = self._installation.clock.now(), self._installation.clock.ticks()
        try:
            body = self._body(parcel, now)
        except Exception:
            log.exception("delivery_not_made", organisation_id=organisation_id, webhook_id=webhook.id)
            attempt = Attempt(now, 0, error="it could not be made: see the server's log")
            self._end(Outcome(parcel, attempt, DeliveryState.FAILED))
            return
        if len(body) > LARGEST:
            attempt = Attempt(now, 0, error=f"it has {len(body)} bytes, and at most {LARGEST} are sent")
            self._end(Outcome(parcel, attempt, DeliveryState.FAILED))
            return
        span = _begin_span(webhook, delivery)
        headers = {
            **tracing.headers(span),
            "webhook-id": delivery.message_id,
            "webhook-timestamp": str(now),
            "webhook-signature": signatures(webhook.secrets(now), delivery.message_id, now, body),
        }

        def done(answer: "Answer") -> None:
            ms = round((self._installation.clock.ticks() - began) * 1000)
            error = answer.error and redact_text(answer.error)
            _end_span(span, answer)
            self._end(Outcome(parcel, Attempt(now, ms, answer.status, error, answer.body), None, answer.retry_after))

        if self._sender is None:
            self._sender = Sender(self._installation.webhook_networks, self._settings.webhook_seconds)
        self._sender.send(Request(webhook.url, headers, body), done)

    def _body(self, parcel: Parcel, now: int) -> bytes:
        organisation_id, webhook, delivery, session, view = parcel
        assert session is not None
        settings, expires_at = self._settings, expiry(now, self._settings.file_link_hours)
        links = FileLinks(self._installation.secret, settings.public_url, organisation_id, expires_at)
        form = ActivityForm(session.directory, webhook.language, links.url)
        match view:
            case EntryView():
                data = activity_to_wire(view.facts, view.views, form)
            case NoticeViews():
                data = notice_to_wire(view.notices[0], view.views, view.comments, view.records, form)
            case None:
                data = {}
        return payload(delivery, data, session.directory.calendar)

    def _end(self, outcome: Outcome) -> None:
        """In whichever thread."""
        self._answered.put(outcome)
        self._bell.ring(outcome.parcel.organisation_id)

    def _settle(self, more: Sequence[Outcome] = ()) -> None:
        """Write down what became of parcels; if the database is away they are kept until it is back."""
        self._unsettled += more
        while True:
            try:
                self._unsettled.append(self._answered.get_nowait())
            except Empty:
                break
        for organisation_id in sorted({outcome.parcel.organisation_id for outcome in self._unsettled}):
            its = [each for each in self._unsettled if each.parcel.organisation_id == organisation_id]
            off = settle(self._installation, organisation_id, its)
            self._unsettled = [each for each in self._unsettled if each.parcel.organisation_id != organisation_id]
            for _, webhook, delivery, *_ in (each.parcel for each in its):
                self._flying.pop((organisation_id, webhook.id, delivery.number), None)
            _log_off(organisation_id, off)
            self._rung.add(organisation_id)


def deliver_all(installation: Installation, settings: Settings, go_on: GoOn = lambda: True) -> None:
    """Tell webhooks what has happened, and send until nothing is left to send now. Raises StoreUnavailable."""
    courier = Courier(installation, settings)
    try:
        courier.run_all(go_on)
    finally:
        courier.stop()


def _begin_span(webhook: Webhook, delivery: Delivery) -> "Span | None":
    """Where it is sent to is told without the path, in which there may be a secret."""
    address = web_address(webhook.url)
    told: tracing.Attributes = {
        "http.request.method": "POST",
        "http.request.resend_count": delivery.tries,
        "server.address": address.host,
        "server.port": address.port,
    }
    return tracing.begin(f"webhook {delivery.event.type}", "CLIENT", told)


def _end_span(span: "Span | None", answer: "Answer") -> None:
    if answer.status is None or answer.status >= 400:
        tracing.failed(span, str(answer.status or "no_answer"))
    tracing.end(span, {"http.response.status_code": answer.status} if answer.status else None)


def _log_off(organisation_id: int, some: Sequence[Webhook]) -> None:
    for webhook in some:
        log.warning("webhook_switched_off", organisation_id=organisation_id, webhook_id=webhook.id, why=webhook.off_why)
