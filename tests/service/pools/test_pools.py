"""Pools on both engines: of many who take, one gets it; what nobody works on goes back once, and is warned of once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest

from genjin.app import open_installation
from genjin.domain.clock import FixedClock
from genjin.domain.followup import FollowUpInput
from genjin.domain.kinds import RECORD_ASSIGNED, RECORD_POOLED, RECORD_TAKEN, RETURN_WARNED
from genjin.domain.people import User
from genjin.domain.pools import Pool, PoolInput
from genjin.domain.records import Record, RecordInput, RecordType, Ref
from genjin.errors import Duplicate, Forbidden, NotFound
from genjin.service.context import Installation, Session
from genjin.service.entries.followups import write_follow_up
from genjin.service.organisation.signin import authenticate, create_token
from genjin.service.pools import pools, returns
from genjin.service.pools.pools import hand_out, put_back, take
from genjin.service.pools.returns import Done, return_overdue
from genjin.service.pools.settings import add_pool, all_pools, set_pool
from genjin.service.records.records import create_record, update_record
from genjin.settings import Settings
from genjin.store import people, records
from genjin.store.recount import recount
from genjin.store.transaction import Tx
from tests import world
from tests.world import ALICE, CHARLIE, NOW, ORGANISATION, SHANGHAI, at

TAKERS = 8
CUSTOMER = RecordType.CUSTOMER


@pytest.fixture
def site(database_url: str) -> world.Site:
    return world.settle(database_url)


@pytest.fixture
def installation(site: world.Site) -> Iterator[Installation]:
    opened = open_installation(Settings(database_url=site.url), FixedClock(NOW))
    with closing(opened.database):
        all_pools(opened, ORGANISATION.id)
        yield opened


@pytest.fixture
def alice(installation: Installation, site: world.Site) -> Session:
    return authenticate(installation, site.tokens["alice"])


def clock(installation: Installation) -> FixedClock:
    assert isinstance(installation.clock, FixedClock)
    return installation.clock


def customers(installation: Installation, session: Session, count: int = 1) -> list[Record]:
    return [create_record(installation, session, CUSTOMER, RecordInput({"name": f"郑州{n}中"})) for n in range(count)]


def found(installation: Installation, ref: Ref) -> Record:
    record = installation.database.read(lambda tx: records.find(tx, ORGANISATION.id, ref))
    assert record is not None
    return record


def kinds(installation: Installation, ref: Ref) -> list[int]:
    """What happened to a record, newest first, by the codes of its kinds."""

    def use(tx: Tx) -> list[int]:
        rows = tx.rows(
            "SELECT a.kind FROM timeline t JOIN activities a ON a.organisation_id = t.organisation_id"
            " AND a.id = t.activity_id WHERE t.organisation_id = ? AND t.subject_type = ? AND t.subject_id = ?"
            " ORDER BY t.at DESC, t.activity_id DESC",
            (ORGANISATION.id, int(ref.type), ref.id),
        )
        return [row[0] for row in rows]

    return installation.database.read(use)


def rule(installation: Installation, **followed_up: object) -> Pool:
    """Turn on the rule of the customers' pool."""
    pool = next(pool for pool in all_pools(installation, ORGANISATION.id) if pool.type is CUSTOMER)
    return set_pool(installation, ORGANISATION.id, pool.id, PoolInput(followed_up=followed_up))


def sellers(installation: Installation) -> list[Session]:
    """Colleagues who all want the same."""
    some = [User(500 + n, f"卖家{n}", NOW, login=f"seller{n}", role_id=world.SELLER.id) for n in range(TAKERS)]

    def use(tx: Tx) -> None:
        people.put_users(tx, ORGANISATION.id, some)
        people.bump_version(tx, ORGANISATION.id)

    installation.database.write(use)
    tokens = [create_token(installation, ORGANISATION.id, user.login or "", "test") for user in some]
    return [authenticate(installation, token) for token in tokens]


def test_of_many_who_take_at_once_exactly_one_gets_it_and_the_others_are_told(
    installation: Installation, alice: Session
) -> None:
    [record] = customers(installation, alice)
    put_back(installation, alice, record.ref)

    def try_to_take(session: Session) -> Record | str:
        try:
            return take(installation, session, record.ref)
        except Duplicate as error:
            return str(error)

    with ThreadPoolExecutor(TAKERS) as pool:
        told = list(pool.map(try_to_take, sellers(installation)))

    [taken] = [each for each in told if isinstance(each, Record)]
    assert [each for each in told if each != taken] == ["该对象已被领取"] * (TAKERS - 1)
    assert found(installation, record.ref).owner_id == taken.owner_id
    assert kinds(installation, record.ref).count(RECORD_TAKEN.code) == 1
    assert installation.database.read(lambda tx: recount(tx, ORGANISATION.id)) == []


def test_a_record_that_is_put_back_by_many_at_once_goes_back_once(installation: Installation, alice: Session) -> None:
    [record] = customers(installation, alice)

    def try_to_put_back(_: int) -> bool:
        try:
            put_back(installation, alice, record.ref)
        except (Duplicate, Forbidden):
            return False
        return True

    with ThreadPoolExecutor(TAKERS) as pool:
        assert list(pool.map(try_to_put_back, range(TAKERS))).count(True) == 1
    assert kinds(installation, record.ref).count(RECORD_POOLED.code) == 1


def test_what_nobody_follows_up_is_warned_of_once_and_goes_back_once(
    installation: Installation, alice: Session
) -> None:
    [record] = customers(installation, alice)
    rule(installation, days=30, at=16 * 60, warn_days=3, warn_at=9 * 60)
    for moment, done in (
        ("2024-07-09 08:59", Done(0, 0)),
        ("2024-07-09 09:00", Done(0, 1)),
        ("2024-07-09 09:10", Done(0, 0)),
        ("2024-07-12 15:59", Done(0, 0)),
        ("2024-07-12 16:00", Done(1, 0)),
        ("2024-07-12 16:10", Done(0, 0)),
    ):
        clock(installation).at = at(moment)
        assert return_overdue(installation) == done, moment
    after = found(installation, record.ref)
    assert (after.owner_id, after.department_id) == (None, None)
    assert (after.before_owner_id, after.before_department_id) == (ALICE.id, ALICE.department_id)
    assert after.pooled_at == at("2024-07-12 16:00")
    assert kinds(installation, record.ref)[:2] == [RECORD_POOLED.code, RETURN_WARNED.code]


def test_a_follow_up_puts_the_return_off_and_the_next_one_is_warned_of_again(
    installation: Installation, alice: Session
) -> None:
    [record] = customers(installation, alice)
    rule(installation, days=30, warn_days=3)
    clock(installation).at = at("2024-07-09 10:00")
    assert return_overdue(installation) == Done(0, 1)
    write_follow_up(installation, alice, record.ref, FollowUpInput(text="已联系"))
    clock(installation).at = at("2024-07-20 10:00")
    assert return_overdue(installation) == Done(0, 0)
    clock(installation).at = at("2024-08-05 10:00")
    assert return_overdue(installation) == Done(0, 1)
    clock(installation).at = at("2024-08-08 00:00")
    assert return_overdue(installation) == Done(1, 0)


def test_a_new_owner_has_all_the_days_to_follow_up(
    installation: Installation, alice: Session, site: world.Site
) -> None:
    [record] = customers(installation, alice)
    rule(installation, days=30)
    dora = authenticate(installation, site.tokens["dora"])
    clock(installation).at = at("2024-07-10 10:00")
    update_record(installation, dora, record.ref, RecordInput({"owner_id": CHARLIE.id}))
    clock(installation).at = at("2024-07-20 10:00")
    assert return_overdue(installation) == Done(0, 0)
    clock(installation).at = at("2024-08-09 00:00")
    assert return_overdue(installation) == Done(1, 0)
    taken = take(installation, alice, record.ref)
    assert (taken.owner_id, taken.from_pool_id, taken.before_owner_id) == (ALICE.id, taken.from_pool_id, CHARLIE.id)
    clock(installation).at = at("2024-09-07 23:00")
    assert return_overdue(installation) == Done(0, 0)
    clock(installation).at = at("2024-09-08 00:00")
    assert return_overdue(installation) == Done(1, 0)


def test_a_rule_that_is_turned_on_takes_nothing_at_once(installation: Installation, alice: Session) -> None:
    customers(installation, alice, 2)
    clock(installation).at = at("2025-06-12 10:00")
    rule(installation, days=30)
    assert return_overdue(installation) == Done(0, 0)
    clock(installation).at = at("2025-07-12 00:00")
    assert return_overdue(installation) == Done(2, 0)


def test_the_rule_of_sales_takes_customers_without_a_contract(installation: Installation, alice: Session) -> None:
    some = customers(installation, alice, 4)
    pool = rule(installation)
    set_pool(installation, ORGANISATION.id, pool.id, PoolInput(sold={"days": 60}))
    contracts = [
        Record(RecordType.CONTRACT, 900 + n, "合同", ALICE.id, ALICE.id, None, NOW, NOW, customer_id=customer.id)
        for n, customer in enumerate(some[:3])
    ]
    contracts[1] = replace(contracts[1], deleted_at=NOW)
    contracts[2] = replace(contracts[2], approve_status="denied")
    installation.database.write(lambda tx: records.put_records(tx, ORGANISATION.id, contracts))
    clock(installation).at = at("2024-08-10 10:00")
    for customer in some:
        write_follow_up(installation, alice, customer.ref, FollowUpInput(text="已联系"))
    assert return_overdue(installation) == Done(0, 0)
    clock(installation).at = at("2024-08-11 00:00")
    assert return_overdue(installation) == Done(3, 0)
    assert [found(installation, customer.ref).owner_id for customer in some] == [ALICE.id, None, None, None]


def test_a_run_that_is_killed_in_the_middle_is_finished_by_a_later_one_and_nothing_is_done_twice(
    installation: Installation, alice: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returns, "AT_ONCE", 3)
    some = customers(installation, alice, 10)
    rule(installation, days=1)
    clock(installation).at = NOW + 2 * 86_400
    asked = iter([True, True, False])
    assert return_overdue(installation, lambda: next(asked, False)) == Done(3, 0)  # it was stopped after one batch
    before = sum(found(installation, customer.ref).owner_id is None for customer in some)
    assert before == 3

    tell = pools.move_to_pool
    left = iter(range(4))

    def breaks(*given: object) -> Record:
        if next(left, None) is None:
            raise RuntimeError("killed")
        return tell(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(returns, "move_to_pool", breaks)
    with pytest.raises(RuntimeError):
        return_overdue(installation)
    middle = sum(found(installation, customer.ref).owner_id is None for customer in some)
    assert middle == before + 3  # the batch that broke left nothing
    monkeypatch.setattr(returns, "move_to_pool", tell)
    assert return_overdue(installation) == Done(10 - middle, 0)
    assert {tuple(kinds(installation, customer.ref).count(code) for code in (9, 18)) for customer in some} == {(1, 0)}
    assert installation.database.read(lambda tx: recount(tx, ORGANISATION.id)) == []


def test_runs_at_once_return_each_record_once(installation: Installation, alice: Session) -> None:
    some = customers(installation, alice, 12)
    rule(installation, days=10, warn_days=2)
    for moment, code in ((NOW + 8 * 86_400, RETURN_WARNED.code), (NOW + 10 * 86_400, RECORD_POOLED.code)):
        clock(installation).at = moment
        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda _: return_overdue(installation), range(4)))
        assert sum(each.returned + each.warned for each in done) == len(some)
        assert {kinds(installation, customer.ref).count(code) for customer in some} == {1}


def test_what_others_hold_is_told_like_what_is_missing_unless_it_came_from_a_pool_that_one_looks_into(
    installation: Installation, alice: Session, site: world.Site
) -> None:
    [record] = customers(installation, alice)
    charlie = authenticate(installation, site.tokens["charlie"])
    with pytest.raises(NotFound):
        take(installation, charlie, record.ref)
    put_back(installation, alice, record.ref)
    take(installation, alice, record.ref)
    with pytest.raises(Duplicate):
        take(installation, charlie, record.ref)


def test_who_lost_a_record_takes_it_again_only_after_the_days_of_the_limit(
    installation: Installation, alice: Session, site: world.Site
) -> None:
    pool = rule(installation)
    set_pool(installation, ORGANISATION.id, pool.id, PoolInput({"limit_days": 3}, limited=True))
    [record] = customers(installation, alice)
    clock(installation).at = NOW + 60
    put_back(installation, alice, record.ref)
    fresh = authenticate(installation, site.tokens["alice"])
    clock(installation).at = NOW + 3 * 86_400
    with pytest.raises(Forbidden, match="2024-06-15 10:01之后"):
        take(installation, fresh, record.ref)
    clock(installation).at = NOW + 3 * 86_400 + 60
    assert take(installation, fresh, record.ref).owner_id == ALICE.id


def test_a_pool_is_handed_out_by_its_administrator_to_its_members(
    installation: Installation, alice: Session, site: world.Site
) -> None:
    given = PoolInput({"name": "重点公海", "open_to_all": False, "admin_ids": (CHARLIE.id,), "user_ids": (ALICE.id,)})
    own = add_pool(installation, ORGANISATION.id, CUSTOMER, given)
    [record] = customers(installation, alice)
    alice = authenticate(installation, site.tokens["alice"])
    put_back(installation, alice, record.ref, own.id)
    with pytest.raises(NotFound):
        take(installation, authenticate(installation, site.tokens["bob"]), record.ref)
    with pytest.raises(Forbidden):
        hand_out(installation, alice, record.ref, ALICE.id)
    charlie = authenticate(installation, site.tokens["charlie"])
    after = hand_out(installation, charlie, record.ref, ALICE.id)
    assert (after.owner_id, after.department_id, after.from_pool_id) == (ALICE.id, ALICE.department_id, own.id)
    view = world.view_of(installation, site.tokens["alice"], record.ref)
    assert view.entries[0].actor_id == CHARLIE.id
    assert SHANGHAI.minute(view.entries[0].at) == "2024-06-12 10:00"


def test_what_a_customers_owner_has_of_it_goes_into_the_pool_with_it_and_to_who_takes_it(
    installation: Installation, alice: Session, site: world.Site
) -> None:
    [customer] = customers(installation, alice)
    parts = [
        Record(type_, 900 + int(type_), "甲", owner, ALICE.id, 12, NOW, NOW, customer_id=customer.id)
        for type_, owner in (
            (RecordType.CONTACT, ALICE.id),
            (RecordType.OPPORTUNITY, CHARLIE.id),
            (RecordType.CONTRACT, ALICE.id),
        )
    ]
    installation.database.write(lambda tx: records.put_records(tx, ORGANISATION.id, parts))
    put_back(installation, alice, customer.ref)
    held = [found(installation, part.ref) for part in parts]
    assert [part.owner_id for part in held] == [None, CHARLIE.id, None]
    assert (held[0].before_owner_id, held[0].department_id) == (ALICE.id, None)
    take(installation, authenticate(installation, site.tokens["bob"]), customer.ref)
    held = [found(installation, part.ref) for part in parts]
    assert [part.owner_id for part in held] == [world.BOB.id, CHARLIE.id, world.BOB.id]
    assert held[0].department_id == world.BOB.department_id
    assert [kinds(installation, part.ref).count(RECORD_ASSIGNED.code) for part in parts] == [2, 0, 2]
    assert installation.database.read(lambda tx: recount(tx, ORGANISATION.id)) == []
