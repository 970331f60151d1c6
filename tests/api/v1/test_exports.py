"""Entries as files: the same rows in the three forms, nothing that is run, nothing that is not seen, one moment."""

import csv
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import httpx
import pyarrow.parquet
import pytest

from genjin.domain.activity import Draft
from genjin.domain.feed import FeedFilter
from genjin.domain.followup import FollowUpDetails
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.domain.people import Rights
from genjin.domain.records import RecordType, Ref
from genjin.errors import InFlight
from genjin.exporters import sheets
from genjin.exporters.entries import COLUMNS, _room, export_entries
from genjin.exporters.sheets import MOST_UNITS, cut
from genjin.service.feed import walking
from genjin.wire.v1.csv_text import BEGIN
from tests.api.uploading import upload
from tests.api.v1.test_custom_kinds import defined, paid
from tests.api.v1.test_writing import call, made, note, visit
from tests.world import ALICE, NOW, SELLER, SHANGHAI, VISIT, World, new_lead, problem

PATH = "/api/v1/exports/activities"
NAMES = [column.name for column in COLUMNS]
EVIL = ["=1+1", "+8613400000001", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠a"]
TEXTS = [*EVIL, '表情😀，\n第二行 "引号", 逗号', "_x0041_\x01", "a" * 40_000, "😀" * 20_000, " 好 "]
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
Row = dict[str, Any]


def exported(client: httpx.Client, form: str = "csv", **asked: Any) -> bytes:
    answer = client.get(PATH, params={"format": form, **asked})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == f'attachment; filename="activities.{form}"'
    return answer.content


def in_csv(content: bytes) -> list[Row]:
    assert content.startswith(b"\xef\xbb\xbf")
    head, *lines = csv.reader(StringIO(content.decode("utf-8-sig"), newline=""))
    assert head == NAMES
    return [dict(zip(NAMES, line, strict=True)) for line in lines]


def in_excel(content: bytes) -> list[Row]:
    """Texts, numbers, and times as days since 1899-12-30; no cell is a formula."""
    with ZipFile(BytesIO(content)) as book:
        told = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert told.find(f".//{_SHEET}f") is None
    head, *rows = ([(_place(cell), _value(cell)) for cell in row] for row in told.iter(f"{_SHEET}row"))
    assert [value for _, value in head] == NAMES
    return [dict.fromkeys(NAMES) | {NAMES[nth]: value for nth, value in row} for row in rows]


def _place(cell: ElementTree.Element) -> int:
    nth = 0
    for letter in re.match("[A-Z]+", cell.attrib["r"])[0]:  # type: ignore[index]
        nth = nth * 26 + ord(letter) - 64
    return nth - 1


def _value(cell: ElementTree.Element) -> object:
    text = "".join(cell.itertext())
    match cell.get("t"):
        case "inlineStr":
            return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), text)
        case "b":
            return text == "1"
        case _:
            return float(text)


def in_parquet(content: bytes) -> list[Row]:
    rows: list[Row] = pyarrow.parquet.read_table(BytesIO(content)).to_pylist()
    return rows


def as_excel_has_it(row: Row) -> Row:
    def shown(value: object) -> object:
        match value:
            case datetime():
                return pytest.approx((value.replace(tzinfo=None) - datetime(1899, 12, 30)) / timedelta(days=1))
            case str():
                return cut(value)
            case _:
                return value

    return {name: shown(value) for name, value in row.items()}


def as_csv_has_it(row: Row) -> Row:
    def shown(value: object) -> str:
        match value:
            case None:
                return ""
            case datetime():
                return f"{value:%Y-%m-%d %H:%M:%S}"
            case bool():
                return str(int(value))
            case str():
                return f"'{value}" if value[:1] in {*"=+-@\t\r\n＝＋－＠"} else value
            case _:
                return str(value)

    return {name: shown(value) for name, value in row.items()}


@pytest.fixture
def told(world: World) -> World:
    """Entries of every sort on a lead of Alice's, among them what spreadsheets would run."""
    return filled(world)


def filled(world: World) -> World:
    alice = world.client("alice")
    lead_id = new_lead(alice, "=郑老师")
    defined(world.client("dora"))
    made(
        alice,
        note(lead_id, "已报价", category_id=VISIT.id, files=[upload(alice)["id"]], remind_at="2024-06-13T09:00+08:00"),
    )
    made(
        alice,
        call(lead_id, details={"number": "13400000099", "seconds": 61, "connected": True, "direction": "outbound"}),
    )
    made(alice, visit(lead_id, details={"place": {"detail": "@南京路", "lat": 31.5, "lng": 121.25}}))
    made(alice, paid(lead_id))
    midnight = SHANGHAI.instant(datetime(2024, 6, 1))
    world.record(*(follow_up(lead_id, midnight + nth - 1, text) for nth, text in enumerate(TEXTS)))
    return world


def follow_up(lead_id: int, at: int, text: str) -> Draft:
    target = Ref(RecordType.LEAD, lead_id)
    return Draft(FOLLOW_UP_WRITTEN, ALICE.id, target, at, at, text=text, details=FollowUpDetails())


def test_all_three_forms_have_the_same_rows_and_nothing_in_them_is_run(told: World) -> None:
    alice = told.client("alice")
    rows = in_parquet(exported(alice, "parquet", order="oldest", limit=1000, lang="en"))
    assert in_csv(exported(alice, order="oldest", limit=1000, lang="en")) == list(map(as_csv_has_it, rows))
    assert in_excel(exported(alice, "xlsx", order="oldest", limit=1000, lang="en")) == list(map(as_excel_has_it, rows))
    shown = alice.get("/api/v1/activities", params={"order": "oldest", "limit": 200, "lang": "en"}).json()["items"]
    assert [(row["id"], row["kind"], row["sentence"], row["text"] or "") for row in rows] == [
        (item["id"], item["kind"], item["sentence"], item["text"]) for item in shown
    ]
    assert [row["at"].isoformat() for row in rows] == [item["at"] for item in shown]
    assert [f"{row['at']:%m-%d %H:%M:%S}" for row in rows[:2]] == ["05-31 23:59:59", "06-01 00:00:00"]
    assert [row["text"] for row in rows[: len(TEXTS)]] == TEXTS
    of = {row["kind"]: row for row in rows}
    assert of["follow_up.written"]["category"] == "拜访" and of["follow_up.written"]["files"] == 1
    assert [of["call.made"][f"call_{name}"] for name in ("number", "seconds", "connected", "direction")] == [
        *("13400000099", 61, True, "outbound")
    ]
    assert [of["checkin.made"][name] for name in ("place", "lat", "lng", "record")] == [
        "@南京路",
        31.5,
        121.25,
        "=郑老师",
    ]
    assert '"amount":1234.5' in of["erp.invoice_paid"]["data"]
    assert [of["record.created"][name] for name in ("actor", "department", "record_type")] == [
        "Alice",
        "电销组",
        "leads",
    ]
    calls = in_parquet(exported(alice, "parquet", kind="call"))
    assert [row["kind"] for row in calls] == ["call.made"]
    log = told.client("dora").get("/api/v1/audit", params={"act": "records.exported"}).json()["items"]
    assert (log[0]["actor"]["name"], log[0]["subject"]["name"]) == ("Alice", "activities")
    assert {"format": "parquet", "filter": "format=parquet&kind=call"}.items() <= {
        each["field"]: each["after"] for each in log[0]["changes"]
    }.items()


def test_who_sees_nothing_takes_out_nothing_and_masked_numbers_stay_masked(told: World) -> None:
    for who in ("charlie", "eve"):
        assert in_csv(exported(told.client(who))) == []
        assert in_parquet(exported(told.client(who), "parquet")) == []
        assert in_excel(exported(told.client(who), "xlsx")) == []
    assert problem(told.client().get(PATH), 401, "unauthenticated")
    told.change(replace(SELLER, rights=Rights(phones_masked=True)))
    for form, rows in (("csv", in_csv), ("xlsx", in_excel), ("parquet", in_parquet)):
        of = {row["kind"]: row for row in rows(exported(told.client("alice"), form))}
        assert of["call.made"]["call_number"] == "134****0099"
        assert "13400000099" not in str(of)


def test_a_file_has_as_many_as_were_asked_for_and_says_when_there_are_more(told: World) -> None:
    alice = told.client("alice")
    total = len(in_csv(exported(alice)))
    for limit, more in ((1, "1"), (total - 1, "1"), (total, "0"), (total + 1, "0")):
        answer = alice.get(PATH, params={"limit": limit})
        assert (answer.headers["genjin-rows"], answer.headers["genjin-more"]) == (str(min(limit, total)), more)
    assert problem(alice.get(PATH, params={"cursor": "x"}), 422, "invalid")
    assert problem(alice.get(PATH, params={"format": "pdf"}), 422, "invalid")
    assert problem(alice.get(PATH, params={"subject": "leads/999999"}), 404, "not_found")


def test_a_walk_sees_one_moment_however_much_is_written_meanwhile(
    either: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = filled(either)
    monkeypatch.setattr(walking, "AT_ONCE", 4)
    alice, session = told.client("alice"), told.session("alice")
    lead_id = new_lead(alice)
    known = [
        item["id"] for item in alice.get("/api/v1/activities", params={"limit": 200, "order": "oldest"}).json()["items"]
    ]
    found = []
    for views in walking.FeedWalk(told.installation, session, FeedFilter(), 1000, newest=False):
        found += [facts.id for facts in views.entries]
        made(alice, note(lead_id))
        told.record(follow_up(lead_id, NOW - 86_400 * 400, "早先"))
    assert found == known


def test_no_more_export_at_once_than_there_is_room_for(world: World) -> None:
    alice, dora = world.session("alice"), world.client("dora")
    with world.installation.in_flight.holding(("export", alice.organisation_id, alice.viewer.user_id)):
        assert problem(world.client("alice").get(PATH), 409, "in_flight")
        assert dora.get(PATH).status_code == 200
    with ExitStack() as others:
        for _ in range(4):
            others.enter_context(_room())
        refused = dora.get(PATH)
        assert problem(refused, 503, "unavailable") and int(refused.headers["retry-after"]) > 0
    assert dora.get(PATH).status_code == 200


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_who_reads_slowly_has_one_file_and_not_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes room on the disk until it is read, or given up."""

    def begin() -> Iterator[bytes]:
        return export_entries(
            *(world.installation, world.session("alice"), FeedFilter(), "csv", 10, True, "en", "")
        ).pieces()

    monkeypatch.setattr(sheets, "_PIECE", 100)
    body = begin()
    assert next(body).startswith(BEGIN)
    with pytest.raises(InFlight):
        begin()
    assert list(body)
    body = begin()
    next(body)
    del body
    begin()
    assert list(begin())


def test_parquet_is_refused_with_what_to_do_where_it_is_not_installed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    body = problem(world.client("alice").get(PATH, params={"format": "parquet"}), 422, "invalid")
    assert "genjin[parquet]" in str(body["errors"])
    assert in_csv(exported(world.client("alice"))) == []


def test_a_text_is_cut_to_what_a_cell_takes_and_never_within_a_sign() -> None:
    assert cut("字" * MOST_UNITS) == "字" * MOST_UNITS
    assert cut("字" * (MOST_UNITS + 1)) == "字" * (MOST_UNITS - 1) + "…"
    assert cut("字" + "😀" * MOST_UNITS) == "字" + "😀" * ((MOST_UNITS - 2) // 2) + "…"
    assert cut("😀" * MOST_UNITS) == "😀" * ((MOST_UNITS - 1) // 2) + "…"
