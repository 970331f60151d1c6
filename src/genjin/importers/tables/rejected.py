"""The rows of a table that were not taken, as the same kind of file with the reasons beside them: to be mended, and
imported again.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import IO, Any

from genjin.domain.table_import import Asked, Rejected
from genjin.importers.tables.sheets import MAX_COLUMNS, Cell, TableFile, rows_of
from genjin.wire.v1.csv_text import BEGIN, csv_lines
from genjin.wire.v1.workbook import new_workbook

REASON = {"zh": "未导入原因", "en": "Reason"}
MOST_CHARACTERS = 32_767
"""Of a cell, says Excel."""


def write_rejected(file: TableFile, asked: Asked, rejected: Iterable[Rejected], out: IO[bytes]) -> int:
    """Write the headings and these rows, which come in order, with a reason each; how many. What spreadsheets would run
    as a formula is a text. CSV comes of CSV, else a workbook (.xlsx).
    """
    return (_write_csv if file.is_csv else _write_workbook)(_lines(file, asked, rejected), out)


def _lines(file: TableFile, asked: Asked, rejected: Iterable[Rejected]) -> Iterator[Sequence[Cell]]:
    """The headings, and each row with its reason behind it; the reasons of an earlier time are left out."""
    rows = rows_of(file, asked.sheet, asked.heading - 1)
    headings = list(next(rows)[1])
    while headings and headings[-1] in (None, ""):
        headings.pop()
    reasons = [place for place, heading in enumerate(headings) if heading in REASON.values()]
    width = len(headings)

    def line(cells: Sequence[Cell], reason: str) -> list[Cell]:
        kept = [*cells[:MAX_COLUMNS], *[""] * (width - len(cells))]
        return [*(cell for place, cell in enumerate(kept[:width]) if place not in reasons), reason, *kept[width:]]

    yield line(headings, REASON[asked.language])
    for each in rejected:
        cells = next((cells for row, cells in rows if row == each.row), None)
        if cells is not None:
            yield line(cells, each.reason)


def _write_csv(lines: Iterator[Sequence[Cell]], out: IO[bytes]) -> int:
    out.write(BEGIN)
    count = -1
    for line in lines:
        count += 1
        out.write(csv_lines([[None if cell is None else str(cell) for cell in line]]))
    return count


def _write_workbook(lines: Iterator[Sequence[Cell]], out: IO[bytes]) -> int:
    with new_workbook(out) as book:
        return _fill(book, lines)


def _fill(book: Any, lines: Iterator[Sequence[Cell]]) -> int:
    sheet = book.add_worksheet()
    moment, day = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}), book.add_format({"num_format": "yyyy-mm-dd"})
    count = -1
    for count, line in enumerate(lines):
        for place, cell in enumerate(line):
            match cell:
                case None | "":
                    pass
                case bool():
                    sheet.write_boolean(count, place, cell)
                case int() | float():
                    sheet.write_number(count, place, cell)
                case datetime():
                    sheet.write_datetime(count, place, cell, moment)
                case date():
                    sheet.write_datetime(count, place, cell, day)
                case time() | timedelta():
                    sheet.write_string(count, place, str(cell))
                case _:
                    sheet.write_string(count, place, cell[:MOST_CHARACTERS])
    return count
