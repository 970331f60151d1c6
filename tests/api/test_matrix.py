"""Who is shown what: every viewer at every GET route. A route that is in neither table below fails a test, so that none
is forgotten.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from genjin.api.routes import OURS, TIMELINE, UPSTREAM
from genjin.wire.records.forms import FORMS
from tests.api.bodies import MISSING, same
from tests.api.things import MASKED, NAME, NUMBER, SECRET, Things, furnish
from tests.api.things import POOLED as POOLED_NAME
from tests.databases import new_sqlite
from tests.world import Site, ok, opened


@dataclass(frozen=True)
class Shown:
    """What a route shows of alice's records: how it is asked, and whether numbers and notes are in its answer."""

    url: str
    number: bool = True
    note: bool = True
    lists: bool = False


MATRIX: Mapping[str, tuple[Shown, ...]] = {
    TIMELINE.path: (
        Shown("/api/v2/leads/{lead}/sales_activities"),
        Shown("/api/v2/customers/{customer}/sales_activities"),
    ),
    "/api/v2/leads": (Shown("/api/v2/leads?query=大桥", lists=True),),
    "/api/v2/leads/by_name": (Shown("/api/v2/leads/by_name?query=大桥", lists=True),),
    "/api/v2/leads/{id}": (Shown("/api/v2/leads/{lead}"),),
    "/api/v2/customers": (Shown("/api/v2/customers?query=大桥", lists=True),),
    "/api/v2/customers/by_name": (Shown("/api/v2/customers/by_name?query=大桥", lists=True),),
    "/api/v2/customers/{id}": (Shown("/api/v2/customers/{customer}"),),
    "/api/v2/customers/{id}/contacts": (Shown("/api/v2/customers/{customer}/contacts"),),
    "/api/v2/customers/{id}/opportunities": (Shown("/api/v2/customers/{customer}/opportunities"),),
    "/api/v2/customers/search_duplicates": (Shown("/api/v2/customers/search_duplicates?query=长江大桥", lists=True),),
    "/api/v2/duplicates/matching_name": (Shown("/api/v2/duplicates/matching_name?name=长江大桥", lists=True),),
    "/api/v2/duplicates/search": (
        Shown("/api/v2/duplicates/search?query=长江大桥", lists=True),
        Shown("/api/v2/duplicates/search?query=长江大桥&entity_type=lead", lists=True),
    ),
    "/api/v2/contacts": (Shown("/api/v2/contacts", lists=True),),
    "/api/v2/contacts/by_name": (Shown("/api/v2/contacts/by_name?query=大桥", lists=True),),
    "/api/v2/contacts/{id}": (Shown("/api/v2/contacts/{contact}"),),
    "/api/v2/opportunities": (Shown("/api/v2/opportunities", lists=True),),
    "/api/v2/opportunities/by_name": (Shown("/api/v2/opportunities/by_name?query=大桥", lists=True),),
    "/api/v2/opportunities/{id}": (Shown("/api/v2/opportunities/{opportunity}"),),
    "/api/v2/contracts": (Shown("/api/v2/contracts", lists=True),),
    "/api/v2/contracts/by_name": (Shown("/api/v2/contracts/by_name?query=大桥", lists=True),),
    "/api/v2/contracts/{id}": (Shown("/api/v2/contracts/{contract}"),),
    "/api/v2/customers/new_from_lead": (Shown("/api/v2/customers/new_from_lead?lead_id={lead}"),),
    "/api/v2/revisit_logs/new_index": (Shown("/api/v2/revisit_logs/new_index?date=all", note=False, lists=True),),
    "/api/v2/revisit_logs/{id}": (Shown("/api/v2/revisit_logs/{follow_up}", note=False),),
    "/api/v2/checkins": (Shown("/api/v2/checkins", note=False, lists=True),),
    "/api/v2/checkins/{id}": (Shown("/api/v2/checkins/{checkin}", note=False),),
    "/api/v2/sales_activities/{id}/comments": (Shown("/api/v2/sales_activities/{activity}/comments", note=False),),
    "/api/v2/comments/{id}": (Shown("/api/v2/comments/{comment}", note=False),),
    "/api/v2/dial_logs": (Shown("/api/v2/dial_logs?date=all", note=False, lists=True),),
    "/api/v2/dial_logs/{id}": (Shown("/api/v2/dial_logs/{call}", note=False),),
    "/api/v2/leads/{id}/merges": (Shown("/api/v2/leads/{lead}/merges", number=False, note=False),),
    "/api/v2/customers/{id}/merges": (Shown("/api/v2/customers/{customer}/merges", number=False, note=False),),
    "/api/v2/attachments": (
        Shown("/api/v2/attachments?entity_type=customer&entity_id={customer}", number=False, note=False),
    ),
    "/api/v2/attachments/{id}": (Shown("/api/v2/attachments/{file}", number=False, note=False),),
}
"""Every GET route that shows something of what alice owns."""
IN_POOLS: Mapping[str, tuple[Shown, ...]] = {
    TIMELINE.path: (
        Shown("/api/v2/leads/{pooled_lead}/sales_activities"),
        Shown("/api/v2/customers/{pooled_customer}/sales_activities"),
    ),
    "/api/v2/leads": (Shown("/api/v2/leads?tab_type=common", lists=True),),
    "/api/v2/leads/{id}": (Shown("/api/v2/leads/{pooled_lead}"),),
    "/api/v2/customers": (Shown("/api/v2/customers?tab_type=common", lists=True),),
    "/api/v2/customers/{id}": (Shown("/api/v2/customers/{pooled_customer}"),),
    "/api/v2/duplicates/matching_name": (Shown("/api/v2/duplicates/matching_name?name=黄河大桥", lists=True),),
    "/api/v2/duplicates/search": (Shown("/api/v2/duplicates/search?query=黄河大桥&entity_type=lead", lists=True),),
    "/api/v2/common_leads": (Shown("/api/v2/common_leads", lists=True),),
    "/api/v2/common_leads/{id}": (Shown("/api/v2/common_leads/{pooled_lead}"),),
    "/api/v2/common_customers": (Shown("/api/v2/common_customers", lists=True),),
    "/api/v2/common_customers/{id}/contacts": (Shown("/api/v2/common_customers/{pooled_customer}/contacts"),),
    "/api/v2/common_customers/{id}/opportunities": (Shown("/api/v2/common_customers/{pooled_customer}/opportunities"),),
    "/api/v2/common_customers/{id}": (Shown("/api/v2/common_customers/{pooled_customer}"),),
}
"""Every GET route that shows something of what lies in a pool."""
SHOWS_NO_RECORD: Mapping[str, str] = {
    **{
        f"/api/v2/{form.plural}/{{id}}/assist_users": "colleagues; who may see the record is in test_assignment.py"
        for form in FORMS.values()
    },
    "/api/v2/duplicates/field_setting": "fields",
    "/api/v2/dial_logs/caller_id": "has a test of its own: a record only for who is shown its numbers",
    "/api/v2/user/list": "colleagues are shown to everybody of the organisation",
    "/api/v2/user/info": "the caller",
    "/api/v2/user/simple_list": "colleagues",
    "/api/v2/user/department_list": "departments are shown to everybody of the organisation",
    "/api/v2/user/{id}": "a colleague; the walk of another organisation is in test_another_organisation.py",
    "/api/v2/permissions": "the caller's rights",
    "/api/call_centers/interface/users": "colleagues, for administrators",
    "/api/v2/qiniu/auth/upload_token": "a ticket for the caller's own uploads",
    "/api/pc/qiniu/auth/oss_upload_token.json": "a ticket for the caller's own uploads",
    "/api/v2/common_leads/common_settings": "the pools that the caller may look into; see test_pools.py",
    "/api/v2/common_leads/{id}/members": "colleagues",
    "/api/v2/common_customers/common_settings": "the pools that the caller may look into; see test_pools.py",
    "/api/v2/common_customers/{id}/members": "colleagues",
    "/healthz": "no data",
    "/readyz": "no data",
}
"""Why the other ones are not in the matrix."""
FORMS_AND_CHOICES = re.compile(
    r"/api/v2/(custom_fields|field_maps)/.*|/api/v2/\w+/(filter_sort_group|\{field\}/filter_options)"
)
"""Fields, their choices and colleagues to filter by: nothing of any record."""
FULLY, MASKED_ONLY, WITHOUT_NOTES, NOT = "fully", "masked", "without notes", "not"
SEES = {
    "alice": FULLY,
    "bob": FULLY,
    "dora": FULLY,
    "colin": FULLY,
    "masha": MASKED_ONLY,
    "hilde": WITHOUT_NOTES,
    "charlie": NOT,
    "eve": NOT,
    "paula": NOT,
}
"""How much each viewer sees of what alice owns and shares with colin."""


@pytest.fixture(scope="module")
def things(world_template: tuple[Path, Site], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Things]:
    """All of it, once: the matrix only reads."""
    template, settled = world_template
    url = new_sqlite(tmp_path_factory.mktemp("matrix") / "world.db", template)
    with opened(settled.at(url)) as world:
        yield furnish(world)


def test_no_route_that_gives_data_is_forgotten() -> None:
    there = {route.path for route in (TIMELINE, *UPSTREAM, *OURS) if "GET" in route.methods}
    there = {path for path in there if not FORMS_AND_CHOICES.fullmatch(path)}
    shown = MATRIX.keys() | IN_POOLS.keys()
    assert there - shown - SHOWS_NO_RECORD.keys() == set(), "put it into the matrix, or say why not"
    assert (shown | SHOWS_NO_RECORD.keys()) - there == set(), "there is no such route"
    assert shown & SHOWS_NO_RECORD.keys() == set()


@pytest.mark.parametrize("viewer", SEES)
@pytest.mark.parametrize("shown", [shown for some in MATRIX.values() for shown in some], ids=lambda shown: shown.url)
def test_everybody_is_shown_what_they_may_see_and_nothing_else(things: Things, shown: Shown, viewer: str) -> None:
    answer = things.client(viewer).get(shown.url.format(**things.ids))
    told = answer.text
    if SEES[viewer] == NOT:
        assert (ok(answer) is not None and NAME not in told) if shown.lists else same(answer, MISSING)
        assert NUMBER not in told
        return
    ok(answer)
    assert NAME in told
    assert (NUMBER in told) is (shown.number and SEES[viewer] != MASKED_ONLY)
    assert (MASKED in told) is (shown.number and SEES[viewer] == MASKED_ONLY)
    assert (SECRET in told) is (shown.note and SEES[viewer] != WITHOUT_NOTES)


@pytest.mark.parametrize("viewer", ["paula", "dora", "masha", "hilde", "charlie", "colin", "eve"])
@pytest.mark.parametrize("shown", [shown for some in IN_POOLS.values() for shown in some], ids=lambda shown: shown.url)
def test_a_member_of_a_pool_sees_what_lies_in_it_with_masked_numbers(things: Things, shown: Shown, viewer: str) -> None:
    answer = things.client(viewer).get(shown.url.format(**things.ids))
    told = answer.text
    if viewer in ("charlie", "colin", "eve"):
        assert (ok(answer) is not None and POOLED_NAME not in told) if shown.lists else same(answer, MISSING)
        return
    ok(answer)
    assert POOLED_NAME in told
    assert (NUMBER in told) is (viewer in ("dora", "hilde"))
    assert (MASKED in told) is (viewer in ("paula", "masha"))
    assert (SECRET in told) is (viewer != "hilde")


@pytest.mark.parametrize("viewer", SEES)
@pytest.mark.parametrize("entity", ["leads", "customers"])
def test_a_number_is_not_found_by_who_may_not_see_it(things: Things, entity: str, viewer: str) -> None:
    """Whatever a search for a number finds, it finds only for who is shown that number."""
    for part in (NUMBER, NUMBER[:7], NUMBER[-8:]):
        found = ok(things.client(viewer).get(f"/api/v2/{entity}", params={"query": part}))
        assert found["total_count"] == 0 or SEES[viewer] in (FULLY, WITHOUT_NOTES)
    asked = {"key": "tel", "query": NUMBER, "entity_type": entity.removesuffix("s")}
    alike = ok(things.client(viewer).get("/api/v2/duplicates/search", params=asked))
    assert (alike["total_count"] > 0) is (SEES[viewer] in (FULLY, WITHOUT_NOTES))


@pytest.mark.parametrize("viewer", SEES)
def test_a_caller_is_found_only_by_who_is_shown_the_number(things: Things, viewer: str) -> None:
    told = ok(things.client(viewer).get("/api/v2/dial_logs/caller_id", params={"phone": NUMBER}))
    assert (told["name"] in (NAME, POOLED_NAME)) is (SEES[viewer] in (FULLY, WITHOUT_NOTES))
    assert (told["entity_id"] == 0) is (SEES[viewer] in (MASKED_ONLY, NOT))
