"""Lists as files: what is shown, all pages of it, as CSV and as Excel."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack

from starlette.responses import Response, StreamingResponse

from genjin.domain.records import RecordType
from genjin.errors import Invalid
from genjin.exporters.entries import export_entries
from genjin.exporters.sheets import MEDIA_TYPES, MOST_ROWS, Format, Type, pieces, written
from genjin.exporters.sheets import Column as SheetColumn
from genjin.service.records.exporting import exporting_alone, note_export
from genjin.service.records.listing import walk_worked
from genjin.web.calling import Caller, PageCall
from genjin.web.columns import Column
from genjin.web.pages.list_view import ListView, view_asked
from genjin.web.queries import query_of
from genjin.web.rendering import HEADERS
from genjin.web.texts import _
from genjin.wire.v1.feed import FeedQuery, feed_filter
from genjin.wire.v1.refs import TYPE_NAMES

MOST = 50_000
"""Records of one file."""
_ASKED = 1_000
"""Characters of what was asked for that the audit log keeps."""
_TYPES: Mapping[str, Type] = {"ago": "minute", "due": "minute", "time": "minute", "number": "amount", "day": "day"}
_WIDTHS = {"name": 28, "ago": 17, "due": 17, "time": 17, "person": 12, "record": 28}
"""Of columns, in characters."""

LABELS: Mapping[str, str] = {
    "id": _("ID"),
    "at": _("Time"),
    "kind": _("Kind"),
    "group": _("Group"),
    "actor_id": _("ID of the person"),
    "actor": _("Person"),
    "department": _("Department"),
    "record_type": _("Type of the record"),
    "record_id": _("ID of the record"),
    "record": _("Record"),
    "sentence": _("What happened"),
    "text": _("Text"),
    "category": _("Category"),
    "said_at": _("Time that was told"),
    "recorded_at": _("Written down"),
    "edited_at": _("Last edited"),
    "remind_at": _("Reminder"),
    "call_direction": _("Direction of the call"),
    "call_number": _("Number called"),
    "call_connected": _("Answered"),
    "call_seconds": _("Seconds of talk"),
    "place": _("Place"),
    "lat": _("Latitude"),
    "lng": _("Longitude"),
    "metres": _("Metres from the address"),
    "changes": _("Changes"),
    "linked": _("Linked records"),
    "mentions": _("Mentioned"),
    "files": _("Files"),
    "comments": _("Comments"),
    "data": _("Other data"),
    "version": _("Version"),
    "source": _("Source"),
    "external_id": _("ID at the source"),
}
"""The headings of entries."""


def download(call: Caller, type_: RecordType) -> Response:
    """The records that a list asks for, of all its pages, with the columns that it shows. Raises Invalid, Forbidden,
    InFlight.
    """
    view = view_asked(call, type_)
    if view.errors:
        raise Invalid(view.errors)
    as_excel = call.request.query_params.get("format") == "xlsx"
    query = call.request.scope["query_string"].decode("latin-1")
    form: Format = "xlsx" if as_excel else "csv"
    fields = [column.name for column in view.columns]
    with ExitStack() as held:
        held.enter_context(exporting_alone(call.installation, call.session))
        note_export(call.installation, call.session, TYPE_NAMES[type_], form, fields, query[:_ASKED])
        found = walk_worked(call.installation, call.session, view.asked, MOST)
        read = [each.read for each in _written(view)]
        columns = [_sheet_column(call, each) for each in _written(view)]
        file = written(form, columns, ([each(one) for each in read] for one in found))
        return sent(call, TYPE_NAMES[type_], form, pieces(file, held.pop_all()))


def download_entries(call: Caller) -> Response:
    """The entries that an address asks for, of all its pages. Raises Invalid, NotFound, Forbidden, InFlight."""
    call = call.office
    query = query_of(FeedQuery, call.request.scope)
    wanted = feed_filter(query, call.session.viewer.user_id, call.session.directory)
    form: Format = "xlsx" if call.request.query_params.get("format") == "xlsx" else "csv"
    made = export_entries(
        *(call.installation, call.session, wanted, form, MOST_ROWS, query.order == "newest", call.language),
        call.request.scope["query_string"].decode("latin-1"),
        {name: call.say(label) for name, label in LABELS.items()},
    )
    return sent(call, "entries", form, made.pieces())


def sent(call: PageCall, name: str, form: Format, body: Iterator[bytes]) -> Response:
    """A file with the time in its name, which browsers save."""
    name = f"{name}-{call.calendar.local(call.now):%Y%m%d-%H%M}.{form}"
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(body, 200, headers, MEDIA_TYPES[form])


def download_of(type_: RecordType) -> Callable[[Caller], Response]:
    """The handler of one type: downloads have paths without variables, for which the limit on time is looked up."""

    def download_records(call: Caller) -> Response:
        return download(call, type_)

    return download_records


def _written(view: ListView) -> Sequence[Column]:
    """The columns that are shown, with the company beside the name, which lists show below it."""
    name, *others = view.columns
    company = view.offered.get("company_name")
    beside = [company] if company is not None and company not in others else []
    return [name, *beside, *others]


def _sheet_column(call: Caller, column: Column) -> SheetColumn:
    return SheetColumn(
        column.name, _TYPES.get(column.look, "text"), call.say(column.label), _WIDTHS.get(column.look, 14)
    )
