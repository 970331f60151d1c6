"""What both engines promise of every noun: it comes back as it was put, to its own organisation only."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select

from genjin.domain.activity import Draft, Facts
from genjin.domain.call import CallDetails, Direction, Recording
from genjin.domain.checkin import CheckInDetails
from genjin.domain.followup import FollowUp, FollowUpDetails
from genjin.domain.kinds import CALL_MADE, CHECKED_IN, FOLLOW_UP_WRITTEN
from genjin.domain.people import Organisation, User
from genjin.domain.place import Place
from genjin.domain.records import Record, RecordType, Ref
from genjin.store import activities, calls, checkins, comments, custom_fields, followups, people, pools, records, tokens
from genjin.store.database import Database
from genjin.store.tables import activity_versions
from genjin.store.tokens import TokenRow
from genjin.store.transaction import Tx
from tests import strategies
from tests.databases import fresh_organisation


def _of(organisation_id: int, value: Organisation) -> Organisation:
    """The organisation with an id and a name of its own."""
    return replace(value, id=organisation_id, corp_id=f"{organisation_id} {value.corp_id}"[:64])


def _only(some: Iterable[Any]) -> Any:
    found = list(some)
    assert len(found) <= 1
    return found[0] if found else None


@dataclass(frozen=True)
class Noun:
    """How values of one noun are made, put and found, and given the key of another one."""

    values: st.SearchStrategy[Any]
    put: Callable[[Tx, int, Any], None]
    find: Callable[[Tx, int, Any], Any]
    keyed_like: Callable[[Any, Any], Any] = lambda value, other: replace(value, id=other.id)
    stored: Callable[[int, Any], Any] = lambda organisation_id, value: value


NOUNS = {
    "organisation": Noun(
        strategies.organisations,
        lambda tx, organisation_id, value: people.put_organisation(tx, _of(organisation_id, value)),
        lambda tx, organisation_id, _: people.organisation(tx, organisation_id),
        stored=_of,
    ),
    "department": Noun(
        strategies.departments,
        lambda tx, organisation_id, value: people.put_departments(tx, organisation_id, [value]),
        lambda tx, organisation_id, _: _only(people.department_list(tx, organisation_id)),
    ),
    "role": Noun(
        strategies.roles,
        lambda tx, organisation_id, value: people.put_roles(tx, organisation_id, [value]),
        lambda tx, organisation_id, _: _only(people.role_list(tx, organisation_id)),
    ),
    "user": Noun(
        strategies.users,
        lambda tx, organisation_id, value: people.put_users(tx, organisation_id, [value]),
        lambda tx, organisation_id, _: _only(people.user_list(tx, organisation_id)),
    ),
    "option": Noun(
        strategies.options,
        lambda tx, organisation_id, value: people.put_options(tx, organisation_id, [value]),
        lambda tx, organisation_id, _: _only(people.option_list(tx, organisation_id)),
    ),
    "record": Noun(
        strategies.records,
        lambda tx, organisation_id, value: records.put_records(tx, organisation_id, [value]),
        lambda tx, organisation_id, value: records.find(tx, organisation_id, value.ref, with_deleted=True),
        keyed_like=lambda value, other: replace(value, type=other.type, id=other.id),
    ),
    "follow-up": Noun(
        strategies.follow_ups,
        followups.put,
        lambda tx, organisation_id, value: followups.find(tx, organisation_id, value.id),
        keyed_like=lambda value, other: value._replace(id=other.id),
    ),
    "call": Noun(
        strategies.calls,
        calls.put,
        lambda tx, organisation_id, value: calls.find(tx, organisation_id, value.id),
    ),
    "check-in": Noun(
        strategies.check_ins,
        checkins.put,
        lambda tx, organisation_id, value: checkins.find(tx, organisation_id, value.id),
        keyed_like=lambda value, other: value._replace(id=other.id),
    ),
    "comment": Noun(
        strategies.comments,
        lambda tx, organisation_id, value: comments.put(tx, organisation_id, value),
        lambda tx, organisation_id, value: comments.find(tx, organisation_id, value.id),
    ),
    "pool": Noun(
        strategies.pools,
        lambda tx, organisation_id, value: pools.put_pools(tx, organisation_id, [value]),
        lambda tx, organisation_id, _: _only(pools.pool_list(tx, organisation_id)),
    ),
    "custom field": Noun(
        strategies.custom_fields,
        lambda tx, organisation_id, value: custom_fields.put_fields(tx, organisation_id, [value]),
        lambda tx, organisation_id, _: _only(custom_fields.field_list(tx, organisation_id)),
    ),
}
every_noun = pytest.mark.parametrize("noun", NOUNS.values(), ids=NOUNS.keys())


@every_noun
@given(data=st.data())
def test_a_noun_comes_back_as_it_was_put(database: Database, noun: Noun, data: st.DataObject) -> None:
    value, mine, other = data.draw(noun.values), fresh_organisation(), fresh_organisation()
    database.write(lambda tx: noun.put(tx, mine, value))
    assert database.read(lambda tx: noun.find(tx, mine, value)) == noun.stored(mine, value)
    assert database.read(lambda tx: noun.find(tx, other, value)) is None


@every_noun
@given(data=st.data())
def test_a_second_put_replaces_the_first(database: Database, noun: Noun, data: st.DataObject) -> None:
    first, mine = data.draw(noun.values), fresh_organisation()
    second = noun.keyed_like(data.draw(noun.values), first)
    database.write(lambda tx: noun.put(tx, mine, first))
    database.write(lambda tx: noun.put(tx, mine, second))
    assert database.read(lambda tx: noun.find(tx, mine, second)) == noun.stored(mine, second)


@every_noun
@given(data=st.data())
def test_the_same_key_in_another_organisation_is_another_row(
    database: Database, noun: Noun, data: st.DataObject
) -> None:
    first, mine, other = data.draw(noun.values), fresh_organisation(), fresh_organisation()
    second = noun.keyed_like(data.draw(noun.values), first)
    database.write(lambda tx: noun.put(tx, mine, first))
    database.write(lambda tx: noun.put(tx, other, second))
    assert database.read(lambda tx: noun.find(tx, mine, first)) == noun.stored(mine, first)
    assert database.read(lambda tx: noun.find(tx, other, second)) == noun.stored(other, second)


@given(some=st.lists(strategies.records, max_size=6, unique_by=lambda record: record.ref))
def test_many_records_are_found_by_their_refs(database: Database, some: list[Record]) -> None:
    mine = fresh_organisation()
    database.write(lambda tx: records.put_records(tx, mine, some))
    wanted = [*(record.ref for record in some), Ref(RecordType.LEAD, 404)]
    found = database.read(lambda tx: records.find_many(tx, mine, wanted))
    assert found == {record.ref: record for record in some}


def test_records_of_several_types_are_told_apart_by_their_ids(database: Database) -> None:
    mine = fresh_organisation()
    both = (RecordType.LEAD, RecordType.CUSTOMER)
    some = [Record(type_, id_, "", None, None, None, 1, 1) for type_ in both for id_ in (1, 2)]
    database.write(lambda tx: records.put_records(tx, mine, some))
    wanted = [Ref(RecordType.LEAD, 1), Ref(RecordType.CUSTOMER, 2)]
    assert set(database.read(lambda tx: records.find_many(tx, mine, wanted))) == set(wanted)


def test_a_deleted_record_is_found_only_by_who_asks_for_deleted_ones(database: Database) -> None:
    lead = Record(RecordType.LEAD, 1, "郑老师", None, None, None, 1, 1)
    database.write(lambda tx: records.put_records(tx, 1, [lead]))
    assert database.write(lambda tx: records.find_for_update(tx, 1, lead.ref)) == lead
    database.write(lambda tx: records.change(tx, 1, lead.ref, {"deleted_at": 7}))
    assert database.read(lambda tx: records.find(tx, 1, lead.ref)) is None
    assert database.write(lambda tx: records.find_for_update(tx, 1, lead.ref)) is None
    assert database.read(lambda tx: records.find(tx, 1, lead.ref, with_deleted=True)) == replace(lead, deleted_at=7)


def test_putting_a_user_again_keeps_the_password(database: Database) -> None:
    user = User(1, "张三", 1, login="zhang", phone="13800138000")
    database.write(lambda tx: people.put_users(tx, 1, [user]))
    assert database.read(lambda tx: people.sign_in_candidates(tx, "zhang")) == [(1, 1, None)]
    database.write(lambda tx: people.set_password(tx, 1, 1, "hash"))
    database.write(lambda tx: people.put_users(tx, 1, [replace(user, name="李四")]))
    assert database.read(lambda tx: people.user_named(tx, 1, "zhang")) == replace(user, name="李四")
    assert database.read(lambda tx: people.sign_in_candidates(tx, "13800138000")) == [(1, 1, "hash")]
    assert database.read(lambda tx: people.sign_in_candidates(tx, "")) == []
    assert database.read(lambda tx: people.user_list(tx, 1)) == [replace(user, name="李四")]
    assert database.read(lambda tx: people.users_with_password(tx, 1)) == {1}
    assert database.read(lambda tx: people.users_with_password(tx, 2)) == set()


def test_who_signs_in_is_looked_for_in_every_organisation(database: Database) -> None:
    zhang = User(7, "张三", 1, login="zhang")
    database.write(lambda tx: people.put_users(tx, 2, [zhang]))
    database.write(lambda tx: people.put_users(tx, 1, [zhang]))
    assert database.read(lambda tx: people.sign_in_candidates(tx, "zhang")) == [(1, 7, None), (2, 7, None)]


def test_every_change_of_what_is_bound_late_makes_a_new_version(database: Database) -> None:
    ours, theirs = Organisation(1, "ours", "corp1", version=4), Organisation(2, "theirs", "corp2", version=4)
    database.write(lambda tx: people.put_organisation(tx, theirs))
    database.write(lambda tx: people.put_organisation(tx, ours))
    database.write(lambda tx: people.bump_version(tx, 1))
    assert database.read(people.all_organisations) == [replace(ours, version=5), theirs]


@given(draft=strategies.drafts, activity_id=strategies.ids)
def test_an_activity_comes_back_as_its_draft_said(database: Database, draft: Draft, activity_id: int) -> None:
    mine, other = fresh_organisation(), fresh_organisation()
    facts = activities.facts_of(draft, activity_id)
    database.write(lambda tx: activities.add(tx, mine, [facts]))
    found = database.read(lambda tx: activities.find(tx, mine, activity_id))
    assert found == facts
    assert (found.id, found.kind, found.target) == (activity_id, draft.kind.code, draft.target)
    same = set(Draft.__dataclass_fields__) & set(Facts._fields) - {"id", "kind", "text"}
    assert {name: getattr(found, name) for name in same} == {name: getattr(draft, name) for name in same}
    assert (orjson.loads(found.text) if found.text else "") == draft.text
    assert database.read(lambda tx: activities.find(tx, other, activity_id)) is None


@given(draft=strategies.drafts)
@example(draft=Draft(CHECKED_IN, 1, Ref(RecordType.CUSTOMER, 1), 1, 1, details=CheckInDetails(metres=0)))
def test_details_are_unpacked_as_they_were_packed(draft: Draft) -> None:
    details = draft.details or draft.kind.details()
    unpacked = activities.unpack_details(draft.kind, activities.facts_of(draft, 1).rare)
    assert unpacked == replace(details, captured=details.captured or None)


def test_recordings_are_arrays_and_places_are_objects() -> None:
    recording = Recording(5, "https://x/1.wav", "https://x/1.mp3", 61, None, True)
    call = Draft(
        CALL_MADE, 1, Ref(RecordType.LEAD, 1), 1, 1, details=CallDetails(Direction.INBOUND, 13, "", (recording,))
    )
    assert activities.facts_of(call, 1).rare == (
        b'{"direction":2,"mode":13,"recordings":[[5,"https://x/1.wav","https://x/1.mp3",61,null,true]]}'
    )
    note = Draft(FOLLOW_UP_WRITTEN, 1, call.target, 1, 1, details=FollowUpDetails(Place("上海", 31.2, 121.5), (7, 8)))
    assert orjson.loads(activities.facts_of(note, 1).rare or b"") == {
        "place": {"detail": "上海", "lat": 31.2, "lng": 121.5},
        "mentions": [7, 8],
    }


def test_a_deleted_activity_is_not_found(database: Database) -> None:
    born = [activities.facts_of(Draft(CALL_MADE, 1, Ref(RecordType.LEAD, 1), 1, 1), i) for i in (1, 2, 3)]
    database.write(lambda tx: activities.add(tx, 1, born[:2]))
    database.write(lambda tx: activities.add(tx, 1, born[2:], from_capture=True))
    assert database.read(lambda tx: activities.born_here(tx, 1, [1, 2, 3, 4])) == {1, 2}
    database.write(lambda tx: activities.change(tx, 1, 2, {"deleted_at": 9}))
    assert database.read(lambda tx: activities.find_many(tx, 1, [1, 2, 3, 4])) == {1: born[0], 3: born[2]}
    assert database.read(lambda tx: activities.find_many(tx, 1, [])) == {}
    assert database.read(lambda tx: activities.deleted(tx, 1, [1, 2, 3, 4])) == {2}


@given(drafts=st.lists(strategies.drafts, min_size=1, max_size=4))
def test_earlier_wordings_are_numbered_from_1(database: Database, drafts: list[Draft]) -> None:
    mine = fresh_organisation()
    wordings = [activities.facts_of(draft, 7) for draft in drafts]
    kept = ("said_at", "remind_at", "category_id", "text", "rare")

    def edit_all(tx: Tx) -> None:
        activities.add(tx, mine, wordings[:1])
        for at, (before, after) in enumerate(pairwise(wordings)):
            activities.keep_version(tx, mine, before, at, at + 1)
            activities.change(tx, mine, 7, {name: getattr(after, name) for name in kept})

    database.write(edit_all)
    c = activity_versions.c
    columns = [c.version, c.replaced_at, c.replaced_by, *(c[name] for name in kept)]
    statement = select(*columns).where(c.organisation_id == mine).order_by(c.version)
    assert database.read(lambda tx: [tuple(row) for row in tx.execute(statement)]) == [
        (at + 1, at, at + 1, *(getattr(before, name) for name in kept)) for at, before in enumerate(wordings[:-1])
    ]
    found = database.read(lambda tx: activities.find(tx, mine, 7))
    assert found is not None
    assert [getattr(found, name) for name in kept] == [getattr(wordings[-1], name) for name in kept]


def test_a_removed_follow_up_leads_nowhere(database: Database) -> None:
    follow_up = FollowUp(1, 2, 3, Ref(RecordType.LEAD, 4), 5)
    database.write(lambda tx: followups.put(tx, 1, follow_up))
    database.write(lambda tx: followups.remove(tx, 2, 1))
    assert database.read(lambda tx: followups.find(tx, 1, 1)) == follow_up
    assert database.read(lambda tx: followups.activity_ids(tx, 1, [1, 9])) == {1: 2}
    database.write(lambda tx: followups.remove(tx, 1, 1))
    assert database.read(lambda tx: followups.find(tx, 1, 1)) is None
    assert database.read(lambda tx: followups.activity_ids(tx, 1, [1, 9])) == {}


def test_a_token_is_found_by_its_hash_until_it_is_forgotten(database: Database) -> None:
    rows = [TokenRow(i, 7 + i // 3, "笔记本", 100, 900 if i == 1 else None, None) for i in (1, 2, 3)]

    def prepare(tx: Tx) -> None:
        people.put_organisation(tx, Organisation(1, "o", "corp", version=4))
        for row in rows:
            tokens.add_token(tx, 1, bytes([row.id]) * 32, row)

    database.write(prepare)
    assert database.read(lambda tx: tokens.token_list(tx, 1)) == rows
    assert database.read(lambda tx: tokens.find_token(tx, 1, b"\x01" * 32)) == (7, 900, None, 4, None)
    assert database.read(lambda tx: tokens.find_token(tx, 2, b"\x01" * 32)) is None
    assert database.write(lambda tx: tokens.revoke_token(tx, 1, 1, 200)) is True
    assert database.write(lambda tx: tokens.revoke_token(tx, 1, 1, 300)) is False
    assert database.write(lambda tx: tokens.revoke_user_tokens(tx, 1, 7, 400)) == 1
    revoked = {row.id: row.revoked_at for row in database.read(lambda tx: tokens.token_list(tx, 1))}
    assert revoked == {1: 200, 2: 400, 3: None}


def test_failed_sign_ins_are_counted_per_login_and_forgotten(database: Database) -> None:
    mine, yours, old = b"m" * 32, b"y" * 32, b"o" * 32

    def fail(tx: Tx) -> None:
        tokens.set_failures(tx, mine, 100, 1)
        tokens.set_failures(tx, mine, 100, 2)
        tokens.set_failures(tx, yours, 100, 5)
        tokens.set_failures(tx, old, 10, 9)

    def failures(tx: Tx) -> list[tuple[int, int]]:
        return [tokens.failures(tx, login) for login in (mine, yours, old)]

    assert database.read(failures) == [(0, 0), (0, 0), (0, 0)]
    database.write(fail)
    assert database.read(failures) == [(100, 2), (100, 5), (10, 9)]
    database.write(lambda tx: tokens.clear_failures(tx, mine, 50))
    assert database.read(failures) == [(0, 0), (100, 5), (0, 0)]
