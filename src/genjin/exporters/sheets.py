"""Rows as files that others open: CSV, Excel and Parquet, each written row by row to a file that is gone when closed.

Nothing in them is run by a spreadsheet: in CSV a text that begins as a formula does has an apostrophe before it, in
Excel a text is a text. All three have the same rows; times are those of the organisation's zone, in Parquet with it.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from genjin.errors import DiskFull, Invalid
from genjin.store.blob_files import NO_ROOM
from genjin.wire.v1.csv_text import BEGIN, csv_lines
from genjin.wire.v1.workbook import new_workbook

if TYPE_CHECKING:
    import pyarrow

Value: TypeAlias = "str | bool | int | float | Decimal | date | datetime | None"
Type = Literal["text", "truth", "integer", "number", "amount", "day", "minute", "moment"]
"""A minute and a moment are times; of the first the seconds are not shown."""
Format = Literal["csv", "xlsx", "parquet"]
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
MOST_ROWS = 1_048_575
"""Of a sheet of Excel, beside the heading."""
MOST_UNITS = 32_767
"""Of a cell of Excel, in units of UTF-16."""
_CUT = "…"
_LINES, _ROW_GROUP, _PIECE = 500, 20_000, 256 * 1024
_NUMBER_FORMATS = {
    "integer": "0",
    "amount": "#,##0.##",
    "day": "yyyy-mm-dd",
    "minute": "yyyy-mm-dd hh:mm",
    "moment": "yyyy-mm-dd hh:mm:ss",
}
_FIRST_YEAR = 1900
"""Excel counts days from then on."""


class Column(NamedTuple):
    """`label` is its heading where people read it, `width` in characters."""

    name: str
    type: Type
    label: str = ""
    width: int = 14


def written(form: Format, columns: Sequence[Column], rows: Iterable[Sequence[Value]], zone: str = "UTC") -> IO[bytes]:
    """The file, from its beginning on; who has read it closes it. Raises Invalid for Parquet where that is not
    installed, DiskFull.
    """
    if form == "parquet":
        check_parquet()
    with _new_file() as file:
        match form:
            case "csv":
                _write_csv(file, columns, rows)
            case "xlsx":
                _write_xlsx(file, columns, rows)
            case "parquet":
                _write_parquet(file, columns, rows, zone)
        file.seek(0)
    return file


@contextmanager
def _new_file() -> Iterator[IO[bytes]]:
    """Closed only where it is not finished, as for want of room: each of the three tells that in its own way."""
    file = TemporaryFile()  # noqa: SIM115
    try:
        yield file
    except BaseException as failure:
        with suppress(OSError):  # what found no room is not written any more
            file.close()
        error: BaseException | None = failure
        while error is not None:
            if isinstance(error, OSError) and error.errno in NO_ROOM:
                raise DiskFull("temporary files") from failure
            error = error.__cause__ or error.__context__
        raise


def check_parquet() -> None:
    """Raises Invalid unless Parquet can be written here."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        why = "parquet cannot be written here: the server lacks the extra of this name, pip install 'genjin[parquet]'"
        raise Invalid({"format": [why]}) from error


def pieces(file: IO[bytes], held: AbstractContextManager[object] | None = None) -> Iterator[bytes]:
    """A file in pieces, closed before the last one, or when nobody reads on; so is what is `held` for as long: who has
    all of it may ask for the next one at once.
    """
    with held or nullcontext(), file:
        piece = file.read(_PIECE)
        while more := file.read(_PIECE):
            yield piece
            piece = more
    yield piece


def cut(text: str) -> str:
    """As much of a text as a cell of Excel takes; one that is cut ends with an ellipsis."""
    if len(text) <= MOST_UNITS // 2 or len(text.encode("utf-16-le", "surrogatepass")) // 2 <= MOST_UNITS:
        return text
    units = text.encode("utf-16-le", "surrogatepass")[: (MOST_UNITS - len(_CUT)) * 2]
    return units.decode("utf-16-le", "ignore") + _CUT


def _write_csv(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> None:
    file.write(BEGIN + csv_lines([[column.label or column.name for column in columns]]))
    types, left = [column.type for column in columns], iter(rows)
    while some := list(islice(left, _LINES)):
        file.write(csv_lines([_plain(value, type_) for value, type_ in zip(row, types, strict=True)] for row in some))


def _plain(value: Value, type_: Type) -> str | int | float | None:
    match value:
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}" if type_ == "minute" else f"{value:%Y-%m-%d %H:%M:%S}"
        case date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case bool():
            return int(value)
        case _:
            return value


def _write_xlsx(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> None:
    with new_workbook(file) as book:
        _fill(book, columns, rows)


def _fill(book: Any, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> None:
    sheet, bold = book.add_worksheet(), book.add_format({"bold": True, "bottom": 1})
    formats = {type_: book.add_format({"num_format": shown}) for type_, shown in _NUMBER_FORMATS.items()}
    for nth, column in enumerate(columns):
        sheet.set_column(nth, nth, column.width)
        sheet.write_string(0, nth, column.label or column.name, bold)
    sheet.freeze_panes(1, 1)
    count = 0
    for count, row in enumerate(islice(rows, MOST_ROWS), start=1):
        for nth, (value, column) in enumerate(zip(row, columns, strict=True)):
            match value:
                case None:
                    pass
                case date() if value.year < _FIRST_YEAR:
                    sheet.write_string(count, nth, str(_plain(value, column.type)))
                case datetime():
                    sheet.write_datetime(count, nth, value.replace(tzinfo=None), formats.get(column.type))
                case date():
                    sheet.write_datetime(count, nth, value, formats["day"])
                case bool():
                    sheet.write_boolean(count, nth, value)
                case Decimal() | int() | float():
                    sheet.write_number(count, nth, value, formats.get(column.type))
                case _:
                    sheet.write_string(count, nth, cut(value))
    sheet.autofilter(0, 0, count, len(columns) - 1)


def _write_parquet(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[Value]], zone: str) -> None:
    import pyarrow
    import pyarrow.parquet

    types = _arrow_types(zone)
    schema = pyarrow.schema([(column.name, types[column.type]) for column in columns])
    left = iter(rows)
    with pyarrow.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for first in left:
            some = list(zip(*chain([first], islice(left, _ROW_GROUP - 1)), strict=True))
            arrays = [pyarrow.array(values, field.type) for values, field in zip(some, schema, strict=True)]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))


def _arrow_types(zone: str) -> dict[str, "pyarrow.DataType[Any]"]:
    import pyarrow

    time = pyarrow.timestamp("ms", tz=zone)
    return {
        "text": pyarrow.string(),
        "truth": pyarrow.bool_(),
        "integer": pyarrow.int64(),
        "number": pyarrow.float64(),
        "amount": pyarrow.decimal128(20, 2),
        "day": pyarrow.date32(),
        "minute": time,
        "moment": time,
    }
