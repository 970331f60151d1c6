"""SQLite finds what it is asked for by an index: no statement goes through all that an organisation has, but a few."""

import re
import sqlite3
from collections.abc import Iterator

import pytest

from genjin.store import statistics, timeline, timeline_blocks
from genjin.store.database import Database
from genjin.store.tables import metadata
from genjin.store.transaction import Tx
from tests.store.test_statements import OPERATIONS

pytestmark = pytest.mark.across  # the planner's table belongs to no organisation
WHOLE = re.compile(r"(?:SCAN|SEARCH) (\w+)(?: USING (?:PRIMARY KEY|(?:COVERING )?INDEX \w+) \((.*)\))?")
TYPES = {"type=?", "record_type=?", "subject_type=?", "target_type=?", "source=?"}
"""Of a type there is much."""
GO_THROUGH_MUCH = {
    *(
        "feed.nth",
        "feed_counts.count",
        "jobs.newest",
        "filling.next_rows",
        "audit.page",
    ),  # no further than they are told to
    *("search_texts.is_waiting", "search_texts.settle", "search_hits.sees_all", "feed_texts.few_that_say"),
    *("records.page", "records.counts_by_status", "followups.page", "calls.page", "checkins.page"),  # whole lists
    *("records.any_of_department", "files.sums"),  # when a department is removed; when somebody looks
    *("entries.count", "entries.facts_of", "recount.count_timelines", "filling.count_rows"),
    *("files.deleted", "tokens.clear_failures"),  # once a day
    *("tallies.ends", "tallies.forget"),  # the first and the last; all is forgotten
    *("feed_sums.count_by", "feed_sums.answers", "feed_sums.stays", "feed_sums.here"),  # whole feeds
    "comments.count_all",  # when everything is brought in
    *("search.page", "record_list.page"),  # whether anything waits for the index; a whole list
}


def test_every_statement_finds_its_rows_by_an_index(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline_blocks, "WHOLE", 8)
    monkeypatch.setattr(timeline_blocks, "BLOCK", 4)
    monkeypatch.setattr(timeline, "FEW", 3)

    def use(tx: Tx) -> dict[str, set[str]]:
        return {name: set(_through_much(tx, name)) for name in OPERATIONS}

    found = {name: steps for name, steps in sqlite_database.write(use).items() if steps}
    assert set(found) == GO_THROUGH_MUCH, found


def _through_much(tx: Tx, name: str) -> Iterator[str]:
    """The steps of an operation's statements that go through what an organisation has in one of the large tables."""
    driver, said = tx.connection.connection.driver_connection, list[str]()
    assert isinstance(driver, sqlite3.Connection)
    driver.set_trace_callback(said.append)
    OPERATIONS[name](tx)
    driver.set_trace_callback(None)
    for sql in said:
        if sql.startswith(("SELECT", "WITH", "UPDATE", "DELETE", "INSERT")):
            for *_, step in driver.execute(f"EXPLAIN QUERY PLAN {sql}"):
                if (told := WHOLE.fullmatch(step)) is not None and _is_much(told[1], told[2] or ""):
                    yield step


def _is_much(table: str, bound: str) -> bool:
    is_large = table in metadata.tables and table not in statistics.SMALL
    return is_large and set(bound.split(" AND ")) <= TYPES | {"organisation_id=?", ""}
