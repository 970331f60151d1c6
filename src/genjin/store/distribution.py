"""Citus: where its nodes keep each table, and whether a statement can be routed to one of them.

Tables of tenants are distributed by `organisation_id`, all co-located, so that all of an organisation lies on one node.
The rest lies whole on every node. What that means for who runs it is in docs/how-to/run-on-citus.md.
"""

import re

from sqlalchemy import text

from genjin.errors import Invalid
from genjin.store import row_security
from genjin.store.tables import INSTALLATION_TABLES, metadata
from genjin.store.transaction import Tx

COLUMN = "organisation_id"
TENANT_TABLES = frozenset(metadata.tables) - INSTALLATION_TABLES
REFERENCE_TABLES = frozenset(
    {"organisations"} | {name for name in INSTALLATION_TABLES if metadata.tables[name].info.get("only_on") != "sqlite"}
)
"""`organisations` is one of them, although it has the column: its `corp_id` is unique over all organisations, which
Citus promises of no distributed table. It is small, seldom written, and read beside a distributed table.
"""
DISTRIBUTED_TABLES = TENANT_TABLES - REFERENCE_TABLES
ANCHOR = "records"
"""The distributed table that all others are co-located with."""

_TOKEN = re.compile(r"'[^']*'|\w+|[(),.]")
_CLAUSES = frozenset("select from join on using where by set values returning into update limit having window".split())
_NAMING = frozenset("from join using into update".split())
"""The clauses that begin with the name of a table."""
_COLUMN_IS = re.compile(rf"\b{COLUMN}\s*=", re.IGNORECASE)
_INSERTED = re.compile(r"INSERT INTO \w+ \(([^)]*)\)", re.IGNORECASE)
_PLACES = """
    SELECT c.relname, p.partkey IS NULL AND p.repmodel = 't', column_to_column_name(p.logicalrelid, p.partkey),
           p.colocationid
    FROM pg_dist_partition p JOIN pg_class c ON c.oid = p.logicalrelid
    WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'organisations'::regclass)
"""
_HEARD = """
    SELECT DISTINCT query FROM pg_stat_statements
    WHERE toplevel AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    ORDER BY query
"""
_Place = tuple[bool, str | None, int]
"""Whether it is a reference table, the column that it is distributed by, and its group of co-located tables."""
_MANIPULATES = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)


def distribute(tx: Tx) -> list[str]:
    """Declare every table that Citus does not know yet, rows and all; the names of these.

    It is run by the owner of the tables, and again after an upgrade that brings tables. Raises Invalid without Citus,
    for somebody else, and where a table was declared otherwise.
    """
    places = _places(tx)
    row_security.owner_here(tx, "distribute them")
    if astray := _astray(places):
        raise Invalid({"tables": astray})
    tx.execute(text("SET LOCAL statement_timeout = 0"))  # rows that are there move to their nodes
    # One connection to a node: what one step made there is seen by the next, which needs it.
    tx.execute(text("SET LOCAL citus.multi_shard_modify_mode = 'sequential'"))
    # The policies of row level security, which go to the nodes with their tables, call it.
    tx.rows("SELECT create_distributed_function('genjin_organisation()')", ())
    new = [name for name in sorted(REFERENCE_TABLES) if name not in places]
    for name in new:
        tx.rows(f"SELECT create_reference_table('{name}')", ())
    for name in [ANCHOR, *sorted(DISTRIBUTED_TABLES - {ANCHOR})]:
        if name not in places:
            beside = "none" if name == ANCHOR else ANCHOR
            tx.rows(f"SELECT create_distributed_table('{name}', '{COLUMN}', colocate_with => '{beside}')", ())
            new.append(name)
    return new


def problems(tx: Tx) -> list[str]:
    """What is not as `distribute` declares it, and what keeps this role from using it. Raises Invalid without Citus."""
    places = _places(tx)
    missing = sorted((DISTRIBUTED_TABLES | REFERENCE_TABLES) - places.keys())
    found = [f"{name} lies on the coordinator alone: run `genjin db distribute`" for name in missing]
    found += _astray(places)
    if row_security.is_locked(tx):
        found.append("row level security holds this role, and Citus does not tell its nodes to which organisation")
    return found


def heard(tx: Tx) -> list[str] | None:
    """The statements on rows that pg_stat_statements has heard in this database; None where it is not there."""
    if tx.rows("SELECT to_regclass('pg_stat_statements')", ())[0][0] is None:
        return None
    return [query for (query,) in tx.rows(_HEARD, ()) if _MANIPULATES.match(query)]


def is_routed(sql: str) -> bool:
    """Whether Citus can send the statement to one node: it names the organisation, or tables that lie on every node."""
    return REFERENCE_TABLES.issuperset(tables_of_tenants(sql)) or names_organisation(sql)


def names_organisation(sql: str) -> bool:
    """Whether each table of tenants in a statement of ours is held to an organisation.

    It counts: as often as such a table is named, `organisation_id =` has to follow, or be inserted. It reads what this
    store writes, not all SQL.
    """
    named = len(tables_of_tenants(sql))
    inserted = _INSERTED.findall(sql) if named else []
    if any(COLUMN not in columns for columns in inserted):
        return False
    return len(_COLUMN_IS.findall(sql)) >= named - len(inserted)


def tables_of_tenants(sql: str) -> list[str]:
    """The tables of tenants that a statement names, each as often as it does."""
    named, clauses, last = [], [""], ""
    tokens = [token.lower() for token in _TOKEN.findall(sql)]
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        if token == "(":
            clauses.append("")
        elif token == ")" and len(clauses) > 1:
            clauses.pop()
        elif token in _CLAUSES:
            clauses[-1] = token
        elif token in TENANT_TABLES and following != "." and clauses[-1] in _NAMING and last in {clauses[-1], ","}:
            named.append(token)
        last = token
    return named


def is_on_citus(tx: Tx) -> bool:
    """Whether a database of PostgreSQL has the extension."""
    return bool(tx.rows("SELECT to_regclass('pg_dist_partition') IS NOT NULL", ())[0][0])


def _places(tx: Tx) -> dict[str, _Place]:
    """Where Citus keeps each of the tables that it was told of. Raises Invalid where there is no Citus."""
    if tx.engine != "postgresql":
        raise Invalid({"database": ["SQLite is one file on one machine: Citus distributes PostgreSQL"]})
    if not is_on_citus(tx):
        raise Invalid({"database": ["it has no extension citus: install Citus and run CREATE EXTENSION citus in it"]})
    return {name: (is_reference, column, group) for name, is_reference, column, group in tx.rows(_PLACES, ())}


def _astray(places: dict[str, _Place]) -> list[str]:
    """What is wrong with the tables that Citus was told of."""
    found = []
    for name, (is_reference, column, group) in sorted(places.items()):
        if name in REFERENCE_TABLES and not is_reference:
            found.append(f"{name} is no reference table")
        elif name in DISTRIBUTED_TABLES and column != COLUMN:
            found.append(f"{name} is not distributed by {COLUMN}")
        elif name in DISTRIBUTED_TABLES and ANCHOR in places and group != places[ANCHOR][2]:
            found.append(f"{name} is not co-located with {ANCHOR}")
    return found
