"""Activities one by one: written, also many at once, read, changed, taken back, and what they said before."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from genjin.api.v1.activities import form_of
from genjin.api.v1.answers import listed, one, plain, position
from genjin.api.v1.calling import Caller, OurCall
from genjin.api.v1.conditions import wanted_states
from genjin.domain.directory import Directory
from genjin.domain.writing import Asked, Outcome
from genjin.errors import GenjinError, Invalid
from genjin.service.entries.writing import write_entries
from genjin.service.feed.entry import (
    EntryView,
    changed_entry,
    list_wordings,
    read_entry,
    removed_entry,
    written_entry,
)
from genjin.wire.v1.activity import activity_to_wire
from genjin.wire.v1.activity_input import (
    ActivityChange,
    NewActivities,
    Writing,
    change_of,
    new_entry,
    read_item,
    renamed,
)
from genjin.wire.v1.activity_versions import versions_to_wire
from genjin.wire.v1.batch import all_refused, batch_to_wire
from genjin.wire.v1.shared import Id, Paged


def write_activity(call: Caller, body: Writing) -> Response:
    """Write an activity, or as `items` up to 1,000. With `source` and `external_id`, the same one is written once,
    however often it is sent. Of many, each is answered by itself; with `atomic` all are written, or none.
    """
    if isinstance(body, NewActivities):
        return _write_many(call, body)
    with _our_names():
        entry = new_entry(body, call.session.directory)
        view, is_new = written_entry(call.installation, call.session, entry)
    location = {"Location": f"/api/v1/activities/{view.facts.id}"}
    return _answer(call, view, 201 if is_new else 200, location)


def read_activity(call: Caller, id: Id) -> Response:  # noqa: A002
    """One activity. Of one that was taken back a stub stays, for who saw it: `deleted` is true, and it says nothing."""
    return _answer(call, read_entry(call.installation, call.session, id))


def update_activity(call: Caller, id: Id, body: ActivityChange) -> Response:  # noqa: A002
    """Change one's own activity, or as an administrator one that came from another system. The earlier wording is kept;
    of a call and of the end of a visit, what was told is added to.
    """
    read = change_of(body, call.session.directory)
    with _our_names():
        view = changed_entry(call.installation, call.session, id, read, wanted_states(call.request))
    return _answer(call, view)


def remove_activity(call: Caller, id: Id) -> Response:  # noqa: A002
    """Take back one's own activity, or as an administrator one that came from another system. The answer is the stub
    that stays.
    """
    return _answer(call, removed_entry(call.installation, call.session, id, wanted_states(call.request)))


def list_versions(call: Caller, id: Id, query: Annotated[Paged, Query()]) -> Response:  # noqa: A002
    """What an activity says, and what it said before each edit, the latest first."""
    after = position(call, query.cursor)
    views, ends = list_wordings(call.installation, call.session, id)
    first = len(ends) if after is None else int(str(after[0])) - 1
    told = versions_to_wire(views, ends, form_of(call))[len(ends) - first :]
    page = told[: query.limit]
    return listed(call, page, [first - len(page) + 1] if len(told) > len(page) else None)


def _write_many(call: OurCall, body: NewActivities) -> Response:
    asked = [_asked(item, call.session.directory) for item in body.items]
    told = [_with_our_names(each) for each in write_entries(call.installation, call.session, asked, body.atomic)]
    if body.atomic and any(isinstance(outcome, GenjinError) for outcome in told):
        raise all_refused(told)
    return plain(batch_to_wire(asked, told, call.request_id))


def _asked(item: Any, directory: Directory) -> Asked:
    try:
        return read_item(item, directory)
    except Invalid as error:
        return error


def _answer(call: OurCall, view: EntryView, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return one(call, activity_to_wire(view.facts, view.views, form_of(call)), view.state, status, headers)


def _with_our_names(outcome: Outcome) -> Outcome:
    return renamed(outcome) if isinstance(outcome, Invalid) else outcome


@contextmanager
def _our_names() -> Iterator[None]:
    """What use cases say of fields, by the names that these have here."""
    try:
        yield
    except Invalid as error:
        raise renamed(error) from error
