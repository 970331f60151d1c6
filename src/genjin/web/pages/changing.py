"""Changing and taking back what one wrote, and signing out where one visits."""

from collections.abc import Mapping, Sequence

import orjson
from starlette.responses import Response

from genjin.domain.activity import Facts
from genjin.domain.checkin import CheckInInput
from genjin.domain.json import JsonValue
from genjin.domain.kinds import CHECKED_IN, FOLLOW_UP_WRITTEN
from genjin.domain.place import Place
from genjin.domain.writing import Content, SignedOut, VisitInput
from genjin.errors import Duplicate, Forbidden, Invalid, NotFound, Stale
from genjin.service.entries.writing import change_entry, remove_entry
from genjin.service.feed.entry import REMOVED, EntryView, read_entry
from genjin.service.records.records import read_record
from genjin.service.records.views import show_records
from genjin.web.calling import Caller, Form, PageCall, Posted, within
from genjin.web.forms import Typed
from genjin.web.pages.composer import LOCAL, composer_for, typed_again
from genjin.web.pages.uploads import FILES, MORE_FILES, SOUNDS, kept_with
from genjin.web.pages.writing import FIELDS, OTHER, QUICK, check_times, follow_up_params
from genjin.web.rendering import go, page
from genjin.web.texts import _
from genjin.wire.entries.checkin import sign_out_place
from genjin.wire.entries.followup import follow_up_input
from genjin.wire.files.entry_files import attached_in
from genjin.wire.params import Value
from genjin.wire.scalars import text_of
from genjin.wire.v1.activity import activity_to_wire
from genjin.wire.v1.refs import TYPE_NAMES
from genjin.wire.v1.shared import Id

CHANGEABLE = (FOLLOW_UP_WRITTEN.code, CHECKED_IN.code)
"""The kinds of entries whose words may be changed."""


def show(call: Caller, id: Id) -> Response:  # noqa: A002
    """What one wrote, to be changed. Raises NotFound, Forbidden for another one's."""
    view = _own(call, id)
    return _shown(call, view, typed_again(call, _as_form(call, view), {}))


def change(call: Caller, id: Id, form: Form) -> Response:  # noqa: A002
    """Change what is different from before; the earlier wording is kept. A form that is refused is shown again."""
    view = _own(call, id)
    errors: Mapping[str, Sequence[str]]
    status = 422
    try:
        whole = form = kept_with(call, form)
        content = _content(call, view, whole)
        if content is not None:
            change_entry(call.installation, call.session, id, lambda _: content, {form.text("state")})
        return _back(call, view, form)
    except Stale:
        errors, status = {"form": [_("It was changed meanwhile. Send again to replace that.")]}, 409
        view = _own(call, id)
    except Invalid as error:
        errors = {FIELDS.get(field, field): texts for field, texts in error.errors.items()}
    return _shown(call, view, typed_again(call, form, errors), status)


def remove(call: Caller, id: Id, form: Form) -> Response:  # noqa: A002
    """Take back what one wrote. Raises NotFound, Forbidden."""
    view = read_entry(call.installation, call.session, id)
    remove_entry(call.installation, call.session, id)
    return _back(call, view, form, removed=True)


def sign_out(call: Caller, id: Id, form: Form) -> Response:  # noqa: A002
    """Tell that one leaves where one signed in. Raises NotFound, Forbidden, Invalid."""
    view = _own(call, id)
    told: dict[str, Value] = {name: form.text(name) for name in ("detail_address", "lat", "lng")}
    visit = VisitInput(frozenset(), CheckInInput(Place()), SignedOut(None, sign_out_place({"checkin": told})))
    try:
        change_entry(call.installation, call.session, id, lambda _: visit)
    except Duplicate as error:
        raise Invalid({"form": [str(error)]}) from error
    return _back(call, view, form)


def _own(call: PageCall, id_: int) -> EntryView:
    """An entry whose words the viewer may change. Raises NotFound, Forbidden."""
    view = read_entry(call.installation, call.session, id_)
    if view.state == REMOVED:
        raise NotFound(f"activity {id_}")
    external = id_ in view.views.externals
    if view.facts.kind not in CHANGEABLE or not call.may_change(view.facts.actor_id, external):
        raise Forbidden("只能修改自己写的跟进和签到")
    return view


def _content(call: PageCall, view: EntryView, form: Posted) -> Content | None:
    """What the form says otherwise than the entry does; None for nothing. Raises Invalid."""
    before = _as_form(call, view)
    if view.facts.kind == CHECKED_IN.code:
        if form.text("note") == before.text("note"):
            return None
        place = Place()
        return VisitInput(frozenset({"note"}), CheckInInput(place, form.text("note")))
    fields, type_ = call.session.directory.fields_of(None), view.facts.target.type
    told, known = (follow_up_params(each, type_, fields)["revisit_log"] for each in (form, before))
    assert isinstance(told, dict) and isinstance(known, dict)
    del told["loggable_attributes"]
    changed = {name: value for name, value in told.items() if value != known.get(name)}
    if not changed:
        return None
    given = follow_up_input({"revisit_log": changed}, call.session.directory)
    if not form.text("content") and not any(form.texts(name) for name in (FILES, MORE_FILES, SOUNDS)):
        raise Invalid({"content": ["不能为空"]})
    check_times(call, given.said_at, given.remind_at)
    return given


def _as_form(call: PageCall, view: EntryView) -> Posted:
    """An entry as the form that would have written it."""
    facts = view.facts
    told = activity_to_wire(facts, view.views, call.form)
    details = told["details"]
    assert isinstance(details, dict)
    if facts.kind == CHECKED_IN.code:
        return Posted({"note": [str(told["text"])]}, {})
    linked: dict[str, list[str]] = {}
    for each in details.get("records", ()):
        linked.setdefault(each["type"], []).append(str(each["id"]))
    attached = attached_in(orjson.loads(facts.rare or b"{}"))
    there = view.views.files
    values = {
        "content": [str(told["text"])],
        "category": [] if facts.category_id is None else [str(facts.category_id)],
        "real_revisit_at": _local(call, facts.said_at),
        QUICK: [] if facts.remind_at is None else [OTHER],
        "remind_at": _local(call, facts.remind_at),
        "at_user_ids": [str(each["id"]) for each in details.get("mentions", ())],
        "contacts_ids": linked.get("contacts", []),
        "opportunity_id": linked.get("opportunities", []),
        "contract_id": linked.get("contracts", []),
        FILES: [str(id_) for id_ in attached.mixed if id_ in there],
        MORE_FILES: [str(id_) for id_ in attached.files if id_ in there],
        SOUNDS: [str(id_) for id_ in attached.audios if id_ in there],
        **{name: _texts(value) for name, value in details.get("custom", {}).items()},
    }
    return Posted(values, {})


def _shown(call: PageCall, view: EntryView, typed: Typed, status: int = 200) -> Response:
    record = read_record(call.installation, call.session, view.facts.target)
    [shown] = show_records(call.installation, call.session, [record])
    composer = composer_for(call, shown)
    name = "check_in" if view.facts.kind == CHECKED_IN.code else "follow_up"
    back = call.request.query_params.get("back") or typed.form.text("back")
    return page(
        *(call, "pages/edit.html", status),
        here=TYPE_NAMES[record.type],
        kind=name,
        entry=view,
        record=shown.record,
        composer=composer,
        typed=typed,
        back=within(back) if back else f"/{composer.ref}",
    )


def _back(call: PageCall, view: EntryView, form: Posted, removed: bool = False) -> Response:
    """To where the entry was read."""
    facts: Facts = view.facts
    path = within(form.text("back")) if form.text("back") else f"/{TYPE_NAMES[facts.target.type]}/{facts.target.id}"
    return go(call, path if removed else f"{path}#entry-{facts.id}")


def _local(call: PageCall, at: int | None) -> list[str]:
    return [] if at is None else [call.calendar.local(at).strftime(LOCAL)]


def _texts(value: JsonValue) -> list[str]:
    return [text_of(each) for each in value] if isinstance(value, list) else [text_of(value)]
