"""A field that an organisation added to its records or follow-ups."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from genjin.domain.records import RecordType

NUMBER = "mobile_field"
"""The type of a field that holds a telephone number."""
PREFIXES: Mapping[str, str] = {
    "text_field": "text_asset",
    "text_area": "text_area_asset",
    "number_field": "number_asset",
    "currency_field": "currency_asset",
    "email_field": "email_asset",
    NUMBER: "mobile_asset",
    "url_field": "url_asset",
    "date_field": "date_asset",
    "datetime_field": "datetime_asset",
    "select": "select_asset",
    "multi_select": "multi_select_asset",
    "user_field": "user_asset",
    "department_field": "department_asset",
}
"""The types of fields that can be added, and how the names of such fields begin."""
WITH_CHOICES = frozenset({"select", "multi_select"})
MAX_LABEL, MAX_HINT = 100, 255
"""Characters of a label and of a placeholder."""
MAX_CHOICES = 500


class Choice(NamedTuple):
    """One choice of a list: the value that is stored, such as `sel_ab12`, and its label."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class CustomField:
    """`record_type` is None for a field of the follow-up form; `name` is its key in details and on the wire."""

    id: int
    record_type: RecordType | None
    name: str
    label: str
    field_type: str = "text_field"
    group_label: str = ""
    position: int = 0
    required: bool = False
    enabled: bool = True
    placeholder: str = ""
    choices: tuple[Choice, ...] = ()

    def label_of(self, value: object) -> str:
        """The label of a choice; empty for what is none."""
        return next((choice.label for choice in self.choices if choice.value == value), "")


@dataclass(frozen=True, slots=True)
class NewField:
    """A field to add. `choices` are labels, in their order."""

    record_type: RecordType | None
    label: str
    field_type: str = "text_field"
    group_label: str = ""
    required: bool = False
    placeholder: str = ""
    choices: tuple[str, ...] = ()
