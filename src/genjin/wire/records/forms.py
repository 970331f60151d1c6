"""What each record type is called on the wire, and which fields it has there: one declaration for each type.

Reading (input.py), listing (filter.py), showing (record.py) and telling of changes (change.py) go by it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cached_property

from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.records import Record, RecordType
from genjin.errors import Invalid

ADDRESS_TEXTS = ("tel", "phone", "email", "qq", "fax", "wechat", "wangwang", "zip", "url", "detail_address")
MAX_TEXT, MAX_OPTION = 20_000, 64
"""The longest text and option id that is taken, in characters."""


class FieldType(Enum):
    """What a field may hold, and so how it is read and shown."""

    TEXT = auto()
    OPTION = auto()
    """The id of a choice of the option list that `Field.of` names."""
    WORD = auto()
    """One of the words of `Field.words`."""
    NUMBER = auto()
    """A whole number from 0 to 100."""
    AMOUNT = auto()
    DATE = auto()
    RECORD = auto()
    """The id of another record."""
    LABELS = auto()
    ADDRESS = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """One field by its name on the wire. It is kept in the `column` of Record, or as a detail of its own name."""

    name: str
    type: FieldType = FieldType.TEXT
    column: str = ""
    of: str = ""
    words: tuple[str, ...] = ()

    @property
    def stored(self) -> str:
        """Its name in Record, or in the details."""
        return self.column or self.name

    def value(self, record: Record) -> JsonValue:
        """What a record holds in it."""
        held: JsonValue = getattr(record, self.column) if self.column else record.details.get(self.name)
        return held


@dataclass(frozen=True)
class Form:
    """A record type on the wire: `singular` names parameters (`lead[name]`), `plural` paths and lists. `nested` are
    the forms of what may be written together with it, by the parameter.
    """

    type: RecordType
    singular: str
    plural: str
    fields: tuple[Field, ...]
    nested: "Mapping[str, Form]" = field(default_factory=dict)

    @cached_property
    def by_stored_name(self) -> Mapping[str, Field]:
        """The fields by what `Field.stored` says."""
        return {each.stored: each for each in self.fields}

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """The fields by their names on the wire."""
        return {each.name: each for each in self.fields}

    @property
    def plain_details(self) -> tuple[str, ...]:
        """The details that are one text each."""
        texts = (FieldType.TEXT, FieldType.OPTION)
        return tuple(each.name for each in self.fields if not each.column and each.type in texts)


def _option(name: str, of: str, column: str = "") -> Field:
    return Field(name, FieldType.OPTION, column, of)


def _columns(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name, column=name) for name in names)


def _details(*names: str, type_: FieldType = FieldType.TEXT) -> tuple[Field, ...]:
    return tuple(Field(name, type_) for name in names)


def _record(name: str) -> Field:
    return Field(name, FieldType.RECORD, name)


_ADDRESS = Field("address", FieldType.ADDRESS)

LEAD = Form(
    RecordType.LEAD,
    "lead",
    "leads",
    (
        *_columns("name", "company_name"),
        _option("status", "lead.status", "status"),
        _option("source", "lead.source", "source"),
        *_details("department", "job", "note", "customer_requirement", "channel_code"),
        _ADDRESS,
    ),
)
CONTACT = Form(
    RecordType.CONTACT,
    "contact",
    "contacts",
    (
        *_columns("name"),
        _record("customer_id"),
        _option("category", "contact.category", "category"),
        *_details("department", "job", "note"),
        Field("gender", FieldType.WORD, words=("male", "female")),
        Field("birth_date", FieldType.DATE),
        _ADDRESS,
    ),
)
OPPORTUNITY = Form(
    RecordType.OPPORTUNITY,
    "opportunity",
    "opportunities",
    (
        Field("title", column="name"),
        _record("customer_id"),
        Field("expect_amount", FieldType.AMOUNT, "amount"),
        _option("stage", "opportunity.stage", "status"),
        _option("source", "opportunity.source", "source"),
        _option("kind", "opportunity.kind", "category"),
        Field("sign_possibility", FieldType.NUMBER),
        *_details("expect_sign_date", "get_time", type_=FieldType.DATE),
        *_details("customer_requirement", "note"),
    ),
)
CUSTOMER = Form(
    RecordType.CUSTOMER,
    "customer",
    "customers",
    (
        *_columns("name", "company_name"),
        _option("status", "customer.status", "status"),
        _option("source", "customer.source", "source"),
        _option("category", "customer.category", "category"),
        _option("industry", "customer.industry"),
        _option("staff_size", "customer.staff_size"),
        *_details("note", "customer_requirement"),
        Field("parent_id", FieldType.RECORD),
        Field("labels", FieldType.LABELS),
        _ADDRESS,
    ),
    nested={"contacts_attributes": CONTACT, "opportunities_attributes": OPPORTUNITY},
)
CONTRACT = Form(
    RecordType.CONTRACT,
    "contract",
    "contracts",
    (
        Field("title", column="name"),
        _record("customer_id"),
        _record("opportunity_id"),
        Field("total_amount", FieldType.AMOUNT, "amount"),
        _option("status", "contract.status", "status"),
        _option("category", "contract.category", "category"),
        _option("payment_type", "contract.payment_type"),
        *_details("start_at", "end_at", "sign_date", type_=FieldType.DATE),
        *_details("sn", "customer_signer", "our_signer", "special_terms", "note"),
    ),
)

FORMS: Mapping[RecordType, Form] = {form.type: form for form in (LEAD, CUSTOMER, CONTACT, OPPORTUNITY, CONTRACT)}
_OF_EVERY_TYPE = ("revisit_remind_at", "real_revisit_at")


def check_fields(names: Iterable[str], directory: Directory) -> None:
    """Raises Invalid for what names no field of a record, such as `customer.note`, `lead.address.email`."""
    known = {f"{form.singular}.{name}" for form in FORMS.values() for name in (*form.by_name, *_OF_EVERY_TYPE)}
    known |= {f"{form.singular}.address.{part}" for form in FORMS.values() for part in ADDRESS_TEXTS}
    customs = (each for each in directory.custom_fields.values() if each.record_type is not None)
    known |= {f"{FORMS[each.record_type].singular}.{each.name}" for each in customs if each.record_type}
    if unknown := [name for name in names if name not in known]:
        raise Invalid({name: ["there is no such field"] for name in unknown})
