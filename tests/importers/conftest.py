"""Where captures are imported into."""

from pathlib import Path

import pytest

from tests.importers.captures import Capturing
from tests.world import World


@pytest.fixture
def capturing(world: World, tmp_path: Path) -> Capturing:
    """The test world, which captures are imported into."""
    return Capturing(world, tmp_path)
