"""Reading a timeline: one small read transaction, on the hot path, with the same few queries for every page."""

from collections.abc import Callable
from typing import NamedTuple

from genjin.domain.activity import Facts
from genjin.domain.policy import may_see
from genjin.domain.records import Record, Ref
from genjin.domain.timeline import Page
from genjin.errors import NotFound
from genjin.service.context import Installation, Session
from genjin.service.signin import session_of
from genjin.store import records, timeline
from genjin.store.transaction import Tx


class TimelineView(NamedTuple):
    """One page of a record's timeline with everything that its rendering needs."""

    session: Session
    entries: list[Facts]
    targets: dict[Ref, Record]
    total: int
    page: Page


def read_timeline(
    installation: Installation, token: str, subject: Ref, page: Page, admit: Callable[[Session], None] = lambda _: None
) -> TimelineView:
    """One page of a timeline. Raises Unauthenticated; NotFound when the record is missing or not visible.

    `admit` is told who asks before anything is looked up for them, and may refuse by raising.
    """

    def use(tx: Tx) -> TimelineView:
        session = session_of(tx, installation, token)
        admit(session)
        record = records.find(tx, session.organisation_id, subject)
        if record is None or not may_see(session.viewer, record.owner_id, record.department_id):
            raise NotFound(f"{subject.type.name} {subject.id}")
        entries, total = timeline.page(tx, session.organisation_id, subject, page)
        return TimelineView(session, entries, _targets(tx, session, record, entries), total, page)

    return installation.database.read(use)


def _targets(tx: Tx, session: Session, record: Record, entries: list[Facts]) -> dict[Ref, Record]:
    """The records that the entries happened on; only a rolled-up entry's is not at hand already."""
    own_type, own_id = int(record.type), record.id
    others = {entry.target for entry in entries if entry.target_id != own_id or entry.target_type != own_type}
    targets = records.find_many(tx, session.organisation_id, sorted(others))
    targets[record.ref] = record
    return targets
