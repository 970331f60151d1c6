"""Clients of the people whom most tests of the doors are about, and a lead of alice's; a checker of all statements."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.databases import ENGINES
from tests.hearing import every_statement_is_routed
from tests.world import Site, World, new_lead, opened


@pytest.fixture(autouse=True)
def routed(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, world_template: tuple[Path, Site]
) -> Iterator[None]:
    """It listens once the templates of databases are there: migrations go through all organisations."""
    if any(name.startswith("postgres_") for name in request.fixturenames):
        request.getfixturevalue("postgres_template")
    with every_statement_is_routed(request, monkeypatch):
        yield


@pytest.fixture(params=ENGINES)
def either(request: pytest.FixtureRequest, postgres_template: str) -> Iterator[World]:
    """The test world on each engine."""
    site: Site = request.getfixturevalue("site" if request.param == "sqlite" else "postgres_site")
    with opened(site) as world:
        yield world


@pytest.fixture
def alice(world: World) -> httpx.Client:
    """Who owns."""
    return world.client("alice")


@pytest.fixture
def bob(world: World) -> httpx.Client:
    """Who manages her."""
    return world.client("bob")


@pytest.fixture
def stranger(world: World) -> httpx.Client:
    """Somebody without a token."""
    return world.client()


@pytest.fixture
def id_(alice: httpx.Client) -> int:
    """A lead of alice's."""
    return new_lead(alice)
