"""A person's calendar: their reminders and visits, for programs that know a secret link and nothing else."""

import secrets
from typing import NamedTuple

from genjin.domain.activity_view import ActivityViews
from genjin.domain.checkin import CheckInFilter
from genjin.errors import NotFound, Unauthenticated
from genjin.service.context import Installation, Session, session_of
from genjin.service.feed.views import views_of
from genjin.service.inbox.reminding import ReminderViews, reminder_views
from genjin.service.organisation.signin import key_of
from genjin.store import calendar_links, checkins, reminders
from genjin.store.transaction import Tx

DAY = 86_400
BACK, AHEAD = 90 * DAY, 366 * DAY
"""How far a calendar reaches."""
MOST = 1_000
"""Entries of either sort."""


class CalendarViews(NamedTuple):
    """What a calendar shows: reminders, and the check-ins among `visits`."""

    reminders: ReminderViews
    visits: ActivityViews


def renew_link(installation: Installation, session: Session) -> tuple[str, int]:
    """A new secret for the viewer's calendar, and when it was made; the one before leads nowhere from then on."""
    organisation_id, now = session.organisation_id, installation.clock.now()
    secret = f"{organisation_id:08x}{secrets.token_hex(20)}"  # in the form of a token, which no log shows
    _, secret_hash = key_of(secret)
    installation.database.write(
        lambda tx: calendar_links.put(tx, organisation_id, session.viewer.user_id, secret_hash, now), organisation_id
    )
    return secret, now


def revoke_link(installation: Installation, session: Session) -> None:
    """The viewer's link leads nowhere from now on. Raises NotFound where there is none."""
    if not installation.database.write(
        lambda tx: calendar_links.remove(tx, session.organisation_id, session.viewer.user_id), session.organisation_id
    ):
        raise NotFound("no link")


def link_since(installation: Installation, session: Session) -> int | None:
    """Since when the viewer has a link; None for none."""
    return installation.read_for(
        session, lambda tx: calendar_links.created_at(tx, session.organisation_id, session.viewer.user_id)
    )


def session_of_link(installation: Installation, secret: str) -> Session:
    """Whose calendar a link leads to, as they see things now. Raises Unauthenticated for none, and who has left."""
    organisation_id, secret_hash = key_of(secret)

    def use(tx: Tx) -> Session:
        user_id = calendar_links.owner(tx, organisation_id, secret_hash)
        if user_id is None:
            raise Unauthenticated("no such link")
        return session_of(installation.directories.latest(tx, organisation_id), user_id)

    return installation.database.read(use, organisation_id)


def read_calendar(installation: Installation, session: Session) -> CalendarViews:
    """The viewer's open reminders and visits, of the last months and the coming year, as far as they are seen."""
    now, viewer = installation.clock.now(), session.viewer

    def use(tx: Tx) -> CalendarViews:
        some = reminders.page(tx, viewer, MOST, (now - BACK, now + AHEAD))
        wanted = CheckInFilter(author_id=viewer.user_id, span=(now - BACK, now + 1))
        visits, _ = checkins.page(tx, viewer, wanted, 0, MOST)
        return CalendarViews(reminder_views(tx, session, some), views_of(tx, session, visits))

    return installation.database.read(use, session.organisation_id)
