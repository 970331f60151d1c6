"""Rows that name one of some records, asked for by the ids of each type: to plan for 2,000 pairs of a type and an id
takes PostgreSQL a hundred milliseconds, and SQLite does not see that an index has them.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, and_, any_, literal, or_
from sqlalchemy.dialects.postgresql import ARRAY

from genjin.domain.records import RecordType, Ref


def by_type(refs: Iterable[Ref]) -> dict[RecordType, list[int]]:
    """The ids of each type, each once and in order."""
    found: dict[RecordType, list[int]] = {}
    for ref in sorted(set(refs)):
        found.setdefault(ref.type, []).append(ref.id)
    return found


def is_one_of(
    type_: ColumnElement[int], id_: ColumnElement[int], refs: Iterable[Ref], engine: str = ""
) -> ColumnElement[bool]:
    """Whether these columns name one of the records, of which there is at least one; `engine` as for `is_in`."""
    return or_(*(and_(type_ == int(its), is_in(id_, ids, engine)) for its, ids in by_type(refs).items()))


def is_in(column: ColumnElement[int], numbers: Sequence[int], engine: str = "") -> ColumnElement[bool]:
    """Whether a column is one of these numbers. For thousands of parameters PostgreSQL's driver takes longer than the
    server does to find the rows; where the engine is told, it is given one.
    """
    if engine == "postgresql":
        return column == any_(literal(list(numbers), ARRAY(column.type)))
    return column.in_(numbers)


def one_of(type_: str, id_: str, refs: Iterable[Ref]) -> tuple[str, list[int]]:
    """The same for a hand-written statement, and the values of its `?`."""
    conditions, values = list[str](), list[int]()
    for its, ids in by_type(refs).items():
        conditions.append(f"{type_} = ? AND {id_} IN ({', '.join('?' * len(ids))})")
        values += (int(its), *ids)
    return f"({' OR '.join(conditions)})", values
