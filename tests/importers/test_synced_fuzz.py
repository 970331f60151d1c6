"""Random damage to what an upstream tells: a misfit with a reason, or put and served. Nothing else happens."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genjin.domain.kinds import (
    CALL_MADE,
    CHECKED_IN,
    FOLLOW_UP_WRITTEN,
    LEAD_CONVERTED,
    RECORD_DELETED,
    RECORDS_MERGED,
)
from genjin.domain.records import Ref
from genjin.importers.synced.bringing import Bringing
from genjin.importers.synced.followups import put_follow_ups
from genjin.importers.synced.forms import put_categories, put_custom_fields
from genjin.importers.synced.people import put_departments, put_users
from genjin.importers.synced.pools import put_pools
from genjin.importers.synced.records import put_records
from genjin.importers.synced.timelines import put_timeline
from genjin.store.recount import recount
from genjin.store.transaction import Tx
from tests.acts import ACTS
from tests.databases import new_sqlite
from tests.importers.copying import FORM_NAMES, ORDER, SYNC_ID, WATCHED, Copy, Upstream, empty_copy
from tests.importers.test_capture_fuzz import damaged, odd_values, places_in
from tests.world import ORGANISATION, Json, Site, ok, opened

HUGE = {"a long number": "1" * 1_000, "a long text": "长" * 30_000, "a huge integer": 10**400}
ODD_TEXTS = (
    "１３４０００００００１",
    "😀" * 9,
    "0001-01-01 00:00",
    "9999-12-31T23:59:59Z",
    "2024-02-29 12:00",
    "2023-02-29 12:00",
)
odder_values: st.SearchStrategy[Json] = st.one_of(
    odd_values, st.sampled_from([*HUGE, *ODD_TEXTS, -(2**31), [[]], {"id": 0}, {"id": 2**31}, [{"id": "5"}]])
)


class Told:
    """All that one original tells, part by part: what it is, who puts it, and with what."""

    def __init__(self, parts: list[tuple[str, Any, tuple[Any, ...]]]) -> None:
        self.parts = parts


@pytest.fixture(scope="module")
def told(world_template: tuple[Path, Site], tmp_path_factory: pytest.TempPathFactory) -> Told:
    template, settled = world_template
    folder = tmp_path_factory.mktemp("original")
    with opened(settled.at(new_sqlite(folder / "world.db", template))) as world:
        for kind in (FOLLOW_UP_WRITTEN, CALL_MADE, CHECKED_IN, LEAD_CONVERTED, RECORDS_MERGED, RECORD_DELETED):
            ACTS[kind](world)
        dora = world.client("dora")
        fields = {"entity_type": "lead", "label": "级别", "field_type": "select", "choices": ["甲", "乙"]}
        ok(dora.post("/api/v2/custom_fields", json={"custom_field": fields}))
        upstream = Upstream(dora)
        parts: list[tuple[str, Any, tuple[object, ...]]] = [
            ("departments", put_departments, (upstream.departments(),)),
            ("users", put_users, (upstream.users(),)),
        ]
        for type_ in ORDER:
            form = upstream.get(f"/api/v2/custom_fields/{FORM_NAMES[type_]}/by_group")
            parts.append(("fields", put_custom_fields, (type_, form)))
        parts.append(("categories", put_categories, (upstream.get("/api/v2/field_maps/revisit_logs"),)))
        parts += [("pools", put_pools, (type_, upstream.pools(type_))) for type_ in WATCHED]
        listed = {type_: upstream.records(type_) for type_ in ORDER}
        parts += [("records", put_records, (type_, bodies)) for type_, bodies in listed.items()]
        for type_ in WATCHED:
            for body in listed[type_]:
                subject = Ref(type_, body["id"])
                parts.append(("timeline", put_timeline, (subject, upstream.timeline(type_, body["id"]))))
        asked = {"date": "other", "start_date": "2024-01-01", "end_date": "2024-12-31"}
        parts.append(
            ("follow-ups", put_follow_ups, (upstream.get("/api/v2/revisit_logs/new_index", **asked)["revisit_logs"],))
        )
        return Told(parts)


@pytest.fixture(scope="module")
def copy(told: Told, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """What it tells, put as it is."""
    with empty_copy(tmp_path_factory.mktemp("copy"), sqlite_template) as copy:
        for _, put, given_ in told.parts:
            assert copy.put(put, *given_).misfits == []
        yield copy


class UndoneError(Exception):
    """Nothing of an example stays."""


@st.composite
def damages(draw: st.DrawFn) -> tuple[float, list[tuple[float, bool, Json]], int]:
    """Which part, what is put where in it, both as a share of how many there are, and of which source."""
    share = st.floats(0, 1, exclude_max=True)
    return (
        draw(share),
        draw(st.lists(st.tuples(share, st.booleans(), odder_values), max_size=4)),
        draw(st.integers(0, 1)),
    )


@given(example=damages())
@settings(max_examples=40)
def test_damaged_bodies_are_misfits_or_put_once(
    example: tuple[float, list[tuple[float, bool, Json]], int], told: Told, copy: Copy
) -> None:
    """Over what was put as it is, or as another source's."""
    part, given_damages, source = example
    name, put, given_ = told.parts[int(part * len(told.parts))]
    places = [path for path in places_in(given_[-1]) if path]
    where = [
        (places[int(share * len(places))], out, HUGE.get(value, value) if isinstance(value, str) else value)
        for share, out, value in given_damages
    ]
    body = damaged(json.loads(json.dumps(given_[-1])), where)

    def use(tx: Tx) -> None:
        found = [Bringing(tx, ORGANISATION.id, SYNC_ID + source, copy.world.clock.now() + later) for later in range(2)]
        for into in found:
            put(into, *given_[:-1], body)
            assert all(misfit.path and misfit.why for misfit in into.misfits)
        once, again = found
        assert again.misfits == once.misfits
        assert (+again.new, +again.gone) == (Counter(), Counter()), f"{name} that were put twice were put once"
        assert recount(tx, ORGANISATION.id) == []
        raise UndoneError

    with pytest.raises(UndoneError):
        copy.database.write(use, ORGANISATION.id)
