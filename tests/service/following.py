"""Readers of the log of changes who keep a copy of the feed, as a client does, and what the copy should hold."""

from dataclasses import dataclass, field

from genjin.domain.activity import Facts
from genjin.domain.audience import Seen
from genjin.domain.change_log import LogCursor, cursor_of
from genjin.domain.records import Ref, shown_with
from genjin.domain.sight import sight_of
from genjin.domain.told import Tell
from genjin.errors import CursorGone
from genjin.service.activities import places_of
from genjin.service.context import Installation, Session
from genjin.service.feed.changes import ToldPage, read_changes
from genjin.service.visibility import files_open, seen_many
from genjin.store import audiences, changes, records
from genjin.store.database import Database
from genjin.store.transaction import Tx

Copied = tuple[Facts, Seen]


def session_of(installation: Installation, organisation_id: int, user_id: int) -> Session:
    """What the user may see now."""
    directory = installation.database.read(
        lambda tx: installation.directories.latest(tx, organisation_id), organisation_id
    )
    viewer = directory.viewer(user_id)
    assert viewer is not None
    return Session(viewer, directory)


@dataclass
class Follower:
    """A client's loop: the copy, and the cursor that was told last."""

    installation: Installation
    organisation_id: int
    user_id: int
    copy: dict[int, Copied] = field(default_factory=dict)
    cursor: LogCursor | None = None
    hidden: set[Ref] = field(default_factory=set)
    removed: set[int] = field(default_factory=set)

    @property
    def session(self) -> Session:
        return session_of(self.installation, self.organisation_id, self.user_id)

    def read(self, limit: int) -> bool:
        """Ask once, and do what is told; whether there is more."""
        session = self.session
        try:
            page = read_changes(self.installation, session, self.cursor, limit, whole=self.cursor is None)
        except CursorGone:
            self._begin_anew()
            return True
        assert len(page.told) <= limit
        return self._take(session, page)

    def catch_up(self, limit: int = 50) -> None:
        """Ask until there is no more."""
        all_given_out(self.installation.database, self.organisation_id)
        while self.read(limit):
            pass

    def _take(self, session: Session, page: ToldPage) -> bool:
        seen = self._seen(session, {told.facts.target for told in page.told if told.facts is not None})
        for told in page.told:
            match told.tell:
                case Tell.CREATED | Tell.EDITED | Tell.SHOWN:
                    assert told.facts is not None
                    self.copy[told.facts.id] = told.facts, seen[told.facts.target]
                case Tell.REMOVED:
                    assert told.id is not None
                    self.copy.pop(told.id, None)
                    self.removed.add(told.id)
                case Tell.HIDDEN:
                    assert told.ref is not None
                    self.copy = {id_: held for id_, held in self.copy.items() if held[0].target != told.ref}
                    self.hidden.add(told.ref)
                case Tell.RESET:
                    self._begin_anew()
                    return True
            self.cursor = cursor_of(told.cursor.parts())
        self.cursor = cursor_of(page.cursor.parts())
        return page.more

    def _begin_anew(self) -> None:
        self.copy, self.cursor = {}, None

    def _seen(self, session: Session, refs: set[Ref]) -> dict[Ref, Seen]:
        """How what is told is rendered."""

        def use(tx: Tx) -> dict[Ref, Seen]:
            found = audiences.find(tx, self.organisation_id, refs)
            return {ref: audience.seen_by(session.viewer) for ref, audience in found.items()}

        return self.installation.database.read(use, self.organisation_id)


def all_given_out(database: Database, organisation_id: int) -> None:
    """Wait until PostgreSQL gives out all that was written: no transaction that is older runs any more."""

    def use(tx: Tx) -> bool:
        return changes.after(tx, organisation_id, changes.end(tx, organisation_id), 1).waiting

    while database.read(use, organisation_id):
        pass


def everything(installation: Installation, session: Session) -> dict[int, Copied]:
    """All that the user sees, by the functions that serve timelines, entries, texts and files."""
    organisation_id = session.organisation_id

    def use(tx: Tx) -> dict[int, Copied]:
        columns = ", ".join(Facts._fields)
        sql = f"SELECT {columns} FROM activities WHERE organisation_id = ? AND deleted_at IS NULL"
        entries = [Facts._make(row) for row in tx.rows(sql, (organisation_id,))]
        places = places_of(tx, organisation_id, entries)
        seen = seen_many(tx, session, [place.subject for place in places])
        shown = {place.activity_id for place in places if place.subject in seen}
        how = _how(tx, session, {facts.target for facts in entries})
        return {facts.id: (facts, how[facts.target]) for facts in entries if facts.id in shown}

    return installation.database.read(use, organisation_id)


def _how(tx: Tx, session: Session, targets: set[Ref]) -> dict[Ref, Seen]:
    """How what happened on these records is seen by who sees it."""
    found = records.find_many(tx, session.organisation_id, sorted(targets))
    besides = {ref: other for ref, record in found.items() if (other := shown_with(record)) is not None}
    there = records.find_many(tx, session.organisation_id, sorted(set(besides.values())))
    opened = files_open(tx, session, targets)
    seen = {}
    for ref, record in found.items():
        beside = there.get(besides[ref]) if ref in besides else None
        if beside is not None and beside.deleted_at is not None:
            beside = None
        seen[ref] = Seen(True, sight_of(session.viewer, record, beside).numbers, ref in opened)
    return seen
