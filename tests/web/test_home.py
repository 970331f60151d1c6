"""The first page: what needs somebody, ticked off, put off and read."""

import re

import httpx
from playwright.sync_api import expect

from tests.web.browsing import DESK, PHONE, Surfer, accessible
from tests.world import ALICE, BOB, World, follow_up, new_customer, new_lead


def _csrf(client: httpx.Client) -> str:
    return str(re.findall(r'name="csrf" value="([0-9a-f]+)"', client.get("/").text)[0])


def test_reminders_are_ticked_off_and_put_off(surfer: Surfer, town: World) -> None:
    alice = town.client("alice")
    for name, hour in (("郑老师", 11), ("苏州云岫物业管理有限公司第二分公司", 15)):
        follow_up(alice, new_lead(alice, name), "约好再谈", remind_at=f"2024-06-12 {hour}:00")
    page = surfer.open("alice", "/", PHONE)
    rows = page.locator("[data-reminder]")
    expect(rows).to_have_count(2)
    accessible(page)
    page.get_by_role("button", name="完成：郑老师").click()
    expect(page.get_by_text("去记录一下结果吧")).to_be_visible()
    page.locator("summary[aria-label^=推迟]").click()
    page.get_by_role("button", name="下周一").click()
    expect(page.get_by_text("已推迟到2024年6月17日星期一 09:00")).to_be_visible()
    page.reload()
    expect(page.get_by_text("今天没有待办")).to_be_visible()
    expect(page.get_by_text("即将到期")).to_be_visible()
    [left] = alice.get("/api/v1/reminders").json()["items"]
    assert left["due_at"] == "2024-06-17T09:00:00+08:00"


def test_the_desk_has_notices_silent_customers_and_the_week(surfer: Surfer, town: World) -> None:
    alice, bob = town.client("alice"), town.client("bob")
    customer = new_customer(alice, "郑州第一中学")
    follow_up(bob, customer, "<i>请看</i> @Alice ", "Customer", at_user_ids=[ALICE.id])
    bob.put(f"/api/v1/follows/customers/{customer}").raise_for_status()
    follow_up(alice, customer, "已看", "Customer")
    page = surfer.open("alice", "/", DESK, "en", "dark")
    expect(page.get_by_label("1 unread notice", exact=True)).to_have_attribute("href", "/#inbox")
    notice = page.locator("[data-notice]")
    expect(notice).to_contain_text("Bob mentioned you on 郑州第一中学")
    expect(notice).to_contain_text("<i>请看</i>")
    expect(page.locator("[data-canvas][data-drawn]")).to_have_count(3)
    accessible(page)
    page.locator("summary", has_text="Figures").nth(1).click()
    figures = page.locator("figure[data-name=week-follow_ups] tbody tr", has_text="Wed")
    shown = int(figures.locator("td").first.inner_text())
    figures.locator("td a").first.click()
    expect(page.locator("[data-total]")).to_have_text(str(shown))
    page.go_back()
    page.locator("[data-notice] a[data-open]").click()
    expect(page).to_have_url(re.compile("/entries/[0-9]+$"))
    page.goto("/")
    expect(page.get_by_text("All read")).to_be_visible()
    other = surfer.open("bob", "/", DESK, "en")
    expect(other.get_by_role("region", name="What I follow")).to_contain_text("已看")


def test_nobody_ticks_off_or_reads_what_is_not_theirs(town: World, visitors: dict[str, httpx.Client]) -> None:
    alice = town.client("alice")
    follow_up(alice, new_lead(alice, "小兰"), "约好再谈", remind_at="2024-06-12 18:00")
    reminder = alice.get("/api/v1/reminders").json()["items"][0]["id"]
    own, other = visitors["alice"], visitors["charlie"]
    assert other.post(f"/reminders/{reminder}/done", data={"csrf": _csrf(other)}).status_code == 404
    assert own.post(f"/reminders/{reminder}/done", data={}).status_code == 403
    csrf = _csrf(own)
    for until in ("", "yesterday", "2024-06-12T09:00", "9999-99-99", "0001-01-01T00:00", "\x00"):
        assert own.post(f"/reminders/{reminder}/snooze", data={"csrf": csrf, "until": until}).status_code == 422, until
    snoozed = own.post(f"/reminders/{reminder}/snooze", data={"csrf": csrf, "until": "hour"})
    assert (snoozed.status_code, snoozed.headers["location"]) == (303, "/#reminders")
    assert alice.get("/api/v1/reminders").json()["items"][0]["due_at"] == "2024-06-12T11:00:00+08:00"
    for path in (
        "/reminders/999999999999/done",
        f"/reminders/{10**30}/done",
        "/notices/1/read",
        f"/notices/{BOB.id}/read",
    ):
        assert own.post(path, data={"csrf": csrf}).status_code == 404
    assert own.get(f"/entries/{10**30}").status_code == 404
    for until in ("all", "", "0", "²"):
        assert own.post("/notices/read", data={"csrf": csrf, "until": until}).status_code == 422, until
