"""Fills a column that was added, for all rows that are there already: docs/how-to/add-a-column.md."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from genjin.domain.json import JsonValue
from genjin.service.queue.batches import Batch, Context, Task
from genjin.store import filling
from genjin.store.transaction import Row, Tx

Values = Callable[[Tx, int, Sequence[Row]], Sequence[Mapping[str, object]]]
"""Of an organisation's rows, what is set of each: the same columns of all."""


def fill_task(name: str, about: str, table: str, reads: Sequence[str], values: Values, **dials: Any) -> Task:
    """A task that goes once through all rows of a table. `values` is given their keys and the columns that it `reads`.

    It may meet rows that were written since the column is there: it has to set what they would have.
    """

    def step(tx: Tx, context: Context, cursor: Any, limit: int) -> Batch:
        rows = filling.next_rows(tx, context.organisation_id, table, reads, cursor, limit)
        new = values(tx, context.organisation_id, rows)
        filling.set_columns(tx, context.organisation_id, table, rows, new)
        more = len(rows) == limit
        last: JsonValue = list(rows[-1][: len(filling.key_of(table))]) if rows else cursor
        return Batch(last, len(rows), more)

    def total(tx: Tx, context: Context) -> int:
        return filling.count_rows(tx, context.organisation_id, table)

    return Task(name, about, "rows", step, total, **dials)
