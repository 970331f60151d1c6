"""Workbooks (.xlsx), as spreadsheets open them: a text in them is a text, and nothing is run."""

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import IO, Any


@contextmanager
def new_workbook(file: IO[bytes]) -> Iterator[Any]:
    """One that is written row by row, and is in the file when this ends. What it keeps elsewhere meanwhile goes then,
    whatever happens.
    """
    import xlsxwriter  # type: ignore[import-untyped]

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with TemporaryDirectory() as own, xlsxwriter.Workbook(file, {**options, "tmpdir": own}) as book:
        yield book
