"""The commands that deal with data as a whole: the schema, and bringing history in."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genjin.cli.opened import opened
from genjin.cli.output import MOST_PROBLEMS, fail, note, note_problems, progress, table
from genjin.errors import ImportRefused, RouteNotFound

if TYPE_CHECKING:
    from genjin.domain.records import Ref


def upgrade() -> None:
    """Bring the schema to what this program knows; a new database gets one."""
    from genjin.service import health

    with opened(ready=False) as installation:
        before = health.revision(installation)
        health.upgrade(installation)
        after = health.revision(installation)
    print(f"The schema is at revision {after}" + (" already." if before == after else f"; it was at {before}."))


def status() -> None:
    """Tell the schema's revision; exit code 1 when it is not the one that this program knows."""
    from genjin.service import health

    with opened() as installation:
        print(f"The schema is at revision {health.revision(installation)}, which is the newest that is known here.")


def grant(
    role: Annotated[str, typer.Argument(metavar="ROLE", help="A role of PostgreSQL that owns none of the tables.")],
) -> None:
    """Give a role just the rights that a server needs; run by the owner of the tables."""
    from genjin.service import health

    with opened() as installation:
        health.grant(installation, role)
    print(f"{role} may read and write what row level security shows it: the data of one organisation at a time.")
    note("Let the server connect as it: GENJIN_DATABASE_URL. The schema is upgraded as the owner of the tables.")


def distribute() -> None:
    """Let Citus keep each organisation on one of its nodes; run by the owner of the tables, as often as one likes."""
    from genjin.service import health

    with opened() as installation:
        names = health.distribute(installation)
    print(f"Distributed {', '.join(names)}." if names else "Every table was distributed already.")
    if names:
        note("Now run `genjin db check-distribution`.")


def check_distribution() -> None:
    """Check where Citus keeps each table, and that it can route each statement it has heard; exit code 1 if not."""
    from genjin.service import health

    with opened() as installation:
        found = health.check_distribution(installation)
    for problem in found.problems:
        print(problem)
    for statement in found.unrouted[:MOST_PROBLEMS]:
        print(f"cannot be routed: {' '.join(statement.split())}")
    if found.heard is None:
        note("No statement was looked at: the database has no extension pg_stat_statements.")
    if found.problems or found.unrouted:
        fail(f"{len(found.problems) + len(found.unrouted)} problem(s)")
    print("Every table lies where it belongs.")
    if found.heard is not None:
        print(f"Each of the {found.heard} statements that were heard names its organisation, or needs none.")


def capture(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="JSON, or JSON Lines: an answer a line.")],
    subject: Annotated[
        str, typer.Option(help="Whose timeline was captured, such as customers/123; only where a file cannot tell.")
    ] = "",
) -> None:
    """Import captured answers of the sales_activities endpoint: all of them, or nothing.

    Importing twice is importing once; what has changed since is updated.
    """
    from genjin.importers.capture import count_answers, import_captures
    from genjin.importers.importing import Summary

    whose = _ref(subject) if subject else None
    with opened() as installation:
        try:
            with progress("Reading, then importing", 2 * count_answers(files)) as advance:
                summary: Summary = import_captures(installation, files, whose, advance)
        except ImportRefused as refused:
            note_problems(refused.problems)
            fail("Nothing was imported.")
    nouns = ["answers", *sorted((summary.read | summary.new | summary.changed).keys() - {"answers"})]
    rows = [(noun, summary.read[noun], summary.new[noun], summary.changed[noun]) for noun in nouns]
    table(("", "read", "new", "changed"), rows)
    if summary.unknown_keys:
        names = ", ".join(f"{key} ({count})" for key, count in sorted(summary.unknown_keys.items()))
        note(f"Keys that the contract does not know, kept but not served: {names}")


def _ref(text: str) -> "Ref":
    from genjin.domain.records import Ref
    from genjin.wire.modules import type_in_path
    from genjin.wire.scalars import id_or_none

    path, _, number = text.partition("/")
    try:
        type_, id_ = type_in_path(path), id_or_none(number)
    except RouteNotFound:
        type_, id_ = None, None
    if type_ is None or id_ is None:
        fail(f"--subject {text}: write it as leads/123 or customers/123")
    return Ref(type_, id_)
