"""The registry of nouns keeps up with the tables."""

import pytest
from sqlalchemy import BigInteger, Integer, SmallInteger

from genjin.nouns.noun import Noun, Part
from genjin.nouns.registry import NOT_TOLD, NOUNS
from genjin.store.tables import metadata


def _columns(noun: Noun | Part) -> list[str]:
    told = [name for each in noun.fields for name in each.columns]
    if isinstance(noun, Part):
        return [*told, *noun.by]
    return [*told, *noun.derived, *noun.left_out]


def test_every_table_is_told_or_it_is_said_why_not() -> None:
    told = [noun.table.name for noun in NOUNS.values()]
    told += [part.table.name for noun in NOUNS.values() for part in noun.parts]
    assert sorted([*told, *NOT_TOLD]) == sorted(metadata.tables)


@pytest.mark.parametrize("noun", [*NOUNS.values(), *(part for noun in NOUNS.values() for part in noun.parts)])
def test_every_column_is_told_or_it_is_said_why_not(noun: Noun | Part) -> None:
    wanted = sorted(column.name for column in noun.table.columns)
    assert sorted({*_columns(noun), "organisation_id"}) == wanted
    assert len(_columns(noun)) == len(set(_columns(noun)))


@pytest.mark.parametrize("noun", NOUNS.values(), ids=lambda noun: str(noun.name))
def test_lines_are_in_an_order_that_is_the_same_on_both_engines(noun: Noun) -> None:
    assert all(isinstance(noun.table.c[name].type, (Integer, BigInteger, SmallInteger)) for name in noun.order)
