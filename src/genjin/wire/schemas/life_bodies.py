"""What may be told of a record's life, as types: handing over, collaborators, merging, approval (see inputs.py)."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, WithJsonSchema

from genjin.domain.approval import APPROVABLE, MAX_NOTE
from genjin.wire.records.forms import FORMS
from genjin.wire.schemas.input_types import Anything, Blank, Id, IdOrZero, NeededQueryId, NoList, Scalar
from genjin.wire.schemas.inputs import Changes, Input

Note = Annotated[Any, WithJsonSchema({"type": ["string", "number", "boolean", "null"], "maxLength": MAX_NOTE})]
EntityType = Annotated[str, WithJsonSchema({"enum": [form.plural for form in FORMS.values()]})]
ApprovalKey = Annotated[
    Any, WithJsonSchema({"enum": [None, "", *(FORMS[type_].singular for type_ in sorted(APPROVABLE))]})
]


class NewOwner(Input):
    """Who is to own a record."""

    user_id: Id = Field(description="the new owner", examples=[1])


class Transfer(NewOwner):
    """Which records are to belong to whom."""

    entity_type: EntityType
    ids: list[Id] = Field(examples=[[1]], min_length=1)


class Collaborators(Changes):
    """Who is to work on a record beside its owner; nobody when the list is empty."""

    assist_user_ids: list[IdOrZero] | IdOrZero | NoList = Field(None, description="also as `user_ids`", examples=[[1]])


class ConversionUndone(Changes):
    """Whether the customer is to go too."""

    delete_customer: Anything = Field(None, description="whether to delete the customer, if nothing happened to it")


class Merging(Input):
    """Which records are duplicates of this one."""

    model_config = ConfigDict(json_schema_extra={"required": ["merge_ids"]})

    merge_ids: list[Id] = Field(examples=[[2]], min_length=1)


class MergeUndone(Input):
    """Which merge is to be undone."""

    merge_id: Id = Field(description="of the list of merges", examples=[1])


class ApprovalNote(Changes):
    """What there is to say to it."""

    note: Note = None


class ApprovalWords(Input):
    """What there is to say to it; below the key."""

    approve_description: Scalar = Field(None, description=f"at most {MAX_NOTE} characters")


class ApprovalByKey(Changes):
    """What is approved or denied."""

    key: ApprovalKey = Field(None, description="what it is: a `customer`, when nothing is told, or a `contract`")
    customer: ApprovalWords | Blank = None
    contract: ApprovalWords | Blank = None


class Restoring(Changes):
    """Nothing is to be told."""


class ConversionQuery(Input):
    """Which lead is to become a customer."""

    model_config = ConfigDict(json_schema_extra={"required": ["lead_id"]})

    lead_id: NeededQueryId = ""
