"""Who has a page of a timeline already, and says so, is not sent it again as long as it is right."""

import httpx
import pytest

from tests.api.bodies import LOGIN_AGAIN, MISSING, same
from tests.api.test_compression import DECODERS
from tests.world import World, follow_up, new_customer, new_lead, ok


def _url(id_: int, entity: str = "leads") -> str:
    return f"/api/v2/{entity}/{id_}/sales_activities"


def _asked(client: httpx.Client, url: str, tag: str) -> httpx.Response:
    return client.get(url, headers={"If-None-Match": tag})


def test_an_answer_names_itself_and_is_not_sent_to_who_has_it(alice: httpx.Client) -> None:
    url = _url(new_lead(alice))
    told = alice.get(url)
    tag = told.headers["etag"]
    assert tag.startswith('W/"')
    assert told.headers["cache-control"] == "private, no-cache"
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}'):
        again = _asked(alice, url, known)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert "content-type" not in again.headers
        assert again.headers["x-request-id"]
    for unknown in ('"other"', "", "*\x7f", tag.replace('"', ""), f'{tag[:-2]}0"'):
        assert _asked(alice, url, unknown).content == told.content


def test_the_tag_is_the_same_for_every_worker_and_another_for_everybody_else(world: World, alice: httpx.Client) -> None:
    url = _url(new_lead(alice))
    tag = alice.get(url).headers["etag"]
    assert _asked(world.client("alice", max_body_bytes=1_000_001), url, tag).status_code == 304
    assert _asked(world.client("alice", saleable_id="id"), url, tag).status_code == 200
    assert _asked(world.client("dora"), url, tag).status_code == 200
    assert _asked(alice, f"{url}?per_page=7", tag).status_code == 200


def test_a_renamed_lead_changes_the_page_of_the_customer_that_it_became(world: World, alice: httpx.Client) -> None:
    lead = new_lead(alice)
    url = _url(new_customer(alice, refer_lead_id=lead), "customers")
    tag = alice.get(url).headers["etag"]
    assert _asked(alice, url, tag).status_code == 304
    assert _asked(world.client("alice", max_body_bytes=1_000_001), url, tag).status_code == 304
    ok(alice.put(f"/api/v2/leads/{lead}", json={"lead": {"name": "改了名"}}))
    assert "改了名" in _asked(alice, url, tag).text


def test_who_does_not_see_it_is_told_so_whatever_they_have(
    world: World, alice: httpx.Client, stranger: httpx.Client, id_: int
) -> None:
    url = _url(id_)
    tag = alice.get(url).headers["etag"]
    assert same(_asked(stranger, url, tag), LOGIN_AGAIN)
    assert same(_asked(world.client("charlie"), url, tag), MISSING)
    ok(alice.delete(f"/api/v2/leads/{id_}"))
    assert same(_asked(alice, url, tag), MISSING)


@pytest.mark.parametrize(("codings", "coding"), [("gzip", "gzip"), ("deflate, gzip;q=0.5", "gzip"), ("zstd", "zstd")])
def test_the_compressed_form_has_the_same_tag(alice: httpx.Client, codings: str, coding: str) -> None:
    id_ = new_lead(alice)
    for n in range(5):
        follow_up(alice, id_, content=f"第{n}次跟进")
    plain = alice.get(_url(id_), headers={"Accept-Encoding": "identity"})
    for _ in range(2):
        with alice.stream("GET", _url(id_), headers={"Accept-Encoding": codings}) as packed:
            assert packed.headers["content-encoding"] == coding
            assert packed.headers["etag"] == plain.headers["etag"]
            assert DECODERS[coding](b"".join(packed.iter_raw())) == plain.content
    asked = {"Accept-Encoding": codings, "If-None-Match": plain.headers["etag"]}
    assert alice.get(_url(id_), headers=asked).status_code == 304
