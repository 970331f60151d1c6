"""When something happened last is what the entries say, whatever was written, moved and filled in later."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from genjin.domain.activity import Draft
from genjin.domain.kinds import CALL_MADE, FOREIGN, KINDS, Group
from genjin.domain.latest import LOUD, QUIET, Latest, latest_of
from genjin.domain.records import Record, RecordType, Ref
from genjin.service import activities
from genjin.service.queue.batches import do_now
from genjin.service.timeline.latest import FILL_LATEST
from genjin.store import record_list, records, tables
from genjin.store.transaction import Tx
from tests.world import ALICE, NOW, ORGANISATION, World

CUSTOMER, CONTACT = Ref(RecordType.CUSTOMER, 801), Ref(RecordType.CONTACT, 802)


def _put(tx: Tx) -> None:
    some = [Record(*(ref.type, ref.id, "x", ALICE.id, ALICE.id, None, NOW, NOW)) for ref in (CUSTOMER, CONTACT)]
    records.put_records(tx, ORGANISATION.id, [some[0], replace(some[1], customer_id=CUSTOMER.id)])


def _latest(world: World) -> list[Latest]:
    def use(tx: Tx) -> list[Latest]:
        return [record_list.latest_of(tx, ORGANISATION.id, ref) for ref in (CUSTOMER, CONTACT)]

    return world.database.read(use, ORGANISATION.id)


def test_the_table_and_the_domain_mean_the_same_kinds() -> None:
    assert f"kind NOT IN ({', '.join(map(str, QUIET))})" == tables.LOUD
    assert {kind.code for kind in KINDS.values() if kind.group in (Group.TALK, Group.CALL, Group.VISIT)} < set(LOUD)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from([*KINDS, 1000]), st.integers(0, 9))))
def test_the_latest_is_the_highest_of_each(entries: list[tuple[int, int]]) -> None:
    by_kind = {kind: max(at for each, at in entries if each == kind) for kind, _ in entries}
    of = [max((at for kind, at in entries if kind in kinds), default=None) for kinds in ({*LOUD, 1000}, {2}, {3}, {4})]
    assert latest_of(by_kind) == Latest(*of)


def _does(world: World) -> None:
    world.database.write(_put, ORGANISATION.id)
    some = list(KINDS.values())
    drafts = [Draft(kind, ALICE.id, (CUSTOMER, CONTACT)[n % 2], NOW - n, NOW) for n, kind in enumerate(some)]
    facts = world.record(*drafts)
    both = [
        latest_of({each.kind: each.at for each in facts}),
        latest_of({each.kind: each.at for each in facts if each.target == CONTACT}),
    ]
    assert _latest(world) == both

    world.database.write(
        lambda tx: tx.execute(text("UPDATE timelines SET last_activity_at = 7, last_call_at = NULL")), 1
    )
    assert len(world.miscounts()) == 2
    do_now(world.installation, ORGANISATION.id, replace(FILL_LATEST, first=1, most=1), {}, lambda _: None)
    assert _latest(world) == both
    assert world.miscounts() == []

    [foreign] = [each for each in facts if each.kind == FOREIGN.code]
    call = foreign._replace(kind=CALL_MADE.code, at=NOW + 9)
    world.database.write(lambda tx: activities.move(tx, ORGANISATION.id, foreign, call), ORGANISATION.id)
    assert _latest(world)[0] == both[0]._replace(last_activity_at=NOW + 9, last_call_at=NOW + 9)
    world.database.write(lambda tx: activities.take_back(tx, ORGANISATION.id, call, NOW), ORGANISATION.id)
    rest = [each for each in facts if each.kind != FOREIGN.code]
    assert _latest(world)[0].last_call_at == max(each.at for each in rest if each.kind == CALL_MADE.code)
    assert world.miscounts() == []


def test_what_is_written_moved_and_taken_back_moves_it_and_a_job_finds_it(world: World) -> None:
    _does(world)


def test_so_it_is_on_postgresql(postgres_world: World) -> None:
    _does(postgres_world)
