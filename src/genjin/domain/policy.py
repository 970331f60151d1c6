"""Who may see and change what: the one policy for records, entries, lists and whatever else is served.

The SQL filter of lists (`store.visible.visible`) says the same thing as `may_see`; a property test holds
the two together. What happened to a record is seen by who sees the record, or the customer that it rolls up to.
"""

from collections.abc import Callable
from dataclasses import dataclass

from genjin.domain.people import NO_LIMITS, DataScope, Rights
from genjin.domain.records import OF_A_CUSTOMER, Record


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking.

    `departments` are those whose records the viewer sees besides the own ones: by the role's scope (none for `self`,
    and `all` needs none), and those that the viewer leads with all below. `pools` are those that the viewer may look
    into, `led_pools` those that they administer. `number_fields` are custom fields that hold telephone numbers.
    `led_departments` are those whose records the viewer approves: by leading them or one above, or by the scope
    `department_and_below`.
    """

    organisation_id: int
    user_id: int
    scope: DataScope
    departments: frozenset[int] = frozenset()
    pools: frozenset[int] = frozenset()
    led_pools: frozenset[int] = frozenset()
    rights: Rights = NO_LIMITS
    number_fields: frozenset[str] = frozenset()
    led_departments: frozenset[int] = frozenset()


def may_see(viewer: Viewer, record: Record, customer: Record | None = None) -> bool:
    """Whether the viewer sees a record, and everything that happened to it.

    `customer` is whose contact, opportunity or contract the record is: who sees the customer sees those.
    """
    return holds(viewer, record) or record.pool_id in viewer.pools or _through(viewer, record, customer, may_see)


def may_edit(viewer: Viewer, record: Record, customer: Record | None = None) -> bool:
    """Whether the viewer may change a record: not what they only see in a pool that others administer."""
    return holds(viewer, record) or record.pool_id in viewer.led_pools or _through(viewer, record, customer, may_edit)


def may_see_phones(viewer: Viewer, record: Record, customer: Record | None = None) -> bool:
    """Whether telephone numbers of a visible record are shown in full (decision 13): to who may work on it."""
    return not viewer.rights.phones_masked and may_edit(viewer, record, customer)


def holds(viewer: Viewer, record: Record) -> bool:
    """Whether the record is the viewer's to work on: as owner, collaborator, manager or administrator."""
    return viewer.user_id in record.collaborators or _answers_for(viewer, record)


def may_give_away(viewer: Viewer, record: Record, customer: Record | None = None) -> bool:
    """Whether the viewer may take a record from its owner or its pool: hand it over, put it back, merge it away.

    Who only works on it beside the owner may change it, and not that.
    """
    own = _answers_for(viewer, record) or record.pool_id in viewer.led_pools
    return own or _through(viewer, record, customer, may_give_away)


def may_edit_entry(viewer: Viewer, author_id: int, came_from_elsewhere: bool = False) -> bool:
    """Whether the viewer may edit or delete an entry written by `author_id`: only the own ones, and as administrator
    those that came from another system, whose programs keep them up to date.
    """
    return viewer.user_id == author_id or (came_from_elsewhere and may_administer(viewer))


def may_write_for_others(viewer: Viewer) -> bool:
    """Whether the viewer may write entries that others are the authors of, or that happened at another time."""
    return may_administer(viewer)


def may_assign(viewer: Viewer, owner_id: int, department_id: int | None) -> bool:
    """Whether a record may become that of `owner_id` by the viewer: nobody hands one to where they cannot see.

    That the viewer may take it from its owner is `may_give_away`.
    """
    return may_see_work_of(viewer, owner_id, department_id)


def may_see_work_of(viewer: Viewer, user_id: int | None, department_id: int | None) -> bool:
    """Whether the viewer is told what a colleague of a department does: themselves, and whom they manage."""
    return viewer.scope is DataScope.ALL or user_id == viewer.user_id or department_id in viewer.departments


def may_approve(viewer: Viewer, record: Record) -> bool:
    """Whether the viewer may approve and deny a record: not for owning it, but for answering for its department."""
    return viewer.scope is DataScope.ALL or record.department_id in viewer.led_departments


def may_use_pool(viewer: Viewer, pool_id: int | None) -> bool:
    """Whether the viewer may look into a pool, take what lies in it and put something in."""
    return pool_id is not None and (viewer.scope is DataScope.ALL or pool_id in viewer.pools)


def may_lead_pool(viewer: Viewer, pool_id: int | None) -> bool:
    """Whether the viewer may hand out and delete what lies in a pool."""
    return pool_id is not None and (viewer.scope is DataScope.ALL or pool_id in viewer.led_pools)


def may_administer(viewer: Viewer) -> bool:
    """Whether the viewer runs the organisation: who sees everything of it."""
    return viewer.scope is DataScope.ALL


def _answers_for(viewer: Viewer, record: Record) -> bool:
    """Whether the viewer is the owner, a manager or an administrator."""
    return may_see_work_of(viewer, record.owner_id, record.department_id)


def _through(
    viewer: Viewer, record: Record, customer: Record | None, allowed: Callable[[Viewer, Record], bool]
) -> bool:
    return customer is not None and record.type in OF_A_CUSTOMER and allowed(viewer, customer)
