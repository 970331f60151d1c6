"""How much room an organisation takes."""

from typing import NamedTuple

from genjin.domain.attachment import FileKind
from genjin.service.audit import administrator
from genjin.service.context import Installation, Session
from genjin.store import files, schema


class KindStorage(NamedTuple):
    """How many files of a kind there are, without deleted ones, and the bytes of all of them; equal ones count each."""

    kind: FileKind
    files: int
    bytes: int


class Storage(NamedTuple):
    """The files of an organisation by kind, and the bytes of the database, which all organisations are in."""

    kinds: tuple[KindStorage, ...]
    database_bytes: int


def read_storage(installation: Installation, session: Session) -> Storage:
    """As it is now; for administrators. Raises Forbidden."""
    organisation_id = administrator(session).organisation_id
    kinds = installation.read_for(session, lambda tx: files.sums(tx, organisation_id))
    size = installation.database.read(schema.size, organisation_id=None)
    return Storage(tuple(KindStorage(*each) for each in kinds), size)
