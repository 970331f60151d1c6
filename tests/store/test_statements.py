"""Every statement names its organisation: nothing is read or written across tenants but what is listed here."""

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Engine, event

from genjin.domain.activity import Draft
from genjin.domain.attachment import Attachment, FileKind, Holder
from genjin.domain.audience import Audience
from genjin.domain.audit import Act, AuditFilter, AuditKey, Noted, Subject
from genjin.domain.calendar import calendar_of
from genjin.domain.call import Call, CallFilter
from genjin.domain.change_log import BEGINNING, LogCursor, LogLine, LogOp
from genjin.domain.checkin import CheckIn, CheckInFilter
from genjin.domain.comment import Comment
from genjin.domain.custom_field import CustomField
from genjin.domain.custom_kind import CustomKind, Definition
from genjin.domain.duplicates import Traits
from genjin.domain.feed import Choice, Facet, FeedFilter, Has, Key, Moment, OfRecord, Relation, Talked
from genjin.domain.follow import FollowKey
from genjin.domain.followup import FollowUp, FollowUpFilter
from genjin.domain.job import Job, JobState
from genjin.domain.kinds import CALL_MADE
from genjin.domain.latest import LOUD, Contact
from genjin.domain.merge import Merge
from genjin.domain.notice import Notice, NoticeKind
from genjin.domain.people import DataScope, Department, Option, Organisation, Role, User
from genjin.domain.policy import Viewer
from genjin.domain.pools import Pool
from genjin.domain.preferences import Preferences
from genjin.domain.record_list import SORTS, RecordKey, RecordsAsked, Span
from genjin.domain.records import Record, RecordFilter, RecordType, Ref
from genjin.domain.reminder import Reminder, ReminderKey
from genjin.domain.report import Tally
from genjin.domain.search import Order, Source, question_of
from genjin.domain.sync import Misfit, Sync, Unit
from genjin.domain.table_import import Asked, Rejected, TableForm, TableImport
from genjin.domain.timeline import Page
from genjin.domain.webhook import Attempt, Delivery, DeliveryState, Event, Webhook
from genjin.domain.writing import External
from genjin.store import (
    activities,
    audiences,
    audit,
    calendar_links,
    calls,
    changes,
    checkins,
    comments,
    custom_fields,
    custom_kinds,
    deliveries,
    duplicates,
    entries,
    feed,
    feed_counts,
    feed_sums,
    feed_texts,
    files,
    filling,
    follows,
    followups,
    heads,
    ids,
    imports,
    jobs,
    kept_answers,
    lineage,
    merges,
    notices,
    people,
    phones,
    pools,
    preferences,
    record_list,
    records,
    recount,
    reminders,
    schedule,
    search,
    search_hits,
    search_index,
    search_own,
    search_texts,
    secret,
    sources,
    sync_ids,
    syncs,
    tallies,
    timeline,
    timeline_blocks,
    timeline_months,
    tokens,
    webhooks,
)
from genjin.store.database import Database
from genjin.store.distribution import TENANT_TABLES, names_organisation, tables_of_tenants
from genjin.store.kept_answers import KeptRow
from genjin.store.search import Search
from genjin.store.search_hits import Between, Sought
from genjin.store.search_index import SearchText, TextKey
from genjin.store.sync_ids import Known
from genjin.store.tables import checkins as checkins_table
from genjin.store.tables import metadata
from genjin.store.tallies import Who
from genjin.store.timeline import Place
from genjin.store.tokens import TokenRow
from genjin.store.transaction import Row, Tx

MODULES = (
    activities,
    audiences,
    audit,
    calendar_links,
    calls,
    changes,
    checkins,
    comments,
    custom_fields,
    custom_kinds,
    deliveries,
    duplicates,
    entries,
    feed,
    feed_counts,
    feed_sums,
    feed_texts,
    files,
    filling,
    followups,
    follows,
    heads,
    ids,
    imports,
    jobs,
    kept_answers,
    lineage,
    merges,
    notices,
    people,
    phones,
    pools,
    preferences,
    record_list,
    records,
    recount,
    reminders,
    schedule,
    search,
    search_hits,
    search_index,
    search_own,
    search_texts,
    secret,
    sources,
    sync_ids,
    syncs,
    tallies,
    timeline,
    timeline_blocks,
    timeline_months,
    tokens,
    webhooks,
)
ACROSS_ORGANISATIONS = {"people.sign_in_candidates", "people.all_organisations"}
"""Who signs in has not said where; and the operator's list of organisations."""
WITHOUT_TENANT_TABLES = {
    "changes.wake",
    "ids.allocate",
    "ids.highest",
    "ids.raise_floor",
    "schedule.schedule_list",
    "schedule.enter",
    "schedule.claim",
    "schedule.put_off",
    "schedule.touch",
    "secret.find_secret",
    "secret.make_secret",
    "tokens.failures",
    "tokens.set_failures",
    "tokens.clear_failures",
}
"""These belong to the installation."""

NOT_USED_YET: set[str] = set()
_ACROSS = "genjin_sign_in"
"""The function of the database that looks into all organisations."""
_PAIRS = re.compile(r"\) IN \((?:VALUES )?\(")

LEAD, CUSTOMER = Ref(RecordType.LEAD, 1), Ref(RecordType.CUSTOMER, 2)
MANAGER = Viewer(1, 1, DataScope.DEPARTMENT, frozenset({1, 2}))
SELLER = Viewer(1, 1, DataScope.SELF, pools=frozenset({1}))
ADMINISTRATOR = Viewer(1, 1, DataScope.ALL)
FACTS = [activities.facts_of(Draft(CALL_MADE, 1, LEAD, at, at), at) for at in range(1, 60)]
RECORD = Record(RecordType.LEAD, 1, "郑老师", 1, 1, 1, 1, 1)
TOKEN = TokenRow(1, 1, "x", 1, None, None)
EVERY_FILTER = RecordFilter(RecordType.LEAD, "my", "x", 1, 1, "s", "s", "c", (0, 9), (0, 9), "name", False, 1)
OF_CUSTOMER = RecordFilter(
    *(RecordType.CONTACT, "sub_assist"),
    query="1",
    field="address.tel",
    has_phone=False,
    phone="1",
    approve_status="approved",
    customer_id=1,
    opportunity_id=1,
    said_followed_up=(0, 9),
)
VISITS = entries.entries(MANAGER, checkins_table.c.author_id, checkins_table.c.at, entries.Asked())
HASH = b"h" * 32
FILE = Attachment(1, HASH, "x.png", "image/png", 1, FileKind.PICTURE, 1, 1)
ON_LEAD = Holder(1, 1)
WORKED = RecordsAsked(
    *(RecordType.LEAD, Choice(frozenset({1})), Choice(frozenset({1}), frozenset({2})), Choice(frozenset({"s"}))),
    {"last_call_at": Span(0, 9)},
    silent_since=9,
    pools=Choice(frozenset({1})),
    text="a",
)
REMINDER = Reminder(1, 1, LEAD, 1, 9, 9, 1)
NOTICE = Notice(1, 1, NoticeKind.MENTION, 1, 2)
JOB = Job(1, "x", {}, JobState.WAITING, 1, 1)
PARTS = (recount.BEGINNING, recount.Position(1, 1), recount.Position(1, 1, *timeline_blocks.OLDEST))
MERGE = Merge(1, LEAD, 2, 1, 1, {"customer_id": [Ref(RecordType.CONTACT, 1)]})


def _places(first: int, last: int) -> list[Place]:
    """The places of these entries, in two timelines."""
    return [
        Place(subject, facts.at, facts.id, 1, facts.kind) for facts in FACTS[first:last] for subject in (LEAD, CUSTOMER)
    ]


def _told(tx: Tx) -> None:
    with audiences.told(tx, 1, [LEAD, CUSTOMER]):
        records.change(tx, 1, LEAD, {"owner_id": 9})


def _pages(tx: Tx) -> None:
    for number in range(1, 15):
        timeline.page(tx, 1, LEAD, Page(number, 5))


OF_RECORD = OfRecord(
    *(Choice(frozenset(RecordType)), Choice(frozenset({0, 1})), Choice(frozenset({"1"})), Choice(frozenset({""}))),
    converted=False,
    standing=True,
)
TALKED = Talked(frozenset({3}), Choice(frozenset({9}), frozenset({1})), Choice(frozenset({(0, 9)})))
EVERY_FEED = (
    FeedFilter(),
    FeedFilter(via=Choice(frozenset({Relation.RELATED}))),
    FeedFilter(Choice(frozenset({LEAD, CUSTOMER}), frozenset({CUSTOMER})), via=Choice(frozenset({Relation.OWN}))),
    FeedFilter(departments=Choice(frozenset({1})), texts=Choice(frozenset({"1"})), has=Choice(frozenset(Has))),
    *(FeedFilter(actors=Choice(frozenset({1})), clock=clock, since=0, until=99) for clock in Moment),
    FeedFilter(kinds=Choice(frozenset({13}))),
    FeedFilter(record=OF_RECORD, talked=TALKED, connected=True),
    FeedFilter(left=Choice(frozenset({"1", ""})), kinds=Choice(frozenset({6}))),
    FeedFilter(connected=False, hours=Choice(frozenset({8})), offsets=((0, 0), (9, 3600))),
    FeedFilter(Choice(frozenset({LEAD}), frozenset({CUSTOMER})), as_of=9),
)

TALLIES = tallies.State(BEGINNING, "Asia/Shanghai", frozenset({3}), 1)
AUDIENCE = {LEAD: Audience(RECORD)}
TALLY = Tally(1, 1, 9)
WEBHOOK = Webhook(1, 1, "https://example.com", 1, b"s", LogCursor(BEGINNING, ""))
DELIVERIES = [Delivery(1, number, Event.CREATED, 1, 1, LEAD, due_at=1) for number in (1, 2)]

QUESTION = question_of("xx 1")
TABLE_IMPORT = TableImport(1, 1, "d", Asked(TableForm.LEADS, {"x": "name"}), 1, 1, 1)
TEXT = SearchText(TextKey(Source.TEXT, 9, 9), False, " xx 1")

OPERATIONS: dict[str, Callable[[Tx], object]] = {
    "feed.page": lambda tx: [
        feed.page(tx, viewer, wanted, 5, Key(9, 9), newest)
        for viewer in (MANAGER, ADMINISTRATOR)
        for wanted in EVERY_FEED
        for newest in (True, False)
    ],
    "timeline.latest_many": lambda tx: timeline.latest_many(tx, 1, LEAD, CUSTOMER),
    "timeline.length": lambda tx: timeline.length(tx, 1, LEAD),
    "timeline.ids": lambda tx: timeline.ids(tx, 1, LEAD),
    "timeline.touch": lambda tx: timeline.touch(tx, 1, [LEAD, CUSTOMER]),
    "sources.claim": lambda tx: sources.claim(tx, 1, [External("erp", "1"), External("erp", "2")]),
    "sources.settle": lambda tx: sources.settle(tx, 1, {External("erp", "1"): 7}),
    "sources.release": lambda tx: sources.release(tx, 1, [External("erp", "2")]),
    "sources.of_entries": lambda tx: sources.of_entries(tx, 1, [7]),
    "sources.records_of": lambda tx: sources.records_of(tx, 1, RecordType.LEAD, "erp", {"1", "2"}),
    "sources.remember_records": lambda tx: sources.remember_records(tx, 1, RecordType.LEAD, "erp", {"1": 7}),
    "imports.begin": lambda tx: imports.begin(tx, 1, TABLE_IMPORT),
    "imports.of_digest": lambda tx: imports.of_digest(tx, 1, "d"),
    "imports.find": lambda tx: imports.find(tx, 1, 1),
    "imports.held": lambda tx: imports.held(tx, 1, 1),
    "imports.newest": lambda tx: [imports.newest(tx, 1, user_id, 5) for user_id in (None, 1)],
    "imports.move": lambda tx: imports.move(tx, 1, TABLE_IMPORT),
    "imports.set_aside": lambda tx: imports.set_aside(tx, 1, TABLE_IMPORT),
    "imports.reject": lambda tx: imports.reject(tx, 1, 1, [Rejected(row, "x") for row in range(60)]),
    "imports.rejected": lambda tx: imports.rejected(tx, 1, 1, 5, 5),
    "imports.forget": lambda tx: imports.forget(tx, 1, 99),
    "duplicates.alike": lambda tx: duplicates.alike(
        tx, 1, RecordType.LEAD, [Traits("x", frozenset({"1", "2"})), Traits("y")]
    ),
    "duplicates.contacts_alike": lambda tx: duplicates.contacts_alike(tx, 1, {1: {"x", "y"}, 2: {"x"}}),
    "duplicates.seen_named": lambda tx: [
        duplicates.seen_named(tx, viewer, [RecordType.LEAD, RecordType.CUSTOMER], {"x", "y"})
        for viewer in (MANAGER, ADMINISTRATOR)
    ],
    "duplicates.seen_numbered": lambda tx: [
        duplicates.seen_numbered(tx, viewer, [RecordType.LEAD, RecordType.CUSTOMER], {"1", "2"})
        for viewer in (MANAGER, ADMINISTRATOR)
    ],
    "custom_kinds.put_kinds": lambda tx: custom_kinds.put_kinds(tx, 1, [CustomKind(1000, Definition("erp.paid"), 1)]),
    "custom_kinds.kind_list": lambda tx: custom_kinds.kind_list(tx, 1),
    "custom_kinds.highest_code": lambda tx: custom_kinds.highest_code(tx, 1),
    "sync_ids.hold": lambda tx: [sync_ids.hold(tx, 1), sync_ids.find(tx, 1, 1, "leads", [1])],
    "sync_ids.put": lambda tx: sync_ids.put(tx, 1, 1, "leads", {1: Known(1), 2: Known(2, b"x", 1)}),
    "sync_ids.find": lambda tx: sync_ids.find(tx, 1, 1, "leads", [1, 2]),
    "sync_ids.ours": lambda tx: sync_ids.ours(tx, 1, 1, "leads", [1, 2]),
    "sync_ids.theirs": lambda tx: sync_ids.theirs(tx, 1, 1, "leads", [1, 2]),
    "sync_ids.claimed": lambda tx: sync_ids.claimed(tx, 1, "leads", [1, 2]),
    "sync_ids.in_use": lambda tx: sync_ids.in_use(tx, 1, [1, 2], ["leads", "users"]),
    "syncs.put": lambda tx: syncs.put(tx, 1, Sync(1, "https://example.com")),
    "syncs.find_for_update": lambda tx: syncs.find_for_update(tx, 1, "https://example.com"),
    "syncs.sync_list": lambda tx: syncs.sync_list(tx, 1),
    "syncs.put_units": lambda tx: syncs.put_units(tx, 1, 1, [Unit("leads/1", due_at=1)]),
    "syncs.find_units": lambda tx: syncs.find_units(tx, 1, 1, ["leads/1"]),
    "syncs.due_units": lambda tx: syncs.due_units(tx, 1, 1, 5, (0, "leads/0")),
    "syncs.stale_units": lambda tx: syncs.stale_units(tx, 1, 1, 9, 5),
    "syncs.listed_units": lambda tx: syncs.listed_units(tx, 1, 1, "leads", "", 5, 9),
    "syncs.count_listed": lambda tx: syncs.count_listed(tx, 1, 1, "leads"),
    "syncs.forget_misfits": lambda tx: syncs.forget_misfits(tx, 1, 1, "leads?"),
    "syncs.count_due": lambda tx: syncs.count_due(tx, 1, 1),
    "syncs.put_misfits": lambda tx: syncs.put_misfits(tx, 1, 1, "leads/1", 1, [Misfit("x", "y", [])]),
    "syncs.misfit_list": lambda tx: syncs.misfit_list(tx, 1, 1, 5, ("", 0)),
    "syncs.count_misfits": lambda tx: syncs.count_misfits(tx, 1, 1),
    "kept_answers.take": lambda tx: kept_answers.take(tx, 1, bytes(32), 1),
    "kept_answers.put": lambda tx: kept_answers.put(tx, 1, bytes(32), KeptRow(bytes(32), 1, 200, b"{}", b"{}")),
    "kept_answers.forget": lambda tx: kept_answers.forget(tx, 1, 2, 10),
    "webhooks.put": lambda tx: webhooks.put(tx, 1, WEBHOOK),
    "webhooks.find": lambda tx: webhooks.find(tx, 1, 1),
    "webhooks.find_for_update": lambda tx: webhooks.find_for_update(tx, 1, 1),
    "webhooks.webhook_list": lambda tx: webhooks.webhook_list(tx, 1),
    "webhooks.forget": lambda tx: webhooks.forget(tx, 1, 1),
    "deliveries.add": lambda tx: deliveries.add(tx, 1, DELIVERIES),
    "deliveries.find": lambda tx: deliveries.find(tx, 1, 1, 1),
    "deliveries.put": lambda tx: deliveries.put(tx, 1, replace(DELIVERIES[0], attempts=(Attempt(1, 1, 500),))),
    "deliveries.page": lambda tx: [
        deliveries.page(tx, 1, 1, state, before, 5) for state in (None, *DeliveryState) for before in (None, 9)
    ],
    "deliveries.next_due": lambda tx: deliveries.next_due(tx, 1, 1),
    "deliveries.due": lambda tx: deliveries.due(tx, 1, 1, 9, 5),
    "deliveries.flying": lambda tx: deliveries.flying(tx, 1, 1, 0),
    "deliveries.open_subjects": lambda tx: deliveries.open_subjects(tx, 1, 1, {LEAD, CUSTOMER}),
    "deliveries.first_open": lambda tx: deliveries.first_open(tx, 1, 1, LEAD),
    "deliveries.count_waiting": lambda tx: deliveries.count_waiting(tx, 1, 1, 9),
    "deliveries.forget": lambda tx: deliveries.forget(tx, 1, 9, 5),
    "deliveries.forget_of": lambda tx: deliveries.forget_of(tx, 1, 1, 5),
    "feed.ways_of": lambda tx: feed.ways_of(tx, MANAGER, EVERY_FEED[-1]),
    "feed.nth": lambda tx: feed.nth(tx, feed.ways_of(tx, MANAGER, FeedFilter())[0], feed.Span(), True, 2),
    "feed_counts.count": lambda tx: [
        feed_counts.count(tx, MANAGER, wanted, list(Facet), calendar_of("Asia/Shanghai")) for wanted in EVERY_FEED
    ],
    "feed_texts.few_that_say": lambda tx: feed_texts.few_that_say(tx, 1, ["报价"]),
    "people.put_organisation": lambda tx: people.put_organisation(tx, Organisation(1, "o", "corp")),
    "people.organisation": lambda tx: people.organisation(tx, 1),
    "people.all_organisations": people.all_organisations,
    "people.bump_version": lambda tx: people.bump_version(tx, 1),
    "people.put_departments": lambda tx: people.put_departments(tx, 1, [Department(1, "d"), Department(2, "e", 1)]),
    "people.department_list": lambda tx: people.department_list(tx, 1),
    "people.put_roles": lambda tx: people.put_roles(tx, 1, [Role(1, "r", DataScope.ALL)]),
    "people.role_list": lambda tx: people.role_list(tx, 1),
    "people.put_users": lambda tx: people.put_users(tx, 1, [User(1, "u", 1, login="u")]),
    "people.user_list": lambda tx: people.user_list(tx, 1),
    "people.user_named": lambda tx: people.user_named(tx, 1, "u"),
    "people.find_user": lambda tx: people.find_user(tx, 1, 1),
    "people.remove_department": lambda tx: people.remove_department(tx, 1, 9),
    "people.remove_role": lambda tx: people.remove_role(tx, 1, 9),
    "people.set_password": lambda tx: people.set_password(tx, 1, 1, "hash"),
    "people.users_with_password": lambda tx: people.users_with_password(tx, 1),
    "people.sign_in_candidates": lambda tx: people.sign_in_candidates(tx, "u"),
    "people.put_options": lambda tx: people.put_options(tx, 1, [Option(1, "lead.source", "x")]),
    "people.option_list": lambda tx: people.option_list(tx, 1),
    "pools.put_pools": lambda tx: pools.put_pools(tx, 1, [Pool(1, RecordType.LEAD, "p", 1, 1)]),
    "pools.pool_list": lambda tx: pools.pool_list(tx, 1),
    "pools.find_for_update": lambda tx: pools.find_for_update(tx, 1, 1),
    "pools.waiting": lambda tx: [pools.waiting(tx, 1, RecordType.CUSTOMER, 0, 9, each, 5) for each in (True, False)],
    "pools.owned": lambda tx: pools.owned(tx, 1, [LEAD, CUSTOMER]),
    "pools.put_warning": lambda tx: pools.put_warning(tx, 1, LEAD, 9),
    "pools.warned_of": lambda tx: pools.warned_of(tx, 1, [LEAD]),
    "pools.forget_warning": lambda tx: pools.forget_warning(tx, 1, LEAD),
    "custom_fields.put_fields": lambda tx: custom_fields.put_fields(tx, 1, [CustomField(1, None, "text_asset_a", "x")]),
    "custom_fields.field_list": lambda tx: custom_fields.field_list(tx, 1),
    "tokens.add_token": lambda tx: tokens.add_token(tx, 1, HASH, TOKEN),
    "tokens.find_token": lambda tx: tokens.find_token(tx, 1, HASH),
    "tokens.token_list": lambda tx: tokens.token_list(tx, 1),
    "tokens.alive": lambda tx: tokens.alive(tx, 1, [HASH], 1),
    "tokens.token_page": lambda tx: [tokens.token_page(tx, 1, user_id, 9, 5) for user_id in (None, 1)],
    "tokens.token_of": lambda tx: tokens.token_of(tx, 1, 1),
    "tokens.revoke_hashed": lambda tx: tokens.revoke_hashed(tx, 1, HASH, 1),
    "tokens.revoke_token": lambda tx: tokens.revoke_token(tx, 1, 1, 1),
    "tokens.revoke_user_tokens": lambda tx: tokens.revoke_user_tokens(tx, 1, 1, 1),
    "tokens.failures": lambda tx: tokens.failures(tx, HASH),
    "tokens.set_failures": lambda tx: tokens.set_failures(tx, HASH, 1, 1),
    "tokens.clear_failures": lambda tx: tokens.clear_failures(tx, HASH, 1),
    "heads.find": lambda tx: heads.find(tx, 1, HASH, LEAD),
    "ids.allocate": lambda tx: ids.allocate(tx, 2),
    "ids.highest": ids.highest,
    "ids.raise_floor": lambda tx: ids.raise_floor(tx, 100),
    "record_list.page": lambda tx: [
        record_list.page(tx, viewer, replace(WORKED, sort=sort), 5, after)
        for viewer in (MANAGER, ADMINISTRATOR)
        for sort in SORTS
        for after in (None, RecordKey(9, 9), RecordKey(None, 9))
    ],
    "record_list.latest_of": lambda tx: record_list.latest_of(tx, 1, LEAD),
    "record_list.latest_by_kind": lambda tx: record_list.latest_by_kind(tx, 1, [1, 2], LOUD),
    "records.put_records": lambda tx: records.put_records(tx, 1, [RECORD, replace(RECORD, id=2)]),
    "records.find": lambda tx: records.find(tx, 1, LEAD),
    "records.contacts": lambda tx: records.contacts(tx, 1, [LEAD, CUSTOMER]),
    "records.put_contacts": lambda tx: records.put_contacts(tx, 1, {LEAD: Contact(1, 1, 1, None, 1, None)}),
    "records.find_for_update": lambda tx: records.find_for_update(tx, 1, LEAD),
    "records.find_many": lambda tx: records.find_many(tx, 1, [LEAD, CUSTOMER]),
    "records.any_of_department": lambda tx: records.any_of_department(tx, 1, 1),
    "records.page": lambda tx: [
        records.page(tx, viewer, wanted, 0, 5)
        for viewer in (MANAGER, ADMINISTRATOR)
        for wanted in (RecordFilter(RecordType.LEAD), EVERY_FILTER, OF_CUSTOMER)
    ],
    "records.of_customers": lambda tx: records.of_customers(tx, 1, RecordType.CONTACT, [1, 2]),
    "records.contracted": lambda tx: records.contracted(tx, 1, [1, 2]),
    "records.counts_by_status": lambda tx: records.counts_by_status(tx, MANAGER, RecordFilter(RecordType.OPPORTUNITY)),
    "records.change": lambda tx: records.change(tx, 1, LEAD, {"customer_id": 2}),
    "records.owned_by": lambda tx: records.owned_by(tx, 1, 1, 5),
    "records.shared_with": lambda tx: records.shared_with(tx, 1, 1, 5),
    "records.count_worked_on": lambda tx: records.count_worked_on(tx, 1, 1),
    "records.add_collaborators": lambda tx: records.add_collaborators(tx, 1, LEAD, [1, 2], 1, 1),
    "records.remove_collaborators": lambda tx: records.remove_collaborators(tx, 1, LEAD, [2]),
    "lineage.timelines_of": lambda tx: lineage.timelines_of(tx, 1, [LEAD]),
    "lineage.below": lambda tx: lineage.below(tx, 1, [LEAD, CUSTOMER]),
    "lineage.sources_of": lambda tx: lineage.sources_of(tx, 1, CUSTOMER),
    "lineage.pointing_at": lambda tx: lineage.pointing_at(tx, 1, [LEAD, CUSTOMER]),
    "lineage.point": lambda tx: lineage.point(tx, 1, [(LEAD, lineage.CUSTOMER)], 2, 2),
    "lineage.lock": lambda tx: (lineage.lock(tx, 1, [LEAD, CUSTOMER]), lineage.timelines_of(tx, 1, [LEAD])),
    "merges.put": lambda tx: merges.put(tx, 1, MERGE),
    "merges.find": lambda tx: merges.find(tx, 1, 1),
    "merges.page_of": lambda tx: merges.page_of(tx, 1, LEAD, 0, 5),
    "activities.add": lambda tx: activities.add(tx, 1, FACTS),
    "activities.add_removed": lambda tx: activities.add_removed(tx, 1, [(FACTS[0]._replace(id=99), 1)]),
    "activities.find": lambda tx: activities.find(tx, 1, 1),
    "activities.find_many": lambda tx: activities.find_many(tx, 1, [1, 2]),
    "activities.between": lambda tx: [activities.between(tx, 1, 1, last, 5) for last in (None, 9)],
    "activities.targets_of": lambda tx: activities.targets_of(tx, 1, [1, 2]),
    "activities.born_here": lambda tx: activities.born_here(tx, 1, [1, 2]),
    "activities.captured": lambda tx: activities.captured(tx, 1, [1, 2]),
    "activities.deleted": lambda tx: activities.deleted(tx, 1, [1, 2]),
    "activities.find_with_removed": lambda tx: activities.find_with_removed(tx, 1, [1, 2]),
    "activities.find_removed": lambda tx: activities.find_removed(tx, 1, 1),
    "activities.versions": lambda tx: activities.versions(tx, 1, 1),
    "activities.wordings": lambda tx: activities.wordings(tx, 1, [FACTS[0]._replace(edited_at=1)]),
    "activities.keep_version": lambda tx: activities.keep_version(tx, 1, FACTS[0], 1, 1),
    "activities.change": lambda tx: activities.change(tx, 1, 1, {"edited_at": 1}),
    "files.put": lambda tx: files.put(tx, 1, FILE, replace(FILE, id=2)),
    "files.announce": lambda tx: files.announce(tx, 1, replace(FILE, id=3, deleted_at=1)),
    "files.find": lambda tx: files.find(tx, 1, 1),
    "files.find_many": lambda tx: files.find_many(tx, 1, [1, 2], lock=True),
    "files.attach": lambda tx: files.attach(tx, 1, [1, 2], ON_LEAD, 1),
    "files.held_by": lambda tx: files.held_by(tx, 1, [ON_LEAD]),
    "files.count_held": lambda tx: files.count_held(tx, 1, RecordType.LEAD, [1, 2]),
    "files.page_of": lambda tx: files.page_of(tx, 1, ON_LEAD, 0, 5),
    "files.describe": lambda tx: files.describe(tx, 1, 1, {"note": "x"}),
    "files.orphans": lambda tx: files.orphans(tx, 1, 9, 5),
    "files.remove": lambda tx: files.remove(tx, 1, [1, 2], 1),
    "files.deleted": lambda tx: files.deleted(tx, 1, 9, 5),
    "files.living": lambda tx: list(files.living(tx, 1)),
    "files.forget": lambda tx: files.forget(tx, 1, HASH, 9),
    "schedule.enter": lambda tx: schedule.enter(tx, "x", 1),
    "schedule.schedule_list": schedule.schedule_list,
    "schedule.claim": lambda tx: schedule.claim(tx, "x", 1, 2),
    "schedule.put_off": lambda tx: schedule.put_off(tx, "x", 3),
    "schedule.touch": schedule.touch,
    "secret.find_secret": lambda tx: secret.find_secret(tx, "x"),
    "secret.make_secret": lambda tx: secret.make_secret(tx, "x", b"y"),
    "comments.put": lambda tx: comments.put(tx, 1, Comment(1, 1, 1, "x", 1)),
    "comments.authors": lambda tx: comments.authors(tx, 1, 1),
    "comments.count": lambda tx: comments.count(tx, 1, 1, 1),
    "comments.count_all": lambda tx: comments.count_all(tx, 1),
    "comments.find": lambda tx: comments.find(tx, 1, 1),
    "comments.find_many": lambda tx: comments.find_many(tx, 1, [1, 2]),
    "comments.page": lambda tx: comments.page(tx, 1, 1, 0, 5),
    "comments.newest": lambda tx: comments.newest(tx, 1, [1, 2], 5),
    "followups.add": lambda tx: followups.add(tx, 1, [FollowUp(7, 1, 1, LEAD, 1)]),
    "followups.put": lambda tx: followups.put(tx, 1, FollowUp(1, 1, 1, LEAD, 1)),
    "followups.find": lambda tx: followups.find(tx, 1, 1),
    "followups.activity_ids": lambda tx: followups.activity_ids(tx, 1, [1, 2]),
    "followups.find_many": lambda tx: followups.find_many(tx, 1, [1, 2]),
    "followups.page": lambda tx: [
        followups.page(tx, viewer, wanted, 0, 5)
        for viewer in (MANAGER, ADMINISTRATOR)
        for wanted in (FollowUpFilter(), FollowUpFilter((0, 9), 1, 1, RecordType.LEAD, 1))
    ],
    "followups.latest": lambda tx: followups.latest(tx, 1, [1, 2]),
    "followups.remove": lambda tx: followups.remove(tx, 1, 1),
    "reminders.put": lambda tx: reminders.put(tx, 1, [REMINDER, REMINDER._replace(id=2, ref=CUSTOMER)]),
    "reminders.find": lambda tx: reminders.find(tx, 1, 1),
    "reminders.of_entry": lambda tx: reminders.of_entry(tx, 1, 1),
    "reminders.of_record": lambda tx: reminders.of_record(tx, 1, LEAD),
    "reminders.waiting_on": lambda tx: reminders.waiting_on(tx, 1, [LEAD, CUSTOMER]),
    "reminders.due": lambda tx: reminders.due(tx, 1, 9, 5),
    "reminders.page": lambda tx: [
        reminders.page(tx, viewer, 5, (0, 9), done, ReminderKey(1, 1))
        for viewer in (MANAGER, ADMINISTRATOR)
        for done in (True, False)
    ],
    "reminders.next_of_users": lambda tx: reminders.next_of_users(tx, 1, [1, 2]),
    "reminders.next_of": lambda tx: [reminders.next_of(tx, 1, type_, [1, 2]) for type_ in RecordType],
    "reminders.hand_over": lambda tx: reminders.hand_over(tx, 1, LEAD, 1, 2, 1),
    "reminders.finish": lambda tx: reminders.finish(tx, 1, LEAD, 2, 9, 9),
    "reminders.move": lambda tx: reminders.move(tx, 1, LEAD, Ref(RecordType.LEAD, 2)),
    "reminders.remove": lambda tx: reminders.remove(tx, 1, 1),
    "calendar_links.put": lambda tx: calendar_links.put(tx, 1, 1, HASH, 1),
    "calendar_links.owner": lambda tx: calendar_links.owner(tx, 1, HASH),
    "calendar_links.created_at": lambda tx: calendar_links.created_at(tx, 1, 1),
    "calendar_links.remove": lambda tx: calendar_links.remove(tx, 1, 1),
    "audit.add": lambda tx: audit.add(tx, 1, Noted(1, 1, 1, Act.USER_CHANGED, Subject(1, "x"))),
    "audit.page": lambda tx: [
        audit.page(tx, 1, wanted, 5, after)
        for wanted in (
            AuditFilter(),
            AuditFilter(1),
            AuditFilter(None, frozenset({Act.USER_LEFT})),
            AuditFilter(1, frozenset(Act), 1, 9),
        )
        for after in (None, AuditKey(9, 9))
    ],
    "files.sums": lambda tx: files.sums(tx, 1),
    "preferences.put": lambda tx: preferences.put(tx, 1, 1, Preferences("zh", None, "dark")),
    "preferences.find": lambda tx: preferences.find(tx, 1, 1),
    "follows.put": lambda tx: [follows.put(tx, 1, user_id, LEAD, 1) for user_id in (1, 2)],
    "follows.since": lambda tx: follows.since(tx, 1, 1, LEAD),
    "follows.count": lambda tx: follows.count(tx, 1, LEAD),
    "follows.followers": lambda tx: follows.followers(tx, 1, [LEAD, CUSTOMER]),
    "follows.copy": lambda tx: follows.copy(tx, 1, LEAD, CUSTOMER),
    "follows.page": lambda tx: [follows.page(tx, viewer, 5, FollowKey(9, 9, 9)) for viewer in (MANAGER, ADMINISTRATOR)],
    "follows.remove": lambda tx: follows.remove(tx, 1, 1, LEAD),
    "follows.remove_all_of": lambda tx: follows.remove_all_of(tx, 1, 1),
    "notices.add": lambda tx: notices.add(tx, 1, [NOTICE, replace(NOTICE, id=2, ref=LEAD, activity_id=1)]),
    "notices.page": lambda tx: [notices.page(tx, viewer, 5, 9, True) for viewer in (MANAGER, ADMINISTRATOR)],
    "notices.find_many": lambda tx: notices.find_many(tx, MANAGER, [1, 2]),
    "notices.count_unread": lambda tx: notices.count_unread(tx, MANAGER),
    "notices.mark": lambda tx: notices.mark(tx, MANAGER, 1, 1),
    "notices.mark_all": lambda tx: notices.mark_all(tx, MANAGER, 9, list(NoticeKind), 1),
    "notices.recipients": lambda tx: notices.recipients(tx, 1, [1, 2]),
    "notices.forget": lambda tx: notices.forget(tx, 1, 9, 5),
    "calls.put": lambda tx: calls.put(tx, 1, Call(1, 1, LEAD, "1", 1, 1)),
    "calls.find": lambda tx: calls.find(tx, 1, 1),
    "calls.find_many": lambda tx: calls.find_many(tx, 1, [1, 2]),
    "calls.remove": lambda tx: calls.remove(tx, 1, 1),
    "calls.find_told": lambda tx: calls.find_told(tx, 1, 1, "c-1"),
    "calls.page": lambda tx: [
        calls.page(tx, viewer, wanted, 0, 5)
        for viewer in (MANAGER, ADMINISTRATOR)
        for wanted in (CallFilter(), CallFilter((0, 9), 1, 1, RecordType.LEAD, 1, "outgoing", True))
    ],
    "checkins.put": lambda tx: checkins.put(tx, 1, CheckIn(1, 1, 1, LEAD, 1, "南京路")),
    "checkins.find": lambda tx: checkins.find(tx, 1, 1),
    "checkins.remove": lambda tx: checkins.remove(tx, 1, 1),
    "checkins.page": lambda tx: [
        checkins.page(tx, viewer, wanted, 0, 5)
        for viewer in (MANAGER, ADMINISTRATOR)
        for wanted in (CheckInFilter(), CheckInFilter(1, RecordType.LEAD, 1, "南京", (0, 9)))
    ],
    "changes.add": lambda tx: changes.add(tx, 1, [LogLine(LogOp.CREATED, 1), LogLine(LogOp.CREATED, 2)]),
    "changes.after": lambda tx: changes.after(tx, 1, BEGINNING, 5),
    "changes.end": lambda tx: changes.end(tx, 1),
    "changes.is_kept": lambda tx: [changes.is_kept(tx, 1, place) for place in (BEGINNING, BEGINNING._replace(at=1))],
    "changes.trim": lambda tx: changes.trim(tx, 1, -1, 5),
    "changes.wake": lambda tx: [changes.wake(tx, 1), tx.rows("SELECT 1", ())],
    "audiences.find": lambda tx: audiences.find(tx, 1, [LEAD, CUSTOMER]),
    "audiences.told": _told,
    "entries.count": lambda tx: entries.count(tx, VISITS),
    "entries.facts_of": lambda tx: entries.facts_of(tx, checkins_table, VISITS, 0, 5),
    "phones.keep_numbers": lambda tx: phones.keep_numbers(
        tx, 1, [replace(RECORD, details={"address": {"tel": "021-55502331"}})]
    ),
    "duplicates.ids_of_name": lambda tx: duplicates.ids_of_name(tx, 1, RecordType.LEAD, "郑老师", 0, 5),
    "duplicates.first_like": lambda tx: [
        duplicates.first_like(tx, 1, LEAD, traits)
        for traits in (Traits("没有的", frozenset({"02155502331"})), Traits("郑老师"))
    ],
    "phones.records_called": lambda tx: [
        phones.records_called(tx, viewer, "2331", list(RecordType), 5) for viewer in (MANAGER, ADMINISTRATOR)
    ],
    "phones.records_with": lambda tx: phones.records_with(tx, 1, "02155502331", 5),
    # Few at once, many at once, many more into blocks, and few into blocks, some of which are split.
    "timeline.add": lambda tx: [timeline.add(tx, 1, _places(*span)) for span in ((0, 1), (1, 30), (30, 50), (50, 52))],
    "timeline.page": _pages,
    "timeline.own_entries": lambda tx: timeline.own_entries(tx, 1, LEAD, (0, 0), 5),
    "timeline.remove": lambda tx: [timeline.remove(tx, 1, place) for place in _places(20, 40)],
    "timeline.roll_up": lambda tx: [timeline.roll_up(tx, 1, LEAD, Ref(RecordType.CUSTOMER, n)) for n in (2, 3)],
    "timeline.rebuild": lambda tx: timeline.rebuild(tx, 1, Ref(RecordType.CUSTOMER, 3), [Ref(RecordType.CUSTOMER, 3)]),
    "timeline.roll_back": lambda tx: [timeline.roll_back(tx, 1, LEAD, Ref(RecordType.CUSTOMER, n)) for n in (2, 3)],
    "timeline_months.ends": lambda tx: timeline_months.ends(tx, 1, LEAD),
    "timeline_months.count_in": lambda tx: timeline_months.count_in(tx, 1, LEAD, [0, 5, 9]),
    "timeline_blocks.lay": lambda tx: timeline_blocks.lay(tx, 1, LEAD),
    "timeline_blocks.reach": lambda tx: timeline_blocks.reach(tx, timeline_blocks.NEWEST_FIRST, (1, 1, 1), 9),
    "timeline_blocks.grow": lambda tx: timeline_blocks.grow(tx, 1, LEAD, (1, 1)),
    "timeline_blocks.shrink": lambda tx: timeline_blocks.shrink(tx, 1, LEAD, (1, 1)),
    "timeline_blocks.drop": lambda tx: timeline_blocks.drop(tx, 1, LEAD),
    "search.page": lambda tx: [
        search.page(tx, viewer, Search(QUESTION, frozenset(Source), EVERY_FEED[2], order), 5)
        for viewer in (MANAGER, SELLER, ADMINISTRATOR)
        for order in Order
    ],
    "search_own.own_of": lambda tx: [search_own.own_of(tx, viewer) for viewer in (SELLER, MANAGER)],
    "search_hits.hits": lambda tx: list(search_hits.hits(tx, Sought(1, Source.TEXT, QUESTION.parts), Between())),
    "search_hits.among": lambda tx: [
        list(search_hits.among(tx, Sought(1, source, QUESTION.parts), Between(), own(source)))
        for source in Source
        if (own := search_own.own_of(tx, SELLER)) is not None
    ],
    "search_hits.sees_all": lambda tx: search_hits.sees_all(tx, 1),
    "search_index.enter": lambda tx: search_index.enter(tx, 1, [TEXT]),
    "search_index.take_out": lambda tx: search_index.take_out(tx, 1, [TEXT.key]),
    "search_texts.add_born": lambda tx: search_texts.add_born(tx, 1, [FACTS[0]._replace(text=b'"x 1"', at=77)]),
    "search_texts.keep_comment": lambda tx: search_texts.keep_comment(tx, 1, Comment(1, 1, 1, "x", 1)),
    "search_texts.keep_names": lambda tx: search_texts.keep_names(tx, 1, [RECORD]),
    "search_texts.put": lambda tx: search_texts.put(tx, 1, [TEXT]),
    "search_texts.is_waiting": lambda tx: search_texts.is_waiting(tx, 1),
    "search_texts.settle": lambda tx: search_texts.settle(tx, 1, 9),
    "search_texts.replace": lambda tx: search_texts.replace(tx, 1, [TEXT], []),
    "search_texts.remove": lambda tx: search_texts.remove(tx, 1, [TEXT.key]),
    "timeline.mend": lambda tx: [timeline.mend(tx, 1, subject) for subject in (LEAD, Ref(RecordType.CONTACT, 1))],
    "recount.recount": lambda tx: recount.recount(tx, 1),
    "recount.recount_part": lambda tx: [recount.recount_part(tx, 1, at, 20) for at in PARTS],
    "recount.count_timelines": lambda tx: recount.count_timelines(tx, 1),
    "filling.next_rows": lambda tx: [filling.next_rows(tx, 1, "records", ["name"], at, 5) for at in (None, (1, 1))],
    "filling.set_columns": lambda tx: filling.set_columns(tx, 1, "records", [(1, 1)], [{"called_at": 1}]),
    "filling.count_rows": lambda tx: filling.count_rows(tx, 1, "records"),
    "feed.talks_on_each": lambda tx: feed.talks_on_each(tx, 1, [LEAD, CUSTOMER], [3]),
    "feed_sums.count_by": lambda tx: [
        feed_sums.count_by(tx, MANAGER, wanted, trait)
        for wanted in EVERY_FEED
        for trait in ("owner_id", "source", "status")
    ],
    "feed_sums.answers": lambda tx: [feed_sums.answers(tx, MANAGER, wanted) for wanted in EVERY_FEED],
    "feed_sums.here": lambda tx: [feed_sums.here(tx, MANAGER, wanted, 9) for wanted in EVERY_FEED],
    "feed_sums.stays": lambda tx: [feed_sums.stays(tx, MANAGER, wanted) for wanted in EVERY_FEED],
    "tallies.put_state": lambda tx: tallies.put_state(tx, 1, TALLIES),
    "tallies.find_state": lambda tx: tallies.find_state(tx, 1),
    "tallies.version": lambda tx: tallies.version(tx, 1),
    "tallies.hold": lambda tx: (tallies.hold(tx, 1), tallies.version(tx, 1)),
    "tallies.ends": lambda tx: tallies.ends(tx, 1),
    "tallies.moments_of": lambda tx: tallies.moments_of(tx, 1, [1, 2], [(1, 9)]),
    "tallies.happened": lambda tx: tallies.happened(tx, 1, 0, 99),
    "tallies.happened_on": lambda tx: tallies.happened_on(tx, 1, LEAD),
    "tallies.ids_of_audiences": lambda tx: tallies.ids_of_audiences(tx, 1, AUDIENCE),
    "tallies.known_ids": lambda tx: tallies.known_ids(tx, 1, AUDIENCE),
    "tallies.audiences_kept": lambda tx: tallies.audiences_kept(tx, 1),
    "tallies.count_as": lambda tx: tallies.count_as(tx, 1, {LEAD: 1}),
    "tallies.counted_as": lambda tx: tallies.counted_as(tx, 1, [LEAD, CUSTOMER]),
    "tallies.put_day": lambda tx: tallies.put_day(tx, 1, 3, {(1, 1): TALLY}, {(7, 1, 1): TALLY}),
    "tallies.day_kept": lambda tx: tallies.day_kept(tx, 1, 3),
    "tallies.move": lambda tx: tallies.move(tx, 1, {(3, 1, 1): TALLY}, {(3, 7, 1, 1): TALLY}),
    "tallies.kept_by": lambda tx: [
        tallies.kept_by(tx, 1, (0, 9), stale, unseen, seen, who, columns)
        for stale, unseen, seen in (([], [], []), ([3], [1], []), ([3], [1], [2, 3]))
        for who in (Who(), Who(frozenset(), frozenset({2})))
        for columns in (("actor_id",), ("day",), ("hour",), ("actor_id", "day"))
    ],
    "tallies.live_by": lambda tx: [
        tallies.live_by(tx, viewer, 0, 99, Who(frozenset({1})), columns, [(0, 0)])
        for viewer in (MANAGER, ADMINISTRATOR)
        for columns in (("actor_id",), ("day",), ("hour",), ("actor_id", "day"))
    ],
    "tallies.forget_audiences": lambda tx: tallies.forget_audiences(tx, 1, [1, 2]),
    "tallies.forget": lambda tx: tallies.forget(tx, 1),
    "changes.unread": lambda tx: changes.unread(tx, 1, BEGINNING),
    "jobs.add": lambda tx: jobs.add(tx, 1, JOB),
    "jobs.put": lambda tx: jobs.put(tx, 1, replace(JOB, lease="x", state=JobState.RUNNING)),
    "jobs.find": lambda tx: jobs.find(tx, 1, 1),
    "jobs.find_for_update": lambda tx: jobs.find_for_update(tx, 1, 1),
    "jobs.unfinished": lambda tx: jobs.unfinished(tx, 1, "x"),
    "jobs.newest": lambda tx: jobs.newest(tx, 1, 5),
    "jobs.next_due": lambda tx: jobs.next_due(tx, 1, ["x", "y"]),
    "jobs.first_due": lambda tx: jobs.first_due(tx, 1, ["x", "y"], 9),
    "jobs.held": lambda tx: jobs.held(tx, 1, 1, "x"),
    "jobs.forget": lambda tx: jobs.forget(tx, 1, 9, 5),
}


def test_every_function_of_the_store_is_listened_to() -> None:
    there = {f"{_name(module)}.{name}" for module in MODULES for name in _functions(module)}
    assert set(OPERATIONS) == there


@pytest.fixture
def short_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline_blocks, "WHOLE", 8)
    monkeypatch.setattr(timeline_blocks, "BLOCK", 4)
    monkeypatch.setattr(timeline, "FEW", 3)


def test_every_statement_on_a_table_of_tenants_names_the_organisation(database: Database, short_blocks: None) -> None:
    heard = _run_all(database)
    assert [name for name, said in heard.items() if not said] == []
    unbound = {name: bad for name, said in heard.items() if (bad := [sql for sql in said if not _is_bound(sql)])}
    assert set(unbound) == ACROSS_ORGANISATIONS, unbound
    touching = {name for name, said in heard.items() if any(tables_of_tenants(sql) or _ACROSS in sql for sql in said)}
    assert set(OPERATIONS) - touching == WITHOUT_TENANT_TABLES
    assert [name for name, said in heard.items() if any(map(_PAIRS.search, said))] == []  # see refs.py


def test_every_table_of_tenants_is_touched(database: Database, short_blocks: None) -> None:
    heard = _run_all(database)
    touched = {table for said in heard.values() for sql in said for table in tables_of_tenants(sql)}
    assert touched == TENANT_TABLES - NOT_USED_YET


@pytest.mark.parametrize("name", sorted(TENANT_TABLES))
def test_a_table_of_tenants_has_the_organisation_first_in_its_key_and_its_indexes(name: str) -> None:
    table = metadata.tables[name]
    assert next(column.name for column in table.primary_key) == "organisation_id"
    across = {"ix_users_login", "ix_users_phone"}  # for who signs in
    for index in table.indexes:
        assert index.name in across or index.columns[0].name == "organisation_id"


@pytest.mark.parametrize(
    ("sql", "bound"),
    [
        ("SELECT name FROM users WHERE organisation_id = ?", True),
        ("SELECT name FROM users WHERE id = ?", False),
        ("SELECT organisation_id FROM users", False),
        ("SELECT 1 FROM users u JOIN roles r ON r.id = u.role_id WHERE u.organisation_id = ?", False),
        ("SELECT 1 FROM users, roles WHERE users.organisation_id = ?", False),
        ("DELETE FROM calls WHERE id = ?", False),
        ("UPDATE calls SET seconds = 1 WHERE organisation_id = ?", True),
        ("INSERT INTO calls (organisation_id, id) VALUES (?, ?)", True),
        ("INSERT INTO calls (id) VALUES (?)", False),
        ("INSERT INTO calls (organisation_id, id) SELECT organisation_id, id FROM calls", False),
        ("UPDATE id_counter SET last_id = 1", True),
        ("SELECT path, calls FROM unserved_calls", True),
        ("INSERT INTO unserved_calls (path, calls) VALUES (?, ?)", True),
        ("SELECT 1 FROM (SELECT 1) AS s, users", False),
        ("SELECT (SELECT name FROM roles), 1 FROM users WHERE users.organisation_id = ?", False),
        ('SELECT calls.id FROM "calls" WHERE calls.organisation_id = ?', True),
    ],
)
def test_the_ear_tells_a_bound_statement_from_an_unbound_one(sql: str, bound: bool) -> None:
    assert _is_bound(sql) is bound


def _is_bound(sql: str) -> bool:
    """Whether each table of tenants in the statement is held to an organisation."""
    return _ACROSS not in sql and names_organisation(sql)


def _run_all(database: Database) -> dict[str, list[str]]:
    """Every operation once, in the order of OPERATIONS, in one transaction: the statements of each."""

    def use(tx: Tx) -> dict[str, list[str]]:
        heard = dict[str, list[str]]()
        for name, operation in OPERATIONS.items():
            with _listening(tx) as (listened, said):
                operation(listened)
            heard[name] = said
        return heard

    return database.write(use)


@contextmanager
def _listening(tx: Tx) -> Iterator[tuple[Tx, list[str]]]:
    """The transaction, and the list of the statements that run in it from now on."""
    said = list[str]()

    def before(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    def fetch(sql: str, parameters: Sequence[object]) -> list[Row]:
        said.append(sql)
        return tx.fetch(sql, parameters)

    def each(sql: str, rows: Sequence[Row]) -> None:
        said.append(sql)
        tx.each(sql, rows)

    event.listen(Engine, "before_cursor_execute", before)
    try:
        yield replace(tx, fetch=fetch, each=each), said
    finally:
        event.remove(Engine, "before_cursor_execute", before)


def _name(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def _functions(module: ModuleType) -> list[str]:
    """The public functions whose first argument is a transaction."""
    return [
        name
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and next(iter(inspect.signature(function).parameters), "") == "tx"
    ]
