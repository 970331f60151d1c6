"""Comments below an entry: write, change and take back one's own. They are shown by pages/entry.py."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from genjin.errors import InFlight, Invalid, KeyReused
from genjin.service.entries.comments import delete_comment, edit_comment, read_comment, write_comment
from genjin.service.feed.entry import read_entry
from genjin.web.calling import Caller, Form, PageCall, Posted, within
from genjin.web.entries import entry_of
from genjin.web.forms import Typed, new_key
from genjin.web.once import done_once
from genjin.web.pages import entry
from genjin.web.pages.composer import typed_again
from genjin.web.rendering import go, page
from genjin.web.texts import _
from genjin.wire.comment import comment_input
from genjin.wire.params import Params
from genjin.wire.v1.shared import Id


def write(call: Caller, id: Id, form: Form) -> Response:  # noqa: A002
    """Comment on an entry, or reply to a comment on it."""
    errors: Mapping[str, Sequence[str]]
    key, status = "", 422
    try:

        def work(inner: PageCall) -> Response:
            view = write_comment(inner.installation, inner.session, id, comment_input(_params(form)))
            return Response(str(view.comment.id))

        done_once(call, form, work)
        return _done(call, id, form)
    except KeyReused:
        errors = {"form": [_("This was sent before, and is written. Send it again to write what it says now, too.")]}
        key, status = new_key(), 409
    except InFlight:
        errors, status = {"form": [_("This is being sent already.")]}, 409
    except Invalid as error:
        errors = error.errors
    return _shown(call, id, typed_again(call, form, errors, key), status)


def show_one(call: Caller, id: Id) -> Response:  # noqa: A002
    """One's own comment, to be changed."""
    comment = read_comment(call.installation, call.session, id).comment
    values = {"content": [comment.text], "at_user_ids": [str(user_id) for user_id in comment.mentions]}
    return _shown(call, comment.activity_id, typed_again(call, Posted(values, {}), {}), editing=id)


def change(call: Caller, id: Id, form: Form) -> Response:  # noqa: A002
    """Change one's own comment; the earlier wording is kept. Raises NotFound, Forbidden."""
    activity_id = read_comment(call.installation, call.session, id).comment.activity_id
    try:
        edit_comment(call.installation, call.session, id, comment_input(_params(form)))
    except Invalid as error:
        return _shown(call, activity_id, typed_again(call, form, error.errors), 422, editing=id)
    return _done(call, activity_id, form)


def remove(call: Caller, id: Id, form: Form) -> Response:  # noqa: A002
    """Take back one's own comment; replies to it stay. Raises NotFound, Forbidden."""
    gone = delete_comment(call.installation, call.session, id)
    return _done(call, gone.comment.activity_id, form)


def _params(form: Posted) -> Params:
    told: Params = {"content": form.text("content"), "parent_id": form.text("parent_id")}
    return {**told, "at_user_ids": list(form.texts("at_user_ids"))}


def _done(call: PageCall, activity_id: int, form: Posted) -> Response:
    """The comments as they are now, or the page where they are read."""
    if call.is_partial:
        return entry.comments(call, activity_id)
    back = form.text("back")
    return go(call, f"{within(back)}#entry-{activity_id}" if back else f"/entries/{activity_id}")


def _shown(call: PageCall, activity_id: int, typed: Typed, status: int = 200, editing: int = 0) -> Response:
    """The form alone: it is put where it was sent from."""
    view = read_entry(call.installation, call.session, activity_id)
    context: dict[str, Any] = {"activity_id": activity_id, "typed": typed, "editing": editing}
    if call.is_partial:
        headers = {"HX-Retarget": "closest form", "HX-Reswap": "outerHTML"} if typed.errors else None
        return page(call, "parts/comment_form.html", status, headers, **context)
    return page(call, "pages/comment.html", status, entry=entry_of(call, view), **context)
