"""The files of an activity, as an upstream shows them: where their bytes are, and which of ours would be shown so."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from genjin.domain.attachment import MAX_NAME, MAX_NOTE, MAX_SUB_TYPE, Attached
from genjin.domain.calendar import Calendar
from genjin.domain.json import JsonValue
from genjin.wire import scalars
from genjin.wire.scalars import instant

ATTACHMENTS, AUDIOS = ("attachments", "image_attachments", "attachment_files"), ("audios",)
MAX_URL = 4_000
MAX_SECONDS = 2**31 - 1


class ToldFile(NamedTuple):
    """A file by the upstream's id; `at` is when it was uploaded, `size` and `seconds` None where they are not told."""

    id: int
    url: str
    name: str
    content_type: str
    size: int | None
    at: int | None
    note: str
    sub_type: str
    seconds: int | None = None


def files_in(body: Mapping[str, JsonValue], calendar: Calendar) -> list[ToldFile]:
    """All files of an activity that say who they are and where."""
    found = [_file(each, calendar) for each in (*_objects(body.get("attachments")), *_objects(body.get("audios")))]
    return [each for each in found if each is not None]


def attachments_of(body: Mapping[str, JsonValue]) -> Attached | None:
    """The ids of an activity's attachments, so that they are shown as they came: all up to the last picture among what
    was sent as pictures or anything. None where one of them has no id.
    """
    ids = _ids(body.get("attachments"))
    pictures = _ids(body.get("image_attachments"))
    if ids is None or pictures is None:
        return None
    mixed = max((place + 1 for place, id_ in enumerate(ids) if id_ in pictures), default=0)
    return Attached(tuple(ids[:mixed]), tuple(ids[mixed:]))


def audios_of(body: Mapping[str, JsonValue]) -> tuple[int, ...] | None:
    """The ids of what there is to hear. None where one of them has no id."""
    ids = _ids(body.get("audios"))
    return None if ids is None else tuple(ids)


def _file(body: Mapping[str, JsonValue], calendar: Calendar) -> ToldFile | None:
    id_, size = scalars.id_or_none(body.get("id")), scalars.integer(body.get("file_file_size"))
    urls = (body.get(key) for key in ("origin_url", "public_url", "file_url"))
    url = next((each for each in urls if isinstance(each, str) and each), "")
    if id_ is None or not 0 < len(url) <= MAX_URL:
        return None
    note, sub_type = (_text(body, key, most) for key, most in (("note", MAX_NOTE), ("sub_type", MAX_SUB_TYPE)))
    name = _text(body, "name", MAX_NAME) or _text(body, "file_file_name", MAX_NAME)
    size = size if size is not None and size >= 0 else None
    seconds = scalars.integer(body.get("duration_seconds"))
    seconds = seconds if seconds is not None and 0 <= seconds <= MAX_SECONDS else None
    content_type, at = _text(body, "file_content_type", MAX_NAME), instant(body.get("upload_time"), calendar)
    return ToldFile(id_, url, name, content_type, size, at, note, sub_type, seconds)


def _text(body: Mapping[str, JsonValue], key: str, most: int) -> str:
    value = body.get(key)
    return value[:most] if isinstance(value, str) else ""


def _objects(value: JsonValue) -> Sequence[Mapping[str, JsonValue]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _ids(value: JsonValue) -> list[int] | None:
    if value in (None, []):
        return []
    if not isinstance(value, list):
        return None
    found = [scalars.id_or_none(each.get("id")) if isinstance(each, Mapping) else None for each in value]
    ids = [id_ for id_ in found if id_ is not None]
    return ids if len(ids) == len(value) == len(set(ids)) else None
