"""Following a link: the bytes, their headers, ranges, and what becomes of a link that is no good."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import pytest

from genjin.errors import StoreUnavailable
from genjin.service.files.media_types import INLINE
from tests import samples
from tests.api.uploading import follow, upload
from tests.world import World

DATA = bytes(range(256)) * 40


@pytest.fixture
def url(alice: httpx.Client) -> str:
    """A link to DATA."""
    link: str = upload(alice, DATA, "数据.bin")["origin_url"]
    return link


def test_a_link_gives_the_bytes_and_says_what_they_are(stranger: httpx.Client, url: str) -> None:
    answer = follow(stranger, url)
    assert answer.status_code == 200
    assert answer.content == DATA
    headers = answer.headers
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-length"] == str(len(DATA))
    assert headers["accept-ranges"] == "bytes"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"].startswith("private")
    assert "content-encoding" not in headers
    assert headers["etag"].strip('"').isalnum()


def test_a_head_gives_the_same_headers_and_no_byte(stranger: httpx.Client, url: str) -> None:
    parts = urlsplit(url)
    whole, head = follow(stranger, url), stranger.head(f"{parts.path}?{parts.query}")
    assert head.content == b""
    for answer in (whole, head):
        del answer.headers["x-request-id"]
    assert dict(head.headers) == dict(whole.headers)


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=100-199", 100, 200),
        ("bytes=10000-", 10000, 10240),
        ("bytes=0-", 0, 10240),  # what a player asks first, and takes no other answer to than a part
        ("bytes=-1", 10239, 10240),
        ("bytes=-240", 10000, 10240),
        ("bytes=-99999", 0, 10240),
        ("bytes=10239-99999", 10239, 10240),
        ("bytes = 5 - 9", 5, 10),
    ],
)
def test_a_range_gives_its_part(stranger: httpx.Client, url: str, asked: str, start: int, end: int) -> None:
    answer = follow(stranger, url, Range=asked)
    assert answer.content == DATA[start:end]
    assert answer.headers["content-length"] == str(end - start)
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(DATA)}"


@pytest.mark.parametrize("asked", ["bytes=10240-", "bytes=99999-100000", "bytes=-0"])
def test_a_range_that_is_not_there_is_told_the_size(stranger: httpx.Client, url: str, asked: str) -> None:
    answer = follow(stranger, url, Range=asked)
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{len(DATA)}"


@pytest.mark.parametrize(
    "asked", ["", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "items=0-1", "bytes=0-1,5-6"]
)
def test_what_is_no_range_that_we_know_gives_all(stranger: httpx.Client, url: str, asked: str) -> None:
    answer = follow(stranger, url, Range=asked)
    assert (answer.status_code, answer.content) == (200, DATA)


def test_a_range_is_given_only_of_the_bytes_that_the_caller_knows(stranger: httpx.Client, url: str) -> None:
    tag = follow(stranger, url).headers["etag"]
    assert follow(stranger, url, Range="bytes=0-9", If_Range=tag).status_code == 206
    assert follow(stranger, url, Range="bytes=0-9", If_Range='"other"').content == DATA
    assert follow(stranger, url, Range="bytes=0-9", If_Range="Wed, 12 Jun 2024 02:00:00 GMT").content == DATA


def test_who_has_the_bytes_is_told_so(stranger: httpx.Client, url: str) -> None:
    tag = follow(stranger, url).headers["etag"]
    for known in (tag, f'"x", {tag}', f"W/{tag}", "*"):
        answer = follow(stranger, url, If_None_Match=known)
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert follow(stranger, url, If_None_Match='"other"').status_code == 200


@pytest.mark.parametrize("name", ["报价 2024.pdf", "a'b\"c\\d.pdf", "😀;x=1.pdf", "100%.pdf", "plain.pdf"])
def test_a_file_is_saved_under_its_name(alice: httpx.Client, name: str) -> None:
    told = upload(alice, samples.PDF, name)
    disposition = follow(alice, told["file_url"]).headers["content-disposition"]
    kept = told["name"]
    assert disposition.endswith(f"filename*=UTF-8''{quote(kept, safe='')}")
    assert disposition.startswith('inline; filename="')
    assert disposition.count('"') == 2
    assert disposition.isascii()


def test_a_name_to_save_under_makes_it_a_download(stranger: httpx.Client, alice: httpx.Client) -> None:
    link = upload(alice, samples.recording("wav"), "x.wav")["file_url"] + "&attname=" + quote("20240404 通话/录音.mp3")
    disposition = follow(stranger, link).headers["content-disposition"]
    assert disposition == "attachment; filename=\"__.mp3\"; filename*=UTF-8''" + quote("录音.mp3")


@pytest.mark.parametrize(
    ("given", "name", "shown"),
    [
        (samples.HTML, "picture.png", False),
        (samples.SVG, "picture.svg", False),
        (b"<?xml version='1.0'?><x/>", "x.xml", False),
        (b"alert(1)", "x.js", False),
        ("文本".encode(), "x.txt", False),
        (samples.bomb, "x.png", False),
        (samples.PDF, "x.pdf", True),
        (samples.picture, "x.html", True),
        (partial(samples.recording, "mp3"), "x.html", True),
        (samples.film, "x.mp4", True),
    ],
)
def test_a_browser_opens_only_what_cannot_run(
    alice: httpx.Client, given: bytes | Callable[[], bytes], name: str, shown: bool
) -> None:
    data = given if isinstance(given, bytes) else given()
    answer = follow(alice, upload(alice, data, name)["origin_url"])
    assert answer.headers["content-disposition"].startswith("inline" if shown else "attachment")
    assert (answer.headers["content-type"] in INLINE) == shown
    assert answer.content == data


def test_a_link_that_was_changed_or_has_expired_opens_nothing(stranger: httpx.Client, url: str, world: World) -> None:
    for wrong in (
        url[:-1],
        url + "x",
        url.replace("organisation=1", "organisation=2"),
        url.replace("expires=1", "expires=2"),
        url + "&variant=thumb",
        url.partition("?")[0],
    ):
        answer = follow(stranger, wrong)
        assert (answer.status_code, answer.json()["code"]) == (403, 100403), wrong
    world.clock.at += 24 * 3600
    assert follow(stranger, url).status_code == 200
    world.clock.at += 3600
    assert follow(stranger, url).status_code == 403


def test_the_hours_of_a_link_are_a_setting(world: World) -> None:
    link = upload(world.client("alice", file_link_hours=1), DATA)["file_url"]
    world.clock.at += 2 * 3600
    assert follow(world.client(), link).status_code == 403


def test_a_link_of_another_installation_opens_nothing(world: World, url: str) -> None:
    parts = urlsplit(url)
    forged = f"{parts.path}?organisation=1&expires=9999999999&signature=" + "A" * 43
    assert follow(world.client(), forged).status_code == 403


def test_what_is_gone_is_not_found(stranger: httpx.Client, url: str, world: World) -> None:
    folder = Path(world.installation.blobs.place)
    for path in folder.rglob("*"):
        if path.is_file():
            path.unlink()
    answer = follow(stranger, url)
    assert (answer.status_code, answer.json()["code"]) == (404, 100100)


def test_a_place_that_cannot_be_read_is_told_with_its_status(
    stranger: httpx.Client, url: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> int:
        raise StoreUnavailable("files: the disk is away")

    monkeypatch.setattr(world.installation.blobs, "size", away)
    answer = follow(stranger, url)
    assert (answer.status_code, answer.json()["code"]) == (503, 100503)
    assert "disk" not in answer.text


def test_equal_answers_within_an_hour_have_equal_links(alice: httpx.Client, world: World) -> None:
    id_ = upload(alice)["id"]
    first = alice.get(f"/api/v2/attachments/{id_}").text
    world.clock.at += 3599
    assert alice.get(f"/api/v2/attachments/{id_}").text == first
    world.clock.at += 1
    assert alice.get(f"/api/v2/attachments/{id_}").text != first


def test_a_query_that_cannot_be_read_opens_nothing(stranger: httpx.Client) -> None:
    for query in ("organisation[]=1", "signature[x]=1&organisation=1&expires=1", "%ff=%ff", "variant=x"):
        assert stranger.get(f"/files/1/x?{query}").status_code in (403, 422)
    assert stranger.get("/files/x/x").status_code == 404
