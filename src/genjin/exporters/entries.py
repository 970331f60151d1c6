"""The entries that a filter asks for as a file, as far as somebody sees them: what they may not see is in none."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from threading import BoundedSemaphore
from typing import IO, Any, NamedTuple

import orjson

from genjin.domain.activity import Facts
from genjin.domain.activity_view import ActivityViews
from genjin.domain.feed import FeedFilter
from genjin.domain.json import JsonValue
from genjin.domain.kinds import FOREIGN
from genjin.errors import Overloaded
from genjin.exporters.sheets import Column, Format, Value, check_parquet, pieces, written
from genjin.service.context import Installation, Session
from genjin.service.feed.walking import FeedWalk
from genjin.service.records.exporting import exporting_alone, note_export
from genjin.wire.v1.activity import ActivityForm, Language, activity_to_wire

_ROOM = BoundedSemaphore(4)
"""So many exports a process makes at a time: each has one of its threads for as long as it takes."""
NAME = "activities"
"""What is taken out, in the audit log and in the names of files."""
MOST_ASKED = 1_000
"""Characters of what was asked for that the audit log keeps."""
COLUMNS = (
    Column("id", "integer", width=11),
    Column("at", "moment", width=19),
    Column("kind", "text", width=20),
    Column("group", "text", width=8),
    Column("actor_id", "integer", width=11),
    Column("actor", "text", width=12),
    Column("department", "text", width=14),
    Column("record_type", "text", width=12),
    Column("record_id", "integer", width=11),
    Column("record", "text", width=28),
    Column("sentence", "text", width=40),
    Column("text", "text", width=60),
    Column("category", "text", width=12),
    Column("said_at", "moment", width=19),
    Column("recorded_at", "moment", width=19),
    Column("edited_at", "moment", width=19),
    Column("remind_at", "moment", width=19),
    Column("call_direction", "text", width=10),
    Column("call_number", "text", width=14),
    Column("call_connected", "truth", width=10),
    Column("call_seconds", "integer", width=10),
    Column("place", "text", width=28),
    Column("lat", "number", width=11),
    Column("lng", "number", width=11),
    Column("metres", "number", width=9),
    Column("changes", "text", width=40),
    Column("linked", "text", width=28),
    Column("mentions", "text", width=14),
    Column("files", "integer", width=7),
    Column("comments", "integer", width=9),
    Column("data", "text", width=30),
    Column("version", "integer", width=8),
    Column("source", "text", width=12),
    Column("external_id", "text", width=16),
)
"""docs/reference/api.md tells what is in each."""


class Export(NamedTuple):
    """A file, its size in bytes, and how many entries it has; `more` is whether there are others that were asked for.
    `held` keeps its viewer from exporting more.
    """

    file: IO[bytes]
    size: int
    rows: int
    more: bool
    held: ExitStack

    def pieces(self) -> Iterator[bytes]:
        """The file from its beginning on; it is gone behind the last piece, or when nobody reads on."""
        return pieces(self.file, self.held)


def export_entries(
    installation: Installation,
    session: Session,
    wanted: FeedFilter,
    form: Format,
    most: int,
    newest: bool,
    language: Language,
    asked: str,
    labels: Mapping[str, str] | None = None,
) -> Export:
    """Write at most `most` entries to a file, as they are at one moment. The audit log says who took out what, in the
    words of `asked`. `labels` are the headings, where they are not the names of the columns.

    Raises Invalid where Parquet is not installed, NotFound, Forbidden; InFlight while the viewer exports already, or
    still reads what they exported; Overloaded while too many others export.
    """
    if form == "parquet":
        check_parquet()
    with ExitStack() as held:
        held.enter_context(exporting_alone(installation, session))
        with _room():
            note_export(installation, session, NAME, form, [column.name for column in COLUMNS], asked[:MOST_ASKED])
            walk = FeedWalk(installation, session, wanted, most, newest)
            columns = COLUMNS if labels is None else [column._replace(label=labels[column.name]) for column in COLUMNS]
            rows = _rows(walk, ActivityForm(session.directory, language, lambda *_: "", wanted.subjects.wanted))
            file = written(form, columns, rows, str(session.directory.calendar.zone))
        return Export(file, os.fstat(file.fileno()).st_size, walk.count, walk.more, held.pop_all())


@contextmanager
def _room() -> Iterator[None]:
    if not _ROOM.acquire(blocking=False):
        raise Overloaded("too many are exporting already")
    try:
        yield
    finally:
        _ROOM.release()


def _rows(walk: FeedWalk, form: ActivityForm) -> Iterator[Sequence[Value]]:
    for views in walk:
        for facts in views.entries:
            yield _row(facts, views, form)


def _row(facts: Facts, views: ActivityViews, form: ActivityForm) -> Sequence[Value]:
    """In the order of COLUMNS. What the viewer sees of it was decided by what makes the answers of /api/v1."""
    shown: Any = activity_to_wire(facts, views, form)
    directory = form.directory
    actor, details, subject = shown["actor"], shown["details"], shown["subject"]
    user = directory.users.get(facts.actor_id)
    is_custom = facts.kind in directory.custom_kinds
    own = {} if is_custom else details
    place = own.get("place") or {}

    def at(instant: int | None) -> datetime | None:
        return None if instant is None else directory.calendar.local(instant)

    return (
        facts.id,
        at(facts.at),
        shown["kind"],
        shown["group"],
        None if actor is None else actor["id"],
        None if actor is None else actor["name"],
        (directory.department_name(user.department_id) or None) if user else None,
        subject["type"],
        subject["id"],
        subject["name"],
        shown["sentence"],
        shown["text"] or None,
        (shown["category"] or {}).get("label"),
        at(facts.said_at),
        at(facts.recorded_at),
        at(facts.edited_at),
        at(facts.remind_at),
        own.get("direction"),
        own.get("number") or None,
        own.get("connected"),
        own.get("seconds"),
        place.get("detail") or None,
        place.get("lat"),
        place.get("lng"),
        own.get("metres"),
        own.get("summary") or None,
        _joined(f"{each['type']}/{each['id']} {each['name']}" for each in own.get("records", ())),
        _joined(each["name"] for each in own.get("mentions", ())),
        len(shown["files"]),
        shown["comment_count"],
        _data(facts, details, is_custom),
        shown["version"],
        shown["source"],
        shown["external_id"],
    )


def _joined(texts: Iterator[str]) -> str | None:
    return "; ".join(texts) or None


def _data(facts: Facts, details: Mapping[str, JsonValue], is_custom: bool) -> str | None:
    """What no column is for, as JSON: what was told of the organisation's own kinds, and its own fields."""
    told = details if is_custom else details.get("captured" if facts.kind == FOREIGN.code else "custom")
    return orjson.dumps(told).decode() if told else None
