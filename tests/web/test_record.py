"""The page of a record and its timeline."""

import re

import httpx
import pytest

from genjin.domain.activity import Draft
from genjin.domain.kinds import CALL_MADE, FOLLOW_UP_WRITTEN
from genjin.web.cookies import COOKIE
from genjin.web.timelines import SIZE
from tests.world import ALICE, BOB, NOW, World, lead, new_lead

_IDS = re.compile(r'data-entry id="entry-(\d+)"')


def reader(town: World, address: str, name: str) -> httpx.Client:
    return httpx.Client(base_url=address, cookies={COOKIE: town.site.tokens[name]}, verify=False)


def href(text: str, html: str) -> str:
    """Where a link with this text leads."""
    found = re.search(rf'href="([^"]+)">(?:<svg.*?</svg>)?{text}', html)
    return found[1].replace("&amp;", "&") if found else ""


def test_without_a_script_pages_tell_every_entry_once_in_both_directions(town: World, address: str) -> None:
    id_ = new_lead(town.client("alice"))
    drafts = [
        Draft(kind, actor.id, lead(id_), NOW - 40_000 * (nth // 3), NOW, text=f"第{nth}条")
        for nth in range(2 * SIZE + 7)
        for kind, actor in [(FOLLOW_UP_WRITTEN, ALICE) if nth % 2 else (CALL_MADE, BOB)]
    ]
    wrote = sorted(town.record(*drafts), key=lambda facts: (facts.at, facts.id), reverse=True)
    calls = [facts.id for facts in wrote if facts.kind == CALL_MADE.code]
    with reader(town, address, "alice") as client:
        for query, expected in (("", [facts.id for facts in wrote]), ("?kind=call&actor=32", calls)):
            path, pages = f"/leads/{id_}{query}", list[list[int]]()
            while path:
                html = client.get(path).text
                pages.append(list(map(int, _IDS.findall(html))))
                last, path = path, href("更早的动态", html)
            assert [id_ for page in pages for id_ in page if id_ in set(expected)] == expected
            back = client.get(href("更新的动态", client.get(last).text)).text
            assert list(map(int, _IDS.findall(back))) == pages[-2]
        part = client.get(
            f"/leads/{id_}/timeline", params={"cursor": f"{wrote[3].at}-{wrote[3].id}", "day": "2024-06-12"}
        )
        assert list(map(int, _IDS.findall(part.text)))[:2] == [wrote[4].id, wrote[5].id]
        assert 'data-day="2024-06-12"' not in part.text
        newer = client.get(f"/leads/{id_}/timeline", params={"newer": "2024-06-12T10:00:00+08:00", "kind": "talk"})
        assert set(map(int, _IDS.findall(newer.text))) == {f.id for f in wrote if f.at >= NOW and f.id not in calls}


@pytest.mark.parametrize("query", ["kind=nonsense", "from=2024-13-01", "cursor=x", "page=0", "actor=bob", "before=1-"])
def test_what_cannot_be_asked_for_is_said_on_the_page(town: World, address: str, query: str) -> None:
    id_ = new_lead(town.client("alice"))
    with reader(town, address, "alice") as client:
        answer = client.get(f"/leads/{id_}?{query}")
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text and "郑老师" in answer.text
        assert client.get(f"/leads/{id_}/timeline?{query}", headers={"HX-Request": "true"}).status_code == 422


def test_who_does_not_see_a_record_finds_nothing(town: World, address: str) -> None:
    alice = town.client("alice")
    id_ = new_lead(alice)
    entry = alice.get(f"/api/v1/activities?subject=leads/{id_}").json()["items"][0]["id"]
    paths = [f"/leads/{id_}{more}" for more in ("", "/timeline", "/head")]
    paths += [f"/entries/{entry}{more}" for more in ("", "/comments", "/versions")]
    with reader(town, address, "alice") as client, reader(town, address, "charlie") as other:
        csrf = re.findall(r'name="csrf" value="([0-9a-f]+)"', other.get("/account").text)[0]
        for path in paths:
            assert (client.get(path).status_code, other.get(path).status_code) == (200, 404), path
        assert other.post(f"/leads/{id_}/follow", data={"csrf": csrf, "follow": "1"}).status_code == 404
        assert client.post(f"/leads/{id_}/follow", data={"follow": "1"}).status_code == 403
        for path in ("/leads/99999999999999999999", f"/visits/{id_}", "/leads/x"):
            assert client.get(path, headers={"Accept": "text/html"}).status_code == 404
