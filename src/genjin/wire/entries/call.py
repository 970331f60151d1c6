"""Calls on the wire: the dial log that a telephone sends, all values as texts, and what it is answered."""

from genjin.domain.calendar import Calendar
from genjin.domain.call import Call, Caller, CallFilter, CallReport, Recording
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.sight import WHOLE, Sight
from genjin.errors import Invalid
from genjin.wire import scalars
from genjin.wire.modules import CLASS_NAMES
from genjin.wire.params import Params, as_list, subtree, text
from genjin.wire.periods import span_of
from genjin.wire.targets import Errors, asked_id, asked_type, target_in

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

    Recordings that Genjin does not keep itself are told as `audios[]` with `file_url` and `duration` (ours); of
    `audio_ids[]`, 0 is the dialler's "none".
    """
    given = subtree(params, "dial_log")
    errors: Errors = {}
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
    told_whom = text(given, "caller_type").strip() or given.get("caller_id") not in (None, "")
    target = target_in(given, "caller_type", "caller_id", errors) if told_whom else None
    recordings = _recordings(params, given, errors)
    audio_ids = scalars.ids(params.get("audio_ids", given.get("audio_ids")))
    if audio_ids is None:
        errors["audio_ids"] = ["不是有效的编号"]
    if errors:
        raise Invalid(errors)
    connected = scalars.truth(given.get("is_connected"))
    return CallReport(
        frozenset(told),
        target,
        **texts,
        mode=mode,
        seconds=seconds,
        connected=connected,
        recordings=recordings,
        audio_ids=audio_ids or (),
    )


def call_to_wire(call: Call, directory: Directory, sight: Sight = WHOLE) -> dict[str, JsonValue]:
    """The dial log as every answer has it; `sight` is what of its number is shown."""
    minute = directory.calendar.minute
    return {
        "id": call.id,
        "call_id": call.external_id,
        "caller_id": call.target.id,
        "caller_type": CLASS_NAMES[call.target.type],
        "user_id": call.caller_id,
        "organization_id": directory.organisation.id,
        "number": sight.number(call.number),
        "name": sight.text(call.name),
        "name_type": call.name_type,
        "number_type": call.number_type,
        "dial_type": call.dial_type,
        "talk_time": call.seconds,
        "is_connected": call.connected,
        "created_at": minute(call.created_at),
        "updated_at": minute(call.updated_at),
    }


def caller_to_wire(caller: Caller | None) -> dict[str, JsonValue]:
    """Who calls, for the card of an incoming call; empty for a stranger."""
    return {
        "name": caller.name if caller else "",
        "company_name": caller.company_name if caller else "",
        "entity_id": caller.ref.id if caller else 0,
        "entity_name": CLASS_NAMES[caller.ref.type] if caller else "",
    }


def call_filter(params: Params, calendar: Calendar, now: int) -> CallFilter:
    """What the list is asked for. Raises Invalid for a filter that cannot be read: it would show too much."""
    errors: Errors = {}
    connected = params.get("is_connected")
    if isinstance(connected, dict | list):
        errors["is_connected"] = ["应为true或false"]
    wanted = CallFilter(
        span=span_of(params, calendar, now, errors, "all"),
        caller_id=asked_id(params, "user_id", errors),
        department_id=asked_id(params, "department_id", errors),
        target_type=asked_type(params, "caller_type", errors),
        target_id=asked_id(params, "caller_id", errors),
        dial_type=text(params, "dial_type").strip() or None,
        connected=None if connected in (None, "") else scalars.truth(connected),
    )
    if errors:
        raise Invalid(errors)
    return wanted


def hang_up_report(params: Params) -> CallReport:
    """A notice that a call is over, which names it by `call_id`; its fields may stand outside of `dial_log` too.

    Raises Invalid.
    """
    report = call_report({"dial_log": {**params, **subtree(params, "dial_log")}})
    if not report.external_id:
        raise Invalid({"call_id": ["不能为空"]})
    return report


def _whole(given: Params, key: str, most: int, errors: Errors) -> int:
    value = given.get(key)
    if value in (None, ""):
        return 0
    number = scalars.integer(value)
    if number is None or not 0 <= number <= most:
        errors[key] = [f"应为0到{most}之间的整数"]
        return 0
    return number


def _recordings(params: Params, given: Params, errors: Errors) -> tuple[Recording, ...]:
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
        found.append(Recording(0, url, text(audio, "mp3_file_url") or None, seconds))
    return tuple(found)
