"""What is found is what has the phrase, the policy lets the viewer see, and the filter wants: in order, each once, on
both engines, wherever the texts are kept; its pages, laid end to end, are the whole of it.
"""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genjin.domain.activity import Facts, written
from genjin.domain.comment import Comment
from genjin.domain.feed import FeedFilter
from genjin.domain.phones import mask_numbers_in
from genjin.domain.policy import Viewer, may_see
from genjin.domain.records import OF_A_CUSTOMER, Record, RecordType, Ref
from genjin.domain.search import Order, Question, Source, question_of, terms_of
from genjin.errors import NotFound
from genjin.service.context import Session
from genjin.service.feed.matching import entries_of
from genjin.service.visibility import seen_entry
from genjin.store import comments, ids, records, search, search_hits, search_texts
from genjin.store.database import Database
from genjin.store.search import Search
from genjin.store.transaction import Tx
from tests.databases import undone
from tests.service.feed_worlds import Act, Held, filters, put_acts, settle, some_acts, some_held, viewers

TEXTS = ("客户要报价", "报价 13400000031", "样品已寄,电话13400000031报价", "quote 报价单", "", "价格 报告")
ASKED = ("报价", "quo", "13400000031", "134", "报价 13", "电话", '"报价 单"', "报价单", "31报价")
things = st.lists(st.tuples(st.integers(0, 11), st.sampled_from(TEXTS)), max_size=4)
"""Comments: on which of the entries, and what they say."""
Key = tuple[Source, int, int]


@pytest.fixture(params=[False, True], ids=["at once", "in short stretches"])
def stretches(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a page gives up after a few texts, and what is the viewer's is taken piece by piece."""
    if request.param:
        for name, value in {"FIRST": 1, "GROWTH": 2, "LOOKED_AT": 3}.items():
            monkeypatch.setattr(search, name, value)
        for name, value in {"NEAREST": 1, "RARE": 1, "FEW": 2, "POSTINGS": 2, "FIRST": 1, "MOST": 2}.items():
            monkeypatch.setattr(search_hits, name, value)
    return bool(request.param)


@pytest.mark.usefixtures("stretches")
def test_what_is_found_is_what_is_there_and_seen(database: Database) -> None:
    @settings(max_examples=60 if database.engine == "sqlite" else 15)
    @given(
        some_held, some_acts, things, viewers, filters, st.sampled_from(ASKED), st.sampled_from(Order),
        st.integers(1, 4), st.integers(0, 20),
    )  # fmt: skip
    def holds(
        held: list[Held],
        done: list[Act],
        said: list[tuple[int, str]],
        viewer: Viewer,
        wanted: FeedFilter,
        asked: str,
        order: Order,
        limit: int,
        settled: int,
    ) -> None:
        question = question_of(asked)
        wanted = replace(FeedFilter(), kinds=wanted.kinds, actors=wanted.actors, since=wanted.since, until=wanted.until)
        looked_for = Search(question, frozenset({Source.TEXT, Source.COMMENT}), wanted, order)
        texts = [replace(act, text=TEXTS[nth % len(TEXTS)]) for nth, act in enumerate(done)]

        def use(tx: Tx) -> None:
            session, some = settle(tx, viewer, held)
            left = put_acts(tx, viewer.organisation_id, some, texts)
            told = _comment(tx, viewer.organisation_id, left, said)
            search_texts.settle(tx, viewer.organisation_id, settled)
            expected = _expected(tx, session, question, wanted, left, told)
            found = _pages(tx, viewer, looked_for, limit)
            assert sorted(found) == sorted(expected)
            _check_order(found, order, expected, question)

        undone(database, use)

    holds()


def test_records_are_found_that_the_viewer_sees(database: Database) -> None:
    names = ("深圳华强", "华强北", "深圳", "huaqiang")

    @settings(max_examples=60 if database.engine == "sqlite" else 15)
    @given(
        some_held, viewers, st.sampled_from(("华强", "深圳", "hua", "深圳 华强")), st.integers(1, 3), st.integers(0, 9)
    )
    def holds(held: list[Held], viewer: Viewer, asked: str, limit: int, settled: int) -> None:
        def use(tx: Tx) -> None:
            _, some = settle(tx, viewer, held)
            named = [
                replace(record, name=names[nth % 4], company_name=names[nth % 3]) for nth, record in enumerate(some)
            ]
            search_texts.keep_names(tx, viewer.organisation_id, named)
            _rename(tx, viewer.organisation_id, named)
            search_texts.settle(tx, viewer.organisation_id, settled)
            of_names = Search(question_of(asked), search.NAMES)
            found = [(RecordType(type_), id_) for type_, id_ in _refs(tx, viewer, of_names, limit)]
            assert sorted(found) == sorted(
                record.ref for record in named if _has(record, asked) and _sees(viewer, record, named)
            )

        undone(database, use)

    holds()


def _rename(tx: Tx, organisation_id: int, some: list[Record]) -> None:
    for record in some:
        records.change(tx, organisation_id, record.ref, {"name": record.name, "company_name": record.company_name})


def _has(record: Record, asked: str) -> bool:
    question = question_of(asked)
    forms = [record.name, record.company_name or ""]
    return any(question.is_answered_by(terms_of(form)) for form in forms)


def _sees(viewer: Viewer, record: Record, some: list[Record]) -> bool:
    customers = {each.id: each for each in some if each.type is RecordType.CUSTOMER and each.deleted_at is None}
    customer = customers.get(record.customer_id or 0) if record.type in OF_A_CUSTOMER else None
    alive = record.deleted_at is None and record.merged_into_id is None
    return alive and may_see(viewer, record, customer)


def _refs(tx: Tx, viewer: Viewer, of_names: Search, limit: int) -> list[tuple[int, int]]:
    found, after = list[Ref](), None
    while True:
        page, after = search.page(tx, viewer, of_names, limit, after)
        found += [one.ref for one in page if one.ref is not None]
        if after is None:
            return [(int(ref.type), ref.id) for ref in found]


def _comment(tx: Tx, organisation_id: int, left: list[Facts], said: list[tuple[int, str]]) -> list[Comment]:
    told = []
    for nth, (place, text) in enumerate(said):
        if left:
            told.append(Comment(ids.allocate(tx)[0], left[place % len(left)].id, nth % 3, text, nth))
    comments.put(tx, organisation_id, *told)
    return told


def _expected(
    tx: Tx, session: Session, question: Question, wanted: FeedFilter, left: list[Facts], told: list[Comment]
) -> list[Key]:
    """What is seen, wanted, and has it, by what the viewer is shown of it."""
    entries = {entry.facts.id: entry for entry in entries_of(tx, session, FeedFilter(), left)}
    seen = {id_: entry for id_, entry in entries.items() if _is_seen(tx, session, id_)}

    def has(text: str, numbers: bool) -> bool:
        hidden = question.digits and not numbers and mask_numbers_in(text) != text
        return question.is_answered_by(terms_of(text)) and not hidden

    found = [
        (Source.TEXT, entry.facts.at, id_)
        for id_, entry in seen.items()
        if wanted.matches(entry) and has(written(entry.facts.text, entry.facts.rare), entry.numbers)
    ]
    for comment in told:
        if comment.activity_id not in seen or not has(comment.text, seen[comment.activity_id].numbers):
            continue
        entry = seen[comment.activity_id]
        as_if = entry.facts._replace(at=comment.created_at, actor_id=comment.author_id)
        if wanted.matches(replace(entry, facts=as_if)):
            found.append((Source.COMMENT, comment.created_at, comment.id))
    return found


def _is_seen(tx: Tx, session: Session, activity_id: int) -> bool:
    try:
        return bool(seen_entry(tx, session, activity_id))
    except NotFound:
        return False


def _pages(tx: Tx, viewer: Viewer, looked_for: Search, limit: int) -> list[Key]:
    found, after = list[Key](), None
    while True:
        page, end = search.page(tx, viewer, looked_for, limit, after)
        assert len(page) <= limit
        found += [(one.place.source, one.place.key.at, one.place.key.id) for one in page]
        if end is None:
            return found
        assert end != after
        after = end


def _check_order(found: list[Key], order: Order, expected: list[Key], question: Question) -> None:
    by_time = [(at, id_) for _, at, id_ in found]
    if order is not Order.RANK:
        assert by_time == sorted(by_time, reverse=order is Order.NEWEST)
    elif len(question.parts) == 1:
        assert by_time == sorted(by_time, reverse=True)
    assert len(found) == len(expected)
