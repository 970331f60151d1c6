"""Comments: write, reply, list, edit and delete one's own. Who sees an entry sees, and may write, its comments."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from genjin.domain.activity import Facts
from genjin.domain.comment import MAX_COMMENT, SHOWN, Comment, CommentInput, Wording
from genjin.domain.notice import NoticeKind
from genjin.domain.policy import may_edit_entry
from genjin.domain.sight import Sight
from genjin.domain.timeline import Page
from genjin.errors import Forbidden, Invalid, NotFound
from genjin.service.activities import places_of, touch
from genjin.service.context import Installation, Session
from genjin.service.notices import tell, tell_of_comment
from genjin.service.records.views import sight_on
from genjin.service.visibility import seen_entry
from genjin.store import comments, ids
from genjin.store.transaction import Tx


class CommentView(NamedTuple):
    """A comment, and the one that it replies to, if that is still there."""

    comment: Comment
    parent: Comment | None = None


def write_comment(installation: Installation, session: Session, activity_id: int, given: CommentInput) -> CommentView:
    """Say something about an activity. Raises NotFound for one that is not visible; Invalid."""
    _check(session, given.text, given.mentions)
    now = installation.clock.now()

    def use(tx: Tx) -> CommentView:
        entry = seen_entry(tx, session, activity_id)
        parent = None if given.parent_id is None else comments.find(tx, session.organisation_id, given.parent_id)
        if given.parent_id is not None and (parent is None or parent.activity_id != activity_id):
            raise Invalid({"parent_id": ["没有这条评论"]})
        fresh = Comment(
            id=ids.allocate(tx)[0],
            activity_id=activity_id,
            author_id=session.viewer.user_id,
            text=given.text,
            created_at=now,
            parent_id=given.parent_id,
            mentions=given.mentions,
        )
        comments.put(tx, session.organisation_id, fresh)
        comments.count(tx, session.organisation_id, activity_id, 1)
        touch(tx, session.organisation_id, entry)
        shown_in = [place.subject for place in places_of(tx, session.organisation_id, [entry])]
        tell_of_comment(tx, session.organisation_id, entry, fresh, shown_in)
        return _shown(CommentView(fresh, parent), sight_on(tx, session, entry.target))

    return installation.database.write(use, session.organisation_id)


def list_comments(
    installation: Installation, session: Session, activity_id: int, page: Page
) -> tuple[list[CommentView], int]:
    """The comments of an activity, the oldest first, and the number of all. Raises NotFound."""

    def use(tx: Tx) -> tuple[list[CommentView], int]:
        sight = sight_on(tx, session, seen_entry(tx, session, activity_id).target)
        found, total = comments.page(tx, session.organisation_id, activity_id, page.offset, page.size)
        return [_shown(view, sight) for view in with_parents(tx, session.organisation_id, found)], total

    return installation.read_for(session, use)


def read_comment(installation: Installation, session: Session, comment_id: int) -> CommentView:
    """One comment. Raises NotFound."""

    def use(tx: Tx) -> CommentView:
        view, entry = _visible(tx, session, comment_id)
        return _shown(view, sight_on(tx, session, entry.target))

    return installation.read_for(session, use)


def edit_comment(installation: Installation, session: Session, comment_id: int, given: CommentInput) -> CommentView:
    """Change one's own comment; the earlier wording is kept. Raises NotFound, Forbidden, Invalid."""
    now = installation.clock.now()

    def use(tx: Tx) -> CommentView:
        view, entry = _own(tx, session, comment_id)
        before = view.comment
        sight = sight_on(tx, session, entry.target)
        text = sight.meant_text(given.text, before.text) if "text" in given.given else before.text
        mentions = given.mentions if "mentions" in given.given else before.mentions
        _check(session, text, mentions)
        if (text, mentions) == (before.text, before.mentions):
            return _shown(view, sight)
        earlier = (*before.earlier, Wording(before.text, now))
        after = replace(before, text=text, mentions=mentions, edited_at=now, earlier=earlier)
        comments.put(tx, session.organisation_id, after)
        touch(tx, session.organisation_id, entry)
        fresh, about = set(mentions) - set(before.mentions), (now, session.viewer.user_id, None, entry.id, after.id)
        tell(tx, session.organisation_id, NoticeKind.MENTION, fresh, *about)
        return _shown(view._replace(comment=after), sight)

    return installation.database.write(use, session.organisation_id)


def delete_comment(installation: Installation, session: Session, comment_id: int) -> CommentView:
    """Take back one's own comment; replies to it stay. Raises NotFound, Forbidden."""
    now = installation.clock.now()

    def use(tx: Tx) -> CommentView:
        view, entry = _own(tx, session, comment_id)
        comments.put(tx, session.organisation_id, replace(view.comment, deleted_at=now))
        comments.count(tx, session.organisation_id, view.comment.activity_id, -1)
        touch(tx, session.organisation_id, entry)
        return _shown(view, sight_on(tx, session, entry.target))

    return installation.database.write(use, session.organisation_id)


def of_entries(tx: Tx, organisation_id: int, entries: Iterable[Facts]) -> dict[int, list[CommentView]]:
    """The newest comments of each entry that has some, by the id of the activity; two queries, or none."""
    commented = [entry.id for entry in entries if entry.comment_count]
    if not commented:
        return {}
    found = comments.newest(tx, organisation_id, commented, SHOWN)
    views = with_parents(tx, organisation_id, [comment for some in found.values() for comment in some])
    shown: dict[int, list[CommentView]] = {}
    for view in views:
        shown.setdefault(view.comment.activity_id, []).append(view)
    return shown


def with_parents(tx: Tx, organisation_id: int, some: Iterable[Comment]) -> list[CommentView]:
    """Each comment with the one that it replies to."""
    found = list(some)
    parents = comments.find_many(tx, organisation_id, {c.parent_id for c in found if c.parent_id is not None})
    return [CommentView(comment, parents.get(comment.parent_id or 0)) for comment in found]


def _shown(view: CommentView, sight: Sight) -> CommentView:
    """A comment as far as its record is in sight."""
    if sight.numbers:
        return view
    parent = view.parent and replace(view.parent, text=sight.text(view.parent.text))
    return CommentView(replace(view.comment, text=sight.text(view.comment.text)), parent)


def _visible(tx: Tx, session: Session, comment_id: int) -> tuple[CommentView, Facts]:
    comment = comments.find(tx, session.organisation_id, comment_id)
    if comment is None:
        raise NotFound("no such comment")
    entry = seen_entry(tx, session, comment.activity_id)
    return with_parents(tx, session.organisation_id, [comment])[0], entry


def _own(tx: Tx, session: Session, comment_id: int) -> tuple[CommentView, Facts]:
    """One's own comment; its activity is locked, so that two edits come one after the other."""
    before = comments.find(tx, session.organisation_id, comment_id)
    if before is not None:
        comments.count(tx, session.organisation_id, before.activity_id, 0)
    view, entry = _visible(tx, session, comment_id)
    if not may_edit_entry(session.viewer, view.comment.author_id):
        raise Forbidden("只能修改或删除自己的评论")
    return view, entry


def _check(session: Session, text: str, mentions: Iterable[int]) -> None:
    errors: dict[str, list[str]] = {}
    if not text.strip():
        errors["content"] = ["不能为空"]
    elif len(text) > MAX_COMMENT:
        errors["content"] = [f"不能超过{MAX_COMMENT}个字符"]
    if unknown := [user for user in mentions if user not in session.directory.users]:
        errors["at_user_ids"] = [f"没有这个用户：{user}" for user in unknown]
    if errors:
        raise Invalid(errors)
