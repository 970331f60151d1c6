"""Tells people what they should know, in the transaction of what caused it. Nobody is told of what they did themselves.

Whether they may see it is asked when they look (see store/notices.py).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from genjin.domain.activity import Draft, Facts
from genjin.domain.change import ChangeDetails
from genjin.domain.change_log import LogLine, LogOp
from genjin.domain.comment import Comment
from genjin.domain.followup import FollowUpDetails
from genjin.domain.json import JsonValue
from genjin.domain.notice import NEWS_SECONDS, Notice, NoticeKind
from genjin.domain.people import SYSTEM_ID
from genjin.domain.records import Ref
from genjin.store import changes, comments, follows, ids, notices
from genjin.store.transaction import Tx


def tell(
    tx: Tx,
    organisation_id: int,
    kind: NoticeKind,
    user_ids: Iterable[int],
    at: int,
    actor_id: int = SYSTEM_ID,
    ref: Ref | None = None,
    activity_id: int | None = None,
    comment_id: int | None = None,
    details: Mapping[str, JsonValue] | None = None,
) -> set[int]:
    """Put a notice into the inbox of each of these users but who did it; who was told. What it is about is an activity,
    a comment on it, a record, or told by `details`.
    """
    told = set(user_ids) - {actor_id, SYSTEM_ID}
    if told:
        notice_id = ids.allocate(tx)[0]
        about = (kind, at, actor_id, ref, activity_id, comment_id, details)
        notices.add(tx, organisation_id, [Notice(notice_id, user_id, *about) for user_id in sorted(told)])
        changes.add(tx, organisation_id, [LogLine(LogOp.NOTICE, notice_id)])
    return told


def tell_of_entries(
    tx: Tx, organisation_id: int, born: Sequence[Facts], drafts: Sequence[Draft], shown_in: Mapping[Ref, Sequence[Ref]]
) -> None:
    """Tell who is mentioned in new entries, who was given a record, and who follows a record whose timeline one is in,
    by `shown_in` of its target; each once of one entry.
    """
    news = [
        (facts, draft) for facts, draft in zip(born, drafts, strict=True) if facts.recorded_at - facts.at < NEWS_SECONDS
    ]
    if not news:
        return
    followers = follows.followers(tx, organisation_id, {ref for _, draft in news for ref in shown_in[draft.target]})
    for facts, draft in news:
        if not (followers or _names(draft)):
            continue
        about = (facts.recorded_at, facts.actor_id, None, facts.id)
        told = tell(tx, organisation_id, NoticeKind.MENTION, mentioned_in(draft), *about)
        told |= tell(tx, organisation_id, NoticeKind.ASSIGNED, _given(draft) - told, *about)
        following = set[int]().union(*(followers.get(ref, ()) for ref in shown_in[draft.target]))
        tell(tx, organisation_id, NoticeKind.FOLLOWED, following - told, *about)


def tell_of_comment(tx: Tx, organisation_id: int, entry: Facts, comment: Comment, shown_in: Collection[Ref]) -> None:
    """Tell of a new comment whom it mentions, whose entry it is on or who commented on that before, and who follows a
    record whose timeline the entry is in.
    """
    about = (comment.created_at, comment.author_id, None, entry.id, comment.id)
    told = tell(tx, organisation_id, NoticeKind.MENTION, comment.mentions, *about)
    there = {entry.actor_id, *comments.authors(tx, organisation_id, entry.id)}
    told |= tell(tx, organisation_id, NoticeKind.REPLY, there - told, *about)
    followers = follows.followers(tx, organisation_id, shown_in)
    tell(tx, organisation_id, NoticeKind.FOLLOWED, set[int]().union(*followers.values()) - told, *about)


def _names(draft: Draft) -> bool:
    """Whether an entry may be about people."""
    return isinstance(draft.details, FollowUpDetails | ChangeDetails)


def mentioned_in(draft: Draft) -> set[int]:
    """The colleagues that an entry mentions."""
    return set(draft.details.mentions) if isinstance(draft.details, FollowUpDetails) else set()


def _given(draft: Draft) -> set[int]:
    """Whose a record became."""
    details = draft.details.changes if isinstance(draft.details, ChangeDetails) else ()
    return {change.after for change in details if change.field == "owner_id" and isinstance(change.after, int)}
