"""Who may see and change what: the one policy for records, entries, lists and whatever else is served.

The SQL filter of lists (`store.records.visible`) says the same thing as `may_see`; a property test holds
the two together.
"""

from dataclasses import dataclass

from genjin.domain.people import DataScope


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking.

    `departments` are the departments whose records the viewer sees besides the own ones; it is empty
    for the scopes `self` (nothing else is seen) and `all` (everything is).
    """

    organisation_id: int
    user_id: int
    scope: DataScope
    departments: frozenset[int] = frozenset()


def may_see(viewer: Viewer, owner_id: int | None, department_id: int | None) -> bool:
    """Whether the viewer sees a record of this owner and department, and everything that happened to it."""
    if viewer.scope is DataScope.ALL or owner_id == viewer.user_id:
        return True
    return department_id is not None and department_id in viewer.departments


def may_edit_entry(viewer: Viewer, author_id: int) -> bool:
    """Whether the viewer may edit or delete an entry written by `author_id`: only the own ones."""
    return viewer.user_id == author_id


def may_assign(viewer: Viewer, owner_id: int, department_id: int | None) -> bool:
    """Whether the viewer may make a record belong to `owner_id`: nobody hands a record to where they cannot see."""
    return may_see(viewer, owner_id, department_id)
