"""What a noun is: how the rows of a table become lines, and lines rows. Both are said once, field by field."""

import base64
import binascii
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, cast, get_origin

import orjson
from pydantic import TypeAdapter
from sqlalchemy import BigInteger, Integer, SmallInteger, String, Table

from genjin.domain.kinds import KINDS, Details, Kind
from genjin.domain.records import RecordType
from genjin.nouns.typed import NoSuchValue, Type, read_instant, read_scalar, tell_instant, type_of
from genjin.store import activities
from genjin.store.ids import MAX_ID
from genjin.store.transaction import Row

Json = Any
_RANGES: Mapping[type, int] = {SmallInteger: 2**15, Integer: 2**31, BigInteger: 2**63}
_HUNDREDTHS = 100


@dataclass(slots=True)
class Known:
    """What is known of an organisation while its lines are written or read, in their order.

    `kind` is that of the activity at hand. `passed_over` counts the keys and nouns that nobody knows here, `highest` is
    the highest id that was read.
    """

    kinds: dict[int, Kind] = field(default_factory=lambda: dict(KINDS))
    codes: dict[str, int] = field(default_factory=lambda: {kind.event: code for code, kind in KINDS.items()})
    kind: Kind = KINDS[0]
    passed_over: Counter[str] = field(default_factory=Counter)
    highest: int = 0

    def add_kind(self, kind: Kind) -> None:
        """The organisation defined it."""
        self.kinds[kind.code], self.codes[kind.event] = kind, kind.code

    def see(self, path: str, value: object) -> None:
        """Hear of an id, or of a key that is passed over."""
        if isinstance(value, int):
            if not 0 <= value <= MAX_ID:
                raise NoSuchValue(path, f"is no id: it is not from 0 to {MAX_ID}")
            self.highest = max(self.highest, value)
        else:
            self.passed_over[path] += 1


class Form(NamedTuple):
    """How a value is told, and read again: what is stored becomes JSON and JSON what is stored, never None."""

    name: str
    tell: Callable[[Any, Known], Json]
    read: Callable[[Json, str, Known], Any]


class Field(NamedTuple):
    """One key of a line and the columns that it tells; of several columns the form is given a tuple.

    `missing` is what is stored for a line without the key, where that is not NULL; who puts the row makes what is
    `optional`. `secret` is what is left out unless somebody wants secrets.
    """

    key: str
    form: Form
    columns: tuple[str, ...]
    missing: Any = None
    secret: bool = False
    optional: bool = False


class Part(NamedTuple):
    """Rows of another table that belong to a row, as a list in its line; `by` are the columns that name that row, as
    the noun's `order` does.
    """

    key: str
    table: Table
    by: tuple[str, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Noun:
    """A table, told row by row in the order of its ids. `derived` are the columns that an import makes anew, `left_out`
    those that no line tells, each with why. `only` is the condition for rows that are told. `secret` nouns are left out
    unless somebody wants secrets. `marks` are keys that tell of no column.
    """

    name: str
    table: Table
    fields: tuple[Field, ...]
    derived: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    only: Any = None
    secret: bool = False
    marks: tuple[str, ...] = ()

    @cached_property
    def keys(self) -> frozenset[str]:
        """All that its lines may have."""
        told = {each.key for each in self.fields} | {part.key for part in self.parts}
        return frozenset({"noun", *self.marks, *told})

    @property
    def order(self) -> tuple[str, ...]:
        """The columns by which lines are in order: the key's, all numbers."""
        return tuple(each.name for each in self.table.primary_key if each.name != "organisation_id")


def told(
    fields: Sequence[Field], columns: Sequence[str], known: Known, secrets: bool
) -> Callable[[Row], dict[str, Json]]:
    """What makes the object of a row of these columns; what is not set, or as it is without a key, has none in it."""
    places = {name: place for place, name in enumerate(columns)}
    wanted = [
        (each.key, places[each.columns[0]], [places[name] for name in each.columns[1:]], each.form.tell, each.missing)
        for each in fields
        if secrets or not each.secret
    ]

    def tell(row: Row) -> dict[str, Json]:
        line: dict[str, Json] = {}
        for key, place, others, form, missing in wanted:
            value = row[place]
            if value is not None and value != missing:
                line[key] = form((value, *(row[each] for each in others)) if others else value, known)
        return line

    return tell


def read(fields: tuple[Field, ...], table: Table, line: Mapping[str, Json], path: str, known: Known) -> dict[str, Any]:
    """The columns of an object; those that are not set are None. Raises NoSuchValue."""
    row: dict[str, Any] = {}
    for key, read_form, missing, always, columns in _plan(fields, table):
        told_value = line.get(key)
        if told_value is None:
            if always:
                raise NoSuchValue(f"{path}{key}", "is missing")
            for name, _ in columns:
                row[name] = missing
            continue
        value = read_form(told_value, f"{path}{key}", known)
        values = value if len(columns) > 1 else (value,)
        for (name, most), its in zip(columns, values, strict=True):
            if most is not None and its is not None:
                _check(its, most, f"{path}{key}")
            row[name] = its
    return row


@lru_cache(maxsize=64)
def _plan(fields: tuple[Field, ...], table: Table) -> list[tuple[Any, ...]]:
    """What is looked at of each field: its key, how it is read, what it is without the key, whether it always has one;
    and its columns, each with the most that it takes.
    """
    return [
        (
            each.key,
            each.form.read,
            each.missing,
            each.missing is None and not each.optional and not all(table.c[name].nullable for name in each.columns),
            [(name, _most(table, name)) for name in each.columns],
        )
        for each in fields
    ]


def _most(table: Table, name: str) -> int | None:
    """The first number that a column does not take, or how many characters it takes; None without such a bound."""
    type_ = table.c[name].type
    return type_.length if isinstance(type_, String) else _RANGES.get(type(type_))


def _check(value: Any, most: int, path: str) -> None:
    if isinstance(value, str):
        if len(value) > most:
            raise NoSuchValue(path, f"has more than {most} characters")
    elif not -most <= value < most:
        raise NoSuchValue(path, "is out of range")


def unknown_keys(noun: Noun, line: Mapping[str, Json]) -> list[str]:
    """The keys of a line that nobody knows here."""
    return sorted(line.keys() - noun.keys)


# The forms of values


def _plain(name: str, kind: type) -> Form:
    return Form(name, lambda value, _: value, lambda told, path, _: read_scalar(kind, told, path))


def _read_id(told: Json, path: str, known: Known) -> int:
    id_: int = read_scalar(int, told, path)
    known.see(path, id_)
    return id_


def _read_json(told: Json, path: str, _known: Known) -> bytes:
    if not isinstance(told, dict):
        raise NoSuchValue(path, "is no object")
    return orjson.dumps(told)


def _read_money(told: Json, path: str, _known: Known) -> int:
    digits: str = read_scalar(str, told, path)
    whole, point, part = digits.partition(".")
    sign = -1 if whole.startswith("-") else 1
    if not point or len(part) != 2 or len(whole) > 18 or not (whole.lstrip("-") + part).isdecimal():
        raise NoSuchValue(path, "is no amount, such as 12.50")
    return sign * (abs(int(whole)) * _HUNDREDTHS + int(part))


def _tell_money(amount: int, _known: Known) -> str:
    return f"{'-' if amount < 0 else ''}{abs(amount) // _HUNDREDTHS}.{abs(amount) % _HUNDREDTHS:02d}"


def _read_digest(told: Json, path: str, _known: Known) -> bytes:
    try:
        digest = bytes.fromhex(read_scalar(str, told, path))
    except ValueError as error:
        raise NoSuchValue(path, "is no SHA-256 in hexadecimal") from error
    if len(digest) != 32 or digest.hex() != told:
        raise NoSuchValue(path, "is no SHA-256 in hexadecimal")
    return digest


def _read_bytes(told: Json, path: str, _known: Known) -> bytes:
    try:
        return base64.b64decode(read_scalar(str, told, path), validate=True)
    except binascii.Error as error:
        raise NoSuchValue(path, "is not in base 64") from error


TEXT, NUMBER, TRUTH = _plain("text", str), _plain("number", int), _plain("true or false", bool)
ID = Form("id", lambda value, _: value, _read_id)
INSTANT = Form("instant", lambda at, _: tell_instant(at), lambda told, path, _: read_instant(told, path))
OBJECT = Form("JSON", lambda packed, _: orjson.loads(packed), _read_json)
MONEY = Form("money", _tell_money, _read_money)
DIGEST = Form("SHA-256", lambda digest, _: bytes(digest).hex(), _read_digest)
BYTES = Form("base 64", lambda data, _: base64.b64encode(data).decode(), _read_bytes)


def word(of: type[Enum]) -> Form:
    """A member of an enumeration, by its name; `of` as it is stored."""
    inner = type_of(of)
    return Form(
        "word",
        lambda value, _: inner.tell(value),
        lambda told, path, known: inner.read(told, path, known.see).value,
    )


_TYPE = word(RecordType)


def ref_or(name: str, zero: str = "") -> Form:
    """A record by its type and id, of the columns of both; where the type is 0, what `zero` is called."""

    def tell(value: Row, known: Known) -> Json:
        type_, id_ = value
        return {"type": _TYPE.tell(type_, known) if type_ or not zero else zero, "id": id_}

    def read_ref(told: Json, path: str, known: Known) -> Row:
        if not isinstance(told, dict):
            raise NoSuchValue(path, "is no object of type and id")
        type_ = told.get("type")
        code = 0 if zero and type_ == zero else _TYPE.read(type_, f"{path}.type", known)
        return code, _read_id(told.get("id"), f"{path}.id", known)

    return Form(name, tell, read_ref)


RECORD = ref_or("record")
HOLDER = ref_or("record or activity", "activity")


def type_or(zero: str) -> Form:
    """A type of records, or what its 0 is called."""
    return Form(
        "word",
        lambda value, known: _TYPE.tell(value, known) if value else zero,
        lambda told, path, known: 0 if told == zero else _TYPE.read(told, path, known),
    )


def stored(hint: Any) -> Form:
    """JSON that is stored of a type of the domain, with tuples as arrays; told with names."""
    adapter, inner = TypeAdapter[Any](hint), type_of(hint)
    return Form(
        "list" if get_origin(hint) is tuple else "object",
        lambda packed, _: inner.tell(adapter.validate_json(packed)),
        lambda told, path, known: orjson.dumps(inner.read(told, path, known.see), default=tuple),
    )


def with_instants(*names: str) -> Form:
    """JSON in which the values of these keys are instants, in any depth."""

    def changed(told: Json, change: Callable[[Any], Any]) -> Json:
        if isinstance(told, dict):
            return {
                key: change(each) if key in names and each is not None else changed(each, change)
                for key, each in told.items()
            }
        return [changed(each, change) for each in told] if isinstance(told, list) else told

    return Form(
        "JSON",
        lambda packed, _: changed(orjson.loads(packed), tell_instant),
        lambda told, path, _: orjson.dumps(changed(told, lambda each: read_instant(each, path))),
    )


def members(of: type[Enum]) -> Form:
    """Some members of an enumeration, of a number that has a bit for each."""
    inner: Type = type_of(of)

    def read_members(told: Json, path: str, known: Known) -> int:
        if not isinstance(told, list):
            raise NoSuchValue(path, "is no list")
        return sum({1 << inner.read(each, path, known.see) for each in told})

    return Form("words", lambda bits, _: [inner.tell(each) for each in of if bits >> each.value & 1], read_members)


def _read_kind(told: Json, path: str, known: Known) -> int:
    code = known.codes.get(read_scalar(str, told, path))
    if code is None:
        raise NoSuchValue(path, f"{told!r} is no kind")
    known.kind = known.kinds[code]
    return code


def _tell_kind(code: int, known: Known) -> str:
    known.kind = known.kinds[code]
    return known.kind.event


def _details_of(kind: Kind) -> Type:
    return type_of(cast("Hashable", kind.details))


def _read_details(told: Json, path: str, known: Known) -> bytes | None:
    details: Details = _details_of(known.kind).read(told, path, known.see)
    return activities.pack_details(details)


KIND = Form("kind", _tell_kind, _read_kind)
TYPED_TEXT = Form(
    "text",
    lambda packed, _: activities.unpack_text(packed),
    lambda told, path, _: activities.pack_text(read_scalar(str, told, path)),
)
DETAILS = Form(
    "details of the kind",
    lambda packed, known: _details_of(known.kind).tell(activities.unpack_details(known.kind, packed)),
    _read_details,
)


def same(form: Form, *names: str, **more: Any) -> tuple[Field, ...]:
    """Fields that are called as their columns are."""
    return tuple(Field(name, form, (name,), **more) for name in names)
