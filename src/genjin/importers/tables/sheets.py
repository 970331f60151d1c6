"""Tables in files, row by row: CSV in whatever encoding and with whatever delimiter, and the sheets of workbooks.

Files come from anywhere, and what is in them says what they are, whatever they are called. A CSV of any length takes
constant memory. What a workbook would unpack to is looked up before anything of it is read, which another process does
(workbook_reader.py): what is hidden from us there costs no more than that one.
"""

import csv
import os
import pickle
import re
import subprocess
import sys
import zipfile
import zlib
from codecs import getincrementaldecoder
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from hashlib import file_digest, sha256
from itertools import count, islice
from pathlib import Path
from statistics import median_high
from typing import Any, Protocol, TextIO

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
_BOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How workbooks begin: what is packed (.xlsx, .ods), and what is not (.xls)."""
_BINARIES = (b"%PDF-", b"SQLite format 3\0")
_PAGES = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")
_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\r\f\x1a"))
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = ",\t;"
_PIECE = 1 << 20
_BEGIN = 65_536
_NOT_TOLD = ("GENJIN_", "AWS_")
"""What a reader of workbooks need not know of our environment."""
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


def look_at(path: Path) -> TableFile:
    """Read a file once as a whole. Raises Invalid for what is no table, or would unpack to too much."""
    with path.open("rb") as file:
        begin = file.read(_BEGIN)
    if begin.startswith(_BOOKS):
        lines = _check_workbook(path)
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        return TableFile(path, digest, lines=lines)
    _check_text(begin)
    told = next((name for bom, name in _BOMS if begin.startswith(bom)), "")
    digest, encoding, lines = _look_at_text(path, told)
    return TableFile(path, digest, encoding, _delimiter(path, encoding), lines)


def sheets_of(file: TableFile) -> Sequence[str]:
    """The names of a workbook's sheets; none for CSV. Raises Invalid."""
    if file.is_csv:
        return ()
    with closing(_told_of(file.path, "")) as told:
        return list(next(told))


def rows_of(file: TableFile, sheet: str = "", after: int = 0) -> Iterator[tuple[int, Sequence[Cell]]]:
    """The rows behind the one of this number, each with its own. Of a workbook those of the sheet of this name, or of
    the first. Raises Invalid.
    """
    rows = _csv_rows(file) if file.is_csv else _sheet_rows(file.path, sheet)
    return islice(enumerate(rows, start=1), after, None)


def _check_text(begin: bytes) -> None:
    """Raises Invalid for what is no text, or that of a page."""
    if begin.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES):
        told = "是网页，请用Excel打开后另存为.xlsx / is a web page: open it in Excel, and save it as .xlsx"
        raise Invalid({"file": [told]})
    odd = 0 if begin.startswith(_UTF_16) else len(begin) - len(begin.translate(None, _CONTROLS))
    if begin.startswith(_BINARIES) or odd * 50 > len(begin):
        told = "不是表格，应为CSV、.xlsx、.xls或.ods / is no table: it has to be CSV, .xlsx, .xls or .ods"
        raise Invalid({"file": [told]})


def _look_at_text(path: Path, told: str) -> tuple[str, str, int]:
    """The digest of a text, in what it is written - what was `told`, else UTF-8, else GB18030 - and its lines.

    What is UTF-8 but for a few places, as where somebody cut it off, is UTF-8: in GB18030 hardly anything is.
    """
    digest, lines, broken, wide = sha256(), 1, 0, 0
    decoder = getincrementaldecoder("utf-8")("replace")
    with path.open("rb") as file:
        while True:
            piece = file.read(_PIECE)
            digest.update(piece)
            lines += piece.count(b"\n")
            if not told:
                text = decoder.decode(piece, final=not piece)
                broken += text.count("\ufffd")
                wide += len(piece) - len(text)
            if not piece:
                break
    is_utf8 = broken == 0 or broken * 20 < wide
    return digest.hexdigest(), told or ("utf-8" if is_utf8 else "gb18030"), lines


def _open(path: Path, encoding: str) -> TextIO:
    """What cannot be decoded is shown so, and its row rejected."""
    return path.open(encoding=encoding, errors="replace", newline="")


def _delimiter(path: Path, encoding: str) -> str:
    """The one by which most of the first lines have the most cells."""
    with _open(path, encoding) as file:
        begin = file.read(64_000)
    lines = begin.splitlines(keepends=True)[:20]
    found = {each: [len(row) for row in csv.reader(lines, delimiter=each) if row] for each in _DELIMITERS}
    return max(_DELIMITERS, key=lambda each: median_high(found[each] or [0]))


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
    """About how many rows it has. Raises Invalid for what is no workbook, or says that it takes too much room.

    Everything is unpacked once, piece by piece: what a packed file tells of its sizes may be wrong, which shows in the
    end.
    """
    size = path.stat().st_size
    if not zipfile.is_zipfile(path):
        if size > MAX_WORKBOOK:
            raise Invalid({"file": [TOO_LARGE]})
        return size // 100
    try:
        with zipfile.ZipFile(path) as packed:
            unpacked = sum(each.file_size for each in packed.infolist())
            if unpacked > MAX_UNPACKED or unpacked > max(size, 1_000_000) * MAX_PACKING:
                raise Invalid({"file": [TOO_LARGE]})
            return max((_check_part(packed, each) for each in packed.infolist()), default=0)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, OSError) as error:
        raise Invalid({"file": [f"{BROKEN}: {error}"]}) from error


def _check_part(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """The rows of a sheet, or 0."""
    is_sheet = part.filename.startswith("xl/worksheets/")
    row, column, rest = 0, 0, b""
    with packed.open(part) as file:
        while piece := file.read(_PIECE):
            if part.filename == "content.xml":  # of an .ods, whose cells do not say where they are
                row += piece.count(b"<table:table-row")
            if not is_sheet:
                continue
            for letters, number in _PLACE.findall(rest + piece):
                row = max(row, int(number))
                column = max(column, _column(letters))
            rest = piece[-32:]
            if column > MAX_COLUMNS:
                raise Invalid({"file": [too_wide(column)]})
            if row * column > MAX_CELLS:
                raise Invalid({"file": [TOO_LARGE]})
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


TOO_LARGE = "解压后过大，请另存为CSV / is too large when unpacked: save it as CSV"
BROKEN = "不是有效的Excel文件 / is no workbook"


def _told_of(path: Path, sheet: str) -> Generator[Any, None, None]:
    """What workbook_reader.py tells. Raises Invalid."""
    command = [sys.executable, "-P", "-m", "genjin.importers.tables.workbook_reader", str(path)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_TOLD)}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as reader:
        assert reader.stdin is not None and reader.stdout is not None
        try:
            with suppress(OSError):
                reader.stdin.write(sheet.encode(errors="replace"))
                reader.stdin.close()
            while True:
                told = pickle.load(reader.stdout)
                if isinstance(told, str):
                    raise Invalid({"file": [told]})
                yield told
        except (EOFError, pickle.UnpicklingError) as error:
            raise Invalid({"file": [TOO_LARGE]}) from error
        finally:
            reader.kill()


def _sheet_rows(path: Path, name: str) -> Iterator[Sequence[Cell]]:
    with closing(_told_of(path, name)) as told:
        names = next(told)
        if not names or (name and name not in names):
            raise Invalid({"sheet": [f"没有这个工作表 / there is no such sheet: {', '.join(names)}"]})
        while rows := next(told):
            yield from rows
