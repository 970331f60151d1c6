"""What is asked for and not served is told as a route that is missing, and counted."""

import pytest

from genjin.service import unserved
from genjin.service.unserved import list_unserved
from tests.world import World, refused


def test_a_word_that_is_no_route_is_an_object_that_is_missing(world: World) -> None:
    refused(world.client("dora").get("/api/v2/leads/abc"), 100100)


def test_what_somebody_asked_for_and_is_not_served_is_counted_without_its_ids(world: World) -> None:
    dora = world.client("dora")
    for path in ("expenses", "expenses/17/approve", "expenses/18/approve", "expenses/张三", "schedule_reports?page=2"):
        refused(dora.get(f"/api/v2/{path}"), 100404)
    refused(dora.delete("/api/v2/leads"), 100404)
    refused(dora.get("/api/v2/leads/31/sales_activities/"), 100100)
    world.client().get("/api/v2/strangers")
    dora.get("/favicon-of-nobody.ico")
    assert [(each.method, each.path, each.calls) for each in list_unserved(world.installation)] == [
        ("GET", "/api/v2/expenses/:id/approve", 2),
        ("GET", "/api/v2/expenses", 1),
        ("GET", "/api/v2/expenses/:word", 1),
        ("DELETE", "/api/v2/leads", 1),
        ("GET", "/api/v2/schedule_reports", 1),
    ]


def test_different_paths_are_remembered_up_to_a_number(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unserved, "MOST_PATHS", 3)
    dora = world.client("dora")
    for nth in range(6):
        refused(dora.get(f"/api/v2/nothing_{nth % 5}"), 100404)
    found = {each.path: each.calls for each in list_unserved(world.installation)}
    assert found == {"/api/v2/nothing_0": 2, "/api/v2/nothing_1": 1, "/api/v2/nothing_2": 1}
