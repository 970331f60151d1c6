"""Pages through the door, with ties, while entries come in and go: each page is what the whole list says it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genjin.domain.activity import Draft
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.service import activities as birthplace
from genjin.store import activities
from genjin.store.transaction import Tx
from tests.databases import new_sqlite
from tests.world import ALICE, NOW, ORGANISATION, Site, World, activities_of, lead, new_lead, opened, timeline_of

moments = st.integers(-5, 5).map(lambda n: NOW + n * 43_200)
"""Few, so that there are ties; on both sides of the record's creation."""
changes = st.lists(
    st.tuples(st.sampled_from(["nothing", "add", "add", "take back"]), moments, st.integers(0, 99)), max_size=30
)


@pytest.fixture(scope="module")
def shared(world_template: tuple[Path, Site], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One database for all examples; each has a lead of its own."""
    template, settled = world_template
    with opened(settled.at(new_sqlite(tmp_path_factory.mktemp("paging") / "world.db", template))) as world:
        yield world


@given(first=st.lists(moments, max_size=25), size=st.integers(1, 9), meanwhile=changes)
@settings(max_examples=25)
def test_every_page_is_a_part_of_the_list_as_it_is_when_it_is_asked_for(
    first: list[int], size: int, meanwhile: list[tuple[str, int, int]], shared: World
) -> None:
    alice = shared.client("alice")
    id_ = new_lead(alice)
    created = activities_of(timeline_of(alice, id_))[0]["id"]
    entries = [(NOW, created), *_add(shared, id_, first)]
    number = 1
    for act, moment, which in [*meanwhile, *[("nothing", 0, 0)] * 30]:
        page = timeline_of(alice, id_, per_page=size, page=number)
        newest_first = sorted(entries, reverse=True)
        expected = newest_first[(number - 1) * size : number * size]
        assert [entry["id"] for entry in activities_of(page)] == [entry_id for _, entry_id in expected]
        assert page["total_count"] == len(entries)
        days = [group["date"] for group in page["sales_activities"]]
        assert days == sorted(set(days), reverse=True)
        if not expected:
            break
        number += 1
        if act == "add":
            entries += _add(shared, id_, [moment])
        elif act == "take back":
            _take_back(shared, entries.pop(which % len(entries))[1])


@given(first=st.lists(moments, max_size=40), size=st.integers(1, 50))
@settings(max_examples=25)
def test_pages_put_together_are_the_whole_list(first: list[int], size: int, shared: World) -> None:
    alice = shared.client("alice")
    id_ = new_lead(alice)
    _add(shared, id_, first)
    whole = activities_of(timeline_of(alice, id_, per_page=200))
    assert len(whole) == len(first) + 1
    joined = []
    for number in range(1, -(-len(whole) // size) + 1):
        joined += activities_of(timeline_of(alice, id_, per_page=size, page=number))
    assert joined == whole


def test_what_comes_in_between_two_pages_repeats_and_never_hides_what_was_there(shared: World) -> None:
    alice = shared.client("alice")
    id_ = new_lead(alice)
    before = _add(shared, id_, [NOW + n for n in range(1, 30)])
    seen: list[int] = []
    for number in range(1, 12):
        seen += [entry["id"] for entry in activities_of(timeline_of(alice, id_, per_page=5, page=number))]
        _add(shared, id_, [NOW + 1000 + number])
    assert {entry_id for _, entry_id in before} <= set(seen)
    kept = list(dict.fromkeys(entry_id for entry_id in seen if entry_id in {entry_id for _, entry_id in before}))
    assert kept == [entry_id for _, entry_id in sorted(before, reverse=True)]


def _add(world: World, id_: int, moments: list[int]) -> list[tuple[int, int]]:
    drafts = [Draft(FOLLOW_UP_WRITTEN, ALICE.id, lead(id_), moment, NOW, object_id=900_000) for moment in moments]
    return [(facts.at, facts.id) for facts in world.record(*drafts)]


def _take_back(world: World, activity_id: int) -> None:
    def use(tx: Tx) -> None:
        facts = activities.find(tx, ORGANISATION.id, activity_id)
        assert facts is not None
        birthplace.take_back(tx, ORGANISATION.id, facts, NOW)

    world.database.write(use)
