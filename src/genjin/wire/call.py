"""Calls on the wire: the dial log that a telephone sends, all values as texts, and what it is answered."""

from genjin.domain.call import Call, CallReport, Recording
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.records import RecordType, Ref
from genjin.errors import Invalid
from genjin.wire import scalars
from genjin.wire.modules import CLASS_NAMES, type_of_class
from genjin.wire.params import Params, as_list, subtree, text

MAX_SECONDS = 86_400
_TEXTS = {
    "number": "number",
    "call_id": "external_id",
    "name": "name",
    "name_type": "name_type",
    "number_type": "number_type",
    "dial_type": "dial_type",
}


def call_report(params: Params) -> CallReport:
    """What is told of a call. Raises Invalid for a field that cannot be read.

    Recordings that Genjin does not keep itself are told as `audios[]` with `file_url` and `duration` (ours).
    """
    given = subtree(params, "dial_log")
    errors: dict[str, list[str]] = {}
    texts = {ours: text(given, theirs).strip() for theirs, ours in _TEXTS.items()}
    told = {ours for theirs, ours in _TEXTS.items() if theirs in given}
    for theirs, ours in _TEXTS.items():
        if len(texts[ours]) > 255:
            errors[theirs] = ["不能超过255个字符"]
    seconds = _whole(given, "talk_time", MAX_SECONDS, errors)
    mode = _whole(given, "call_mode", 32_767, errors)
    told |= {
        ours
        for theirs, ours in (("talk_time", "seconds"), ("call_mode", "mode"))
        if given.get(theirs) not in (None, "")
    }
    if "is_connected" in given:
        told.add("connected")
        if isinstance(given["is_connected"], dict | list):
            errors["is_connected"] = ["应为true或false"]
    target = _target(given, errors)
    recordings = _recordings(params, given, errors)
    if errors:
        raise Invalid(errors)
    connected = scalars.truth(given.get("is_connected"))
    return CallReport(
        frozenset(told), target, mode=mode, seconds=seconds, connected=connected, recordings=recordings, **texts
    )


def call_to_wire(call: Call, directory: Directory) -> dict[str, JsonValue]:
    """The dial log as its create and update answer with it."""
    minute = directory.calendar.minute
    return {
        "id": call.id,
        "call_id": call.external_id,
        "caller_id": call.target.id,
        "caller_type": CLASS_NAMES[call.target.type],
        "user_id": call.caller_id,
        "organization_id": directory.organisation.id,
        "number": call.number,
        "name": call.name,
        "name_type": call.name_type,
        "number_type": call.number_type,
        "dial_type": call.dial_type,
        "talk_time": call.seconds,
        "is_connected": call.connected,
        "created_at": minute(call.created_at),
        "updated_at": minute(call.updated_at),
    }


def _target(given: Params, errors: dict[str, list[str]]) -> Ref | None:
    named, id_ = text(given, "caller_type").strip(), given.get("caller_id")
    if not named and id_ in (None, ""):
        return None
    type_: RecordType | None = type_of_class(named)
    number = scalars.id_or_zero(id_)
    if type_ is None:
        errors["caller_type"] = ["应为Lead、Customer或Contact"]
    if number is None:
        errors["caller_id"] = ["不是有效的编号"]
    return None if type_ is None or number is None else Ref(type_, number)


def _whole(given: Params, key: str, most: int, errors: dict[str, list[str]]) -> int:
    value = given.get(key)
    if value in (None, ""):
        return 0
    number = scalars.integer(value)
    if number is None or not 0 <= number <= most:
        errors[key] = [f"应为0到{most}之间的整数"]
        return 0
    return number


def _recordings(params: Params, given: Params, errors: dict[str, list[str]]) -> tuple[Recording, ...]:
    """Uploaded recordings cannot be named yet, so an id is refused rather than forgotten; 0 is the dialler's none."""
    named = as_list(params.get("audio_ids", given.get("audio_ids")))
    uploaded = [scalars.id_or_none(id_) for id_ in named if not scalars.no_id(id_)]
    if uploaded:
        errors["audio_ids"] = [f"没有这个录音：{id_}" if id_ else "不是有效的编号" for id_ in uploaded[:20]]
    found = []
    for audio in as_list(params.get("audios", given.get("audios"))):
        if not isinstance(audio, dict) or not text(audio, "file_url").startswith(("http://", "https://")):
            errors["audios"] = ["每个录音须有file_url（http或https）"]
            continue
        url = text(audio, "file_url")
        seconds = scalars.integer(audio.get("duration", audio.get("duration_seconds", 0)))
        if seconds is None or not 0 <= seconds <= MAX_SECONDS:
            errors["audios"] = [f"duration应为0到{MAX_SECONDS}之间的整数（秒）"]
            continue
        found.append(Recording(0, url, text(audio, "mp3_file_url") or url, seconds))
    return tuple(found)
