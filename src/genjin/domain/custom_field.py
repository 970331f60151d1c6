"""A field that an organisation added to its records or follow-ups."""

from dataclasses import dataclass
from typing import NamedTuple

from genjin.domain.records import RecordType

NUMBER = "mobile_field"
"""The type of a field that holds a telephone number."""


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
