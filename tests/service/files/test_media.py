"""What an upload is, is told by its bytes alone; a decoder that fails, or wants too much, harms nobody."""

import os
import sys
from pathlib import Path

import pytest
from PIL import Image

from genjin.domain.attachment import MP3, PEAKS, THUMBNAIL, FileKind
from genjin.service.files import media, media_reader
from genjin.service.files.media import Media, examine
from genjin.service.files.media_reader import THUMBNAIL_PIXELS, peaks
from genjin.service.files.media_types import INLINE, SOUNDS
from tests import samples


def look_at(folder: Path, data: bytes, name: str = "upload") -> Media:
    """What these bytes are; the variant is `folder/variant`."""
    (folder / "upload").write_bytes(data)
    (folder / "variant").unlink(missing_ok=True)
    found = examine(folder / "upload", name, folder / "variant")
    assert bool(found.variant) == (folder / "variant").exists()
    return found


@pytest.mark.parametrize(
    ("form", "type_"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("GIF", "image/gif"),
        ("WEBP", "image/webp"),
        ("BMP", "image/bmp"),
        ("AVIF", "image/avif"),
    ],
)
def test_a_picture_is_told_by_its_bytes_and_has_a_thumbnail(tmp_path: Path, form: str, type_: str) -> None:
    found = look_at(tmp_path, samples.picture(form, 1000, 600), "page.html")
    assert found == Media(FileKind.PICTURE, type_, variant=THUMBNAIL)
    with Image.open(tmp_path / "variant") as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("JPEG", (THUMBNAIL_PIXELS, THUMBNAIL_PIXELS * 600 // 1000))


def test_a_thumbnail_stands_upright_and_does_not_tell_where_it_was_taken(tmp_path: Path) -> None:
    look_at(tmp_path, samples.picture("JPEG", 60, 40, orientation=6))
    with Image.open(tmp_path / "variant") as thumbnail:
        assert thumbnail.size == (40, 60)
        red, _, blue = thumbnail.convert("RGB").getpixel((20, 5))
        assert red > 200 > 60 > blue  # the left half is above now
        assert dict(thumbnail.getexif()) == {}


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "I;16"])
def test_a_picture_of_any_mode_has_a_thumbnail(tmp_path: Path, mode: str) -> None:
    image = Image.new(mode, (50, 30))
    image.save(tmp_path / "picture.png")
    assert look_at(tmp_path, (tmp_path / "picture.png").read_bytes()).kind is FileKind.PICTURE


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "AVIF"])
def test_a_picture_that_is_cut_off_is_a_file_that_no_browser_opens(tmp_path: Path, form: str) -> None:
    data = samples.picture(form, 400, 300)
    found = look_at(tmp_path, data[: len(data) * 2 // 3])
    assert found.kind is FileKind.FILE
    assert found.content_type not in INLINE


def test_a_picture_that_wants_all_memory_is_not_decoded(tmp_path: Path) -> None:
    assert len(samples.bomb()) < 1_000_000
    found = look_at(tmp_path, samples.bomb())
    assert found.kind is FileKind.FILE
    assert found.content_type not in INLINE


@pytest.mark.parametrize("form", ["wav", "mp3", "m4a", "ogg", "flac", "webm", "amr", "aac"])
def test_a_recording_has_a_duration_and_a_waveform(tmp_path: Path, form: str) -> None:
    found = look_at(tmp_path, samples.recording(form, seconds=4), "picture.png")
    assert found.kind is FileKind.RECORDING
    assert found.content_type == SOUNDS[{"m4a": "mp4", "webm": "matroska"}.get(form, form)]
    assert found.seconds == 4
    assert found.waveform is not None
    assert len(found.waveform) == PEAKS
    assert max(found.waveform[: PEAKS // 2 - 10]) < 10
    assert min(found.waveform[PEAKS // 2 + 10 : -10]) > 150
    assert found.variant == (MP3 if form == "amr" else "")


@pytest.mark.parametrize(
    ("data", "type_"),
    [
        (samples.recording("amr", seconds=5), "audio/amr"),
        (samples.recording("3gp", seconds=5), "audio/3gpp"),
        (samples.recording("adpcm.wav", seconds=5), "audio/vnd.wave"),
    ],
)
def test_a_recording_that_no_browser_plays_is_converted(tmp_path: Path, data: bytes, type_: str) -> None:
    found = look_at(tmp_path, data)
    assert (found.kind, found.content_type, found.seconds, found.variant) == (FileKind.RECORDING, type_, 5, MP3)
    mp3 = (tmp_path / "variant").read_bytes()
    (tmp_path / "variant").unlink()
    again = look_at(tmp_path, mp3)
    assert (again.content_type, again.seconds, again.variant) == ("audio/mpeg", 5, "")
    assert max((again.waveform or b"")[: PEAKS // 2 - 10]) < 20 < 100 < min((again.waveform or b"")[-90:-20])


def test_one_that_is_too_long_is_neither_converted_nor_heard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(media_reader, "CONVERTED_SECONDS", 2)
    for form, data in (("amr", samples.recording("amr", seconds=9)), ("mp4", samples.recording("3gp", seconds=9))):
        (tmp_path / form).write_bytes(data)
        found = media_reader.read_sound(tmp_path / form, form, tmp_path / "variant")
        assert found.keys() == {"content_type", "seconds"}
        assert found["seconds"] in (None, 9)
        assert not (tmp_path / "variant").exists()


def test_a_recording_that_is_cut_off_is_one_as_far_as_it_goes(tmp_path: Path) -> None:
    for form in ("wav", "mp3", "amr", "ogg"):
        data = samples.recording(form, seconds=6)
        found = look_at(tmp_path, data[: len(data) // 2])
        assert found.kind is FileKind.RECORDING, form
        assert found.seconds in (3, 4), form


def test_a_recording_shorter_than_a_second_is_one(tmp_path: Path) -> None:
    found = look_at(tmp_path, samples.recording("wav", seconds=0.1))
    assert (found.seconds, len(found.waveform or b"")) == (1, PEAKS)


def test_a_film_is_a_file_of_its_type(tmp_path: Path) -> None:
    found = look_at(tmp_path, samples.film(2))
    assert (found.kind, found.content_type, found.seconds) == (FileKind.FILE, "video/mp4", 2)


@pytest.mark.parametrize(
    ("data", "name", "type_"),
    [
        (samples.HTML, "picture.png", "text/html"),
        (samples.SVG, "picture.png", "image/svg+xml"),
        (samples.PDF, "offer.doc", "application/pdf"),
        (b"PK\x03\x04\x14\x00" + bytes(50), "报价.zip", "application/zip"),
        ("BMW 客户名单".encode(), "list.txt", "text/plain"),
        (b"a,b\n1,2\n", "list.csv", "text/csv"),
        ("名".encode() * 3000, "", "text/plain"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "list.mp3", "application/vnd.apple.mpegurl"),
        (b"\x00\x01\x02\x03" * 20, "page.html", "application/octet-stream"),
        (b"\xff\xfb\x90\x44nothing to hear", "song.mp3", "application/octet-stream"),
        (b"x", "", "text/plain"),
    ],
)
def test_anything_else_is_a_file(tmp_path: Path, data: bytes, name: str, type_: str) -> None:
    assert look_at(tmp_path, data, name) == Media(FileKind.FILE, type_)


def test_a_decoder_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "PATIENCE", 0.01)
    assert look_at(tmp_path, samples.picture("PNG")).kind is FileKind.FILE


def test_ctrl_c_does_not_reach_a_decoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoder = tmp_path / "decoder"
    told = "json.dumps({'content_type': 'audio/wav', 'seconds': os.getpgrp()})"
    decoder.write_text(f"#!{sys.executable}\nimport json, os\nprint({told})\n")
    decoder.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(decoder))
    assert look_at(tmp_path, samples.recording()).seconds not in (None, os.getpgrp())


def test_a_long_recording_is_told_by_its_head_and_not_heard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(media_reader, "HEARD_SECONDS", 2)
    (tmp_path / "long.wav").write_bytes(samples.recording("wav", seconds=9))
    found = media_reader.read_sound(tmp_path / "long.wav", "wav", tmp_path / "variant")
    assert found == {"content_type": "audio/wav", "seconds": 9}


def test_a_waveform_spreads_over_all_of_a_recording() -> None:
    assert peaks([32767]) == bytes([255]) * PEAKS
    assert peaks([0] * 1000 + [32768] * 1000) == bytes(PEAKS // 2) + bytes([255]) * (PEAKS // 2)
    assert list(peaks([n * 10 for n in range(PEAKS)])) == [n * 10 * 255 // 32767 for n in range(PEAKS)]
