"""An import of a table: what was asked for, and how far it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from genjin.domain.records import RecordType


class TableForm(StrEnum):
    """What the rows of a table are."""

    LEADS = "leads"
    CUSTOMERS = "customers"
    CONTACTS = "contacts"
    FOLLOW_UPS = "followups"
    CALLS = "calls"

    @property
    def type(self) -> RecordType | None:
        """Of which records; None for what happened on some."""
        return _TYPES.get(self)


_TYPES: Mapping[TableForm, RecordType] = {
    TableForm.LEADS: RecordType.LEAD,
    TableForm.CUSTOMERS: RecordType.CUSTOMER,
    TableForm.CONTACTS: RecordType.CONTACT,
}


class Duplicates(StrEnum):
    """What becomes of a row that is there already."""

    SKIP = "skip"
    UPDATE = "update"
    CREATE = "create"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an import does. `columns` are fields by the headings that they are read from (see
    importers/tables/columns.py); the table's headings stand in row `heading`, counted from 1. `source` names the system
    that external ids are of. Reasons are told in `language`, zh or en.
    """

    form: TableForm
    columns: Mapping[str, str]
    name: str = ""
    sheet: str = ""
    heading: int = 1
    duplicates: Duplicates = Duplicates.SKIP
    source: str = "import"
    language: str = "zh"


class Counts(NamedTuple):
    """What became of so many rows."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    rejected: int = 0

    def __add__(self, other: object) -> "Counts":
        assert isinstance(other, Counts)
        return Counts(*(one + more for one, more in zip(self, other, strict=True)))

    @property
    def rows(self) -> int:
        return sum(self)


@dataclass(frozen=True, slots=True)
class TableImport:
    """An import that was begun, by whom, and how far it is: all rows up to `row` are dealt with. `digest` names the
    file and what was asked for. `ended_at` is None while there are more rows.
    """

    id: int
    user_id: int
    digest: str
    asked: Asked
    created_at: int
    moved_at: int
    row: int
    counts: Counts = field(default_factory=Counts)
    ended_at: int | None = None


class Rejected(NamedTuple):
    """A row that was not imported, and why, in words for whoever mends it."""

    row: int
    reason: str
