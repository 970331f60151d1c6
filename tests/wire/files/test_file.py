"""Files on the wire, and the links that lead to them."""

from dataclasses import replace
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genjin.domain.attachment import MP3, THUMBNAIL, Attachment, FileKind
from genjin.domain.calendar import calendar_of
from genjin.domain.signatures import is_signed, sign
from genjin.errors import Forbidden, NotFound
from genjin.service.files.uploads import clean_name
from genjin.wire.files.file import attachment_item, audio_item, file_dump, hidden
from genjin.wire.files.links import HOUR, AskedFile, FileLinks, asked_file, expiry
from genjin.wire.params import Params, parse_query
from genjin.wire.sales_activity import AttachmentFile, Audio

SHANGHAI = calendar_of("Asia/Shanghai")
NOW = 1_718_157_600
SECRET = b"s" * 32
LINKS = FileLinks(SECRET, "https://crm.example.com", 1, NOW + HOUR)
PICTURE = Attachment(9, b"\x01" * 32, "名片.png", "image/png", 12, FileKind.PICTURE, 31, NOW)
SOUND = replace(PICTURE, id=10, name="通话.amr", content_type="audio/amr", kind=FileKind.RECORDING, seconds=61)


def followed(url: str, changed: dict[str, str] | None = None, now: int = NOW, secret: bytes = SECRET) -> AskedFile:
    """What the server reads of a link."""
    parts = urlsplit(url)
    query: Params = {**parse_query(parts.query), **(changed or {})}
    return asked_file(secret, parts.path.split("/")[2], query, now)


@given(st.text(max_size=60))
def test_a_link_leads_to_its_file_whatever_its_name(name: str) -> None:
    file = replace(PICTURE, name=clean_name(name))
    parts = urlsplit(LINKS.url(file))
    assert followed(LINKS.url(file)) == AskedFile(1, 9, "", "")
    assert parts.path.startswith("/files/9/")
    assert parts.path.count("/") == 3
    assert unquote(parts.path.split("/")[3]) not in ("", ".", "..")
    assert parts.path.isascii()


def test_a_link_to_a_variant_is_another_link() -> None:
    assert followed(LINKS.url(PICTURE, THUMBNAIL)) == AskedFile(1, 9, "thumb", "")
    signature = dict(parse_qsl(urlsplit(LINKS.url(PICTURE)).query))["signature"]
    with pytest.raises(Forbidden):
        followed(LINKS.url(PICTURE, THUMBNAIL), {"signature": signature})


@pytest.mark.parametrize(
    "changed",
    [
        {"organisation": "2"},
        {"organisation": "x"},
        {"expires": str(NOW + 2 * HOUR)},
        {"expires": ""},
        {"variant": "thumb"},
        {"variant": "mp3"},
        {"variant": "other"},
        {"signature": ""},
        {"signature": "名片"},
        {"signature": "A" * 43},
    ],
)
def test_a_link_that_was_changed_leads_nowhere(changed: dict[str, str]) -> None:
    with pytest.raises(Forbidden, match="链接无效"):
        followed(LINKS.url(PICTURE), changed)


def test_a_link_to_one_file_does_not_open_another() -> None:
    with pytest.raises(Forbidden):
        followed(LINKS.url(PICTURE).replace("/files/9/", "/files/8/"))
    with pytest.raises(NotFound):
        followed(LINKS.url(PICTURE).replace("/files/9/", "/files/x/"))
    with pytest.raises(Forbidden):
        followed(LINKS.url(PICTURE), secret=b"t" * 32)


def test_a_link_ends_when_it_says() -> None:
    assert followed(LINKS.url(PICTURE), now=NOW + HOUR - 1).file_id == 9
    with pytest.raises(Forbidden, match="链接已过期"):
        followed(LINKS.url(PICTURE), now=NOW + HOUR)


@given(st.integers(0, 2**40), st.integers(0, HOUR - 1), st.integers(1, 100))
def test_links_of_one_hour_are_equal_and_work_as_long_as_was_said(hour: int, second: int, hours: int) -> None:
    start = hour * HOUR
    assert expiry(start, hours) == expiry(start + second, hours)
    assert hours * HOUR < expiry(start + second, hours) - start - second <= (hours + 1) * HOUR


def test_a_name_to_save_under_is_no_part_of_the_signature() -> None:
    assert followed(LINKS.url(PICTURE) + "&attname=20240404014424.mp3").download_name == "20240404014424.mp3"


def test_a_file_of_an_entry_has_its_keys() -> None:
    item = attachment_item(PICTURE, ("RevisitLog", 5), LINKS.url, SHANGHAI)
    assert list(item) == list(AttachmentFile.model_fields)
    AttachmentFile.model_validate(item)
    assert item["file_url"] == LINKS.url(PICTURE, THUMBNAIL)
    assert item["origin_url"] == item["public_url"] == LINKS.url(PICTURE)
    assert (item["attachmentable_type"], item["attachmentable_id"]) == ("RevisitLog", 5)
    assert (item["file_file_size"], item["upload_time"]) == (12, SHANGHAI.minute(NOW))
    other = attachment_item(SOUND, None, LINKS.url, SHANGHAI)
    assert other["file_url"] == LINKS.url(SOUND)
    assert other["attachmentable_id"] is other["attachmentable_type"] is None


def test_who_may_not_see_a_file_is_shown_the_placeholder() -> None:
    item = attachment_item(PICTURE, None, hidden("/static/attachment_no_permission.svg"), SHANGHAI)
    assert {item[key] for key in ("file_url", "origin_url", "public_url")} == {"/static/attachment_no_permission.svg"}


def test_a_recording_has_the_seven_keys() -> None:
    item = audio_item(SOUND, LINKS.url)
    Audio.model_validate(item)
    assert (item["duration"], item["duration_seconds"]) == ("61", 61)
    assert item["file_url"] == item["mp3_file_url"] == LINKS.url(SOUND)
    assert audio_item(replace(SOUND, seconds=None), LINKS.url)["duration"] == "0"


def test_a_recording_that_no_browser_plays_has_the_address_of_its_mp3() -> None:
    converted = replace(SOUND, waveform=bytes(200))
    item = audio_item(converted, LINKS.url)
    assert (item["is_convert_to_mp3"], item["file_url"]) == (True, LINKS.url(SOUND))
    assert item["mp3_file_url"] == file_dump(converted, 1, None, LINKS.url, SHANGHAI)["mp3_file_url"]
    assert item["mp3_file_url"] == LINKS.url(SOUND, MP3)
    played = replace(converted, content_type="audio/mpeg")
    assert not audio_item(played, LINKS.url)["is_convert_to_mp3"]


def test_a_dump_has_the_column_names_and_what_is_empty_is_null() -> None:
    dump = file_dump(replace(SOUND, waveform=b"\x00\xff"), 1, None, LINKS.url, SHANGHAI)
    assert (
        list(dump)[:15]
        == (
            "id name attachmentable_id attachmentable_type created_at updated_at file_file_name file_content_type"
            " file_file_size file_updated_at user_id organization_id deleted_at note sub_type"
        ).split()
    )
    assert dump["created_at"] == SHANGHAI.iso(NOW)
    assert [dump[key] for key in ("attachmentable_id", "deleted_at", "note", "sub_type")] == [None] * 4
    assert (dump["kind"], dump["duration"], dump["waveform"]) == ("recording", 61, [0, 255])


def test_a_signature_is_for_one_purpose_and_for_its_parts_alone() -> None:
    made = sign(SECRET, "file", 1, "2")
    assert len(made) == 43
    assert is_signed(SECRET, made, "file", 1, "2")
    for purpose, parts in (("upload", (1, "2")), ("file", (1, 2)), ("file", (12,)), ("file", (1, "2", ""))):
        assert not is_signed(SECRET, made, purpose, *parts)
