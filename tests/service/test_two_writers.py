"""Two writers at once, on both engines: nothing is lost, nothing happens twice."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from genjin.app import open_installation
from genjin.domain.call import CallReport, Recording
from genjin.domain.clock import FixedClock
from genjin.domain.followup import FollowUpInput
from genjin.domain.records import RecordFilter, RecordInput, RecordType
from genjin.domain.timeline import Page
from genjin.errors import Duplicate
from genjin.service.context import Installation, Session
from genjin.service.entries.calls import end_call, log_call
from genjin.service.entries.followups import edit_follow_up, write_follow_up
from genjin.service.organisation.signin import authenticate
from genjin.service.records.merging import merge_records
from genjin.service.records.records import create_record, list_records, update_record
from genjin.settings import Settings
from genjin.store import lineage, timeline
from genjin.store.recount import recount
from genjin.store.transaction import Tx
from tests import world

TIMES = 8


@pytest.fixture
def site(database_url: str) -> world.Site:
    return world.settle(database_url)


@pytest.fixture
def installation(site: world.Site) -> Iterator[Installation]:
    opened = open_installation(Settings(database_url=site.url), FixedClock(world.NOW))
    with closing(opened.database):
        yield opened


@pytest.fixture
def alice(installation: Installation, site: world.Site) -> Session:
    return authenticate(installation, site.tokens["alice"])


def test_a_call_that_is_ended_by_many_at_once_is_one_activity(
    installation: Installation, alice: Session, site: world.Site
) -> None:
    lead = create_record(installation, alice, RecordType.LEAD, RecordInput({"name": "郑老师"}))
    call = log_call(installation, alice, CallReport(target=lead.ref, dial_type="outgoing")).call

    with ThreadPoolExecutor(TIMES) as pool:
        reports = [
            CallReport(frozenset({"seconds"}), seconds=9, recordings=(Recording(0, f"https://x.test/{n}.mp3", "", 9),))
            for n in range(TIMES)
        ]
        ended = list(pool.map(lambda report: end_call(installation, alice, call.id, report), reports))

    assert len({view.call.activity_id for view in ended}) == 1
    view = world.view_of(installation, site.tokens["alice"], lead.ref)
    assert view.total == 2  # the creation and the call
    assert all(f"/{n}.mp3".encode() in (view.entries[0].rare or b"") for n in range(TIMES))


def test_a_call_that_is_told_of_by_many_at_once_under_one_id_is_one_call(
    installation: Installation, alice: Session, site: world.Site
) -> None:
    """Even where they do not agree whom it was to."""
    leads = [create_record(installation, alice, RecordType.LEAD, RecordInput({"name": f"线索{n}"})) for n in range(2)]
    reports = [
        CallReport(frozenset({"seconds"}), leads[n % 2].ref, external_id="c-1", seconds=9) for n in range(3 * TIMES)
    ]

    with ThreadPoolExecutor(TIMES) as pool:
        told = list(pool.map(lambda report: log_call(installation, alice, report), reports))

    assert len({view.call.id for view in told}) == len({view.call.activity_id for view in told}) == 1
    token = site.tokens["alice"]
    assert sum(world.view_of(installation, token, lead.ref).total for lead in leads) == 3


def test_edits_at_once_come_one_after_the_other_and_each_is_kept(installation: Installation, alice: Session) -> None:
    lead = create_record(installation, alice, RecordType.LEAD, RecordInput({"name": "郑老师"}))
    written = write_follow_up(installation, alice, lead.ref, FollowUpInput(text="0"))
    id_ = written.facts.object_id
    assert id_ is not None

    with ThreadPoolExecutor(TIMES) as pool:
        edits = [FollowUpInput(frozenset({"text"}), text=f"第{n}次") for n in range(TIMES)]
        list(pool.map(lambda edit: edit_follow_up(installation, alice, id_, edit), edits))

    kept = installation.database.read(
        lambda tx: tx.rows(
            "SELECT version FROM activity_versions WHERE organisation_id = ? AND activity_id = ?",
            (alice.organisation_id, written.facts.id),
        )
    )
    assert sorted(row[0] for row in kept) == list(range(1, TIMES + 1))


def test_a_lead_is_converted_once_while_follow_ups_are_written_and_none_is_missing(
    installation: Installation, alice: Session, site: world.Site
) -> None:
    lead = create_record(installation, alice, RecordType.LEAD, RecordInput({"name": "郑老师"}))

    def convert(_: int) -> int | None:
        try:
            given = RecordInput({"name": "郑氏贸易"})
            return create_record(installation, alice, RecordType.CUSTOMER, given, lead.id).id
        except Duplicate:
            return None

    def write(n: int) -> None:
        write_follow_up(installation, alice, lead.ref, FollowUpInput(text=str(n)))

    with ThreadPoolExecutor(TIMES) as pool:
        writes = [pool.submit(write, n) for n in range(3 * TIMES)]
        customers = [id_ for id_ in pool.map(convert, range(3)) if id_ is not None]
        for done in writes:
            done.result()

    assert len(customers) == 1
    token = site.tokens["alice"]
    of_lead = world.view_of(installation, token, lead.ref, Page(1, 200))
    customer = lead.ref._replace(type=RecordType.CUSTOMER, id=customers[0])
    of_customer = world.view_of(installation, token, customer, Page(1, 200))
    assert of_lead.total == 3 * TIMES + 2
    assert {entry.id for entry in of_lead.entries} < {entry.id for entry in of_customer.entries}
    assert of_customer.total == of_lead.total + 1
    assert installation.database.read(lambda tx: recount(tx, alice.organisation_id)) == []


@pytest.mark.parametrize("type_", [RecordType.LEAD, RecordType.CUSTOMER])
@pytest.mark.parametrize("alike", ["name", "number"])
def test_of_many_who_write_the_same_and_want_no_duplicate_one_wins(
    installation: Installation, alice: Session, type_: RecordType, alike: str
) -> None:
    """New ones and changed ones, whichever comes first."""
    there = [create_record(installation, alice, type_, RecordInput({"name": f"甲{n}"})) for n in range(TIMES)]

    def given(n: int) -> RecordInput:
        if alike == "name":
            return RecordInput({"name": "长江贸易"})
        return RecordInput({"name": f"乙{n}"}, {"address": {"tel": "13400002331" if n % 2 else "134-0000-2331"}})

    def write(n: int) -> int | None:
        try:
            if n % 2:
                return create_record(installation, alice, type_, given(n), check_duplicates=True).id
            return update_record(installation, alice, there[n // 2].ref, given(n), check_duplicates=True).id
        except Duplicate:
            return None

    with ThreadPoolExecutor(TIMES) as pool:
        won = [id_ for id_ in pool.map(write, range(2 * TIMES)) if id_ is not None]

    assert len(won) == 1
    wanted = RecordFilter(type_, query="长江贸易") if alike == "name" else RecordFilter(type_, phone="13400002331")
    found, _ = list_records(installation, alice, wanted, Page())
    assert [record.id for record in found] == won


def test_customers_are_merged_while_their_leads_are_written_on_and_none_is_missing(
    installation: Installation, alice: Session
) -> None:
    """Each lead is of one customer, and a lead was merged into each: what is written lands in the kept customer's."""
    leads, customers = [], []
    for n in range(3):
        pair = [create_record(installation, alice, RecordType.LEAD, RecordInput({"name": f"线索{n}"})) for _ in "ab"]
        customers.append(
            create_record(installation, alice, RecordType.CUSTOMER, RecordInput({"name": "客户"}), pair[0].id)
        )
        merge_records(installation, alice, pair[0].ref, [pair[1].id])
        leads += pair
    begun = [log_call(installation, alice, CallReport(target=leads[0].ref)) for _ in range(2 * TIMES)]
    kept, *others = [customer.ref for customer in customers]

    def write(n: int) -> None:
        write_follow_up(installation, alice, leads[n % len(leads)].ref, FollowUpInput(text=str(n)))
        end_call(installation, alice, begun[n].call.id, CallReport(frozenset({"seconds"}), seconds=1))

    with ThreadPoolExecutor(TIMES) as pool:
        writes = [pool.submit(write, n) for n in range(2 * TIMES)]
        merging = [pool.submit(merge_records, installation, alice, kept, [other.id]) for other in others]
        for written in writes:
            written.result()
        for merged in merging:
            merged.result()

    def use(tx: Tx) -> None:
        sources = lineage.sources_of(tx, alice.organisation_id, kept)
        assert set(sources) == {record.ref for record in (*leads, *customers)}
        found, total = timeline.page(tx, alice.organisation_id, kept, Page(1, 200))
        rows = tx.rows("SELECT id FROM activities WHERE organisation_id = ?", (alice.organisation_id,))
        assert sorted(entry.id for entry in found) == sorted(row[0] for row in rows)
        assert (
            total == len(rows) == 6 + 3 * 3 + 4 * TIMES + 2
        )  # created, customers made and leads merged, written, merged
        assert recount(tx, alice.organisation_id) == []

    installation.database.read(use)
