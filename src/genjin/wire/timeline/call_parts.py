"""The parts of a call in an activity: direction, mode, recordings."""

from collections.abc import Mapping

import orjson

from genjin.domain.call import Direction, Recording
from genjin.domain.json import JsonValue
from genjin.wire.files.entry_files import attached_in

DIRECTIONS = {Direction.UNKNOWN: "", Direction.OUTBOUND: "呼出", Direction.INBOUND: "呼入"}
CallParts = tuple[bytes, bytes, bytes, int, tuple[int, ...]]
"""A call's dial type, recordings, direction and mode, and ids of uploaded ones; the first three are ready JSON."""
_RECORDING = (
    b'{"id":%d,"file_url":%b,"mp3_file_url":%b,"duration":"%d","duration_seconds":%d,'
    b'"oss_type":%b,"is_convert_to_mp3":%b}'
)
_DIRECTION_JSON = {int(direction): orjson.dumps(text) for direction, text in DIRECTIONS.items()}


def call_parts(rare: bytes | None) -> CallParts:
    """A call's parts of what the store has of it."""
    told = orjson.loads(rare or b"{}")
    audios = [_recording_json(*recording) for recording in told.get("recordings", ())]
    return (
        orjson.dumps(told.get("dial_type") or ""),
        b"[%b]" % b",".join(audios),
        _DIRECTION_JSON[told.get("direction", 0)],
        told.get("mode", 0),
        attached_in(told).audios,
    )


def recording_to_wire(recording: Recording) -> dict[str, JsonValue]:
    """One element of `audios`."""
    return {
        "id": recording.id,
        "file_url": recording.url,
        "mp3_file_url": recording.url if recording.mp3_url is None else recording.mp3_url,
        "duration": str(recording.seconds),
        "duration_seconds": recording.seconds,
        "oss_type": recording.store,
        "is_convert_to_mp3": recording.converted,
    }


def _recording_json(
    id_: int, url: str, mp3_url: str | None, seconds: int, store: int | None = None, converted: bool = False
) -> bytes:
    """The same as ready JSON; on the hot path."""
    address = orjson.dumps(url)
    mp3_address = address if mp3_url is None or mp3_url == url else orjson.dumps(mp3_url)
    kept_in = b"null" if store is None else b"%d" % store
    return _RECORDING % (id_, address, mp3_address, seconds, seconds, kept_in, b"true" if converted else b"false")


def joined(ready: bytes, uploaded: list[JsonValue]) -> bytes:
    """Recordings as a ready JSON list, with those that were uploaded. Of one that was fetched from where it lay it is
    said what was told of it, and where it is now.
    """
    ours = {each["id"]: each for each in uploaded if isinstance(each, Mapping)}
    told = [_fetched(each, ours.pop(each["id"], None)) for each in orjson.loads(ready)]
    return orjson.dumps([*told, *ours.values()])


def _fetched(told: dict[str, JsonValue], here: Mapping[str, JsonValue] | None) -> JsonValue:
    return told if here is None else told | {key: here[key] for key in ("file_url", "mp3_file_url")}
