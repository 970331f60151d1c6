"""Makes up three months of calls and follow-ups: who got in touch with whom, when, how, and what was written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from genjin.demo import texts
from genjin.demo.hours import busyness, moment, working_days
from genjin.demo.places import place_in
from genjin.domain.activity import Draft
from genjin.domain.calendar import Calendar
from genjin.domain.call import Call, CallDetails, Direction, Recording
from genjin.domain.followup import FollowUpDetails
from genjin.domain.kinds import CALL_MADE, FOLLOW_UP_WRITTEN
from genjin.domain.people import User
from genjin.domain.records import RecordType, Ref
from genjin.service.entries.history import Told

RECORDING = "/static/demo-call.wav"
_MIDDLE_NUMBER = 13
_WRITTEN_BY = 40 * 60
"""Seconds after its beginning within which a contact is over and written down."""
_MEANS = {True: (86, 8, 0, 3, 2, 1), False: (46, 28, 14, 4, 6, 2)}
"""How often each means is used, in per cent, by whether it is somebody who only telephones."""
_ORDER = (texts.CALL, texts.CHAT, texts.VISIT, texts.SHORT_MESSAGE, texts.MAIL, texts.OTHER)


@dataclass(slots=True)
class Case:
    """A lead or customer that somebody works on from the instant `since`; `next` is what it was converted into."""

    ref: Ref
    owner: User
    person: str
    telephone: str
    city: str
    since: int
    weight: int = 1
    next: "Case | None" = None
    written: int = 0


@dataclass(frozen=True)
class Storyteller:
    """`paces` are contacts a day by user id; `telephonists` are who only telephones; `superiors` by user id."""

    rng: Random
    calendar: Calendar
    now: int
    categories: Mapping[str, int]
    paces: Mapping[int, float]
    telephonists: frozenset[int]
    superiors: Mapping[int, User]

    def tell(self, cases: Sequence[Case], first: date, last: date) -> list[Told]:
        """Everything that happened to these cases, by time."""
        by_owner = {owner: [case for case in cases if case.owner.id == owner] for owner in self.paces}
        told: list[Told] = []
        for day in working_days(first, last):
            for owner, own in by_owner.items():
                for at in self._times(day, self.paces[owner]):
                    open_cases = [case for case in own if case.since <= at]
                    if open_cases:
                        weights = [case.weight for case in open_cases]
                        told += self._contact(_current(self.rng.choices(open_cases, weights)[0], at), at)
        return sorted(told, key=lambda each: each.draft.at)

    def _times(self, day: date, pace: float) -> list[int]:
        chance = pace * busyness(day) / 6
        count = sum(self.rng.random() < chance for _ in range(6))
        times = sorted(moment(self.rng, self.calendar, day) for _ in range(count))
        return [at for at in times if at + _WRITTEN_BY < self.now]

    def _contact(self, case: Case, at: int) -> list[Told]:
        means = self.rng.choices(_ORDER, _MEANS[case.owner.id in self.telephonists])[0]
        if means != texts.CALL:
            return [self._follow_up(case, means, at)]
        call = self._call(case, at)
        assert call.call is not None
        seconds, connected = call.call.seconds, call.call.connected
        if self.rng.random() > (0.8 if connected else 0.4):
            return [call]
        written_at = at + seconds + self.rng.randint(60, 420)
        return [call, self._follow_up(case, means, written_at, connected)]

    def _call(self, case: Case, at: int) -> Told:
        rng = self.rng
        inbound = rng.random() < 0.12
        connected = inbound or rng.random() < 0.7
        seconds = min(20 + int(rng.expovariate(1 / 130)), 900) if connected else 0
        by_platform = case.owner.id in self.telephonists and not inbound
        dial_type = "" if by_platform else "incoming" if inbound else "outgoing"
        over = at + seconds + rng.randint(5, 40)
        url = f"{RECORDING}?attname={self.calendar.local(at):%Y%m%d%H%M%S}.wav"
        draft = Draft(
            kind=CALL_MADE,
            actor_id=case.owner.id,
            target=case.ref,
            at=at,
            recorded_at=over,
            details=CallDetails(
                direction=Direction.INBOUND if inbound else Direction.OUTBOUND,
                mode=_MIDDLE_NUMBER if by_platform else 0,
                dial_type=dial_type,
                recordings=(Recording(0, url, None, seconds, 1),) if connected else (),
            ),
        )
        call = Call(
            id=0,
            caller_id=case.owner.id,
            target=case.ref,
            number=case.telephone,
            created_at=at,
            updated_at=over,
            name=case.person,
            dial_type=dial_type,
            seconds=seconds,
            connected=connected,
        )
        return Told(draft, call)

    def _follow_up(self, case: Case, means: str, at: int, reached: bool = True) -> Told:
        rng = self.rng
        if not reached:
            text, asked = texts.not_reached(rng, case.person), None
        else:
            text = texts.follow_up(rng, means, case.person, case.written, case.ref.type is RecordType.CUSTOMER)
            asked = self._asked(case)
        if asked is not None:
            text += texts.asking(rng, asked.name)
        case.written += 1
        draft = Draft(
            kind=FOLLOW_UP_WRITTEN,
            actor_id=case.owner.id,
            target=case.ref,
            at=at,
            recorded_at=at,
            said_at=at - rng.randint(10, 35) * 60 if means == texts.VISIT else at,
            remind_at=self._reminder(at) if rng.random() < 0.22 else None,
            category_id=self.categories[means],
            text=text,
            details=FollowUpDetails(
                place_in(rng, case.city) if means == texts.VISIT else None, (asked.id,) if asked else ()
            ),
        )
        return Told(draft)

    def _asked(self, case: Case) -> User | None:
        """The superior, now and then."""
        return self.superiors.get(case.owner.id) if self.rng.random() < 0.06 else None

    def _reminder(self, at: int) -> int:
        """A full or half hour of one of the next working days."""
        today = self.calendar.local(at).date()
        soon = [day for day in working_days(today + timedelta(1), today + timedelta(21)) if busyness(day) == 1.0]
        hour, minute = self.rng.choice(((9, 30), (10, 0), (14, 0), (15, 30)))
        return self.calendar.instant(datetime.combine(self.rng.choice(soon[:8]), time(hour, minute)))


def _current(case: Case, at: int) -> Case:
    """The customer instead of the lead, once it was converted."""
    return case.next if case.next is not None and case.next.since <= at else case
