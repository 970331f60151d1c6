"""When a record goes back to its pool: whole days of the organisation's zone, over midnight, leap days and clocks."""

from dataclasses import replace

import pytest

from genjin.domain.calendar import calendar_of
from genjin.domain.pools import (
    Held,
    Pool,
    PoolInput,
    ReturnRule,
    changed_pool,
    home_pool,
    latest_beginning,
    may_be_taken_at,
    next_return,
)
from genjin.domain.records import Record, RecordType
from tests.world import SHANGHAI, at

RULE = ReturnRule(days=30, at=16 * 60, warn_days=3, warn_at=9 * 60)
POOL = Pool(5, RecordType.CUSTOMER, "公海", 0, 0, followed_up=RULE)


def customer(owner_id: int | None = 1, **fields: object) -> Record:
    return Record(RecordType.CUSTOMER, 7, "郑州一中", owner_id, 1, None, 0, 0, **fields)  # type: ignore[arg-type]


def due(since: str, rule: ReturnRule = RULE, **fields: object) -> str:
    """When the record goes back, as a text."""
    held = Held(customer(1, **fields), at(since), sold=False)
    found = next_return(replace(POOL, followed_up=rule), held, SHANGHAI)
    return "never" if found is None else SHANGHAI.minute(found.at)


@pytest.mark.parametrize(
    ("since", "days", "expected"),
    [
        ("2024-06-12 00:00", 30, "2024-07-12 16:00"),
        ("2024-06-12 23:59", 30, "2024-07-12 16:00"),
        ("2024-06-13 00:00", 30, "2024-07-13 16:00"),
        ("2024-02-28 10:00", 1, "2024-02-29 16:00"),
        ("2024-02-28 10:00", 2, "2024-03-01 16:00"),
        ("2024-02-29 23:59", 365, "2025-02-28 16:00"),
        ("2023-02-28 23:59", 1, "2023-03-01 16:00"),
        ("2024-12-31 23:59", 1, "2025-01-01 16:00"),
    ],
)
def test_a_record_goes_back_on_the_nth_day_after_that_of_its_follow_up(since: str, days: int, expected: str) -> None:
    assert due("2020-01-01 00:00", replace(RULE, days=days), followed_up_at=at(since)) == expected
    assert due(since, replace(RULE, days=days)) == expected


@pytest.mark.parametrize(("minute", "expected"), [(0, "2024-07-12 00:00"), (1439, "2024-07-12 23:59")])
def test_it_goes_back_at_the_minute_of_the_day_that_the_rule_says(minute: int, expected: str) -> None:
    assert due("2024-06-12 18:00", replace(RULE, at=minute)) == expected


def test_days_are_those_of_the_organisations_zone_and_a_change_of_clocks_moves_no_hour() -> None:
    berlin = calendar_of("Europe/Berlin")
    since = Held(customer(), berlin.instant(berlin.local(at("2024-03-30 12:00")).replace(tzinfo=None)), sold=False)
    found = next_return(replace(POOL, followed_up=replace(RULE, days=1)), since, berlin)
    assert found is not None
    assert berlin.minute(found.at) == "2024-03-31 16:00"
    late = at("2024-06-12 05:00")  # the 11th in Berlin
    found = next_return(replace(POOL, followed_up=replace(RULE, days=1)), Held(customer(), late, sold=False), berlin)
    assert found is not None
    assert berlin.minute(found.at) == "2024-06-12 16:00"


def test_the_latest_of_follow_up_ownership_and_the_rules_own_beginning_counts() -> None:
    assert due("2024-06-12 10:00", followed_up_at=at("2024-06-01 10:00")) == "2024-07-12 16:00"
    assert due("2024-06-01 10:00", followed_up_at=at("2024-06-12 10:00")) == "2024-07-12 16:00"
    assert due("2024-01-01 10:00", replace(RULE, enabled_at=at("2024-06-12 10:00"))) == "2024-07-12 16:00"


def test_a_warning_comes_whole_days_before_at_its_own_minute() -> None:
    found = next_return(POOL, Held(customer(), at("2024-01-31 10:00"), sold=False), SHANGHAI)
    assert found is not None
    assert found.warn_at is not None
    assert (SHANGHAI.minute(found.warn_at), SHANGHAI.minute(found.at)) == ("2024-02-27 09:00", "2024-03-01 16:00")
    assert found.why == "30天未跟进"
    silent = replace(POOL, followed_up=replace(RULE, warn_days=0))
    found = next_return(silent, Held(customer(), at("2024-01-31 10:00"), sold=False), SHANGHAI)
    assert found is not None and found.warn_at is None


def test_a_rule_that_is_off_or_for_other_categories_takes_nothing() -> None:
    assert due("2024-06-12 10:00", ReturnRule()) == "never"
    some = replace(RULE, categories=(46,))
    assert due("2024-06-12 10:00", some, category="46") == "2024-07-12 16:00"
    assert due("2024-06-12 10:00", some, category="47") == "never"
    assert due("2024-06-12 10:00", some) == "never"


def test_the_rule_of_sales_is_for_customers_without_a_contract_whatever_was_written() -> None:
    pool = replace(POOL, followed_up=ReturnRule(), sold=replace(RULE, days=60))
    held = Held(customer(followed_up_at=at("2024-06-20 10:00")), at("2024-06-12 10:00"), sold=False)
    found = next_return(pool, held, SHANGHAI)
    assert found is not None
    assert (SHANGHAI.minute(found.at), found.why) == ("2024-08-11 16:00", "60天未成交")
    assert next_return(pool, held._replace(sold=True), SHANGHAI) is None
    lead = replace(held.record, type=RecordType.LEAD)
    assert next_return(pool, held._replace(record=lead), SHANGHAI) is None


def test_a_customer_with_a_contract_may_be_spared_the_rule_of_follow_ups() -> None:
    held = Held(customer(), at("2024-06-12 10:00"), sold=True)
    assert next_return(POOL, held, SHANGHAI) is not None
    assert next_return(replace(POOL, followed_up=replace(RULE, spares_sold=True)), held, SHANGHAI) is None


def test_the_earlier_of_two_rules_decides() -> None:
    pool = replace(POOL, sold=replace(RULE, days=20))
    held = Held(customer(followed_up_at=at("2024-06-20 10:00")), at("2024-06-12 10:00"), sold=False)
    found = next_return(pool, held, SHANGHAI)
    assert found is not None
    assert (SHANGHAI.minute(found.at), found.why) == ("2024-07-02 16:00", "20天未成交")


@pytest.mark.parametrize("since", ["2024-06-09 23:59", "2024-06-10 00:00", "2024-06-10 12:00", "2024-06-11 00:00"])
@pytest.mark.parametrize("now", ["2024-07-07 00:00", "2024-07-07 09:00", "2024-07-10 15:59", "2024-07-10 16:00"])
def test_what_began_to_wait_too_late_is_never_looked_at_and_never_due(since: str, now: str) -> None:
    found = next_return(POOL, Held(customer(), at(since), sold=False), SHANGHAI)
    assert found is not None
    assert found.warn_at is not None
    if min(found.at, found.warn_at) <= at(now):
        assert at(since) < latest_beginning(RULE, at(now), SHANGHAI)


def test_a_record_goes_back_to_where_it_came_from_else_to_the_first_pool_of_its_owner() -> None:
    first = Pool(1, RecordType.CUSTOMER, "甲", 0, 0, open_to_all=False, user_ids=(9,))
    second = Pool(2, RecordType.CUSTOMER, "乙", 0, 0, open_to_all=False, department_ids=(4,))
    leads = Pool(3, RecordType.LEAD, "线索池", 0, 0)
    pools = [leads, second, first]
    assert home_pool(pools, customer(owner_id=9), 4) == first
    assert home_pool(pools, customer(owner_id=8), 4) == second
    assert home_pool(pools, customer(owner_id=8, from_pool_id=1), 4) == first
    assert home_pool(pools, customer(owner_id=8), None) is None


def test_who_lost_a_record_waits_until_they_may_take_it_again() -> None:
    pool = replace(POOL, limit_days=1, limited_at=at("2024-02-01 00:00"))
    lost = customer(owner_id=None, before_owner_id=1, pool_id=5, pooled_at=at("2024-02-28 10:30"))
    assert may_be_taken_at(pool, lost, 1, SHANGHAI) == at("2024-02-29 10:30")
    assert may_be_taken_at(pool, lost, 2, SHANGHAI) is None
    assert may_be_taken_at(replace(pool, limited_at=None), lost, 1, SHANGHAI) is None
    assert may_be_taken_at(replace(pool, limited_at=at("2024-02-28 10:31")), lost, 1, SHANGHAI) is None


def test_a_rule_counts_from_when_it_was_turned_on_until_it_is_turned_off() -> None:
    plain = Pool(5, RecordType.CUSTOMER, "公海", 0, 0)
    on = changed_pool(plain, PoolInput(followed_up={"days": 30}), 100)
    assert (on.followed_up.enabled_at, on.sold.enabled_at, on.updated_at) == (100, None, 100)
    longer = changed_pool(on, PoolInput({"name": "新公海"}, followed_up={"days": 60}, limited=True), 200)
    assert (longer.name, longer.followed_up.enabled_at, longer.limited_at) == ("新公海", 100, 200)
    off = changed_pool(longer, PoolInput(followed_up={"days": 0}, limited=False), 300)
    assert (off.followed_up.enabled_at, off.limited_at, off.rules) == (None, None, ())
    assert changed_pool(off, PoolInput(followed_up={"days": 60}), 400).followed_up.enabled_at == 400
