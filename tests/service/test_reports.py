"""Every figure of a report is what the feed that it links to has, whoever looks, whatever was done, and however far the
tallies have come. On both engines.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from genjin.app import open_installation
from genjin.domain.activity import Facts
from genjin.domain.calendar import day_numbered
from genjin.domain.call import CallReport
from genjin.domain.checkin import CheckInInput
from genjin.domain.clock import FixedClock
from genjin.domain.feed import ANY, Choice
from genjin.domain.followup import FollowUpInput
from genjin.domain.people import SYSTEM_ID, Option
from genjin.domain.place import Place
from genjin.domain.records import RecordInput
from genjin.domain.report import NOTHING, Asked, By, Period, Tally
from genjin.domain.writing import Original
from genjin.service import activities
from genjin.service.context import Installation, Session
from genjin.service.entries.calls import delete_call, end_call, log_call
from genjin.service.entries.checkins import sign_in
from genjin.service.entries.followups import write_follow_up
from genjin.service.feed import changes as feed_changes
from genjin.service.feed.reading import settled
from genjin.service.records.records import update_record
from genjin.service.reports import tallying
from genjin.service.reports.counting import count_done, count_each_day
from genjin.service.reports.outcomes import answers_to, count_each, statuses_of
from genjin.service.reports.tallying import check_day, keep_tallies_of, wrong_days
from genjin.settings import Settings
from genjin.store import calls, feed, people, tallies
from genjin.store.transaction import Tx
from genjin.wire.v1.feed import FeedQuery, feed_filter
from genjin.wire.v1.report_done import (
    CALLS,
    DONE_BY_PEOPLE,
    FOLLOW_UPS,
    LEADS,
    VISITS,
    column_of,
    done_to_wire,
    spread_to_wire,
)
from genjin.wire.v1.report_outcome import (
    FollowingQuery,
    ResponseQuery,
    SilentQuery,
    StatusesQuery,
    conversion_figures,
    counted_to_wire,
    filter_of,
    following_figures,
    left_asked,
    now_asked,
    response_figures,
    responses_to_wire,
    silent_figures,
    statuses_to_wire,
)
from tests.service import test_changes
from tests.service.following import all_given_out, session_of
from tests.service.test_changes import ADMIN, LEAD, LEADER, ONLOOKER, SELLER, USERS, Office

MORE = (
    "restatus",
    "answered",
    "not_made",
    "visit",
    "of_another_day",
    "time_passes",
    "tally",
    "tally_a_little",
    "change_zone",
)
DONE = (*test_changes.DONE, *MORE, *MORE)
acts = st.tuples(st.sampled_from(DONE), *(st.integers(0, 20) for _ in range(3)))
ZONES = ("Asia/Shanghai", "America/New_York", "Asia/Shanghai", "Pacific/Apia")
MEASURES = {"calls": CALLS, "follow-ups": FOLLOW_UPS, "visits": VISITS, "leads": LEADS}
WHO = (
    (ANY, ANY),
    (Choice(frozenset({SELLER, ADMIN, SYSTEM_ID})), ANY),
    (Choice(frozenset[int](), frozenset({ADMIN})), Choice(frozenset({31, 32}))),
    (ANY, Choice(frozenset[int](), frozenset({32}))),
)


@pytest.fixture
def installation(database_url: str) -> Iterator[Installation]:
    opened = open_installation(Settings(database_url=database_url), FixedClock(1_700_000_000))
    with closing(opened.database):
        yield opened


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few entries are many."""
    monkeypatch.setattr(activities, "MANY", 4)
    monkeypatch.setattr(feed_changes, "AT_ONCE", 5)
    monkeypatch.setattr(tallying, "COUNTED_AT_ONCE", 4)
    monkeypatch.setattr(tallying, "MOVED_AT_ONCE", 2)


def test_every_figure_is_what_its_feed_has(installation: Installation) -> None:
    sqlite = installation.database.engine == "sqlite"

    @settings(max_examples=5 if sqlite else 2, phases=[Phase.generate])
    @given(st.lists(acts, min_size=15, max_size=50), st.sampled_from(WHO))
    def whatever_is_done(some: list[tuple[str, int, int, int]], who: tuple[Choice[int], Choice[int]]) -> None:
        desk = Desk(installation)
        for name, one, two, three in some:
            getattr(desk, name)(one, two, three)
        for user in USERS:
            desk.check_figures(user, *who)
            desk.check_outcomes(user)
        desk.check_tallies()

    whatever_is_done()


def test_figures_are_right_after_every_act(installation: Installation) -> None:
    """Each act once, then in the opposite order, with the tallies brought up to date now and then.

    Figures are looked at after every second act, which is after each of them in one of the two orders; on PostgreSQL,
    which takes longer, after every third.
    """
    desk, often = Desk(installation), 2 if installation.database.engine == "sqlite" else 3
    for nth, name in enumerate([*DONE, *reversed(DONE)]):
        getattr(desk, name)(nth * 7, nth * 5 + 1, nth * 3)
        if nth % often == 0:
            desk.check_figures((ADMIN, LEADER, SELLER, ONLOOKER)[nth % 4], *WHO[nth % 8 // 2], by=By.DAY)
        if nth % 5 == 0:
            desk.tally(0, 0, 0)
    for user in USERS:
        desk.check_figures(user, *WHO[0])
    desk.check_tallies()


def test_tallies_that_are_counted_while_several_write_are_right_in_the_end(installation: Installation) -> None:
    """On PostgreSQL transactions overlap, so that lines of the log come late; and two bring the tallies up to date."""
    desk, over = Desk(installation), threading.Event()
    done = [act for act in DONE if act not in ("trim", "hand_everything_over", "change_zone", "time_passes")]

    def write(seed: int) -> None:
        chance = Random(seed)
        for _ in range(25):
            getattr(desk, chance.choice(done))(*(chance.randrange(30) for _ in range(3)))

    def keep() -> None:
        while not over.is_set():
            keep_tallies_of(installation, desk.organisation_id)

    with ThreadPoolExecutor(5) as pool:
        keeping = [pool.submit(keep) for _ in range(2)]
        writing = [pool.submit(write, seed) for seed in range(3)]
        failures = [each.exception() for each in writing]
        over.set()
        failures += [each.exception() for each in keeping]
    assert failures == [None] * 5
    for user in (ADMIN, LEADER):
        desk.check_figures(user, *WHO[0], by=By.PERSON)
    desk.check_tallies()


def test_a_wrong_tally_is_found(installation: Installation) -> None:
    desk = Desk(installation)
    desk.check_tallies()
    day = desk.session.directory.calendar.day_of_span(installation.clock.now())

    def use(tx: Tx) -> bool:
        daily, hourly = tallies.day_kept(tx, desk.organisation_id, day)
        key = next(iter(daily))
        wrong = {**daily, key: daily[key]._replace(calls=daily[key].calls + 1)}
        tallies.put_day(tx, desk.organisation_id, day, wrong, hourly)
        return check_day(tx, desk.organisation_id, day)

    assert not installation.database.write(use, desk.organisation_id)


class Desk(Office):
    """Where reports are read of what is done."""

    def __init__(self, installation: Installation) -> None:
        super().__init__(installation)

        def use(tx: Tx) -> None:
            people.put_options(
                tx, self.organisation_id, [Option(61, "lead.status", "新"), Option(62, "lead.status", "热")]
            )
            people.bump_version(tx, self.organisation_id)

        installation.database.write(use, self.organisation_id)

    def restatus(self, nth: int, status: int, _: int) -> None:
        if lead := self._pick(nth, LEAD):
            given = RecordInput({"status": ("61", "62", None)[status % 3]})
            self._try(lambda: update_record(self.installation, self.session, lead, given))

    def answered(self, nth: int, seconds: int, _: int) -> None:
        report = CallReport(frozenset({"connected", "seconds"}), seconds=seconds, connected=seconds % 3 > 0)
        self._try(lambda: end_call(self.installation, self.session, self.calls[nth % len(self.calls)], report))

    def not_made(self, nth: int, _: int, __: int) -> None:
        self._try(lambda: delete_call(self.installation, self.session, self.calls[nth % len(self.calls)]))

    def visit(self, nth: int, by: int, _: int) -> None:
        original = Original(USERS[by % len(USERS)])
        given = CheckInInput(Place("南京路", 31.2, 121.4))
        self._try(lambda: sign_in(self.installation, self.session, self._nth(nth), given, original))

    def of_another_day(self, nth: int, by: int, hours: int) -> None:
        """Somebody else's, as it is brought in from another system."""
        original = Original(USERS[by % len(USERS)], self.installation.clock.now() - hours * 11 * 3_600)
        session, ref = self.session, self._nth(nth)
        self._try(lambda: write_follow_up(self.installation, session, ref, FollowUpInput(text="早前"), original))
        report = CallReport(frozenset({"seconds"}), target=ref, seconds=hours, connected=by % 2 > 0)
        self._try(lambda: log_call(self.installation, session, report, original, is_over=True))

    def time_passes(self, hours: int, _: int, __: int) -> None:
        clock = self.installation.clock
        assert isinstance(clock, FixedClock)
        clock.at += hours * 3_000

    def tally(self, _: int, __: int, ___: int) -> None:
        keep_tallies_of(self.installation, self.organisation_id)

    def tally_a_little(self, times: int, _: int, __: int) -> None:
        """And then the process is ended."""
        left = iter([True] * (times % 4))
        keep_tallies_of(self.installation, self.organisation_id, lambda: next(left, False))

    def change_zone(self, nth: int, rarely: int, _: int) -> None:
        def use(tx: Tx) -> None:
            found = people.organisation(tx, self.organisation_id)
            assert found is not None
            people.put_organisation(tx, replace(found, time_zone=ZONES[nth % len(ZONES)]))
            people.bump_version(tx, self.organisation_id)

        if rarely % 4 == 0:
            self.installation.database.write(use, self.organisation_id)

    def check_figures(self, user: int, actors: Choice[int], departments: Choice[int], by: By | None = None) -> None:
        """Every figure of every report of the days around now is what its link leads to."""
        session = session_of(self.installation, self.organisation_id, user)
        today = session.directory.calendar.local(self.installation.clock.now()).date()
        asked = Asked(Period(today - timedelta(days=12), today + timedelta(days=1)), actors, departments)
        feeds = dict[str, list[Facts]]()
        for name, measures in MEASURES.items():
            for each in By if by is None else [by]:
                if each is By.HOUR and name != "calls":
                    continue
                found = count_done(self.installation, session, asked, column_of(each))
                told = done_to_wire(measures, each, asked, found, session.directory)
                for row in [*told["rows"], told["total"]]:
                    self._check_row(session, row, feeds)
        self._check_each_day(session, asked, feeds)

    def _check_each_day(self, session: Session, asked: Asked, feeds: dict[str, list[Facts]]) -> None:
        """By person and day they add up to what they are by each, and a day of somebody's is what its link leads to."""
        found, columns = count_each_day(self.installation, session, asked), ("actor_id", "day")
        for nth, column in enumerate(columns):
            sums = dict[int, Tally]()
            for key, tally in found.items():
                sums[key[nth]] = sums.get(key[nth], NOTHING).plus(tally)
            assert sums == count_done(self.installation, session, asked, column)  # type: ignore[arg-type]
        days = [day_numbered(day) for _, day in list(found)[:3]]
        for row in spread_to_wire(DONE_BY_PEOPLE, asked, found, [Period(day, day) for day in days], session.directory):
            for cell in row["cells"]:
                self._check_row(session, cell, feeds)

    def check_outcomes(self, user: int) -> None:
        """The same of reports that are counted from feeds."""
        session = session_of(self.installation, self.organisation_id, user)
        directory, today = session.directory, session.directory.calendar.local(self.installation.clock.now()).date()
        period, feeds = Period(today - timedelta(days=5), today), dict[str, list[Facts]]()
        for figures, share in (
            (conversion_figures(period), ("converted", "created")),
            (following_figures(FollowingQuery(), period), ("followed", "records")),
            (silent_figures(SilentQuery(type="leads"), period), ("silent", "records")),
        ):
            filters = [filter_of(params, user, directory) for params in figures.values()]
            counts = dict(zip(figures, count_each(self.installation, session, filters, "owner_id"), strict=True))
            told = counted_to_wire("owner", figures, counts, [], directory, share)
            for row in [*told["rows"], told["total"]]:
                self._check_row(session, row, feeds)
        for since in ("created", "assigned"):
            figures = response_figures(ResponseQuery(since=since), period)
            found = answers_to(self.installation, session, filter_of(figures["leads"], user, directory))
            told = responses_to_wire(figures, found, [], directory)
            for row in [*told["rows"], told["total"]]:
                self._check_row(session, row, feeds)
        query = StatusesQuery()
        asked = [filter_of(params, user, directory) for params in (left_asked(query, period), now_asked(query))]
        stays, here = statuses_of(self.installation, session, *asked)
        for row in statuses_to_wire(query, period, stays, here, [], directory):
            self._check_row(session, row, feeds)

    def check_tallies(self) -> None:
        """Up to date, they are what the entries say; what is seen by nobody any more is not counted."""
        all_given_out(self.installation.database, self.organisation_id)
        self.tally(0, 0, 0)
        calendar = self.session.directory.calendar

        def use(tx: Tx) -> None:
            state = tallies.find_state(tx, self.organisation_id)
            ends = tallies.ends(tx, self.organisation_id)
            assert state is not None
            assert ends is not None
            assert not state.stale
            for day in range(calendar.day(ends[0]) - 1, calendar.day(ends[1]) + 2):
                assert check_day(tx, self.organisation_id, day)

        self.installation.database.read(use, self.organisation_id)
        assert wrong_days(self.installation, self.organisation_id) == []

    def _check_row(self, session: Session, row: Any, feeds: dict[str, list[Facts]]) -> None:
        for name, figure in row.items():
            if isinstance(figure, dict) and "activities" in figure and not name.endswith(("_minutes", "_hours")):
                link = figure["activities"]
                if link not in feeds:
                    feeds[link] = self._feed(session, link)
                expected: float = len(feeds[link])
                if name == "minutes":
                    expected = round(self._seconds(feeds[link]) / 60, 1)
                assert figure["value"] == expected, (name, row)

    def _feed(self, session: Session, link: str) -> list[Facts]:
        """All that a link leads to."""
        parts = urlsplit(link)
        assert parts.path == "/api/v1/activities"
        told: dict[str, Any] = dict(parse_qs(parts.query))
        for name in ("from", "to", "connected", "converted", "standing"):
            told |= {name: told[name][0]} if name in told else {}
        wanted = feed_filter(FeedQuery.model_validate(told), session.viewer.user_id, session.directory)

        def use(tx: Tx) -> list[Facts]:
            asked, found, after = settled(tx, session, wanted), list[Facts](), None
            while True:
                stretch = feed.page(tx, session.viewer, asked, 200, after)
                found, after = found + stretch.entries, stretch.end
                if after is None:
                    return found

        return self.installation.database.read(use, self.organisation_id)

    def _seconds(self, entries: list[Facts]) -> int:
        ids = {facts.object_id or 0 for facts in entries}
        found = self.installation.database.read(
            lambda tx: calls.find_many(tx, self.organisation_id, ids), self.organisation_id
        )
        return sum(call.seconds for call in found.values())
