"""What is asked of the team, and of whom: the parameters of the reports of /api/v1."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from genjin.domain.people import User
from genjin.domain.policy import may_see_work_of
from genjin.domain.report import NOTHING, Asked, By, Period, PeriodName, Tally
from genjin.errors import Invalid
from genjin.service.reports.counting import count_each_day
from genjin.web.calling import PageCall
from genjin.web.queries import query_of
from genjin.web.texts import _
from genjin.wire.v1.feed import MOST_VALUES, NOT
from genjin.wire.v1.report import PeopleQuery, people_asked, period_asked
from genjin.wire.v1.report_done import CALLS, FOLLOW_UPS, VISITS, done_to_wire, periods
from genjin.wire.v1.report_outcome import OwnersQuery

MEASURES = {
    "all": _("All"),
    "calls": _("Calls"),
    "minutes": _("Minutes of talk"),
    "follow_ups": _("Follow-ups"),
    "visits": _("Visits"),
}
MOST_DAYS, MOST_WEEKS = 31, 182
"""Days of a period that is told day by day, or week by week; a longer one is told by months."""


@dataclass(frozen=True)
class Team:
    """What is asked for. `people` are the colleagues whose work the viewer sees."""

    call: PageCall
    query: PeopleQuery
    people: Sequence[User]
    measure: str

    @cached_property
    def period(self) -> Period:
        """The days. Raises Invalid."""
        return period_asked(self.query, self.call.calendar, self.call.now)

    @cached_property
    def asked(self) -> Asked:
        """Whose doings. Raises Invalid."""
        return Asked(self.period, *people_asked(self.query, self.call.viewer.user_id))

    @cached_property
    def found(self) -> Mapping[tuple[int, int], Tally]:
        """What was done, by person and day."""
        return count_each_day(self.call.installation, self.call.session, self.asked)

    @cached_property
    def parts(self) -> tuple[By, Sequence[Period]]:
        """What the period is told by."""
        days = (self.period.last - self.period.first).days + 1
        by = By.DAY if days <= MOST_DAYS else By.WEEK if days <= MOST_WEEKS else By.MONTH
        return by, list(periods(by, self.period))

    def done(self, by: By) -> Sequence[Mapping[str, Any]]:
        """The rows of the reports of calls, follow-ups and visits as one: a mapping of figures each. Last the total."""
        nth = 0 if by is By.PERSON else 1
        sums = dict[int, Tally]()
        for key, tally in self.found.items():
            sums[key[nth]] = sums.get(key[nth], NOTHING).plus(tally)
        directory, rows = self.call.session.directory, dict[str, dict[str, Any]]()
        total = dict[str, Any]()
        for name, measures in (("calls", CALLS), ("follow_ups", FOLLOW_UPS), ("visits", VISITS)):
            told: dict[str, Any] = done_to_wire(measures, by, self.asked, sums, directory)
            for row in told["rows"]:
                about = str(row["person"] and row["person"]["id"]) if by is By.PERSON else row["from"]
                rows.setdefault(about, {"person": row["person"], "from": row["from"], "to": row["to"]})[name] = row
            total[name] = told["total"]
        return [*rows.values(), total]

    def asking(self, model: type[OwnersQuery], **more: str) -> Any:
        """The same of a report on records: of the same days, and of those whose records they are."""
        days = {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        return model.model_validate({**days, "owner": self.owners, **more})

    @cached_property
    def owners(self) -> Sequence[str]:
        """Whose records: those of the colleagues that are asked for. Raises Invalid for too many."""
        if self.query.actor or not self.query.department:
            return self.query.actor
        directory, asked = self.call.session.directory, self.asked.departments
        wanted, unwanted = directory.below(asked.wanted), directory.below(asked.unwanted)
        users = directory.users.values()
        found = [str(user.id) for user in users if user.department_id in wanted - unwanted]
        if not wanted:
            found = [f"{NOT}{user.id}" for user in users if user.department_id in unwanted]
        if len(found) > MOST_VALUES:
            raise Invalid({"department": [_("Too many people at once: choose a smaller department.")]})
        return found or ["none"]

    def say(self, text: str, **values: object) -> str:
        """A text in the language of the page."""
        return self.call.say(text, **values)

    def name(self, person: Mapping[str, Any] | None) -> str:
        """Of a row that is about somebody."""
        return str(person["name"]) if person else self.say(_("Nobody"))

    def label(self, by: By, first: str, last: str) -> str:
        """Of a part of the period."""
        times = self.call.times
        if by is By.MONTH:
            return times.month(int(first[:4]), int(first[5:7]))
        return times.short_day(first) if by is By.DAY else f"{times.short_day(first)}–{times.short_day(last)}"


def team_of(call: PageCall, people: Sequence[User]) -> Team:
    """The last 30 days where none are asked for; who sees nobody else's work is shown their own. Raises Invalid."""
    query = query_of(PeopleQuery, call.request.scope)
    if query.period is None and query.from_ is None and query.to is None:
        query = query.model_copy(update={"period": PeriodName.LAST_30_DAYS})
    if query.actor:
        query = query.model_copy(update={"department": []})
    elif len(people) < 2:
        query = query.model_copy(update={"actor": ["me"], "department": []})
    team = Team(call, query, people, one_of(MEASURES, call.request.query_params.get("measure")))
    assert team.asked.period == team.period  # what is wrong is found out at once
    return team


def people_seen(call: PageCall) -> list[User]:
    """Who is here, and whose work the viewer sees."""
    directory = call.session.directory
    found = [
        user
        for user in directory.users.values()
        if directory.is_here(user.id) and may_see_work_of(call.viewer, user.id, user.department_id)
    ]
    return sorted(found, key=lambda user: user.name)


def one_of(some: Mapping[str, str], told: str | None) -> str:
    """What is asked for, where it is one of these; else the first of them."""
    return told if told is not None and told in some else next(iter(some))
