"""Follow-ups: write, list, read, edit, delete."""

from collections.abc import Sequence

from starlette.responses import Response

from genjin.api.answers import answer
from genjin.api.calling import Call, SignedIn
from genjin.api.links import links_for
from genjin.domain.json import JsonValue
from genjin.service.entries import followups
from genjin.service.entries.followups import FollowUpView
from genjin.service.records.views import sights_of
from genjin.wire.entries.followup import follow_up_filter, follow_up_input, follow_up_to_wire, target_of
from genjin.wire.envelope import listed
from genjin.wire.files.entry_files import files_shown
from genjin.wire.scalars import page_of


def write_follow_up(call: SignedIn) -> Response:
    """Write a follow-up on a record; it is on the timeline when this answers. A status told with it is changed too."""
    target = target_of(call.params)
    given = follow_up_input(call.params, call.session.directory, creating=True)
    return answer(_wire(call, followups.write_follow_up(call.installation, call.session, target, given)))


def list_follow_ups(call: SignedIn) -> Response:
    """Follow-ups on all records that the caller may see, newest first; of today unless `date` says otherwise."""
    page = page_of(call.params.get("page"), call.params.get("per_page"))
    now = call.installation.clock.now()
    wanted = follow_up_filter(call.params, call.session.directory.calendar, now)
    found, total = followups.list_follow_ups(call.installation, call.session, wanted, page)
    return answer(listed("revisit_logs", _wire_all(call, found), total, page))


def read_follow_up(call: SignedIn) -> Response:
    """One follow-up."""
    return answer(_wire(call, followups.read_follow_up(call.installation, call.session, call.id)))


def edit_follow_up(call: SignedIn) -> Response:
    """Change what is given of one's own follow-up; the earlier wording is kept."""
    given = follow_up_input(call.params, call.session.directory)
    return answer(_wire(call, followups.edit_follow_up(call.installation, call.session, call.id, given)))


def delete_follow_up(call: SignedIn) -> Response:
    """Delete one's own follow-up; answers it as it was."""
    return answer(_wire(call, followups.delete_follow_up(call.installation, call.session, call.id)))


def _wire(call: Call, view: FollowUpView) -> JsonValue:
    return _wire_all(call, [view])[0]


def _wire_all(call: Call, some: Sequence[FollowUpView]) -> list[JsonValue]:
    directory, now = call.session.directory, call.installation.clock.now()
    sights = sights_of(call.installation, call.session, [view.target for view in some])
    url = links_for(call.door, call.request.scope, call.session.organisation_id).url
    return [
        follow_up_to_wire(
            view.facts,
            view.target,
            directory,
            now,
            view.names,
            files_shown(view.files, frozenset(), url, directory),
            sights[view.target.ref],
        )
        for view in some
    ]
