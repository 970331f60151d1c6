"""Tables that people bring in: uploaded, their columns read as somebody says, tried out, and imported by a job, whose
progress is looked at; what was not taken comes back as a file.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from tempfile import TemporaryFile
from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response, StreamingResponse

from genjin.api.downloads import named
from genjin.domain.table_import import Asked, Duplicates, TableForm
from genjin.errors import Invalid, NotFound
from genjin.exporters.sheets import MEDIA_TYPES, pieces
from genjin.importers.tables import uploads
from genjin.importers.tables.importing import Preview, preview, rejected_of
from genjin.importers.tables.sheets import TableFile, sheets_of
from genjin.importers.tables.uploads import TRIED, Queued
from genjin.service.files.files import read_file
from genjin.service.records.exporting import exporting_alone
from genjin.web.calling import Caller, Form, PageCall, Posted
from genjin.web.pages.lists import plural_of
from genjin.web.pages.uploads import keep_file
from genjin.web.rendering import HEADERS, go, page
from genjin.web.texts import _
from genjin.wire.v1.refs import TYPE_NAMES
from genjin.wire.v1.shared import Id

SHOWN = 50
"""Rejected rows that stand on the page; all of them are in the file."""
_OF_ENTRIES: Mapping[TableForm, str] = {TableForm.FOLLOW_UPS: _("Follow-ups"), TableForm.CALLS: _("Calls")}
DUPLICATES: Mapping[Duplicates, tuple[str, str]] = {
    Duplicates.SKIP: (_("Skip them"), _("What is there stays as it is.")),
    Duplicates.UPDATE: (_("Update them"), _("What the table has is written over what is there.")),
    Duplicates.REJECT: (_("Give them back"), _("They are among the rows that are not imported, with the reason.")),
    Duplicates.CREATE: (_("Create them all the same"), _("There are two of them then.")),
}
STATES: Mapping[str, tuple[str, str]] = {
    "done": (_("Done"), "good"),
    "waiting": (_("Waiting"), ""),
    "running": (_("Running"), ""),
    "failed": (_("Failed"), "bad"),
    "cancelled": (_("Cancelled"), "warn"),
    "stopped": (_("Stopped"), "warn"),
}
FIELDS: Mapping[str, str] = {
    "user_id": _("Owner"),
    "want_department_id": _("Department of the owner"),
    "revisit_remind_at": _("Next follow-up"),
    "creator": _("Created by"),
    "created_at": _("Created on"),
    "external_id": _("Number elsewhere"),
    "id": _("ID in Genjin"),
    "customer": _("Name of the customer"),
    "lead": _("Name of the lead"),
    "record": _("Name of the customer or lead"),
    "record_id": _("ID of the customer or lead"),
    "record_external_id": _("Number of the customer or lead elsewhere"),
    "phone": _("Phone"),
    "at": _("When"),
    "said_at": _("When it really was"),
    "author": _("Who"),
    "content": _("What was said"),
    "remind_at": _("Next follow-up"),
    "talk_time": _("Length of the call"),
    "is_connected": _("Answered or not"),
    "dial_type": _("Outgoing or incoming"),
    "address.tel": _("Phone"),
    "address.phone": _("Mobile"),
    "address.email": _("E-mail"),
    "address.wechat": _("WeChat"),
    "address.qq": _("QQ"),
    "address.fax": _("Fax"),
    "address.url": _("Website"),
    "address.zip": _("Postcode"),
    "address.detail_address": _("Address"),
}
"""What fields are called that no form of the organisation names."""


def show(call: Caller) -> Response:
    """One's imports, and the form that begins one."""
    return _all(call, _form_named(call.request.query_params.get("as")))


def upload(call: Caller, form: Form) -> Response:
    """Keep the table that is to be imported, and go on to its columns."""
    of = _form_named(form.text("as"))
    files = form.files.get("file", [])
    try:
        if len(files) != 1:
            raise Invalid({"file": [_("Choose a file.")]})
        kept = keep_file(call, files[0], "file")
        with uploads.opened(call.installation, call.session, kept.id) as table:
            sheets_of(table)
    except Invalid as error:
        return _all(call, of, _said(call, error), 422)
    return go(call, f"/imports/new?file={kept.id}&as={of.value}")


def new(
    call: Caller, file: Id, as_: Annotated[str, Query(alias="as")] = "", sheet: str = "", heading: int = 0
) -> Response:
    """How the columns are read, guessed at first."""
    name = read_file(call.installation, call.session, file).file.name
    asked = Asked(_form_named(as_), {}, name, sheet, duplicates=Duplicates.SKIP, language=call.language)
    with uploads.opened(call.installation, call.session, file) as table:
        try:
            seen = preview(call.installation, call.session, table, asked, max(0, heading))
        except Invalid as error:
            return _all(call, asked.form, _said(call, error), 422)
        return _mapped(call, file, table, seen)


def begin(call: Caller, form: Form) -> Response:
    """Look at it by other columns, try it out, or begin."""
    file_id, act = _file_id(form), form.text("act")
    name = read_file(call.installation, call.session, file_id).file.name
    asked = _asked(call, form, name)
    with uploads.opened(call.installation, call.session, file_id) as table:
        try:
            if not asked.columns and act in ("try", "start"):
                raise Invalid({"columns": [_("Say what at least one column is.")]})
            seen = preview(call.installation, call.session, table, asked, asked.heading)
        except Invalid as error:
            plain = preview(call.installation, call.session, table, replace(asked, columns={}), asked.heading)
            columns = [replace(each, field=asked.columns.get(each.key, "")) for each in plain.columns]
            seen = replace(plain, asked=asked, columns=columns)
            return _mapped(call, file_id, table, seen, 422, errors=_said(call, error))
        if act == "start":
            its = uploads.begin_by_job(call.installation, call.session, table, file_id, seen.asked)
            return go(call, f"/imports/{its.id}" + ("?known=1" if its.ended_at is not None else ""))
        tried = uploads.try_out(call.installation, call.session, table, seen) if act == "try" else None
        return _mapped(call, file_id, table, seen, tried=tried)


def open_one(call: Caller, id: Id) -> Response:  # noqa: A002
    """How far one is, and what became of it; the part of a page that looks again by itself."""
    queued = uploads.find_queued(call.installation, call.session, id)
    rejected = list(islice(rejected_of(call.installation, call.session.organisation_id, id), SHOWN))
    return page(
        call,
        "parts/import.html" if call.is_partial else "pages/import.html",
        **_about(call, queued),
        states=STATES,
        rejected=rejected,
        has_file=_has_file(call, queued),
        known="known" in call.request.query_params,
        here="imports",
    )


def act_on(call: Caller, id: Id, form: Form) -> Response:  # noqa: A002
    """Let it end where it is, go on, or do it once more."""
    installation, session = call.installation, call.session
    match form.text("act"):
        case "cancel":
            uploads.cancel(installation, session, id)
        case "go_on":
            uploads.go_on(installation, session, id)
        case "again":
            queued = uploads.find_queued(installation, session, id)
            if queued.file_id is None:
                raise NotFound("it is of the command line")
            with uploads.opened(installation, session, queued.file_id) as table:
                asked = queued.its.asked
                its = uploads.begin_by_job(installation, session, table, queued.file_id, asked, again=True)
            return go(call, f"/imports/{its.id}")
        case _:
            raise Invalid({"act": [_("is none of these")]})
    return go(call, f"/imports/{id}")


def download_rejected(call: Caller, id: Id) -> Response:  # noqa: A002
    """The rows that were not taken, with the reason of each, as the same kind of file."""
    queued = uploads.find_queued(call.installation, call.session, id)
    with ExitStack() as held:
        held.enter_context(exporting_alone(call.installation, call.session))
        out = held.enter_context(TemporaryFile())
        name = uploads.write_rejected_of(call.installation, call.session, queued, out)
        out.seek(0)
        headers = {**HEADERS, "Content-Disposition": f"attachment; {named(name)}"}
        return StreamingResponse(pieces(out, held.pop_all()), 200, headers, MEDIA_TYPES[name.rpartition(".")[2]])


def _all(
    call: PageCall, of: TableForm, errors: Mapping[str, Sequence[str]] | None = None, status: int = 200
) -> Response:
    found = uploads.list_queued(call.installation, call.session)
    return page(
        *(call, "pages/imports.html", status),
        imports=[_about(call, each) for each in found],
        states=STATES,
        forms={form: _called(call, form) for form in TableForm},
        of=of,
        errors=errors or {},
        here="imports",
    )


def _mapped(
    call: PageCall,
    file_id: int,
    table: TableFile,
    seen: Preview,
    status: int = 200,
    *,
    errors: Mapping[str, Sequence[str]] | None = None,
    tried: Any = None,
) -> Response:
    used = [column for column in seen.columns if column.field]
    return page(
        call,
        "parts/import_columns.html" if call.is_partial else "pages/import_columns.html",
        status,
        file_id=file_id,
        asked=seen.asked,
        columns=[(column, _sample(seen, column.place)) for column in seen.columns],
        used=used,
        rows=seen.rows,
        fields={field: _field_label(call, field, label) for field, label in seen.fields.items()},
        sheets=sheets_of(table),
        forms={form: _called(call, form) for form in TableForm},
        form_name=_called(call, seen.asked.form),
        duplicates=DUPLICATES,
        errors=errors or {},
        tried=tried,
        most_tried=TRIED,
        here="imports",
    )


def _sample(seen: Preview, place: int) -> list[str]:
    """What stands in a column at first."""
    return [row.cells[place] for row in seen.rows if place < len(row.cells) and row.cells[place]][:3]


def _said(call: PageCall, error: Invalid) -> dict[str, list[str]]:
    """What is wrong, by field; what is told in both languages in the one of the page."""
    nth = 0 if call.language == "zh" else -1
    return {field: [call.say(text).split(" / ")[nth] for text in texts] for field, texts in error.errors.items()}


def _about(call: PageCall, queued: Queued) -> dict[str, Any]:
    its = queued.its
    state = "done" if its.ended_at is not None else queued.job.state.value if queued.job else "stopped"
    return {
        "queued": queued,
        "its": its,
        "state": state,
        "percent": None if queued.part is None else int(100 * queued.part),
        "form_name": _called(call, its.asked.form),
        "list": f"/{TYPE_NAMES[its.asked.form.type]}" if its.asked.form.type else "/entries",
    }


def _called(call: PageCall, form: TableForm) -> str:
    return call.say(_OF_ENTRIES[form]) if form.type is None else plural_of(call, form.type)


def _field_label(call: PageCall, field: str, label: str) -> str:
    return call.say(FIELDS[field]) if field in FIELDS and call.language != "zh" else label


def _form_named(name: str | None) -> TableForm:
    return TableForm(name) if name in {form.value for form in TableForm} else TableForm.CUSTOMERS


def _has_file(call: PageCall, queued: Queued) -> bool:
    if queued.file_id is None:
        return False
    try:
        read_file(call.installation, call.session, queued.file_id)
    except NotFound:
        return False
    return True


def _file_id(form: Posted) -> int:
    text = form.text("file")
    if not text.isdecimal() or len(text) > 10:
        raise NotFound("no such file")
    return int(text)


def _asked(call: PageCall, form: Posted, name: str) -> Asked:
    keys, fields = form.values.get("column", ()), form.values.get("field", ())
    heading = form.text("heading")
    policy = form.text("duplicates")
    return Asked(
        form=_form_named(form.text("as")),
        columns={key: field for key, field in zip(keys, fields, strict=False) if field},
        name=name,
        sheet=form.text("sheet"),
        heading=int(heading) if heading.isdecimal() and len(heading) < 5 else 1,
        duplicates=Duplicates(policy) if policy in {each.value for each in Duplicates} else Duplicates.SKIP,
        source=form.text("source")[:64] or "import",
        language=call.language,
    )
