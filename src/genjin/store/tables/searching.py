"""What texts are found by."""

from sqlalchemy import BigInteger, Boolean, Column, Connection, SmallInteger, Table, Text, event

from genjin.store.tables.parts import key, metadata

SEARCHED_BY = (
    "array_to_tsvector(string_to_array(ltrim(replace(terms, ' ', ' ' || organisation_id::text || 'x' || source::text ||"
    " 'x')) || ' ' || organisation_id::text || 'x' || source::text || 'x~' || (at >> 22)::text, ' '))"
)
SEARCH_INDEX = {
    "sqlite": "CREATE VIRTUAL TABLE search_index"
    " USING fts5(terms, content='', columnsize=0, detail='none', tokenize='ascii')",
    "postgresql": f"CREATE INDEX search_index ON search_texts USING gin ({SEARCHED_BY})"
    " WITH (gin_pending_list_limit = 512)",
}
"""What texts are found by, on each engine: each term behind its organisation and source, on PostgreSQL also the stretch
of time that the text lies in (see store/search_hits.py).
"""


def _texts(name: str, terms: Column[str]) -> Table:
    return Table(
        name,
        metadata,
        key("organisation_id"),
        key("source", SmallInteger),
        key("at", BigInteger),
        key("id"),
        key("type", SmallInteger),
        Column("numbers", Boolean, nullable=False),
        terms,
        sqlite_with_rowid=False,
    )


search_texts = _texts("search_texts", Column("terms", Text, nullable=False))
"""What is searched: the terms of a text (see domain/search.py), and whether a telephone number is in it. `source` says
what it is of (see store/search_texts.py), `type` of which type where that is a record, else 0.
"""


@event.listens_for(search_texts, "after_create")
def _make_search_index(_table: Table, connection: Connection, **_: object) -> None:
    connection.exec_driver_sql(SEARCH_INDEX[connection.dialect.name])


search_backlog = _texts("search_backlog", Column("terms", Text))
"""The same, of texts that no index knows yet; a job moves them over. Without terms it is only told that there is a text
to look at.
"""
