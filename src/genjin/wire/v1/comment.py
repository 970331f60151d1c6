"""Comments as /api/v1 shows them, beside what they are on."""

from genjin.domain.comment import Comment
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.sight import Sight
from genjin.wire.v1.shared import Named, Shown
from genjin.wire.v1.times import ShownTime, iso_time, iso_time_or_none


class CommentObject(Shown):
    """What a colleague said about an activity."""

    id: int
    author: Named
    created_at: ShownTime
    edited_at: ShownTime | None
    text: str


def comment_to_wire(comment: Comment, sight: Sight, directory: Directory) -> dict[str, JsonValue]:
    """A comment as CommentObject, as far as its record is in sight."""
    author = directory.users.get(comment.author_id)
    return {
        "id": comment.id,
        "author": {"id": comment.author_id, "name": author.name if author else ""},
        "created_at": iso_time(comment.created_at, directory.calendar),
        "edited_at": iso_time_or_none(comment.edited_at, directory.calendar),
        "text": sight.text(comment.text),
    }
