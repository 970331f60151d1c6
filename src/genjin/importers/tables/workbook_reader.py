"""Reads a workbook, as a program of its own: `python -m genjin.importers.tables.workbook_reader FILE`.

Workbooks come from strangers, and a small one can ask for any number of cells, or for one long text in each of them.
What wants all memory or all time takes this process with it and no other. Told are pickles: the names of the sheets;
then, of the sheet whose name stands on standard input or else of the first, some rows at a time, and an empty list in
the end; or instead of any of them a text, why it cannot be read.
"""

import pickle
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from genjin.importers.tables.sheets import BROKEN, MAX_CELL, MAX_COLUMNS, MAX_LINE, TOO_LARGE, Cell, too_wide

MOST_MEMORY = 3 * 1024 * 1024 * 1024
"""Bytes of address space, libraries included."""
MOST_SECONDS = 300
"""Of the processor's time."""
_ROWS, _CHARACTERS = 500, 1_000_000
"""So much is told at a time, and a row more."""


def main() -> None:
    """Tell what is in a workbook."""
    _limit()
    try:
        for told in _told(sys.argv[1], sys.stdin.buffer.read().decode(errors="replace")):
            pickle.dump(told, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
            sys.stdout.buffer.flush()
    except (MemoryError, BrokenPipeError, KeyboardInterrupt):
        sys.exit(1)
    except BaseException as error:  # a panic in Rust is none of Exception
        pickle.dump(f"{BROKEN}: {error}", sys.stdout.buffer)


def _told(path: str, name: str) -> Iterator[Any]:
    from python_calamine import CalamineWorkbook

    with Path(path).open("rb") as file:  # told what it is by what is in it: a name may say anything
        book = CalamineWorkbook.from_filelike(file)
        yield list(book.sheet_names)
        some, characters = list[Sequence[Cell]](), 0
        for row in book.get_sheet_by_name(name or book.sheet_names[0]).iter_rows():
            cells = [cell[: MAX_CELL + 1] if isinstance(cell, str) else cell for cell in row]
            told = sum(len(cell) for cell in cells if isinstance(cell, str))
            if len(cells) > MAX_COLUMNS or told > MAX_LINE:
                yield too_wide(len(cells)) if len(cells) > MAX_COLUMNS else TOO_LARGE
                return
            some.append(cells)
            characters += told
            if len(some) >= _ROWS or characters > _CHARACTERS:
                yield some
                some, characters = [], 0
        if some:
            yield some
        yield []


def _limit() -> None:
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    try:
        import resource
    except ImportError:
        return  # Windows has no such limits
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
