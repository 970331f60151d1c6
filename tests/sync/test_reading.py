"""Lists that change while they are read, and lists that lie."""

from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genjin.client.contract import RawPage
from genjin.sync import reading
from genjin.sync.reading import pages, read_whole
from genjin.sync.verifying import unlike

Json = Any
STEP = 3
ACTS = st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=4)
"""What happens before a page is read: something comes on top, or what stands there goes."""

FALLING = count(10**9, -1)


def page_of(items: list[int], number: int) -> RawPage:
    some = items[(number - 1) * STEP : number * STEP]
    return RawPage([{"id": id_} for id_ in some], len(items), STEP)


@given(st.integers(0, 25), st.lists(ACTS, max_size=12))
def test_what_is_in_a_list_all_the_time_is_read_whatever_comes_and_goes(
    length: int, acts: list[list[tuple[bool, int]]]
) -> None:
    items, fresh, coming = list(range(length, 0, -1)), count(1000), iter(acts)
    always = set(items)

    def read(number: int) -> RawPage:
        for comes, place in next(coming, ()):
            if comes:
                items.insert(0, next(fresh))
            elif place < len(items):
                always.discard(items.pop(place))
        return page_of(items, number)

    told = {item["id"] for _, page in pages(read) for item in page.items}
    assert told >= always


def test_a_list_is_whole_once_it_stays_as_it_is_and_never_when_it_does_not() -> None:
    items, asked = list(range(10)), count()

    def restless(number: int) -> RawPage:
        items.insert(0, 100 + next(asked))
        return page_of(items, number)

    walk = read_whole(restless)
    assert not walk.exact
    assert next(asked) < 100
    walk = read_whole(lambda number: page_of(items, number))
    assert (len(walk.items), walk.exact, walk.short) == (len(items), True, False)
    begun = list[int]()

    def lying(number: int) -> RawPage:
        begun.extend([number] if number == 1 else [])
        return page_of(items, number)._replace(total=len(items) + 5)

    lacking = read_whole(lying)
    assert (len(lacking.items), lacking.exact, lacking.short, lacking.lasting) == (len(items), False, True, True)
    assert len(begun) == 2, "a third time would show the same"


@pytest.mark.parametrize(
    "read",
    [
        lambda number: RawPage([{"id": 1}], 10**9, 1),
        lambda number: RawPage([], 10**9, 1),
        lambda number: RawPage([{"id": number}], 10**9, 1),
        lambda number: RawPage([{"id": number}], next(FALLING), 1),
    ],
)
def test_a_list_that_never_ends_is_given_up(read: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_PAGES", 50)
    assert len(list(pages(read))) <= 50  # type: ignore[arg-type]


def test_bodies_are_alike_up_to_where_files_lie_and_which_ids_were_free() -> None:
    theirs: Json = [{"id": 1, "user": {"id": 7, "avatar_url": "a"}, "text": "x"}, {"id": 2, "user": {"id": 7}}]
    ours: Json = [{"id": 51, "user": {"id": 9, "avatar_url": "b"}, "text": "x"}, {"id": 2, "user": {"id": 9}}]
    assert list(unlike(theirs, ours)) == []
    ours[1]["user"] = {"id": 8}
    assert list(unlike(theirs, ours)) == [("[1].user.id", 7, 8)]
    ours = [ours[0] | {"text": "y", "more": None}, theirs[1]]
    assert [path for path, *_ in unlike(theirs, ours)] == ["[0].text", "[1].user.id"]
    assert list(unlike(theirs, theirs[:1])) == [("", theirs, theirs[:1])]
