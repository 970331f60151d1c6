"""Reading a timeline: one small read transaction, on the hot path, with the same few queries for every page."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from genjin.domain.activity import Facts
from genjin.domain.policy import may_see
from genjin.domain.records import Record, Ref
from genjin.domain.timeline import Page
from genjin.errors import NotFound, Unauthenticated
from genjin.service.attached import EntryFiles, files_of
from genjin.service.comments import CommentView, of_entries
from genjin.service.context import Installation, Session
from genjin.service.signin import is_alive, key_of, session_for
from genjin.service.visibility import visible_among
from genjin.store import activities, heads, records, timeline
from genjin.store.heads import Head
from genjin.store.transaction import Tx

Admit = Callable[[Session], None]
"""Told who asks before anything is told to them; may refuse by raising."""
Key = tuple[bytes, Ref, Page]
"""What an answer is kept under: the hash of the token, the record and the page."""


class TimelineView(NamedTuple):
    """One page of a record's timeline with everything that its rendering needs.

    `alone` is whether no other record has a say in it.
    """

    session: Session
    entries: list[Facts]
    targets: dict[Ref, Record]
    total: int
    page: Page
    alone: bool
    comments: Mapping[int, Sequence[CommentView]]
    files: EntryFiles


class Kept(NamedTuple):
    """An answer, and what it was made of. `alone` is the view's."""

    answer: bytes
    moment: object
    session: Session
    head: Head
    alone: bool

    def is_untouched(self, moment: object) -> bool:
        """Whether nothing at all was written since, so that nothing need be asked."""
        return moment is not None and moment == self.moment

    def is_right(self, session: Session, head: Head) -> bool:
        """Whether viewer, record and timeline are what they were; a directory that has changed is another one."""
        return (
            self.alone
            and self.session.viewer is session.viewer
            and self.session.directory is session.directory
            and self.head.stored == head.stored
        )


class KeptAnswers:
    """Rendered answers that may be given again; at most `size` bytes, the least recently used go first.

    Whether one is still right is asked of the database each time, so that no worker gives a stale one.
    """

    def __init__(self, size: int = 8_000_000) -> None:
        self._size, self._used = size, 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Key) -> Kept | None:
        """What is kept under this key, right or not."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
            return kept

    def keep(self, key: Key, fresh: Kept) -> None:
        """Remember an answer, in the place of an earlier one under this key."""
        with self._lock:
            if key in self._kept:
                self._used -= len(self._kept.pop(key).answer)
            self._kept[key] = fresh
            self._used += len(fresh.answer)
            while self._used > self._size:
                self._used -= len(self._kept.popitem(last=False)[1].answer)


async def answer_timeline(
    installation: Installation,
    token: str,
    subject: Ref,
    page: Page,
    render: Callable[[TimelineView], bytes],
    kept: KeptAnswers,
    admit: Admit,
) -> bytes:
    """One page of a timeline, rendered, or kept from an earlier time. Raises what `read_timeline` does."""

    organisation_id, token_hash = key_of(token)
    key = token_hash, subject, page

    def use(tx: Tx) -> bytes:
        known = kept.find(key)
        if known and known.is_untouched(tx.moment) and is_alive(known.head.token, installation.clock.now()):
            admit(known.session)
            return known.answer
        session, head = _open(tx, installation, organisation_id, token_hash, subject, admit)
        if known and known.is_right(session, head):
            kept.keep(key, known._replace(moment=tx.moment, head=head))
            return known.answer
        view = _view(tx, session, _seen(session, subject, head.record), page, head.total)
        answer = render(view)
        # Links to files end, and lead to where the caller found this server.
        if not view.files.files and (view.alone or tx.moment is not None):
            kept.keep(key, Kept(answer, tx.moment, session, head, view.alone))
        return answer

    return await installation.database.read_soon(use)


def read_timeline(
    installation: Installation, token: str, subject: Ref, page: Page, admit: Admit = lambda _: None
) -> TimelineView:
    """One page of a timeline. Raises Unauthenticated; NotFound when the record is missing or not visible."""

    def use(tx: Tx) -> TimelineView:
        session, head = _open(tx, installation, *key_of(token), subject, admit)
        return _view(tx, session, _seen(session, subject, head.record), page, head.total)

    return installation.database.read(use)


def _open(
    tx: Tx, installation: Installation, organisation_id: int, token_hash: bytes, subject: Ref, admit: Admit
) -> tuple[Session, Head]:
    head = heads.find(tx, organisation_id, token_hash, subject)
    if head is not None and head.merged_into_id is not None:
        head = heads.find(tx, organisation_id, token_hash, Ref(subject.type, head.merged_into_id))
    if head is None:
        raise Unauthenticated("no such token")
    session = session_for(tx, installation, organisation_id, head.token)
    admit(session)
    return session, head


def _seen(session: Session, subject: Ref, record: Record | None) -> Record:
    if record is None or not may_see(session.viewer, record):
        raise NotFound(f"{subject.type.name} {subject.id}")
    return record


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
    said = of_entries(tx, session.organisation_id, entries)
    files = files_of(tx, session, entries)
    return TimelineView(session, entries, targets, total, page, not (others or named), said, files)
