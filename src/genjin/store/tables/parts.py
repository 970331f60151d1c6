"""What tables are made of."""

from typing import Any

from sqlalchemy import Column, Index, Integer, MetaData, Sequence, text
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    },
)

ID_SEQUENCE = Sequence("genjin_ids", metadata=metadata, minvalue=1, maxvalue=2_147_483_647)
"""The source of ids on PostgreSQL; on SQLite it is the table `id_counter`."""


def key(name: str, type_: type[TypeEngine[Any]] | TypeEngine[Any] = Integer) -> Column[Any]:
    """A column of the primary key."""
    return Column(name, type_, primary_key=True, autoincrement=False, nullable=False)


def where_set(name: str) -> Index:
    """An index of the rows in which this column is set; they are few."""
    return where(f"{name} IS NOT NULL", name)


def where(condition: str, *names: str, called: str | None = None) -> Index:
    """An index of the rows of which this is true. A query says the same words to use it. It has a name of its own where
    that of its columns would be too long.
    """
    return Index(called, "organisation_id", *names, sqlite_where=text(condition), postgresql_where=text(condition))
