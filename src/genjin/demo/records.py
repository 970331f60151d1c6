"""Makes up leads and customers, puts them in, and converts some of the leads the way the real team would."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from genjin.demo import cast
from genjin.demo.cast import Company
from genjin.demo.history import Case
from genjin.demo.hours import some_moment
from genjin.demo.people import Team
from genjin.domain.activity import Draft
from genjin.domain.clock import FixedClock
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.kinds import RECORD_CREATED
from genjin.domain.people import User
from genjin.domain.pinyin import pinyin_of
from genjin.domain.records import Record, RecordInput, RecordType
from genjin.service import activities
from genjin.service.context import Installation, Session
from genjin.service.records.records import create_record
from genjin.store import ids, records
from genjin.store.transaction import Tx

LEADS, CUSTOMERS, CONVERSIONS = 60, 26, 14
_KEY_ACCOUNTS = 6
"""So many cases are worked on far more than the others."""


class Prospect(NamedTuple):
    """A record, and whom to talk to about it."""

    record: Record
    person: str
    telephone: str
    city: str


def make_up(rng: Random, directory: Directory, team: Team, first: date, last: date) -> list[Prospect]:
    """Leads and customers without ids, in the order of their creation; most are older than the first day."""
    sellers = [user for colleague, user in team if colleague.pace >= 1 and colleague.role != cast.CUSTOMER_SUCCESS]
    keepers = [user for colleague, user in team if colleague.role == cast.CUSTOMER_SUCCESS]
    made = []
    for number, company in enumerate(cast.companies(rng, LEADS + CUSTOMERS)):
        if number < LEADS:
            type_, owner = RecordType.LEAD, sellers[number % len(sellers)]
            since = some_moment(rng, directory.calendar, first - timedelta(30), last - timedelta(14))
        else:
            owners = keepers if number % 3 == 0 else sellers
            type_, owner = RecordType.CUSTOMER, owners[number % len(owners)]
            since = some_moment(rng, directory.calendar, first - timedelta(150), first + timedelta(30))
        made.append(_prospect(rng, directory, type_, company, owner, number, since))
    return sorted(made, key=lambda each: each.record.created_at)


def put(tx: Tx, organisation_id: int, prospects: Sequence[Prospect]) -> list[Prospect]:
    """Put them in, each with the activity of its creation; the same with ids."""
    fresh = [
        each._replace(record=replace(each.record, id=id_))
        for each, id_ in zip(prospects, ids.allocate(tx, len(prospects)), strict=True)
    ]
    some = [each.record for each in fresh]
    records.put_records(tx, organisation_id, some)
    drafts = [
        Draft(RECORD_CREATED, each.creator_id or 0, each.ref, at=each.created_at, recorded_at=each.created_at)
        for each in some
    ]
    activities.record_many(tx, organisation_id, drafts, as_history=True)
    return fresh


def open_cases(
    installation: Installation, rng: Random, directory: Directory, prospects: Sequence[Prospect], last: date
) -> list[Case]:
    """A case for each prospect. The first leads that came in are converted, each at its own moment of the past."""
    cases = [
        Case(each.record.ref, directory.users[each.record.owner_id or 0], *each[1:], since=each.record.created_at)
        for each in prospects
    ]
    for case in rng.sample(cases, _KEY_ACCOUNTS):
        case.weight = 5
    leads = [
        (case, each.record) for case, each in zip(cases, prospects, strict=True) if case.ref.type is RecordType.LEAD
    ]
    for case, lead in leads[:CONVERSIONS]:
        opened = directory.calendar.local(case.since).date()
        at = some_moment(rng, directory.calendar, max(opened, last - timedelta(75)) + timedelta(7), last - timedelta(7))
        customer = _convert(installation, rng, directory, case, lead, at)
        case.next = replace(case, ref=customer.ref, since=at, next=None)
    return cases


def _convert(
    installation: Installation, rng: Random, directory: Directory, case: Case, lead: Record, at: int
) -> Record:
    """What the owner would have done at that moment."""
    viewer = directory.viewer(case.owner.id)
    assert viewer is not None
    columns: dict[str, str | int | None] = {"name": lead.company_name, "company_name": lead.company_name}
    columns |= {name: _option(rng, directory, f"customer.{name}") for name in ("status", "source", "category")}
    given = RecordInput(columns, {"address": lead.details["address"]})
    then = replace(installation, clock=FixedClock(at))
    return create_record(then, Session(viewer, directory), RecordType.CUSTOMER, given, refer_lead_id=lead.id)


def _prospect(
    rng: Random, directory: Directory, type_: RecordType, company: Company, owner: User, number: int, since: int
) -> Prospect:
    person, telephone, is_lead = cast.person(rng), cast.telephone(number), type_ is RecordType.LEAD
    kind = "lead" if is_lead else "customer"
    details: dict[str, JsonValue] = {"address": {"phone": telephone, "detail_address": f"{company.city}市"}}
    if is_lead:
        details["job"] = rng.choice(cast.JOBS)
    else:
        details["industry"] = _labelled(directory, "customer.industry", company.industry)
        details["staff_size"] = _option(rng, directory, "customer.staff_size")
    name = person if is_lead else company.name
    record = Record(
        type=type_,
        id=0,
        name=name,
        owner_id=owner.id,
        creator_id=owner.id,
        department_id=owner.department_id,
        created_at=since,
        updated_at=since,
        company_name=company.name,
        status=_option(rng, directory, f"{kind}.status"),
        source=_option(rng, directory, f"{kind}.source"),
        category=None if is_lead else _option(rng, directory, "customer.category"),
        name_pinyin=pinyin_of(name),
        company_name_pinyin=pinyin_of(company.name),
        details=details,
    )
    return Prospect(record, person, telephone, company.city)


def _option(rng: Random, directory: Directory, field: str) -> str:
    return str(rng.choice(directory.choices(field)).id)


def _labelled(directory: Directory, field: str, label: str) -> str:
    return str(next(option.id for option in directory.choices(field) if option.label == label))
