"""Goes through the rows of any table of an organisation, some at a time, and sets columns of them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import BindParameter, bindparam, func, select, tuple_, update

from genjin.store.tables import metadata
from genjin.store.transaction import Row, Tx

ORGANISATION = "organisation_id"


def next_rows(
    tx: Tx, organisation_id: int, table: str, columns: Sequence[str], after: Sequence[object] | None, limit: int
) -> list[Row]:
    """Rows behind this key, in the order of the key, locked until the transaction ends: the key without the
    organisation, then these columns.
    """
    c = metadata.tables[table].c
    key = [c[name] for name in key_of(table)]
    wanted = select(*key, *(c[name] for name in columns)).where(c[ORGANISATION] == organisation_id)
    if after is not None:
        wanted = wanted.where(tuple_(*key) > tuple_(*after))
    found = tx.execute(wanted.order_by(*key).limit(limit).with_for_update())
    return [tuple(row) for row in found]


def set_columns(
    tx: Tx, organisation_id: int, table: str, rows: Sequence[Row], values: Sequence[Mapping[str, object]]
) -> None:
    """Set the same columns of each of these rows, which begin with their keys, to its values."""
    if not rows:
        return
    key, c = key_of(table), metadata.tables[table].c
    its = [c[name] == bindparam(f"its_{name}") for name in key]
    told: dict[str, BindParameter[object]] = {name: bindparam(f"new_{name}") for name in values[0]}
    parameters = [
        {f"its_{name}": part for name, part in zip(key, row, strict=False)}
        | {f"new_{name}": value for name, value in new.items()}
        for row, new in zip(rows, values, strict=True)
    ]
    changed = update(metadata.tables[table]).where(c[ORGANISATION] == organisation_id, *its)
    tx.execute(changed.values(**told), parameters)


def count_rows(tx: Tx, organisation_id: int, table: str) -> int:
    """How many rows there are to go through."""
    counted = select(func.count()).where(metadata.tables[table].c[ORGANISATION] == organisation_id)
    return int(tx.execute(counted).scalar_one())


def key_of(table: str) -> list[str]:
    """The columns of its primary key, without the organisation."""
    return [column.name for column in metadata.tables[table].primary_key if column.name != ORGANISATION]
