"""What the paths of files may be told, as types for the OpenAPI document; see inputs.py."""

from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from genjin.domain.attachment import MAX_NOTE, MAX_SUB_TYPE
from genjin.wire.modules import RECORD_TYPES
from genjin.wire.schemas.input_types import Anything, Id
from genjin.wire.schemas.inputs import Input, Paging


def _text(most: int) -> Any:
    """A text, or anything that can be said in one."""
    return WithJsonSchema({"type": ["string", "number", "boolean", "null"], "maxLength": most})


Bytes = Annotated[Any, WithJsonSchema({"type": "string", "format": "binary"})]
FileName = Annotated[Any, WithJsonSchema({"type": ["string", "number", "boolean", "null"]})]
Note = Annotated[Any, _text(MAX_NOTE)]
SubType = Annotated[Any, _text(MAX_SUB_TYPE)]
NeededId = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,8}$"})]
Klass = Annotated[str, WithJsonSchema({"enum": [name.lower() for name in RECORD_TYPES]})]


class TicketQuery(Input):
    """What the upload is for."""

    policy: str = Field("", description="`attachment` or `audio2mp3`; read by the upstream, ignored here")


class FileQuery(Paging):
    """Whose files."""

    entity_type: Klass = Field(description="the type of the record; its class name is read too")
    entity_id: NeededId = Field(description="the record")


class NewFile(Input):
    """A file, and what is said of it."""

    file: Bytes = Field(description="the file; any name will do for a part that has a file name")
    name: FileName = Field(None, description="the file's name; the one that it was sent with when not told")
    note: Note = None
    sub_type: SubType = None
    policy: Anything = Field(None, description="read by the upstream, ignored here")


class TicketUpload(Input):
    """A file and the ticket that lets it in."""

    token: str = Field(description="the ticket; a web form sends its `policy` and `signature` instead")
    file: Bytes = Field(description="the file, behind the ticket")
    custom_name: FileName = Field(None, alias="x:custom_name", description="the file's name")


class FilesToAttach(Input):
    """Uploads to attach."""

    attachment_ids: list[Id] = Field(min_length=1, max_length=100)
    sub_type: SubType = None


class FileToAdd(Input):
    """An upload and its note."""

    id: Id
    note: Note = None


class FilesToAdd(Input):
    """Uploads to attach, each with its note."""

    klass: Klass = Field(description="the type of the record")
    attachments: list[FileToAdd] = Field(min_length=1, max_length=100)
