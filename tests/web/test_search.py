"""Finding a record while one types, searching what was written, and the entries that an address asks for."""

import re
from itertools import count

import httpx
from playwright.sync_api import expect

from genjin.web.rendering import marked
from tests.web.browsing import DESK, PHONE, Surfer, accessible
from tests.world import ALICE, World, follow_up, new_lead


def test_pinyin_initials_find_a_name_and_words_what_was_written(surfer: Surfer, town: World) -> None:
    alice = town.client("alice")
    lead = new_lead(alice, "小兰", company_name="苏州云岫物业")
    follow_up(alice, lead, "客户说预算是<b>三万</b>，下周再谈预算")
    page = surfer.open("alice", "/search", PHONE)
    expect(page.get_by_text("想找什么？")).to_be_visible()
    page.locator("#find").press_sequentially("xl")
    expect(page.locator("#found a").first).to_contain_text("小兰")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#found a").first).to_be_focused()
    assert page.locator("#found a").first.get_attribute("href") == f"/leads/{lead}"
    page.keyboard.press("ArrowUp")
    page.locator("#find").fill("预算")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/search"))
    expect(page.locator("mark")).to_have_text(["预算", "预算"])
    expect(page.locator(".line .text")).to_contain_text("<b>三万</b>")
    accessible(page)
    page.get_by_role("link", name="评论", exact=True).click()
    expect(page.get_by_text("没有找到")).to_be_visible()
    page.get_by_role("link", name="搜索全部").click()
    expect(page.locator("mark")).to_have_count(2)


def test_an_address_asks_for_entries_and_each_chip_takes_something_off(surfer: Surfer, town: World) -> None:
    alice = town.client("alice")
    lead = new_lead(alice, "陈老师")
    for _ in range(55):
        follow_up(alice, lead, "问了价格")
    asked = f"/entries?subject=leads/{lead}&kind=talk&actor={ALICE.id}&from=2024-06-12&to=2024-06-12"
    page = surfer.open("bob", asked, DESK, "en", "dark")
    expect(page.locator("[data-total]")).to_have_text("55")
    expect(page.locator("[data-entry]")).to_have_count(50)
    page.get_by_role("link", name="Show more").click()
    expect(page.locator("[data-entry]")).to_have_count(55)
    expect(page.locator("h2.day")).to_have_count(1)
    accessible(page)
    page.get_by_role("link", name="Follow-ups").click()
    expect(page.locator("[data-total]")).to_have_text("56")
    assert "kind" not in page.url
    page.locator("summary", has_text="Filter").click()
    page.get_by_label("Text").fill("价格")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("[data-total]")).to_have_text("55")


def test_nobody_sees_by_search_or_by_address_what_is_not_theirs(town: World, visitors: dict[str, httpx.Client]) -> None:
    alice = town.client("alice")
    lead = new_lead(alice, "保密客户")
    follow_up(alice, lead, "绝密报价")
    for name, sees in {"alice": True, "bob": True, "charlie": False, "eve": False}.items():
        client = visitors[name]
        assert (
            "绝密报价"
            in client.get("/search", params={"q": "绝密报"}).text.replace("<mark>", "").replace("</mark>", "")
        ) == sees
        assert (f"/leads/{lead}" in client.get("/search/suggestions", params={"q": "保密"}).text) == sees
        assert (
            "绝密报价"
            in client.get("/entries", params={"q": "绝密报价"})
            .text.split("<main", 1)[1]
            .replace("“绝密报价”", "")
            .replace('value="绝密报价"', "")
        ) == sees
    assert visitors["charlie"].get("/entries", params={"subject": f"leads/{lead}"}).status_code == 404


WRONG = (
    *(
        "kind=bogus",
        "actor=x",
        "from=2024-13-01",
        "from=yesterday",
        "to=9999-01-01",
        "cursor=x",
        "cursor=eyJ.x",
        "limit=0",
    ),
    *(
        "limit=1000000",
        "hour=24",
        "status=!",
        "subject=leads/0",
        "answered=-1",
        "active=2024-01-01",
        "as_of=now",
        "order=up",
    ),
)


def test_what_cannot_be_asked_for_is_said_on_the_page(visitors: dict[str, httpx.Client]) -> None:
    client = visitors["alice"]
    for asked in WRONG:
        told = client.get(f"/entries?{asked}", headers={"Accept-Language": "en"})
        assert told.status_code == 422, asked
        assert asked.split("=", maxsplit=1)[0] in told.text.split("Not understood", 1)[1], asked
    for asked in (
        "q=a",
        "q=" + "很" * 201,
        "q=%00",
        "q=预算&from=x",
        "q=预算&cursor=x",
        "q=%22%22",
        "q=预算&in=elsewhere",
    ):
        assert client.get(f"/search?{asked}").status_code == 422, asked
    for asked in ("nonsense=1", "q=&from=&to=&actor=", "q=%00&kind=call", "q=%ff%fe"):
        assert client.get(f"/entries?{asked}").status_code == 200, asked


def test_marks_are_around_characters_and_nothing_of_a_text_is_markup() -> None:
    assert marked("a😀<b>&", [(1, 3), (4, 5)]) == "a<mark>😀&lt;</mark>b<mark>&gt;</mark>&amp;"
    assert marked("", []) == ""
    numbers = count()
    assert marked("xyz", [(next(numbers), next(numbers))]) == "<mark>x</mark>yz"
