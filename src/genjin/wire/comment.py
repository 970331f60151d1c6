"""Comments on the wire. The upstream documents none; the form is that of comments on its work reports (markings)."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from genjin.domain.comment import Comment, CommentInput
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.sight import WHOLE, Sight
from genjin.errors import Invalid
from genjin.wire import scalars
from genjin.wire.params import Params, subtree, text
from genjin.wire.user import WireUser, user_or_none


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CommentAuthor(_Exact):
    """Who is replied to."""

    id: int
    name: str


class CommentParent(_Exact):
    """The comment that another one replies to."""

    id: int
    content: str
    user: CommentAuthor


class Nothing(_Exact):
    """`{}`"""


class WireComment(_Exact):
    """A comment on an activity. `parent` is `{}` for no reply, and when what it replied to was taken back."""

    id: int
    sales_activity_id: int
    content: str
    exist_parent: bool
    parent: CommentParent | Nothing
    reply_to_user: CommentAuthor | Nothing
    created_at: str
    updated_at: str
    user: WireUser | Nothing
    at_users: list[WireUser]
    audios: list[Nothing]
    is_user_self: bool


def comment_to_wire(
    comment: Comment, parent: Comment | None, viewer_id: int, directory: Directory, sight: Sight = WHOLE
) -> dict[str, JsonValue]:
    """A comment as every answer shows it."""
    minute = directory.calendar.minute
    mentioned = (user_or_none(user_id, directory) for user_id in comment.mentions)
    told: dict[str, object] = {
        "id": comment.id,
        "sales_activity_id": comment.activity_id,
        "content": sight.text(comment.text),
        "exist_parent": parent is not None,
        "parent": {}
        if parent is None
        else {"id": parent.id, "content": sight.text(parent.text), "user": _author(parent.author_id, directory)},
        "reply_to_user": {} if parent is None else _author(parent.author_id, directory),
        "created_at": minute(comment.created_at),
        "updated_at": minute(comment.created_at if comment.edited_at is None else comment.edited_at),
        "user": user_or_none(comment.author_id, directory) or {},
        "at_users": [user for user in mentioned if user is not None],
        "audios": [],
        "is_user_self": comment.author_id == viewer_id,
    }
    return told  # type: ignore[return-value]


def comments_to_wire(
    some: Sequence[tuple[Comment, Comment | None]], viewer_id: int, directory: Directory, sight: Sight
) -> list[dict[str, JsonValue]]:
    """The same of several, each with the comment that it replies to."""
    return [comment_to_wire(comment, parent, viewer_id, directory, sight) for comment, parent in some]


def commented_activity(params: Params) -> int:
    """The activity that `comment[sales_activity_id]` or `comment[commentable_id]` names. Raises Invalid."""
    given = subtree(params, "comment")
    for name in ("sales_activity_id", "commentable_id"):
        value = given.get(name, params.get(name))
        if not scalars.no_id(value):
            found = scalars.id_or_zero(value)
            if found is None:
                raise Invalid({name: ["不是有效的编号"]})
            return found
    raise Invalid({"sales_activity_id": ["不能为空"]})


def comment_input(params: Params) -> CommentInput:
    """What is written: `comment[content]`, `comment[parent_id]`, `at_user_ids[]`; also without `comment[...]`.

    Raises Invalid for a field that cannot be read.
    """
    given = params | subtree(params, "comment")
    errors: dict[str, list[str]] = {}
    parent_id = None
    if not scalars.no_id(given.get("parent_id")):
        parent_id = scalars.id_or_zero(given["parent_id"])
        if parent_id is None:
            errors["parent_id"] = ["不是有效的编号"]
    mentions = scalars.ids(given.get("at_user_ids"))
    if mentions is None:
        errors["at_user_ids"] = ["不是有效的编号"]
    if errors:
        raise Invalid(errors)
    told = {"content": "text", "at_user_ids": "mentions"}
    names = frozenset(ours for theirs, ours in told.items() if theirs in given)
    return CommentInput(text(given, "content"), parent_id, mentions or (), names)


def _author(user_id: int, directory: Directory) -> dict[str, JsonValue]:
    user = directory.users.get(user_id)
    return {"id": user_id, "name": user.name if user else ""}
