"""One entry by itself: with its comments, and with what it said before it was edited."""

from typing import Any

from starlette.responses import Response

from genjin.domain.comment import SHOWN
from genjin.domain.feed import MAX_SIZE
from genjin.domain.timeline import Page
from genjin.service.entries.comments import CommentView, list_comments
from genjin.service.feed.entry import list_wordings, read_entry
from genjin.web.calling import Caller, PageCall
from genjin.web.entries import entry_of
from genjin.web.rendering import page
from genjin.wire.v1.activity import activity_to_wire
from genjin.wire.v1.activity_versions import versions_to_wire


def show(call: Caller, id: int) -> Response:  # noqa: A002 (as it stands in the path)
    """The entry with its comments; as a part of a page the entry alone, as it is now."""
    view = read_entry(call.installation, call.session, id)
    entry = entry_of(call, view)
    if call.is_partial:
        return page(call, "parts/entry.html", entry=entry)
    return page(call, "pages/entry.html", entry=entry, **_comments(call, id, deleted=entry["deleted"]))


def comments(call: Caller, id: int) -> Response:  # noqa: A002
    """The comments on it; a part of a page."""
    if not call.is_partial:
        return show(call, id)
    return page(call, "parts/comments.html", **_comments(call, id))


def versions(call: Caller, id: int) -> Response:  # noqa: A002
    """What it says and said."""
    views, ends = list_wordings(call.installation, call.session, id)
    entry = activity_to_wire(views.entries[0], views, call.form)
    return page(call, "pages/versions.html", entry=entry, versions=versions_to_wire(views, ends, call.form))


def _comments(call: PageCall, id_: int, deleted: bool = False) -> dict[str, Any]:
    """The comments, the oldest first: the last ones, as many as a timeline shows, or all that are asked for."""
    if deleted:
        return {"activity_id": id_, "comments": [], "earlier": 0}
    every = call.request.query_params.get("all") == "1"
    found, total = list_comments(call.installation, call.session, id_, Page(1, MAX_SIZE))
    shown = found if every or total <= SHOWN else found[-SHOWN:]
    return {"activity_id": id_, "comments": [_said(call, each) for each in shown], "earlier": total - len(shown)}


def _said(call: PageCall, view: CommentView) -> dict[str, Any]:
    comment, users = view.comment, call.session.directory.users
    author, parent = users.get(comment.author_id), view.parent
    answered = users.get(parent.author_id) if parent else None
    return {
        "id": comment.id,
        "author": {"id": comment.author_id, "name": author.name if author else ""},
        "created_at": comment.created_at,
        "edited_at": comment.edited_at,
        "text": comment.text,
        "mentions": [users[id_].name for id_ in comment.mentions if id_ in users],
        "parent": {"id": parent.id, "name": answered.name if answered else "", "text": parent.text} if parent else None,
        "own": comment.author_id == call.viewer.user_id,
    }
