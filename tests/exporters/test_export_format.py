"""The page about the format says what the registry does."""

import re

import orjson
import pytest

from genjin.nouns.noun import Field, Known, Noun, Part, read, unknown_keys
from genjin.nouns.registry import NOT_TOLD, NOUNS
from tests.documents import ROOT, rows, section, tables
from tests.documents import read as read_page

PAGE = ROOT / "docs/reference/export-format.md"


def _row(noun: Noun | Part, field: Field) -> list[str]:
    column = noun.table.c[field.columns[0]]
    told = "" if column.nullable or field.optional else "always there"
    if field.missing is not None:
        told = f"`{orjson.dumps(field.missing).decode()}` without it"
    return [f"`{field.key}`", field.form.name, "only `--with-secrets`" if field.secret else told]


@pytest.mark.parametrize("noun", NOUNS.values(), ids=lambda noun: str(noun.name))
def test_each_noun_is_described_with_all_its_keys_and_an_example(noun: Noun) -> None:
    text = section(read_page(PAGE), noun.name)
    found = [body for _, *body in tables(text)]
    wanted = [
        [_row(noun, each) for each in noun.fields] + [[f"`{p.key}`", "list of objects", "below"] for p in noun.parts]
    ]
    assert found == wanted + [[_row(part, each) for each in part.fields] for part in noun.parts]
    [shown] = re.findall(r"^```json\n(.*)\n```", text, re.MULTILINE)
    line, known = orjson.loads(shown), Known()
    known.codes["erp.invoice_paid"] = 0
    assert line["noun"] == noun.name
    assert read(noun.fields, noun.table, line, "", known)
    assert not unknown_keys(noun, line)
    assert not known.passed_over


def test_nouns_are_in_the_order_of_their_lines() -> None:
    assert re.findall(r"^### (\w+)$", read_page(PAGE), re.MULTILINE) == list(NOUNS)


def test_what_is_not_told_is_listed_with_its_reason() -> None:
    told = rows(section(read_page(PAGE), "What is not in it"), "tables")
    assert {name: why for names, why in told for name in re.findall(r"`(\w+)`", names)} == NOT_TOLD
