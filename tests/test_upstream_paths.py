"""Every path of the upstream that we know of is in one table of docs/reference/contract.md: served, or with why not."""

import re

import pytest

from genjin.api.routes import OURS, TIMELINE, UPSTREAM
from tests.documents import ROOT, read, rows, section
from tests.world import World, new_lead, refused

TABLE = rows(section(read(ROOT / "docs/reference/contract.md"), "All paths"), "methods")
NOT_SERVED = "not served: "
SERVED = [row for row in TABLE if not row[2].startswith(NOT_SERVED)]
UNSERVED = [(method, row[1].strip("`")) for row in TABLE if row[2].startswith(NOT_SERVED) for method in row[0].split()]
ROUTES = (TIMELINE, *UPSTREAM, *OURS)


def test_every_path_that_is_said_to_be_served_is_routed_and_every_route_is_listed() -> None:
    listed = [(row[0], row[1], row[2]) for row in SERVED]
    assert listed == [(" ".join(route.methods), f"`{route.path}`", route.name) for route in ROUTES]


def test_every_path_is_known_from_somewhere() -> None:
    assert {row[3] for row in TABLE} == {"page", "clients", "ours"}
    assert {row[3] for row in SERVED[-len(OURS) :]} == {"ours"}
    assert [
        row for row in TABLE if row[2] == NOT_SERVED.strip() or (row[2].startswith(NOT_SERVED) and row[3] == "ours")
    ] == []


def test_no_path_is_listed_twice() -> None:
    told = [(method, row[1]) for row in TABLE for method in row[0].split()]
    assert len(set(told)) == len(told)


@pytest.mark.parametrize(("method", "path"), UNSERVED)
def test_what_is_said_not_to_be_served_answers_that_there_is_no_such_route(
    world: World, method: str, path: str
) -> None:
    """With ids that there are, and the token of somebody who sees everything."""
    id_ = str(new_lead(world.client("alice")))
    url = re.sub(r"\{\w*id\}", id_, path).replace("{path}", "anything")
    refused(world.client("dora").request(method, url), 100404)
