"""Taking records out of the system is written down."""

from collections.abc import Sequence

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
