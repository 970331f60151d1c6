"""A copy of a Genjin answers what the original answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acts import ACTS
from tests.importers.copying import ORDER, WATCHED, Copy, Upstream, differences, empty_copy
from tests.world import Json, World

MUST_DIFFER = {"role_json", "is_super_user", "file_url", "origin_url", "public_url", "mp3_file_url"}


@pytest.fixture
def copy(tmp_path: Path, sqlite_template: Path) -> Iterator[Copy]:
    with empty_copy(tmp_path, sqlite_template) as copy:
        yield copy


def test_a_copy_answers_what_the_original_answers(world: World, copy: Copy) -> None:
    for kind, act in ACTS.items():
        if kind.code:
            act(world)
    copy.world.clock.at = world.clock.at
    original = Upstream(world.client("dora"))
    outcome = copy.take(original)
    assert outcome.misfits == []
    other = Upstream(copy.client())
    found = differences(told_by(other), told_by(original))
    assert "\n".join(each for each in found if not MUST_DIFFER & set(each.split(":")[0].split("."))) == ""


def told_by(server: Upstream) -> Json:
    """All that it answers."""
    records = {type_.name: {each["id"]: each for each in server.records(type_)} for type_ in ORDER}
    timelines = {f"{type_.name} {id_}": server.timeline(type_, id_) for type_ in WATCHED for id_ in records[type_.name]}
    return {"departments": server.departments(), "users": server.users(), "records": records, "timelines": timelines}
