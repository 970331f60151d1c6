"""The page of a record and its timeline."""

import re
from dataclasses import replace
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, event

from genjin.domain.activity import Draft
from genjin.domain.kinds import CALL_MADE, FOLLOW_UP_WRITTEN, KINDS, Kind
from genjin.domain.people import Rights
from genjin.store.transaction import Tx
from genjin.web.cookies import COOKIE
from genjin.web.timelines import SIZE
from tests.acts import entry_of
from tests.api.uploading import upload
from tests.samples import picture, recording
from tests.web.browsing import PHONE, Surfer, accessible
from tests.world import (
    ALICE,
    BOB,
    MANAGER,
    NOW,
    World,
    follow_up,
    lead,
    new_contact,
    new_customer,
    new_lead,
    new_opportunity,
    ok,
)

LONG = "内蒙古自治区呼和浩特市赛罕区锦绣山河国际贸易与供应链管理（集团）股份有限公司"
_IDS = re.compile(r'data-entry id="entry-(\d+)"')


def reader(town: World, address: str, name: str) -> httpx.Client:
    return httpx.Client(base_url=address, cookies={COOKIE: town.site.tokens[name]}, verify=False)


def href(text: str, html: str) -> str:
    """Where a link with this text leads."""
    found = re.search(rf'href="([^"]+)">(?:<svg.*?</svg>)?{text}', html)
    return found[1].replace("&amp;", "&") if found else ""


def test_without_a_script_pages_tell_every_entry_once_in_both_directions(town: World, address: str) -> None:
    id_ = new_lead(town.client("alice"))
    drafts = [
        Draft(kind, actor.id, lead(id_), NOW - 40_000 * (nth // 3), NOW, text=f"第{nth}条")
        for nth in range(2 * SIZE + 7)
        for kind, actor in [(FOLLOW_UP_WRITTEN, ALICE) if nth % 2 else (CALL_MADE, BOB)]
    ]
    wrote = sorted(town.record(*drafts), key=lambda facts: (facts.at, facts.id), reverse=True)
    calls = [facts.id for facts in wrote if facts.kind == CALL_MADE.code]
    with reader(town, address, "alice") as client:
        for query, expected in (("", [facts.id for facts in wrote]), ("?kind=call&actor=32", calls)):
            path, pages = f"/leads/{id_}{query}", list[list[int]]()
            while path:
                html = client.get(path).text
                pages.append(list(map(int, _IDS.findall(html))))
                last, path = path, href("更早的动态", html)
            assert [id_ for page in pages for id_ in page if id_ in set(expected)] == expected
            back = client.get(href("更新的动态", client.get(last).text)).text
            assert list(map(int, _IDS.findall(back))) == pages[-2]
        part = client.get(
            f"/leads/{id_}/timeline", params={"cursor": f"{wrote[3].at}-{wrote[3].id}", "day": "2024-06-12"}
        )
        assert list(map(int, _IDS.findall(part.text)))[:2] == [wrote[4].id, wrote[5].id]
        assert 'data-day="2024-06-12"' not in part.text
        newer = client.get(f"/leads/{id_}/timeline", params={"newer": "2024-06-12T10:00:00+08:00", "kind": "talk"})
        assert set(map(int, _IDS.findall(newer.text))) == {f.id for f in wrote if f.at >= NOW and f.id not in calls}


@pytest.mark.parametrize("query", ["kind=nonsense", "from=2024-13-01", "cursor=x", "page=0", "actor=bob", "before=1-"])
def test_what_cannot_be_asked_for_is_said_on_the_page(town: World, address: str, query: str) -> None:
    id_ = new_lead(town.client("alice"))
    with reader(town, address, "alice") as client:
        answer = client.get(f"/leads/{id_}?{query}")
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text and "郑老师" in answer.text
        assert client.get(f"/leads/{id_}/timeline?{query}", headers={"HX-Request": "true"}).status_code == 422


def test_who_does_not_see_a_record_finds_nothing(town: World, address: str) -> None:
    alice = town.client("alice")
    id_ = new_lead(alice)
    entry = alice.get(f"/api/v1/activities?subject=leads/{id_}").json()["items"][0]["id"]
    paths = [f"/leads/{id_}{more}" for more in ("", "/timeline", "/head")]
    paths += [f"/entries/{entry}{more}" for more in ("", "/comments", "/versions")]
    with reader(town, address, "alice") as client, reader(town, address, "charlie") as other:
        csrf = re.findall(r'name="csrf" value="([0-9a-f]+)"', other.get("/account").text)[0]
        for path in paths:
            assert (client.get(path).status_code, other.get(path).status_code) == (200, 404), path
        assert other.post(f"/leads/{id_}/follow", data={"csrf": csrf, "follow": "1"}).status_code == 404
        assert client.post(f"/leads/{id_}/follow", data={"follow": "1"}).status_code == 403
        assert client.head("/live").headers["content-type"].startswith("text/event-stream")
        assert client.head("/live", headers={"Last-Event-ID": "made up"}).status_code == 422
        assert httpx.head(f"{address}/live", verify=False).status_code == 303
        for path in ("/leads/99999999999999999999", f"/visits/{id_}", "/leads/x"):
            assert client.get(path, headers={"Accept": "text/html"}).status_code == 404


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: str(kind.event))
def test_every_kind_is_shown(town: World, address: str, kind: Kind) -> None:
    shown = entry_of(town, kind)
    with reader(town, address, "dora") as client:
        html = client.get(f"/entries/{shown.ids['activity']}", headers={"HX-Request": "true"}).text
        assert f'data-id="{shown.ids["activity"]}"' in html
        assert client.get(f"/entries/{shown.ids['activity']}").status_code == 200


def test_a_page_takes_as_many_queries_however_much_is_on_it(
    town: World, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = town.client("alice")
    customer = new_customer(alice)
    path = f"/customers/{customer}"

    def furnish(count: int) -> None:
        for nth in range(count):
            contact, opportunity = new_contact(alice, customer_id=customer), new_opportunity(alice, customer)
            photo = upload(alice, picture(), "a.png")["id"]
            follow_up(alice, customer, f"第{nth}次", "Customer", attachment_ids=[photo], opportunity_id=opportunity)
            follow_up(alice, contact, "电话", "Contact")

    with reader(town, address, "alice") as client:
        furnish(1)
        client.get(path)
        few = _statements(lambda: client.get(path).text, monkeypatch)
        furnish(5)
        assert _statements(lambda: client.get(path).text, monkeypatch) == few < 60


def _statements(act: Any, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many run while it acts: those of SQLAlchemy, and those that are hand-written."""
    said = list[str]()
    rows = Tx.rows

    def before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    def hand_written(tx: Tx, sql: str, parameters: Any) -> Any:
        said.append(sql)
        return rows(tx, sql, parameters)

    event.listen(Engine, "before_cursor_execute", before)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(Tx, "rows", hand_written)
            act()
    finally:
        event.remove(Engine, "before_cursor_execute", before)
    return len(said)


def furnished(town: World) -> int:
    """A customer with a history of three months: pictures, a recording, edits in one go, comments, a contact's talk."""
    alice, bob = town.client("alice"), town.client("bob")
    town.clock.at = NOW - 70 * 86_400
    customer = new_customer(alice, "郑州第一中学", address_attributes={"tel": "13400000031"})
    photos = [upload(alice, picture(), f"照片{nth}.png")["id"] for nth in (1, 2)]
    follow_up(alice, customer, "带样机看了教室 @Bob", "Customer", attachment_ids=photos, at_user_ids=[BOB.id])
    town.clock.at += 30 * 86_400
    dialled = {"caller_type": "Customer", "caller_id": customer, "number": "13400000031", "dial_type": "outgoing"}
    call = ok(alice.post("/api/v2/dial_logs", json={"dial_log": dialled}))["dial_log"]["id"]
    over = {"talk_time": "62", "is_connected": "true"}
    voice = upload(alice, recording(), "call.wav")["id"]
    ok(alice.put(f"/api/v2/dial_logs/{call}", json={"dial_log": over, "audio_ids": [voice]}))
    town.clock.at += 30 * 86_400
    for name in ("郑州一中", LONG):
        ok(alice.put(f"/api/v2/customers/{customer}", json={"customer": {"name": name, "note": name}}))
        town.clock.at += 60
    talk = follow_up(bob, new_contact(alice, "校长", customer_id=customer), "校长同意了", "Contact")
    shown = bob.get("/api/v1/activities", params={"subject": f"customers/{customer}", "q": "同意"}).json()["items"][0]
    assert talk
    ok(bob.post(f"/api/v2/sales_activities/{shown['id']}/comments", json={"content": "太好了"}))
    town.clock.at = NOW
    return customer


def entries(page: Page) -> Any:
    return page.locator("[data-entry]")


def test_a_history_is_read_heard_looked_at_and_searched_on_a_phone(surfer: Surfer) -> None:
    customer = furnished(surfer.world)
    page = surfer.open("alice", f"/customers/{customer}", PHONE)
    expect(page.get_by_role("heading", level=1)).to_have_text(LONG)
    expect(page.locator("a.phone")).to_have_attribute("href", "tel:13400000031")
    accessible(page)
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    run = page.locator("details.run")
    run.locator("summary").click()
    expect(run.locator("li")).to_have_count(2)
    expect(run.locator("ins").first).to_have_text(LONG)

    page.get_by_role("link", name="1条评论").click()
    expect(page.locator(".comment")).to_contain_text("太好了")
    expect(page).to_have_url(re.compile(f"/customers/{customer}$"))

    page.get_by_role("button", name="播放").click()
    expect(page.get_by_role("button", name="暂停")).to_be_visible()
    expect(page.locator(".player-time")).to_contain_text("0:03")
    expect(page.get_by_label("播放位置")).to_have_attribute("aria-valuetext", re.compile("0:0[1-3] / 0:03"))
    page.get_by_role("button", name="倍速").click()
    assert page.evaluate("document.querySelector('.player audio').playbackRate") == 1.5

    page.locator("[data-picture]").first.click()
    gallery = page.locator("dialog.gallery")
    expect(gallery).to_contain_text("1 / 2")
    page.keyboard.press("ArrowRight")
    expect(gallery.locator("img")).to_have_attribute("alt", "照片2.png")
    page.keyboard.press("Escape")
    expect(gallery).not_to_be_visible()

    page.locator("[data-months]").select_option(index=1)
    expect(page).to_have_url(re.compile(r"\?cursor="))
    expect(entries(page).first).to_contain_text("通话")
    page.get_by_role("link", name="回到最新").click()
    page.get_by_role("link", name="跟进").click()
    expect(page).to_have_url(re.compile(r"\?kind=talk$"))
    expect(entries(page)).to_have_count(2)
    page.get_by_placeholder("搜索动态内容").fill("没有写过")
    page.keyboard.press("Enter")
    expect(page.get_by_text("没有符合条件的动态")).to_be_visible()
    page.go_back()
    expect(entries(page)).to_have_count(2)
    expect(page.get_by_role("navigation", name="导航")).to_be_visible()


def test_what_colleagues_do_appears_by_itself(surfer: Surfer) -> None:
    town = surfer.world
    town.clock.at = NOW
    bob = town.client("bob")
    town.clock.at -= 86_400
    customer = new_customer(town.client("alice"))
    town.clock.at = NOW
    contact = new_contact(town.client("alice"), customer_id=customer)
    page = surfer.open("alice", f"/customers/{customer}", language="en", theme="dark")
    expect(entries(page)).to_have_count(2)
    with page.expect_response("**/live"):
        page.reload()
    accessible(page)
    town.clock.at += 60
    subject = {"type": "customers", "id": customer}
    told = {"kind": "follow_up.written", "subject": subject, "text": "They will sign"}
    written = bob.post("/api/v1/activities", json=told).json()["id"]
    expect(entries(page).first).to_contain_text("They will sign")
    expect(page.locator("[data-day]")).to_have_count(2)
    expect(page.locator("#kind-all")).to_contain_text("3")
    follow_up(bob, contact, "A contact is told of too", "Contact")
    expect(entries(page)).to_have_count(4)
    bob.patch(f"/api/v1/activities/{written}", json={"text": "They have signed"})
    expect(page.locator(f"#entry-{written}")).to_contain_text("They have signed")
    expect(page.locator(f"#entry-{written}")).to_contain_text("1 earlier wording")
    bob.delete(f"/api/v1/activities/{written}")
    expect(page.locator(f"#entry-{written}")).to_contain_text("taken back")
    town.clock.at = NOW
    page.get_by_role("button", name="Follow").click()
    expect(page.get_by_role("button", name="Following")).to_have_attribute("aria-pressed", "true")


def test_nothing_that_was_told_becomes_a_script_or_leads_elsewhere_unseen(town: World, address: str) -> None:
    alice, evil = town.client("alice"), "<img src=x onerror=alert(1)>\"'"
    id_ = new_lead(alice, evil)
    subject = {"type": "leads", "id": id_}
    follow_up(alice, id_, f"{evil} https://example.com/?a=1&b=2 @Bob", at_user_ids=[BOB.id])
    sounds = [
        {"url": url, "seconds": 3}
        for url in ("javascript:alert(1)", "//example.com/a.mp3", "https://example.com/a.mp3")
    ]
    for sound in sounds:
        told = {"kind": "call.made", "subject": subject, "details": {"direction": "outbound", "recordings": [sound]}}
        alice.post("/api/v1/activities", json=told)
    with reader(town, address, "alice") as client:
        html = client.get(f"/leads/{id_}").text
    assert "<img src=x" not in html and "javascript:" not in html
    assert '<span class="mention">@Bob</span>' in html
    assert 'href="https://example.com/?a=1&amp;b=2" rel="noreferrer' in html
    assert 'href="https://example.com/a.mp3" rel="noreferrer' in html
    assert "<audio" not in html  # of another server: nothing is asked of it before somebody follows the link


def test_numbers_that_are_shown_masked_cannot_be_called(town: World, address: str) -> None:
    id_ = new_lead(town.client("alice"), address_attributes={"tel": "13400000031"})
    told = {"direction": "outbound", "number": "13400000031"}
    call = {"kind": "call.made", "subject": {"type": "leads", "id": id_}, "details": told}
    assert town.client("alice").post("/api/v1/activities", json=call).status_code == 201
    town.change(replace(MANAGER, rights=Rights(phones_masked=True)))
    try:
        with reader(town, address, "bob") as client:
            html = client.get(f"/leads/{id_}").text
    finally:
        town.change(MANAGER)
    assert "134****0031" in html
    assert "13400000031" not in html and "tel:" not in html


def test_so_it_is_on_postgresql(postgres_world: World) -> None:
    id_ = new_lead(postgres_world.client("alice"))
    drafts = [Draft(FOLLOW_UP_WRITTEN, ALICE.id, lead(id_), NOW - nth, NOW) for nth in range(SIZE + 5)]
    wrote = [facts.id for facts in sorted(postgres_world.record(*drafts), key=lambda facts: facts.at, reverse=True)]
    client = postgres_world.client()
    client.cookies.set(COOKIE, postgres_world.site.tokens["alice"])
    found = [client.get(f"/leads/{id_}{query}") for query in ("?page=1", "?page=2", "?kind=talk&actor=me&q=")]
    assert [answer.status_code for answer in found] == [200, 200, 200]
    shown = [list(map(int, _IDS.findall(answer.text))) for answer in found]
    assert [each for each in shown[0] + shown[1] if each in set(wrote)] == wrote
    assert shown[2] == wrote[:SIZE]
    for query in ("cursor=99999999999-9999999999", "before=0-0", "q=%00", "page=9999999", "actor=9999999999", "q=%ff"):
        assert client.get(f"/leads/{id_}?{query}").status_code in (200, 422), query
