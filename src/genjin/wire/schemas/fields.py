"""What is answered about fields, and what a new one takes, as types for the OpenAPI document."""

from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from genjin.domain.custom_field import MAX_CHOICES, MAX_LABEL, PREFIXES, WITH_CHOICES
from genjin.wire.records.field_groups import BY_SINGULAR, FOLLOW_UP_FORM
from genjin.wire.sales_activity import Empty, Exact
from genjin.wire.schemas.input_types import NOT_BLANK, Anything, NoList, ShortText
from genjin.wire.schemas.inputs import Input

_WORD = r"[^\s\x00\x1c-\x1f\x85]+"
Label = Annotated[str, Field(pattern=f"^{_WORD}( {_WORD})*$")]
"""Of a choice; two that differ in blanks at the ends are alike."""
Labels = Annotated[list[Label], Field(min_length=1, max_length=MAX_CHOICES, json_schema_extra={"uniqueItems": True})]
FieldLabel = Annotated[
    Any, WithJsonSchema({"type": ["string", "number", "boolean"], "pattern": NOT_BLANK, "maxLength": MAX_LABEL})
]
GroupLabel = Annotated[Any, WithJsonSchema({"type": ["string", "number", "boolean", "null"], "maxLength": MAX_LABEL})]
PlainType = Annotated[
    str, WithJsonSchema({"enum": [None, "", *(name for name in PREFIXES if name not in WITH_CHOICES)]})
]


class FieldChoice(Exact):
    """One choice; `id` and `value` are the same."""

    id: str
    value: str
    label: str


class FieldOptions(Exact):
    """What a select box shows."""

    collection_options: list[FieldChoice]


class FormField(Exact):
    """A field of a form."""

    id: int
    name: str
    label: str
    field_type: str
    category: str = Field(description="common, or custom for one that was added")
    position: int
    placeholder: str
    label_html_options: Empty
    custom_column_name: str
    input_field_options: FieldOptions
    status: str
    required: bool
    cannot_edit: bool
    cannot_add: bool


class FieldGroup(Exact):
    """Fields that stand together."""

    id: int
    label: str
    position: int
    status: str
    custom_field_setting_id: int
    custom_fields: list[FormField]


class FieldGroups(Exact):
    """The groups of one form."""

    custom_field_groups: list[FieldGroup]


class AllFieldGroups(Exact):
    """The groups of every form."""

    lead: FieldGroups
    customer: FieldGroups
    contact: FieldGroups
    opportunity: FieldGroups
    contract: FieldGroups
    revisit_log: FieldGroups
    product: FieldGroups
    received_payment: FieldGroups


class FieldMaps(Exact):
    """The choices of every list of a form, by the field."""

    field_maps: dict[str, list[FieldChoice]]


class ListedField(Exact):
    """A field by which a list is filtered or sorted."""

    name: str
    label: str
    field_type: str


class FilterSortGroup(Exact):
    """What a list may be filtered and sorted by."""

    filters: list[ListedField]
    sorts: list[ListedField]


class FilterOptions(Exact):
    """The choices of one field."""

    filter_options: list[FieldChoice]


class _NewField(Input):
    entity_type: Annotated[str, WithJsonSchema({"enum": [*BY_SINGULAR, FOLLOW_UP_FORM]})] = Field(examples=["lead"])
    label: FieldLabel = Field(examples=["门店"])
    group_label: GroupLabel = ""
    required: Anything = False
    placeholder: ShortText = ""


class NewPlainField(_NewField):
    """A field to add that has no choices."""

    field_type: PlainType = "text_field"
    choices: NoList = None


class NewListField(_NewField):
    """A field to add whose value is chosen from a list."""

    field_type: Annotated[str, WithJsonSchema({"enum": sorted(WITH_CHOICES)})]
    choices: Labels | Label = Field(description="labels, or the only one")


class CustomFieldCreation(Input):
    """A field to add to a form."""

    custom_field: NewPlainField | NewListField
