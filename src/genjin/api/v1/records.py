"""Records, and when something happened on them last."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from genjin.api.v1.answers import listed, one, position
from genjin.api.v1.calling import Caller, OurCall
from genjin.domain.record_list import RecordKey
from genjin.service.records.listing import list_worked, read_worked
from genjin.wire.v1.record import RecordsQuery, record_to_wire, records_asked
from genjin.wire.v1.refs import TYPES, TypeName, ref_in_path


def list_records(call: Caller, type: TypeName, query: Annotated[RecordsQuery, Query()]) -> Response:  # noqa: A002
    """The records of a type that the caller sees, by whose they are and when something happened on them last."""
    key = key_behind(call, query.cursor)
    session, now = call.session, call.installation.clock.now()
    asked = records_asked(query, TYPES[type], session.viewer.user_id, session.directory, now)
    found, end = list_worked(call.installation, session, asked, query.limit, key)
    return listed(call, [record_to_wire(each, session.directory) for each in found], end)


def read_record(call: Caller, type: TypeName, id: str) -> Response:  # noqa: A002
    """One record, or the one that took its place."""
    worked = read_worked(call.installation, call.session, ref_in_path(type, id))
    return one(call, record_to_wire(worked, call.session.directory))


def key_behind(call: OurCall, cursor: str | None) -> RecordKey | None:
    """The place in a list that a cursor leads to. Raises BadCursor."""
    after = position(call, cursor)
    return None if after is None else RecordKey(None if after[0] is None else int(after[0]), int(str(after[1])))
