"""Reports: each figure is what the feed behind it has, for whoever asks; what is asked for, and how it is answered."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from typing import Any

import httpx
import pytest

from genjin.service.reports.tallying import keep_tallies
from genjin.wire.v1.report_done import CallsReport, FollowUpsReport, VisitsReport
from tests.world import ALICE, DORA, Json, World, at, fields_of, follow_up, new_customer, new_lead, problem

REPORTS = {"calls": CallsReport, "follow-ups": FollowUpsReport, "visits": VisitsReport}
BYS = ("person", "department", "day", "week", "month", "hour")
PLACE = {"detail": "南京路1号", "lat": 31.23, "lng": 121.47}


@pytest.fixture
def busy(world: World) -> World:
    """Some weeks of calls, follow-ups and visits of alice's and charlie's, and what dora brought in."""
    owns = {
        "alice": ("leads", new_lead(world.client("alice"))),
        "charlie": ("leads", new_lead(world.client("charlie"))),
    }
    with world.client("dora") as dora:
        for name, (type_, id_) in owns.items():
            who = ALICE.id if name == "alice" else 33
            for nth in range(4):
                when = f"2024-0{4 + nth // 2}-1{nth}T0{8 + nth % 2}:30:00+08:00"
                subject = {"subject": {"type": type_, "id": id_}, "actor_id": who, "at": when}
                call = {"direction": "outbound", "number": "13400000001", "seconds": 40 * nth, "connected": nth > 0}
                for given in (
                    {"kind": "call.made", "details": call},
                    {"kind": "follow_up.written", "text": "在忙"},
                    {"kind": "checkin.made", "details": {"place": PLACE}},
                ):
                    assert dora.post("/api/v1/activities", json=subject | given).status_code == 201
    return world


def asked(client: httpx.Client, name: str, **params: object) -> Json:
    told = client.get(f"/api/v1/reports/{name}", params=params)  # type: ignore[arg-type]
    assert told.status_code == 200, told.text
    if name in REPORTS:
        REPORTS[name].model_validate(told.json())
    return told.json()


def figures(told: Any, path: str = "") -> Iterator[tuple[str, Json]]:
    """Every figure of an answer, with where it stands."""
    if isinstance(told, dict) and set(told) == {"value", "activities"}:
        yield path, told
    elif isinstance(told, dict):
        for key, value in told.items():
            yield from figures(value, f"{path}.{key}")
    elif isinstance(told, list):
        for nth, value in enumerate(told):
            yield from figures(value, f"{path}.{nth}")


def behind(client: httpx.Client, path: str | None) -> list[Json]:
    """All activities that a link leads to."""
    items = list[Json]()
    while path is not None:
        told = client.get(path)
        assert told.status_code == 200, told.text
        items += told.json()["items"]
        path = told.json()["next"]
    return items


@pytest.mark.parametrize("kept", [False, True], ids=["counted from entries", "from tallies"])
def test_every_figure_is_what_its_link_leads_to(busy: World, kept: bool) -> None:
    if kept:
        keep_tallies(busy.installation)
    totals = {}
    for name in ("alice", "bob", "charlie", "dora"):
        with busy.client(name) as client:
            for report in REPORTS:
                for by in BYS if report == "calls" else BYS[:-1]:
                    told = asked(client, report, by=by, **{"from": "2024-04-01", "to": "2024-06-12"})
                    totals[name, report] = next(iter(told["total"].values()))["value"]
                    for where, figure in figures(told):
                        if by == "day" and figure["value"] == 0 and not where.endswith("0"):
                            continue
                        entries = behind(client, figure["activities"])
                        found = float(len(entries))
                        if where.endswith("minutes"):
                            found = round(sum(entry["details"]["seconds"] for entry in entries) / 60, 1)
                        assert figure["value"] == found, (name, report, by, where)
    assert totals == {(who, report): 8 if who == "dora" else 4 for who, report in totals}


def test_rows_tell_what_they_are_about(busy: World) -> None:
    with busy.client("dora") as dora:
        span = {"from": "2024-04-11", "to": "2024-05-12"}
        people = asked(dora, "calls", **span)["rows"]
        assert [(row["person"]["name"], row["made"]["value"]) for row in people] == [("Alice", 2), ("Charlie", 2)]
        departments = asked(dora, "calls", by="department", **span)["rows"]
        assert [(row["department"]["name"], row["made"]["value"]) for row in departments] == [
            *(("公司", 4), ("销售部", 2), ("电销组", 2), ("渠道部", 2))
        ]
        weeks = asked(dora, "calls", by="week", **span)["rows"]
        assert [(row["from"], row["to"]) for row in weeks][:2] == [
            ("2024-04-11", "2024-04-14"),
            ("2024-04-15", "2024-04-21"),
        ]
        assert weeks[-1]["to"] == "2024-05-12"
        months = asked(dora, "calls", by="month", **span)["rows"]
        assert [(row["from"], row["made"]["value"]) for row in months] == [("2024-04-11", 2), ("2024-05-01", 2)]
        hours = asked(dora, "calls", by="hour", **span)["rows"]
        assert {row["hour"]: row["made"]["value"] for row in hours if row["made"]["value"]} == {8: 2, 9: 2}
        assert asked(dora, "calls", **span)["total"]["minutes"]["value"] == 4.0
        only = asked(dora, "calls", actor="!me", department="11", **span)
        assert only["total"]["made"]["value"] == 2
        assert asked(dora, "calls", actor="me", **span)["total"]["made"]["value"] == 0
        for nobody in ({"actor": "9999999999"}, {"department": "4000000000"}, {"actor": "none"}):
            total = asked(dora, "calls", **nobody, **span)["total"]
            assert (total["made"]["value"], behind(dora, total["made"]["activities"])) == (0, [])


def test_a_report_has_at_once_what_was_written(world: World) -> None:
    with world.client("alice") as alice:
        lead = new_lead(alice)
        keep_tallies(world.installation)
        follow_up(alice, lead)
        assert asked(alice, "follow-ups", period="today")["total"]["written"]["value"] == 1
        call = {"kind": "call.made", "subject": {"type": "leads", "id": lead}, "details": {"number": "1", "seconds": 6}}
        id_ = alice.post("/api/v1/activities", json=call).json()["id"]
        assert asked(alice, "calls", period="today")["total"]["minutes"]["value"] == 0.1
        keep_tallies(world.installation)
        assert alice.patch(f"/api/v1/activities/{id_}", json={"details": {"seconds": 60}}).status_code == 200
        assert asked(alice, "calls", period="today")["total"]["minutes"]["value"] == 1.0
        assert alice.delete(f"/api/v1/activities/{id_}").status_code == 200
        assert asked(alice, "calls", period="today")["total"]["made"]["value"] == 0


def test_periods_are_named_or_given(world: World) -> None:
    world.clock.at = at("2024-03-31 23:59")
    with world.client("alice") as alice:
        for params, first, last in (
            ({}, "2024-03-01", "2024-03-31"),
            ({"period": "last_month"}, "2024-02-01", "2024-02-29"),
            ({"period": "last_week"}, "2024-03-18", "2024-03-24"),
            ({"period": "this_quarter"}, "2024-01-01", "2024-03-31"),
            ({"period": "last_year"}, "2023-01-01", "2023-12-31"),
            ({"period": "last_7_days"}, "2024-03-25", "2024-03-31"),
            ({"from": "2024-03-30"}, "2024-03-30", "2024-03-31"),
            ({"to": "2024-02-10"}, "2024-02-01", "2024-02-10"),
        ):
            period = asked(alice, "calls", **params)["period"]
            assert (period["from"], period["to"]) == (first, last)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"from": "2024-03-02", "to": "2024-03-01"}, "to"),
        ({"from": "1950-01-01", "to": "2024-01-01"}, "to"),
        ({"from": "2015-01-01", "to": "2024-01-01", "by": "day"}, "by"),
        ({"from": "2024-01-01T00:00:00Z"}, "from"),
        ({"from": "2024-02-30"}, "from"),
        ({"period": "yesteryear"}, "period"),
        ({"by": "colour"}, "by"),
        ({"actor": "alice"}, "actor.0"),
        ({"format": "xls"}, "format"),
    ],
)
def test_what_cannot_be_reported_is_refused(alice: httpx.Client, params: dict[str, str], field: str) -> None:
    assert fields_of(problem(alice.get("/api/v1/reports/calls", params=params), 422, "invalid")) == {field}


def test_a_report_is_csv_for_who_asks_for_it(busy: World) -> None:
    busy.change(replace(ALICE, name="=HYPERLINK(1)"))
    with busy.client("dora") as dora:
        path, span = "/api/v1/reports/calls", {"from": "2024-04-01", "to": "2024-06-12"}
        told = dora.get(path, params=span, headers={"Accept": "text/csv, application/json;q=0.5"})
        assert told.headers["content-type"] == "text/csv; charset=utf-8"
        assert told.content[:3] == b"\xef\xbb\xbf"
        assert told.content == dora.get(path, params=span | {"format": "csv"}).content
        lines = list(csv.DictReader(StringIO(told.content.decode("utf-8-sig"))))
        assert [(row["line"], row["person_name"], row["made"]) for row in lines] == [
            *(("row", "'=HYPERLINK(1)", "4"), ("row", "Charlie", "4"), ("total", "", "8"))
        ]
        assert len(behind(dora, lines[0]["connected_activities"])) == int(lines[0]["connected"]) == 3
        again = dora.get(path, params=span | {"format": "csv"}, headers={"If-None-Match": told.headers["etag"]})
        assert again.status_code == 304
        assert dora.get(path, headers={"Accept": "*/*, text/csv;q=0.1"}).headers["content-type"] == "application/json"


def test_figures_follow_who_sees_the_record(busy: World) -> None:
    """What leaves a seller's sight leaves their figures, and is in those of who has it now."""
    keep_tallies(busy.installation)
    with busy.client("alice") as alice, busy.client("charlie") as charlie, busy.client("dora") as dora:
        [mine] = {entry["subject"]["id"] for entry in behind(alice, "/api/v1/activities?kind=call")}
        given = {"user_id": 33, "entity_type": "leads", "ids": [mine]}
        span = {"from": "2024-04-01", "to": "2024-06-12"}
        told = dora.post("/api/v2/transfers", json=given)
        if told.status_code != 200 or told.json()["code"] != 0:
            pytest.fail(told.text)
        for _ in range(2):
            counts = [asked(client, "calls", **span)["total"]["made"]["value"] for client in (alice, charlie, dora)]
            assert counts == [0, 8, 8]
            keep_tallies(busy.installation)


def test_a_customer_of_another_is_not_counted(world: World) -> None:
    with world.client("dora") as dora, world.client("alice") as alice:
        follow_up(dora, new_customer(dora), type_="Customer")
        assert asked(alice, "follow-ups", actor=str(DORA.id))["total"]["written"]["value"] == 0
        assert asked(dora, "follow-ups", actor="me")["total"]["written"]["value"] == 1
