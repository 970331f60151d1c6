"""Entries that came from other systems: who may change them, and who may write what others did."""

from genjin.domain.policy import may_administer, may_edit_entry, may_write_for_others
from genjin.domain.writing import Original
from genjin.errors import Forbidden, Invalid
from genjin.service.context import Session
from genjin.store import sources
from genjin.store.transaction import Tx

CLOCKS_DIFFER = 300
"""Seconds that another system's clock may be ahead of ours."""


def may_change(tx: Tx, session: Session, activity_id: int | None, author_id: int) -> bool:
    """Whether the viewer may edit or delete this entry of an author."""
    if may_edit_entry(session.viewer, author_id) or activity_id is None or not may_administer(session.viewer):
        return may_edit_entry(session.viewer, author_id)
    came = activity_id in sources.of_entries(tx, session.organisation_id, [activity_id])
    return may_edit_entry(session.viewer, author_id, came)


def check_original(session: Session, original: Original, now: int) -> None:
    """Raises Forbidden for who may only write what they do themselves, and now; Invalid for an author that there is not
    and for what has not happened yet.
    """
    another = original.actor_id not in (None, session.viewer.user_id)
    if (another or original.at is not None) and not may_write_for_others(session.viewer):
        raise Forbidden("只有管理员可以为他人或为过去的时间写入记录")
    errors = {}
    if original.actor_id is not None and original.actor_id not in session.directory.users:
        errors["actor_id"] = ["没有这个用户"]
    if original.at is not None and original.at > now + CLOCKS_DIFFER:
        errors["at"] = ["不能晚于现在"]
    if errors:
        raise Invalid(errors)
