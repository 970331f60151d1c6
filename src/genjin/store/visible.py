"""What a viewer may see of records, as conditions of a query: the twin of domain/policy.py."""

from collections.abc import Collection
from functools import lru_cache

from sqlalchemy import (
    ColumnElement,
    FromClause,
    and_,
    case,
    exists,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)

from genjin.domain.people import DataScope
from genjin.domain.policy import Viewer
from genjin.domain.records import OF_A_CUSTOMER, RecordType
from genjin.store.tables import activities, collaborators, records, users

_TARGET, _KEPT, _CUSTOMER, _ITS = (records.alias(name) for name in ("target", "kept", "customer", "kept_customer"))
"""The record that something happened on, what took its place, and the customer of either."""


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """The records of the viewer's organisation that `domain.policy.may_see` allows; a merged one is what the record
    is that took its place.
    """
    kept = records.alias("kept")
    into_visible_one = records.c.merged_into_id.in_(
        select(kept.c.id).where(
            kept.c.organisation_id == viewer.organisation_id,
            kept.c.type == records.c.type,
            kept.c.deleted_at.is_(None),
            _reached(viewer, kept, viewer.pools),
        )
    )
    for_itself = and_(records.c.merged_into_id.is_(None), _itself_or_its_customer(viewer, viewer.pools))
    whole = viewer.scope is DataScope.ALL
    # Of most records it need not be asked what took their place, which costs a look at all that might have.
    merged = and_(records.c.merged_into_id.is_not(None), into_visible_one)
    allowed = true() if whole else or_(for_itself, merged)
    return and_(records.c.organisation_id == viewer.organisation_id, allowed)


def named_visible(viewer: Viewer, type_: ColumnElement[int], id_: ColumnElement[int]) -> ColumnElement[bool]:
    """Of rows that name a record those whose record is there and visible."""
    its = (records.c.type == type_, records.c.id == id_, records.c.deleted_at.is_(None))
    return exists().where(*its, visible(viewer))


def numbers_shown(viewer: Viewer) -> ColumnElement[bool]:
    """Of the visible records those whose telephone numbers the viewer is shown in full."""
    if viewer.rights.phones_masked:
        # false() would leave the statement no other condition, nor its organisation.
        return literal_column("0") == literal_column("1")
    return true() if viewer.scope is DataScope.ALL else _itself_or_its_customer(viewer, viewer.led_pools)


@lru_cache(maxsize=128)
def entry_visible(viewer: Viewer) -> ColumnElement[bool]:
    """The activities that are in a timeline which the viewer sees: that of their own record, of what took its place, or
    of the customer that one of these rolls up to (see lineage.py).

    It is asked row by row and looks each record up by its key, so that whoever goes through entries in order may stop.
    """
    reached_its = _of_row(viewer, _ITS, RecordType.CUSTOMER, _KEPT.c.customer_id, _alive(viewer, _ITS))
    reached_kept = _of_row(
        viewer, _KEPT, _TARGET.c.type, _TARGET.c.merged_into_id, _or_else(_alive(viewer, _KEPT), reached_its)
    )
    reached_customer = _of_row(viewer, _CUSTOMER, RecordType.CUSTOMER, _TARGET.c.customer_id, _alive(viewer, _CUSTOMER))
    above = _or_else(
        _and_then(_TARGET.c.customer_id.is_not(None), reached_customer),
        _and_then(_TARGET.c.merged_into_id.is_not(None), reached_kept),
    )
    return _of_target(viewer, _or_else(_alive(viewer, _TARGET), above))


@lru_cache(maxsize=128)
def entry_numbers_shown(viewer: Viewer) -> ColumnElement[bool]:
    """Of visible activities those in which the viewer is shown telephone numbers in full: `domain.sight.sight_of`."""
    if viewer.rights.phones_masked:
        return literal_column("0") == literal_column("1")
    if viewer.scope is DataScope.ALL:
        return true()
    led, merged = viewer.led_pools, _TARGET.c.merged_into_id.is_not(None)
    by_kept = _of_row(viewer, _KEPT, _TARGET.c.type, _TARGET.c.merged_into_id, _there(viewer, _KEPT, led))
    by_customer = _of_row(
        *(viewer, _CUSTOMER, RecordType.CUSTOMER, _TARGET.c.customer_id),
        _there(viewer, _CUSTOMER, led),
    )
    beside = or_(and_(merged, by_kept), and_(not_(merged), _TARGET.c.customer_id.is_not(None), by_customer))
    return func.coalesce(_of_target(viewer, _reached(viewer, _TARGET, led) | beside), false())


def works_on(viewer: Viewer, some: FromClause = records) -> ColumnElement[bool]:
    """Of which records the viewer is a collaborator."""
    return exists().where(
        collaborators.c.organisation_id == viewer.organisation_id,
        collaborators.c.record_type == some.c.type,
        collaborators.c.record_id == some.c.id,
        collaborators.c.user_id == viewer.user_id,
    )


def assists(viewer: Viewer) -> ColumnElement[bool]:
    """Of which records, or of whose customers, the viewer is a collaborator."""
    customers = records.alias("assisted")
    return or_(works_on(viewer), _of_customer(viewer, customers, works_on(viewer, customers)))


def subordinates_assist(viewer: Viewer) -> ColumnElement[bool]:
    """Of which records, or of whose customers, somebody is a collaborator whom the viewer manages."""
    customers = records.alias("assisted")
    return or_(_managed_on(viewer, records), _of_customer(viewer, customers, _managed_on(viewer, customers)))


def _managed_on(viewer: Viewer, some: FromClause) -> ColumnElement[bool]:
    managed = true() if viewer.scope is DataScope.ALL else users.c.department_id.in_(sorted(viewer.departments))
    return some.c.id.in_(
        select(collaborators.c.record_id)
        .join(users, and_(users.c.organisation_id == viewer.organisation_id, users.c.id == collaborators.c.user_id))
        .where(
            collaborators.c.organisation_id == viewer.organisation_id,
            collaborators.c.user_id != viewer.user_id,
            collaborators.c.record_type == some.c.type,
            managed,
        )
    )


def _itself_or_its_customer(viewer: Viewer, pools: Collection[int]) -> ColumnElement[bool]:
    customers = records.alias("customers")
    return or_(_reached(viewer, records, pools), _of_customer(viewer, customers, _reached(viewer, customers, pools)))


def _of_customer(viewer: Viewer, customers: FromClause, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Contacts, opportunities and contracts of the customers that the condition is about."""
    return and_(
        records.c.type.in_(sorted(OF_A_CUSTOMER)),
        records.c.customer_id.in_(
            select(customers.c.id).where(
                customers.c.organisation_id == viewer.organisation_id,
                customers.c.type == int(RecordType.CUSTOMER),
                customers.c.deleted_at.is_(None),
                condition,
            )
        ),
    )


def _of_target(viewer: Viewer, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return _of_row(viewer, _TARGET, activities.c.target_type, activities.c.target_id, condition)


def _of_row(
    viewer: Viewer,
    some: FromClause,
    type_: ColumnElement[int] | RecordType,
    id_: ColumnElement[int],
    condition: ColumnElement[bool],
) -> ColumnElement[bool]:
    """What the condition says of the one record that this type and id name; a subquery that is never hashed."""
    its = (
        some.c.organisation_id == viewer.organisation_id,
        some.c.type == (int(type_) if isinstance(type_, RecordType) else type_),
        some.c.id == id_,
    )
    return select(condition).where(*its).scalar_subquery()


def _alive(viewer: Viewer, some: FromClause) -> ColumnElement[bool]:
    return and_(some.c.merged_into_id.is_(None), _there(viewer, some, viewer.pools))


def _there(viewer: Viewer, some: FromClause, pools: Collection[int]) -> ColumnElement[bool]:
    return and_(some.c.deleted_at.is_(None), _reached(viewer, some, pools))


def _or_else(condition: ColumnElement[bool], other: ColumnElement[bool]) -> ColumnElement[bool]:
    """Either, of which the other one is not looked at where the first one holds: of OR, SQLite computes both."""
    return case((condition, true()), else_=other)


def _and_then(condition: ColumnElement[bool], other: ColumnElement[bool]) -> ColumnElement[bool]:
    """Both, of which the other one is looked at only where the first one holds."""
    return case((condition, other), else_=false())


def _reached(viewer: Viewer, some: FromClause, pools: Collection[int]) -> ColumnElement[bool]:
    """What is the viewer's for its own sake, or lies in one of these pools."""
    return or_(
        some.c.owner_id == viewer.user_id,
        some.c.department_id.in_(sorted(viewer.departments)) if viewer.departments else false(),
        some.c.pool_id.in_(sorted(pools)) if pools else false(),
        works_on(viewer, some),
        true() if viewer.scope is DataScope.ALL else false(),
    )
