"""What somebody wants of the page for people; everybody says it for themselves."""

from genjin.domain.preferences import Preferences, errors_of
from genjin.errors import Invalid
from genjin.service.context import Installation, Session
from genjin.store import preferences


def read_preferences(installation: Installation, session: Session) -> Preferences:
    """The viewer's; those that nobody changed for who has said nothing."""
    found = installation.read_for(
        session, lambda tx: preferences.find(tx, session.organisation_id, session.viewer.user_id)
    )
    return found or Preferences()


def set_preferences(installation: Installation, session: Session, told: Preferences) -> None:
    """All of the viewer's, from the next request on. Raises Invalid."""
    if errors := errors_of(told):
        raise Invalid(errors)
    installation.database.write(
        lambda tx: preferences.put(tx, session.organisation_id, session.viewer.user_id, told), session.organisation_id
    )
