"""Random damage to the documented answer: it is refused with a reason, or imported and served. Nothing else happens."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from genjin.domain.records import RecordType
from genjin.errors import ImportRefused
from genjin.store.tables import timelines
from genjin.wire.sales_activity import KEYS
from tests.databases import new_sqlite
from tests.importers.captures import Capturing, document
from tests.strategies import json_values, texts
from tests.world import Json, Site, activities_of, opened, timeline_of

Path_ = tuple[str | int, ...]
USER_KEYS = [
    *("id", "email", "created_at", "name", "organization_id", "phone", "role_id", "workflow_state", "job", "tel"),
    *("avatar_url", "department_name", "third_userid", "third_dept_id", "uid"),
]


def places_in(value: Json, path: Path_ = ()) -> Iterator[Path_]:
    yield path
    if isinstance(value, dict):
        for key, part in value.items():
            yield from places_in(part, (*path, key))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from places_in(part, (*path, place))


FIRST: Path_ = ("data", "sales_activities", 0, "activities", 0)
CREATED: Path_ = ("data", "sales_activities", 3, "activities", 0)
PLACES = [path for path in places_in(document()) if path]
odd_values: st.SearchStrategy[Json] = st.one_of(
    json_values,
    st.sampled_from(
        [
            None,
            True,
            False,
            0,
            -1,
            1,
            2**31 - 1,
            2**31,
            2**63,
            2**64 - 1,
            0.0,
            1.0,
            1e308,
            -0.0,
            "",
            "0",
            "null",
            [],
            {},
        ]
    ),
    st.sampled_from(["create", "transfer", "Customer", "Contact", "Payment", "RevisitLog", "呼入", "x" * 70, "\0"]),
    st.sampled_from(["2024-02-29 12:00", "2199-12-31 23:59", "1900-01-01", "2024-13-01 00:00", "0001-01-01T00:00:00Z"]),
    texts(),
)
damage = st.lists(st.tuples(st.sampled_from(PLACES), st.booleans(), odd_values), min_size=1, max_size=4)


def damaged(body: Json, damages: list[tuple[Path_, bool, Json]]) -> Json:
    """The document with some of its parts taken out, or replaced."""
    for path, take_out, value in damages:
        place = body
        try:
            for step in path[:-1]:
                place = place[step]
            if take_out:
                del place[path[-1]]
            else:
                place[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier damage took it away, or made something else of it
    return body


@pytest.fixture(scope="module")
def shared(world_template: tuple[Path, Site], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Capturing]:
    """One database for all examples; each captures from an organisation of its own."""
    template, settled = world_template
    folder = tmp_path_factory.mktemp("fuzz")
    with opened(settled.at(new_sqlite(folder / "world.db", template))) as world:
        yield Capturing(world, folder)


organisation_ids = count(20_000_000)


@given(damages=damage)
@example(damages=[((*CREATED, "saleable_id", "created_at"), False, "9999-12-31T23:59:59Z")])
@example(damages=[((*FIRST, "user", "role_id"), False, 2**64 - 1)])
@example(damages=[((*FIRST, "user", "uid"), False, 2**64 - 1)])
@example(damages=[((*FIRST, "refer_type"), False, [])])
@example(damages=[(("data", "user_config_columns"), False, {"x": 1})])
@settings(max_examples=100)
def test_a_damaged_capture_is_refused_or_served_with_all_fifty_keys(
    damages: list[tuple[Path_, bool, Json]], shared: Capturing
) -> None:
    organisation_id = next(organisation_ids)
    body = document()
    for entry in activities_of(body["data"]):
        entry["user"]["organization_id"] = organisation_id
    _import_and_ask(shared, damaged(body, damages))
    shared.forget(organisation_id)


def _import_and_ask(capturing: Capturing, body: Json) -> None:
    file = capturing.file_of(json.dumps(body).encode())
    before = capturing.dump()
    try:
        capturing.take_files(file)
    except ImportRefused as refused:
        assert refused.problems
        assert capturing.dump() == before
        return
    once = capturing.dump()
    capturing.take_files(file)
    assert capturing.dump() == once
    for organisation_id, type_, id_ in _subjects(capturing):
        entity = "leads" if type_ == RecordType.LEAD else "customers"
        page = timeline_of(capturing.client(organisation_id), id_, entity)
        assert page["total_count"] == len(activities_of(page))
        for entry in activities_of(page):
            assert tuple(entry) == KEYS
            assert list(entry["user"]) == USER_KEYS
        assert capturing.miscounts(organisation_id) == []


def _subjects(capturing: Capturing) -> list[Any]:
    wanted = select(timelines.c.organisation_id, timelines.c.subject_type, timelines.c.subject_id).where(
        timelines.c.subject_type <= 2, timelines.c.total > 0
    )
    return capturing.world.database.read(lambda tx: list(tx.execute(wanted)))


def test_the_document_as_it_is_is_imported(capturing: Capturing) -> None:
    _import_and_ask(capturing, document())
