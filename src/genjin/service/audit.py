"""Acts of administration: who may do them, and that they are written down in the transaction that does them."""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from genjin.domain.audit import Act, AuditFilter, AuditKey, Noted, Subject, differences
from genjin.domain.json import JsonValue
from genjin.domain.people import SYSTEM_ID
from genjin.domain.policy import may_administer
from genjin.errors import Forbidden
from genjin.service.context import Installation, Session
from genjin.store import audit, ids, people
from genjin.store.transaction import Tx

By = int | Session
"""Who administers an organisation: one of its administrators, or the installation's operator, who tells its id."""
NOTHING: Mapping[str, JsonValue] = {}


class Hand(NamedTuple):
    """Whose act it is, of which organisation; SYSTEM_ID for the operator's."""

    organisation_id: int
    user_id: int


def administrator(by: By) -> Hand:
    """Raises Forbidden for a session of somebody who is no administrator."""
    if isinstance(by, int):
        return Hand(by, SYSTEM_ID)
    if not may_administer(by.viewer):
        raise Forbidden("只有管理员可以这样做")
    return hand_of(by)


def hand_of(session: Session) -> Hand:
    """Whoever asks, for what is not for administrators alone."""
    return Hand(session.organisation_id, session.viewer.user_id)


def note(
    tx: Tx,
    installation: Installation,
    by: Hand,
    act: Act,
    subject: Subject,
    before: Mapping[str, JsonValue] = NOTHING,
    after: Mapping[str, JsonValue] = NOTHING,
) -> None:
    """Write down what was done, in the transaction that does it; what is the same before and after is left out, and an
    act that changed nothing where something was before is none.
    """
    changes = tuple(differences(before, after))
    if before and not changes:
        return
    noted = Noted(ids.allocate(tx)[0], installation.clock.now(), by.user_id, act, subject, changes)
    audit.add(tx, by.organisation_id, noted)


def note_everywhere(installation: Installation, act: Act, subject: Subject) -> None:
    """Write down what the operator does with the whole installation, in the log of every organisation."""
    for organisation in installation.database.read(people.all_organisations, organisation_id=None):
        hand = Hand(organisation.id, SYSTEM_ID)
        installation.database.write(
            partial(note, installation=installation, by=hand, act=act, subject=subject), hand[0]
        )


def read_audit(
    installation: Installation, session: Session, wanted: AuditFilter, limit: int, after: AuditKey | None = None
) -> list[Noted]:
    """A page of the log, the latest first; for administrators. Raises Forbidden."""
    organisation_id = administrator(session).organisation_id
    return installation.read_for(session, lambda tx: audit.page(tx, organisation_id, wanted, limit, after))
