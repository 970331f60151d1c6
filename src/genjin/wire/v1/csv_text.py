"""Answers as CSV (RFC 4180), as spreadsheets open it: UTF-8 that says so, and nothing in it that is run."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO

from genjin.domain.json import JsonValue

_BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Some spreadsheets read the wide forms, too."""

BEGIN = b"\xef\xbb\xbf"
"""What says that a file is in UTF-8."""


def csv_text(rows: Sequence[Mapping[str, JsonValue]], columns: Sequence[str]) -> bytes:
    """A line of names and one for each row. An object in a row is a column for each of its keys: `person_name`. A
    column that has nothing in any row is left out, unless it is one of `columns`.
    """
    flat = [dict(_flattened("", row)) for row in rows]
    names = dict.fromkeys(name for row in flat for name in row)
    used = [name for name in names if name in columns or any(row.get(name) is not None for row in flat)]
    lines = [used or columns, *([row.get(name) for name in used] for row in flat)]
    return BEGIN + csv_lines(lines)


def csv_lines(rows: Iterable[Sequence[JsonValue]]) -> bytes:
    """Lines as they are; the first ones of a file stand behind BEGIN."""
    text = StringIO()
    csv.writer(text).writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _flattened(prefix: str, row: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    for key, value in row.items():
        name = prefix if key == "value" else f"{prefix}_{key}" if prefix else key
        if isinstance(value, Mapping):
            yield from _flattened(name, value)
        else:
            yield name, value


def _cell(value: JsonValue) -> str | int | float:
    """A text that a spreadsheet would take for a formula begins with an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(_BEGIN_FORMULAS) else text
