"""How soon and how often somebody was in touch."""

from dataclasses import replace
from typing import Any

from genjin.api.v1 import reports
from genjin.web.pages.team.asked import Team
from genjin.web.pages.team.figures import figures, owner
from genjin.web.tables import Column, Table
from genjin.web.texts import _
from genjin.wire.v1.report_outcome import FollowingQuery, ResponseQuery, SilentQuery

_RESPONSE = figures(
    {
        "leads": Column(_("New leads"), "bar", "--soft"),
        "within_1_hour": Column(_("Within 1 hour"), "bar", "--call"),
        "within_4_hours": Column(_("Within 4 hours")),
        "within_1_day": Column(_("Within 1 day"), "bar", "--talk"),
        "within_3_days": Column(_("Within 3 days")),
        "unanswered": Column(_("Not yet")),
        "median_minutes": Column(_("Median minutes")),
    }
)
_FOLLOWING = figures(
    {
        "records": Column(_("All")),
        "followed": Column(_("In touch"), "bar", "--talk"),
        "unfollowed": Column(_("Not in touch"), "bar", "--visit"),
        "rate": Column(_("Share")),
    }
)
_SILENT = figures(
    {
        "records": Column(_("All"), "bar", "--soft"),
        "silent": Column(_("Silent"), "bar", "--bad"),
        "rate": Column(_("Share")),
    }
)


def first_response(team: Team) -> Table:
    """New leads, and how soon somebody was in touch."""
    told: Any = reports.first_response(team.call, team.asking(ResponseQuery))
    return _RESPONSE(team, "first-response", _("First response to new leads"), _("Owner"), told, owner(team))


def customers_followed(team: Team) -> Table:
    """With how many of their customers owners were in touch."""
    told: Any = reports.follow_up_rate(team.call, team.asking(FollowingQuery, type="customers"))
    return _FOLLOWING(team, "customers-in-touch", _("In touch with customers"), _("Owner"), told, owner(team))


def leads_followed(team: Team) -> Table:
    """The same of leads."""
    told: Any = reports.follow_up_rate(team.call, team.asking(FollowingQuery, type="leads"))
    return _FOLLOWING(team, "leads-in-touch", _("In touch with leads"), _("Owner"), told, owner(team))


def silent(team: Team) -> Table:
    """Customers on whom nothing happened for long."""
    told: Any = reports.silent(team.call, team.asking(SilentQuery, type="customers"))
    table = _SILENT(team, "silent", _("Silent customers"), _("Owner"), told, owner(team))
    return replace(table, note=team.say(_("No talk, call or visit within 14 days up to today.")))
