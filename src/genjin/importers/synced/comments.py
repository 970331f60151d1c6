"""Puts the comments that entries show."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from genjin.domain.activity import Facts
from genjin.domain.comment import Comment
from genjin.importers.synced.bringing import Bringing, digest
from genjin.importers.synced.ids import COMMENTS, remember, settle
from genjin.service import activities as birthplace
from genjin.store import activities, comments, sync_ids
from genjin.store.sync_ids import Known
from genjin.wire.synced.entries import ToldEntry


def put_comments(
    into: Bringing, told: Mapping[int, ToldEntry], entries: Mapping[int, int], users: Mapping[int, int]
) -> None:
    """The comments of these entries, which are here already: `entries` and `users` are our ids by the upstream's."""
    by_id = {comment.id: comment for entry in told.values() for comment in entry.comments}
    parents = {comment.parent_id for comment in by_id.values() if comment.parent_id}
    known = settle(into, COMMENTS, by_id.keys() | parents)
    if not by_id:
        return
    tx, organisation_id = into.tx, into.organisation_id
    alive = activities.find_many(tx, organisation_id, sorted({entries[each.activity_id] for each in by_id.values()}))
    there = comments.find_many(tx, organisation_id, [known[id_].id for id_ in by_id])
    put, written, more = list[Comment](), dict[int, Known](), Counter[int]()
    for id_, comment in by_id.items():
        its = known[id_]
        was = there.get(its.id)
        after = replace(
            comment,
            id=its.id,
            activity_id=entries[comment.activity_id],
            author_id=users.get(comment.author_id, comment.author_id),
            parent_id=known[comment.parent_id].id if comment.parent_id else None,
            mentions=tuple(users.get(user_id, user_id) for user_id in comment.mentions),
        )
        if after.activity_id not in alive or (was is None and its.told is not None):
            continue  # it was taken back here
        if was is not None:
            if its.told != digest(_said(was)):
                continue  # it was changed here
            after = replace(after, earlier=was.earlier, parent_id=after.parent_id or was.parent_id)
        if after != was:
            put.append(after)
            more[after.activity_id] += was is None
            into.count(COMMENTS, was is None)
        written[id_] = its._replace(told=digest(_said(after)))
    comments.put(tx, organisation_id, *put)
    for activity_id in sorted({each.activity_id for each in put}):
        comments.count(tx, organisation_id, activity_id, more[activity_id])
        birthplace.touch(tx, organisation_id, alive[activity_id])
    remember(into, COMMENTS, written)


def has_own_comments(into: Bringing, facts: Facts) -> bool:
    """Whether somebody commented on an entry here."""
    if not facts.comment_count:
        return False
    found, _ = comments.page(into.tx, into.organisation_id, facts.id, 0, facts.comment_count)
    theirs = sync_ids.theirs(into.tx, into.organisation_id, into.sync_id, COMMENTS, (each.id for each in found))
    return len(theirs) < len(found)


def _said(comment: Comment) -> object:
    return [comment.author_id, comment.text, comment.created_at, comment.edited_at, comment.mentions]
