"""Terms, questions and snippets, against a plain reading of what it means that a text has a phrase."""

from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genjin.domain.search import (
    MOST_ASKED,
    SNIPPET,
    folded,
    marks_in,
    question_of,
    snippet_of,
    terms_of,
    terms_of_name,
)
from genjin.errors import Invalid
from tests.strategies import texts

HAN = "客户报价好郑"
some_text = st.text(HAN + "abÄＢ12１，。 -\n👍", max_size=14)


def _class(letter: str) -> str:
    if letter in HAN + "👍":
        return "dense"
    return "digit" if letter.isdigit() else "word" if letter.isalpha() else ""


def _runs(text: str) -> list[tuple[str, str]]:
    return [(kind, "".join(run)) for kind, run in groupby(folded(text), _class) if kind]


def _has(text: str, phrase: str) -> bool:
    """Whether a text has a phrase: a word from its beginning on, what has no words from anywhere on."""
    here, wanted = _runs(text), _runs(phrase)
    (first_kind, first), (_, last) = wanted[0], wanted[-1]
    for nth in range(len(here) - len(wanted) + 1):
        found = here[nth : nth + len(wanted)]
        if [kind for kind, _ in found] != [kind for kind, _ in wanted]:
            continue
        if len(wanted) == 1:
            begins = found[0][1].startswith(first)
            if begins or (first_kind == "dense" and first in found[0][1]):
                return True
            continue
        starts = found[0][1].endswith(first) if first_kind == "dense" else found[0][1] == first
        if starts and found[1:-1] == wanted[1:-1] and found[-1][1].startswith(last):
            return True
    return False


@given(text=some_text, phrase=some_text)
def test_a_text_answers_when_it_has_the_phrase(text: str, phrase: str) -> None:
    phrase = f'"{phrase}"'
    try:
        question = question_of(phrase)
    except Invalid:
        assert sum(len(run) for _, run in _runs(phrase)) < 2
        return
    assert question.is_answered_by(terms_of(text)) == _has(text, phrase)


@given(text=some_text, start=st.integers(0, 12), length=st.integers(2, 8))
def test_every_part_of_a_text_that_begins_no_word_in_its_middle_is_found(text: str, start: int, length: int) -> None:
    part = text[start : start + length]
    starts_in_a_word = bool(start and part and _class(folded(part[0])) in ("word", "digit")) and _class(
        folded(text[start - 1])
    ) == _class(folded(part[0]))
    try:
        question = question_of(f'"{part}"')
    except Invalid:
        return
    assert question.is_answered_by(terms_of(text)) or starts_in_a_word


@given(text=texts(), other=texts())
def test_any_text_has_terms_that_both_databases_keep(text: str, other: str) -> None:
    terms = terms_of(text)
    assert "  " not in terms
    assert not terms.endswith(" ")
    assert terms == "" or terms[0] == " "
    assert all(len(term) <= 33 for term in terms.split(" "))
    assert terms_of(f"{text}\n{other}") == terms + terms_of(other) or terms_of(f"{text}\n{other}")


@given(text=some_text, phrase=some_text)
def test_marks_are_of_what_was_searched_for(text: str, phrase: str) -> None:
    try:
        question = question_of(phrase)
    except Invalid:
        return
    marks = marks_in(text, question)
    assert marks == sorted(marks)
    assert all(a[1] < b[0] for a, b in pairwise(marks))
    assert bool(marks) >= question.is_answered_by(terms_of(text))
    for start, end in marks:
        assert 0 <= start < end <= len(text)
        assert _class(folded(text[start])[0])


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ""),
        ("，。 ——", ""),
        ("好", " 好"),
        ("跟进客户", " 跟进 进客 客户 户"),
        ("试用iPhone15，好", " 试用 用 iphone 15 好"),
        ("ＡＢＣ　１２３", " abc 123"),
        ("Café ÉCOLE Straße", " cafe ecole strasse"),
        ("こんにちは", " こん んに にち ちは は"),
        ("안녕하세요", " 안녕 녕하 하세 세요 요"),
        ("a_b@c.com", " a b c com"),
        ("x" * 70, f" {'x' * 32} \ue000{'x' * 32} \ue000{'x' * 6}"),
        ("𠮷野家", " 𠮷野 野家 家"),
    ],
)
def test_terms(text: str, terms: str) -> None:
    assert terms_of(text) == terms


@pytest.mark.parametrize(
    ("asked", "text", "found"),
    [
        ("报价", "客户对报价满意", True),
        ("报价", "报。价", False),
        ("价满", "报价，满意", False),
        ("报价 满意", "客户满意，报价已发", True),
        ('"报价 满意"', "客户满意，报价已发", False),
        ("“报价，满意”", "报价 满意", True),
        ("iph", "试用iPhone", True),
        ("hone", "试用iPhone", False),
        ("iphone 15", "iPhone15", True),
        ("１３８", "电话 13800138000", True),
        ("ecole", "École", True),
        ("x" * 50, "x" * 60, True),
        ("x" * 60, "x" * 50, False),
        ("👍👍", "好👍👍👍", True),
        ("好 价格", "价格好", True),
        ("好 价格", "价格", False),
    ],
)
def test_questions(asked: str, text: str, found: bool) -> None:
    assert question_of(asked).is_answered_by(terms_of(text)) == found


@pytest.mark.parametrize("asked", ["", " ", "价", "a", "a 价 1", '"', "，，", "字" * (MOST_ASKED + 1), "客户 " * 0])
def test_what_is_too_short_or_too_long_is_refused(asked: str) -> None:
    with pytest.raises(Invalid) as refused:
        question_of(asked)
    assert set(refused.value.errors) == {"q"}


def test_digits_tell_of_numbers_in_any_width() -> None:
    assert [question_of(asked).digits for asked in ("138", "１３８", "a1b2", "报价")] == [True, True, True, False]


def test_names_are_found_where_they_begin_and_whole() -> None:
    name, text = "深圳华强", terms_of_name(["深圳华强", "shenzhenhuaqiang", "szhq"])
    for asked in ("深圳", "深圳华强", "shen", "szh"):
        assert question_of(asked).whole.at_start().part in text
    assert question_of("华强").whole.part in text
    assert question_of("华强").whole.at_start().part not in text
    assert question_of(name).whole.alone(name).part in text
    assert question_of("深圳").whole.alone("深圳").part not in text
    assert question_of("华强 深圳").whole.part not in terms_of_name(["华强", "深圳"])


@pytest.mark.parametrize(
    ("text", "asked", "marked"),
    [
        ("客户对报价满意，报价", "报价", ["报价", "报价"]),
        ("ＡＢＣ价格", "abc价格", ["ＡＢＣ价格"]),
        ("iPhone 15 Pro", "iph", ["iPh"]),
        ("Cafe\u0301 报价", "café", ["Cafe\u0301"]),
        ("ｶﾞｽ会社", "ガス", ["ｶﾞｽ"]),
        ("人人人", "人人", ["人人人"]),
        ("好，价格", "价格 好", ["好", "价格"]),
        ("x" * 40, "x" * 35, ["x" * 35]),
        ("㍿", "株式", ["㍿"]),
    ],
)
def test_marks(text: str, asked: str, marked: list[str]) -> None:
    assert [text[start:end] for start, end in marks_in(text, question_of(asked))] == marked


def test_a_snippet_shows_the_first_place_of_a_long_text() -> None:
    text = "前" * 500 + "报价" + "后" * 500
    snippet = snippet_of(text, question_of("报价"))
    assert snippet.text.startswith("…前")
    assert snippet.text.endswith("后…")
    assert len(snippet.text) == SNIPPET + 2
    [(start, end)] = snippet.marks
    assert snippet.text[start:end] == "报价"


def test_a_snippet_of_a_text_that_is_not_seen_to_answer_is_its_beginning() -> None:
    snippet = snippet_of("后" * 500, question_of("报价"))
    assert snippet == ("后" * SNIPPET + "…", ())


@given(text=texts(), asked=some_text)
def test_a_snippet_of_any_text_has_its_marks_inside(text: str, asked: str) -> None:
    try:
        question = question_of(asked)
    except Invalid:
        return
    snippet = snippet_of(text, question)
    assert all(0 <= start < end <= len(snippet.text) for start, end in snippet.marks)
