"""What the upstream has and we have not yet is told as a route that is missing, not as an object."""

import pytest

from tests.world import World, refused


@pytest.mark.parametrize(
    "path",
    [
        "leads/by_name",
        "leads/filter_sort_group",
        "customers/by_name",
        "customers/new_from_lead",
        "customers/search_duplicates",
        "dial_logs/caller_id",
        "leads/31/take",
        "common_customers/common_settings",
        "user/list",
    ],
)
def test_a_route_of_the_upstream_that_is_not_here_yet_is_100404(world: World, path: str) -> None:
    refused(world.client("dora").get(f"/api/v2/{path}"), 100404)


def test_a_word_that_is_no_route_is_an_object_that_is_missing(world: World) -> None:
    refused(world.client("dora").get("/api/v2/leads/abc"), 100100)
