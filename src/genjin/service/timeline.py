"""Reading a timeline: one small read transaction, on the hot path, with the same few queries for every page."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from genjin.domain.activity import Facts
from genjin.domain.directory import Directory
from genjin.domain.policy import may_see
from genjin.domain.records import Record, Ref
from genjin.domain.timeline import Page
from genjin.errors import NotFound
from genjin.service.context import Installation, Session
from genjin.service.signin import session_of
from genjin.service.visibility import visible_among
from genjin.store import activities, records, timeline
from genjin.store.transaction import Tx

Admit = Callable[[Session], None]
"""Told who asks before anything is looked up for them; may refuse by raising."""


class TimelineView(NamedTuple):
    """One page of a record's timeline with everything that its rendering needs."""

    session: Session
    entries: list[Facts]
    targets: dict[Ref, Record]
    total: int
    page: Page


class Stamp(NamedTuple):
    """All that an answer depends on, as it is now: an answer with an equal stamp is still right.

    `version` is the timeline's, which moves with every change of an entry; `directory` is compared by identity.
    """

    directory: Directory
    record: Record
    version: int


class KeptAnswers:
    """Rendered answers that may be given again; at most `size` bytes, the least recently used go first.

    Whether one is still right is asked of the database each time, so that no worker gives a stale one.
    """

    def __init__(self, size: int = 8_000_000) -> None:
        self._size, self._used = size, 0
        self._kept: OrderedDict[tuple[object, ...], tuple[Stamp, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: tuple[object, ...], now: Stamp) -> bytes | None:
        """The answer under this key, if it is still right."""
        with self._lock:
            stamp, answer = self._kept.get(key, (None, None))
            if stamp is None or stamp.directory is not now.directory or stamp[1:] != now[1:]:
                return None
            self._kept.move_to_end(key)
            return answer

    def keep(self, key: tuple[object, ...], now: Stamp, answer: bytes) -> None:
        """Remember an answer, in the place of an earlier one under this key."""
        with self._lock:
            if key in self._kept:
                self._used -= len(self._kept.pop(key)[1])
            self._kept[key] = now, answer
            self._used += len(answer)
            while self._used > self._size:
                self._used -= len(self._kept.popitem(last=False)[1][1])


def answer_timeline(
    installation: Installation,
    token: str,
    subject: Ref,
    page: Page,
    render: Callable[[TimelineView], bytes],
    kept: KeptAnswers,
    admit: Admit,
) -> bytes:
    """One page of a timeline, rendered, or kept from an earlier time. Raises what `read_timeline` does."""

    def use(tx: Tx) -> bytes:
        session, record = _open(tx, installation, token, subject, admit)
        total, version = timeline.length(tx, session.organisation_id, subject)
        now = Stamp(session.directory, record, version)
        key = session.viewer, subject, page
        answer = kept.find(key, now)
        if answer is None:
            view = _view(tx, session, record, page, total)
            answer = render(view)
            # An answer that shows other records depends on them too; it is rendered each time.
            if len(view.targets) == 1:
                kept.keep(key, now, answer)
        return answer

    return installation.database.read(use)


def read_timeline(
    installation: Installation, token: str, subject: Ref, page: Page, admit: Admit = lambda _: None
) -> TimelineView:
    """One page of a timeline. Raises Unauthenticated; NotFound when the record is missing or not visible."""

    def use(tx: Tx) -> TimelineView:
        session, record = _open(tx, installation, token, subject, admit)
        return _view(tx, session, record, page, timeline.length(tx, session.organisation_id, subject)[0])

    return installation.database.read(use)


def _open(tx: Tx, installation: Installation, token: str, subject: Ref, admit: Admit) -> tuple[Session, Record]:
    session = session_of(tx, installation, token)
    admit(session)
    record = records.find(tx, session.organisation_id, subject)
    if record is None or not may_see(session.viewer, record):
        raise NotFound(f"{subject.type.name} {subject.id}")
    return session, record


def _view(tx: Tx, session: Session, record: Record, page: Page, total: int) -> TimelineView:
    entries, _ = timeline.page(tx, session.organisation_id, record.ref, page, total)
    own_type, own_id = int(record.type), record.id
    # Only a rolled-up entry's record is not at hand already.
    others = {entry.target for entry in entries if entry.target_id != own_id or entry.target_type != own_type}
    named = {ref for entry in entries for ref in activities.refs_of(entry)} - others
    found = records.find_many(tx, session.organisation_id, sorted(others | named))
    # What an entry only speaks of is shown by name to who sees that record itself.
    mentioned = {ref: found.pop(ref) for ref in named if ref in found}
    targets = found | {ref: mentioned[ref] for ref in visible_among(tx, session, mentioned)}
    targets[record.ref] = record
    return TimelineView(session, entries, targets, total, page)
