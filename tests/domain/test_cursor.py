"""Cursors: what was sealed comes back, and nothing else."""

from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genjin.domain.cursor import seal, unseal
from genjin.errors import BadCursor

SECRET, OTHER = b"s" * 32, b"t" * 32
POSITIONS = st.lists(st.none() | st.integers() | st.text(), max_size=4)


@given(st.text(), POSITIONS)
def test_a_position_comes_back_as_it_was(bound: str, position: list[int | str | None]) -> None:
    cursor = seal(SECRET, bound, position)
    assert unseal(SECRET, bound, cursor) == position
    assert cursor.isascii()
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


@given(st.text())
def test_what_was_not_sealed_here_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        unseal(SECRET, "list", cursor)


def test_another_list_another_secret_and_another_position_are_refused() -> None:
    cursor = seal(SECRET, "list", [1, "a"])
    told, _, signature = cursor.partition(".")
    further = urlsafe_b64encode(b'[2,"a"]').decode().rstrip("=")
    for secret, bound, tried in (
        (OTHER, "list", cursor),
        (SECRET, "lists", cursor),
        (SECRET, "list", f"{further}.{signature}"),
        (SECRET, "list", f"{told}.{signature[::-1]}"),
        (SECRET, "list", told),
        (SECRET, "list", cursor + "=="),
        (SECRET, "list", "页" + cursor),
    ):
        with pytest.raises(BadCursor):
            unseal(secret, bound, tried)
