"""Files: uploads in the three ways of the upstream's clients and our own, attaching, listing, deleting."""

from collections.abc import Callable

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from genjin.api.answers import answer, flat
from genjin.api.calling import Call, Door, SignedIn, admit, sign_in_by_token
from genjin.api.links import base_url, links_for
from genjin.api.multipart import Limits, read_file
from genjin.domain.attachment import Attachment
from genjin.domain.json import JsonValue
from genjin.domain.records import Ref
from genjin.errors import RouteNotFound
from genjin.service.context import Session
from genjin.service.files import files, uploads
from genjin.service.files.files import FileView
from genjin.wire.envelope import listed
from genjin.wire.files.file import file_dump, owner_of
from genjin.wire.files.links import FileLinks
from genjin.wire.files.upload import (
    file_changes,
    form_ticket_answer,
    record_of,
    stored_answer,
    ticket_answer,
    ticket_of,
    upload_input,
)
from genjin.wire.modules import type_of_class
from genjin.wire.params import Params, merge, parse_query, text
from genjin.wire.scalars import page_of

UPLOAD = "/api/v2/attachments"
UPLOAD_WITH_TICKET = "/api/v2/qiniu/upload"


async def upload_file(request: Request) -> Response:
    """Upload one file as multipart; the token stands in a header, in the query, or in a field before the file.

    What the file is, is told by its bytes. It belongs to who uploaded it until it is attached to something, within
    seven days.
    """
    door: Door = request.app.state.door
    session, file = await _receive(request, lambda params: sign_in_by_token(door, request.scope, params))
    links = links_for(door, request.scope, session.organisation_id)
    return answer(_dump(session, links, FileView(file)))


async def upload_with_ticket(request: Request) -> Response:
    """Upload one file as multipart with a ticket that stands before it: `token`, or `policy` and `signature`."""
    door: Door = request.app.state.door

    def by_ticket(params: Params) -> Session:
        session = uploads.session_of_ticket(door.installation, ticket_of(params))
        admit(door, request.scope, "", session)
        return session

    session, file = await _receive(request, by_ticket)
    return flat(stored_answer(file, links_for(door, request.scope, session.organisation_id).url))


def issue_ticket(call: SignedIn) -> Response:
    """A ticket for uploads, for an hour, and where to upload. `policy` may be anything."""
    ticket = uploads.issue_ticket(call.installation, call.session)
    return flat(ticket_answer(ticket, _upload_url(call), uploads.TICKET_SECONDS))


def issue_form_ticket(call: SignedIn) -> Response:
    """The same for a web form: the fields that it sends to `host` beside its file."""
    return flat(form_ticket_answer(uploads.issue_ticket(call.installation, call.session), _upload_url(call)))


def attach_files(call: SignedIn) -> Response:
    """Attach one's own uploads to a record that one may change."""
    return _attach(call, call.request.path_params["klass"])


def add_files(call: SignedIn) -> Response:
    """Attach one's own uploads, each with its note, to the record of class `klass`."""
    return _attach(call, text(call.params, "klass").strip())


def list_files(call: SignedIn) -> Response:
    """The files that are attached to a record itself, the newest first; those of its entries are in its timeline."""
    ref, page = record_of(call.params), page_of(call.params.get("page"), call.params.get("per_page"))
    found, total = files.list_files(call.installation, call.session, ref, page)
    return answer(listed("attachments", _dumps(call, found), total, page))


def read_one(call: SignedIn) -> Response:
    """One file: one's own while it is attached to nothing, afterwards for who sees what it is attached to."""
    return _answer(call, files.read_file(call.installation, call.session, call.id))


def delete_file(call: SignedIn) -> Response:
    """Delete a file: one's own while it is attached to nothing, or one of a record that one may change."""
    return _answer(call, files.delete_file(call.installation, call.session, call.id))


async def _receive(request: Request, admitted: Callable[[Params], Session]) -> tuple[Session, Attachment]:
    door: Door = request.app.state.door
    limits = Limits(door.settings.max_file_bytes, door.settings.max_body_bytes)
    query = parse_query(request.scope["query_string"])
    kind = request.headers.get("content-type", "")
    with uploads.arriving(door.installation) as arriving:
        session, fields, name = await read_file(
            request.stream(), kind, arriving, limits, lambda fields: admitted(merge(query, fields))
        )
        told = upload_input(merge(query, fields), name)
        return session, await run_in_threadpool(uploads.keep, door.installation, session, arriving, told)


def _attach(call: Call, class_name: str) -> Response:
    type_ = type_of_class(class_name)
    if type_ is None:
        raise RouteNotFound(class_name)
    field, changes = file_changes(call.params)
    found = files.attach_to_record(call.installation, call.session, Ref(type_, call.id), changes, field)
    return answer({"attachments": _dumps(call, found)})


def _dumps(call: Call, some: list[Attachment]) -> list[JsonValue]:
    links = links_for(call.door, call.request.scope, call.session.organisation_id)
    return [_dump(call.session, links, FileView(file)) for file in some]


def _answer(call: Call, view: FileView) -> Response:
    return answer(_dump(call.session, links_for(call.door, call.request.scope, call.session.organisation_id), view))


def _dump(session: Session, links: FileLinks, view: FileView) -> dict[str, JsonValue]:
    owner, calendar = owner_of(view.file, view.entry), session.directory.calendar
    return file_dump(view.file, session.organisation_id, owner, links.url, calendar)


def _upload_url(call: Call) -> str:
    return base_url(call.door, call.request.scope) + UPLOAD_WITH_TICKET
