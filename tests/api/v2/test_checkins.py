"""Check-ins: signing in and out, photos, distance, and coordinates as exact as the organisation allows."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from genjin.domain.place import Coordinates
from genjin.domain.records import Record, RecordType
from genjin.store import records
from tests import samples
from tests.api.bodies import MISSING, same, user_body
from tests.api.uploading import follow, ids, upload
from tests.world import (
    ALICE,
    NOW,
    ORGANISATION,
    Json,
    World,
    activities_of,
    follow_up,
    new_customer,
    new_lead,
    ok,
    refused,
    timeline_of,
)

URL = "/api/v2/checkins"
THERE = {"lat": 31.2336, "lng": 121.5055}
"""Where the customer is."""
HERE = {"detail_address": "世纪大道1号", "lat": "31.239712", "lng": "121.490634"}
"""A mile away."""


def _customer(client: httpx.Client, **address: object) -> int:
    return new_customer(client, address_attributes={"detail_address": "陆家嘴", **(address or THERE)})


def _sign_in(client: httpx.Client, id_: int, type_: str = "Customer", **more: object) -> Json:
    given = {"checkable_type": type_, "checkable_id": id_, **HERE, **more}
    return ok(client.post(URL, json={"checkin": given}))


def _entry(client: httpx.Client, id_: int) -> Json:
    return activities_of(timeline_of(client, id_, "customers"))[0]


def _allow(world: World, how: Coordinates) -> None:
    world.change(replace(ORGANISATION, coordinates=how))


def test_the_whole_answer(world: World, alice: httpx.Client) -> None:
    _allow(world, Coordinates.EXACT)
    customer = _customer(alice)
    told = _sign_in(alice, customer, note="前台说采购下周回来")
    address = {
        **{key: {} for key in ("country", "province", "city", "district")},
        **dict.fromkeys(("tel", "phone", "email", "qq", "fax", "wechat", "wangwang", "zip", "url"), ""),
        "detail_address": "世纪大道1号",
        "lat": 31.239712,
        "lng": 121.490634,
        "region_info": "",
    }
    place = {"detail_address": "世纪大道1号", "lat": 31.239712, "lng": 121.490634}
    assert told == {
        "id": told["id"],
        "checkin_name": "郑州第一中学",
        "created_at": "2024-06-12 10:00",
        "address": {"id": told["id"], **address, "distance": "1568m", "off_distance": "", "gaode_staticmap": ""},
        "note": "前台说采购下周回来",
        "attachments": [],
        "checkable_type": "Customer",
        "checkable_id": customer,
        "checkable_type_display": "客户",
        "checkable": {"customer": {"id": customer, "name": "郑州第一中学"}},
        "sign_in": {"id": told["id"], "time": "2024-06-12 10:00", **place, "distance": "1568m"},
        "sign_out": {},
        "user": user_body(),
    }
    assert ok(alice.get(f"{URL}/{told['id']}")) == told
    assert ok(alice.get(URL))["checkins"] == [told]


def test_it_is_on_the_timeline_in_its_own_keys(alice: httpx.Client) -> None:
    customer = _customer(alice)
    follow_up(alice, customer, type_="Customer", lat=HERE["lat"], lng=HERE["lng"])
    plain = _entry(alice, customer)
    told = _sign_in(alice, customer, note="前台说采购下周回来")
    entry = _entry(alice, customer)
    assert (entry["activity_type"], entry["activity_type_display"]) == ("create", "新增")
    assert (entry["saleable_type"], entry["saleable_id"], entry["saleable_name"]) == ("Checkin", told["id"], "拜访签到")
    assert (entry["title"], entry["saleable_type_display"]) == ("拜访签到", "拜访签到")
    assert entry["description"] == entry["origin_description"] == "前台说采购下周回来"
    assert entry["checkin"] == {key: told[key] for key in ("id", "checkin_name", "created_at", "address")}
    assert (entry["sign_in"], entry["sign_out"]) == (told["sign_in"], {})
    assert entry["address"].keys() == plain["address"].keys()
    assert (plain["checkin"], plain["sign_in"]) == ({}, {})


def test_signing_out_is_told_once_by_who_signed_in(world: World, alice: httpx.Client) -> None:
    customer = _customer(alice)
    visit = _sign_in(alice, customer)
    before = _entry(alice, customer)
    url = f"{URL}/{visit['id']}/sign_out"
    refused(world.client("bob").post(url), 100403)
    assert same(world.client("charlie").post(url), MISSING)
    world.clock.at = NOW + 45 * 60
    told = ok(alice.put(url, json={"checkin": {"detail_address": "地铁站", **THERE}}))
    assert told["sign_in"] == visit["sign_in"]
    left = told["sign_out"]
    assert (left["time"], left["detail_address"], left["distance"]) == ("2024-06-12 10:45", "地铁站", "0m")
    assert told["address"]["off_distance"] == "0m"
    entry = _entry(alice, customer)
    assert entry["sign_out"] == left
    assert {key for key in before if before[key] != entry[key]} == {"sign_out", "checkin"}
    refused(alice.post(url), 100409)
    assert timeline_of(alice, customer, "customers")["total_count"] == 2
    assert world.miscounts() == []


def test_who_signs_in_at_the_very_address_is_no_metre_away(world: World, alice: httpx.Client) -> None:
    _allow(world, Coordinates.EXACT)
    customer = _customer(alice)
    visit = _sign_in(alice, customer, "Customer", **THERE)
    assert (visit["sign_in"]["distance"], visit["address"]["off_distance"]) == ("0m", "")
    assert _entry(alice, customer)["sign_in"] == visit["sign_in"]


def test_one_may_sign_out_without_saying_where(alice: httpx.Client) -> None:
    visit = _sign_in(alice, _customer(alice))
    assert ok(alice.post(f"{URL}/{visit['id']}/sign_out"))["sign_out"]["detail_address"] == ""


@pytest.mark.parametrize(
    ("how", "lat", "distance"),
    [(Coordinates.EXACT, 31.239712, "1568m"), (Coordinates.COARSE, 31.24, "1600m"), (Coordinates.NONE, 0.0, "")],
)
def test_coordinates_are_as_exact_as_the_organisation_allows(
    world: World, alice: httpx.Client, how: Coordinates, lat: float, distance: str
) -> None:
    _allow(world, how)
    customer = _customer(alice)
    visit = _sign_in(alice, customer)
    ok(alice.post(f"{URL}/{visit['id']}/sign_out", json={"checkin": HERE}))
    written = follow_up(alice, customer, type_="Customer", **HERE)
    ok(alice.put(f"/api/v2/revisit_logs/{written['id']}", json={"revisit_log": HERE}))
    told = ok(alice.get(f"{URL}/{visit['id']}"))
    assert (told["sign_in"]["lat"], told["sign_in"]["distance"]) == (lat, distance)
    assert (told["sign_out"]["lat"], told["address"]["off_distance"]) == (lat, distance)
    assert told["address"]["detail_address"] == "世纪大道1号"
    assert ok(alice.get(f"/api/v2/revisit_logs/{written['id']}"))["lat"] == lat
    if how is not Coordinates.EXACT:
        texts = [alice.get(f"/api/v2/customers/{customer}/sales_activities").text, str(_rows(world))]
        assert not any("31.239712" in text or "121.490634" in text for text in texts)


def _rows(world: World) -> list[Any]:
    return world.database.read(lambda tx: [bytes(row[0]) for row in tx.rows(_RARE, (1, 1))])


_RARE = (
    "SELECT rare FROM activities WHERE organisation_id = ? AND rare IS NOT NULL"
    " UNION ALL SELECT rare FROM activity_versions WHERE organisation_id = ? AND rare IS NOT NULL"
)


@pytest.mark.parametrize("half", [{"lat": "31.2", "lng": None}, {"lat": "", "lng": "121.5"}])
def test_one_coordinate_alone_tells_no_place(world: World, alice: httpx.Client, half: dict[str, Any]) -> None:
    _allow(world, Coordinates.EXACT)
    customer = _customer(alice)
    signed_in = _sign_in(alice, customer, **half)["sign_in"]
    assert (signed_in["lat"], signed_in["lng"], signed_in["distance"]) == (0.0, 0.0, "")
    assert signed_in["detail_address"] == HERE["detail_address"]
    written = follow_up(alice, customer, type_="Customer", **half)
    assert (written["lat"], written["lng"], written["address"]) == (0.0, 0.0, {})


def test_coordinates_are_coarse_unless_the_organisation_says_otherwise(alice: httpx.Client) -> None:
    assert _sign_in(alice, _customer(alice))["sign_in"]["lat"] == 31.24


def test_from_a_record_whose_place_is_not_known_there_is_no_distance(alice: httpx.Client) -> None:
    assert _sign_in(alice, new_lead(alice), "Lead")["sign_in"]["distance"] == ""


def test_photos_are_attached(world: World, alice: httpx.Client) -> None:
    customer = _customer(alice)
    photo = upload(alice, samples.picture("PNG"), "门头.png")["id"]
    given = {"checkable_type": "Customer", "checkable_id": customer, **HERE}
    told = ok(alice.post(URL, json={"checkin": given, "attachment_ids": [photo]}))
    entry = _entry(alice, customer)
    assert ids(told["attachments"]) == ids(entry["attachments"]) == ids(entry["image_attachments"]) == [photo]
    file = entry["attachments"][0]
    assert (file["attachmentable_type"], file["attachmentable_id"]) == ("Checkin", told["id"])
    assert follow(alice, file["origin_url"]).content == samples.picture("PNG")
    again = {"checkin": given, "attachment_ids": [photo]}
    assert list(refused(alice.post(URL, json=again), 100422)["errors"]) == ["attachment_ids"]


def test_a_visit_to_an_opportunity_is_on_the_customers_timeline(world: World, alice: httpx.Client) -> None:
    customer = _customer(alice)
    some = Record(RecordType.OPPORTUNITY, 72, "年度框架", ALICE.id, 31, None, NOW, NOW, customer_id=customer)
    world.database.write(lambda tx: records.put_records(tx, 1, [some]))
    told = _sign_in(alice, 72, "opportunity")
    assert told["checkable"] == {"opportunity": {"id": 72, "name": "年度框架"}}
    assert _entry(alice, customer)["checkin"]["checkin_name"] == "年度框架"


def test_the_list_is_of_what_the_caller_may_see_and_asks_for(world: World, alice: httpx.Client) -> None:
    customer = _customer(alice)
    first = _sign_in(alice, customer)["id"]
    world.clock.at = NOW + 86_400
    charlie, bob, dora = world.client("charlie"), world.client("bob"), world.client("dora")
    second = _sign_in(charlie, _customer(charlie), detail_address="100%_路")["id"]

    def listed(client: httpx.Client, **asked: object) -> list[int]:
        page = ok(client.get(URL, params={key: str(value) for key, value in asked.items()}))
        assert page["total_count"] == len(page["checkins"])
        return ids(page["checkins"])

    assert (listed(alice), listed(bob), listed(charlie), listed(dora)) == ([first], [first], [second], [second, first])
    for asked, found in (
        ({"user_id": ALICE.id}, [first]),
        ({"checkable_type": "customer", "checkable_id": customer}, [first]),
        ({"checkable_type": "Lead"}, []),
        ({"detail_address": "大道"}, [first]),
        ({"detail_address": "%"}, [second]),
        ({"date": "today"}, [second]),
    ):
        assert listed(dora, **asked) == found, asked
    assert listed(world.client("eve")) == []
    assert same(charlie.get(f"{URL}/{first}"), MISSING)
    for key in ("user_id", "checkable_id", "checkable_type", "date"):
        refused(dora.get(URL, params={key: "x"}), 100422)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"lat": "91"}, "lat"),
        ({"lng": "east"}, "lng"),
        ({"note": "x" * 20_001}, "note"),
        ({"checkable_type": "Payment"}, "checkable_type"),
        ({"checkable_id": ""}, "checkable_id"),
        ({"attachment_ids": ["abc"]}, "attachment_ids"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_field(alice: httpx.Client, given: dict[str, Any], field: str) -> None:
    body = {"checkable_type": "Customer", "checkable_id": _customer(alice), **HERE, **given}
    assert list(refused(alice.post(URL, json={"checkin": body}), 100422)["errors"]) == [field]


def test_nobody_signs_in_where_they_may_not_look(world: World, alice: httpx.Client) -> None:
    customer = _customer(alice)
    for name in ("charlie", "eve"):
        given = {"checkable_type": "Customer", "checkable_id": customer, **HERE}
        assert same(world.client(name).post(URL, json={"checkin": given}), MISSING)
    form = {"checkin[checkable_type]": "Customer", "checkin[checkable_id]": str(customer)}
    form |= {"checkin[address_attributes][detail_address]": "世纪大道", "checkin[lat]": "31.2", "checkin[lng]": "121.5"}
    assert ok(world.client("bob").post(URL, data=form))["address"]["detail_address"] == "世纪大道"
