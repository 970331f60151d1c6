"""Reading a timeline: one small read transaction, on the hot path, with the same few queries for every page."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from genjin.domain.activity import Facts
from genjin.domain.policy import may_see
from genjin.domain.records import Record, Ref
from genjin.domain.timeline import Page
from genjin.errors import NotFound, Unauthenticated
from genjin.service.context import Installation, Session
from genjin.service.entries.attached import EntryFiles, files_of
from genjin.service.entries.comments import CommentView, of_entries
from genjin.service.organisation.signin import session_for
from genjin.service.visibility import visible_among
from genjin.store import activities, heads, records, timeline
from genjin.store.heads import Head
from genjin.store.transaction import Tx

Admit = Callable[[Session], None]
"""Told who asks before anything is told to them; may refuse by raising."""


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


def open_timeline(
    tx: Tx, installation: Installation, organisation_id: int, token_hash: bytes, subject: Ref, admit: Admit
) -> tuple[Session, Head]:
    """Who asks, and the head of what they ask for. Raises Unauthenticated, and what `admit` raises."""
    head = heads.find(tx, organisation_id, token_hash, subject)
    if head is not None and head.merged_into_id is not None:
        head = heads.find(tx, organisation_id, token_hash, Ref(subject.type, head.merged_into_id))
    if head is None:
        raise Unauthenticated("no such token")
    session = session_for(tx, installation, organisation_id, head.token)
    admit(session)
    return session, head


def seen_record(session: Session, subject: Ref, record: Record | None) -> Record:
    """The record, if the viewer sees it. Raises NotFound."""
    if record is None or not may_see(session.viewer, record):
        raise NotFound(f"{subject.type.name} {subject.id}")
    return record


def view_page(tx: Tx, session: Session, record: Record, page: Page, total: int) -> TimelineView:
    """The entries of a page with what they need."""
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
