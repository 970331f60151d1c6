"""django-activity-stream, its data: the very history that Genjin holds, in tables that Django made."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from bench import postgres
from bench.servers import ROOT, Failed
from bench.world import World
from genjin.domain.activity import Draft
from genjin.domain.records import RecordType

NEEDED = ("django", "actstream", "gunicorn")
ACTION = (
    "verb description timestamp public actor_content_type_id actor_object_id target_content_type_id target_object_id"
).split()
NAMES = {RecordType.LEAD: "Lead", RecordType.CUSTOMER: "Customer"}


def missing() -> str:
    """Why it cannot be measured; empty when it can."""
    wanting = [name for name in NEEDED if find_spec(name) is None]
    return f"no {', '.join(wanting)} here, see the group bench of pyproject.toml" if wanting else ""


def settings_of(url: str) -> dict[str, str]:
    """What Django is told by the environment."""
    return {
        "DJANGO_SETTINGS_MODULE": "bench.activity_stream.settings",
        "BENCH_DATABASE": url,
        "BENCH_SECRET": "signs nothing that leaves this machine",
    }


def fill(server_url: str, world: World, drafts: Iterable[Draft]) -> str:
    """Make a database of its own on this PostgreSQL, and fill it; its URL."""
    url = postgres.another(server_url, "activity_stream")
    _migrate(url)
    with psycopg.connect(url) as connection:
        sellers = ((each.id, each.name) for each in world.users)
        _copy(connection, "team_seller", ["id", "name"], sellers)
        records = ((each.ref.id, NAMES[each.type], each.name) for each in world.records)
        _copy(connection, "team_record", ["id", "kind", "name"], records)
        types = connection.execute("SELECT model, id FROM django_content_type WHERE app_label = 'team'")
        _copy(connection, "actstream_action", ACTION, _actions(drafts, dict(types.fetchall())))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return url


def _migrate(url: str) -> None:
    command = [sys.executable, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **settings_of(url)}, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"django migrate: {done.stderr[-2000:]}")


def _actions(drafts: Iterable[Draft], types: dict[str, int]) -> Iterator[tuple[object, ...]]:
    for draft in drafts:
        yield (
            draft.kind.event,
            draft.text or "",
            datetime.fromtimestamp(draft.at, UTC),
            True,
            types["seller"],
            str(draft.actor_id),
            types["record"],
            str(draft.target.id),
        )


def _copy(
    connection: psycopg.Connection[Any], table: str, columns: list[str], rows: Iterable[tuple[object, ...]]
) -> None:
    names = SQL(", ").join(map(Identifier, columns))
    statement: Composed = SQL("COPY {} ({}) FROM STDIN").format(Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
