"""COPY: the quickest way of many new rows into a table of PostgreSQL.

It refuses that to a role that row level security holds.
"""

from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, SmallInteger, String, Table, Text

from genjin.store.transaction import Row

_TYPES = {
    BigInteger: "int8",
    Boolean: "bool",
    Integer: "int4",
    LargeBinary: "bytea",
    SmallInteger: "int2",
    String: "text",
    Text: "text",
}
"""What the driver calls the types of our columns: in the binary form each value is sent in just that type."""


def copier(driver: "psycopg.Connection[Any]") -> Callable[[Table, tuple[str, ...], Sequence[Row]], None]:
    """What a `Tx` loads with."""

    def load(table: Table, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
        names = SQL(", ").join(map(Identifier, columns))
        sql = SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(Identifier(table.name), names)
        with driver.cursor().copy(sql) as copy:
            copy.set_types([_TYPES[type(table.c[name].type)] for name in columns])
            for row in rows:
                copy.write_row(row)

    return load
