"""Follows records: who does is told of what happens on them (see service/notices.py)."""

from genjin.domain.follow import MOST_FOLLOWERS, FollowKey
from genjin.domain.records import Record, Ref
from genjin.errors import Invalid, NotFound
from genjin.service.context import Installation, Session
from genjin.service.visibility import standing
from genjin.store import follows, records
from genjin.store.transaction import Tx


def follow(installation: Installation, session: Session, ref: Ref) -> tuple[Record, int]:
    """Follow a record, or the one that took its place, from now on; who does already still does. The record, and since
    when. Raises NotFound; Invalid where as many follow it as may.
    """
    now = installation.clock.now()

    def use(tx: Tx) -> tuple[Record, int]:
        organisation_id, viewer = session.organisation_id, session.viewer
        record = standing(tx, session, ref, records.find_for_update)
        since = follows.since(tx, organisation_id, viewer.user_id, record.ref)
        if since is None and follows.count(tx, organisation_id, record.ref) >= MOST_FOLLOWERS:
            raise Invalid({"id": [f"最多{MOST_FOLLOWERS}人关注同一对象"]})
        return record, follows.put(tx, organisation_id, viewer.user_id, record.ref, now)

    return installation.database.write(use, session.organisation_id)


def unfollow(installation: Installation, session: Session, ref: Ref) -> None:
    """Follow a record no longer, whether one sees it or not. Raises NotFound for one that one does not follow."""
    organisation_id, user_id = session.organisation_id, session.viewer.user_id

    def use(tx: Tx) -> None:
        found = records.find(tx, organisation_id, ref, with_deleted=True)
        kept = ref if found is None or found.merged_into_id is None else Ref(ref.type, found.merged_into_id)
        followed = [each for each in {ref, kept} if follows.since(tx, organisation_id, user_id, each) is not None]
        if not followed:
            raise NotFound("not followed")
        for each in followed:
            follows.remove(tx, organisation_id, user_id, each)

    installation.database.write(use, organisation_id)


def followed_since(installation: Installation, session: Session, ref: Ref) -> int | None:
    """Since when the viewer follows a record; None for not."""
    organisation_id, user_id = session.organisation_id, session.viewer.user_id
    return installation.read_for(session, lambda tx: follows.since(tx, organisation_id, user_id, ref))


def list_followed(
    installation: Installation, session: Session, limit: int, after: FollowKey | None = None
) -> tuple[list[tuple[FollowKey, Record]], FollowKey | None]:
    """A page of the records that the viewer follows and sees, the latest follow first, and behind which to go on."""

    def use(tx: Tx) -> tuple[list[tuple[FollowKey, Record]], FollowKey | None]:
        found = follows.page(tx, session.viewer, limit + 1, after)
        page = found[:limit]
        return page, page[-1][0] if len(found) > limit else None

    return installation.read_for(session, use)
