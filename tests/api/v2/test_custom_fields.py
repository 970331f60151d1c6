"""Fields that an organisation adds, the choices of its lists, and what its lists may be filtered by."""

import httpx
import pytest

from genjin.domain.custom_field import CustomField, NewField
from genjin.domain.records import RecordType
from genjin.service.organisation.custom_fields import add_field, enable_field
from genjin.service.organisation.options import add_option, rename_module, rename_option
from tests.world import ALICE, HOT, ORGANISATION, Json, World, activities_of, new_lead, ok, refused, timeline_of

LEADS = "/api/v2/leads"


@pytest.fixture
def budget(world: World) -> CustomField:
    return _add(world, "预算", "currency_field")


@pytest.fixture
def grade(world: World) -> CustomField:
    return _add(world, "客户等级", "select", choices=("甲", "乙👍"))


def _add(world: World, label: str, field_type: str = "text_field", **more: object) -> CustomField:
    new = NewField(RecordType.LEAD, label, field_type, **more)  # type: ignore[arg-type]
    return add_field(world.installation, ORGANISATION.id, new)


def _lead(client: httpx.Client, fields: dict[str, object]) -> int:
    return int(ok(client.post(LEADS, json={"lead": {"name": "郑老师", **fields}}))["id"])


def _groups(client: httpx.Client, form: str = "lead") -> list[Json]:
    return list(ok(client.get(f"/api/v2/custom_fields/{form}/by_group"))["custom_field_groups"])


def test_a_form_has_the_standard_fields_and_those_that_were_added(
    alice: httpx.Client, budget: CustomField, grade: CustomField
) -> None:
    standard, added = _groups(alice)
    names = [field["name"] for field in standard["custom_fields"]]
    assert names[:4] == ["name", "company_name", "status", "source"]
    status = standard["custom_fields"][2]
    assert status["field_type"] == "select"
    assert {"id": str(HOT.id), "value": str(HOT.id), "label": "重点"} in status["input_field_options"][
        "collection_options"
    ]
    assert [(field["name"], field["label"]) for field in added["custom_fields"]] == [
        (budget.name, "预算"),
        (grade.name, "客户等级"),
    ]
    assert budget.name.startswith("currency_asset_")
    assert [choice["label"] for choice in added["custom_fields"][1]["input_field_options"]["collection_options"]] == [
        "甲",
        "乙👍",
    ]
    everything = ok(alice.get("/api/v2/custom_fields/by_group_all"))
    assert everything["lead"]["custom_field_groups"] == [standard, added]
    assert everything["product"]["custom_field_groups"] == _groups(alice, "product") == []
    refused(alice.get("/api/v2/custom_fields/spaceship/by_group"), 100404)


def test_values_are_kept_flat_shown_with_their_labels_and_told_when_they_change(
    alice: httpx.Client, budget: CustomField, grade: CustomField
) -> None:
    first, second = grade.choices
    lead_id = _lead(alice, {budget.name: "1,234.50", grade.name: first.value, "text_asset_unknown": "x"})
    found = ok(alice.get(f"{LEADS}/{lead_id}"))
    assert (found[budget.name], found[grade.name], found[f"{grade.name}_display"]) == ("1234.5", first.value, "甲")
    assert "text_asset_unknown" not in found
    told = ok(alice.put(f"{LEADS}/{lead_id}", data={f"lead[{grade.name}]": second.value}))
    assert (told[budget.name], told[f"{grade.name}_display"]) == ("1234.5", "乙👍")
    newest = activities_of(timeline_of(alice, lead_id))[0]
    assert newest["description"] == "客户等级：甲 → 乙👍"
    listed = ok(alice.get(LEADS))["leads"][0]
    assert listed[f"{grade.name}_display"] == "乙👍"


@pytest.mark.parametrize(
    ("field_type", "wrong", "right", "shown"),
    [
        ("number_field", "十二", "12.5", "12.5"),
        ("currency_field", "1.2.3", "１２", "12.0"),
        ("email_field", "nobody", "a@example.com", "a@example.com"),
        ("mobile_field", "电话", "134-0000-0031", "134-0000-0031"),
        ("url_field", "javascript:alert(1)", "https://example.com/a", "https://example.com/a"),
        ("date_field", "2023-02-29", "2024-02-29", "2024-02-29"),
        ("date_field", "2024-02-29*", "2024-02-29 09:30", "2024-02-29"),
        ("datetime_field", "2024-02-29 24:01", "2024-02-29 00:00", "2024-02-29 00:00"),
        ("user_field", "35", str(ALICE.id), ALICE.id),
        ("department_field", "9999", "12", 12),
        ("text_area", ["a"], " 多行\n文字 ", " 多行\n文字 "),
        ("text_field", "长" * 1001, "文字", "文字"),
    ],
)
def test_each_type_of_field_takes_what_fits_and_refuses_what_does_not(
    world: World, alice: httpx.Client, field_type: str, wrong: object, right: object, shown: object
) -> None:
    field = _add(world, "字段", field_type)
    body = refused(alice.post(LEADS, json={"lead": {"name": "x", field.name: wrong}}), 100422)
    assert list(body["errors"]) == [field.name]
    assert ok(alice.get(f"{LEADS}/{_lead(alice, {field.name: right})}"))[field.name] == shown


def test_several_may_be_chosen(world: World, alice: httpx.Client) -> None:
    field = _add(world, "产品", "multi_select", choices=("甲", "乙", "丙"))
    values = [choice.value for choice in field.choices]
    lead_id = _lead(alice, {field.name: [values[2], values[0], values[2]]})
    found = ok(alice.get(f"{LEADS}/{lead_id}"))
    assert (found[field.name], found[f"{field.name}_display"]) == ([values[2], values[0]], "丙、甲")
    refused(alice.put(f"{LEADS}/{lead_id}", json={"lead": {field.name: [values[0], "sel_nothing"]}}), 100422)
    assert ok(alice.put(f"{LEADS}/{lead_id}", json={"lead": {field.name: []}}))[field.name] == []


def test_a_required_field_is_asked_for_when_a_record_is_made_and_never_emptied(
    world: World, alice: httpx.Client
) -> None:
    before = new_lead(alice)
    field = _add(world, "必填", required=True)
    for given in ({}, {field.name: ""}, {field.name: None}, {field.name: "  "}):
        body = refused(alice.post(LEADS, json={"lead": {"name": "x", **given}}), 100422)
        assert body["errors"] == {field.name: ["不能为空"]}
    ok(alice.put(f"{LEADS}/{before}", json={"lead": {"note": "旧记录仍可修改"}}))
    refused(alice.put(f"{LEADS}/{before}", json={"lead": {field.name: ""}}), 100422)
    _lead(alice, {field.name: "有"})


def test_a_disabled_field_is_in_no_form_and_keeps_its_values(
    world: World, alice: httpx.Client, budget: CustomField
) -> None:
    lead_id = _lead(alice, {budget.name: 5})
    enable_field(world.installation, ORGANISATION.id, budget.name, enabled=False)
    assert budget.name not in ok(alice.get(f"{LEADS}/{lead_id}"))
    assert len(_groups(alice)) == 1
    ok(alice.put(f"{LEADS}/{lead_id}", json={"lead": {"note": "x"}}))
    enable_field(world.installation, ORGANISATION.id, budget.name, enabled=True)
    assert ok(alice.get(f"{LEADS}/{lead_id}"))[budget.name] == "5.0"


def test_another_organisation_has_other_fields(world: World, budget: CustomField) -> None:
    eve = world.client("eve")
    assert len(_groups(eve)) == 1
    assert budget.name not in ok(eve.get(f"{LEADS}/{_lead(eve, {budget.name: 5})}"))


def test_administrators_add_fields_and_others_do_not(world: World, alice: httpx.Client) -> None:
    new = {"entity_type": "customer", "label": "门店", "field_type": "select", "choices": ["一店", "二店"]}
    refused(alice.post("/api/v2/custom_fields", json={"custom_field": new}), 100403)
    dora = world.client("dora")
    made = ok(dora.post("/api/v2/custom_fields", json={"custom_field": new}))
    assert made["name"].startswith("select_asset_")
    assert [field["name"] for field in _groups(alice, "customer")[-1]["custom_fields"]] == [made["name"]]
    wrongs: list[Json] = [{"entity_type": "x"}, {"label": " "}, {"field_type": "x"}, {"choices": []}, {"choices": [""]}]
    for wrong in [*wrongs, {"choices": ["a", "a"]}, {"group_label": "组" * 101}, {"placeholder": "请" * 256}]:
        refused(dora.post("/api/v2/custom_fields", json={"custom_field": new | wrong}), 100422)


@pytest.mark.parametrize("choices", [[1], 9223372036854775808, [True], ["甲", None], [["甲"]], {"a": "甲"}])
def test_the_labels_of_choices_are_texts(world: World, choices: Json) -> None:
    new = {"entity_type": "lead", "label": "门店", "field_type": "select", "choices": choices}
    told = refused(world.client("dora").post("/api/v2/custom_fields", json={"custom_field": new}), 100422)
    assert list(told["errors"]) == ["choices"]


def test_the_choices_of_a_form_are_told_and_follow_changes(world: World, alice: httpx.Client) -> None:
    def labels() -> list[str]:
        return [choice["label"] for choice in ok(alice.get("/api/v2/field_maps/lead"))["field_maps"]["status"]]

    assert labels() == ["新建", "重点"]
    added = add_option(world.installation, ORGANISATION.id, "lead.status", "观望🤔")
    rename_option(world.installation, ORGANISATION.id, HOT.id, "特别重点")
    assert labels() == ["新建", "特别重点", "观望🤔"]
    lead_id = new_lead(alice, status=added.id)
    assert ok(alice.get(f"{LEADS}/{lead_id}"))["status_mapped"] == "观望🤔"
    assert ok(alice.get("/api/v2/field_maps/leads")) == ok(alice.get("/api/v2/field_maps/lead"))
    assert "category" in ok(alice.get("/api/v2/field_maps/revisit_log"))["field_maps"]
    refused(alice.get("/api/v2/field_maps/spaceship"), 100404)


def test_a_list_tells_what_it_may_be_filtered_and_sorted_by(world: World, alice: httpx.Client) -> None:
    told = ok(alice.get(f"{LEADS}/filter_sort_group"))
    assert {"status", "source", "user_id", "created_at"} <= {field["name"] for field in told["filters"]}
    for field in told["sorts"]:
        ok(alice.get(LEADS, params={"sort": field["name"], "order": "asc"}))
    statuses = ok(alice.get(f"{LEADS}/status/filter_options"))["filter_options"]
    assert [choice["label"] for choice in statuses] == ["新建", "重点"]
    people = ok(alice.get(f"{LEADS}/user_id/filter_options"))["filter_options"]
    assert {"id": str(ALICE.id), "value": str(ALICE.id), "label": "Alice"} in people
    refused(alice.get(f"{LEADS}/nothing/filter_options"), 100404)


def test_a_module_may_be_called_otherwise(world: World, alice: httpx.Client) -> None:
    lead_id = new_lead(alice)
    rename_module(world.installation, ORGANISATION.id, "Lead", "潜在客户")
    assert activities_of(timeline_of(alice, lead_id))[0]["description"] == "新增潜在客户"
    rename_module(world.installation, ORGANISATION.id, "Lead", "")
    assert activities_of(timeline_of(alice, lead_id))[0]["description"] == "新增线索"
