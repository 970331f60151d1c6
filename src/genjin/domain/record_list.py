"""What a list of records is asked for by when something happened on them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from genjin.domain.feed import ANY, Choice
from genjin.domain.latest import Latest
from genjin.domain.record_view import RecordView
from genjin.domain.records import RecordType

NOBODY = 0
"""The owner of what nobody owns."""


class Span(NamedTuple):
    """From one instant on, up to before another one; None for any."""

    since: int | None = None
    until: int | None = None


class RecordKey(NamedTuple):
    """Where a record stands in a list: by what it is sorted by, None for none, and its id."""

    value: int | None
    id: int


@dataclass(frozen=True, slots=True)
class RecordsAsked:
    """`owners` may have NOBODY among them. `departments` are those of records, with all below; `spans` are by the
    fields of Latest and NEXT_DUE. `silent_since` is since when nothing has happened, on a record on which nothing ever
    has since it was created. `sort` is one of SORTS. `text` is a part of the name or of the company's, or of the pinyin
    of either.
    """

    type: RecordType
    owners: Choice[int] = ANY
    departments: Choice[int] = ANY
    statuses: Choice[str] = ANY
    spans: Mapping[str, Span] = field(default_factory=dict)
    silent_since: int | None = None
    sort: str = "created_at"
    descending: bool = True
    pools: Choice[int] = ANY
    text: str = ""


NEXT_DUE = "next_due_at"
SORTS = ("created_at", "updated_at", *Latest._fields, NEXT_DUE)


class Worked(NamedTuple):
    """A record as its viewer is shown it, when something happened on it last, and when a reminder on it is due next."""

    view: RecordView
    latest: Latest
    next_due_at: int | None = None
