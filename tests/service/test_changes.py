"""Replaying the changes onto an empty copy equals fetching everything, whatever was done, whoever reads, and however
seldom. On both engines.
"""

import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genjin.app import open_installation
from genjin.domain.activity import Draft
from genjin.domain.call import CallReport, Recording
from genjin.domain.change_log import BEGINNING, LogCursor, seeing
from genjin.domain.clock import FixedClock
from genjin.domain.comment import CommentInput
from genjin.domain.followup import FollowUpInput
from genjin.domain.kinds import RETURN_WARNED
from genjin.domain.people import DataScope, Department, Organisation, Rights, Role, User
from genjin.domain.pools import Pool
from genjin.domain.records import OF_A_CUSTOMER, RecordInput, RecordType, Ref
from genjin.domain.timeline import Page
from genjin.domain.told import Tell
from genjin.errors import CursorGone, GenjinError
from genjin.service import activities
from genjin.service.context import Installation, Session
from genjin.service.entries.calls import end_call, log_call
from genjin.service.entries.comments import delete_comment, edit_comment, write_comment
from genjin.service.entries.followups import delete_follow_up, edit_follow_up, write_follow_up
from genjin.service.feed import changes as feed_changes
from genjin.service.feed.changes import read_changes
from genjin.service.organisation.leaving import leave
from genjin.service.organisation.people import UserChanges, change_user
from genjin.service.organisation.roles import change_rights, set_scope
from genjin.service.pools.pools import create_in_pool, hand_out, put_back
from genjin.service.records.assignment import assign, set_collaborators
from genjin.service.records.conversion import undo_conversion
from genjin.service.records.merging import list_merges, merge_records, undo_merge
from genjin.service.records.records import create_record, delete_record, update_record
from genjin.service.records.restoring import restore_record
from genjin.settings import Settings
from genjin.store import activities as facts_store
from genjin.store import audiences, changes, ids, people, pools
from genjin.store.transaction import Tx
from tests.databases import fresh_organisation
from tests.service.following import Follower, everything, session_of

T = TypeVar("T")
ADMIN, SELLER, LEADER, OTHER, ONLOOKER = 1, 2, 3, 4, 5
"""Who sees all; the own ones; a department; the own ones again; what lies in pools, without numbers."""
LEAD, CUSTOMER, CONTACT = RecordType.LEAD, RecordType.CUSTOMER, RecordType.CONTACT
nths = st.integers(0, 20)
USERS = (ADMIN, SELLER, LEADER, OTHER, ONLOOKER)
POOL_OF = {LEAD: 51, CUSTOMER: 52}
ACTS = (
    *("create_lead", "create_customer", "create_below", "create_pooled", "follow_up", "edit", "take_back", "comment"),
    *("change_comment", "delete_comment", "dial", "hang_up", "record_many", "lie_elsewhere", "transfer", "share"),
    *("move", "pool", "unpool", "convert", "undo_turn", "merge", "undo_merge", "delete", "restore", "change_scope"),
    *("change_rights", "change_department", "hand_everything_over", "trim", "read_a_little", "read_all"),
)


@pytest.fixture
def installation(database_url: str) -> Iterator[Installation]:
    opened = open_installation(Settings(database_url=database_url), FixedClock(1_700_000_000))
    with closing(opened.database):
        yield opened


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few entries are many."""
    monkeypatch.setattr(activities, "MANY", 4)
    monkeypatch.setattr(feed_changes, "AT_ONCE", 5)
    monkeypatch.setattr(feed_changes, "MOST_LOOKED_AT", 15)


DONE = [act for act in ACTS if act not in ("read_a_little", "read_all")]
LONG = 80
acts = st.tuples(st.sampled_from(ACTS), nths, nths, nths)


def test_replaying_the_changes_equals_fetching_everything(installation: Installation, small: None) -> None:
    sqlite = installation.database.engine == "sqlite"

    @settings(max_examples=12 if sqlite else 6)
    @given(st.lists(acts, min_size=20, max_size=60))
    def whatever_is_done(some: list[tuple[str, int, int, int]]) -> None:
        office = Office(installation)
        for name, one, two, three in some:
            getattr(office, name)(one, two, three)
        for follower in office.followers:
            office.check(follower)

    whatever_is_done()


@pytest.mark.parametrize("seed", range(1))
def test_whoever_reads_after_every_act_has_everything(installation: Installation, small: None, seed: int) -> None:
    """One long history, in which each act comes often, on whatever there is."""
    chance = random.Random(seed)
    office = Office(installation)
    for _ in range(LONG):
        getattr(office, chance.choice(DONE))(*(chance.randrange(30) for _ in range(3)))
        for follower in office.followers:
            if chance.random() < 0.7:
                office.check(follower)
    for follower in office.followers:
        office.check(follower)


def test_who_reads_while_several_write_has_everything_in_the_end(installation: Installation, small: None) -> None:
    """On PostgreSQL, transactions overlap, and their lines come in another order than their commits."""
    office, over = Office(installation), threading.Event()
    acts = [act for act in DONE if act not in ("trim", "hand_everything_over")]

    def write(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(LONG // 2):
            getattr(office, chance.choice(acts))(*(chance.randrange(30) for _ in range(3)))

    def read(follower: Follower) -> None:
        while not over.is_set():
            follower.read(7)

    with ThreadPoolExecutor(9) as pool:
        reading = [pool.submit(read, follower) for follower in office.followers]
        writing = [pool.submit(write, seed) for seed in range(3)]
        failures = [each.exception() for each in writing]
        over.set()
        assert [each.exception() for each in reading] == [None] * len(reading)
    assert failures == [None] * 3
    for follower in office.followers:
        follower.catch_up()
        assert follower.copy == everything(installation, follower.session)


def test_who_has_other_departments_now_begins_anew(installation: Installation) -> None:
    office = Office(installation)
    leader = office.followers[USERS.index(LEADER)]
    leader.catch_up()
    held = set(leader.copy)
    office.change_department(1, 1, 0)
    office.check(leader)
    assert set(leader.copy) != held


def test_who_waits_for_longer_than_lines_are_kept_is_told_so(installation: Installation) -> None:
    office = Office(installation)
    session = office.session
    cursors = [read_changes(installation, session, None, 9, whole=whole).cursor for whole in (False, True)] + [
        LogCursor(BEGINNING, seeing(session.viewer))
    ]
    office.follow_up(0, 0, 0)
    for _ in range(2):
        installation.database.write(
            lambda tx: changes.trim(tx, office.organisation_id, -1, 1000), office.organisation_id
        )
        office.follow_up(0, 0, 0)
    for cursor in cursors:
        with pytest.raises(CursorGone):
            read_changes(installation, session, cursor, 9)


def test_a_cursor_of_somebody_else_begins_anew(installation: Installation) -> None:
    office = Office(installation)
    cursor = read_changes(installation, office.session, None, 9).cursor
    office.follow_up(0, 0, 0)
    seller = session_of(installation, office.organisation_id, SELLER)
    page = read_changes(installation, seller, cursor, 9)
    assert ([told.tell for told in page.told], page.more) == ([Tell.RESET], False)
    assert read_changes(installation, seller, page.cursor, 9).told == []


class Office:
    """Where all that there is is done, by an administrator, while colleagues follow. Each act is given three numbers,
    by which it chooses; what cannot be done is not.
    """

    def __init__(self, installation: Installation) -> None:
        self.installation, self.organisation_id = installation, fresh_organisation()
        installation.database.write(lambda tx: _found(tx, self.organisation_id), self.organisation_id)
        self.things: list[Ref] = []
        self.follow_ups: list[int] = []
        self.entries: list[int] = []
        self.comments: list[int] = []
        self.calls: list[int] = []
        self.seen_ever: dict[int, set[Ref]] = {user: set() for user in USERS}
        self.followers = [Follower(installation, self.organisation_id, user) for user in USERS]
        for nth, owner in enumerate((SELLER, OTHER, LEADER)):
            self.create_lead(0, owner - 1, 0)
            self.create_customer(0, owner - 1, 0)
            self.create_below(nth, 0, owner - 1)
        for nth in range(len(self.things)):
            self.follow_up(nth, 0, 0)
            self.dial(nth, 0, 0)

    @property
    def session(self) -> Session:
        return session_of(self.installation, self.organisation_id, ADMIN)

    def create_lead(self, _: int, owner: int, __: int) -> None:
        self._make(LEAD, {"name": "郑老师", "owner_id": _of(USERS, owner)})

    def create_customer(self, _: int, owner: int, __: int) -> None:
        self._make(CUSTOMER, {"name": "郑州第一中学", "owner_id": _of(USERS, owner)})

    def create_below(self, nth: int, type_: int, owner: int) -> None:
        if customer := self._pick(nth, CUSTOMER):
            columns: Mapping[str, str | int] = {
                "name": "王主任",
                "owner_id": _of(USERS, owner),
                "customer_id": customer.id,
            }
            self._make(_of(sorted(OF_A_CUSTOMER), type_), columns)

    def create_pooled(self, type_: int, _: int, __: int) -> None:
        pooled = _of((LEAD, CUSTOMER), type_)
        given = RecordInput({"name": "公海"})
        self._try(
            lambda: self.things.append(
                create_in_pool(self.installation, self.session, pooled, given, POOL_OF[pooled]).ref
            )
        )

    def follow_up(self, nth: int, _: int, __: int) -> None:
        def act() -> None:
            given = FollowUpInput(text="留了电话13400000031")
            facts = write_follow_up(self.installation, self.session, self._nth(nth), given).facts
            self.follow_ups.append(facts.object_id or 0)
            self.entries.append(facts.id)

        self._try(act)

    def edit(self, nth: int, text: int, _: int) -> None:
        given = FollowUpInput(text=_of(("改", "再改"), text), given=frozenset({"text"}))
        self._try(lambda: edit_follow_up(self.installation, self.session, _of(self.follow_ups, nth), given))

    def take_back(self, nth: int, _: int, __: int) -> None:
        self._try(lambda: delete_follow_up(self.installation, self.session, _of(self.follow_ups, nth)))

    def comment(self, nth: int, _: int, __: int) -> None:
        def act() -> None:
            given = CommentInput(text="好", given=frozenset({"text"}))
            view = write_comment(self.installation, self.session, _of(self.entries, nth), given)
            self.comments.append(view.comment.id)

        self._try(act)

    def change_comment(self, nth: int, text: int, _: int) -> None:
        given = CommentInput(text=_of(("很好", "非常好"), text), given=frozenset({"text"}))
        self._try(lambda: edit_comment(self.installation, self.session, _of(self.comments, nth), given))

    def delete_comment(self, nth: int, _: int, __: int) -> None:
        self._try(lambda: delete_comment(self.installation, self.session, _of(self.comments, nth)))

    def dial(self, nth: int, _: int, __: int) -> None:
        def act() -> None:
            report = CallReport(target=self._nth(nth))
            self.calls.append(log_call(self.installation, self.session, report).call.id)

        self._try(act)

    def hang_up(self, nth: int, which: int, _: int) -> None:
        url = f"https://example.com/{which % 3}.mp3"
        report = CallReport(frozenset({"seconds"}), seconds=9, recordings=(Recording(0, url, url, 9),))
        self._try(lambda: end_call(self.installation, self.session, _of(self.calls, nth), report))

    def record_many(self, nth: int, count: int, _: int) -> None:
        now, ref = self.installation.clock.now(), self._nth(nth)
        drafts = [Draft(RETURN_WARNED, ADMIN, ref, now + n, now) for n in range(2 + count % 8)]
        self.installation.database.write(
            lambda tx: activities.record_many(tx, self.organisation_id, drafts), self.organisation_id
        )

    def lie_elsewhere(self, nth: int, to: int, _: int) -> None:
        """As an import of captured answers finds it."""

        def use(tx: Tx) -> None:
            entry = facts_store.find(tx, self.organisation_id, _of(self.entries, nth))
            if entry is not None:
                ref = self._nth(to)
                after = entry._replace(at=entry.at + 1, target_type=int(ref.type), target_id=ref.id)
                activities.move(tx, self.organisation_id, entry, after)

        self.installation.database.write(use, self.organisation_id)
        self.look()

    def transfer(self, nth: int, other: int, owner: int) -> None:
        refs = [self._nth(nth), self._nth(other)]
        self._try(lambda: assign(self.installation, self.session, refs, _of(USERS, owner)))

    def share(self, nth: int, who: int, others: int) -> None:
        chosen = [_of(USERS, who), _of(USERS, others)] if others % 3 else []
        self._try(lambda: set_collaborators(self.installation, self.session, self._nth(nth), chosen))

    def move(self, nth: int, to: int, department: int) -> None:
        ref, customer = self._pick(nth, *OF_A_CUSTOMER), self._pick(to, CUSTOMER)
        if ref and customer:
            given = RecordInput({"customer_id": customer.id, "department_id": _of((None, 31, 32), department)})
            self._try(lambda: update_record(self.installation, self.session, ref, given))

    def pool(self, nth: int, _: int, __: int) -> None:
        if ref := self._pick(nth, LEAD, CUSTOMER):
            self._try(lambda: put_back(self.installation, self.session, ref, POOL_OF[ref.type]))

    def unpool(self, nth: int, to: int, _: int) -> None:
        if ref := self._pick(nth, LEAD, CUSTOMER):
            self._try(lambda: hand_out(self.installation, self.session, ref, _of((SELLER, LEADER, ONLOOKER), to)))

    def convert(self, nth: int, owner: int, _: int) -> None:
        def act() -> None:
            lead = self._pick(nth, LEAD)
            given = RecordInput({"name": "客户", "owner_id": _of(USERS, owner)})
            made = create_record(self.installation, self.session, CUSTOMER, given, lead.id if lead else 0)
            self.things.append(made.ref)

        self._try(act)

    def undo_turn(self, nth: int, deletes: int, _: int) -> None:
        if lead := self._pick(nth, LEAD):
            self._try(lambda: undo_conversion(self.installation, self.session, lead, bool(deletes % 2)))

    def merge(self, nth: int, other: int, another: int) -> None:
        if kept := self._pick(nth, LEAD, CUSTOMER):
            gone = [ref.id for each in (other, another) if (ref := self._pick(each, kept.type)) and ref != kept]
            self._try(lambda: merge_records(self.installation, self.session, kept, gone))

    def undo_merge(self, nth: int, _: int, __: int) -> None:
        if kept := self._pick(nth, LEAD, CUSTOMER):

            def act() -> object:
                done, _ = list_merges(self.installation, self.session, kept, Page(1, 5))
                return [undo_merge(self.installation, self.session, kept, merge.id) for merge, _ in done[:1]]

            self._try(act)

    def delete(self, nth: int, _: int, __: int) -> None:
        self._try(lambda: delete_record(self.installation, self.session, self._nth(nth)))

    def restore(self, nth: int, _: int, __: int) -> None:
        self._try(lambda: restore_record(self.installation, self.session, self._nth(nth)))

    def change_scope(self, scope: int, _: int, __: int) -> None:
        set_scope(self.installation, self.organisation_id, "看", _of(tuple(DataScope), scope).value)

    def change_rights(self, masked: int, _: int, __: int) -> None:
        change_rights(self.installation, self.organisation_id, "看", phones_masked=bool(masked % 2))

    def change_department(self, user: int, department: int, _: int) -> None:
        given = UserChanges(department=_of(("31", "32"), department))
        change_user(self.installation, self.organisation_id, f"u{_of((SELLER, LEADER), user)}", given)

    def hand_everything_over(self, rarely: int, to: int, _: int) -> None:
        """Also of one who has left already: it goes on with what is left."""
        if rarely % 4 == 0:
            self._try(lambda: leave(self.installation, self.session, OTHER, _of((SELLER, LEADER), to)))

    def trim(self, all_of_it: int, most: int, _: int) -> None:
        """All lines are older than -1 seconds, and none than an hour."""
        seconds = -1 if all_of_it % 2 else 3600
        self.installation.database.write(
            lambda tx: changes.trim(tx, self.organisation_id, seconds, 1 + most), self.organisation_id
        )

    def read_a_little(self, nth: int, limit: int, _: int) -> None:
        _of(self.followers, nth).read(1 + limit % 6)

    def read_all(self, nth: int, _: int, __: int) -> None:
        self.check(_of(self.followers, nth))

    def check(self, follower: Follower) -> None:
        """Read to the end; then the copy is what there is, and nothing was told of what was never seen."""
        follower.catch_up()
        assert follower.copy == everything(self.installation, follower.session)
        self.look()
        assert follower.hidden <= self.seen_ever[follower.user_id]

    def look(self) -> None:
        """Remember what everybody sees."""

        def use(tx: Tx) -> None:
            directory = self.installation.directories.latest(tx, self.organisation_id)
            found = audiences.find(tx, self.organisation_id, self.things)
            for user, refs in self.seen_ever.items():
                viewer = directory.viewer(user)
                assert viewer is not None
                refs |= {ref for ref, audience in found.items() if audience.seen_by(viewer).entries}

        self.installation.database.read(use, self.organisation_id)

    def _make(self, type_: RecordType, columns: Mapping[str, str | int | None]) -> None:
        self._try(
            lambda: self.things.append(create_record(self.installation, self.session, type_, RecordInput(columns)).ref)
        )

    def _nth(self, nth: int) -> Ref:
        return _of(self.things, nth)

    def _pick(self, nth: int, *types: RecordType) -> Ref | None:
        some = [ref for ref in self.things if ref.type in types]
        return _of(some, nth) if some else None

    def _try(self, act: Callable[[], object]) -> None:
        with suppress(GenjinError, IndexError):
            act()
        self.look()


def _of(some: Sequence[T], nth: int) -> T:
    """One of these. Raises IndexError where there is none."""
    return some[nth % len(some) if some else 0]


def _found(tx: Tx, organisation_id: int) -> None:
    people.put_organisation(tx, Organisation(organisation_id, "长江贸易", f"w{organisation_id}"))
    people.put_departments(tx, organisation_id, [Department(31, "销售"), Department(32, "渠道")])
    roles = [
        Role(21, "管", DataScope.ALL),
        Role(22, "看", DataScope.DEPARTMENT),
        Role(23, "卖", DataScope.SELF),
        Role(24, "望", DataScope.SELF, Rights(phones_masked=True)),
    ]
    people.put_roles(tx, organisation_id, roles)
    role_of = {ADMIN: 21, SELLER: 23, LEADER: 22, OTHER: 23, ONLOOKER: 24}
    department_of = {SELLER: 31, LEADER: 31, OTHER: 32, ONLOOKER: 32}
    colleagues = [
        User(user, f"u{user}", 1, login=f"u{user}", role_id=role, department_id=department_of.get(user))
        for user, role in role_of.items()
    ]
    people.put_users(tx, organisation_id, colleagues)
    made = [
        Pool(51, LEAD, "线索公海", 1, 1, open_to_all=False, user_ids=(SELLER, ONLOOKER)),
        Pool(52, CUSTOMER, "客户公海", 1, 1, open_to_all=False, user_ids=(LEADER,), admin_ids=(ONLOOKER,)),
    ]
    pools.put_pools(tx, organisation_id, made)
    ids.raise_floor(tx, 1000)
