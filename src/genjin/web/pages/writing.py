"""Writing on a record: follow-ups, calls and check-ins. A form that is refused is shown again with all that it had."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import orjson
from starlette.responses import Response

from genjin.domain.comment import CommentInput
from genjin.domain.custom_field import CustomField
from genjin.domain.phones import first_number
from genjin.domain.place import Place
from genjin.domain.records import RecordType, Ref
from genjin.domain.writing import Original
from genjin.errors import Forbidden, InFlight, Invalid, KeyReused
from genjin.service.entries.calls import log_call
from genjin.service.entries.checkins import sign_in
from genjin.service.entries.comments import write_comment
from genjin.service.entries.elsewhere import CLOCKS_DIFFER, check_original
from genjin.service.entries.followups import write_follow_up
from genjin.service.records.records import read_record
from genjin.service.records.views import show_records
from genjin.web.calling import Caller, Form, PageCall, Posted
from genjin.web.forms import Typed, new_key
from genjin.web.once import done_once
from genjin.web.pages.composer import composer_for, ref_text, typed_again
from genjin.web.pages.uploads import FILES, SOUNDS, kept_with
from genjin.web.rendering import go, page
from genjin.web.texts import _
from genjin.wire.entries.call import MAX_SECONDS, call_report
from genjin.wire.entries.checkin import check_in_input
from genjin.wire.entries.followup import follow_up_input
from genjin.wire.modules import CLASS_NAMES
from genjin.wire.params import Params, Value
from genjin.wire.scalars import instant
from genjin.wire.v1.refs import TYPE_NAMES, TypeName, ref_in_path
from genjin.wire.v1.shared import Id

FIELDS = {"loggable_attributes.status": "status", "loggable_attributes.stage": "status"}
"""What the services call fields that a form calls otherwise."""
QUICK, OTHER = "remind_quick", "other"
"""The field of the times that are chosen quickly, and its value for another one."""


@dataclass(frozen=True)
class Kind:
    """One of the forms: its name, what is said when it was carried out, and what it does; it gives the entry's id."""

    name: str
    said: str
    write: Callable[[PageCall, Ref, Posted], int]

    @property
    def template(self) -> str:
        """What shows it."""
        return f"parts/write_{self.name}.html"


def show(call: Caller, type: TypeName, id: Id) -> Response:  # noqa: A002
    """The forms alone: for who has no script, and for a telephone's home screen."""
    return _shown(call, ref_in_path(type, str(id)), None, Typed())


def follow_up(call: Caller, form: Form) -> Response:
    """Write a follow-up; its reminder, mentions, files and the record's new status go with it, or nothing does."""
    return _carried_out(call, form, FOLLOW_UP)


def call_made(call: Caller, form: Form) -> Response:
    """Log a call that is over, with its recording and a note, which stands below it as a comment."""
    return _carried_out(call, form, CALL)


def check_in(call: Caller, form: Form) -> Response:
    """Tell that one is at a record's."""
    return _carried_out(call, form, CHECK_IN)


def follow_up_params(form: Posted, type_: RecordType, custom: Sequence[CustomField] = ()) -> Params:
    """A form's fields as /api/v2 has them, which they are called by."""
    quick = form.text(QUICK)
    remind_at = form.text("remind_at") if quick in ("", OTHER) else quick
    status = "stage" if type_ is RecordType.OPPORTUNITY else "status"
    given: dict[str, Value] = {
        "content": form.text("content"),
        "category": form.text("category"),
        "real_revisit_at": form.text("real_revisit_at"),
        "remind_at": remind_at,
        "at_user_ids": list(form.texts("at_user_ids")),
        "contacts_ids": list(form.texts("contacts_ids")),
        "opportunity_id": form.text("opportunity_id"),
        "contract_id": form.text("contract_id"),
        "loggable_attributes": {status: form.text("status")},
        FILES: list(form.texts(FILES)),
        SOUNDS: list(form.texts(SOUNDS)),
        **{each.name: _custom(form, each) for each in custom},
    }
    return {"revisit_log": given}


def check_times(call: PageCall, said_at: int | None, remind_at: int | None) -> None:
    """Raises Invalid for what was said later than now, and for a reminder that nobody would get."""
    errors = {}
    if said_at is not None and said_at > call.now + CLOCKS_DIFFER:
        errors["real_revisit_at"] = ["不能晚于现在"]
    if remind_at is not None and remind_at <= call.now:
        errors["remind_at"] = ["应晚于现在"]
    if errors:
        raise Invalid(errors)


def _carried_out(call: PageCall, form: Posted, kind: Kind) -> Response:
    """What a form asks for is done, once; what is wrong with it is shown in it. Raises NotFound for the record."""
    ref = read_record(call.installation, call.session, ref_in_path(*form.text("ref").partition("/")[::2])).ref
    errors: Mapping[str, Sequence[str]]
    key, status = "", 422
    try:
        sent, whole = form, kept_with(call, form)
        form = whole
        answer = done_once(call, sent, lambda inner: Response(str(kind.write(inner, ref, whole))))
        return _done(call, ref, kind, int(bytes(answer.body)))
    except KeyReused:
        errors = {"form": [_("This was sent before, and is written. Send it again to write what it says now, too.")]}
        key, status = new_key(), 409
    except InFlight:
        errors, status = {"form": [_("This is being sent already.")]}, 409
    except Forbidden as error:
        errors, status = {"form": [str(error)]}, 403
    except Invalid as error:
        errors = {FIELDS.get(field, field): texts for field, texts in error.errors.items()}
    return _shown(call, ref, kind, typed_again(call, form, errors, key), status)


def _done(call: PageCall, ref: Ref, kind: Kind, activity_id: int) -> Response:
    """To the timeline, where what was written stands; a page that is open gets an empty form and is told of it."""
    if not call.is_partial:
        return go(call, f"/{ref_text(ref)}?written={activity_id}#entry-{activity_id}")
    headers = {"HX-Trigger": orjson.dumps({"genjin:written": {"id": activity_id, "form": kind.name}}).decode()}
    return _shown(call, ref, kind, Typed(), 200, headers, kind.said)


def _shown(
    call: PageCall,
    ref: Ref,
    kind: Kind | None,
    typed: Typed,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    said: str = "",
) -> Response:
    """The form in the page that is open, or a page of all forms."""
    [view] = show_records(call.installation, call.session, [read_record(call.installation, call.session, ref)])
    context = {"composer": composer_for(call, view), "typed": typed, "said": said}
    if call.is_partial and kind is not None:
        return page(call, kind.template, status, headers, **context)
    name = kind.name if kind else FOLLOW_UP.name
    here = TYPE_NAMES[ref.type]
    return page(call, "pages/write.html", status, headers, here=here, view=view, open=name, **context)


def _write_follow_up(call: PageCall, ref: Ref, form: Posted) -> int:
    fields = call.session.directory.fields_of(None)
    params = follow_up_params(form, ref.type, fields)
    given = follow_up_input(params, call.session.directory, creating=True)
    if not given.text and not any(given.attached):
        raise Invalid({"content": [_EMPTY]})
    check_times(call, given.said_at, given.remind_at)
    return write_follow_up(call.installation, call.session, ref, given).facts.id


def _write_call(call: PageCall, ref: Ref, form: Posted) -> int:
    chosen = form.text("callee") or ref_text(ref)
    callee = read_record(call.installation, call.session, ref_in_path(*chosen.partition("/")[::2]))
    [view] = show_records(call.installation, call.session, [callee])
    seconds = _talk_time(form)
    dialled: dict[str, Value] = {
        "caller_type": CLASS_NAMES[callee.type],
        "caller_id": callee.id,
        "number": form.text("number") or first_number(view.record.details, call.viewer.number_fields),
        "dial_type": "incoming" if form.text("direction") == "incoming" else "outgoing",
        "talk_time": seconds,
        "is_connected": form.text("connected") == "yes" or seconds > 0,
    }
    report = call_report({"dial_log": dialled, SOUNDS: list(form.texts(SOUNDS))})
    original = Original(None, _instant(call, form, "at"))
    check_original(call.session, original, call.now)
    made = log_call(call.installation, call.session, report, original, is_over=True).call
    assert made.activity_id is not None
    if note := form.text("note"):
        try:
            write_comment(call.installation, call.session, made.activity_id, CommentInput(note))
        except Invalid as error:
            raise Invalid({"note": [text for texts in error.errors.values() for text in texts]}) from error
    return made.activity_id


def _write_check_in(call: PageCall, ref: Ref, form: Posted) -> int:
    told: dict[str, Value] = {name: form.text(name) for name in ("detail_address", "lat", "lng", "note")}
    given = check_in_input({"checkin": told, FILES: list(form.texts(FILES))})
    if given.place == Place():
        raise Invalid({"detail_address": [_EMPTY]})
    return sign_in(call.installation, call.session, ref, given).facts.id


def _talk_time(form: Posted) -> int:
    """Of minutes and seconds; empty for none. Raises Invalid."""
    told = [form.text(name) or "0" for name in ("minutes", "seconds")]
    if not all(text.isascii() and text.isdecimal() and len(text) < 6 for text in told):
        raise Invalid({"minutes": ["应为整数"]})
    minutes, seconds = map(int, told)
    if minutes * 60 + seconds > MAX_SECONDS:
        raise Invalid({"minutes": ["不能超过24小时"]})
    return minutes * 60 + seconds


def _instant(call: PageCall, form: Posted, name: str) -> int | None:
    """A time of the person's zone; None for none. Raises Invalid."""
    text = form.text(name)
    found = instant(text, call.calendar)
    if found is None and text:
        raise Invalid({name: ["不是有效的时间：YYYY-MM-DD HH:MM"]})
    return found


def _custom(form: Posted, field: CustomField) -> Value:
    """What a form says of a field that the organisation added."""
    return list(form.texts(field.name)) if field.field_type == "multi_select" else form.text(field.name)


_EMPTY = "不能为空"
FOLLOW_UP = Kind("follow_up", _("The follow-up is on the timeline."), _write_follow_up)
CALL = Kind("call", _("The call is on the timeline."), _write_call)
CHECK_IN = Kind("check_in", _("You are signed in; sign out when you leave."), _write_check_in)
