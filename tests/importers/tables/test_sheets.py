"""Files of any make become rows; hostile ones are refused before they cost anything."""

import zipfile
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from genjin.domain.calendar import calendar_of
from genjin.errors import Invalid
from genjin.importers.tables.cells import day_in, moment_in, seconds_in, text_of, truth_in
from genjin.importers.tables.sheets import look_at, rows_of
from tests.importers.tables.importing import written
from tests.world import SHANGHAI, at

TEXT = '客户名称,备注\r\n长江贸易,"一行，\n又一行"\r\n\r\n黄河物流,x\r\n'
ROWS = [(1, ["客户名称", "备注"]), (2, ["长江贸易", "一行，\n又一行"]), (3, []), (4, ["黄河物流", "x"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_text_is_read_whatever_its_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    file = written(tmp_path, TEXT.replace(",", delimiter), encoding)
    assert list(rows_of(file)) == ROWS
    assert list(rows_of(file, after=2)) == ROWS[2:]
    assert file.lines == 6 if encoding == "utf-16" else 5


def test_what_cannot_be_decoded_is_marked_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("名称\n".encode("gb18030") + b"\xff\xff\n" + "长江\n".encode("gb18030"))
    rows = [cells for _, cells in rows_of(look_at(path))]
    assert rows[0] == ["名称"] and "\ufffd" in str(rows[1][0]) and rows[2] == ["长江"]


def test_a_quote_that_is_never_closed_ends_in_a_refusal_and_not_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import csv

    before = csv.field_size_limit(1_000)
    try:
        file = written(tmp_path, 'a,b\n"' + "x\n" * 2_000)
        with pytest.raises(Invalid, match="引号"):
            list(rows_of(file))
    finally:
        csv.field_size_limit(before)
    monkeypatch.setattr("genjin.importers.tables.sheets.MAX_LINE", 1_000)
    with pytest.raises(Invalid, match="第2行过长"):
        list(rows_of(written(tmp_path, "a\n" + "x" * 5_000)))


def _book(path: Path, *cells: tuple[int, int, object]) -> Path:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("客户")
    for row, column, value in cells:
        if isinstance(value, datetime):
            sheet.write_datetime(row, column, value, book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        else:
            sheet.write(row, column, value)
    sheet.merge_range(0, 0, 0, 2, "导入表")
    book.close()
    return path


def test_a_workbook_is_read_with_its_moments_and_numbers(tmp_path: Path) -> None:
    moment = datetime(2024, 2, 29, 23, 59)
    path = _book(tmp_path / "x.xlsx", (2, 0, "电话"), (3, 0, 13400000001), (3, 1, moment), (3, 2, 45351.5))
    rows = dict(rows_of(look_at(path)))
    assert rows[1][0] == "导入表"
    phone, told, serial = rows[4]
    assert text_of(phone) == "13400000001"
    assert moment_in(told, SHANGHAI) == at("2024-02-29 23:59")
    assert moment_in(serial, SHANGHAI) == at("2024-02-29 12:00")
    with pytest.raises(Invalid, match="工作表"):
        list(rows_of(look_at(path), "没有"))


def test_a_workbook_that_would_take_too_much_room_is_refused_unread(tmp_path: Path) -> None:
    far = _book(tmp_path / "far.xlsx", (1_048_575, 900, "x"))
    wide = _book(tmp_path / "wide.xlsx", (1, 16_383, "x"))
    bomb, lie, none = tmp_path / "bomb.xlsx", tmp_path / "lie.xlsx", tmp_path / "none.xls"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * 210_000_000)
    with zipfile.ZipFile(lie, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * 3_000_000)
    said = (3_000_000).to_bytes(4, "little")
    lie.write_bytes(lie.read_bytes().replace(said, (3).to_bytes(4, "little")))
    none.write_bytes(b"\xd0\xcf\x11\xe0 no workbook at all")
    for path in (far, bomb):
        with pytest.raises(Invalid, match="过大"):
            look_at(path)
    with pytest.raises(Invalid, match="16384"):
        look_at(wide)
    with pytest.raises(Invalid, match="不是有效的Excel"):
        look_at(lie)
    with pytest.raises(Invalid, match="不是有效的Excel"):
        list(rows_of(look_at(none)))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-02-29 23:59", "2024-02-29 23:59"),
        ("2024/2/29", "2024-02-29"),
        ("2024/2/29 8:05:06", "2024-02-29 08:05:06"),
        ("2024.2.29", "2024-02-29"),
        ("2024年2月29日 下午3点", "2024-02-29 15:00"),
        ("2024年2月29日下午3点半", "2024-02-29 15:30"),
        ("2024年2月29日 星期四 上午9:05", "2024-02-29 09:05"),
        ("2024年02月29日 23时59分08秒", "2024-02-29 23:59:08"),
        ("2024-02-29 晚上12:30", "2024-02-29 12:30"),
        ("2024/2/29 3:05 PM", "2024-02-29 15:05"),
        ("2024/2/29 12:05 am", "2024-02-29 00:05"),
        ("２０２４－０２－２９　２３：５９", "2024-02-29 23:59"),
        ("20240229", "2024-02-29"),
        ("20240229 235958", "2024-02-29 23:59:58"),
        ("2024-02-29T15:59:00Z", "2024-02-29 23:59"),
        ("45351.5", "2024-02-29 12:00"),
        ("1709222340", "2024-02-29 23:59"),
    ],
)
def test_a_moment_is_read_however_it_is_written(text: str, moment: str) -> None:
    assert moment_in(text, SHANGHAI) == at(moment)


@pytest.mark.parametrize("text", ["", "昨天", "2024-02-30", "2024-13-01", "2024年", "99999-01-01", "12:30", "1e400"])
def test_what_is_no_moment_is_none(text: str) -> None:
    assert moment_in(text, SHANGHAI) is None


NEARLY = r"[0-9]{1,8}[-/年. ][0-9]{1,3}[-/月. ][0-9]{1,3}日? ?[上下]?午?[0-9:点]{0,9}"


@given(st.text(max_size=40) | st.from_regex(NEARLY))
@settings(max_examples=100)
def test_no_text_of_a_cell_breaks_its_reading(text: str) -> None:
    calendar = calendar_of("America/New_York")
    assert moment_in(text, calendar) is None or text
    assert seconds_in(text) is None or text
    assert truth_in(text) is None or text
    assert isinstance(day_in(text, calendar), str)


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("200", 200),
        ("3:20", 200),
        ("00:03:20", 200),
        ("3分20秒", 200),
        ("1小时2分", 3720),
        ("80s", 80),
        (200.0, 200),
        ("", None),
        ("很久", None),
        ("-5", None),
    ],
)
def test_a_length_of_time_is_read_in_seconds(cell: str | float, seconds: int | None) -> None:
    assert seconds_in(cell) == seconds


def _altered(path: Path, **parts: bytes) -> Path:
    """A workbook in which parts whose names end so are others."""
    with zipfile.ZipFile(path) as book:
        told = {each: book.read(each) for each in book.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in told.items():
            book.writestr(name, next((parts[end] for end in parts if name.endswith(f"{end}.xml")), content))
    return path


def _sheet(rows: bytes) -> bytes:
    namespace = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return b'<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (namespace, rows)


def test_a_workbook_that_hides_how_much_it_takes_ends_who_reads_it_and_nobody_else(tmp_path: Path) -> None:
    """It says nothing where we look: of one cell the place is counted, of another one oddly written."""
    far = _book(tmp_path / "far.xlsx", (0, 0, "x"))
    _altered(far, sheet1=_sheet(b"<row><c><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>1</v></c></row>"))
    with pytest.raises(Invalid, match="过大"):
        list(rows_of(look_at(far)))


ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="客户"><table:table-row>'
    '<table:table-cell office:value-type="string"><text:p>长江</text:p></table:table-cell>'
    '<table:table-cell office:value-type="date" office:date-value="2024-02-29T23:59:00"><text:p>x</text:p>'
    "</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>"
    "</office:document-content>"
)


def test_what_is_in_a_file_says_what_it_is(tmp_path: Path) -> None:
    ods = tmp_path / "x.ods"
    with zipfile.ZipFile(ods, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("META-INF/manifest.xml", "<manifest/>")
        packed.writestr("content.xml", ODS)
    [(_, [name, moment])] = list(rows_of(look_at(ods)))
    assert (name, moment_in(moment, SHANGHAI)) == ("长江", at("2024-02-29 23:59"))
    for ending in ("csv", "xls"):
        book = _book(tmp_path / "x.xlsx", (1, 0, "长江")).rename(tmp_path / f"book.{ending}")
        assert dict(rows_of(look_at(book)))[2][0] == "长江"
        assert list(rows_of(written(tmp_path, TEXT, "gb18030", f"text.{ending}"))) == ROWS
    texts = "时间\t内容\n" + "1\t一,二,三,四\n" + "2\t一\n3\t二\n"
    assert [len(cells) for _, cells in rows_of(written(tmp_path, texts))] == [2, 2, 2, 2]
    cut = tmp_path / "cut.csv"
    cut.write_bytes("name,note\n长江贸易,跟进了很多次\n".encode() * 10 + "黄河".encode()[:-1])
    assert look_at(cut).encoding == "utf-8"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7\n1 0 obj\n", "不是表格"),
        (b"SQLite format 3\0" + b"\x10\0\x01\x01" * 20, "不是表格"),
        (bytes(range(256)) * 10, "不是表格"),
        ("\r\n<HTML><table><tr><td>客户</td></tr></table>".encode("gb18030"), "网页"),
    ],
)
def test_what_is_no_table_is_told_so(tmp_path: Path, content: bytes, said: str) -> None:
    for name in ("x.csv", "x.xls"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Invalid, match=said):
            look_at(tmp_path / name)
