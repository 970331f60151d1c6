"""Who gets compressed answers, at both doors: the timeline's and the framework's, lists and files alike."""

import gzip

import httpx
import pytest

from tests.world import follow_up, new_lead

PATHS = ("/api/v2/leads/{id}/sales_activities", "/api/v2/leads", "/openapi.json", "/static/swagger-ui/swagger-ui.css")


@pytest.fixture(params=PATHS)
def url(request: pytest.FixtureRequest, alice: httpx.Client, id_: int) -> str:
    """Something long enough to be worth it."""
    for _ in range(3):
        follow_up(alice, id_)
        new_lead(alice)
    path: str = request.param
    return path.format(id=id_)


@pytest.mark.parametrize(
    "asked", ["identity", "", "br, deflate", "gzip;q=0", "gzip; q=0.000", "GZIP;Q=0", "br, gzip ; q=0.0, deflate"]
)
def test_who_does_not_ask_for_gzip_does_not_get_it(alice: httpx.Client, url: str, asked: str) -> None:
    plain = alice.get(url, headers={"accept-encoding": asked})
    assert plain.status_code == 200
    assert len(plain.content) > 1024
    assert "content-encoding" not in plain.headers
    assert "accept-encoding" in plain.headers["vary"].lower()


@pytest.mark.parametrize("asked", ["gzip", "GZip", "br, gzip;q=0.5", "gzip;q=0.001", "deflate, gzip;q=1.0, *;q=0"])
def test_who_asks_for_gzip_gets_the_same_bytes_in_fewer(alice: httpx.Client, url: str, asked: str) -> None:
    plain = alice.get(url, headers={"accept-encoding": "identity"})
    with alice.stream("GET", url, headers={"accept-encoding": asked}) as zipped:
        raw = b"".join(zipped.iter_raw())
    assert zipped.headers["content-encoding"] == "gzip"
    assert len(raw) < len(plain.content)
    assert int(zipped.headers.get("content-length", len(raw))) == len(raw)
    assert gzip.decompress(raw) == plain.content
    assert "accept-encoding" in zipped.headers["vary"].lower()


@pytest.mark.parametrize("path", ["/healthz", "/api/v2/leads/1/sales_activities"])
def test_a_short_answer_is_not_worth_it(alice: httpx.Client, path: str) -> None:
    assert "content-encoding" not in alice.get(path, headers={"accept-encoding": "gzip"}).headers
