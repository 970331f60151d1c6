"""What somebody wants of the page for people."""

import pytest

from genjin.domain.preferences import Preferences
from genjin.errors import Invalid
from genjin.service.organisation.preferences import read_preferences, set_preferences
from tests.world import World


def test_everybody_has_their_own_and_nothing_else_of_them_changes(either: World) -> None:
    alice, bob = either.session("alice"), either.session("bob")
    assert read_preferences(either.installation, alice) == Preferences(None, None, "auto")
    for told in (Preferences("en", "Europe/Berlin", "dark"), Preferences("zh", None, "light"), Preferences()):
        set_preferences(either.installation, alice, told)
        assert read_preferences(either.installation, alice) == told
    set_preferences(either.installation, bob, Preferences("en"))
    assert read_preferences(either.installation, alice) == Preferences()


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "Asia/Shanghai\0", "A" * 5000, "中国"])
def test_all_that_is_wrong_is_told_by_field_and_nothing_is_kept(world: World, zone: str) -> None:
    alice = world.session("alice")
    with pytest.raises(Invalid) as refusal:
        set_preferences(world.installation, alice, Preferences("fr", zone, "blue"))  # type: ignore[arg-type]
    assert refusal.value.errors.keys() == {"language", "time_zone", "theme"}
    assert read_preferences(world.installation, alice) == Preferences()
