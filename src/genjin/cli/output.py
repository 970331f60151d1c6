"""What commands print: answers to stdout, the rest to stderr; tables for people, tab-separated lines for programs."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

import typer

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a terminal obeys, but for tabs and ends of lines."""
MOST_PROBLEMS = 100
"""So many of them are printed."""
_PHONE = re.compile(r"(\d{3})\d{4}(\d{4})$")


def fail(message: str) -> NoReturn:
    """Say in one place what is wrong, and end with exit code 1."""
    from genjin.logs import redact_text

    print(redact_text(harmless(message)), file=sys.stderr)
    raise typer.Exit(1)


def note(message: str) -> None:
    """Something to know beside the answer."""
    print(harmless(message), file=sys.stderr)


def note_problems(problems: Sequence[object]) -> None:
    """What is wrong, each in a line, and how many more there are."""
    for problem in problems[:MOST_PROBLEMS]:
        note(str(problem))
    if (more := len(problems) - MOST_PROBLEMS) > 0:
        note(f"and {more:,} more")


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table at a terminal; elsewhere a header and a line a row, separated by tabs."""
    texts = [["" if cell is None else harmless(str(cell)) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for line in [list(columns), *texts]:
            print("\t".join(" ".join(cell.split()) for cell in line))
        return
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    shown = Table(box=box.SIMPLE_HEAD)
    for place, column in enumerate(columns):
        shown.add_column(column, overflow="fold", no_wrap=place == 0)  # on a narrow terminal nothing is left out
    for row in texts:
        shown.add_row(*map(escape, row))
    Console().print(shown)


def harmless(text: str) -> str:
    """A text that may come from elsewhere, so that a terminal only shows it."""
    return _CONTROLS.sub("\ufffd", text)


def masked(phone: str) -> str:
    """`13400000001` -> `134****0001`; anything else keeps its last two characters."""
    if not phone:
        return ""
    shown, count = _PHONE.subn(r"\1****\2", phone)
    return shown if count else "****" + phone[-2:]


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr, moved on by calling what is yielded; nothing where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda count: bar.advance(task, count)


@contextmanager
def progress_of_several() -> Iterator[Callable[[str, int, int | None], None]]:
    """A progress bar on stderr for each label that what is yielded is called with, and how much of how much is done;
    nothing where stderr is no terminal.
    """
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress, TaskID

    bars = dict[str, TaskID]()

    def show(label: str, done: int, total: int | None) -> None:
        if label not in bars:
            bars[label] = bar.add_task(escape(label), total=total)
        bar.update(bars[label], completed=done, total=total)

    with Progress(console=Console(stderr=True), transient=True) as bar:
        yield show
