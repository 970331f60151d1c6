"""Pools of leads and of customers that nobody owns (线索池, 公海): who may look into one, and when records go back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from genjin.domain.calendar import Calendar
from genjin.domain.records import Record, RecordType

MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class ReturnRule:
    """When an owner loses a record to the pool; it is off while `days` is 0.

    The day that the waiting begins on is day 0. On day `days`, at minute `at` of the organisation's day, the record
    goes back. `warn_days` before that day, at minute `warn_at`, its timeline warns; 0 is no warning. `categories` are
    the only ones that the rule is for; none is all. What happened before `enabled_at`, when the rule was turned on, is
    not held against anybody. `spares_sold` leaves customers alone that have a contract.
    """

    days: int = 0
    at: int = 0
    warn_days: int = 0
    warn_at: int = 540
    categories: tuple[int, ...] = ()
    spares_sold: bool = False
    enabled_at: int | None = None


NO_RULE = ReturnRule()


@dataclass(frozen=True, slots=True)
class Pool:
    """One pool. Its members see what lies in it and may take it; its administrators also change and hand it out.

    `followed_up` is the rule for records that nobody follows up, `sold` the one for customers without a contract.
    While the limit is on, which it is since `limited_at`, nobody takes again within `limit_days` what they lost to the
    pool.
    """

    id: int
    type: RecordType
    name: str
    created_at: int
    updated_at: int
    admin_ids: tuple[int, ...] = ()
    open_to_all: bool = True
    department_ids: tuple[int, ...] = ()
    user_ids: tuple[int, ...] = ()
    followed_up: ReturnRule = NO_RULE
    sold: ReturnRule = NO_RULE
    limit_days: int = 0
    limited_at: int | None = None

    def has_member(self, user_id: int, department_id: int | None) -> bool:
        """Whether somebody of this department may look into the pool."""
        told = user_id in self.admin_ids or user_id in self.user_ids
        return self.open_to_all or told or (department_id is not None and department_id in self.department_ids)

    @property
    def rules(self) -> tuple[ReturnRule, ...]:
        """The rules that are on."""
        return tuple(rule for rule in (self.followed_up, self.sold) if rule.days)


@dataclass(frozen=True, slots=True)
class PoolInput:
    """What somebody wants a pool to be: only what was given, by the names of Pool and of ReturnRule."""

    plain: Mapping[str, object] = field(default_factory=dict)
    followed_up: Mapping[str, object] = field(default_factory=dict)
    sold: Mapping[str, object] = field(default_factory=dict)
    limited: bool | None = None


class Held(NamedTuple):
    """A record that somebody owns, since when, and whether it is a customer with a contract."""

    record: Record
    since: int
    sold: bool


class Return(NamedTuple):
    """When a record goes back by itself, when that is to be told beforehand (None: never), and why."""

    at: int
    warn_at: int | None
    why: str


def changed_pool(before: Pool, given: PoolInput, now: int) -> Pool:
    """The pool as it is wanted; a rule, or the limit, that was off begins to count now."""
    after = replace(before, **given.plain, updated_at=now)  # type: ignore[arg-type]
    limited_at = before.limited_at if given.limited is None else (before.limited_at or now) if given.limited else None
    return replace(
        after,
        followed_up=_changed_rule(before.followed_up, given.followed_up, now),
        sold=_changed_rule(before.sold, given.sold, now),
        limited_at=limited_at,
    )


def without(pool: Pool, user_id: int, now: int) -> Pool:
    """The pool when somebody has left it: neither its member, unless all are, nor its administrator."""
    admins, members = (tuple(id_ for id_ in ids if id_ != user_id) for ids in (pool.admin_ids, pool.user_ids))
    return replace(pool, admin_ids=admins, user_ids=members, updated_at=now)


def home_pool(pools: Iterable[Pool], record: Record, department_id: int | None) -> Pool | None:
    """Where a record goes back to: the pool that it came from, else the first that its owner may look into.

    `department_id` is the owner's.
    """
    fitting = sorted((pool for pool in pools if pool.type is record.type), key=lambda pool: pool.id)
    came_from = [pool for pool in fitting if pool.id == record.from_pool_id]
    theirs = [pool for pool in fitting if pool.has_member(record.owner_id or 0, department_id)]
    return next(iter([*came_from, *theirs]), None)


def next_return(pool: Pool, held: Held, calendar: Calendar) -> Return | None:
    """When the rules of its home pool send a record back; the earlier one of two, None for never."""
    found = []
    if _is_for(pool.followed_up, held):
        began = max(held.since, held.record.followed_up_at or held.since)
        found.append(_return(pool.followed_up, began, f"{pool.followed_up.days}天未跟进", calendar))
    if held.record.type is RecordType.CUSTOMER and not held.sold and _is_for(pool.sold, held):
        found.append(_return(pool.sold, held.since, f"{pool.sold.days}天未成交", calendar))
    return min(found, default=None)


def latest_beginning(rule: ReturnRule, now: int, calendar: Calendar) -> int:
    """What began to wait at this instant or later is neither due nor to be warned of yet."""
    today = calendar.local(now).date()
    return calendar.day_end(today - timedelta(days=rule.days - rule.warn_days))


def may_be_taken_at(pool: Pool, record: Record, user_id: int, calendar: Calendar) -> int | None:
    """From when on somebody may take what they lost to the pool; None when they need not wait."""
    if pool.limited_at is None or user_id != record.before_owner_id or (record.pooled_at or 0) < pool.limited_at:
        return None
    lost = calendar.local(record.pooled_at or 0).replace(tzinfo=None)
    return calendar.instant(lost + timedelta(days=pool.limit_days))


def _changed_rule(before: ReturnRule, given: Mapping[str, object], now: int) -> ReturnRule:
    after = replace(before, **given)  # type: ignore[arg-type]
    if not after.days:
        return replace(after, enabled_at=None)
    return after if before.days else replace(after, enabled_at=now)


def _is_for(rule: ReturnRule, held: Held) -> bool:
    category = held.record.category or ""
    chosen = not rule.categories or category in map(str, rule.categories)
    return rule.days > 0 and chosen and not (rule.spares_sold and held.sold)


def _return(rule: ReturnRule, began: int, why: str, calendar: Calendar) -> Return:
    first = calendar.local(max(began, rule.enabled_at or began)).date()
    day = first + timedelta(days=rule.days)
    warn_at = _moment(day - timedelta(days=rule.warn_days), rule.warn_at, calendar) if rule.warn_days else None
    return Return(_moment(day, rule.at, calendar), warn_at, why)


def _moment(day: date, minute: int, calendar: Calendar) -> int:
    return calendar.instant(datetime(day.year, day.month, day.day, minute // 60, minute % 60))
