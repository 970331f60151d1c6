"""What a list of records is asked for, from its parameters, as the form of its type declares."""

import re

from genjin.domain.approval import Approval
from genjin.domain.calendar import Calendar
from genjin.domain.phones import normal_number
from genjin.domain.records import OF_A_CUSTOMER, SORTABLE, RecordFilter, RecordType
from genjin.errors import Invalid
from genjin.wire import scalars
from genjin.wire.modules import type_of_class
from genjin.wire.params import Params, as_list, text
from genjin.wire.records.forms import ADDRESS_TEXTS, FORMS, FieldType, Form
from genjin.wire.targets import Errors, asked_id

MAX_QUERY = 255
"""The longest search that is taken, in characters."""
TABS = ("all", "my", "sub", "common", "assist", "my_assist", "sub_assist", "deleted")
_SORT_NAMES = {
    "real_revisit_at": "said_followed_up_at",
    "revisit_remind_at": "remind_at",
    "last_called_at": "called_at",
}
_CUSTOM = re.compile(r"[a-z_]+_asset_[0-9a-z]+")
"""The names of fields that organisations add."""
_CHOICES = ("status", "source", "category")
"""The columns that a list may be filtered by; each type may have names of its own for them."""


def record_filter(params: Params, type_: RecordType, calendar: Calendar) -> RecordFilter:
    """What a list is asked for. Raises Invalid for a filter that cannot be read: it would show too much."""
    return _Reader(params, FORMS[type_], calendar).read()


class _Reader:
    """Reads the parameters of one list, and gathers what is wrong with them."""

    def __init__(self, params: Params, form: Form, calendar: Calendar) -> None:
        self.params, self.form, self.calendar = params, form, calendar
        self.errors: Errors = {}

    def read(self) -> RecordFilter:
        """Raises Invalid."""
        query, tab = text(self.params, "query").strip(), text(self.params, "tab_type").strip()
        if tab not in ("", *TABS):
            self.errors["tab_type"] = [f"应为{'、'.join(TABS)}之一"]
        if len(query) > MAX_QUERY:
            self.errors["query"] = [f"不能超过{MAX_QUERY}个字符"]
        customer_id, opportunity_id = self.entity()
        status, source, category = (self.choice(column) for column in _CHOICES)
        wanted = RecordFilter(
            type=self.form.type,
            tab="" if tab == "all" else tab,
            query=query,
            owner_id=self.number("user_id"),
            department_id=self.number("department_id"),
            status=status,
            source=source,
            category=category,
            created=self.span("created_at"),
            updated=self.span("updated_at"),
            said_followed_up=self.span("real_revisit_at"),
            approve_status=self.approval(),
            customer_id=customer_id,
            opportunity_id=opportunity_id,
            has_phone=self.truth_or_none("has_phone"),
            phone=self.phone(),
            field=self.field(),
            sort=self.sort(),
            descending=text(self.params, "order").strip().lower() != "asc",
        )
        if self.errors:
            raise Invalid(self.errors)
        return wanted

    def number(self, key: str) -> int | None:
        return asked_id(self.params, key, self.errors)

    def choice(self, column: str) -> str | None:
        """The id of an option, by the name that the type has for the column, or by the column's own."""
        field = self.form.by_stored_name.get(column)
        own = text(self.params, field.name).strip() if field else ""
        return own or text(self.params, column).strip() or None

    def span(self, key: str) -> tuple[int, int] | None:
        try:
            return scalars.day_span(as_list(self.params.get(key)), self.calendar)
        except ValueError:
            self.errors[key] = ["应为两个日期：YYYY-MM-DD"]
            return None

    def approval(self) -> str | None:
        told = text(self.params, "approve_status").strip()
        if told and told not in tuple(Approval):
            self.errors["approve_status"] = [f"应为{'、'.join(Approval)}之一"]
        return told or None

    def truth_or_none(self, key: str) -> bool | None:
        value = self.params.get(key)
        return None if value in (None, "", []) else scalars.truth(value)

    def phone(self) -> str:
        told = text(self.params, "all_phone_number").strip()
        number = normal_number(told)
        if told and not number:
            self.errors["all_phone_number"] = ["不是有效的电话号码"]
        return number

    def entity(self) -> tuple[int | None, int | None]:
        """The customer and the opportunity that the records are to belong to; leads and customers belong to none."""
        if self.form.type not in OF_A_CUSTOMER:
            return None, None
        told = text(self.params, "entity").strip()
        of = type_of_class(told) if told else RecordType.CUSTOMER
        if of not in (RecordType.CUSTOMER, RecordType.OPPORTUNITY):
            self.errors["entity"] = ["应为customer、opportunity之一"]
        id_ = self.number("entity_id")
        return (id_, None) if of is RecordType.CUSTOMER else (None, id_)

    def field(self) -> str:
        """The one field to search, as RecordFilter names it."""
        name = text(self.params, "custom_field_name").strip()
        declared = self.form.by_name.get("title" if name == "name" and "title" in self.form.by_name else name)
        if not name:
            return ""
        if declared and declared.type is FieldType.TEXT:
            return declared.stored
        part = name.removeprefix("address.")
        if part in ADDRESS_TEXTS and "address" in self.form.by_name:
            return f"address.{part}"
        if not _CUSTOM.fullmatch(name):
            self.errors["custom_field_name"] = ["不能按此字段查询"]
        return name

    def sort(self) -> str:
        """The column; `created_at` for what cannot be sorted by."""
        told = text(self.params, "sort").strip()
        declared = self.form.by_name.get(told)
        column = declared.column if declared and declared.column else _SORT_NAMES.get(told, told)
        return column if column in SORTABLE else "created_at"
