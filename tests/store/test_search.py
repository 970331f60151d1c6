"""The texts that are found are those that have what is searched for, wherever they are kept, on both engines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genjin.domain.search import Source, question_of, terms_of
from genjin.errors import Invalid
from genjin.store import search_hits, search_texts
from genjin.store.database import Database
from genjin.store.search_hits import Between, Hit, HitKey, Sought, hits
from genjin.store.search_index import SearchText, TextKey
from genjin.store.transaction import Tx
from tests.databases import fresh_organisation, undone

LETTERS = "客户报价ab1， "
moments = st.one_of(st.integers(-5, 5), st.integers(-(2**40), 2**40), st.integers(2**30, 2**30 + 5))
keys = st.builds(TextKey, st.sampled_from([Source.TEXT, Source.NAME]), moments, st.integers(1, 600), st.integers(0, 2))
some_texts = st.builds(SearchText, keys, st.booleans(), st.text(LETTERS, max_size=12).map(terms_of).filter(bool))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.lists(some_texts, min_size=1, max_size=6, unique_by=lambda text: text.key)),
        st.tuples(st.just("remove"), st.integers(0, 50)),
        st.tuples(st.just("again"), st.integers(0, 50)),
        st.tuples(st.just("settle"), st.integers(1, 30)),
    ),
    max_size=14,
)
questions = st.text(LETTERS, min_size=2, max_size=6)


@pytest.fixture(params=["as it is", "in small pieces"])
def pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is, nothing that an example writes is too much for the first piece that is looked at."""
    if request.param == "in small pieces":
        for name, value in {
            "WALKED": (1, 2),
            "FEW": 1,
            "RARE": 2,
            "FIRST": 1,
            "GROWTH": 2,
            "MOST": 4,
            "CROWDED": 2,
        }.items():
            monkeypatch.setattr(search_hits, name, value)


@pytest.mark.usefixtures("pieces")
@given(done=steps, asked=questions, newest=st.booleans(), bounds=st.tuples(moments, moments), twin=st.booleans())
def test_every_text_that_has_it_is_found_in_order(
    database: Database, done: list[tuple[str, object]], asked: str, newest: bool, bounds: tuple[int, int], twin: bool
) -> None:
    try:
        question = question_of(asked)
    except Invalid:
        return
    ours, other = fresh_organisation(), fresh_organisation()
    between = Between(HitKey(min(bounds), 300, 1), HitKey(max(bounds), 300, 1), newest)

    def use(tx: Tx) -> tuple[list[Hit], list[Hit], list[Hit]]:
        kept: dict[TextKey, SearchText] = {}
        for act, what in done:
            _act(tx, ours, kept, act, what)
            if twin:  # the same in another organisation, where it stays
                search_texts.put(tx, other, list(kept.values()))
        sought = Sought(ours, Source.TEXT, question.parts)
        expected = [
            Hit(HitKey(*text.key[1:]), text.numbers)
            for text in kept.values()
            if text.key.source == Source.TEXT and question.is_answered_by(text.terms)
        ]
        expected.sort(reverse=newest)
        return expected, list(hits(tx, sought, Between(newest=newest))), list(hits(tx, sought, between))

    expected, found, found_between = undone(database, use)
    assert found == expected
    assert found_between == [hit for hit in expected if between.low < hit.key < between.high]


def _act(tx: Tx, organisation_id: int, kept: dict[TextKey, SearchText], act: str, what: object) -> None:
    match act, what:
        case "put", list(some):
            search_texts.put(tx, organisation_id, some)
            kept.update({text.key: text for text in some})
        case "again", int(nth) if kept:
            key = list(kept)[nth % len(kept)]
            kept[key] = SearchText(key, not kept[key].numbers, " 报价 价 a")
            search_texts.put(tx, organisation_id, [kept[key]])
        case "remove", int(nth) if kept:
            key = list(kept)[nth % len(kept)]
            search_texts.remove(tx, organisation_id, [key])
            del kept[key]
        case "settle", int(most):
            search_texts.settle(tx, organisation_id, most)


def test_what_is_looked_for_may_be_missing_elsewhere(database: Database) -> None:
    texts = ["报价单", "报价 客户", "客户"]

    def use(tx: Tx) -> list[int]:
        some = [SearchText(TextKey(1, 7, nth), False, terms_of(text)) for nth, text in enumerate(texts, 1)]
        search_texts.put(tx, 1, some)
        search_texts.settle(tx, 1, 2)
        whole, part = question_of("报价").parts, question_of("客户").parts
        return [hit.key.id for hit in hits(tx, Sought(1, 1, whole, part), Between())]

    assert undone(database, use) == [1]


def test_texts_of_one_second_share_rows_and_stay_apart(database: Database) -> None:
    """Taking one away must not take from the others what they have in common with it."""

    def use(tx: Tx) -> list[int]:
        some = [SearchText(TextKey(1, 7, id_), False, terms_of("报价单")) for id_ in range(1, 1000)]
        search_texts.put(tx, 1, some)
        search_texts.settle(tx, 1, 1000)
        search_texts.remove(tx, 1, [text.key for text in some if text.key.id < 900])
        return [hit.key.id for hit in hits(tx, Sought(1, 1, question_of("报价").parts), Between(newest=False))]

    assert undone(database, use) == list(range(900, 1000))


def test_a_backlog_that_is_longer_than_what_is_gone_through_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_hits, "BACKLOG", 5)

    def use(tx: Tx) -> list[bool]:
        told = []
        for ids in ([1, 2, 3, 4, 5], [6]):
            search_texts.put(tx, 1, [SearchText(TextKey(1, 7, id_), False, " a") for id_ in ids])
            told.append(search_hits.sees_all(tx, 1))
        return told

    assert undone(database, use) == [True, False]
