"""Tables that are brought in by the page: their columns, trying out, progress, and what comes back to be mended."""

import csv
import re
from io import BytesIO, StringIO
from pathlib import Path

import httpx
import xlsxwriter  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from genjin.importers.tables.uploads import IMPORT_TABLE
from genjin.jobs.worker import run_all
from tests.web.browsing import DESK, PHONE, Surfer, accessible
from tests.world import World, ok

LINES = [
    ["公司全称", "联系电话", "负责人", "说明"],
    *([f"导入{each:02d}有限公司", f"1340001{each:04d}", "", f"第{each}条"] for each in range(30)),
    ["导入重复有限公司", "13400010000", "", "电话与第一条相同"],
    ["导入他人有限公司", "13400019998", "没有这个人", "负责人不存在"],
]


def table_of(lines: list[list[str]]) -> bytes:
    """As Excel saves it in China."""
    text = StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode("gb18030")


def workbook_of(lines: list[list[str]]) -> bytes:
    file = BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("客户表")
        for nth, line in enumerate(lines):
            sheet.write_row(nth, 0, line)
    return file.getvalue()


def uploaded(page: Page, name: str, content: bytes) -> None:
    """Choose a file and send it."""
    page.locator("#file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    page.locator("form.bring button").click()
    expect(page).to_have_url(re.compile("/imports/new"))


def work(town: World) -> None:
    """What the worker of a server does."""
    run_all(town.installation, {IMPORT_TABLE.name: IMPORT_TABLE})


def names(town: World, part: str) -> list[str]:
    found = ok(town.client("bob").get("/api/v2/customers", params={"query": part, "per_page": 100}))
    return sorted(each["name"] for each in found["customers"])


def test_a_table_is_looked_at_tried_imported_and_what_is_wrong_is_mended(surfer: Surfer, town: World) -> None:
    page = surfer.open("bob", "/customers", PHONE)
    page.get_by_role("link", name="导入").click()
    accessible(page)
    uploaded(page, "客户.csv", table_of(LINES))
    accessible(page)
    page.get_by_label("公司全称", exact=True).select_option(label="客户名称")
    expect(page.locator(".seen tbody tr")).to_have_count(10)
    expect(page.locator(".seen tbody tr").first).to_contain_text("导入00有限公司")
    page.get_by_label("说明", exact=True).select_option(label="客户名称")
    expect(page.get_by_role("alert")).to_contain_text("说明: ")
    accessible(page)
    page.get_by_label("说明", exact=True).select_option(label="备注")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="试运行").click()
    expect(page.locator(".tried")).to_contain_text("新建 30 条 · 更新 0 条 · 跳过 1 条 · 未导入 1 条")
    assert names(town, "导入") == []
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.get_by_role("progressbar", name="进度")).to_be_visible()
    work(town)
    expect(page.locator(".counts")).to_contain_text(re.compile(r"30\s*新增"))
    expect(page.locator(".rejected tbody")).to_contain_text("没有这个用户")
    accessible(page)
    assert len(names(town, "导入")) == 30
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载（附原因）").click()
    file = waiting.value
    back = list(csv.reader(StringIO(Path(file.path()).read_bytes().decode("utf-8-sig"))))
    assert [line[0] for line in back] == ["公司全称", "导入他人有限公司"] and "没有这个用户" in back[1][-1]
    back[1][2] = ""
    page.get_by_role("link", name="继续导入").click()
    uploaded(page, file.suggested_filename, table_of(back))
    page.get_by_label("公司全称", exact=True).select_option(label="客户名称")
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page).to_have_url(re.compile(r"/imports/\d+"))
    work(town)
    expect(page.locator(".counts")).to_contain_text(re.compile(r"1\s*新增"))
    assert "导入他人有限公司" in names(town, "导入")


def test_without_a_script_a_workbook_is_imported_cancelled_gone_on_with_and_known_again(
    surfer: Surfer, town: World
) -> None:
    page = surfer.open("alice", "/imports?as=customers", DESK, "en", "dark", script=False)
    book = workbook_of([["客户名称", "备注"], *([f"工作簿{each}公司", "来自Excel"] for each in range(60))])
    uploaded(page, "book.xlsx", book)
    page.get_by_role("button", name="Try it first").click()
    expect(page.locator(".tried")).to_contain_text("60 created")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled")).to_be_visible()
    work(town)
    assert names(town, "工作簿") == []
    page.get_by_role("button", name="Go on").click()
    work(town)
    page.reload()
    expect(page.get_by_text("Done")).to_be_visible()
    assert len(names(town, "工作簿")) == 60
    page.goto("/imports?as=customers")
    expect(page.locator(".runs li")).to_contain_text("60 rows")
    uploaded(page, "again.xlsx", book)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("imported already")


def test_an_import_is_its_owners_alone_and_what_is_no_table_is_refused(
    visitors: dict[str, httpx.Client], town: World
) -> None:
    alice, bob = visitors["alice"], visitors["bob"]

    def sent(client: httpx.Client, name: str, content: bytes) -> httpx.Response:
        [csrf] = set(re.findall(r'name="csrf" value="([0-9a-f]+)"', client.get("/imports").text))
        return client.post("/imports", data={"csrf": csrf, "as": "leads"}, files={"file": (name, content)})

    for name, content in (("a.xlsx", b"PK\x03\x04 no workbook"), ("b.csv", b"PK\x03\x04"), ("empty.csv", b"")):
        assert sent(alice, name, content).status_code == 422
    there = sent(alice, "a.csv", table_of([["姓名", "负责人"], ["导线索", "Charlie"], ["导线索乙", ""]]))
    path = there.headers["location"]
    [file_id] = re.findall(r"file=(\d+)", path)
    assert "导线索乙" in alice.get(path).text
    assert bob.get(path).status_code == 404
    [csrf] = set(re.findall(r'name="csrf" value="([0-9a-f]+)"', alice.get(path).text))
    form = {"csrf": csrf, "file": file_id, "as": "leads", "heading": "1", "column": ["姓名", "负责人"]}
    assert alice.post("/imports/new", data=form | {"field": ["", ""], "act": "start"}).status_code == 422
    assert alice.post("/imports/new", data=form | {"field": ["name", "nothing"], "act": "start"}).status_code == 422
    begun = alice.post("/imports/new", data=form | {"field": ["name", "user_id"], "act": "start"})
    work(town)
    told = alice.get(begun.headers["location"]).text
    assert "没有权限" in told  # a seller gives nothing to somebody whose work she does not see
    assert bob.get(begun.headers["location"]).status_code == 404
    [import_id] = re.findall(r"/imports/(\d+)", begun.headers["location"])
    assert bob.get("/imports/rejected", params={"id": import_id}).status_code == 404
    assert "Charlie" in alice.get("/imports/rejected", params={"id": import_id}).text
