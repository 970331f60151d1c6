"""Clients of the people whom most tests of the doors are about, and a lead of alice's."""

import httpx
import pytest

from tests.world import World, new_lead


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
