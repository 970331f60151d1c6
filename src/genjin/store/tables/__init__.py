"""Every table, for both engines, a file for what belongs together. `store/migrations` builds the same; a test holds the
two together.

`organisation_id` leads every primary key. Instants are whole seconds since 1970-01-01 UTC in 64 bits; ids are
positive 32-bit integers. Tables that are read by key alone have no rowid on SQLite: the key is the table.
The tables of installation.py belong to no organisation.
"""

from genjin.store.tables.activity import (
    COMMON_KINDS,
    LOUD,
    RARE,
    activities,
    activity_sources,
    activity_versions,
    timeline,
    timeline_blocks,
    timelines,
)
from genjin.store.tables.definitions import custom_fields, custom_kinds, options
from genjin.store.tables.entry import calls, checkins, comments, files, follow_ups
from genjin.store.tables.importing import import_rejects, imports, record_sources
from genjin.store.tables.inbox import calendar_links, follows, notices, reminders
from genjin.store.tables.installation import (
    INSTALLATION_TABLES,
    id_counter,
    login_failures,
    schedule,
    secrets,
    unserved_calls,
)
from genjin.store.tables.parts import ID_SEQUENCE, metadata
from genjin.store.tables.people import (
    ONLY_GROW,
    audit_log,
    departments,
    organisations,
    preferences,
    roles,
    tokens,
    users,
)
from genjin.store.tables.queue import changes, jobs, kept_answers
from genjin.store.tables.record import NUMBER_ENDING, collaborators, merges, phones, pools, records, return_warnings
from genjin.store.tables.searching import SEARCH_INDEX, SEARCHED_BY, search_backlog, search_texts
from genjin.store.tables.sync import sync_ids, sync_misfits, sync_units, syncs
from genjin.store.tables.tally import daily_tallies, hourly_tallies, tallied_records, tally_audiences, tally_states
from genjin.store.tables.webhook import NOT_DELIVERED, deliveries, webhooks

__all__ = [
    "COMMON_KINDS",
    "ID_SEQUENCE",
    "INSTALLATION_TABLES",
    "LOUD",
    "NOT_DELIVERED",
    "NUMBER_ENDING",
    "ONLY_GROW",
    "RARE",
    "SEARCHED_BY",
    "SEARCH_INDEX",
    "activities",
    "activity_sources",
    "activity_versions",
    "audit_log",
    "calendar_links",
    "calls",
    "changes",
    "checkins",
    "collaborators",
    "comments",
    "custom_fields",
    "custom_kinds",
    "daily_tallies",
    "deliveries",
    "departments",
    "files",
    "follow_ups",
    "follows",
    "hourly_tallies",
    "id_counter",
    "import_rejects",
    "imports",
    "jobs",
    "kept_answers",
    "login_failures",
    "merges",
    "metadata",
    "notices",
    "options",
    "organisations",
    "phones",
    "pools",
    "preferences",
    "record_sources",
    "records",
    "reminders",
    "return_warnings",
    "roles",
    "schedule",
    "search_backlog",
    "search_texts",
    "secrets",
    "sync_ids",
    "sync_misfits",
    "sync_units",
    "syncs",
    "tallied_records",
    "tally_audiences",
    "tally_states",
    "timeline",
    "timeline_blocks",
    "timelines",
    "tokens",
    "unserved_calls",
    "users",
    "webhooks",
]
