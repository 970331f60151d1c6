"""The commands for daily use, against any server: write a follow-up, read a timeline, search, report.

At a terminal they print for people; elsewhere a line of JSON for each thing.
"""

import re
import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from genjin.cli.output import fail, note, table
from genjin.cli.profiles import ProfileName, connected

if TYPE_CHECKING:
    from genjin.client import Client
    from genjin.wire.v1.activity import Activity
    from genjin.wire.v1.refs import TypeName

_REF = re.compile(r"(leads|customers|contacts|opportunities|contracts)/([1-9][0-9]{0,9})")
RecordArgument = Annotated[
    str, typer.Argument(metavar="RECORD", help="`customers/123`, or what its name, pinyin or number begins with.")
]
ReportName = Literal[
    "calls",
    "follow-ups",
    "visits",
    "leads",
    "conversion",
    "first-response",
    "follow-up-rate",
    "silent",
    "statuses",
]
Most = Annotated[int, typer.Option("--limit", min=1, help="The most entries.")]


def log(
    record: RecordArgument,
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="What happened; read from the input where not given.")
    ] = "",
    remind_at: Annotated[str, typer.Option(help="When to come back: 2024-03-01T09:30+08:00.")] = "",
    profile: ProfileName = "",
) -> None:
    """Write a follow-up."""
    from genjin.client import api

    with connected(profile) as client:
        type_, id_ = _ref(client, record)
        text = text or _input()
        given: dict[str, Any] = {"kind": "follow_up.written", "subject": {"type": type_, "id": id_}, "text": text}
        if remind_at:
            given["remind_at"] = remind_at
        written = client.do(api.write_activity(given))
    if sys.stdout.isatty():
        print(f"Written on {written.subject.name}.")
    else:
        print(written.model_dump_json())


def timeline(
    record: RecordArgument,
    kind: Annotated[list[str] | None, typer.Option(help="A kind or group, such as `call`; may be repeated.")] = None,
    limit: Most = 50,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what happens, until Ctrl-C.")] = False,
    profile: ProfileName = "",
) -> None:
    """Print what happened to a record, the newest first; with --follow the newest last."""
    from genjin.client import api

    with connected(profile) as client:
        type_, id_ = _ref(client, record)
        asked = api.timeline_of(type_, id_, limit=min(limit, 200), kind=kind or [])
        begin = client.do(api.call("GET", "/api/v1/changes"))["cursor"] if follow else ""
        found = list(islice(client.each(asked), limit))
        told = set[int]()
        for item in reversed(found) if follow else found:
            told.add(item.id)
            _print(item)
        if not follow:
            return
        for change in client.live(begin):
            if change.op in ("created", "shown"):
                newest = [item for item in client.do(asked.first).items if item.id not in told]
                for item in reversed(newest):
                    told.add(item.id)
                    _print(item)


def search(
    q: Annotated[str, typer.Argument(metavar="TEXT", help="What is searched for.")],
    limit: Most = 20,
    profile: ProfileName = "",
) -> None:
    """Find records by their names, and entries and comments by what was written."""
    from genjin.client import api

    with connected(profile) as client:
        found = list(islice(client.each(api.search(q, limit=min(limit, 200))), limit))
    if not sys.stdout.isatty():
        for item in found:
            print(item.model_dump_json())
        return
    rows = []
    for item in found:
        subject = item.activity.subject if item.activity else item.record
        where = f"{subject.type}/{subject.id}" if subject else ""
        rows.append((where, subject.name if subject else "", _when(item.at), item.snippet.text))
    table(("record", "name", "at", "text"), rows)


def report(
    name: Annotated[ReportName, typer.Argument(metavar="NAME", help="calls, follow-ups, visits, leads, silent, ...")],
    by: Annotated[str, typer.Option(help="What the rows are, such as `person` or `day`.")] = "",
    period: Annotated[str, typer.Option(help="Such as `last_week`; this month when nothing is said.")] = "",
    profile: ProfileName = "",
) -> None:
    """Print a report, as far as one sees what it counts."""
    import orjson

    from genjin.client import api

    with connected(profile) as client:
        told = client.do(api.report(name, by=by or None, period=period or None))
    if not sys.stdout.isatty():
        print(orjson.dumps(told).decode())
        return
    figures = [key for key, value in told["total"].items() if isinstance(value, dict)] if told.get("total") else []
    rows = told["rows"] if figures else []
    figures = figures or [key for key, value in (told["rows"] or [{}])[0].items() if isinstance(value, dict)]
    rows = [(_row_name(row), *(_figure(row[key]) for key in figures)) for row in rows or told["rows"]]
    if told.get("total"):
        rows.append(("", *(_figure(told["total"][key]) for key in figures)))
    table((told.get("by") or "", *figures), rows)


def _input() -> str:
    """What was given to read. Ends the command where that is nothing, or no text."""
    try:
        text = sys.stdin.read().strip()
        text.encode()
    except UnicodeError:
        fail("The input is no text in UTF-8.")
    return text or fail("There is no text to write.")


def _ref(client: "Client", record: str) -> "tuple[TypeName, int]":
    """The record that is meant. Ends the command where there is none, or more than one."""
    from genjin.client import api

    if found := _REF.fullmatch(record):
        return found[1], int(found[2])  # type: ignore[return-value]
    meant = list(client.each(api.suggest(record)))
    named = [each for each in meant if each.name == record] or meant
    if not named:
        fail(f"There is no record that {record!r} could mean.")
    if len(named) > 1:
        for each in meant:
            note(f"{each.type}/{each.id}  {each.name}")
        fail(f"{record!r} may mean several records: say which.")
    return named[0].type, named[0].id


def _print(item: "Activity") -> None:
    if not sys.stdout.isatty():
        print(item.model_dump_json(), flush=True)
        return
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    console.print(f"[dim]{_when(item.at)}[/dim]  {escape(item.sentence)}")
    for line in _lines(item):
        console.print(f"                  {escape(line)}")


def _lines(item: "Activity") -> Iterator[str]:
    if item.text:
        yield from item.text.splitlines()
    for file in item.files:
        yield f"[{file.kind}] {file.name}"


def _when(at: str) -> str:
    return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M}"


def _row_name(row: Any) -> str:
    named = next((row[key] for key in ("person", "department", "source", "status") if row.get(key)), None)
    if named:
        return str(named.get("name") or named.get("label") or "")
    return str(row.get("from") or (row["hour"] if row.get("hour") is not None else ""))


def _figure(figure: Any) -> str:
    value = figure["value"] if isinstance(figure, dict) else figure
    return "" if value is None else str(value)
