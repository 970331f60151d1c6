"""Lists of records and pools, what is done to many of them at once, and their downloads."""

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO, StringIO
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree
from zipfile import ZipFile

import httpx
import pytest
from playwright.sync_api import expect

from genjin.domain.people import Rights
from genjin.web.cookies import COOKIE
from tests.web.browsing import PHONE, Surfer, accessible
from tests.world import (
    ALICE,
    CHARLIE,
    HOT,
    NEW,
    NOW,
    ORGANISATION,
    SELLER,
    World,
    follow_up,
    new_contact,
    new_customer,
    new_lead,
    ok,
    refused,
)

DAY = 86_400
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@contextmanager
def browsing(town: World, address: str, name: str) -> Iterator[httpx.Client]:
    """Somebody's browser without a browser."""
    with httpx.Client(base_url=address, cookies={COOKIE: town.site.tokens[name]}, verify=False) as client:
        yield client


def names_in(page: str) -> list[str]:
    """The names of a list, in its order."""
    return re.findall(r'class="who" data-open href="[^"]*" title="([^"]*)"', page)


def csrf_in(page: str) -> str:
    [found, *_] = re.findall(r'name="csrf" value="([0-9a-f]+)"', page)
    return str(found)


def sheet_of(content: bytes) -> tuple[list[list[str | float]], str]:
    """The lines of a workbook's only sheet, and its XML."""
    with ZipFile(BytesIO(content)) as book:
        told = book.read("xl/worksheets/sheet1.xml").decode()
        shared = (
            ["".join(each.itertext()) for each in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))]
            if ("xl/sharedStrings.xml" in book.namelist())
            else []
        )
    lines = []
    for row in ElementTree.fromstring(told).iter(f"{_SHEET}row"):
        line: list[str | float] = []
        for cell in row:
            text = "".join(cell.itertext())
            kind = cell.get("t")
            line.append(shared[int(text)] if kind == "s" else text if kind == "inlineStr" else float(text or "nan"))
        lines.append(line)
    return lines, told


def test_a_list_is_filtered_sorted_and_shown_by_chosen_columns_on_a_phone(surfer: Surfer, town: World) -> None:
    town.clock.at = NOW - 30 * DAY
    alice = town.client("alice")
    made = {name: new_lead(alice, name, status=str(HOT.id)) for name in ("何小兰", "何大川", "何远")}
    town.clock.at = NOW - 20 * DAY
    follow_up(alice, made["何大川"])
    town.clock.at = NOW
    follow_up(alice, made["何远"])
    new_lead(alice, "何新", status=str(NEW.id))
    page = surfer.open("alice", "/leads", PHONE)
    page.get_by_role("searchbox", name="名称、公司或拼音").fill("he")
    expect(page.locator("td.name .who")).to_have_count(4)
    expect(page).to_have_url(re.compile("q=he"))
    expect(page.locator("#list-q")).to_be_focused()  # nothing that is being typed is lost
    page.locator("summary[aria-label=筛选]").click()
    page.get_by_label("重点").check()
    page.get_by_label("多少天没有动态").fill("14")
    page.get_by_label("排序").first.select_option("last_activity_at")
    page.get_by_role("button", name="应用").first.click()
    expect(page.locator("td.name .who")).to_have_text(["何大川", "何小兰"])
    asked = parse_qs(urlsplit(page.url).query)
    assert (asked["q"], asked["silent_for"], asked["status"]) == (["he"], ["14d"], [str(HOT.id)])
    accessible(page)
    page.get_by_role("link", name="去掉未联系：14 天").click()
    expect(page.locator("td.name .who")).to_have_count(3)
    page.go_back()
    expect(page.locator("td.name .who")).to_have_count(2)
    page.locator("summary[aria-label=显示列]").click()
    for label in ("电话", "创建时间"):
        page.get_by_label(label, exact=True).uncheck()
    page.get_by_label("来源").check()
    page.get_by_role("button", name="应用").last.click()
    expect(page).to_have_url(re.compile("columns=status.owner.last_activity_at.next_due_at.source"))
    expect(page.locator("td[data-label=来源]")).to_have_count(2)
    page.goto("/leads")  # as this person wants it, not only at this address
    expect(page.locator("th.phone")).to_have_count(0)
    page.goto(f"/leads?q=he&status={HOT.id}")
    page.get_by_label("选择何小兰").check()
    page.get_by_label("选择何远").check()
    expect(page.locator("[data-count]")).to_have_text("已选 2 条")
    page.get_by_role("button", name="放入公海").click()
    expect(page.get_by_role("heading")).to_have_text("将 2 条放入公海")
    accessible(page)
    page.get_by_role("button", name="放入公海 2 条").click()
    expect(page.get_by_role("heading")).to_have_text("已放入公海 2 条")
    accessible(page)


def test_what_lies_in_a_pool_is_taken_and_a_bulk_tells_what_was_refused(surfer: Surfer, town: World) -> None:
    charlie, bob = town.client("charlie"), town.client("bob")
    pooled = [new_lead(charlie, f"公海{each}", address_attributes={"tel": f"1340000900{each}"}) for each in range(3)]
    for each in pooled:
        ok(charlie.put(f"/api/v2/leads/{each}/put_back"))
    page = surfer.open("bob", "/pools", language="en", theme="dark")
    accessible(page)
    page.get_by_role("link", name="线索池").click()
    page.get_by_role("searchbox", name="Name, company or pinyin").fill("公海")
    expect(page.locator("td.name .who")).to_have_count(3)
    expect(page.locator("td.phone").first).to_have_text("134****9002")
    accessible(page)
    page.get_by_label("All on this page").check()
    ok(town.client("dora").post(f"/api/v2/leads/{pooled[0]}/take"))  # meanwhile
    page.get_by_role("button", name="Take", exact=True).click()
    page.get_by_role("button", name="Take 3").click()
    expect(page.get_by_role("heading")).to_have_text("2 taken · 1 not")
    expect(page.locator("tbody").first).to_contain_text("somebody has taken it already")
    for each in pooled[1:]:
        assert ok(bob.get(f"/api/v2/leads/{each}"))["user_id"] == 32
    page.goto("/leads?q=公海")
    page.get_by_label("Select 公海1").check()
    page.get_by_role("button", name="Assign").click()
    page.get_by_label("To whom").select_option(str(ALICE.id))
    page.get_by_role("button", name="Hand over").click()
    expect(page).to_have_url(re.compile(r"/leads\?q="))
    assert ok(bob.get(f"/api/v2/leads/{pooled[1]}"))["user_id"] == ALICE.id


def test_lists_work_without_scripts_page_by_page(surfer: Surfer, town: World) -> None:
    alice = town.client("alice")
    for each in range(51):
        new_lead(alice, f"翻页{each:02}")
    page = surfer.open("alice", "/leads?q=翻页&sort=created_at&order=asc", script=False)
    names = page.locator("td.name .who")
    assert names.count() == 50
    page.get_by_role("link", name="下一页").click()
    expect(names).to_have_text(["翻页50"])
    page.get_by_role("link", name="上一页").click()
    expect(names.first).to_have_text("翻页00")
    page.get_by_role("link", name="本页全选").click()
    page.get_by_role("button", name="分配").click()
    expect(page.get_by_role("heading")).to_have_text("将 50 条分配给同事")
    scripted = surfer.open("alice", "/leads?q=翻页")
    expect(scripted.locator("td.name .who")).to_have_count(50)
    scripted.locator("tr.more").scroll_into_view_if_needed()
    expect(scripted.locator("td.name .who")).to_have_count(51)


def test_nobody_sees_or_changes_what_is_not_theirs(town: World, address: str) -> None:
    with browsing(town, address, "alice") as alice, browsing(town, address, "charlie") as charlie:
        id_ = new_lead(town.client("alice"), "只有爱丽丝的")
        assert names_in(alice.get("/leads?q=只有爱丽丝的").text) == ["只有爱丽丝的"]
        for path in ("/leads?q=只有爱丽丝的", f"/leads/bulk?act=assign&id={id_}"):
            assert "只有爱丽丝的" not in re.sub('(value|data-q)="只有爱丽丝的"', "", charlie.get(path).text)
        form = {"csrf": csrf_in(charlie.get("/account").text), "id": str(id_), "to": str(CHARLIE.id)}
        for act in ("assign", "pool", "take", "hand-out", "delete"):
            told = charlie.post("/leads/bulk", data={**form, "act": act, "key": act})
            assert told.status_code == 200 and f"#{id_}" in told.text and "只有爱丽丝的" not in told.text, act
        assert ok(town.client("alice").get(f"/api/v2/leads/{id_}"))["user_id"] == ALICE.id
        for path in ("/leads/download?format=csv", "/leads/download?format=xlsx"):
            assert "只有爱丽丝的" not in str(
                sheet_of(charlie.get(path).content) if "xlsx" in path else charlie.get(path).text
            )
        assert charlie.get("/leads/download?format=csv&q=公海").text.count("\n") >= 1
    pool = ok(town.client("dora").get("/api/v2/common_leads/common_settings"))["common_settings"][0]["id"]
    with browsing(town, address, "eve") as eve:
        assert eve.get(f"/pools/{pool}").status_code == 404
        assert eve.get("/pools/999999999999").status_code == 404
        told = eve.get(f"/leads?pool={pool}")
        assert told.status_code == 200 and names_in(told.text) == []
        form = {"csrf": csrf_in(eve.get("/account").text), "act": "delete", "id": str(id_), "key": "e"}
        assert f"#{id_}" in eve.post("/leads/bulk", data=form).text


def test_a_wrong_address_is_said_and_no_other_word_is_a_list(town: World, address: str) -> None:
    for each in range(51):
        new_lead(town.client("alice"), f"很多{each:02}")
    with browsing(town, address, "alice") as alice:
        for query in ("silent_for=soon", "sort=name", "owner=you", "last_call_after=2024-02-31", "cursor=abc", "q=%00"):
            told = alice.get(f"/leads?{query}")
            assert told.status_code == 422 and 'role="alert"' in told.text, query
            assert alice.get(f"/leads/download?{query}").status_code == (200 if "cursor" in query else 422), query
        cursor = re.search(r'href="/leads\?([^"]*cursor=[^"]*)"', alice.get("/leads").text)
        assert cursor, "there are more than fifty"
        assert alice.get(f"/customers?{cursor[1].replace('&amp;', '&')}").status_code == 422
        assert alice.get("/leads?utm_source=mail&columns=name.nothing.status").status_code == 200
        assert alice.get("/receipts", headers={"Accept": "text/html"}).status_code == 404
        assert alice.get("/leads/bulk?act=burn&id=1").status_code == 404
        assert alice.get("/contacts/bulk?act=pool&id=1").status_code == 404
        assert "没有选择" in alice.get("/leads/bulk?act=assign").text
        many = "&".join(f"id={each}" for each in range(1, 202))
        assert "一次最多 200 条" in alice.get(f"/leads/bulk?act=assign&{many}").text


def test_what_people_have_called_something_is_no_format(town: World, address: str) -> None:
    id_ = new_lead(town.client("charlie"), "折扣 50%(a)s 100%")
    ok(town.client("charlie").put(f"/api/v2/leads/{id_}/put_back"))
    with browsing(town, address, "dora") as dora:
        for path in ("/leads?q=折扣 50%25", "/opportunities", f"/leads/bulk?act=assign&id={id_}"):
            assert dora.get(path, headers={"Accept-Language": "en"}).status_code == 200, path
        form = {"csrf": csrf_in(dora.get("/account").text), "act": "assign", "id": str(id_), "to": str(ALICE.id)}
        assert "“折扣 50%(a)s 100%”在公海中，请先领取" in dora.post("/leads/bulk", data=form).text


def test_what_is_due_is_found_by_the_day_and_overdue_is_said(town: World, address: str) -> None:
    alice = town.client("alice")
    for name, day in (("今天到期", "2024-06-12 18:00"), ("明天到期", "2024-06-13 09:00")):
        new_lead(alice, name, revisit_remind_at=day)
    with browsing(town, address, "alice") as client:
        due = re.search(r'href="(/leads\?next_due_before=[^"]*)"', client.get("/leads").text)
        assert due and names_in(client.get(due[1]).text) == ["今天到期"]
        assert 'class="late"' not in client.get(due[1]).text
        town.clock.at = NOW + 9 * 3600
        assert client.get("/leads?q=到期").text.count('class="late"') == 1
        town.clock.at = NOW


def test_a_form_that_is_sent_twice_is_carried_out_once(town: World, address: str) -> None:
    ids = [new_lead(town.client("alice"), f"两次{each}") for each in range(2)]
    with browsing(town, address, "alice") as alice:
        form = {
            "csrf": csrf_in(alice.get("/account").text),
            "act": "pool",
            "id": [str(each) for each in ids],
            "key": "k",
        }
        first, again = (alice.post("/leads/bulk", data=form).text for _ in range(2))
        assert first == again and "已放入公海 2 条" in first


def test_downloads_have_what_is_shown_and_nothing_that_is_run(town: World, address: str) -> None:
    alice = town.client("alice")
    evil = ('=HYPERLINK("http://evil.example")', "+86下载", "-下载", "@下载", "\t=下载")
    for name in evil[:4]:
        new_customer(alice, name, note=evil[0], address_attributes={"tel": "13400000077"})
    columns = "columns=owner.phone.note.created_at.last_activity_at"
    with browsing(town, address, "alice") as client:
        text = client.get(f"/customers/download?format=csv&{columns}&sort=created_at&order=asc").content.decode(
            "utf-8-sig"
        )
        lines = list(csv.reader(StringIO(text)))
        assert lines[0] == ["名称", "公司", "负责人", "电话", "备注", "创建时间", "最近动态"]
        assert [line[0] for line in lines[1:]] == [f"'{name}" for name in evil[:4]]
        assert lines[1][2:] == ["Alice", "13400000077", f"'{evil[0]}", "2024-06-12 10:00", ""]
        told, xml = sheet_of(client.get(f"/customers/download?format=xlsx&{columns}&sort=created_at&order=asc").content)
        assert [line[0] for line in told] == ["名称", *evil[:4]]
        assert "<f>" not in xml and 'ySplit="1"' in xml and 'state="frozen"' in xml
        assert told[1][-1] == pytest.approx(45455 + 10 / 24)  # 2024-06-12 10:00 as Excel counts days
        head, *lines = csv.reader(
            StringIO(client.get("/entries/download?kind=record.created&q=").content.decode("utf-8-sig"))
        )
        assert head[:6] == ["编号", "日期时间", "类型", "分组", "人员编号", "人员"]
        assert {line[9] for line in lines} >= {f"'{name}" for name in evil[:4]}
        told, xml = sheet_of(client.get("/entries/download?format=xlsx").content)
        assert (told[0][9], "<f>" in xml) == ("记录", False)
        assert client.get("/entries/download?kind=!!").status_code == 422
        with town.installation.in_flight.holding(("export", ORGANISATION.id, ALICE.id)):  # which is being read still
            assert {client.get(f"/{each}/download").status_code for each in ("customers", "entries")} == {409}
        assert (
            'href="/entries/download?kind=record.created&amp;format=xlsx"'
            in client.get("/entries?kind=record.created").text
        )
    log = town.client("dora").get("/api/v1/audit", params={"act": "records.exported"}).json()["items"]
    assert [(each["actor"]["name"], each["subject"]["name"]) for each in log[:4]] == [
        *[("Alice", "activities")] * 2,
        *[("Alice", "customers")] * 2,
    ]
    masked = replace(SELLER, rights=Rights(hidden=frozenset({"customer.note"}), phones_masked=True))
    town.change(masked)
    try:
        with browsing(town, address, "alice") as client:
            page = client.get("/customers").text
            assert "134****0077" in page and "13400000077" not in page and 'value="note"' not in page
            for form in ("csv", "xlsx"):
                content = client.get(f"/customers/download?format={form}&{columns}").content
                told_text = str(sheet_of(content)[0]) if form == "xlsx" else content.decode()
                assert "134****0077" in told_text and "13400000077" not in told_text and "备注" not in told_text
                assert told_text.count("HYPERLINK") == 1  # the name, and no note
    finally:
        town.change(SELLER)


def test_a_list_of_contacts_names_the_customers_that_are_seen(town: World, address: str) -> None:
    alice = town.client("alice")
    customer_id = new_customer(alice, "列表客户")
    new_contact(alice, "列表联系人", customer_id=customer_id)
    with browsing(town, address, "alice") as client:
        told = client.get("/contacts?q=列表").text
        assert f'href="/customers/{customer_id}" title="列表客户"' in told
    refused(town.client("charlie").get(f"/api/v2/customers/{customer_id}"), 100100)
