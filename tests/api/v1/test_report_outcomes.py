"""Reports of what came of it: what they count; every figure is what the feed behind it has, for whoever asks."""

from dataclasses import replace
from statistics import fmean

import httpx
import pytest
from pydantic import BaseModel

from genjin.domain.people import Rights
from genjin.wire.v1.report_done import LeadsReport
from genjin.wire.v1.report_outcome import (
    ConversionReport,
    FollowingReport,
    ResponseReport,
    SilentReport,
    StatusesReport,
)
from tests.api.v1.test_reports import behind, figures
from tests.world import (
    FROM_WEB,
    HOT,
    NEW,
    SELLER,
    Json,
    World,
    at,
    follow_up,
    new_contact,
    new_customer,
    new_lead,
    ok,
    problem,
)

REPORTS: dict[str, type[BaseModel]] = {
    "leads": LeadsReport,
    "leads?by=day": LeadsReport,
    "conversion": ConversionReport,
    "conversion?by=source": ConversionReport,
    "conversion?owner=!me": ConversionReport,
    "first-response": ResponseReport,
    "first-response?since=assigned": ResponseReport,
    "follow-up-rate": FollowingReport,
    "follow-up-rate?type=leads&owner=me": FollowingReport,
    "silent?days=3": SilentReport,
    "silent?type=leads&days=2": SilentReport,
    "statuses": StatusesReport,
    "statuses?type=opportunities": StatusesReport,
}
SPAN = "from=2024-06-01&to=2024-06-12"


@pytest.fixture
def week(world: World) -> World:
    """What alice and charlie did from the 3rd to the 7th of June; it is the 12th."""
    with world.client("alice") as alice, world.client("charlie") as charlie, world.client("dora") as dora:
        world.clock.at = at("2024-06-03 09:00")
        quick = new_lead(alice, "快", source=str(FROM_WEB.id), status=str(NEW.id))
        slow = new_lead(alice, "慢", status=str(NEW.id))
        new_lead(alice, "忘")
        theirs = new_lead(charlie, "别人的", source=str(FROM_WEB.id))
        silent = new_customer(alice, "静")
        loud = new_customer(alice, "闹")
        world.clock.at = at("2024-06-03 09:30")
        follow_up(alice, quick)
        ok(alice.patch(f"/api/v2/leads/{quick}", json={"lead": {"status": str(HOT.id)}}))
        world.clock.at = at("2024-06-05 10:00")
        follow_up(alice, slow)
        follow_up(alice, silent, type_="Customer")
        ok(alice.patch(f"/api/v2/leads/{slow}", json={"lead": {"status": str(HOT.id)}}))
        new_customer(alice, "成了", refer_lead_id=quick)
        world.clock.at = at("2024-06-06 10:00")
        ok(dora.post("/api/v2/transfers", json={"user_id": 31, "entity_type": "leads", "ids": [theirs]}))
        world.clock.at = at("2024-06-12 10:00")
        follow_up(alice, new_contact(alice, customer_id=loud), type_="Contact")
    return world


def asked(client: httpx.Client, path: str) -> Json:
    told = client.get(f"/api/v1/reports/{path}{'&' if '?' in path else '?'}{SPAN}")
    assert told.status_code == 200, told.text
    REPORTS[path].model_validate(told.json())
    return told.json()


def values(row: Json) -> dict[str, object]:
    return {name: figure["value"] for name, figure in row.items() if isinstance(figure, dict) and "value" in figure}


@pytest.mark.parametrize("path", REPORTS)
def test_every_figure_is_what_its_link_leads_to(week: World, path: str) -> None:
    seen = set()
    for name in ("alice", "bob", "charlie", "dora"):
        with week.client(name) as client:
            for where, figure in figures(asked(client, path)):
                if where.endswith(("minutes", "hours")):
                    continue
                link = figure["activities"]
                if (name, link) not in seen:
                    seen.add((name, link))
                    assert figure["value"] == len(behind(client, link)), (name, where, link)
    assert seen


def test_conversion_is_of_the_leads_of_a_period(week: World) -> None:
    with week.client("dora") as dora, week.client("charlie") as charlie:
        [row] = asked(dora, "conversion")["rows"]
        assert row["person"]["name"] == "Alice"
        assert values(row) == {"created": 4, "converted": 1, "rate": 0.25}
        rows = asked(dora, "conversion?by=source")["rows"]
        assert {row["source"] and row["source"]["label"]: values(row)["created"] for row in rows} == {
            None: 2,
            "官网": 2,
        }
        assert values(asked(charlie, "conversion")["total"]) == {"created": 0, "converted": 0, "rate": None}
        assert values(asked(dora, "leads")["total"]) == {"created": 4, "converted": 1}


def test_first_response_is_measured_from_creation_or_from_being_handed_over(week: World) -> None:
    with week.client("alice") as alice, week.client("dora") as dora:
        total = asked(alice, "first-response")["total"]
        assert values(total) == {
            "leads": 4,
            "answered": 2,
            "unanswered": 2,
            "within_1_hour": 1,
            "within_4_hours": 1,
            "within_1_day": 1,
            "within_3_days": 2,
            "median_minutes": 1485.0,
            "mean_minutes": fmean((30, 2940)),
        }
        assert values(asked(dora, "first-response?since=assigned")["total"])["unanswered"] == 1


def test_who_was_in_touch_and_who_was_not(week: World) -> None:
    with week.client("bob") as bob:
        assert values(asked(bob, "follow-up-rate")["total"]) == {
            "records": 3,
            "followed": 3,
            "unfollowed": 0,
            "rate": 1.0,
        }
        told = asked(bob, "silent?days=3")["total"]
        assert values(told) == {"records": 3, "silent": 2, "rate": 0.6667}
        assert {entry["subject"]["name"] for entry in behind(bob, told["silent"]["activities"])} == {"静", "成了"}
        assert values(asked(bob, "silent?type=leads&days=2")["total"])["silent"] == 4


def test_time_in_statuses(week: World) -> None:
    with week.client("alice") as alice:
        rows = {(row["status"] or {}).get("label"): values(row) for row in asked(alice, "statuses")["rows"]}
        never = {"now": 0, "now_mean_hours": None, "now_median_hours": None}
        assert rows["新建"] == {"left": 2, "mean_hours": 24.8, "median_hours": 24.8, **never}
        assert rows["重点"] == {
            "left": 0,
            "mean_hours": None,
            "median_hours": None,
            "now": 2,
            "now_mean_hours": 192.2,
            "now_median_hours": 192.2,
        }
        assert rows[None]["now"] == 2


def test_what_a_role_hides_is_neither_reported_nor_asked_for(week: World) -> None:
    week.change(replace(SELLER, rights=Rights(hidden=frozenset({"lead.status", "lead.source"}))))
    with week.client("alice") as alice:
        for path in (
            *("reports/statuses", "reports/conversion?by=source", f"activities?status={HOT.id}"),
            *(f"activities?left_status={NEW.id}&type=leads", f"activities?record_source={FROM_WEB.id}"),
        ):
            problem(alice.get(f"/api/v1/{path}"), 403, "forbidden")
        assert alice.get("/api/v1/reports/statuses?type=customers").status_code == 200
        assert alice.get(f"/api/v1/activities?status={HOT.id}&type=customers").status_code == 200
        assert values(asked(alice, "conversion")["total"])["created"] == 4
