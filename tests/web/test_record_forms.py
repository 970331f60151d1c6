"""The forms of records: new ones, ones that are there, and what becomes of one by a button of its page."""

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import unescape

import httpx
import pytest
from playwright.sync_api import expect

from genjin.domain.people import Rights
from tests.web.browsing import PHONE, Surfer, accessible
from tests.web.test_lists import browsing, csrf_in
from tests.world import (
    ALICE,
    BOB,
    HOT,
    SELLER,
    World,
    lead_names,
    new_contact,
    new_customer,
    new_lead,
    new_opportunity,
    ok,
    refused,
)


def form_of(client: httpx.Client, path: str) -> dict[str, str | list[str]]:
    """What a browser would send of a form without anybody typing: its fields, those alone that are not disabled."""
    page = client.get(path)
    assert page.status_code == 200, page.text
    [form] = re.findall(r'<form method="post" class="record-form".*?</form>', page.text, re.DOTALL)
    told: dict[str, str | list[str]] = {}
    for tag in re.findall(r"<(?:input|textarea|select)\b[^>]*>", form):
        name = re.search(r'\bname="([^"]*)"', tag)
        value = re.search(r'\bvalue="([^"]*)"', tag)
        if name and " disabled" not in tag and "checkbox" not in tag:
            told[unescape(name[1])] = unescape(value[1]) if value else ""
    for name_, value_ in re.findall(r'type="checkbox" name="([^"]*)" value="([^"]*)" checked', form):
        told[name_] = [*(told[name_] or []), value_]
    for name_, rest, inside in re.findall(r'<select [^>]*name="([^"]*)"([^>]*)>(.*?)</select>', form, re.DOTALL):
        if " disabled" in rest:
            continue
        chosen = re.findall(r'value="([^"]*)" selected', inside)
        told[name_] = chosen[-1] if chosen else ""
    for name_, inside in re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        told[name_] = unescape(inside)
    return told


def sent(client: httpx.Client, path: str, typed: Mapping[str, str | list[str]]) -> httpx.Response:
    """The form with what was typed, sent."""
    return client.post(path, data={**form_of(client, path), **typed})


def test_a_customer_is_made_on_a_phone_after_an_error(surfer: Surfer, town: World) -> None:
    new_customer(town.client("alice"), "华东精密仪器")
    new_customer(town.client("charlie"), "北方重工")
    page = surfer.open("alice", "/customers", PHONE)
    page.get_by_role("link", name="新建客户").first.click()
    accessible(page)
    name = page.get_by_label("名称")
    name.press_sequentially("华东精密仪器")
    expect(page.locator(".alike").first).to_contain_text("已有： 华东精密仪器 负责人：Alice")
    name.fill("北方重工")
    expect(page.locator(".alike").first).to_contain_text("您没有权限查看。 负责人：Charlie")
    name.fill("")
    page.get_by_label("备注").fill("先写备注")
    page.get_by_label("电话", exact=True).fill("13400007788")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#name-error")).to_contain_text("不能为空")
    expect(page.get_by_label("备注")).to_have_value("先写备注")
    accessible(page)
    page.get_by_label("名称").fill("北方重工")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("名称与已有的重复，负责人：Charlie")
    expect(page.get_by_label("电话", exact=True)).to_have_value("13400007788")
    page.get_by_role("button", name="仍然保存").click()
    expect(page).to_have_url(re.compile(r"/customers/\d+$"))
    expect(page.get_by_role("heading", name="北方重工")).to_be_visible()


def test_a_lead_becomes_a_customer_with_a_contact_and_is_handed_over(surfer: Surfer, town: World) -> None:
    alice = town.client("alice")
    lead_id = new_lead(alice, "转化先生", company_name="转化公司", address_attributes={"tel": "13400006001"})
    page = surfer.open("bob", f"/leads/{lead_id}", language="en", theme="dark")
    page.get_by_label("More").last.click()
    page.get_by_role("link", name="Convert to a customer").click()
    expect(page.get_by_label("Name").first).to_have_value("转化公司")
    accessible(page)
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile(r"/customers/\d+$"))
    expect(page.get_by_role("heading", name="转化公司")).to_be_visible()
    converted = ok(alice.get(f"/api/v2/leads/{lead_id}"))
    customer_id = int(page.url.rsplit("/", 1)[1])
    assert converted["turned_customer_id"] == customer_id
    [contact] = ok(town.client("bob").get(f"/api/v2/customers/{customer_id}"))["contacts"]
    assert (contact["name"], contact["address"]["tel"]) == ("转化先生", "13400006001")
    page.get_by_label("More").last.click()
    page.get_by_role("link", name="Hand over").click()
    page.get_by_label("To whom").select_option(str(ALICE.id))
    page.get_by_role("button", name="Hand over").click()
    expect(page).to_have_url(re.compile(f"/customers/{customer_id}$"))
    assert ok(alice.get(f"/api/v2/customers/{customer_id}"))["user_id"] == ALICE.id


def test_a_form_changes_what_was_typed_and_nothing_that_others_changed_meanwhile(town: World, address: str) -> None:
    alice = town.client("alice")
    id_ = new_lead(alice, "并行", note="旧", address_attributes={"tel": "13400006002", "wechat": "w1"})
    path = f"/leads/{id_}/edit"
    with browsing(town, address, "alice") as client:
        form = form_of(client, path)
        ok(alice.put(f"/api/v2/leads/{id_}", json={"lead": {"note": "别人写的", "status": str(HOT.id)}}))
        typed = {**form, "company_name": "新公司", "address_attributes[wechat]": ""}
        assert client.post(path, data=typed).headers["location"] == f"/leads/{id_}"
        now = ok(alice.get(f"/api/v2/leads/{id_}"))
        assert (now["company_name"], now["note"], now["status"]) == ("新公司", "别人写的", str(HOT.id))
        assert (now["address"]["tel"], now["address"]["wechat"]) == ("13400006002", "")
        wrong = sent(client, path, {"name": " ", "note": "没有丢"})
        assert wrong.status_code == 422 and "没有丢" in wrong.text and 'id="name-error"' in wrong.text


def test_every_type_of_field_is_filled_in_and_read_back(town: World, address: str) -> None:
    dora = town.client("dora")
    kinds = {
        "text_field": "一行",
        "text_area": "两\n行",
        "number_field": "12.5",
        "currency_field": "99.9",
        "email_field": "a@example.com",
        "mobile_field": "13400006003",
        "url_field": "https://example.com/x",
        "date_field": "2024-06-01",
        "datetime_field": "2024-06-01T08:30",
        "user_field": str(BOB.id),
        "department_field": "11",
    }
    given: dict[str, str | list[str]] = {}
    for kind, value in kinds.items():
        made = ok(
            dora.post(
                "/api/v2/custom_fields",
                json={"custom_field": {"entity_type": "contract", "label": kind, "field_type": kind}},
            )
        )
        given[made["name"]] = value
    for kind in ("select", "multi_select"):
        asked = {
            "entity_type": "contract",
            "label": kind,
            "field_type": kind,
            "choices": ["甲", "乙"],
            "required": True,
        }
        made = ok(dora.post("/api/v2/custom_fields", json={"custom_field": asked}))
        values = [each["value"] for each in made["input_field_options"]["collection_options"]]
        given[made["name"] if kind == "select" else f"{made['name']}[]"] = values[0] if kind == "select" else values
    customer_id = new_customer(town.client("alice"), "字段客户")
    opportunity_id = new_opportunity(town.client("alice"), customer_id, "字段商机")
    with browsing(town, address, "alice") as client:
        path = f"/contracts/new?customer_id={customer_id}"
        assert form_of(client, path)["customer_id"] == f"字段客户 #{customer_id}"
        told = {"title": "字段合同", "total_amount": "1,000.5", "sign_date": "2024-06-02", "opportunity_id": "字段商机"}
        missing = sent(client, path, told)
        assert missing.status_code == 422 and missing.text.count("不能为空") == 2
        made_at = sent(client, path, {**told, **given}).headers["location"]
        wire = ok(town.client("alice").get(f"/api/v2{made_at}"))
        assert (wire["customer_id"], wire["opportunity_id"], wire["total_amount"]) == (
            customer_id,
            opportunity_id,
            "1000.5",
        )
        again = form_of(client, f"{made_at}/edit")
        assert {name: again[name] for name in given} == given
        assert len(re.findall(r'value="[^"]+" checked', client.get(f"{made_at}/edit").text)) == 2
        # Nothing was typed, so nothing is written.
        assert sent(client, f"{made_at}/edit", {}).headers["location"] == made_at
        assert ok(town.client("alice").get(f"/api/v2{made_at}")) == wire
        unknown = sent(client, "/contracts/new", {"title": "x", "customer_id": "没有这家"})
        assert unknown.status_code == 422 and "请从建议中选择" in unknown.text
        assert f'value="字段客户 #{customer_id}"' in client.get("/customers/names?customer_id=字段").text
    with browsing(town, address, "charlie") as client:
        assert "字段客户" not in client.get("/customers/names?customer_id=字段").text
        assert client.get(f"/contracts/new?customer_id={customer_id}").status_code == 404
        assert client.get(f"{made_at}/edit").status_code == 404
        form = {**form_of(client, "/contracts/new"), "title": "偷", "customer_id": f"x #{customer_id}"}
        assert client.post("/contracts/new", data=form).status_code in (404, 422)


def test_who_presses_a_button_twice_makes_one_record_and_comes_to_it(town: World, address: str) -> None:
    with browsing(town, address, "alice") as client, ThreadPoolExecutor(4) as together:
        form = {**form_of(client, "/leads/new"), "name": "按了四次"}
        told = list(together.map(lambda _: client.post("/leads/new", data=form), range(4)))
        assert {each.status_code for each in told} == {303}
        assert len({each.headers["location"] for each in told}) == 1
        assert all("default-src 'none'" in each.headers["content-security-policy"] for each in told)
    assert lead_names(town.client("alice"), query="按了四次") == ["按了四次"]


def test_what_a_role_hides_or_may_not_change_is_neither_offered_nor_written(town: World, address: str) -> None:
    alice = town.client("alice")
    id_ = new_lead(alice, "受限", note="秘密", address_attributes={"tel": "13400006004"})
    rights = Rights(
        hidden=frozenset({"lead.note", "lead.address.qq"}), read_only=frozenset({"lead.status"}), phones_masked=True
    )
    town.change(replace(SELLER, rights=rights))
    try:
        with browsing(town, address, "alice") as client:
            path = f"/leads/{id_}/edit"
            form, page = form_of(client, path), client.get(path).text
            assert "秘密" not in page and "13400006004" not in page and "note" not in form
            assert "address_attributes[qq]" not in form and "status" not in form
            assert form["address_attributes[tel]"] == "134****6004"
            assert (
                client.post(
                    path, data={**form, "company_name": "可以改", "status": str(HOT.id), "note": "改"}
                ).status_code
                == 303
            )
            # Who cannot see a number is told nothing by guessing it.
            assert "受限" not in client.get("/leads/duplicates?address_attributes[tel]=13400006004").text
    finally:
        town.change(SELLER)
    now = ok(alice.get(f"/api/v2/leads/{id_}"))
    assert (now["company_name"], now["note"], now["status"]) == ("可以改", "秘密", "")
    assert now["address"]["tel"] == "13400006004"


def test_a_record_is_put_away_taken_and_deleted_by_its_page(town: World, address: str) -> None:
    alice = town.client("alice")
    ok(alice.get("/api/v2/common_leads/common_settings"))
    id_ = new_lead(alice, "一条")
    with browsing(town, address, "alice") as client:
        csrf = csrf_in(client.get(f"/leads/{id_}").text)
        form = {"csrf": csrf, "id": str(id_), "back": f"/leads/{id_}"}
        assert client.post("/leads/bulk", data={**form, "act": "pool"}).headers["location"] == f"/leads/{id_}"
        pooled = client.get(f"/leads/{id_}").text
        assert "领取" in pooled and "act=delete" not in pooled
        assert client.post("/leads/bulk", data={**form, "act": "take"}).headers["location"] == f"/leads/{id_}"
        assert client.post("/leads/bulk", data={**form, "act": "delete", "back": "//evil.example"}).headers[
            "location"
        ] in ("/", "/leads")
        refused(alice.get(f"/api/v2/leads/{id_}"), 100100)
        assert client.post("/leads/bulk", data={**form, "act": "delete"}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/leads/new", "/contacts/new", "/opportunities/new", "/contracts/new", "/customers/new"]
)
def test_the_smallest_record_of_every_type_is_made(town: World, address: str, path: str) -> None:
    named = "title" if path.split("/")[1] in ("opportunities", "contracts") else "name"
    customer_id = new_customer(town.client("alice"), f"最小客户{path}")
    with browsing(town, address, "alice") as client:
        form = form_of(client, path)
        typed = {named: f"最小{path}"} | ({"customer_id": f"#{customer_id}"} if "customer_id" in form else {})
        custom = {name: "x" for name in form if "_asset_" in name}
        assert custom.keys() <= form.keys()
        told = sent(client, path, typed)
        if told.status_code == 422:  # fields that another test has made required
            assert "_asset_" in told.text
        else:
            assert re.fullmatch(rf"{path.removesuffix('/new')}/\d+", told.headers["location"])


def test_contacts_are_not_compared(town: World, address: str) -> None:
    new_contact(town.client("alice"), "同名")
    with browsing(town, address, "alice") as client:
        assert "同名" not in client.get("/contacts/duplicates?name=同名").text
