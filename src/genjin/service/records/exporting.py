"""Taking records out of the system is written down, and done by each one by one."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

from genjin.domain.audit import Act, Subject
from genjin.service.audit import NOTHING, hand_of, note
from genjin.service.context import Installation, Session


def note_export(
    installation: Installation, session: Session, name: str, form: str, fields: Sequence[str], asked: str
) -> None:
    """Somebody takes out a list: what is called `name`, as `csv` or `xlsx`, with these fields of the records that the
    query `asked` finds.
    """
    told = {"format": form, "fields": ", ".join(fields), "filter": asked}
    installation.database.write(
        lambda tx: note(tx, installation, hand_of(session), Act.RECORDS_EXPORTED, Subject(None, name), NOTHING, told),
        session.organisation_id,
    )


def exporting_alone(installation: Installation, session: Session) -> AbstractContextManager[None]:
    """The one export that somebody has at a time at a worker, from its beginning until it is read: who reads slowly
    fills no disk with files. Raises InFlight.
    """
    return installation.in_flight.holding(("export", session.organisation_id, session.viewer.user_id))
