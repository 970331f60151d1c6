"""The caller's reminders."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from genjin.api.v1.activities import form_of
from genjin.api.v1.answers import listed, plain, position
from genjin.api.v1.calling import Caller, OurCall
from genjin.domain.json import JsonValue
from genjin.domain.reminder import ReminderKey, ReminderState
from genjin.service.inbox import reminding
from genjin.service.inbox.reminding import ReminderViews
from genjin.wire.v1.reminder import RemindersQuery, Snooze, reminder_to_wire, span_asked
from genjin.wire.v1.shared import Id


def list_reminders(call: Caller, query: Annotated[RemindersQuery, Query()]) -> Response:
    """The caller's reminders on records that the caller sees, the first due first."""
    after = position(call, query.cursor)
    key = None if after is None else ReminderKey(*map(int, after))  # type: ignore[arg-type]
    state, span = query.state and ReminderState(query.state), span_asked(query, call.calendar)
    found, end = reminding.list_reminders(call.installation, call.session, state, span, query.limit, key)
    return listed(call, _shown(call, found), end)


def snooze_reminder(call: Caller, id: Id, body: Snooze) -> Response:  # noqa: A002
    """Put one's own reminder off until later. One that is done is open again."""
    return plain(_shown(call, reminding.snooze(call.installation, call.session, id, body.until))[0])


def finish_reminder(call: Caller, id: Id) -> Response:  # noqa: A002
    """One's own reminder is done."""
    return plain(_shown(call, reminding.finish(call.installation, call.session, id))[0])


def _shown(call: OurCall, found: ReminderViews) -> list[JsonValue]:
    now, form = call.installation.clock.now(), form_of(call)
    return [reminder_to_wire(each, found.records[each.ref], found.views, form, now) for each in found.reminders]
