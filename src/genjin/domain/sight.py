"""What of a record is shown to somebody who may see it: the one place that empties fields which a role hides and masks
telephone numbers (decision 13). Whoever shows anything of a record - the record itself, its raw dump, what happened to
it, a number that was called - asks `sight_of` and shows what the Sight gives.

A name such as `customer.note` in Rights means the field as it is called on the wire.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from genjin.domain.change import Change
from genjin.domain.json import JsonValue
from genjin.domain.phones import mask_number, mask_numbers_in, numbers_written, unmasked
from genjin.domain.policy import Viewer, may_see_phones
from genjin.domain.records import Record, RecordType

NUMBER_FIELDS = frozenset({"tel", "phone", "mobile", "fax", "phones", "telephone", "cellphone"})
"""What holds a telephone number, in whatever form it is written."""
COLUMN_NAMES: Mapping[str, str] = {
    "owner_id": "user_id",
    "department_id": "want_department_id",
    "remind_at": "revisit_remind_at",
    "said_followed_up_at": "real_revisit_at",
    "followed_up_at": "revisit_at",
    "called_at": "last_called_at",
}
"""Columns of a record that are called otherwise on the wire, whatever the record's type."""
COLUMN_NAMES_OF: Mapping[RecordType, Mapping[str, str]] = {
    RecordType.OPPORTUNITY: {"name": "title", "status": "stage", "category": "kind", "amount": "expect_amount"},
    RecordType.CONTRACT: {"name": "title", "amount": "total_amount"},
}
HIDEABLE = ("company_name", "status", "source", "category", "remind_at", "said_followed_up_at", "followed_up_at")
MONEY_AND_CALLS = ("amount", "called_at")
NEVER_HIDDEN = frozenset({"id", "name", "title", "user_id", "want_department_id", "customer_id", "opportunity_id"})
"""Without these nobody could work with a record."""
_AS_THEY_ARE = frozenset({"user", "creator", "at_users", "before_user", "file_url", "mp3_file_url"})
"""Keys that hold colleagues, whose numbers are nobody's secret, and addresses of files, which have to lead there."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What of one record is shown: without the `hidden` fields, and with its `numbers` in full or masked.

    `number_fields` are custom fields that hold telephone numbers.
    """

    hidden: frozenset[str] = frozenset()
    numbers: bool = True
    number_fields: frozenset[str] = frozenset()

    def record(self, record: Record) -> Record:
        """The record as it is shown."""
        if self is WHOLE:
            return record
        columns = {name: None for name in (*HIDEABLE, *MONEY_AND_CALLS) if self._hides(record.type, name)}
        empty: dict[str, Any] = columns | ({"company_name_pinyin": ""} if "company_name" in columns else {})
        captured = None if record.captured is None else self._fields(record.captured, emptied=True)
        return replace(record, **empty, details=self._fields(record.details), captured=captured)

    def changes(self, type_: RecordType, changes: Sequence[Change]) -> Sequence[Change]:
        """What is told of changes of a record of this type."""
        if self is WHOLE:
            return changes
        told = [change for change in changes if not self._hides(type_, change.field)]
        return [Change(field, self.value(field, before), self.value(field, after)) for field, before, after in told]

    def value(self, field: str, value: JsonValue) -> JsonValue:
        """The value of a field, or of what lies in it."""
        if self.numbers or field in _AS_THEY_ARE or value is None or isinstance(value, bool):
            return value
        if isinstance(value, float):  # JSON does not tell 13400000000.0 from 13400000000
            whole = int(value) if value.is_integer() else None
            masked = self.value(field, whole)
            return value if masked == whole else masked
        if isinstance(value, Mapping):
            return {key: self.value(key, each) for key, each in value.items()}
        if isinstance(value, str | int):
            told = str(value)
            known = field in NUMBER_FIELDS or field in self.number_fields
            masked = mask_number(told) if known else mask_numbers_in(told)
            return value if masked == told else masked
        return [self.value(field, each) for each in value]

    def text(self, text: str) -> str:
        """What somebody wrote."""
        return text if self.numbers else mask_numbers_in(text)

    def number(self, number: str) -> str:
        """A telephone number."""
        return number if self.numbers else mask_number(number)

    def meant(self, field: str, given: JsonValue, held: Mapping[str, JsonValue]) -> JsonValue:
        """What is meant by a value that was given for a field after `held` was shown: where a number of `held` came
        back masked, that number.
        """
        if self.numbers:
            return given
        names = NUMBER_FIELDS | self.number_fields
        return _unmasked(given, [*numbers_written(field, held.get(field), names), *numbers_written("", held, names)])

    def meant_text(self, given: str, held: str) -> str:
        """The same of a text that somebody wrote."""
        return str(self.meant("", given, {"": held}))

    def _hides(self, type_: RecordType, column: str) -> bool:
        return bool(self.hidden) and wire_name(type_, column) in self.hidden

    def _fields(self, fields: Mapping[str, JsonValue], emptied: bool = False) -> dict[str, JsonValue]:
        """Details or a raw dump; a hidden field is left out, or empty where its key has to stay."""
        shown = {name: self.value(name, value) for name, value in fields.items() if name not in self.hidden}
        if isinstance(address := shown.get("address"), Mapping):
            shown["address"] = {name: part for name, part in address.items() if f"address.{name}" not in self.hidden}
        return shown | ({name: None for name in fields if name in self.hidden} if emptied else {})


WHOLE = Sight()


def sight_of(viewer: Viewer, record: Record, customer: Record | None = None) -> Sight:
    """What the viewer is shown of a record that they may see; on the hot path.

    `customer` is what the record belongs to or rolls up to: who is shown the customer's numbers is shown its.
    """
    numbers = may_see_phones(viewer, record) or (customer is not None and may_see_phones(viewer, customer))
    if numbers and not viewer.rights.hidden:
        return WHOLE
    return Sight(fields_of(record.type, viewer.rights.hidden), numbers, viewer.number_fields)


def wire_name(type_: RecordType, column: str) -> str:
    """What a column or detail of a record is called on the wire."""
    return COLUMN_NAMES_OF.get(type_, {}).get(column) or COLUMN_NAMES.get(column, column)


def _unmasked(value: JsonValue, numbers: Sequence[str]) -> JsonValue:
    if isinstance(value, str):
        return unmasked(value, numbers)
    if isinstance(value, Mapping):
        return {name: _unmasked(part, numbers) for name, part in value.items()}
    return [_unmasked(part, numbers) for part in value] if isinstance(value, Sequence) else value


def fields_of(type_: RecordType, names: Collection[str]) -> frozenset[str]:
    """Of names such as `customer.note` those of one type, without it."""
    prefix = f"{type_.name.lower()}."
    return frozenset(name.removeprefix(prefix) for name in names if name.startswith(prefix))
