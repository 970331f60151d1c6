"""Searching: what a text is found by, what is asked for, and where a text has it.

A text is found by its terms, in their order, each behind a space. What is written without spaces (Chinese, Japanese,
Korean, Thai, emoji) gives every two characters that stand side by side, and the last one alone; the rest gives words,
and numbers. `试用iPhone15，好` has the terms ` 试用 用 iphone 15 好`. So a part of a text is a part of its terms, and
two characters are enough to look it up by. Both databases keep these terms, and compare them as bytes.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from itertools import accumulate
from operator import add
from typing import NamedTuple

from genjin.errors import Invalid

MOST_ASKED = 200
"""Characters of a question."""
FEWEST = 2
"""Letters or digits that one of its parts has to have."""
SNIPPET, BEFORE = 120, 30
"""Characters of a snippet, and those of them that stand before the first mark."""

_DENSE = (
    "\u0e01-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2600-\u27bf\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff"
    "\u3105-\u318e\u31a0-\u31ff\u3400-\u9fff\ua960-\ua97f\uac00-\ud7fb\uf900-\ufaff"
    "\U0001b000-\U0001b16f\U0001f000-\U0001f3fa\U0001f400-\U0001faff\U00020000-\U0003ffff"
)
"""What is written without spaces between words, and emoji."""
_RUN = re.compile(rf"([{_DENSE}]+)|(\d+|[^\W\d_{_DENSE}]+)")
_PLAIN = re.compile(
    "[\x00-\x7f\u2014\u2018-\u201d\u2026\u3001-\u3003\u3008-\u3011\u4e00-\u9fff\uff01-\uff0f\uff1a-\uff20]*"
)
"""Texts as most are, of which nothing but the case makes no difference: ASCII, Chinese, and its punctuation."""
_IDEOGRAPHS = re.compile("[\u4e00-\u9fff]{2,}")
"""What is the same however a text is folded, and no part of anything else."""
_ACCENTED = re.compile("[\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff]")
_ACCENT = re.compile("[\u0300-\u036f]")
_MARKS = re.compile(r"[\u0300-\u036f\u3099\u309a\uff9e\uff9f\u200d\ufe0e\ufe0f]")
"""What belongs to the character before it."""
_PART = re.compile(r'["“”]([^"“”]*)["“”]?|([^\s"“”]+)')
_LONGEST_WORD = 32
_GOES_ON, _BEGINS, _ENDS = "\ue000", "\ue001", "\ue002"
"""Marks of terms: the rest of a long word, the first of a name, and its end. Nobody's alphabet has these characters."""


class Source(IntEnum):
    """What a text is of: an activity, a comment, or a record, of which it is a name. The numbers are stored."""

    TEXT = 1
    COMMENT = 2
    NAME = 3
    COMPANY = 4


def terms_of(text: str) -> str:
    """The terms of a text, each behind a space; empty for one that has none."""
    found = list[str]()
    for dense, word in _RUN.findall(folded(text)):
        if dense:  # as `_of_run` has it, without the call
            found += map(add, dense, dense[1:])
            found.append(dense[-1])
        else:
            found += _of_run(dense, word)
    return f" {' '.join(found)}" if found else ""


def terms_of_name(forms: Sequence[str]) -> str:
    """The terms of a name in all its forms, such as its pinyin. Where each begins and ends can be asked for."""
    return "".join(_from_start(terms) + f" {_ENDS}" for form in forms if (terms := terms_of(form)))


def folded(text: str) -> str:
    """A text without what makes no difference: full width, case, accents of Latin letters."""
    if _PLAIN.fullmatch(text):
        return text.lower()
    text = unicodedata.normalize("NFKC", text).casefold()
    if _ACCENTED.search(text):
        text = unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", text)))
    return text


@dataclass(frozen=True, slots=True)
class Phrase:
    """What is looked for as a whole: `part` has to be in the terms of a text.

    By `keys`, which are among these terms, and by `beginning`, with which one of them begins, it is looked up.
    """

    part: str
    keys: tuple[str, ...] = ()
    beginning: str = ""

    def at_start(self) -> "Phrase":
        """The same at the beginning of a name."""
        if not self.keys:
            return Phrase(f" {_BEGINS}{self.beginning}", (), _BEGINS + self.beginning)
        return Phrase(_from_start(self.part), (_BEGINS + self.part.split()[0], *self.keys))

    def alone(self, text: str) -> "Phrase":
        """The same where it is all of a name; `text` is what it was made of."""
        part = terms_of_name([text])
        return Phrase(part, tuple(dict.fromkeys(part.split()[:-1])))


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched for. A text answers it that has every part. `whole` is all of it, in one piece.

    `digits` is whether finding it may tell a telephone number that is not shown.
    """

    text: str
    parts: tuple[Phrase, ...]
    whole: Phrase
    digits: bool

    def is_answered_by(self, terms: str) -> bool:
        """Whether the text that has these terms answers it."""
        return all(phrase.part in terms for phrase in self.parts)


class Order(StrEnum):
    """How what is found is in order: by how well it answers and then the newest first, or by time alone."""

    RANK = "rank"
    NEWEST = "newest"
    OLDEST = "oldest"


class Rank(IntEnum):
    """How well something answers, from best to worst. The numbers stand in cursors."""

    NAMED = 0
    """A record has just this name."""
    BEGINS = 1
    """A record's name begins so."""
    NAME = 2
    """A record's name has every part."""
    WHOLE = 3
    """A text has all that was asked for, in one piece."""
    PARTS = 4
    """A text has every part."""
    ANY = 5
    """Where the order is that of time."""


def rank_of_names(names: Iterable[str], question: Question) -> Rank | None:
    """How well a record answers that has these names, each with its other forms, as terms; None if it does not."""
    told = list(names)
    for rank, phrases in name_phrases(question).items():
        if any(all(phrase.part in terms for phrase in phrases) for terms in told):
            return rank
    return None


def name_phrases(question: Question) -> Mapping[Rank, tuple[Phrase, ...]]:
    """What names have in their terms of each rank, from best to worst."""
    return {
        Rank.NAMED: (question.whole.alone(question.text),),
        Rank.BEGINS: (question.whole.at_start(),),
        Rank.NAME: question.parts,
    }


class Snippet(NamedTuple):
    """A part of a text, and where in it is what was searched for: from each start up to each end, in characters."""

    text: str
    marks: tuple[tuple[int, int], ...]


def question_of(asked: str, fewest: int = FEWEST) -> Question:
    """What somebody types: parts between spaces, each of which has to be found; what stands in quotes is one part, and
    one part has `fewest` letters or digits at least.

    Raises Invalid for what is too long or too short to be searched for.
    """
    if len(asked) > MOST_ASKED:
        raise Invalid({"q": [f"must have at most {MOST_ASKED} characters"]})
    parts = dict.fromkeys(
        phrase for quoted, plain in _PART.findall(asked) if (phrase := _phrase_of(quoted or plain)) is not None
    )
    whole = _phrase_of(asked)
    if whole is None or max(len(phrase.part.replace(" ", "")) for phrase in parts) < fewest:
        raise Invalid({"q": [f"must have {fewest} letters or digits side by side"]})
    return Question(asked, tuple(parts), whole, any(map(str.isdigit, folded(asked))))


def phrase_inside(part: str) -> Phrase | None:
    """By which every text is found that has this part anywhere; None for what may be inside of a word."""
    return _phrase_of(part) if _IDEOGRAPHS.fullmatch(part) else None


def snippet_of(text: str, question: Question) -> Snippet:
    """The part of a text that shows best where it answers; from its beginning where it is not seen to."""
    marks = marks_in(text, question)
    start = max(0, marks[0][0] - BEFORE) if marks and len(text) > SNIPPET else 0
    start = max(0, min(start, len(text) - SNIPPET))
    end = start + SNIPPET
    before, after = "…" if start else "", "…" if end < len(text) else ""
    shift = len(before) - start
    seen = tuple((max(a, start) + shift, min(b, end) + shift) for a, b in marks if a < end and b > start)
    return Snippet(f"{before}{text[start:end]}{after}", seen)


def marks_in(text: str, question: Question) -> list[tuple[int, int]]:
    """Where a text has the parts that are searched for, in order, none in another."""
    plain, origin = _with_origin(text)
    terms = list(_terms(plain))
    starts = list(accumulate((len(term.text) + 1 for term in terms), initial=0))
    joined = "".join(f" {term.text}" for term in terms)
    found = []
    for phrase in question.parts:
        place = joined.find(phrase.part)
        while place >= 0:
            first = terms[bisect_right(starts, place) - 1]
            end = place + len(phrase.part)
            nth = bisect_right(starts, end - 1) - 1
            last = terms[nth].start + end - starts[nth] - 2 - terms[nth].marked
            found.append((origin[first.start][0], origin[last][1]))
            place = joined.find(phrase.part, place + 1)
    return _united(found)


def _of_run(dense: str, word: str) -> list[str]:
    """The terms of a run of characters, which is the one or the other."""
    if dense:
        return [*map(add, dense, dense[1:]), dense[-1]]
    if len(word) <= _LONGEST_WORD:
        return [word]
    first, *rest = (word[start : start + _LONGEST_WORD] for start in range(0, len(word), _LONGEST_WORD))
    return [first, *(_GOES_ON + piece for piece in rest)]


class _Term(NamedTuple):
    """A term, where it is in the folded text, and how many of its characters are not there."""

    text: str
    start: int
    marked: int


def _terms(plain: str) -> Iterator[_Term]:
    """The terms of a folded text."""
    for run in _RUN.finditer(plain):
        step = 1 if run[1] else _LONGEST_WORD
        for nth, text in enumerate(_of_run(run[1], run[2])):
            yield _Term(text, run.start() + nth * step, int(text[0] == _GOES_ON))


def _phrase_of(text: str) -> Phrase | None:
    """A part of a question, behind which a text may go on; None for what has no letter or digit."""
    plain = folded(text)
    terms = [term.text for term in _terms(plain)]
    if not terms:
        return None
    *_, last = _RUN.finditer(plain)
    if last[1] and len(last[1]) > 1:  # the last two characters are a term, the last one alone need not be
        return _phrase(terms[:-1], "")
    return _phrase(terms[:-1], terms[-1])


def _phrase(terms: Sequence[str], beginning: str) -> Phrase:
    part = "".join(f" {term}" for term in [*terms, *([beginning] if beginning else [])])
    return Phrase(part, tuple(dict.fromkeys(terms)), beginning)


def _from_start(terms: str) -> str:
    """The same terms, before which stands the first one, marked as such."""
    return f" {_BEGINS}{terms.split()[0]}{terms}"


def _with_origin(text: str) -> tuple[str, list[tuple[int, int]]]:
    """A folded text, and from where to where in the text each of its characters is."""
    plain, origin, start = [], list[tuple[int, int]](), 0
    while start < len(text):
        end = start + 1
        while end < len(text) and _MARKS.match(text[end]):
            end += 1
        part = folded(text[start:end])
        plain.append(part)
        origin += [(start, end)] * len(part)
        start = end
    return "".join(plain), origin


def _united(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same places in order, those as one that touch."""
    united = list[tuple[int, int]]()
    for start, end in sorted(spans):
        if united and start <= united[-1][1]:
            united[-1] = united[-1][0], max(end, united[-1][1])
        else:
            united.append((start, end))
    return united
