"""The files of an activity as /api/v1 shows them: what was uploaded, recordings that lie elsewhere, captured ones."""

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field

from genjin.domain.activity_view import ActivityViews
from genjin.domain.attachment import MP3, THUMBNAIL, Attachment, FileKind
from genjin.domain.calendar import Calendar
from genjin.domain.json import JsonValue
from genjin.wire.files.entry_files import attached_in
from genjin.wire.files.file import Url
from genjin.wire.v1.shared import Shown
from genjin.wire.v1.times import ShownTime, iso_time

_NOTHING: Mapping[str, JsonValue] = {
    "id": None,
    "kind": "file",
    "name": "",
    "content_type": None,
    "size": None,
    "seconds": None,
    "url": None,
    "thumbnail_url": None,
    "mp3_url": None,
    "uploaded_at": None,
    "elsewhere": True,
}


class ActivityFile(Shown):
    """A file of an activity. Addresses of what lies here work without a token for some hours."""

    id: int | None = Field(description="Null where it lies elsewhere and has none.")
    kind: Literal["picture", "file", "recording"]
    name: str
    content_type: str | None
    size: int | None = Field(description="In bytes.")
    seconds: int | None = Field(description="Of what sounds.")
    url: str | None = Field(description="Null for a file that the caller may know of and not open.")
    thumbnail_url: str | None = Field(description="Of a picture.")
    mp3_url: str | None = Field(description="Of a recording: what a browser plays.")
    uploaded_at: ShownTime | None
    elsewhere: bool = Field(description="Whether it lies on another server, as its address says.")


def files_to_wire(rare: Mapping[str, JsonValue], views: ActivityViews, url: Url, calendar: Calendar) -> list[JsonValue]:
    """All of them: pictures and other files first, then what there is to hear."""
    attached = attached_in(rare)
    ours = (views.files[id_] for part in attached for id_ in part if id_ in views.files)
    shown = [_ours(file, None if file.id in views.hidden else url, calendar) for file in ours]
    elsewhere = (each for each in _recordings(rare) if each["id"] not in attached.audios)  # or fetched from there
    return [*shown, *elsewhere, *_captured(rare)]


def _ours(file: Attachment, url: Url | None, calendar: Calendar) -> JsonValue:
    def at(variant: str, there: bool) -> str | None:
        return url(file, variant) if url is not None and there else None

    heard = file.kind is FileKind.RECORDING
    return {
        **_NOTHING,
        "id": file.id,
        "kind": file.kind.name.lower(),
        "name": file.name,
        "content_type": file.content_type,
        "size": file.size,
        "seconds": file.seconds,
        "url": at("", there=True),
        "thumbnail_url": at(THUMBNAIL, file.kind is FileKind.PICTURE),
        "mp3_url": at(MP3 if file.has_mp3 else "", heard),
        "uploaded_at": iso_time(file.uploaded_at, calendar),
        "elsewhere": False,
    }


def _recordings(rare: Mapping[str, JsonValue]) -> Iterator[Mapping[str, JsonValue]]:
    """What a call told of, in the order of domain.call.Recording."""
    told = rare.get("recordings")
    for id_, url, mp3_url, seconds, *_ in told if isinstance(told, list) else ():
        played = url if mp3_url is None else mp3_url
        yield {**_NOTHING, "id": id_, "kind": "recording", "url": url, "mp3_url": played, "seconds": seconds}


def _captured(rare: Mapping[str, JsonValue]) -> Iterator[JsonValue]:
    """What was captured in the contract's form (AttachmentFile and Audio of wire/sales_activity.py)."""
    captured = rare.get("captured")
    if not isinstance(captured, Mapping):
        return
    pictures = [each.get("id") for each in _objects(captured.get("image_attachments"))]
    for each in _objects(captured.get("attachments")):
        picture = each.get("id") in pictures
        yield {
            **_NOTHING,
            "id": _number(each.get("id")),
            "kind": "picture" if picture else "file",
            "name": _text(each.get("name")) or "",
            "content_type": _text(each.get("file_content_type")),
            "size": _number(each.get("file_file_size")),
            "url": _text(each.get("origin_url")) or _text(each.get("file_url")),
            "thumbnail_url": _text(each.get("file_url")) if picture else None,
        }
    for each in _objects(captured.get("audios")):
        url, seconds = _text(each.get("file_url")), _number(each.get("duration_seconds"))
        played = _text(each.get("mp3_file_url")) or url
        told = {"id": _number(each.get("id")), "kind": "recording", "url": url, "mp3_url": played, "seconds": seconds}
        yield {**_NOTHING, **told}


def _objects(value: JsonValue) -> list[Mapping[str, JsonValue]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _text(value: JsonValue) -> str | None:
    return value or None if isinstance(value, str) else None


def _number(value: JsonValue) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
