"""Who gets compressed answers, at both doors: the timeline's and the framework's, lists and files alike."""

import gzip
from collections.abc import Callable

import httpx
import pytest

from genjin.api.compression import zstd
from tests.world import follow_up, new_lead

PATHS = ("/api/v2/leads/{id}/sales_activities", "/api/v2/leads", "/openapi.json", "/static/swagger-ui/swagger-ui.css")
WINDOW: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}
"""8 MB, the most that browsers take (RFC 9659)."""
DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "zstd": lambda raw: zstd.decompress(raw, options=WINDOW),
}
BROWSERS = "gzip, deflate, br, zstd"


@pytest.fixture(params=PATHS)
def url(request: pytest.FixtureRequest, alice: httpx.Client, id_: int) -> str:
    """Something long enough to be worth it."""
    for _ in range(3):
        follow_up(alice, id_)
        new_lead(alice)
    path: str = request.param
    return path.format(id=id_)


@pytest.mark.parametrize(
    "asked",
    [
        *("identity", "", "br, deflate", "gzip;q=0", "gzip; q=0.000", "GZIP;Q=0", "br, gzip ; q=0.0, deflate"),
        *(
            "zstd;q=0",
            "zstd;q=0, gzip;q=0.0",
            "gzip;q=0.9, identity",
            "*",
            "gzip;q=2, zstd;q=x",
            "gzip;level=1",
            "ZSTDX",
        ),
    ],
)
def test_who_does_not_ask_for_it_gets_it_plain(alice: httpx.Client, url: str, asked: str) -> None:
    plain = alice.get(url, headers={"accept-encoding": asked})
    assert plain.status_code == 200
    assert len(plain.content) > 1024
    assert "content-encoding" not in plain.headers
    assert "accept-encoding" in plain.headers["vary"].lower()


@pytest.mark.parametrize(
    ("asked", "coding"),
    [
        *((asked, "gzip") for asked in ("gzip", "GZip", "br, gzip;q=0.5", "gzip;q=0.001", "x-gzip")),
        *((asked, "gzip") for asked in ("deflate, gzip;q=1.0, *;q=0", "gzip, zstd;q=0", "zstd ; q=0.8,gzip;q=0.9")),
        *((asked, "zstd") for asked in ("zstd", "ZSTD;Q=0.1", BROWSERS, "identity, zstd", "gzip;q=0.5, zstd;q=0.5")),
    ],
)
def test_who_asks_for_it_gets_the_same_bytes_in_fewer(alice: httpx.Client, url: str, asked: str, coding: str) -> None:
    plain = alice.get(url, headers={"accept-encoding": "identity"})
    for _ in range(2):  # the second time perhaps a kept one
        with alice.stream("GET", url, headers={"accept-encoding": asked}) as packed:
            raw = b"".join(packed.iter_raw())
        assert packed.headers["content-encoding"] == coding
        assert len(raw) < len(plain.content)
        assert int(packed.headers.get("content-length", len(raw))) == len(raw)
        assert DECODERS[coding](raw) == plain.content
        assert "accept-encoding" in packed.headers["vary"].lower()


def test_what_is_asked_for_in_two_headers_is_one_list(alice: httpx.Client, url: str) -> None:
    twice = [("accept-encoding", "gzip;q=0.5"), ("accept-encoding", "zstd")]
    with alice.stream("GET", url, headers=twice) as packed:
        assert packed.headers["content-encoding"] == "zstd"


@pytest.mark.parametrize("path", ["/healthz", "/api/v2/leads/1/sales_activities"])
def test_a_short_answer_is_not_worth_it(alice: httpx.Client, path: str) -> None:
    assert "content-encoding" not in alice.get(path, headers={"accept-encoding": BROWSERS}).headers
