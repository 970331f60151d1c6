"""What SQLite's planner is told of the tables: as of a large installation, whatever is in them.

Where it is told nothing, it takes all that an organisation has for ten rows, and goes through them where it had better
look one up. To count would take long and be wrong soon, and a plan would change by itself; so the rows of
`sqlite_stat1` are made from the columns of the indexes. PostgreSQL counts by itself.
"""

from itertools import groupby

from genjin.store.transaction import Tx

ROWS, FEW_ROWS, IN_PART = 1_000_000, 1_000, 20
"""Rows of a table, and of one of the SMALL; an index of some of them has one in so many."""
UNCOUNTED = 1_000
"""A table is told to be so many times larger: then nothing is worth going through all of it first, as SQLite does for a
Bloom filter where it guesses that many rows are looked up.
"""
SMALL = frozenset(
    {
        "custom_fields",
        "custom_kinds",
        "departments",
        "id_counter",
        "imports",
        "options",
        "organisations",
        "pools",
        "preferences",
        "roles",
        "schedule",
        "secrets",
        "syncs",
        "tally_audiences",
        "tally_states",
        "tokens",
        "unserved_calls",
        "users",
        "webhooks",
    }
)
DIFFERENT = {
    "organisation_id": 10,
    **dict.fromkeys(("type", "record_type", "subject_type", "target_type", "attached_type", "source", "kind"), 5),
    **dict.fromkeys(("user_id", "owner_id", "actor_id", "author_id", "caller_id", "department_id", "pool_id"), 100),
    **dict.fromkeys(("subject_id", "target_id", "record_id", "attached_id", "customer_id"), 2_000),
}
"""How many values a column has among the rows that are equal in those before it."""
MANY_DIFFERENT = 50_000
"""The same of all others."""
_INDEXES = (
    'SELECT t.name, i.name, i."unique", i.partial, c.name FROM sqlite_schema t'
    " JOIN pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c"
    " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.sql NOT LIKE 'CREATE VIRTUAL%'"
    " AND t.name NOT LIKE 'search_index_%' ORDER BY t.name, i.name, c.seqno"
)


def renew(tx: Tx) -> None:
    """Tell the planner, where it was not told just that. Connections that are open already go by what they knew."""
    if tx.engine != "sqlite":
        return
    wanted = sorted(_rows(tx))
    there = tx.rows("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'", ())
    if there and tx.rows("SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY tbl, idx", ()) == wanted:
        return
    tx.rows("ANALYZE id_counter", ())  # which makes the table, and looks at one row for it
    tx.rows("DELETE FROM sqlite_stat1", ())
    tx.each("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", wanted)
    tx.rows("ANALYZE sqlite_schema", ())


def _rows(tx: Tx) -> list[tuple[str, str, str]]:
    """A row for each index; the key of a table without rowids is called as the table."""
    found = []
    for (table, index, unique, partial), columns in groupby(tx.rows(_INDEXES, ()), key=lambda row: row[:4]):
        rows = (FEW_ROWS if table in SMALL else ROWS) // (IN_PART if partial else 1)
        names = [row[4] for row in columns]
        name = table if index == f"sqlite_autoindex_{table}_1" and _has_no_rowid(tx, table) else index
        found.append((table, name, _stat(rows, names, bool(unique))))
    return found


def _stat(rows: int, names: list[str], unique: bool) -> str:
    """How many rows there are, and how many are equal in the first column, in the first two, and so on. No column is to
    be skipped: that goes through all organisations, of which there may be many.
    """
    told, equal = [rows * UNCOUNTED], rows
    for name in names:
        equal = max(equal // DIFFERENT.get(name, MANY_DIFFERENT), 1 if unique else 2)
        told.append(equal)
    if unique:
        told[-1] = 1
    return " ".join([*map(str, told), "noskipscan"])


def _has_no_rowid(tx: Tx, table: str) -> bool:
    [(without,)] = tx.rows("SELECT wr FROM pragma_table_list(?)", (table,))
    return bool(without)
