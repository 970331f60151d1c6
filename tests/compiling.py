"""The SQLite databases of one process of the tests share the statements that SQLAlchemy has compiled.

A server has one database and compiles each statement once; nearly every test has one of its own.
"""

from functools import wraps
from typing import Any

import sqlalchemy
from sqlalchemy import Engine

STATEMENTS = 2_000
"""So many are kept, at most; all that there are together are fewer."""


def share_compiled_statements() -> None:
    """From here on; what is compiled depends on nothing but the statement and the engine's name."""
    create, shared = sqlalchemy.create_engine, list[Engine]()

    @wraps(create)
    def create_sharing(url: Any, **options: Any) -> Engine:
        if not str(url).startswith("sqlite:///") or options.get("isolation_level") != "AUTOCOMMIT":
            return create(url, **options)
        engine = create(url, query_cache_size=STATEMENTS, **options)
        if shared:
            engine.dialect = engine.pool._dialect = shared[0].dialect
            engine._compiled_cache = shared[0]._compiled_cache
        else:
            shared.append(engine)
        return engine

    sqlalchemy.create_engine = create_sharing
