"""Signing in and out, the session's cookie, forms of other sites, and what somebody wants of the page."""

import re

import httpx
import pytest
from playwright.sync_api import expect

from genjin.service.organisation.signin import set_password
from genjin.web.cookies import COOKIE
from tests.cli.running import NO_TLS
from tests.web.browsing import DESK, PHONE, Surfer, accessible
from tests.world import OTHER, PASSWORD, World

PAPER = "getComputedStyle(document.body).backgroundColor"


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_who_signs_in_comes_to_where_they_wanted_to_go_and_out_again(surfer: Surfer, size: tuple[int, int]) -> None:
    page = surfer.open(None, "/account", size)
    expect(page).to_have_url(re.compile(r"/sign-in\?next=%2Faccount$"))
    accessible(page)
    page.get_by_label("账号或手机号").fill("alice")
    page.get_by_label("密码").fill("wrong")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("账号或密码不正确")
    expect(page.get_by_label("账号或手机号")).to_have_value("alice")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(re.compile("/account$"))
    accessible(page)
    [cookie] = [each for each in page.context.cookies() if each["name"] == COOKIE]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax"
    page.locator("summary[aria-label=账号]").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page).to_have_url(re.compile("/sign-in$"))
    page.context.add_cookies([{"name": COOKIE, "value": cookie["value"], "url": surfer.url}])
    page.goto("/account")  # with the cookie that was given away before
    expect(page).to_have_url(re.compile("/sign-in"))


def test_language_zone_and_colours_are_kept_for_each_person(surfer: Surfer) -> None:
    page = surfer.open("dora", "/account")
    page.get_by_label("语言").select_option("en")
    page.get_by_label("时区").fill("Mars/Olympus")
    assert page.evaluate(PAPER) == "rgb(245, 246, 244)"
    page.get_by_label("深色").check()
    assert page.evaluate(PAPER) == "rgb(17, 21, 19)"
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#time_zone-error")).to_contain_text("Asia/Shanghai")
    expect(page.get_by_label("时区")).to_have_value("Mars/Olympus")
    page.get_by_label("时区").fill("Europe/London")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved")
    assert page.evaluate(PAPER) == "rgb(17, 21, 19)"
    page.emulate_media(media="print")
    assert page.evaluate(PAPER) == "rgb(255, 255, 255)"
    page.emulate_media(media="screen")
    accessible(page)
    other = surfer.open("bob", "/account")
    expect(other.get_by_label("时区")).to_have_value("")


def test_who_changes_their_password_is_signed_in_with_the_new_one_alone(town: World, address: str) -> None:
    given = {"login": "eve", "password": PASSWORD}
    with httpx.Client(base_url=address, verify=NO_TLS) as here, httpx.Client(base_url=address, verify=NO_TLS) as there:
        for client in (here, there):
            assert client.post("/sign-in", data=given).status_code == 303
        csrf = re.findall(r'name="csrf" value="([0-9a-f]+)"', here.get("/account").text)[0]
        wrong = {"csrf": csrf, "old_password": "wrong", "password": " new 密码 "}
        assert "密码不正确" in here.post("/account/password", data=wrong).text
        assert "1到1024" in here.post("/account/password", data=wrong | {"old_password": PASSWORD, "password": ""}).text
        assert here.post("/account/password", data=wrong | {"old_password": PASSWORD}).status_code == 303
        assert here.get("/account").status_code == 200
        assert there.get("/account").status_code == 303
        assert there.post("/sign-in", data=given).status_code == 422
        assert there.post("/sign-in", data=given | {"password": " new 密码 "}).status_code == 303
    set_password(town.installation, OTHER.id, "eve", PASSWORD)


def test_a_form_of_another_site_or_session_does_nothing(town: World, address: str) -> None:
    token = town.site.tokens["charlie"]
    with httpx.Client(base_url=address, cookies={COOKIE: token}, verify=False) as client:
        form = {"language": "en", "time_zone": "", "theme": "dark"}
        csrf = re.findall(r'name="csrf" value="([0-9a-f]+)"', client.get("/account").text)[0]
        assert client.post("/account", data=form).status_code == 403
        assert client.post("/account", data={**form, "csrf": "0" * 64}).status_code == 403
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        assert client.post("/account", data={**form, "csrf": csrf}, headers=elsewhere).status_code == 403
        foreign = {"Origin": "http://evil.example"}
        assert client.post("/account", data={**form, "csrf": csrf}, headers=foreign).status_code == 403
        assert 'value="dark" checked' not in client.get("/account").text
        assert client.post("/account", data={**form, "csrf": csrf}).status_code == 303
        assert 'value="dark" checked' in client.get("/account").text


@pytest.mark.parametrize("next_", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_to_no_other_server(town: World, address: str, next_: str) -> None:
    with httpx.Client(base_url=address, verify=False) as client:
        given = {"login": "alice", "password": PASSWORD, "next": next_}
        assert client.post("/sign-in", data=given).headers["location"] == "/"


def test_a_page_that_is_not_there_is_said_to_be_so(surfer: Surfer) -> None:
    page = surfer.open("alice", "/no/such/page", language="en")
    expect(page.get_by_role("heading")).to_contain_text("There is no such page")
    stranger = surfer.open(None, "/no/such/page")
    expect(stranger.get_by_role("heading")).to_contain_text("页面不存在")


def test_keys_open_the_search_and_tell_of_themselves(surfer: Surfer) -> None:
    page = surfer.open("alice")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
