"""Files that are sent before the form that they belong to, or with it. What no entry takes over is swept in the end."""

from typing import Annotated

from fastapi import Query
from starlette.datastructures import UploadFile
from starlette.responses import PlainTextResponse, Response

from genjin.domain.attachment import THUMBNAIL, Attachment, FileKind, Upload
from genjin.errors import Invalid, NotFound
from genjin.service.files.files import read_file
from genjin.service.files.uploads import arriving, keep
from genjin.web.calling import Caller, Form, PageCall, Posted
from genjin.web.forms import Uploaded
from genjin.web.rendering import HEADERS, page
from genjin.wire.scalars import id_or_none
from genjin.wire.v1.shared import Id

CHUNK = 262_144
"""Bytes that are copied at a time."""
FILES, MORE_FILES, SOUNDS = "attachment_ids", "attachment_file_ids", "audio_ids"
"""What fields with the ids of uploads are called, as in /api/v2: of anything, of files, of what there is to hear."""


def upload(call: Caller, form: Form) -> Response:
    """Keep one file. The answer is what stands for it in a form, or what is wrong with it."""
    field = SOUNDS if form.text("as") == SOUNDS else FILES
    files = form.files.get("file", [])
    try:
        if len(files) != 1:
            raise Invalid({field: ["不能为空"]})
        return _shown(call, keep_file(call, files[0], field), field)
    except Invalid as error:
        said = " ".join(call.say(text) for texts in error.errors.values() for text in texts)
        return PlainTextResponse(said, 422, HEADERS)


def show(call: Caller, id: Id, as_: Annotated[str, Query(alias="as")] = FILES) -> Response:  # noqa: A002
    """An upload of one's own that is attached to nothing yet, in a form that is opened again."""
    file = read_file(call.installation, call.session, id).file
    if file.holder is not None:
        raise NotFound("attached already")
    return _shown(call, file, SOUNDS if as_ == SOUNDS else FILES)


def keep_file(call: PageCall, file: UploadFile, field: str = FILES) -> Attachment:
    """Keep a file that came with a form. Raises Invalid for one that is empty, too large, or has no sound."""
    most = call.door.settings.max_file_bytes
    with arriving(call.installation) as to:
        while chunk := file.file.read(CHUNK):
            if to.size + len(chunk) > most:
                raise Invalid({field: ["文件太大"]})
            to.write(chunk)
        try:
            kept = keep(call.installation, call.session, to, Upload(file.filename or ""))
        except Invalid as error:
            raise Invalid({field: [text for texts in error.errors.values() for text in texts]}) from error
    if field == SOUNDS and kept.kind is not FileKind.RECORDING:
        raise Invalid({field: ["这个文件不是录音"]})
    return kept


def kept_with(call: PageCall, form: Posted) -> Posted:
    """The form with the ids of the files that came with it, as if they had been sent before. Raises Invalid."""
    values = {name: list(some) for name, some in form.values.items()}
    for name, field in (("files", FILES), ("sounds", SOUNDS)):
        kept = [keep_file(call, file, field) for file in form.files.get(name, ())]
        if kept:
            values[field] = [*values.get(field, []), *(str(file.id) for file in kept)]
    return Posted(values, {})


def uploads_in(call: PageCall, form: Posted) -> list[Uploaded]:
    """The files that a form names, for when it is shown again: those that the viewer may see."""
    found = []
    for field in (FILES, MORE_FILES, SOUNDS):
        for id_ in filter(None, map(id_or_none, form.texts(field))):
            try:
                file = read_file(call.installation, call.session, id_).file
            except NotFound:
                continue
            found.append(uploaded(call, field, file))
    return found


def uploaded(call: PageCall, field: str, file: Attachment) -> Uploaded:
    """A file as a form shows it."""
    return Uploaded(field, file, call.links.url(file, THUMBNAIL) if file.kind is FileKind.PICTURE else "")


def _shown(call: PageCall, file: Attachment, field: str) -> Response:
    return page(call, "parts/upload.html", upload=uploaded(call, field, file))
