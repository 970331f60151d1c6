"""Files on the wire: as parts of an entry, as its recordings, and as the raw dump that an upload answers with."""

from collections.abc import Callable

from pydantic import Field

from genjin.domain.attachment import Attachment, FileKind
from genjin.domain.calendar import Calendar
from genjin.domain.json import JsonValue
from genjin.wire.file_links import THUMBNAIL
from genjin.wire.sales_activity import Exact

Url = Callable[[Attachment, str], str]
"""Gives the address of a file's variant: `FileLinks.url`, or the same placeholder for all (`hidden`)."""


class AttachmentFile(Exact):
    """A file of an entry: an element of `attachments`, `image_attachments` and `attachment_files`."""

    id: int
    file_url: str = Field(description="of a picture its thumbnail")
    origin_url: str
    public_url: str
    name: str
    file_file_name: str
    file_content_type: str
    file_file_size: int
    attachmentable_id: int | None
    attachmentable_type: str | None
    upload_time: str = Field(description="YYYY-MM-DD HH:MM")
    note: str
    sub_type: str


def hidden(default_image_url: str) -> Url:
    """The addresses that somebody is told who may not see a file."""
    return lambda _file, _variant: default_image_url


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
    address = url(file, "")
    return {
        "id": file.id,
        "file_url": address,
        "mp3_file_url": address,
        "duration": str(file.seconds or 0),
        "duration_seconds": file.seconds or 0,
        "oss_type": None,
        "is_convert_to_mp3": False,
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
        "kind": file.kind.name.lower(),
        "duration": file.seconds,
        "waveform": list(file.waveform or b""),
    }


def _small(file: Attachment) -> str:
    return THUMBNAIL if file.kind is FileKind.PICTURE else ""
