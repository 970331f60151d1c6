"""What needs somebody today: reminders, notices, silent customers; their week; what happened on what they follow."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from starlette.responses import Response

from genjin.domain.calendar import day_number
from genjin.domain.feed import ANY, MOST_SUBJECTS, Choice
from genjin.domain.notice import NoticeKind
from genjin.domain.policy import may_see_work_of
from genjin.domain.records import RecordType
from genjin.domain.reminder import ReminderState, end_of_day
from genjin.domain.report import NOTHING, Asked, Period, Tally, week_of
from genjin.errors import Invalid
from genjin.service.feed.reading import read_feed
from genjin.service.inbox import reading
from genjin.service.inbox.following import list_followed
from genjin.service.inbox.reading import NoticeViews, read_inbox
from genjin.service.inbox.reminding import ReminderViews, finish, list_reminders, snooze
from genjin.service.records.listing import list_worked
from genjin.service.reports.counting import count_each_day
from genjin.web.calling import TOLD_ELSEWHERE, Caller, Form, PageCall, Posted, within
from genjin.web.rendering import go, page
from genjin.web.tables import Cell, Column, Row, Table, entries_path
from genjin.web.texts import _
from genjin.wire.v1.activity import activities_to_wire
from genjin.wire.v1.feed import FeedQuery, feed_filter
from genjin.wire.v1.notice import notice_to_wire
from genjin.wire.v1.record import RecordsQuery, record_to_wire, records_asked
from genjin.wire.v1.refs import TYPE_NAMES, read_id
from genjin.wire.v1.reminder import reminder_to_wire
from genjin.wire.v1.report import Params, choice_params, feed_link, period_params
from genjin.wire.v1.report_done import CALLS, FOLLOW_UPS, VISITS, Measure

MOST_REMINDERS, MOST_NOTICES, MOST_SILENT, MOST_LATEST, MOST_UPCOMING = 30, 20, 8, 8, 3
SILENT = {"owner": "me", "silent_for": "14d", "sort": "last_activity_at", "order": "asc"}
WEEK = (
    ("calls", _("Calls"), CALLS[0], "--call"),
    ("follow_ups", _("Follow-ups"), FOLLOW_UPS[0], "--talk"),
    ("visits", _("Visits"), VISITS[0], "--visit"),
)
_MORNING = 9
_SMALL = 130
"""Pixels of a chart."""


def show(call: Caller) -> Response:
    """The first page."""
    told = {**_reminders(call), **_inbox(call), "silent": _silent(call), "latest": _latest(call)}
    me = call.session.directory.users[call.viewer.user_id]
    return page(call, "pages/home.html", here="home", me=me, silent_query=SILENT, week=_week(call.office), **told)


def finish_reminder(call: Caller, form: Form, id: int) -> Response:  # noqa: A002 (as it stands in the path)
    """Tick a reminder off."""

    return _changed(call, form, finish(call.installation, call.session, id))


def snooze_reminder(call: Caller, form: Form, id: int) -> Response:  # noqa: A002
    """Put a reminder off: by the name of a time, or to the time that is told."""

    until = _until(call, form.text("until"))
    return _changed(call, form, snooze(call.installation, call.session, id, until))


def read_notice(call: Caller, form: Form, id: int) -> Response:  # noqa: A002
    """Mark a notice as read, and go to what it is about where that is wanted."""
    found = reading.mark_notice(call.installation, call.session, id, read=True)
    if form.text("open") == "1":
        return go(call, _about(_notices(call, found)[0]))
    return Response("", 200) if call.is_partial else go(call, "/#inbox")


def read_notices(call: Caller, form: Form) -> Response:
    """Mark as read all that was shown."""
    try:
        until = read_id(form.text("until"))
    except ValueError as error:
        raise Invalid({"until": [str(error)]}) from error
    reading.mark_all(call.installation, call.session, until, _kinds())
    return go(call, "/#inbox")


def _reminders(call: PageCall) -> dict[str, Any]:
    """Those that are over or due today, whether there are more, and the next ones where there are none."""
    tomorrow = end_of_day(call.now, call.calendar)
    found, end = list_reminders(call.installation, call.session, None, (None, tomorrow), MOST_REMINDERS)
    upcoming = None
    if not found.reminders:
        upcoming, _end = list_reminders(
            call.installation, call.session, ReminderState.UPCOMING, (None, None), MOST_UPCOMING
        )
    return {
        "reminders": _told(call, found),
        "more_reminders": end is not None,
        "upcoming": [] if upcoming is None else _told(call, upcoming),
    }


def _told(call: PageCall, found: ReminderViews) -> list[dict[str, Any]]:
    return [
        reminder_to_wire(each, found.records[each.ref], found.views, call.form, call.now) for each in found.reminders
    ]


def _changed(call: PageCall, form: Posted, found: ReminderViews) -> Response:
    """To where it was changed; in a page that is open it is put in its place."""
    if not call.is_partial:
        return go(call, within(form.text("back") or "/#reminders"))
    return page(call, "parts/reminder.html", reminder=_told(call, found)[0], is_changed=True)


def _until(call: PageCall, text: str) -> int:
    """`hour`, `tomorrow`, `monday`, or a local time such as `2024-02-29T09:30`. Raises Invalid."""
    local = call.calendar.local(call.now)
    morning = local.replace(hour=_MORNING, minute=0, second=0, tzinfo=None)
    match text:
        case "hour":
            return call.now + 3_600
        case "tomorrow":
            return call.calendar.instant(morning + timedelta(days=1))
        case "monday":
            return call.calendar.instant(morning + timedelta(days=7 - local.weekday()))
    try:
        return call.calendar.instant(datetime.fromisoformat(text).replace(tzinfo=None))
    except (ValueError, OverflowError) as error:
        raise Invalid({"until": [_("Say until when.")]}) from error


def _inbox(call: PageCall) -> dict[str, Any]:
    found, end = read_inbox(call.installation, call.session, MOST_NOTICES, unread=True, kinds=_kinds())
    notices = _notices(call, found)
    return {"notices": [{**each, "path": _about(each)} for each in notices], "more_notices": end is not None}


def _kinds() -> frozenset[NoticeKind]:
    return frozenset(NoticeKind) - TOLD_ELSEWHERE


def _notices(call: PageCall, found: NoticeViews) -> list[dict[str, Any]]:
    return [notice_to_wire(each, found.views, found.comments, found.records, call.form) for each in found.notices]


def _about(notice: Mapping[str, Any]) -> str:
    """The page of what a notice is about."""
    if notice["activity"]:
        return f"/entries/{notice['activity']['id']}"
    record = notice["record"]
    return f"/{record['type']}/{record['id']}" if record else "/#inbox"


def _silent(call: PageCall) -> list[dict[str, Any]]:
    query = RecordsQuery.model_validate({**SILENT, "owner": [SILENT["owner"]]})
    directory = call.session.directory
    asked = records_asked(query, RecordType.CUSTOMER, call.viewer.user_id, directory, call.now)
    found, _end = list_worked(call.installation, call.session, asked, MOST_SILENT)
    return [record_to_wire(each, directory) for each in found]


def _latest(call: PageCall) -> list[dict[str, Any]] | None:
    """What others did lately on the records that were followed last; None where none is followed."""
    followed, _end = list_followed(call.installation, call.session, MOST_SUBJECTS)
    if not followed:
        return None
    subjects = [f"{TYPE_NAMES[record.type]}/{record.id}" for _, record in followed]
    query = FeedQuery.model_validate({"subject": subjects, "actor": ["!me"]})
    wanted = feed_filter(query, call.viewer.user_id, call.session.directory)
    return activities_to_wire(read_feed(call.installation, call.session, wanted, MOST_LATEST).views, call.form)


def _week(call: PageCall) -> list[Table]:
    """This week's days of the viewer's, beside those of a colleague on average, or beside their own last week."""
    me = call.viewer.user_id
    week = week_of(call.calendar.local(call.now).date())
    last = Period(week.first - timedelta(days=7), week.last - timedelta(days=7))
    departments, team = _team(call)
    alone = len(team) < 2
    asked = Asked(
        Period(last.first if alone else week.first, week.last),
        Choice(frozenset({me})) if alone else ANY,
        ANY if alone else departments,
    )
    found = count_each_day(call.installation, call.session, asked)
    mine = [found.get((me, day_number(day)), NOTHING) for day in week.days()]
    by_me = choice_params("actor", Choice(frozenset({me})))
    if alone:
        label, share, by_them, other_days = call.say(_("Last week")), 1, by_me, list(last.days())
        theirs = [found.get((me, day_number(day)), NOTHING) for day in other_days]
    else:
        label, share, other_days = call.say(_("Team, per person")), len(team), list(week.days())
        by_them = choice_params("department", departments)
        theirs = [_sum(found, day_number(day)) for day in other_days]
    today = call.calendar.local(call.now).date()

    def figure(measure: Measure, tally: Tally, day: date, params: Params, share: int = 1) -> Cell:
        value = round(measure.number(tally) / share, 1)
        path = feed_link(measure.asked, period_params(Period(day, day)), params)
        return Cell(None if day > today else value, entries_path(path) if value else "")

    def table(name: str, title: str, measure: Measure, color: str) -> Table:
        rows = [
            Row(
                call.times.short_weekday(day),
                [figure(measure, own, day, by_me), figure(measure, others, other_day, by_them, share)],
            )
            for day, own, others, other_day in zip(week.days(), mine, theirs, other_days, strict=True)
        ]
        own_sum, other_sum = (sum(measure.number(tally) for tally in some) for some in (mine, theirs))
        note = call.say(
            _("Me: %(mine)s. %(whose)s: %(theirs)s."),
            mine=Cell(own_sum).text,
            theirs=Cell(round(other_sum / share, 1)).text,
            whose=label,
        )
        columns = [Column(call.say(_("Me")), "bar", color), Column(label, "line", "--soft")]
        return Table(f"week-{name}", call.say(title), call.say(_("Day")), columns, rows, note=note, height=_SMALL)

    return [table(*each) for each in WEEK]


def _sum(found: Mapping[tuple[int, int], Tally], day: int) -> Tally:
    total = NOTHING
    for (_actor_id, of), tally in found.items():
        total = total.plus(tally) if of == day else total
    return total


def _team(call: PageCall) -> tuple[Choice[int], frozenset[int]]:
    """The viewer's department, any where they have none, and who of it is here whose work they see."""
    directory = call.session.directory
    own = directory.users[call.viewer.user_id].department_id
    departments = ANY if own is None else Choice(frozenset({own}))
    below = directory.below(departments.wanted)
    team = frozenset(
        user.id
        for user in directory.users.values()
        if directory.is_here(user.id)
        and (not below or user.department_id in below)
        and may_see_work_of(call.viewer, user.id, user.department_id)
    )
    return departments, team
