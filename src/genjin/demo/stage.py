"""The stage on which the stories of the made-up team are played: who acts, and at which moment of the past.

A story is a generator: it yields the instants that it waits for, one after the other, and acts in between, through the
use cases that people go through. All stories are played by time, and so ids grow with it.
"""

from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from heapq import heapify, heappop, heappush
from typing import Concatenate, ParamSpec, TypeVar

from genjin.demo.hours import busyness, working_days
from genjin.domain.clock import FixedClock
from genjin.domain.custom_field import CustomField
from genjin.domain.directory import FOLLOW_UP_CATEGORY, Directory
from genjin.domain.people import User
from genjin.domain.pools import Pool
from genjin.domain.records import RecordType
from genjin.service.context import Installation, Session

Story = Generator[int, None, None]
P = ParamSpec("P")
T = TypeVar("T")
DAYS = 92
"""How far back the stories go."""


class Stage:
    """One organisation, at the moment that a story has come to. `weekdays` are the days of work before today."""

    def __init__(self, installation: Installation, organisation_id: int) -> None:
        self.now, self.organisation_id = installation.clock.now(), organisation_id
        self._clock = FixedClock(self.now)
        self.installation = replace(installation, clock=self._clock)
        self.last = self.directory.calendar.local(self.now).date()
        self.first = self.last - timedelta(DAYS)
        self.weekdays = [day for day in working_days(self.first, self.last - timedelta(1)) if busyness(day) == 1.0]

    @property
    def directory(self) -> Directory:
        """The organisation as it is at this moment."""
        latest, id_ = self.installation.directories.latest, self.organisation_id
        return self.installation.database.read(lambda tx: latest(tx, id_), id_)

    def act(
        self, login: str, use: Callable[Concatenate[Installation, Session, P], T], *given: P.args, **more: P.kwargs
    ) -> T:
        """Let a colleague go through a use case."""
        directory = self.directory
        viewer = directory.viewer(self.user(login).id)
        assert viewer is not None, login
        return use(self.installation, Session(viewer, directory), *given, **more)

    def ago(self, weekdays: int, at: str) -> int:
        """The instant of a time such as `09:30`, so many weekdays ago."""
        return self.instant(self.weekdays[-weekdays], at)

    def instant(self, day: date, at: str) -> int:
        """The instant of a time of a day."""
        return self.directory.calendar.instant(datetime.combine(day, time.fromisoformat(at)))

    def user(self, login: str) -> User:
        return next(user for user in self.directory.users.values() if user.login == login)

    def option(self, field: str, label: str) -> str:
        """A choice by its label, as records hold it."""
        return str(next(option.id for option in self.directory.choices(field) if option.label == label))

    def category(self, label: str) -> int:
        """A category of follow-ups by its label."""
        return int(self.option(FOLLOW_UP_CATEGORY, label))

    def pool(self, name: str) -> Pool:
        return next(pool for pool in self.directory.pools.values() if pool.name == name)

    def field(self, type_: RecordType | None, label: str) -> CustomField:
        """A field that the organisation added."""
        return next(field for field in self.directory.fields_of(type_) if field.label == label)

    def play(self, stories: Iterable[Story], meanwhile: Callable[[int], None]) -> None:
        """Play all stories by time; `meanwhile` is told before each act up to when the past is needed. What lies in
        the future never happens.
        """
        waiting = [(at, number, story) for number, story in enumerate(stories) for at in (next(story),)]
        heapify(waiting)
        while waiting and waiting[0][0] < self.now:
            at, number, story = heappop(waiting)
            meanwhile(at)
            self._clock.at = at
            if (later := next(story, None)) is not None:
                assert later >= at, (later, at)
                heappush(waiting, (later, number, story))
        meanwhile(self.now)
