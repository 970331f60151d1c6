"""One entry with what is shown beside it: read, written, changed, taken back, and what it said before."""

from collections.abc import Callable, Collection
from typing import NamedTuple

from genjin.domain.activity import Facts, Wording
from genjin.domain.activity_view import ActivityViews
from genjin.domain.writing import Content, NewEntry
from genjin.errors import NotFound
from genjin.service.context import Installation, Session
from genjin.service.entries.writing import change_entry, remove_entry, state_of, write_entry
from genjin.service.feed.views import views_of
from genjin.service.visibility import seen_entry, seen_removed
from genjin.store import activities
from genjin.store.transaction import Tx

REMOVED = "removed"
"""The state of an entry that was taken back."""


class EntryView(NamedTuple):
    """The one entry of `views`, and what names its state."""

    views: ActivityViews
    state: str

    @property
    def facts(self) -> Facts:
        return self.views.entries[0]


class Wordings(NamedTuple):
    """What an entry says and said, the latest first: of each wording the entry as it was, and its end; None for the one
    of now.
    """

    views: ActivityViews
    ends: list[Wording | None]


def read_entry(installation: Installation, session: Session, activity_id: int) -> EntryView:
    """One entry; of one that was taken back a stub that says nothing. Raises NotFound."""
    return installation.database.read(lambda tx: view_entry(tx, session, activity_id), session.organisation_id)


def written_entry(installation: Installation, session: Session, entry: NewEntry) -> tuple[EntryView, bool]:
    """Write an entry: as it is then, and whether it is a new one. Raises what `write_entry` does."""

    def use(tx: Tx) -> tuple[EntryView, bool]:
        written = write_entry(installation.within(tx), session, entry)
        return view_entry(tx, session, written.id), written.is_new

    return installation.database.write(use, session.organisation_id)


def changed_entry(
    installation: Installation,
    session: Session,
    activity_id: int,
    read: Callable[[Facts], Content],
    wanted: Collection[str] | None = None,
) -> EntryView:
    """Change an entry: as it is then. Raises what `change_entry` does."""

    def use(tx: Tx) -> EntryView:
        change_entry(installation.within(tx), session, activity_id, read, wanted)
        return view_entry(tx, session, activity_id)

    return installation.database.write(use, session.organisation_id)


def removed_entry(
    installation: Installation, session: Session, activity_id: int, wanted: Collection[str] | None = None
) -> EntryView:
    """Take an entry back: the stub that stays. Raises what `remove_entry` does."""

    def use(tx: Tx) -> EntryView:
        remove_entry(installation.within(tx), session, activity_id, wanted)
        return view_entry(tx, session, activity_id)

    return installation.database.write(use, session.organisation_id)


def list_wordings(installation: Installation, session: Session, activity_id: int) -> Wordings:
    """All that an entry says and said. Raises NotFound, for one that was taken back too."""

    def use(tx: Tx) -> Wordings:
        facts = seen_entry(tx, session, activity_id)
        before = activities.versions(tx, session.organisation_id, activity_id)[::-1]
        entries = [facts, *(_as_it_was(facts, wording) for wording in before)]
        return Wordings(views_of(tx, session, entries), [None, *before])

    return installation.database.read(use, session.organisation_id)


def view_entry(tx: Tx, session: Session, activity_id: int) -> EntryView:
    """The same within a transaction. Raises NotFound."""
    try:
        facts = seen_entry(tx, session, activity_id)
    except NotFound:
        facts, _ = seen_removed(tx, session, activity_id)
        stub = facts._replace(said_at=None, remind_at=None, category_id=None, text=None, rare=None)
        return EntryView(views_of(tx, session, [stub], frozenset({activity_id})), REMOVED)
    return EntryView(views_of(tx, session, [facts]), state_of(tx, session, facts))


def _as_it_was(facts: Facts, said: Wording) -> Facts:
    return facts._replace(
        said_at=said.said_at, remind_at=said.remind_at, category_id=said.category_id, text=said.text, rare=said.rare
    )
