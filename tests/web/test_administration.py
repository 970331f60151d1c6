"""The pages of administration: who may open them, and that what is done on them is done, at both widths."""

import re
from typing import Literal

import httpx
import pytest
from playwright.sync_api import expect

from genjin.domain.people import Rights
from genjin.jobs.worker import run_all
from genjin.service.organisation.signin import sign_in
from genjin.service.queue.jobs import submit
from genjin.service.timeline.recounting import RECOUNT
from genjin.web.pages.admin.desk import PLACES
from genjin.web.routes import PAGES
from tests.web.browsing import DESK, PHONE, Surfer, accessible
from tests.world import ALICE, ORGANISATION, PHONES, SELLER, World

OURS = [row for row in PAGES if row.path.startswith("/admin")]


def _filled(path: str) -> str:
    ids = {"user_id": ALICE.id, "department_id": PHONES.id, "role_id": SELLER.id}
    return re.sub(r"\{(\w+)\}", lambda found: str(ids.get(found[1], 1)), path)


def _csrf(client: httpx.Client) -> str:
    return str(re.findall(r'name="csrf" value="([0-9a-f]+)"', client.get("/account").text)[0])


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_nobody_else_opens_or_does_anything_of_it(visitors: dict[str, httpx.Client], name: str) -> None:
    client = visitors[name]
    csrf = _csrf(client)
    assert len(OURS) > 40
    for row in OURS:
        if "POST" in row.methods:
            answer = client.post(_filled(row.path), data={"csrf": csrf, "name": "x", "act": "retry"})
        else:
            answer = client.get(_filled(row.path))
        assert answer.status_code == 403, (row.methods, row.path, answer.status_code)
        assert "Alice" not in answer.text.replace('aria-label="Alice"', "") or name == "alice"
    assert 'href="/admin"' not in client.get("/").text


def test_what_is_of_another_organisation_is_not_there(visitors: dict[str, httpx.Client], town: World) -> None:
    eve = visitors["eve"]
    for path in (f"/admin/users/{ALICE.id}", f"/admin/departments/{PHONES.id}", f"/admin/roles/{SELLER.id}"):
        assert eve.get(path).status_code == 404
        assert eve.post(path, data={"csrf": _csrf(eve), "name": "x", "scope": "self"}).status_code == 404
    assert "Alice" not in eve.get("/admin/users").text
    assert "Alice" not in eve.get("/admin/audit").text
    assert town.session("dora").directory.users[ALICE.id] == ALICE


@pytest.mark.parametrize(("size", "language", "theme"), [(PHONE, "zh", "dark"), (DESK, "en", "light")])
def test_every_place_can_be_read_by_who_may(
    surfer: Surfer, size: tuple[int, int], language: Literal["zh", "en"], theme: Literal["light", "dark"]
) -> None:
    page = surfer.open("dora", "/admin", size, language, theme)
    expect(page).to_have_url(re.compile("/admin/users$"))
    forms = [f"users/{ALICE.id}", f"departments/{PHONES.id}", "roles/new", "fields/new", "kinds/new"]
    paths = [*(place.path for place in PLACES), *(f"/admin/{form}" for form in forms)]
    for path in paths[size == DESK :: 2]:  # what is not looked at here is looked at by the other one
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        accessible(page)


def test_somebody_is_let_in_changed_and_leaves(surfer: Surfer, town: World) -> None:
    page = surfer.open("dora", "/admin/users", PHONE)
    page.get_by_role("link", name="添加用户").click()
    page.locator("#login").fill("alice")
    page.locator("#name").fill("欧阳娜娜子")
    page.get_by_label("邮箱").fill("nana@example.com")
    page.get_by_label("部门").select_option(label="电销组")
    page.get_by_label("角色").select_option(label="销售")
    page.get_by_role("button", name="添加用户").click()
    expect(page.locator("#login-error")).to_contain_text("已被使用")
    expect(page.get_by_label("邮箱")).to_have_value("nana@example.com")
    expect(page.get_by_label("部门")).to_have_value(str(PHONES.id))
    page.locator("#login").fill("nana")
    page.get_by_role("button", name="添加用户").click()
    password = page.locator("[data-secret]").inner_text()
    user = sign_in(town.installation, "nana", password).user
    assert (user.name, user.department_id, user.role_id) == ("欧阳娜娜子", PHONES.id, SELLER.id)
    accessible(page)
    page.get_by_role("link", name="继续").click()
    page.get_by_label("职位").fill("顾问")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").first).to_contain_text("已保存")
    page.get_by_role("button", name="让欧阳娜娜子离职").click()
    expect(page.locator("#to_user_id-error")).to_be_visible()
    page.get_by_label("交接给").select_option(label="Alice")
    page.get_by_role("button", name="让欧阳娜娜子离职").click()
    expect(page.get_by_text("已办理离职")).to_be_visible()
    page.goto("/admin/audit?act=user")
    expect(page.locator("[data-entry]")).to_have_count(3)
    expect(page.locator("[data-entry]").first).to_contain_text("欧阳娜娜子")
    assert password not in page.content()


def test_what_was_chosen_and_is_gone_meanwhile_loses_nothing_that_was_typed(visitors: dict[str, httpx.Client]) -> None:
    dora = visitors["dora"]
    told = {"csrf": _csrf(dora), "login": "new", "name": "新同事", "role": str(SELLER.id)}
    path = f"/admin/users/{ALICE.id}"
    for gone in ({"superior": "999"}, {"department": "999"}, {"role": "999"}):
        answer = dora.post(path, data={**told, **gone})
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
        assert 'value="新同事"' in answer.text


def test_the_last_administrator_stays_and_is_told_why(surfer: Surfer, town: World) -> None:
    page = surfer.open("dora", "/admin/roles", DESK, "en")
    page.get_by_role("link", name="管理员").click()
    page.get_by_label("Their own", exact=True).check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("has to keep an administrator")
    expect(page.get_by_label("Their own", exact=True)).to_be_checked()
    assert town.session("dora").viewer.scope == "all"


def test_a_role_is_made_and_the_matrix_tells_of_it(surfer: Surfer, town: World) -> None:
    page = surfer.open("dora", "/admin/roles/new", DESK, "en")
    page.get_by_label("Name").first.fill("外呼")
    page.get_by_label("Telephone numbers are masked").check()
    page.locator("summary", has_text="Leads").click()
    page.locator("[id='right-lead.note']").select_option("hidden")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name="Note")).to_contain_text("Hidden")
    [role] = [role for role in town.session("dora").directory.roles.values() if role.name == "外呼"]
    assert role.rights == Rights(frozenset({"lead.note"}), phones_masked=True)
    accessible(page)
    page.get_by_role("link", name="外呼").click()
    page.get_by_role("button", name="Remove the role").click()
    expect(page.get_by_role("link", name="外呼")).to_have_count(0)


def test_departments_fields_kinds_and_names_are_kept(surfer: Surfer, town: World) -> None:
    page = surfer.open("dora", "/admin/departments", PHONE)
    page.get_by_label("名称").fill("华东区")
    page.get_by_label("上级部门").select_option(label="公司")
    page.get_by_role("button", name="添加").click()
    page.get_by_role("link", name="华东区").click()
    page.get_by_label("Bob").check()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("主管：Bob")).to_be_visible()
    page.goto("/admin/fields/new")
    page.get_by_label("字段类型").select_option("select")
    page.get_by_role("button", name="添加").click()
    expect(page.locator("#choices-error")).to_be_visible()
    page.get_by_label("名称").fill("预算")
    page.get_by_label("选项").fill("十万以下\n十万以上")
    page.get_by_role("button", name="添加").click()
    expect(page.get_by_role("link", name="预算")).to_be_visible()
    page.goto("/admin/kinds/new")
    page.get_by_label("程序用的名称").fill("erp.paid")
    page.get_by_label("中文句子").fill("{actor}收到{amount}元")
    page.get_by_label("英文句子").fill("{actor} received {amount}")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#says_zh-error")).to_be_visible()
    page.get_by_label("详情的结构").fill('{"type": "object", "properties": {"amount": {"type": "number"}}}')
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("link", name="erp.paid")).to_be_visible()
    page.goto("/admin/modules")
    page.get_by_label("线索").fill("潜客")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_label("线索")).to_have_value("潜客")
    assert town.session("dora").directory.organisation.module_names == {"Lead": "潜客"}


def test_a_token_and_a_secret_are_shown_once(surfer: Surfer, town: World) -> None:
    page = surfer.open("alice", "/account/tokens", PHONE)
    page.get_by_label("用途").fill("周报")
    page.get_by_role("button", name="生成令牌").click()
    token = page.locator("[data-secret]").inner_text()
    with httpx.Client(base_url=surfer.url, headers={"Authorization": f"Bearer {token}"}) as program:
        assert program.get("/api/v1/me").json()["id"] == ALICE.id
        accessible(page)
        page.goto("/account/tokens")
        assert token not in page.content()
        page.get_by_role("button", name="吊销周报").click()
        expect(page.locator(".row", has_text="周报")).to_contain_text("已吊销")
        assert program.get("/api/v1/me").status_code == 401
    page = surfer.open("dora", "/admin/webhooks/new", DESK, "en")
    page.get_by_label("Address").fill("http://127.0.0.1/x")
    page.get_by_role("button", name="Make it").click()
    expect(page.locator("#url-error")).to_be_visible()
    expect(page.get_by_label("Address")).to_have_value("http://127.0.0.1/x")
    page.get_by_label("Address").fill("https://hooks.example.com/genjin")
    page.get_by_role("button", name="Make it").click()
    assert page.locator("[data-secret]").inner_text().startswith("whsec_")
    page.get_by_role("button", name="Send a test").click()
    page.get_by_role("link", name="#1 A test").click()
    accessible(page)
    expect(page.get_by_text("It was not tried yet")).to_be_visible()


def test_jobs_tell_how_far_they_are_by_themselves(surfer: Surfer, town: World) -> None:
    job = submit(town.installation, ORGANISATION.id, RECOUNT.name)
    page = surfer.open("dora", "/admin/jobs", PHONE)
    expect(page.locator("progress")).to_be_visible()
    page.get_by_role("button", name=f"取消任务 {job.id}").click()
    page.get_by_role("button", name=f"重试任务 {job.id}").click()
    expect(page.locator("progress")).to_be_visible()
    run_all(town.installation, {RECOUNT.name: RECOUNT})
    expect(page.locator(".row", has_text=f"#{job.id}")).to_contain_text("已完成")
    accessible(page)
