"""What is answered about fields, and what a new one takes, as types for the OpenAPI document."""

from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from genjin.domain.custom_field import PREFIXES
from genjin.wire.field_groups import BY_SINGULAR, FOLLOW_UP_FORM
from genjin.wire.inputs import Input
from genjin.wire.sales_activity import Empty, Exact


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


class NewCustomField(Input):
    """A field to add."""

    entity_type: Annotated[str, WithJsonSchema({"enum": [*BY_SINGULAR, FOLLOW_UP_FORM]})]
    label: Annotated[Any, WithJsonSchema({"type": "string", "pattern": r"\S", "maxLength": 100})]
    field_type: Annotated[str, WithJsonSchema({"enum": [*PREFIXES]})] = "text_field"
    group_label: Annotated[str, WithJsonSchema({"type": "string", "maxLength": 100})] = ""
    required: Annotated[Any, WithJsonSchema({"type": ["boolean", "string", "null"]})] = False
    placeholder: Annotated[str, WithJsonSchema({"type": "string", "maxLength": 255})] = ""
    choices: list[str] = Field([], description="labels, of select and multi_select alone")


class CustomFieldCreation(Input):
    """A field to add to a form."""

    custom_field: NewCustomField
