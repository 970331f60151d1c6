"""Reads the rows of a table in a process of its own, while they are written in this one."""

import gc
import multiprocessing
import pickle
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from multiprocessing.connection import Connection
from typing import NamedTuple

from genjin.errors import Invalid
from genjin.importers.tables.reading import Read, RowReader
from genjin.importers.tables.sheets import TableFile, rows_of

AHEAD = 2
"""So many batches wait at most."""


class Batch(NamedTuple):
    """Rows that were read. `is_last` is whether there are no more."""

    rows: list[Read]
    is_last: bool


class Broken(NamedTuple):
    """Why a file cannot be read on, as `Invalid` has it."""

    errors: Mapping[str, Sequence[str]]


@contextmanager
def batches_of(reader: RowReader, file: TableFile, after: int, size: int) -> Iterator[Iterator[Batch]]:
    """The rows behind the one of this number, in batches of a size. Whoever stops early ends the process.

    Raises Invalid for a file that cannot be read on.
    """
    if file.is_small:
        yield _batches(reader, file, after, size)
        return
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_read, args=(there, reader, file, after, size), daemon=True)
    process.start()
    there.close()
    try:
        yield _received(here)
    finally:
        here.close()
        process.terminate()
        process.join()


def _received(here: Connection) -> Iterator[Batch]:
    for _ in range(AHEAD):
        here.send(None)
    while True:
        try:
            batch = pickle.loads(here.recv_bytes())
        except EOFError as error:
            raise RuntimeError("the process that reads the file has ended") from error
        if isinstance(batch, Broken):
            raise Invalid(batch.errors)
        yield batch
        if batch.is_last:
            return
        here.send(None)


def _read(there: Connection, reader: RowReader, file: TableFile, after: int, size: int) -> None:
    """Reads on whenever it is asked to, until nobody listens any more."""
    gc.disable()  # rows are many objects, none of which leads back to itself
    batches = _batches(reader, file, after, size)
    with suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            there.recv()
            try:
                batch: Batch | Broken | None = next(batches, None)
            except Invalid as error:
                batch = Broken(error.errors)
            if batch is not None:
                there.send_bytes(pickle.dumps(batch, pickle.HIGHEST_PROTOCOL))


def _batches(reader: RowReader, file: TableFile, after: int, size: int) -> Iterator[Batch]:
    rows = rows_of(file, reader.asked.sheet, after)
    is_last = False
    while not is_last:
        some = [reader.read(*each) for each in islice(rows, size)]
        is_last = len(some) < size
        yield Batch(some, is_last)
