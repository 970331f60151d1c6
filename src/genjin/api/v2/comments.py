"""Comments on activities: list, write, read, edit, delete."""

from starlette.responses import Response

from genjin.api.answers import answer
from genjin.api.calling import Call, SignedIn
from genjin.domain.json import JsonValue
from genjin.service.entries import comments
from genjin.service.entries.comments import CommentView
from genjin.wire.comment import comment_input, comment_to_wire, commented_activity
from genjin.wire.envelope import listed
from genjin.wire.scalars import page_of


def list_comments(call: SignedIn) -> Response:
    """All comments on an activity, the oldest first; a timeline shows the newest of them."""
    page = page_of(call.params.get("page"), call.params.get("per_page"))
    found, total = comments.list_comments(call.installation, call.session, call.id, page)
    return answer(listed("comments", [_wire(call, view) for view in found], total, page))


def write_comment_on(call: SignedIn) -> Response:
    """Comment on an activity, or reply to a comment on it; it is on the timeline when this answers."""
    given = comment_input(call.params)
    return answer(_wire(call, comments.write_comment(call.installation, call.session, call.id, given)))


def write_comment(call: SignedIn) -> Response:
    """Comment on the activity that the body names."""
    activity_id, given = commented_activity(call.params), comment_input(call.params)
    return answer(_wire(call, comments.write_comment(call.installation, call.session, activity_id, given)))


def read_comment(call: SignedIn) -> Response:
    """One comment."""
    return answer(_wire(call, comments.read_comment(call.installation, call.session, call.id)))


def edit_comment(call: SignedIn) -> Response:
    """Change one's own comment; the earlier wording is kept."""
    given = comment_input(call.params)
    return answer(_wire(call, comments.edit_comment(call.installation, call.session, call.id, given)))


def delete_comment(call: SignedIn) -> Response:
    """Delete one's own comment; answers it as it was. Replies to it stay."""
    return answer(_wire(call, comments.delete_comment(call.installation, call.session, call.id)))


def _wire(call: Call, view: CommentView) -> dict[str, JsonValue]:
    return comment_to_wire(view.comment, view.parent, call.session.viewer.user_id, call.session.directory)
