"""Keeps the directories of the organisations in use; each is read again when its version has moved on.

A version is compared on every request with the one in the database, so a rename made by one worker is seen by
the next request of every other.
"""

import threading
from collections import OrderedDict

from genjin.domain.directory import Directory
from genjin.errors import NotFound
from genjin.store import custom_fields, custom_kinds, people, pools
from genjin.store.transaction import Tx


class Directories:
    """At most `size` directories, the least recently used one is dropped first."""

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._kept: OrderedDict[int, Directory] = OrderedDict()
        self._lock = threading.Lock()

    def at_version(self, tx: Tx, organisation_id: int, version: int) -> Directory:
        """The directory at this version or a later one; on the hot path."""
        kept = self._kept.get(organisation_id)
        if kept is not None and kept.organisation.version == version:
            return kept
        return self._keep(load(tx, organisation_id))

    def latest(self, tx: Tx, organisation_id: int) -> Directory:
        """The directory as it is now. Raises NotFound when there is no such organisation."""
        organisation = people.organisation(tx, organisation_id)
        if organisation is None:
            raise NotFound(f"organisation {organisation_id}")
        return self.at_version(tx, organisation_id, organisation.version)

    def _keep(self, directory: Directory) -> Directory:
        with self._lock:
            self._kept[directory.organisation.id] = directory
            self._kept.move_to_end(directory.organisation.id)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return directory


def load(tx: Tx, organisation_id: int) -> Directory:
    """Read a directory from the store. Raises NotFound when there is no such organisation."""
    organisation = people.organisation(tx, organisation_id)
    if organisation is None:
        raise NotFound(f"organisation {organisation_id}")
    return Directory(
        organisation,
        {user.id: user for user in people.user_list(tx, organisation_id)},
        {department.id: department for department in people.department_list(tx, organisation_id)},
        {role.id: role for role in people.role_list(tx, organisation_id)},
        {option.id: option for option in people.option_list(tx, organisation_id)},
        {pool.id: pool for pool in pools.pool_list(tx, organisation_id)},
        {field.id: field for field in custom_fields.field_list(tx, organisation_id)},
        {kind.code: kind for kind in custom_kinds.kind_list(tx, organisation_id)},
    )
