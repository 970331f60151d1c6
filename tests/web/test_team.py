"""The team's figures: whose they are, and that behind each are the entries that it counts."""

import csv
import re
from html import unescape
from io import StringIO

import httpx
import pytest
from playwright.sync_api import expect

from tests.web.browsing import DESK, PHONE, Surfer, accessible
from tests.world import ALICE, BOB, PHONES, World, follow_up, new_customer, new_lead, ok

NOT_COUNTS = ("Median minutes", "Minutes of talk", "on average", "median")


@pytest.fixture(scope="module", autouse=True)
def work(town: World) -> None:
    """Something of every kind that is counted, by two people; and a customer on whom nothing has happened."""
    alice, bob = town.client("alice"), town.client("bob")
    lead = new_lead(alice, "郑老师", source=45, status=43)
    other = new_lead(alice, "陈老师", status=43)
    customer = new_customer(alice, "郑州第一中学")
    for _ in range(3):
        follow_up(alice, lead, "问了价格")
    ok(alice.put(f"/api/v2/leads/{lead}", json={"lead": {"status": 44}}))
    follow_up(bob, customer, "一起拜访了", "Customer")
    for client, seconds in ((alice, 90), (alice, 0), (bob, 60)):
        details = {"seconds": seconds, "connected": seconds > 0}
        given = {"subject": {"type": "leads", "id": other}, "kind": "call.made", "details": details}
        client.post("/api/v1/activities", json=given).raise_for_status()


def _figures(html: str) -> list[tuple[str, str, str]]:
    """Table and column, figure, and link of each cell that has one."""
    found = []
    for figure in re.findall(r"<figure.*?</figure>", html, re.DOTALL):
        [name] = re.findall(r'data-name="([^"]+)"', figure)
        heads = [unescape(text) for text in re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', figure)][1:]
        for row in re.findall(r'<tr><th scope="row">.*?</tr>', figure, re.DOTALL):
            for head, cell in zip(heads, re.findall(r"<td.*?</td>", row, re.DOTALL), strict=True):
                if told := re.search(r'<a href="([^"]+)">([^<]+)</a>', cell):
                    found.append((f"{name}: {head}", told[2], unescape(told[1])))
    return found


@pytest.mark.parametrize("view", ["work", "touch", "funnel"])
def test_behind_each_figure_are_the_entries_that_it_counts(visitors: dict[str, httpx.Client], view: str) -> None:
    seen = set()
    for name in ("bob", "alice", "dora"):
        client = visitors[name]
        client.headers["Accept-Language"] = "en"
        for asked in ("period=this_week", f"period=this_week&department={PHONES.id}", f"period=today&actor={ALICE.id}"):
            for where, shown, link in set(_figures(client.get(f"/team?view={view}&{asked}").text)):
                told = client.get(link)
                assert told.status_code == 200, (where, link)
                [total] = re.findall(r"data-total>([0-9]+)", told.text)
                if not where.endswith(NOT_COUNTS):
                    assert total == shown, (name, asked, where, link)
                seen.add(where.partition(":")[0])
    assert len(seen) >= {"work": 3, "touch": 3, "funnel": 2}[view], seen


def test_the_figures_are_those_of_the_api(town: World, visitors: dict[str, httpx.Client]) -> None:
    told = town.client("bob").get("/api/v1/reports/calls?period=this_week").json()
    page = visitors["bob"].get("/team/people.csv?period=this_week", headers={"Accept-Language": "en"})
    assert page.headers["content-disposition"] == 'attachment; filename="people.csv"'
    rows = {row["Person"]: row for row in csv.DictReader(StringIO(page.text.removeprefix("\ufeff")))}
    for row in told["rows"]:
        shown = rows[row["person"]["name"]]
        names = {"Calls": "made", "Answered calls": "connected", "Minutes of talk": "minutes"}
        for name, figure in names.items():
            assert float(shown[name]) == row[figure]["value"]
    assert float(rows["Total"]["Calls"]) == told["total"]["made"]["value"] == 3
    assert visitors["bob"].get("/team/nothing.csv").status_code == 404


def test_a_manager_opens_a_mark_and_the_entries_behind_it(surfer: Surfer) -> None:
    page = surfer.open("bob", "/team?period=this_week", DESK, "en", "dark")
    expect(page.locator("[data-canvas][data-drawn]")).to_have_count(3)
    accessible(page)
    with page.expect_download() as saved:
        page.locator("figure[data-name=map] [data-png]").click()
    assert saved.value.suggested_filename == "map.png"
    page.locator("select[name=actor]").select_option(str(ALICE.id))
    expect(page).to_have_url(re.compile(f"actor={ALICE.id}"))
    expect(page).to_have_url(re.compile("period=this_week"))
    page.goto(f"/team?period=today&actor={ALICE.id}&measure=follow_ups")
    canvas = page.locator("figure[data-name=map] [data-canvas][data-drawn]")
    expect(canvas).to_be_visible()
    page.wait_for_timeout(500)
    canvas.click(position={"x": 500, "y": 20})
    expect(page).to_have_url(re.compile(r"/entries\?kind=follow_up.written&from=2024-06-12"))
    expect(page.locator("[data-total]")).to_have_text("3")
    for view, drawn in (("touch", 4), ("funnel", 3)):
        page.goto(f"/team?period=this_week&view={view}")
        assert page.locator("[data-canvas][data-drawn]").count() <= drawn + 1
        expect(page.locator("[data-canvas][data-drawn]").first).to_be_visible()
        accessible(page)


def test_a_seller_sees_only_their_own(surfer: Surfer, visitors: dict[str, httpx.Client]) -> None:
    page = surfer.open("alice", "/team?period=this_week", PHONE)
    expect(page.get_by_role("heading", name="我的工作")).to_be_visible()
    expect(page.locator("select[name=actor]")).to_have_count(0)
    expect(page.locator("figure[data-name=people] tbody tr")).to_have_count(1)
    expect(page.locator("figure[data-name=people] tbody")).to_contain_text("Alice")
    accessible(page)
    page.get_by_role("link", name="联系情况").click()
    expect(page.get_by_role("heading", name="沉默客户")).to_be_visible()
    accessible(page)
    told = visitors["charlie"].get("/team?period=this_week").text.split("<main", 1)[1]
    assert "Alice" not in told
    assert "Bob" not in told
    told = visitors["charlie"].get(f"/team?period=this_week&actor={BOB.id}").text
    assert not _figures(told)


WRONG = (
    *("from=2024-06-12&to=2024-06-01", "from=x", "from=1900-01-02&to=2199-12-31", "period=ever", "department=x"),
    *("actor=!", "actor=0", "department=!"),
)
ANY_DAYS = (
    *("from=2024-05-13&to=2024-06-12", "from=2024-01-01&to=2024-06-12", "from=2015-01-01&to=2024-06-12"),
    *("period=this_quarter&view=nothing&measure=nothing", "department=9999999999", "actor=me&department=10"),
    *("department=!12", "actor=!me", "department=10&department=!12&view=touch", "department=!12&view=funnel"),
)


@pytest.mark.parametrize("asked", WRONG)
def test_days_and_people_that_are_none_are_said_to_be_so(visitors: dict[str, httpx.Client], asked: str) -> None:
    told = visitors["bob"].get(f"/team?{asked}")
    assert told.status_code == 422
    assert 'role="alert"' in told.text
    assert visitors["bob"].get(f"/team/map.csv?{asked}").status_code == 422


def test_any_days_are_told_by_few_columns(visitors: dict[str, httpx.Client]) -> None:
    for asked in ANY_DAYS:
        told = visitors["dora"].get(f"/team?{asked}")
        assert told.status_code == 200, asked
        assert told.text.count('<th scope="col"') < 160
