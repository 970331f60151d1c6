"""Searching what was written and the names of records, as far as the viewer sees them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from genjin.domain.activity_view import ActivityViews
from genjin.domain.comment import Comment
from genjin.domain.feed import FeedFilter
from genjin.domain.records import Record, RecordType, Ref
from genjin.domain.search import Order, Question, Rank, Source
from genjin.service.context import Installation, Session
from genjin.service.feed.reading import settled
from genjin.service.feed.views import views_of
from genjin.store import comments, records, search
from genjin.store.search import Found, Place, Search
from genjin.store.search_hits import HitKey, sees_all
from genjin.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody searches for. `wanted` is what entries have to fulfil, the time also comments and records."""

    question: Question
    sources: frozenset[Source]
    wanted: FeedFilter
    order: Order = Order.RANK
    types: frozenset[RecordType] = frozenset(RecordType)


class SearchPage(NamedTuple):
    """What was found, in order, with what is shown beside it, and behind which place to go on; None at the end. `whole`
    is whether every text was looked at.
    """

    found: Sequence[Found]
    views: ActivityViews
    comments: Mapping[int, Comment]
    records: Mapping[Ref, Record]
    end: Place | None
    whole: bool


def search_all(
    installation: Installation, session: Session, asked: Asked, limit: int, after: Place | None = None
) -> SearchPage:
    """A page of what the viewer sees. It may have fewer things than `limit`, even none, and more behind them. Raises
    NotFound for a subject that the viewer does not see.
    """

    def use(tx: Tx) -> SearchPage:
        wanted = Search(
            asked.question,
            asked.sources,
            settled(tx, session, asked.wanted),
            asked.order,
            asked.types,
            without_company(session),
        )
        whole = sees_all(tx, session.organisation_id)  # before: what is being moved is seen here or there
        found, end = search.page(tx, session.viewer, wanted, limit, after)
        return SearchPage(found, *_beside(tx, session, found), end, whole)

    return installation.database.read(use, session.organisation_id)


def end_of(page: SearchPage) -> Sequence[int] | None:
    """The place behind which to go on, as numbers."""
    return None if page.end is None else (page.end.rank, *page.end.key, page.end.source)


def place_of(told: Sequence[int | str | None]) -> Place:
    """The place of such numbers."""
    rank, at, id_, type_, source = map(int, told)  # type: ignore[arg-type]
    return Place(Rank(rank), HitKey(at, id_, type_), Source(source))


def _beside(
    tx: Tx, session: Session, found: Iterable[Found]
) -> tuple[ActivityViews, Mapping[int, Comment], Mapping[Ref, Record]]:
    entries = {one.entry.id: one.entry for one in found if one.entry is not None}
    ids = [one.place.key.id for one in found if one.place.source is Source.COMMENT]
    refs = sorted({one.ref for one in found if one.ref is not None})
    said = comments.find_many(tx, session.organisation_id, ids) if ids else {}
    named = {
        ref: _shown(session, record) for ref, record in records.find_many(tx, session.organisation_id, refs).items()
    }
    return views_of(tx, session, list(entries.values())), said, named


def _shown(session: Session, record: Record) -> Record:
    return replace(record, company_name=None) if record.type in without_company(session) else record


def without_company(session: Session) -> frozenset[RecordType]:
    """The types of whose records the viewer does not know the company."""
    hidden = session.viewer.rights.hidden
    return frozenset(type_ for type_ in RecordType if f"{type_.name.lower()}.company_name" in hidden)
