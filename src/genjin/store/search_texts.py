"""What is searched, kept in the transaction that writes it: the texts of activities and comments, the names of records.

What is written waits in `search_backlog`, and is found there (see search_hits.py). `settle` moves it into the index,
many texts at once, which takes a fifth of the time that it takes one by one. Of very many that are written at once
nothing but the keys waits there: these are found when they have been moved.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select

from genjin.domain.activity import Facts, is_written, written
from genjin.domain.comment import Comment
from genjin.domain.phones import has_number
from genjin.domain.pinyin import initials_of
from genjin.domain.records import Record, RecordType, Ref
from genjin.domain.search import Source, terms_of, terms_of_name
from genjin.store.refs import by_type
from genjin.store.search_index import COLUMNS, KEY, SearchText, TextKey, enter, row_of, take_out
from genjin.store.tables import activities, comments, records, search_backlog
from genjin.store.transaction import MOST_IDS, Tx, batched

MANY = 1_000
"""Activities that are written at once, beyond which their texts are looked at later."""
_LEAVE = "DELETE FROM search_backlog WHERE organisation_id = ? AND source = ? AND at = ? AND id = ? AND type = ?"


def add_born(tx: Tx, organisation_id: int, born: Sequence[Facts]) -> None:
    """Keep what was written with activities that are new."""
    some = [facts for facts in born if is_written(facts.text, facts.rare)]
    if len(some) > MANY:
        waiting = sorted((organisation_id, int(Source.TEXT), facts.at, facts.id, 0, False, None) for facts in some)
        tx.insert(search_backlog, COLUMNS, waiting)
        return
    told = [of_activity(facts) for facts in some]
    rows = [(organisation_id, *text.key, text.numbers, text.terms) for text in told if text is not None]
    tx.insert(search_backlog, COLUMNS, rows)


def of_activity(facts: Facts) -> SearchText | None:
    """What was written with an activity; None where there is nothing to find."""
    return _plain(Source.TEXT, facts.at, facts.id, written(facts.text, facts.rare))


def keep_comment(tx: Tx, organisation_id: int, comment: Comment) -> None:
    """Keep what a comment says now; nothing where it was deleted."""
    said = "" if comment.deleted_at is not None else comment.text
    text = _plain(Source.COMMENT, comment.created_at, comment.id, said)
    if text is None:
        remove(tx, organisation_id, [TextKey(Source.COMMENT, comment.created_at, comment.id)])
    else:
        put(tx, organisation_id, [text])


def keep_names(tx: Tx, organisation_id: int, some: Sequence[Record]) -> None:
    """Keep the names that these records are about to have."""
    before = _names_of(tx, organisation_id, {record.ref for record in some})
    after = {record.ref: _Names(*(getattr(record, name) for name in _Names._fields)) for record in some}
    renamed = [ref for ref in after if before.get(ref) != after[ref]]
    replace(
        tx,
        organisation_id,
        [text for ref in renamed if ref in before for text in _of_names(ref, before[ref])],
        [text for ref in renamed for text in _of_names(ref, after[ref])],
    )


def replace(tx: Tx, organisation_id: int, before: Iterable[SearchText], after: Iterable[SearchText]) -> None:
    """Keep what is said now in the place of what was said before; nothing is done where that is the same."""
    old, new = {text.key: text for text in before}, {text.key: text for text in after}
    remove(tx, organisation_id, [key for key in old if key not in new])
    put(tx, organisation_id, [text for key, text in new.items() if old.get(key) != text])


def put(tx: Tx, organisation_id: int, some: Sequence[SearchText]) -> None:
    """Keep texts, in the place of those that were kept of the same."""
    # In this order: one that is being moved meanwhile has then arrived where it is taken out.
    tx.put(search_backlog, [row_of(organisation_id, text) for text in some])
    take_out(tx, organisation_id, [text.key for text in some])


def remove(tx: Tx, organisation_id: int, keys: Sequence[TextKey]) -> None:
    """Keep these texts no longer, where they were kept."""
    _leave_backlog(tx, organisation_id, keys)
    take_out(tx, organisation_id, keys)


def settle(tx: Tx, organisation_id: int, most: int) -> int:
    """Move at most so many texts from the backlog into the index; how many there were."""
    c = search_backlog.c
    waiting = select(*(c[name] for name in COLUMNS[1:])).where(c.organisation_id == organisation_id)
    waiting = waiting.order_by(*(c[name] for name in KEY)).limit(most).with_for_update(skip_locked=True)
    rows = [(TextKey(*row[:4]), row[4], row[5]) for row in tx.execute(waiting)]
    told = [SearchText(key, numbers, terms) for key, numbers, terms in rows if terms is not None]
    told += _look_at(tx, organisation_id, [key for key, _, terms in rows if terms is None])
    enter(tx, organisation_id, told)
    _leave_backlog(tx, organisation_id, [key for key, _, _ in rows])
    return len(rows)


def is_waiting(tx: Tx, organisation_id: int) -> bool:
    """Whether there is anything in the backlog."""
    sql = "SELECT 1 FROM search_backlog WHERE organisation_id = ? LIMIT 1"
    return bool(tx.rows(sql, (organisation_id,)))


def _look_at(tx: Tx, organisation_id: int, keys: Sequence[TextKey]) -> Iterator[SearchText]:
    """What is said by what these keys are of."""
    by_source: dict[int, list[TextKey]] = {}
    for key in keys:
        by_source.setdefault(key.source, []).append(key)
    for source, some in by_source.items():
        wanted, said = set(some), _SAID[Source(source)](tx, organisation_id, some)
        yield from (text for text in said if text.key in wanted)


def _said_in_activities(tx: Tx, organisation_id: int, keys: Sequence[TextKey]) -> Iterator[SearchText]:
    c = activities.c
    theirs = select(c.at, c.id, c.text, c.rare).where(
        c.organisation_id == organisation_id, c.id.in_([key.id for key in keys]), c.deleted_at.is_(None)
    )
    for at, id_, text, rare in tx.execute(theirs):
        if (told := _plain(Source.TEXT, at, id_, written(text, rare))) is not None:
            yield told


def _said_in_comments(tx: Tx, organisation_id: int, keys: Sequence[TextKey]) -> Iterator[SearchText]:
    c = comments.c
    theirs = select(c.created_at, c.id, c.text).where(
        c.organisation_id == organisation_id, c.id.in_([key.id for key in keys]), c.deleted_at.is_(None)
    )
    for at, id_, text in tx.execute(theirs):
        if (told := _plain(Source.COMMENT, at, id_, text)) is not None:
            yield told


def _said_in_records(tx: Tx, organisation_id: int, keys: Sequence[TextKey]) -> Iterator[SearchText]:
    refs = {Ref(RecordType(key.type), key.id) for key in keys}
    for ref, names in _names_of(tx, organisation_id, refs).items():
        yield from _of_names(ref, names)


_SAID = {
    Source.TEXT: _said_in_activities,
    Source.COMMENT: _said_in_comments,
    Source.NAME: _said_in_records,
    Source.COMPANY: _said_in_records,
}


class _Names(NamedTuple):
    """The columns that a record is found by."""

    created_at: int
    name: str
    name_pinyin: str
    company_name: str | None
    company_name_pinyin: str


def _names_of(tx: Tx, organisation_id: int, refs: Iterable[Ref]) -> Mapping[Ref, _Names]:
    """Those of the records that are there."""
    c, found = records.c, dict[Ref, _Names]()
    for type_, ids in by_type(refs).items():
        for some in batched(ids, MOST_IDS):
            theirs = select(c.id, *(c[name] for name in _Names._fields)).where(
                c.organisation_id == organisation_id, c.type == int(type_), c.id.in_(some)
            )
            found |= {Ref(type_, row[0]): _Names(*row[1:]) for row in tx.execute(theirs)}
    return found


def _of_names(ref: Ref, names: _Names) -> Iterator[SearchText]:
    """What is searched of a record: its name, and its company's where that is another."""
    told = [(Source.NAME, names.name, names.name_pinyin)]
    if names.company_name and names.company_name != names.name:
        told.append((Source.COMPANY, names.company_name, names.company_name_pinyin))
    for source, name, pinyin in told:
        if terms := terms_of_forms(name, pinyin):
            yield SearchText(TextKey(source, names.created_at, ref.id, int(ref.type)), False, terms)


def terms_of_forms(name: str, pinyin: str) -> str:
    """The terms that a record is found by for a name, its pinyin, and the initials of that."""
    return terms_of_name(list(dict.fromkeys((name, pinyin, initials_of(name)))))


def _plain(source: Source, at: int, id_: int, text: str) -> SearchText | None:
    terms = terms_of(text)
    return SearchText(TextKey(source, at, id_), has_number(text), terms) if terms else None


def _leave_backlog(tx: Tx, organisation_id: int, keys: Sequence[TextKey]) -> None:
    if keys:
        tx.each(_LEAVE, [(organisation_id, *key) for key in keys])
