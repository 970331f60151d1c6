"""What leads where: the one list of the places that the page has."""

from typing import NamedTuple

from genjin.domain.policy import may_administer
from genjin.web.calling import PageCall
from genjin.web.texts import _


class Place(NamedTuple):
    """An entry of the navigation; `main` are those that a phone has room for."""

    name: str
    path: str
    icon: str
    label: str
    main: bool = False


HOME = Place("home", "/", "house", _("Home"), main=True)
PLACES = (
    HOME,
    Place("leads", "/leads", "target", _("Leads"), main=True),
    Place("customers", "/customers", "building-2", _("Customers"), main=True),
    Place("contacts", "/contacts", "contact", _("Contacts")),
    Place("opportunities", "/opportunities", "briefcase", _("Opportunities")),
    Place("contracts", "/contracts", "file-text", _("Contracts")),
    Place("pools", "/pools", "waves", _("Pools")),
    Place("team", "/team", "chart-column", _("Team"), main=True),
)
ADMIN = Place("admin", "/admin", "settings", _("Administration"))


def navigation_for(call: PageCall) -> list[Place]:
    """The places that somebody may open."""
    return [*PLACES, ADMIN] if may_administer(call.viewer) else list(PLACES)
