"""Writing where one reads: follow-ups, calls, check-ins, comments, files, reminders, drafts."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import unescape
from typing import Any

import httpx
import pytest
from playwright.sync_api import FilePayload, expect

from genjin.domain.people import Rights
from genjin.web.cookies import COOKIE
from tests.samples import picture, recording
from tests.web.browsing import DESK, PHONE, Surfer, accessible
from tests.world import CHARLIE, HOT, NEW, PASSWORD, PHONE_CALL, SELLER, World, new_contact, new_customer, new_lead

PNG: FilePayload = {"name": "门头.png", "mimeType": "image/png", "buffer": picture()}
CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')
AWAY = ("ERR_FAILED", "sendError", "502")
KEY = re.compile(r'name="key" value="([\w-]+)"')


class Typist:
    """Sends the forms of somebody who has no script."""

    def __init__(self, town: World, address: str, name: str) -> None:
        self.client = httpx.Client(base_url=address, cookies={COOKIE: town.site.tokens[name]}, verify=False, timeout=60)
        self.client.headers["Accept"] = "text/html"
        self.csrf = CSRF.findall(self.client.get("/account").text)[0]

    def send(self, path: str, form: Mapping[str, Any], files: Any = None, **headers: str) -> httpx.Response:
        """The answer to a form."""
        return self.client.post(path, data={"csrf": self.csrf, **form}, files=files, headers=headers)


@pytest.fixture
def typist(town: World, address: str) -> Iterator[Typist]:
    """Alice."""
    typist = Typist(town, address, "alice")
    yield typist
    typist.client.close()


def written(town: World, subject: str, **asked: str) -> list[Any]:
    """What happened to a record, the newest first."""
    client = town.client("dora")
    return client.get("/api/v1/activities", params={"subject": subject, **asked}).json()["items"]  # type: ignore[no-any-return]


def test_a_follow_up_with_all_that_goes_with_it_is_one_form_without_script(
    town: World, address: str, typist: Typist
) -> None:
    alice = town.client("alice")
    customer = new_customer(alice, "无脚本公司")
    contact = new_contact(alice, "李主任", customer_id=customer)
    page = typist.client.get(f"/customers/{customer}/write").text
    form = {
        "ref": f"customers/{customer}",
        "key": KEY.findall(page)[0],
        "content": "谈了价格,\r\n周五再约",
        "category": str(PHONE_CALL.id),
        "real_revisit_at": "2024-06-11T16:30",
        "remind_quick": "2024-06-13T10:00",
        "at_user_ids": ["32"],
        "contacts_ids": [str(contact)],
    }
    files = [("files", ("门头.png", PNG["buffer"], "image/png"))]
    answer = typist.send("/follow-ups", form, files)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"/customers/{customer}?written=")
    assert typist.send("/follow-ups", form, files).headers["location"] == answer.headers["location"]
    [told] = written(town, f"customers/{customer}", kind="follow_up.written")
    assert told["text"] == "谈了价格,\n周五再约"
    assert (told["said_at"][:16], told["category"]["label"]) == ("2024-06-11T16:30", "电销")
    assert [user["id"] for user in told["details"]["mentions"]] == [32]
    assert [each["id"] for each in told["details"]["records"]] == [contact]
    assert [file["kind"] for file in told["files"]] == ["picture"]
    [reminder] = town.client("alice").get("/api/v1/reminders").json()["items"]
    assert reminder["due_at"].startswith("2024-06-13T10:00")
    bob = Typist(town, address, "bob")
    for reader, shown in ((typist, [str(reminder["id"])]), (bob, [])):  # everybody sees their own
        assert re.findall(r'data-reminder="(\d+)"', reader.client.get(f"/customers/{customer}/write").text) == shown
    assert bob.send(f"/reminders/{reminder['id']}/done", {}).status_code == 404
    bob.client.close()
    later = {"until": "2024-06-14T09:00", "back": f"/customers/{customer}"}
    assert typist.send(f"/reminders/{reminder['id']}/snooze", later).headers["location"] == later["back"]
    assert typist.send(f"/reminders/{reminder['id']}/done", {}).status_code == 303
    assert town.client("alice").get("/api/v1/reminders").json()["items"] == []


@pytest.mark.parametrize(
    ("form", "field", "said"),
    [
        ({"content": ""}, "content", "不能为空"),
        ({"content": "字" * 20_001}, "content", "不能超过20000个字符"),
        ({"remind_quick": "2024-06-12T09:00"}, "remind_at", "应晚于现在"),
        ({"remind_quick": "other", "remind_at": "bald"}, "remind_at", "不是有效的时间"),
        ({"real_revisit_at": "2024-06-13T10:00"}, "real_revisit_at", "不能晚于现在"),
        ({"category": "999999"}, "category", "没有这个跟进类型"),
        ({"status": "999999"}, "status", "没有这个选项"),
        ({"attachment_ids": ["999999"]}, "attachment_ids", "没有这个附件"),
        ({"opportunity_id": "999999"}, "", "没有这个商机"),
        ({"at_user_ids": ["999999"]}, "at_user_ids", "没有这个用户"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    town: World, typist: Typist, form: Mapping[str, Any], field: str, said: str
) -> None:
    lead = new_lead(town.client("alice"))
    before = len(written(town, f"leads/{lead}"))
    whole = {"content": "打了三遍的字", "ref": f"leads/{lead}", "key": f"wrong-{lead}", **form}
    answer = typist.send("/follow-ups", whole)
    assert answer.status_code == 422
    where = rf'id="follow-up-{field}-error".*?</p>' if field else r'<p class="message bad" role="alert">.*?</p>'
    [shown] = re.findall(where, answer.text, re.DOTALL)  # what has no field is said above them
    assert said in shown
    assert form.get("content", "打了三遍的字") in answer.text
    assert len(written(town, f"leads/{lead}")) == before
    if field == "content":
        return
    mended = typist.send("/follow-ups", {"content": "打了三遍的字", "ref": f"leads/{lead}", "key": f"wrong-{lead}"})
    assert mended.status_code == 303  # a refused form has not used its key up


def test_a_status_is_changed_with_the_words_or_neither_is(town: World, address: str, typist: Typist) -> None:
    lead = new_lead(town.client("alice"), status=NEW.id)
    form = {"ref": f"leads/{lead}", "content": "很有意向", "status": str(HOT.id)}
    assert typist.send("/follow-ups", form).status_code == 303
    kinds = [each["kind"] for each in written(town, f"leads/{lead}")]
    assert kinds == ["record.status_changed", "follow_up.written", "record.created"]
    town.change(replace(SELLER, rights=Rights(read_only=frozenset({"lead.status"}))))
    assert 'name="status"' not in typist.client.get(f"/leads/{lead}/write").text
    refused = typist.send("/follow-ups", {**form, "content": "改不动", "status": str(NEW.id)})
    town.change(SELLER)
    assert (refused.status_code, "改不动" in refused.text) == (403, True)
    assert len(written(town, f"leads/{lead}")) == 3


def test_files_of_a_refused_form_need_not_be_chosen_again(town: World, typist: Typist) -> None:
    lead = new_lead(town.client("alice"))
    form = {"ref": f"leads/{lead}", "content": "看图", "remind_quick": "other", "remind_at": "x"}
    answer = typist.send("/follow-ups", form, [("files", ("门头.png", PNG["buffer"], "image/png"))])
    [id_] = re.findall(r'name="attachment_ids" value="(\d+)" checked', answer.text)
    again = typist.send("/follow-ups", {"ref": f"leads/{lead}", "content": "看图", "attachment_ids": [id_]})
    assert again.status_code == 303
    assert [file["name"] for file in written(town, f"leads/{lead}")[0]["files"]] == ["门头.png"]
    assert typist.client.get(f"/uploads/{id_}").status_code == 404  # it belongs to the entry now


def test_a_form_that_is_sent_when_the_session_is_over_is_kept_over_the_sign_in(town: World, typist: Typist) -> None:
    lead = new_lead(town.client("alice"))
    form = {"ref": f"leads/{lead}", "key": f"late-{lead}", "content": "写了很久的<字>"}
    form["remind_quick"] = "2024-06-13T10:00"
    typist.client.cookies.clear()
    asked = typist.send("/follow-ups", form)
    assert asked.status_code == 401
    kept = unescape(re.findall(r'name="kept" value="([^"]+)"', asked.text)[0])
    wrong = typist.client.post("/sign-in", data={"login": "alice", "password": "no", "kept": kept})
    assert unescape(re.findall(r'name="kept" value="([^"]+)"', wrong.text)[0]) == kept
    shown = typist.client.post("/sign-in", data={"login": "alice", "password": PASSWORD, "kept": kept})
    assert (shown.status_code, "写了很久的&lt;字&gt;</textarea>" in shown.text) == (200, True)
    typist.csrf = CSRF.findall(shown.text)[0]
    again = {name: unescape(text) for name, text in re.findall(r'name="(\w+)" value="([^"]*)"', shown.text)}
    assert typist.send("/follow-ups", {**again, "content": form["content"], "csrf": typist.csrf}).status_code == 303
    [told] = written(town, f"leads/{lead}", kind="follow_up.written")
    assert (told["text"], told["remind_at"][:16]) == (form["content"], "2024-06-13T10:00")
    typist.client.cookies.clear()
    assert typist.send("/sign-out", {}).headers["location"] == "/sign-in"
    for odd in ("x", "[]", '["//evil.example/x", []]', "[1, 2]", '["/a", [[1]]]'):
        answer = typist.client.post("/sign-in", data={"login": "alice", "password": PASSWORD, "kept": odd})
        assert answer.status_code in (200, 303)
        assert "evil" not in answer.text


def test_who_may_not_write_learns_nothing(town: World, address: str, typist: Typist) -> None:
    lead = new_lead(town.client("alice"), "秘密线索")
    for name in ("charlie", "eve"):
        other = Typist(town, address, name)
        for path, form in (
            ("/follow-ups", {"content": "x"}),
            ("/calls", {}),
            ("/check-ins", {"detail_address": "x"}),
        ):
            answer = other.send(path, {"ref": f"leads/{lead}", **form})
            assert answer.status_code == 404
            assert "秘密线索" not in answer.text
        assert other.client.get(f"/leads/{lead}/write").status_code == 404
        other.client.close()
    for ref in ("", "leads", "leads/x", "users/31", "leads/0"):
        assert typist.send("/follow-ups", {"ref": ref, "content": "x"}).status_code == 404
    no_csrf = typist.client.post("/follow-ups", data={"ref": f"leads/{lead}", "content": "x"})
    assert no_csrf.status_code == 403
    assert typist.client.post("/uploads", files={"file": ("a.png", PNG["buffer"])}).status_code == 403
    assert len(written(town, f"leads/{lead}")) == 1


def test_a_key_that_was_used_for_something_else_keeps_the_words_and_gives_a_new_one(
    town: World, typist: Typist
) -> None:
    lead = new_lead(town.client("alice"))
    first = {"ref": f"leads/{lead}", "key": f"k-{lead}", "content": "第一次"}
    assert typist.send("/follow-ups", first).status_code == 303
    answer = typist.send("/follow-ups", {**first, "content": "第一次,改了一点"})
    assert answer.status_code == 409
    assert "第一次,改了一点" in answer.text
    assert f'value="k-{lead}"' not in answer.text


def test_what_others_wrote_is_not_changed_and_ones_own_is_with_its_wording_kept(
    town: World, address: str, typist: Typist
) -> None:
    lead = new_lead(town.client("alice"))
    typist.send("/follow-ups", {"ref": f"leads/{lead}", "content": "原话", "remind_quick": "2024-06-13T10:00"})
    [entry] = [each["id"] for each in written(town, f"leads/{lead}", kind="follow_up.written")]
    bob = Typist(town, address, "bob")
    assert bob.client.get(f"/entries/{entry}/edit").status_code == 403
    assert bob.send(f"/entries/{entry}/edit", {"content": "他的话", "state": "x"}).status_code == 403
    assert bob.send(f"/entries/{entry}/remove", {}).status_code == 403
    shown = typist.client.get(f"/entries/{entry}/edit").text
    [state] = re.findall(r'name="state" value="(\w+)"', shown)
    assert 'value="2024-06-13T10:00"' in shown
    assert "原话" in shown
    form = {"content": "改过的话", "state": state, "remind_quick": "other", "remind_at": "2024-06-13T10:00"}
    assert typist.send(f"/entries/{entry}/edit", {**form, "state": "old"}).status_code == 409
    refused = typist.send(f"/entries/{entry}/edit", {**form, "content": ""})
    assert refused.status_code == 422
    back = typist.send(f"/entries/{entry}/edit", form).headers["location"]
    assert back == f"/leads/{lead}#entry-{entry}"
    versions = town.client("alice").get(f"/api/v1/activities/{entry}/versions").json()["items"]
    assert [each["text"] for each in versions] == ["改过的话", "原话"]
    assert versions[0]["remind_at"].startswith("2024-06-13T10:00")
    assert typist.send(f"/entries/{entry}/remove", {"back": "//evil.example"}).headers["location"] == "/"
    assert entry not in [each["id"] for each in written(town, f"leads/{lead}")]
    assert typist.client.get(f"/entries/{entry}/edit").status_code == 404
    bob.client.close()


def test_only_administrators_say_when_a_call_was(town: World, address: str, typist: Typist) -> None:
    lead = new_lead(town.client("alice"), "时间先生", address_attributes={"tel": "13400000077"})
    form = {"ref": f"leads/{lead}", "minutes": "2", "seconds": "5", "direction": "incoming", "note": "很急"}
    assert typist.send("/calls", {**form, "at": "2024-06-10T09:00"}).status_code == 403
    assert typist.send("/calls", {**form, "minutes": "-1"}).status_code == 422
    assert typist.send("/calls", {**form, "minutes": "99999"}).status_code == 422
    no_sound = typist.send("/calls", form, [("sounds", ("门头.png", PNG["buffer"], "image/png"))])
    assert (no_sound.status_code, "这个文件不是录音" in no_sound.text, "很急" in no_sound.text) == (422, True, True)
    dora = Typist(town, address, "dora")
    assert dora.send("/calls", {**form, "at": "2024-06-10T09:00"}).status_code == 303
    dora.client.close()
    [call] = written(town, f"leads/{lead}", kind="call.made")
    assert (call["at"][:16], call["comment_count"]) == ("2024-06-10T09:00", 1)
    told = call["details"]
    assert (told["direction"], told["seconds"], told["connected"], told["number"]) == (
        "inbound",
        125,
        True,
        "13400000077",
    )


def test_colleagues_are_found_by_name_pinyin_and_initials_and_never_elsewhere(town: World, typist: Typist) -> None:
    def found(text: str) -> list[str]:
        answer = typist.client.get("/colleagues/suggestions", params={"q": text}).text
        return re.findall(r'data-name="([^"]+)"', answer)

    town.change(replace(CHARLIE, name="小兰"))
    assert [found(text) for text in ("xl", "xiaol", "兰", "charlie")] == [["小兰"]] * 4
    town.change(CHARLIE)
    assert found("bo") == ["Bob"]
    assert found("") == ["Alice", "Bob", "Charlie", "Dora"]
    assert found("eve") == []


@pytest.mark.parametrize(
    ("size", "language", "theme"), [(PHONE, "zh", "light"), (DESK, "en", "dark")], ids=["phone", "desk"]
)
def test_a_follow_up_from_the_first_key_to_the_timeline(
    surfer: Surfer, town: World, size: tuple[int, int], language: Any, theme: Any
) -> None:
    zh = language == "zh"
    customer = new_customer(town.client("alice"), f"路上科技{size[0]}")
    page = surfer.open("alice", f"/customers/{customer}", size, language, theme)
    words, sends = page.locator("#follow-up-content"), page.locator("[data-write=follow_up] [data-send]")
    expect(sends).to_be_hidden()  # folded to one line
    page.locator("body").press("n")
    expect(words).to_be_focused()
    page.keyboard.type("见到了@bo")
    expect(page.get_by_role("option", name="Bob")).to_be_visible()
    page.keyboard.press("Enter")
    expect(words).to_have_value("见到了@Bob ")
    page.keyboard.type("<b>很满意</b>")
    page.locator("[data-write=follow_up] [data-file]").first.set_input_files(PNG)
    expect(page.locator("[data-upload]")).to_have_count(1)
    page.locator("[data-remind]").get_by_text("其他时间" if zh else "Another time").click()
    page.get_by_label("提醒时间" if zh else "When to remind me").locator("visible=true").fill("2024-06-01T10:00")
    accessible(page)
    page.reload()
    expect(words).to_have_value("见到了@Bob <b>很满意</b>")
    expect(page.locator("[data-upload]")).to_have_count(1)
    expect(page.locator("[data-mentions] li")).to_have_count(1)
    words.press("Control+Enter")
    expect(page.locator("#follow-up-remind_at-error")).to_contain_text("应晚于现在" if zh else "later than now")
    expect(words).to_have_value("见到了@Bob <b>很满意</b>")
    page.locator("[data-remind]").get_by_text("明天" if zh else "Tomorrow").click()
    colleague = surfer.open("bob", f"/customers/{customer}", DESK)
    expect(colleague.locator("#entries [data-entry]")).to_have_count(1)
    page.evaluate("document.querySelector('[data-write=follow_up] [data-send]').click()")
    page.evaluate("document.querySelector('[data-write=follow_up] [data-send]').click()")
    expect(page.locator("#messages")).to_contain_text("跟进已记录" if zh else "on the timeline")
    expect(words).to_have_value("")
    for each in (page, colleague):  # it stands on top by itself, and once
        expect(each.locator("#entries [data-entry]").first).to_contain_text("<b>很满意</b>")
        expect(each.locator("#entries [data-entry]")).to_have_count(2)
    page.reload()
    expect(words).to_have_value("")
    accessible(page)
    [told] = written(town, f"customers/{customer}", kind="follow_up.written")
    assert (told["text"], len(told["files"])) == ("见到了@Bob <b>很满意</b>", 1)
    assert town.client("bob").get("/api/v1/inbox").json()["items"][0]["kind"] == "mention"


def test_a_server_that_is_away_and_a_session_that_is_over_lose_nothing(surfer: Surfer, town: World) -> None:
    lead = new_lead(town.client("alice"), "断网先生")
    page = surfer.open("alice", f"/leads/{lead}")
    words = page.locator("#follow-up-content")
    words.fill("电梯里写的")
    page.route("**/follow-ups", lambda route: route.abort())
    words.press("Control+Enter")
    expect(page.locator("#messages")).to_contain_text("连不上")
    expect(words).to_have_value("电梯里写的")
    page.unroute("**/follow-ups")
    page.route("**/follow-ups", lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>"))
    words.press("Control+Enter")
    expect(page.locator("#messages .message")).to_have_count(2)
    expect(words).to_have_value("电梯里写的")
    page.unroute("**/follow-ups")
    page.context.clear_cookies()
    words.press("Control+Enter")
    expect(page).to_have_url(re.compile("/sign-in"))
    page.get_by_label("账号或手机号").fill("alice")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(re.compile(f"/leads/{lead}$"))
    expect(words).to_have_value("电梯里写的")
    words.press("Control+Enter")
    expect(page.locator("#messages")).to_contain_text("跟进已记录")
    surfer.troubles[:] = [each for each in surfer.troubles if not any(name in each for name in AWAY)]
    words.fill("留不得")
    page.locator("summary[aria-label=账号]").click()
    page.get_by_role("button", name="退出登录").click()
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('genjin-draft')).length") == 0


def test_a_call_with_its_recording_a_visit_with_its_place_and_a_voice_note(surfer: Surfer, town: World) -> None:
    customer = new_customer(town.client("alice"), "有声公司", address_attributes={"tel": "13400000078"})
    page = surfer.open("alice", f"/customers/{customer}", PHONE)
    tab = page.locator(".tab")
    tab.nth(1).click()
    call = page.locator("[data-write=call]")
    call.get_by_label("分钟").fill("3")
    call.locator("[data-file]").set_input_files({"name": "通话.wav", "mimeType": "audio/wav", "buffer": recording()})
    expect(call.locator("[data-upload]")).to_contain_text("0:03")
    call.get_by_label("备注").fill("客户要发票")
    accessible(page)
    call.get_by_role("button", name="发送").click()
    expect(page.locator("#messages")).to_contain_text("通话已记录")
    tab.nth(2).click()
    visit = page.locator("[data-write=check_in]")
    visit.get_by_role("button", name="签到").click()
    expect(visit.locator("#check-in-detail_address-error")).to_contain_text("不能为空")
    visit.get_by_role("button", name="获取定位").click()
    expect(visit.locator("[data-place]")).to_contain_text("31.23")
    visit.get_by_label("所在位置").fill("黄浦区中山东一路")
    accessible(page)
    visit.get_by_role("button", name="签到").click()
    expect(page.locator("#messages")).to_contain_text("签到成功")
    tab.nth(0).click()
    page.locator("#follow-up-content").click()
    page.get_by_role("button", name="语音").click()
    expect(page.locator("[data-length]")).to_have_text(re.compile("0:0[1-9]"))
    page.get_by_role("button", name="丢弃").click()
    page.get_by_role("button", name="语音").click()
    expect(page.locator("[data-length]")).to_have_text(re.compile("0:0[3-9]"))  # so long that there is something in it
    page.get_by_role("button", name="保留").click()
    expect(page.locator("[data-write=follow_up] [data-upload]")).to_have_count(1)
    page.locator("[data-write=follow_up] [data-send]").click()
    expect(page.locator("#messages")).to_contain_text("跟进已记录")
    page.reload()
    page.get_by_role("button", name="签退").click()
    expect(page.get_by_role("button", name="签退")).to_have_count(0)
    by_kind = {each["kind"]: each for each in written(town, f"customers/{customer}")}
    voice, dialled, visited = (by_kind[name] for name in ("follow_up.written", "call.made", "checkin.made"))
    assert [file["kind"] for file in voice["files"]] == ["recording"]
    assert (dialled["details"]["seconds"], dialled["details"]["number"]) == (180, "13400000078")
    assert dialled["files"][0]["seconds"] == 3
    assert visited["details"]["place"] == {"detail": "黄浦区中山东一路", "lat": 31.23, "lng": 121.47}
    assert visited["details"]["signed_out"]["place"]["lat"] == 31.23


def test_a_comment_is_written_changed_and_taken_back_in_place(surfer: Surfer, town: World) -> None:
    lead = new_lead(town.client("alice"), "评论女士")
    entry = written(town, f"leads/{lead}")[0]["id"]
    page = surfer.open("bob", f"/entries/{entry}")
    comments = page.locator(f"#comments-{entry}")
    words = comments.get_by_role("textbox", name="评论")
    words.fill("  ")
    words.press("Control+Enter")
    expect(comments.locator(".wrong")).to_contain_text("不能为空")
    words.fill("跟上@al")
    expect(page.get_by_role("option", name="Alice")).to_be_visible()
    words.press("Tab")
    words.press("Control+Enter")
    expect(comments.locator(".comment")).to_contain_text("跟上@Alice")
    accessible(page)
    comments.get_by_role("link", name="修改").click()
    again = comments.locator(".comment textarea")
    again.fill("尽快跟上@Alice")
    again.press("Control+Enter")
    expect(comments.locator(".comment")).to_contain_text("尽快跟上")
    assert town.client("alice").get("/api/v1/inbox").json()["items"][0]["kind"] in ("mention", "comment")
    page.on("dialog", lambda dialog: dialog.accept())
    comments.get_by_role("button", name="撤回").click()
    expect(comments.locator(".comment")).to_have_count(0)
