"""The list of leads: paging, tabs, filters, searching and sorting."""

import httpx
import pytest

from tests.world import (
    ALICE,
    FROM_WEB,
    HOT,
    NEW,
    NOW,
    PARTNERS,
    SALES,
    World,
    at,
    follow_up,
    lead_names,
    new_lead,
    ok,
    refused,
)

URL = "/api/v2/leads"


def test_a_list_has_its_paging_fields(alice: httpx.Client) -> None:
    for n in range(4):
        new_lead(alice, str(n))
    found = ok(alice.get(URL, params={"per_page": 3}))
    assert list(found) == ["leads", "total_count", "per_page", "page", "has_next_page"]
    assert [lead["name"] for lead in found["leads"]] == ["3", "2", "1"]
    assert (found["total_count"], found["per_page"], found["page"], found["has_next_page"]) == (4, 3, 1, True)
    last = ok(alice.get(URL, params={"per_page": 3, "page": 2}))
    assert ([lead["name"] for lead in last["leads"]], last["has_next_page"]) == (["0"], False)
    past = ok(alice.get(URL, params={"per_page": 3, "page": 3}))
    assert (past["leads"], past["total_count"], past["has_next_page"]) == ([], 4, False)
    assert ok(alice.get(URL, params={"per_page": 2, "page": 2}))["has_next_page"] is False
    assert ok(alice.get(URL, params={"per_page": "abc", "page": "0"}))["per_page"] == 15


def test_tabs_divide_ones_own_from_others_and_nobodys(world: World, alice: httpx.Client, bob: httpx.Client) -> None:
    new_lead(alice, "alices")
    new_lead(bob, "bobs")
    new_lead(world.client("charlie"), "charlies")
    assert lead_names(bob) == ["bobs", "alices"]
    assert lead_names(bob, tab_type="my") == ["bobs"]
    assert lead_names(bob, tab_type="sub") == ["alices"]
    assert lead_names(bob, tab_type="common") == []
    for tab in ("assist", "my_assist", "sub_assist"):
        assert lead_names(bob, tab_type=tab) == []
    for tab in ("", "all", " all "):
        assert lead_names(bob, tab_type=tab) == ["bobs", "alices"]
    assert lead_names(world.client("dora"), tab_type="sub") == ["charlies", "bobs", "alices"]
    assert lead_names(alice, tab_type="sub") == []


@pytest.mark.parametrize("path", ["/api/v2/leads", "/api/v2/customers"])
@pytest.mark.parametrize("tab", ["mine", "MY", "0", "我的", "my,sub", "x" * 5000])
def test_a_tab_that_there_is_not_is_refused_rather_than_showing_everything(
    alice: httpx.Client, path: str, tab: str
) -> None:
    told = refused(alice.get(path, params={"tab_type": tab}), 100422)
    assert told["errors"] == {"tab_type": ["应为all、my、sub、common、assist、my_assist、sub_assist、deleted之一"]}


def test_filters_narrow_the_list_and_an_odd_one_is_refused(
    world: World, alice: httpx.Client, bob: httpx.Client
) -> None:
    new_lead(alice, "甲", status=NEW.id, source=FROM_WEB.id)
    new_lead(alice, "乙", status=HOT.id)
    new_lead(bob, "丙", status=HOT.id)
    assert lead_names(bob, status=HOT.id) == ["丙", "乙"]
    assert lead_names(bob, source=FROM_WEB.id) == ["甲"]
    assert lead_names(bob, user_id=ALICE.id) == ["乙", "甲"]
    assert lead_names(bob, user_id=ALICE.id, status=HOT.id) == ["乙"]
    assert lead_names(bob, user_id="", status="", department_id="") == ["丙", "乙", "甲"]
    assert lead_names(bob, department_id=SALES.id) == ["丙"]
    assert lead_names(bob, department_id=PARTNERS.id) == []
    assert lead_names(bob, status="nothing") == []
    for odd in (
        {"user_id": "abc"},
        {"department_id": "-1"},
        {"created_at[]": "morgen"},
        {"user_id[]": "5", "user_id": "x"},
    ):
        refused(bob.get(URL, params=odd), 100422)


def test_a_span_of_days_holds_both_its_ends(world: World, alice: httpx.Client) -> None:
    for text in ("2024-06-01 00:00", "2024-06-02 23:59", "2024-06-03 00:00"):
        world.clock.at = at(text)
        new_lead(alice, text[8:10])
    asked = {"created_at[]": ["2024-06-01", "2024-06-02"]}
    assert lead_names(alice, **asked) == ["02", "01"]
    assert lead_names(alice, **{"created_at[]": "2024-06-03"}) == ["03"]
    assert lead_names(alice, **{"created_at[0]": "2024-06-02", "created_at[1]": "2024-06-03 10:00"}) == ["03", "02"]
    assert lead_names(alice, **{"updated_at[]": ["2024-06-03", "2024-06-03"]}) == ["03"]
    assert lead_names(alice, **{"created_at[]": ["", ""]}) == ["03", "02", "01"]
    assert lead_names(alice, **{"created_at[]": ["2024-06-02", ""]}) == ["03", "02"]
    assert lead_names(alice, **{"created_at[]": ["", "2024-06-02"]}) == ["02", "01"]
    refused(alice.get(URL, params={"created_at[]": ["2024-06-01", "morgen"]}), 100422)
    refused(alice.get(URL, params={"created_at[]": ["2024-06-01", "2024-06-02", "2024-06-03"]}), 100422)


def test_a_query_finds_names_companies_and_their_pinyin_and_takes_wildcards_literally(alice: httpx.Client) -> None:
    new_lead(alice, "郑老师", company_name="郑州一中")
    new_lead(alice, "王100%", company_name="A_B Ltd")
    new_lead(alice, "李\\五'")
    assert lead_names(alice, query="老师") == ["郑老师"]
    assert lead_names(alice, query="zhenglao") == ["郑老师"]
    assert lead_names(alice, query="ZHENGZHOU") == ["郑老师"]
    assert lead_names(alice, query="一中") == ["郑老师"]
    assert lead_names(alice, query="a_b") == ["王100%"]
    assert lead_names(alice, query="ltd") == ["王100%"]
    assert lead_names(alice, query="%") == ["王100%"]
    assert lead_names(alice, query="_") == ["王100%"]
    assert lead_names(alice, query="\\") == ["李\\五'"]
    assert lead_names(alice, query="'") == ["李\\五'"]
    assert lead_names(alice, query="nobody") == []
    assert lead_names(alice, query="  ") == ["李\\五'", "王100%", "郑老师"]


def test_a_query_does_not_reach_what_one_may_not_see(world: World, alice: httpx.Client) -> None:
    new_lead(alice, "郑老师")
    for name in ("charlie", "eve"):
        assert lead_names(world.client(name), query="郑") == []


def test_lists_are_sorted_as_asked_and_newest_first_otherwise(world: World, alice: httpx.Client) -> None:
    for n, name in enumerate(("b", "c", "a")):
        world.clock.at = NOW + n
        new_lead(alice, name, status=str(9 - n))
    assert lead_names(alice) == ["a", "c", "b"]
    assert lead_names(alice, sort="name") == ["c", "b", "a"]
    assert lead_names(alice, sort="name", order="asc") == ["a", "b", "c"]
    assert lead_names(alice, sort="created_at", order="ASC") == ["b", "c", "a"]
    assert lead_names(alice, sort="status", order="asc") == ["a", "c", "b"]
    assert lead_names(alice, sort="name; DROP TABLE records") == ["a", "c", "b"]
    assert lead_names(alice, sort="owner_id", order="sideways") == ["a", "c", "b"]
    first = ok(alice.get(URL, params={"query": "b"}))["leads"][0]["id"]
    world.clock.at = NOW + 60
    follow_up(alice, first, real_revisit_at="2024-06-20 10:00", remind_at="2024-07-01 10:00")
    for sort in ("updated_at", "real_revisit_at", "revisit_remind_at"):
        assert lead_names(alice, sort=sort)[0] == "b"


def test_ties_in_a_sorted_list_keep_one_order_over_its_pages(alice: httpx.Client) -> None:
    for n in range(7):
        new_lead(alice, f"{n}", status="1")
    found = [name for page in (1, 2, 3) for name in lead_names(alice, sort="status", per_page=3, page=page)]
    assert found == ["6", "5", "4", "3", "2", "1", "0"]
