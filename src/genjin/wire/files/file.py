"""Files on the wire: as parts of an entry, as its recordings, and as the raw dump that an upload answers with."""

from collections.abc import Callable
from typing import Literal

from pydantic import Field

from genjin.domain.activity import Facts
from genjin.domain.attachment import MP3, THUMBNAIL, Attachment, FileKind
from genjin.domain.calendar import Calendar
from genjin.domain.json import JsonValue
from genjin.domain.kinds import CALL_MADE, CHECKED_IN, FOLLOW_UP_WRITTEN
from genjin.wire.modules import CHECK_IN, CLASS_NAMES, FOLLOW_UP
from genjin.wire.sales_activity import Exact

_ENTRIES = {FOLLOW_UP_WRITTEN.code: FOLLOW_UP, CALL_MADE.code: "DialLog", CHECKED_IN.code: CHECK_IN}
"""What the upstream calls the objects of entries that have files."""
Url = Callable[[Attachment, str], str]
"""Gives the address of a file's variant: `FileLinks.url`, or the same placeholder for all (`hidden`)."""


class FileDump(Exact):
    """A file by the upstream's column names, where it is, and what we know of it."""

    id: int
    name: str
    attachmentable_id: int | None
    attachmentable_type: str | None
    created_at: str = Field(description="ISO 8601 with the offset of the organisation's zone")
    updated_at: str
    file_file_name: str
    file_content_type: str = Field(description="what the bytes are, not what was told")
    file_file_size: int
    file_updated_at: str
    user_id: int = Field(description="who uploaded it")
    organization_id: int
    deleted_at: str | None
    note: str | None
    sub_type: str | None
    file_url: str = Field(description="of a picture its thumbnail")
    origin_url: str
    public_url: str
    mp3_file_url: str | None = Field(description="of a recording: what a browser plays")
    kind: Literal["picture", "file", "recording"]
    duration: int | None = Field(description="seconds, of what sounds")
    waveform: list[int] = Field(description="of a recording 200 values from 0 to 255; else empty")


class AttachedFiles(Exact):
    """What was attached."""

    attachments: list[FileDump]


def hidden(default_image_url: str) -> Url:
    """The addresses that somebody is told who may not see a file."""
    return lambda _file, _variant: default_image_url


def owner_of(file: Attachment, entry: Facts | None = None) -> tuple[str, int] | None:
    """The class name and id of what a file is attached to; `entry` is the activity, where it is one."""
    if file.holder is None:
        return None
    if (ref := file.holder.ref) is not None:
        return CLASS_NAMES[ref.type], ref.id
    made = _ENTRIES.get(entry.kind) if entry is not None else None
    return (made, entry.object_id or 0) if entry is not None and made else ("SalesActivity", file.holder.id)


def attachment_item(
    file: Attachment, owner: tuple[str, int] | None, url: Url, calendar: Calendar
) -> dict[str, JsonValue]:
    """The 13 keys of AttachmentFile. `owner` is the class name and id of what the file is attached to."""
    return {
        "id": file.id,
        "file_url": url(file, _small(file)),
        "origin_url": url(file, ""),
        "public_url": url(file, ""),
        "name": file.name,
        "file_file_name": file.name,
        "file_content_type": file.content_type,
        "file_file_size": file.size,
        "attachmentable_id": owner[1] if owner else None,
        "attachmentable_type": owner[0] if owner else None,
        "upload_time": calendar.minute(file.uploaded_at),
        "note": file.note,
        "sub_type": file.sub_type,
    }


def audio_item(file: Attachment, url: Url) -> dict[str, JsonValue]:
    """The 7 keys of a recording."""
    return {
        "id": file.id,
        "file_url": url(file, ""),
        "mp3_file_url": url(file, _played(file)),
        "duration": str(file.seconds or 0),
        "duration_seconds": file.seconds or 0,
        "oss_type": None,
        "is_convert_to_mp3": file.has_mp3,
    }


def file_dump(
    file: Attachment, organisation_id: int, owner: tuple[str, int] | None, url: Url, calendar: Calendar
) -> dict[str, JsonValue]:
    """The raw dump of a file by the upstream's column names; then its addresses, and kind, seconds, waveform (ours)."""
    uploaded = calendar.iso(file.uploaded_at)
    return {
        "id": file.id,
        "name": file.name,
        "attachmentable_id": owner[1] if owner else None,
        "attachmentable_type": owner[0] if owner else None,
        "created_at": uploaded,
        "updated_at": uploaded if file.attached_at is None else calendar.iso(file.attached_at),
        "file_file_name": file.name,
        "file_content_type": file.content_type,
        "file_file_size": file.size,
        "file_updated_at": uploaded,
        "user_id": file.uploaded_by,
        "organization_id": organisation_id,
        "deleted_at": None if file.deleted_at is None else calendar.iso(file.deleted_at),
        "note": file.note or None,
        "sub_type": file.sub_type or None,
        "file_url": url(file, _small(file)),
        "origin_url": url(file, ""),
        "public_url": url(file, ""),
        "mp3_file_url": url(file, _played(file)) if file.kind is FileKind.RECORDING else None,
        "kind": file.kind.name.lower(),
        "duration": file.seconds,
        "waveform": list(file.waveform or b""),
    }


def _played(file: Attachment) -> str:
    return MP3 if file.has_mp3 else ""


def _small(file: Attachment) -> str:
    return THUMBNAIL if file.kind is FileKind.PICTURE else ""
