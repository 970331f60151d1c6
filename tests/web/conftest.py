"""A server for the tests of each file, its browser, and pages of it that are minded."""

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from playwright.sync_api import Browser

from genjin.web.cookies import COOKIE
from tests.databases import new_sqlite
from tests.web.browsing import Surfer, chromium, served
from tests.world import Site, World, opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each file, so that no event loop of Playwright's is left to the next one."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, world_template: tuple[object, Site]) -> Iterator[World]:
    """The test world on SQLite, shared by the tests of a file: each makes records of its own."""
    path, site = world_template
    url = new_sqlite(tmp_path_factory.mktemp("town") / "genjin.db", path)  # type: ignore[arg-type]
    with opened(site.at(url)) as world:
        yield world


@pytest.fixture(scope="module")
def address(town: World) -> Iterator[str]:
    """Where its server is."""
    with served(town) as url:
        yield url


@pytest.fixture
def visitors(town: World, address: str) -> Iterator[dict[str, httpx.Client]]:
    """For each person a client that is signed in as they are in a browser."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(httpx.Client(base_url=address, cookies={COOKIE: token}))
            for name, token in town.site.tokens.items()
        }


@pytest.fixture
def surfer(browser: Browser, address: str, town: World) -> Iterator[Surfer]:
    """Opens pages; whatever went wrong on them fails the test."""
    surfer = Surfer(browser, address, town)
    yield surfer
    surfer.close()
