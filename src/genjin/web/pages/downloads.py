"""Lists as files: what is shown, all pages of it, as CSV and as Excel."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import IO

import xlsxwriter  # type: ignore[import-untyped]
from starlette.responses import Response, StreamingResponse

from genjin.domain.record_list import Worked
from genjin.domain.records import RecordType
from genjin.errors import Invalid
from genjin.service.records.exporting import note_export
from genjin.service.records.listing import walk_worked
from genjin.web.calling import Caller
from genjin.web.columns import Column, Value
from genjin.web.pages.list_view import ListView, view_asked
from genjin.web.rendering import HEADERS
from genjin.wire.v1.csv_text import BEGIN, csv_lines
from genjin.wire.v1.refs import TYPE_NAMES

MOST = 50_000
"""Records of one file."""
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CHUNK, _LINES = 256 * 1024, 500
_ASKED = 1_000
"""Characters of what was asked for that the audit log keeps."""
_MOST_CHARACTERS = 32_767
"""Of a cell, says Excel."""
_WIDTHS = {"name": 28, "ago": 17, "due": 17, "time": 17, "person": 12, "record": 28}
"""Of columns, in characters."""


def download(call: Caller, type_: RecordType) -> Response:
    """The records that a list asks for, of all its pages, with the columns that it shows. Raises Invalid, Forbidden."""
    view = view_asked(call, type_)
    if view.errors:
        raise Invalid(view.errors)
    as_excel = call.request.query_params.get("format") == "xlsx"
    query = call.request.scope["query_string"].decode("latin-1")
    form, fields = "xlsx" if as_excel else "csv", [column.name for column in view.columns]
    note_export(call.installation, call.session, TYPE_NAMES[type_], form, fields, query[:_ASKED])
    found = walk_worked(call.installation, call.session, view.asked, MOST)
    columns = _written(view)
    if as_excel:
        content: Iterator[bytes] = _pieces(_workbook(columns, found, [call.say(each.label) for each in columns]))
    else:
        content = _csv(columns, found, [call.say(each.label) for each in columns])
    name = f"{TYPE_NAMES[type_]}-{call.calendar.local(call.now):%Y%m%d-%H%M}.{'xlsx' if as_excel else 'csv'}"
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_begun(content), 200, headers, XLSX if as_excel else CSV)


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


def _csv(columns: Sequence[Column], found: Iterator[Worked], labels: Sequence[str]) -> Iterator[bytes]:
    yield BEGIN + csv_lines([labels])
    while some := list(islice(found, _LINES)):
        yield csv_lines([_plain(column.read(worked)) for column in columns] for worked in some)


def _plain(value: Value) -> str | int | float | None:
    match value:
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case _:
            return value


def _workbook(columns: Sequence[Column], found: Iterator[Worked], labels: Sequence[str]) -> IO[bytes]:
    """A sheet with a heading that stays, written line by line to a file that is gone when it is closed."""
    file = TemporaryFile()  # noqa: SIM115 - who sends it closes it
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    bold, day = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "yyyy-mm-dd"})
    time, amount = book.add_format({"num_format": "yyyy-mm-dd hh:mm"}), book.add_format({"num_format": "#,##0.##"})
    for nth, column in enumerate(columns):
        sheet.set_column(nth, nth, _WIDTHS.get(column.look, 14))
        sheet.write_string(0, nth, labels[nth], bold)
    sheet.freeze_panes(1, 1)
    count = 0
    for count, worked in enumerate(found, start=1):
        for nth, column in enumerate(columns):
            match column.read(worked):
                case None:
                    pass
                case datetime() as value:
                    sheet.write_datetime(count, nth, value.replace(tzinfo=None), time)
                case date() as value:
                    sheet.write_datetime(count, nth, value, day)
                case Decimal() | int() as value:
                    sheet.write_number(count, nth, value, amount)
                case value:
                    sheet.write_string(count, nth, value[:_MOST_CHARACTERS])
    sheet.autofilter(0, 0, count, len(columns) - 1)
    book.close()
    return file


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(_CHUNK):
            yield piece


def _begun(content: Iterator[bytes]) -> Iterator[bytes]:
    """The same, of which the first piece is there: what is refused is refused before anything is sent."""
    return chain([next(content)], content)
