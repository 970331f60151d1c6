"""Two processes' views of one database of either engine, with two organisations in it."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from genjin.domain.clock import FixedClock
from genjin.domain.people import Organisation
from genjin.service.context import Installation, open_installation
from genjin.settings import Settings
from genjin.store import people
from tests.jobs.stamping import put_leads

NOW = 1_718_000_000


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def installation(database_url: str, clock: FixedClock) -> Iterator[Installation]:
    """Twelve leads in each of the organisations 1 and 2."""
    installation = open_installation(Settings(database_url=database_url), clock)
    with closing(installation.database):
        for id_ in (1, 2):
            found = Organisation(id_, f"企业{id_}", f"org{id_}")
            installation.database.write(lambda tx, each=found: people.put_organisation(tx, each), id_)
            put_leads(installation, id_, 12)
        yield installation


@pytest.fixture
def other(installation: Installation, database_url: str, clock: FixedClock) -> Iterator[Installation]:
    """Another process."""
    other = open_installation(Settings(database_url=database_url), clock)
    with closing(other.database):
        yield other
