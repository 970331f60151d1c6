"""Reads a row of a table as its mapping says: a record with the fields that it is to have, or an entry with the record
that it is of. What is read goes through the same readers as what comes through the API; what cannot be read is the
reason why a row is rejected. Nothing here asks the database, so that another process may do it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from genjin.domain.call import CallReport
from genjin.domain.custom_field import CustomField
from genjin.domain.directory import FOLLOW_UP_CATEGORY
from genjin.domain.duplicates import name_key
from genjin.domain.field_rights import check_numbers
from genjin.domain.followup import FollowUpInput
from genjin.domain.json import JsonValue
from genjin.domain.phones import is_masked, normal_number
from genjin.domain.records import RecordInput
from genjin.domain.table_import import Asked, TableForm
from genjin.domain.writing import AS_WRITTEN, MAX_EXTERNAL_ID, Original
from genjin.errors import GenjinError, Invalid
from genjin.importers.tables.cells import day_in, moment_in, plain, seconds_in, text_of, truth_in
from genjin.importers.tables.columns import (
    AT,
    AUTHOR,
    CREATED_AT,
    CREATOR,
    CUSTOMER,
    DEPARTMENT,
    EXTERNAL_ID,
    ID,
    LEAD,
    OWNER,
    PHONE,
    RECORD,
    RECORD_EXTERNAL_ID,
    RECORD_ID,
    REMIND_AT,
    SAID_AT,
    Column,
)
from genjin.importers.tables.reasons import told
from genjin.importers.tables.sheets import MAX_CELL, Cell
from genjin.service.context import Session
from genjin.service.entries.elsewhere import check_original
from genjin.service.entries.followups import check_follow_up
from genjin.wire import scalars
from genjin.wire.entries.call import MAX_SECONDS
from genjin.wire.params import Params, Value
from genjin.wire.records.change import WORDS
from genjin.wire.records.custom_value import read_values
from genjin.wire.records.forms import FORMS, Field, FieldType
from genjin.wire.records.input import record_input

Errors = dict[str, list[str]]
_BETWEEN = str.maketrans(dict.fromkeys("、,，;；|", "\n"))
_WORDS = {word: name for name, word in WORDS.items()}
_NOBODY = "没有这个用户"
_SEVERAL = "有多个同名的用户"
_MASKED = "号码不完整，请填写完整的号码"
_DIAL_TYPES = {
    **dict.fromkeys(("呼出", "去电", "拨出", "外呼", "主叫", "outgoing", "outbound", "out"), "outgoing"),
    **dict.fromkeys(("呼入", "来电", "拨入", "被叫", "incoming", "inbound", "in"), "incoming"),
}


class RecordRow(NamedTuple):
    """A record as a row has it. `named` are the texts by which it names others, by the field. `missing` is what a new
    one has to have beside, `original` who made it when.
    """

    row: int
    given: RecordInput
    id: int | None
    external_id: str
    named: Mapping[str, str]
    missing: Mapping[str, list[str]]
    original: Original = AS_WRITTEN


class WhichRecord(NamedTuple):
    """By what a row says which record it is about: what is filled first counts; a number chooses among several of a
    name. `name` is a `name_key`, `of` whose name it is: customer, lead or record.
    """

    id: int | None = None
    external_id: str = ""
    name: str = ""
    of: str = ""
    number: str = ""


class EntryRow(NamedTuple):
    """What happened, as a row has it. Of a call `call` has its number, its seconds, whether it was answered, and the
    word for its direction.
    """

    row: int
    which: WhichRecord
    actor_id: int
    at: int
    said_at: int | None
    remind_at: int | None
    category_id: int | None
    text: str
    custom: Mapping[str, JsonValue] | None
    external_id: str
    call: tuple[str, int, bool, str] | None = None


class Refused(NamedTuple):
    """A row that cannot be taken."""

    row: int
    reason: str


class Empty(NamedTuple):
    """A row in which nothing stands; it is no row."""

    row: int


Read = RecordRow | EntryRow | Refused | Empty


@dataclass(frozen=True)
class RowReader:
    """Reads the rows of one table, for whom and when it is imported. May be sent to another process."""

    asked: Asked
    columns: Sequence[Column]
    session: Session
    now: int

    def read(self, row: int, cells: Sequence[Cell]) -> Read:
        """What a row has."""
        if not any(cell not in (None, "") for cell in cells):
            return Empty(row)
        try:
            self._check(cells)
            values = {
                column.field: cells[column.place]
                for column in self._used
                if column.place < len(cells) and cells[column.place] not in (None, "")
            }
            return self._read(row, values)
        except GenjinError as error:
            return Refused(row, self.reason(error))

    def reason(self, error: GenjinError) -> str:
        """Why a row is not taken, with the headings of the columns that are wrong."""
        return told(error, self._headings, self.asked.language)

    def _check(self, cells: Sequence[Cell]) -> None:
        if len(cells) > len(self.columns) and any(cell not in (None, "") for cell in cells[len(self.columns) :]):
            raise Invalid({"": ["单元格比标题多"]})
        for cell in cells:
            if isinstance(cell, str):
                if len(cell) > MAX_CELL:
                    raise Invalid({"": ["单元格内容过长"]})
                if "\0" in cell:
                    raise Invalid({"": ["包含空字符（NUL）"]})
                if "\ufffd" in cell:
                    raise Invalid({"": ["包含无法解码的字符"]})

    @cached_property
    def _used(self) -> Sequence[Column]:
        return [column for column in self.columns if column.field]

    @cached_property
    def _headings(self) -> Mapping[str, str]:
        return {column.field: column.heading or column.key for column in self._used}

    @cached_property
    def _read(self) -> Callable[[int, Mapping[str, Cell]], Read]:
        if self.asked.form.type is not None:
            return self._record
        return self._follow_up if self.asked.form is TableForm.FOLLOW_UPS else self._call

    # Records

    def _record(self, row: int, values: Mapping[str, Cell]) -> RecordRow:
        type_ = self.asked.form.type
        assert type_ is not None
        form, directory = FORMS[type_], self.session.directory
        errors, tree, address, named = Errors(), Params(), Params(), dict[str, str]()
        for name, cell in values.items():
            if name.startswith("address."):
                part = name.removeprefix("address.")
                text = text_of(cell)
                address[part] = plain(text) if part in ("tel", "phone", "fax") else text
            elif name in form.by_name:
                self._standard(form.by_name[name], cell, tree, named, errors)
            elif name in self._added:
                tree[name] = self._added_value(self._added[name], cell, errors)
        if address:
            tree["address_attributes"] = address
        if OWNER in values:
            tree[OWNER] = self._user(values[OWNER], OWNER, errors)
        if DEPARTMENT in values:
            tree[DEPARTMENT] = self._department(values[DEPARTMENT], DEPARTMENT, errors)
        if REMIND_AT in values:
            at = self._moment(values[REMIND_AT], REMIND_AT, errors)
            tree[REMIND_AT] = None if at is None else directory.calendar.local(at).isoformat()
        original = Original(
            self._user(values[CREATOR], CREATOR, errors) if CREATOR in values else None,
            self._moment(values[CREATED_AT], CREATED_AT, errors) if CREATED_AT in values else None,
        )
        id_ = self._id(values, ID, errors)
        external_id = _external_id(values, EXTERNAL_ID, errors)
        if errors:
            raise Invalid(errors)
        self._check_original(original, CREATOR, CREATED_AT)
        given, missing = record_input(tree, form, directory), Errors()
        read_values(tree, directory.fields_of(type_), directory, missing, creating=True)
        return RecordRow(row, given, id_, external_id, named, missing, original)

    def _standard(self, field: Field, cell: Cell, tree: Params, named: dict[str, str], errors: Errors) -> None:
        text = text_of(cell)
        match field.type:
            case FieldType.OPTION:
                tree[field.name] = self._option(field.of, text, field.name, errors)
            case FieldType.WORD:
                tree[field.name] = _WORDS.get(text, text)
            case FieldType.DATE:
                tree[field.name] = day_in(cell, self.session.directory.calendar)
            case FieldType.LABELS:
                tree[field.name] = list(_several(text))
            case FieldType.RECORD:
                named[field.name] = text
            case FieldType.NUMBER | FieldType.AMOUNT:
                tree[field.name] = plain(text).removesuffix("%")
            case _:
                tree[field.name] = text

    def _added_value(self, field: CustomField, cell: Cell, errors: Errors) -> Value:
        """The value of an added field as the API takes it: choices by what they are called, people by their names."""
        text = text_of(cell)
        match field.field_type:
            case "select":
                return self._choices[field.name].get(text, text)
            case "multi_select":
                return [self._choices[field.name].get(each, each) for each in _several(text)]
            case "user_field":
                return self._user(cell, field.name, errors)
            case "department_field":
                return self._department(cell, field.name, errors)
            case "date_field":
                return day_in(cell, self.session.directory.calendar)
            case "datetime_field":
                at = moment_in(cell, self.session.directory.calendar)
                return text if at is None else self.session.directory.calendar.local(at).isoformat()
            case "number_field" | "currency_field" | "mobile_field":
                return plain(text)
            case _:
                return text

    # Entries

    def _follow_up(self, row: int, values: Mapping[str, Cell]) -> EntryRow:
        errors = Errors()
        actor_id, at = self._when_and_who(values, errors)
        said_at = self._moment(values[SAID_AT], SAID_AT, errors) if SAID_AT in values else None
        if AT not in values and said_at is not None:
            at = said_at
        remind_at = self._moment(values["remind_at"], "remind_at", errors) if "remind_at" in values else None
        category = values.get("category")
        category_id = None
        if category is not None and (found := self._option(FOLLOW_UP_CATEGORY, text_of(category), "category", errors)):
            category_id = int(found)
        custom = self._custom(values, errors)
        text = text_of(values.get("content"))
        if not (text or custom or category_id):
            errors["content"] = ["不能为空"]
        which, external_id = self._which(values, errors), _external_id(values, EXTERNAL_ID, errors)
        if errors:
            raise Invalid(errors)
        given = FollowUpInput(text=text, category_id=category_id, said_at=said_at, remind_at=remind_at, custom=custom)
        check_follow_up(self.session, given)
        if custom:
            check_numbers(self.session.viewer, custom, {})
        self._check_told(values, actor_id, at)
        said_at = at if said_at is None else said_at
        return EntryRow(row, which, actor_id, at, said_at, remind_at, category_id, text, custom, external_id)

    def _call(self, row: int, values: Mapping[str, Cell]) -> EntryRow:
        errors = Errors()
        actor_id, at = self._when_and_who(values, errors)
        seconds = 0
        if "talk_time" in values:
            found = seconds_in(values["talk_time"])
            if found is None or not 0 <= found <= MAX_SECONDS:
                errors["talk_time"] = [f"应为0到{MAX_SECONDS}之间的整数"]
            seconds = found or 0
        connected: bool | None = seconds > 0
        if "is_connected" in values and (connected := truth_in(values["is_connected"])) is None:
            errors["is_connected"] = ["应为是或否"]
        dial_type = "outgoing"
        if "dial_type" in values:
            word = plain(text_of(values["dial_type"])).lower()
            dial_type = _DIAL_TYPES.get(word, "")
            if not dial_type:
                errors["dial_type"] = ["应为呼出或呼入"]
        which, external_id = self._which(values, errors), _external_id(values, EXTERNAL_ID, errors)
        number = plain(text_of(values.get(PHONE)))
        if is_masked(number):
            errors[PHONE] = [_MASKED]
        if len(number) > MAX_EXTERNAL_ID:
            errors[PHONE] = [f"不能超过{MAX_EXTERNAL_ID}个字符"]
        if errors:
            raise Invalid(errors)
        self._check_told(values, actor_id, at)
        told_of = CallReport(number=number, dial_type=dial_type, seconds=seconds, connected=bool(connected))
        call = (told_of.number, told_of.seconds, told_of.connected, told_of.dial_type)
        return EntryRow(row, which, actor_id, at, None, None, None, "", None, external_id, call)

    def _when_and_who(self, values: Mapping[str, Cell], errors: Errors) -> tuple[int, int]:
        """Who did it and when; the importer, and now, where that is not told."""
        actor_id: int | None = self.session.viewer.user_id
        if AUTHOR in values:
            actor_id = self._user(values[AUTHOR], AUTHOR, errors)
        at = self._moment(values[AT], AT, errors) if AT in values else None
        return actor_id or 0, self.now if at is None else at

    def _check_told(self, values: Mapping[str, Cell], actor_id: int, at: int) -> None:
        """The same of an entry."""
        self._check_original(Original(actor_id, at if AT in values or SAID_AT in values else None), AUTHOR, AT)

    def _check_original(self, original: Original, author: str, at: str) -> None:
        """Raises Forbidden for who may not write for others, or for another time; Invalid, by these fields."""
        names = {"actor_id": author, "at": at}
        try:
            check_original(self.session, original, self.now)
        except Invalid as error:
            raise Invalid({names[name]: told for name, told in error.errors.items()}) from None

    def _which(self, values: Mapping[str, Cell], errors: Errors) -> WhichRecord:
        number = ""
        if PHONE in values:
            text = text_of(values[PHONE])
            number = "" if is_masked(text) else normal_number(text)
        id_, external_id = self._id(values, RECORD_ID, errors), _external_id(values, RECORD_EXTERNAL_ID, errors)
        for of in (CUSTOMER, LEAD, RECORD):
            if of in values and (name := _key(text_of(values[of]))):
                return WhichRecord(id_, external_id, name, of, number)
        if not (id_ or external_id or number):
            errors.setdefault(self._names_it, ["没有说明是哪个客户或线索"])
        return WhichRecord(id_, external_id, "", "", number)

    @cached_property
    def _names_it(self) -> str:
        """The field by which a row should have told which record it is about."""
        offered = (CUSTOMER, LEAD, RECORD, RECORD_ID, RECORD_EXTERNAL_ID, PHONE)
        return next((field for field in offered if field in self._headings), "")

    def _custom(self, values: Mapping[str, Cell], errors: Errors) -> Mapping[str, JsonValue] | None:
        if not self._added:
            return None
        tree: Params = {
            name: self._added_value(field, values[name], errors)
            for name, field in self._added.items()
            if name in values
        }
        directory = self.session.directory
        found = read_values(tree, directory.fields_of(None), directory, errors, creating=True)
        return {name: value for name, value in found.items() if value not in (None, "", [])} or None

    # Names to ids

    @cached_property
    def _added(self) -> Mapping[str, CustomField]:
        return {field.name: field for field in self.session.directory.fields_of(self.asked.form.type)}

    @cached_property
    def _choices(self) -> Mapping[str, Mapping[str, str]]:
        """The values of the choices of added fields by their labels."""
        return {name: {each.label: each.value for each in field.choices} for name, field in self._added.items()}

    @cached_property
    def _users(self) -> Mapping[str, Sequence[int]]:
        """Users by their names and logins; those who are here before those who have left."""
        found, directory = dict[str, list[int]](), self.session.directory
        for user in sorted(directory.users.values(), key=lambda each: each.left_at is not None):
            for name in {user.name, user.login or user.name}:
                known = found.setdefault(name, [])
                if user.left_at is None or not any(directory.is_here(each) for each in known):
                    known.append(user.id)
        return found

    def _user(self, cell: Cell, field: str, errors: Errors) -> int | None:
        text = text_of(cell)
        found = self._users.get(text)
        if found is None:
            id_ = scalars.id_or_none(plain(text))
            found = [id_] if id_ in self.session.directory.users and id_ is not None else ()
        if len(found) != 1:
            errors[field] = [f"{_SEVERAL if found else _NOBODY}：{text[:64]}"]
            return None
        return found[0]

    @cached_property
    def _departments(self) -> Mapping[str, Sequence[int]]:
        found = dict[str, list[int]]()
        for department in self.session.directory.departments.values():
            found.setdefault(department.name, []).append(department.id)
        return found

    def _department(self, cell: Cell, field: str, errors: Errors) -> int | None:
        text = text_of(cell)
        found = self._departments.get(text, ())
        if not found and (id_ := scalars.id_or_none(plain(text))) in self.session.directory.departments:
            return id_
        if len(found) != 1:
            errors[field] = [f"{'有多个同名的部门' if found else '没有这个部门'}：{text[:64]}"]
            return None
        return found[0]

    @cached_property
    def _options(self) -> Mapping[tuple[str, str], str]:
        return {(each.field, each.label): str(each.id) for each in self.session.directory.options.values()}

    def _option(self, of: str, text: str, field: str, errors: Errors) -> str:
        """The id of a choice by its label, or by its id."""
        if not text:
            return ""
        found = self._options.get((of, text)) or (text if self.session.directory.label(of, text) else "")
        if not found:
            errors[field] = [f"没有这个选项：{text[:64]}"]
        return found

    def _moment(self, cell: Cell, field: str, errors: Errors) -> int | None:
        at = moment_in(cell, self.session.directory.calendar)
        if at is None:
            errors[field] = [f"不是有效的时间：{text_of(cell)[:64]}"]
        return at

    def _id(self, values: Mapping[str, Cell], field: str, errors: Errors) -> int | None:
        if field not in values:
            return None
        found = scalars.id_or_none(plain(text_of(values[field])))
        if found is None:
            errors[field] = ["不是有效的编号"]
        return found


def _external_id(values: Mapping[str, Cell], field: str, errors: Errors) -> str:
    text = text_of(values.get(field))
    if len(text) > MAX_EXTERNAL_ID:
        errors[field] = [f"不能超过{MAX_EXTERNAL_ID}个字符"]
    return text


def _several(text: str) -> list[str]:
    """What stands in a cell of several values."""
    return [each.strip() for each in text.translate(_BETWEEN).split("\n") if each.strip()]


_key = lru_cache(maxsize=65_536)(name_key)
