"""Uploads on the wire: what may be told beside a file, the tickets that let one in, and what is answered."""

from base64 import b64encode

import orjson
from pydantic import Field

from genjin.domain.attachment import Attachment, FileChange, Upload
from genjin.domain.json import JsonValue
from genjin.domain.records import Ref
from genjin.errors import Invalid
from genjin.wire.envelope import Flat
from genjin.wire.files.file import Url
from genjin.wire.modules import type_of_class
from genjin.wire.params import Params, as_list, text
from genjin.wire.sales_activity import Exact
from genjin.wire.scalars import id_or_none, no_id
from genjin.wire.targets import read_target

BUCKET = "genjin"
"""What we call our own store, where a client wants to know of one."""


class Ticket(Flat):
    """A ticket for uploads."""

    uptoken: str
    upload_url: str = Field(description="where to send the file")
    expires_in: int = Field(description="seconds")


class FormTicketParts(Exact):
    """What a web form sends beside its file; `host` is where to."""

    host: str
    accessid: str
    policy: str
    signature: str
    callback: str


class FormTicket(Flat):
    """A ticket for uploads, for a web form."""

    uptoken: FormTicketParts


class _Stored(Exact):
    id: int = Field(description="what `attachment_ids[]` and `audio_ids[]` take")
    key: str
    name: str
    file_url: str
    size: int
    type: str
    duration: int = Field(description="seconds; 0 where there is nothing to hear")
    bucket: str
    etag: str = Field(description="the SHA-256")
    persistentId: str  # noqa: N815


class Payload(_Stored):
    """The same once more, where web forms look for it."""


class StoredFile(_Stored, Flat):
    """A file that was uploaded with a ticket."""

    payload: Payload


def upload_input(params: Params, file_name: str) -> Upload:
    """What is told beside a file: our names, and the form variables of the upstream's store. Raises Invalid."""
    return Upload(
        name=text(params, "name") or text(params, "x:custom_name") or file_name,
        note=text(params, "note"),
        sub_type=text(params, "sub_type"),
        target=_entity(params) or _audioable(params),
    )


def file_changes(params: Params) -> tuple[str, list[FileChange]]:
    """What to attach, and the parameter that says it: `attachment_ids[]` with one `sub_type`, or `attachments[]` of
    `{id, note}`. Raises Invalid.
    """
    sub_type = text(params, "sub_type") if "sub_type" in params else None
    found, wrong = list[FileChange](), False
    for item in as_list(params.get("attachment_ids")):
        if not no_id(item):
            id_ = id_or_none(item)
            wrong = wrong or id_ is None
            found.append(FileChange(id_ or 0, None, sub_type))
    for each in as_list(params.get("attachments")):
        id_ = id_or_none(each.get("id") if isinstance(each, dict) else each)
        wrong = wrong or id_ is None
        note = text(each, "note") if isinstance(each, dict) and "note" in each else None
        found.append(FileChange(id_ or 0, note, sub_type))
    field = "attachment_ids" if "attachment_ids" in params else "attachments"
    if wrong:
        raise Invalid({field: ["不是有效的编号"]})
    if not found:
        raise Invalid({field: ["不能为空"]})
    return field, found


def record_of(params: Params) -> Ref:
    """The record whose files are asked for: `entity_type` and `entity_id`. Raises Invalid."""
    ref = _entity(params)
    if ref is None:
        raise Invalid({"entity_id": ["不能为空"]})
    return ref


def ticket_of(params: Params) -> str:
    """The ticket of an upload: in one piece, or as the policy and the signature that the web form sends."""
    whole = text(params, "token").strip()
    parts = (text(params, "policy").strip(), (text(params, "signature") or text(params, "Signature")).strip())
    return whole or ".".join(parts)


def ticket_answer(ticket: str, upload_url: str, seconds: int) -> dict[str, JsonValue]:
    """What who asks for a ticket is told."""
    return {"code": 0, "uptoken": ticket, "upload_url": upload_url, "expires_in": seconds}


def form_ticket_answer(ticket: str, upload_url: str) -> dict[str, JsonValue]:
    """The same in the pieces that the web form sends back."""
    policy, _, signature = ticket.partition(".")
    callback = b64encode(orjson.dumps({"callbackUrl": upload_url, "callbackBodyType": "application/json"})).decode()
    pieces = {"host": upload_url, "accessid": BUCKET, "policy": policy, "signature": signature, "callback": callback}
    return {"code": 0, "uptoken": pieces}


def stored_answer(file: Attachment, url: Url) -> dict[str, JsonValue]:
    """What an upload with a ticket is answered: at the top for the mobile client, in `payload` for the web form."""
    stored: dict[str, JsonValue] = {
        "id": file.id,
        "key": f"{file.sha256.hex()}/{file.name}",
        "name": file.name,
        "file_url": url(file, ""),
        "size": file.size,
        "type": file.content_type,
        "duration": file.seconds or 0,
        "bucket": BUCKET,
        "etag": file.sha256.hex(),
        "persistentId": "",
    }
    return {"code": 0, **stored, "payload": stored}


def _entity(params: Params) -> Ref | None:
    """The record that is named; None where its id is that of nothing."""
    return None if no_id(params.get("entity_id")) else read_target(params, "entity_type", "entity_id")


def _audioable(params: Params) -> Ref | None:
    """The record that a recording is told to belong to; of other things it may name, only its entry can take it."""
    type_, id_ = type_of_class(text(params, "x:audioable_type").strip()), id_or_none(params.get("x:audioable_id"))
    return None if type_ is None or id_ is None else Ref(type_, id_)
