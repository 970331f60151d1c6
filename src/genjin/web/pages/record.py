"""A record: who it is, what belongs to it, and its timeline."""

from typing import Any

from starlette.responses import Response

from genjin.domain.directory import STATUS_LISTS
from genjin.domain.phones import is_masked, numbers_told
from genjin.domain.record_list import Worked
from genjin.domain.records import Record, RecordType, Ref, points_at
from genjin.service.inbox.following import follow, followed_since, unfollow
from genjin.service.records.listing import read_worked
from genjin.web.calling import Caller, Form, PageCall
from genjin.web.pages.bulk import actions_on
from genjin.web.pages.composer import Composer, composer_for
from genjin.web.rendering import go, page
from genjin.web.timelines import more_of, timeline_of
from genjin.wire.modules import CLASS_NAMES
from genjin.wire.v1.record import record_to_wire
from genjin.wire.v1.refs import TYPE_NAMES, TypeName, ref_in_path

SHOWN_PARTS = 5
"""Records of a type that are listed beside the customer whose they are."""


def show(call: Caller, type: TypeName, id: int) -> Response:  # noqa: A002 (as they stand in the path)
    """The page of a record; of one that was merged, that of the one which took its place."""
    asked = ref_in_path(type, str(id))
    worked = read_worked(call.installation, call.session, asked)
    ref = worked.view.record.ref
    if ref != asked:
        return go(call, f"/{type}/{ref.id}")
    timeline = timeline_of(call, ref)
    status = 422 if timeline.errors else 200
    if call.is_partial:
        return page(call, "parts/timeline.html", status, timeline=timeline)
    composer = composer_for(call, worked.view)
    return page(
        *(call, "pages/record.html", status),
        here=type,
        timeline=timeline,
        related=_related(call, composer),
        composer=composer,
        **_head(call, worked),
    )


def more(call: Caller, type: TypeName, id: int) -> Response:  # noqa: A002
    """Entries for a page that is open: what is behind the last ones, or newer than the first; a part of a page."""
    stretch = more_of(call, ref_in_path(type, str(id)))
    told = call.request.query_params
    return page(call, "parts/days.html", stretch=stretch, shown_day=told.get("day", ""), is_new="newer" in told)


def head(call: Caller, type: TypeName, id: int) -> Response:  # noqa: A002
    """What stands above the timeline, as it is now; a part of the page."""
    worked = read_worked(call.installation, call.session, ref_in_path(type, str(id)))
    return page(call, "parts/record_head.html", **_head(call, worked))


def follow_record(call: Caller, form: Form, type: TypeName, id: int) -> Response:  # noqa: A002
    """Follow it, or no longer."""
    ref = ref_in_path(type, str(id))
    follows = followed_since(call.installation, call.session, ref) is not None
    wanted = form.text("follow") == "1"
    if wanted:
        follow(call.installation, call.session, ref)
    elif follows:
        unfollow(call.installation, call.session, ref)
    if call.is_partial:
        return page(call, "parts/follow.html", subject=f"{type}/{ref.id}", followed=wanted)
    return go(call, f"/{type}/{ref.id}")


def _head(call: PageCall, worked: Worked) -> dict[str, Any]:
    view, session = worked.view, call.session
    record = view.record
    return {
        "record": record_to_wire(worked, session.directory),
        "subject": f"{TYPE_NAMES[record.type]}/{record.id}",
        "type_name": session.directory.organisation.module_names.get(CLASS_NAMES[record.type], ""),
        "phones": [(each, is_masked(each)) for each in numbers_told(record.details, session.viewer.number_fields)],
        "actions": actions_on(call, worked),
        "followed": followed_since(call.installation, session, record.ref) is not None,
        "editable": view.editable,
        "pool": session.directory.pools.get(record.pool_id or 0),
        "above": [(TYPE_NAMES[ref.type], ref.id, view.names[ref]) for ref in _above(worked) if ref in view.names],
    }


def _above(worked: Worked) -> list[Ref]:
    """The records that this one belongs to."""
    return list(points_at(worked.view.record).values())


def _related(call: PageCall, composer: Composer) -> list[dict[str, Any]]:
    """What belongs to a customer: of each type the newest ones, and how many there are."""
    if composer.type is not RecordType.CUSTOMER:
        return []
    return [
        {
            "type": TYPE_NAMES[type_],
            "records": [_part(view.record, call) for view in part.views[:SHOWN_PARTS]],
            "total": part.total,
        }
        for type_, part in composer.parts.items()
    ]


def _part(record: Record, call: PageCall) -> dict[str, Any]:
    status = call.session.directory.label(STATUS_LISTS.get(record.type, ""), record.status)
    return {"id": record.id, "name": record.name, "status": status}
