"""The test world on each engine, on PostgreSQL served by a role that row level security holds."""

from collections.abc import Iterator

import pytest

from tests.databases import ENGINES
from tests.world import Site, World, opened


@pytest.fixture(params=ENGINES)
def either(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "sqlite":
        site: Site = request.getfixturevalue("site")
    else:
        site = request.getfixturevalue("postgres_site").served_by(request.getfixturevalue("application_role"))
    with opened(site) as world:
        yield world
