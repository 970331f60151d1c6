"""What the look-up of duplicates is asked and answers, as types (see inputs.py and answers.py)."""

from typing import Annotated, Literal

from pydantic import Field, RootModel, WithJsonSchema

from genjin.domain.records import MERGEABLE
from genjin.wire.records.customer import NUMBERS
from genjin.wire.records.duplicates import NAME
from genjin.wire.records.forms import FORMS
from genjin.wire.sales_activity import Exact
from genjin.wire.schemas.answers import Listed
from genjin.wire.schemas.fields import ListedField
from genjin.wire.schemas.input_types import NotBlankQuery
from genjin.wire.schemas.inputs import Input, Paging
from genjin.wire.schemas.records import Customer, Lead

ComparedType = Annotated[
    str, WithJsonSchema({"type": "string", "enum": ["", *(FORMS[type_].singular for type_ in sorted(MERGEABLE))]})
]
ComparedField = Annotated[
    str,
    WithJsonSchema(
        {"type": "string", "enum": ["", NAME, *NUMBERS], "description": "or a field of numbers that was added"}
    ),
]


class NameAsked(Paging):
    """The whole name of a customer."""

    name: NotBlankQuery = Field(description="as a whole; capitals and widths do not matter", examples=["示例客户"])


class QueryAsked(Paging):
    """The whole name of a customer."""

    query: NotBlankQuery = Field(description="as a whole; capitals and widths do not matter", examples=["示例客户"])


class TypeAsked(Input):
    """Which type."""

    entity_type: ComparedType = Field("", description="`customer` when not told")


class DuplicateQuery(QueryAsked):
    """What is looked for, in which field of which type."""

    key: ComparedField = Field("", description="`name` when not told; a number is looked for in all fields of numbers")
    entity_type: ComparedType = Field("", description="`customer` when not told")


class ConcealedRecord(Exact):
    """A record of the name that was asked for, which the caller may not see."""

    id: Literal[0]
    user_id: int = Field(description="the owner; 0 for none")
    user_name: str
    name: Literal[""]


class AlikeCustomers(Listed):
    """A page of customers, the oldest first."""

    customers: list[Customer | ConcealedRecord]


class AlikeLeads(Listed):
    """A page of leads, the oldest first."""

    leads: list[Lead | ConcealedRecord]


class AlikeRecords(RootModel[AlikeCustomers | AlikeLeads]):
    """A page of records of the type that was asked for."""


class ComparedFields(Exact):
    """The fields that records are compared by."""

    entity_type: str
    fields: list[ListedField]
