"""Bringing back what was deleted."""

from dataclasses import replace

from genjin.domain.kinds import RECORD_RESTORED
from genjin.domain.records import Record, Ref
from genjin.errors import NotFound
from genjin.service.changes import tell
from genjin.service.context import Installation, Session
from genjin.service.visibility import editable
from genjin.store import records
from genjin.store.transaction import Tx


def restore_record(installation: Installation, session: Session, ref: Ref) -> Record:
    """Bring a deleted record back as it was, for who could change it; one that is not deleted is just answered.

    Raises NotFound, Forbidden.
    """
    now = installation.clock.now()

    def use(tx: Tx) -> Record:
        found = records.find_for_update(tx, session.organisation_id, ref, with_deleted=True)
        if found is not None and found.merged_into_id is not None:
            raise NotFound("merged into another record")
        before = editable(tx, session, found)
        if before.deleted_at is None:
            return before
        records.change(tx, session.organisation_id, ref, {"deleted_at": None, "updated_at": now})
        tell(tx, session.organisation_id, RECORD_RESTORED, ref, session.viewer.user_id, now)
        return replace(before, deleted_at=None, updated_at=now)

    return installation.database.write(use, session.organisation_id)
