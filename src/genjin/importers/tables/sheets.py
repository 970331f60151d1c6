"""Tables in files, row by row: CSV in whatever encoding and with whatever delimiter, and the sheets of Excel.

Files come from anywhere. A CSV of any length takes constant memory. What a workbook would unpack to is looked up before
anything of it is read.
"""

import csv
import re
import zipfile
import zlib
from codecs import getincrementaldecoder
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from hashlib import file_digest, sha256
from itertools import count, islice
from pathlib import Path
from typing import Protocol, TextIO

from genjin.errors import Invalid

Cell = str | int | float | bool | datetime | date | time | timedelta | None
MAX_COLUMNS = 1_000
MAX_CELL = 1_000_000
"""Characters; a row with a longer one is rejected, whichever column it is in."""
MAX_LINE = 64_000_000
"""Characters of a line of CSV, and of a cell that runs over several: more is no table."""
MAX_UNPACKED, MAX_PACKING = 1_000_000_000, 200
"""Bytes of a workbook when it is unpacked, and how many times more these may be than the file has."""
MAX_WORKBOOK = 200_000_000
"""Bytes of a workbook that is not packed (.xls)."""
MAX_CELLS = 20_000_000
"""Of the rectangle around all cells of a sheet: the reader keeps room for each, empty ones too."""
_PLACE = re.compile(rb' r="([A-Z]{0,3})([0-9]{1,7})"')
_EXCEL = frozenset({".xlsx", ".xlsm", ".xls"})
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS = ",\t;"
_PIECE = 1 << 20
_FEW = 5_000
csv.field_size_limit(MAX_LINE)


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file that was looked at as a whole: `digest` names its bytes, `lines` is about how many rows it has. Of CSV it
    is known how to read it.
    """

    path: Path
    digest: str
    encoding: str = ""
    delimiter: str = ""
    lines: int = 0

    @property
    def is_csv(self) -> bool:
        return bool(self.encoding)

    @property
    def is_small(self) -> bool:
        """Whether it is read in no time."""
        return self.lines < _FEW


class Rows(Protocol):
    """The rows of a table, each with its number: the first of the file is 1, as in a spreadsheet."""

    def __iter__(self) -> Iterator[tuple[int, Sequence[Cell]]]: ...


def look_at(path: Path, name: str = "") -> TableFile:
    """Read a file once as a whole. `name` is what it was called, where its path does not tell. Raises Invalid for what
    is no table, or would unpack to too much.
    """
    if Path(name or path.name).suffix.lower() in _EXCEL:
        lines = _check_workbook(path)
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        return TableFile(path, digest, lines=lines)
    digest, encoding, lines = _look_at_text(path)
    return TableFile(path, digest, encoding, _delimiter(path, encoding), lines)


def sheets_of(file: TableFile) -> Sequence[str]:
    """The names of a workbook's sheets; none for CSV. Raises Invalid."""
    if file.is_csv:
        return ()
    with closing(_workbook(file.path)) as book:
        return list(book.sheet_names)


def rows_of(file: TableFile, sheet: str = "", after: int = 0) -> Iterator[tuple[int, Sequence[Cell]]]:
    """The rows behind the one of this number, each with its own. Of a workbook those of the sheet of this name, or of
    the first. Raises Invalid.
    """
    rows = _csv_rows(file) if file.is_csv else _sheet_rows(file.path, sheet)
    return islice(enumerate(rows, start=1), after, None)


def _look_at_text(path: Path) -> tuple[str, str, int]:
    """The digest of a text, in what it is written - what it says of itself, else strict UTF-8, else GB18030 - and its
    lines.
    """
    digest, begin, lines = sha256(), b"", 1
    decoder = getincrementaldecoder("utf-8")()
    told, is_utf8 = "", True
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            if not begin:
                begin = piece[:4]
                told = next((name for bom, name in _BOMS if begin.startswith(bom)), "")
                if begin[:2] == b"PK" or begin == b"\xd0\xcf\x11\xe0":
                    raise Invalid(
                        {"file": ["是Excel文件，扩展名应为.xlsx或.xls / is a workbook: name it .xlsx or .xls"]}
                    )
            digest.update(piece)
            lines += piece.count(b"\n")
            if is_utf8 and not told:
                try:
                    decoder.decode(piece)
                except UnicodeDecodeError:
                    is_utf8 = False
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            is_utf8 = False
    return digest.hexdigest(), told or ("utf-8" if is_utf8 else "gb18030"), lines


def _open(path: Path, encoding: str) -> TextIO:
    """What cannot be decoded is shown so, and its row rejected."""
    return path.open(encoding=encoding, errors="replace", newline="")


def _delimiter(path: Path, encoding: str) -> str:
    """The one by which the first lines have the most cells."""
    with _open(path, encoding) as file:
        begin = file.read(64_000)
    lines = begin.splitlines(keepends=True)[:20]
    found = {each: max((len(row) for row in csv.reader(lines, delimiter=each)), default=0) for each in _DELIMITERS}
    return max(_DELIMITERS, key=lambda each: found[each])


def _csv_rows(file: TableFile) -> Iterator[Sequence[Cell]]:
    with _open(file.path, file.encoding) as text:
        reader = csv.reader(_lines(text), delimiter=file.delimiter)
        try:
            yield from reader
        except csv.Error as error:
            told = f"第{reader.line_num}行附近无法读取：引号可能没有闭合 / near line {reader.line_num}: {error}"
            raise Invalid({"file": [told]}) from error


def _lines(text: TextIO) -> Iterator[str]:
    for number in count(1):
        line = text.readline(MAX_LINE)
        if not line:
            return
        if len(line) == MAX_LINE:
            raise Invalid({"file": [f"第{number}行过长 / line {number} is too long"]})
        yield line


def _check_workbook(path: Path) -> int:
    """About how many rows it has. Raises Invalid for what is no workbook, or would take too much room.

    Everything is unpacked once, piece by piece: what a packed file tells of its sizes may be wrong, which shows in the
    end.
    """
    size = path.stat().st_size
    if not zipfile.is_zipfile(path):
        if size > MAX_WORKBOOK:
            raise Invalid({"file": [_TOO_LARGE]})
        return size // 100
    try:
        with zipfile.ZipFile(path) as packed:
            unpacked = sum(each.file_size for each in packed.infolist())
            if unpacked > MAX_UNPACKED or unpacked > max(size, 1_000_000) * MAX_PACKING:
                raise Invalid({"file": [_TOO_LARGE]})
            return max((_check_part(packed, each) for each in packed.infolist()), default=0)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, OSError) as error:
        raise Invalid({"file": [f"{_BROKEN}: {error}"]}) from error


def _check_part(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """The rows of a sheet, or 0."""
    is_sheet = part.filename.startswith("xl/worksheets/")
    row, column, rest = 0, 0, b""
    with packed.open(part) as file:
        while piece := file.read(_PIECE):
            if not is_sheet:
                continue
            for letters, number in _PLACE.findall(rest + piece):
                row = max(row, int(number))
                column = max(column, _column(letters))
            rest = piece[-32:]
            if column > MAX_COLUMNS:
                raise Invalid({"file": [too_wide(column)]})
            if row * column > MAX_CELLS:
                raise Invalid({"file": [_TOO_LARGE]})
    return row


@lru_cache(maxsize=20_000)
def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def too_wide(columns: int) -> str:
    """What is said of a table with too many columns."""
    return f"有{columns}列，最多{MAX_COLUMNS}列 / has {columns} columns; {MAX_COLUMNS} are the most"


_TOO_LARGE = "解压后过大，请另存为CSV / is too large when unpacked: save it as CSV"
_BROKEN = "不是有效的Excel文件 / is no workbook"


def _workbook(path: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        # Told what it is by what is in it: a name may say anything.
        return CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError, ValueError) as error:
        raise Invalid({"file": [f"{_BROKEN}: {error}"]}) from error


def _sheet_rows(path: Path, name: str) -> Iterator[Sequence[Cell]]:
    from python_calamine import CalamineError

    with closing(_workbook(path)) as book:
        names = book.sheet_names
        if not names or (name and name not in names):
            raise Invalid({"sheet": [f"没有这个工作表 / there is no such sheet: {', '.join(names)}"]})
        try:
            sheet = book.get_sheet_by_name(name or names[0])
        except (CalamineError, ValueError) as error:
            raise Invalid({"file": [f"{_BROKEN}: {error}"]}) from error
        yield from sheet.iter_rows()
