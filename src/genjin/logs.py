"""The logs: one line an event on stderr, as JSON or text; no token, password or telephone number is in one.

Our own events and those of every library go through the same processors. The one line that every request writes
is told by `answered`, which as JSON spares it structlog's way there.
"""

import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from genjin import tracing

SECRET = frozenset(
    {
        "access_token",
        "authorization",
        "cookie",
        "crm_app_token",
        "mobile",
        "number",
        "password",
        "phone",
        "tel",
        "token",
        "user_token",
    }
)
"""Keys whose values are never shown."""

_ELEVEN_DIGITS = re.compile(r"1[3-9]\d[- ]?\d{4}[- ]?\d{4}")
_TOKEN = re.compile(r"\b[0-9a-f]{48}\b", re.IGNORECASE)
_REDACTIONS = (
    (re.compile(r"(?<!\d)((?:(?:00)?86)?[- ]?1[3-9]\d)[- ]?\d{4}[- ]?(\d{4})(?!\d)"), r"\1****\2"),
    (re.compile(r"\b(token|bearer)\s+[\w.~+/-]{16,}=*", re.IGNORECASE), r"\1 ***"),
    (
        re.compile(r"""((?:token|password|passwd|authorization)["']?\s*[=:]\s*["']?)[^\s"'&,;]+""", re.IGNORECASE),
        r"\1***",
    ),
    (_TOKEN, "***"),
    (re.compile(r"(://[^:/@\s]*):[^@\s]+@"), r"\1:***@"),
)
_SHORTEST = 7
"""No shorter text can hold a secret."""
_LARGEST = 9_999_999_999
"""No number up to this one is a telephone number; ids are below it."""

_processors: list[Processor] = []
"""Always this same list, so that loggers which are in use already follow a change of the settings."""
_OURS = logging.getLogger("genjin")
_ANSWERS = "genjin.http"
_http = structlog.get_logger(_ANSWERS)


def configure_logs(level: Literal["debug", "info", "warning", "error"], form: Literal["json", "text"]) -> None:
    """Send every log of this process to stderr. Libraries other than the server are heard from `warning` up."""
    number = logging.getLevelNamesMapping()[level.upper()]
    _processors[:] = [structlog.processors.format_exc_info, redact, _describe, _renderer(form)]
    structlog.configure(
        processors=_processors,
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=_Line,
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _Stderr)]:
        root.removeHandler(handler)
    handler = _Stderr()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[*_processors[:-1], _as_text(_processors[-1])]))
    root.addHandler(handler)
    root.setLevel(max(number, logging.WARNING))
    for name in ("genjin", "uvicorn", "uvicorn.error"):
        logging.getLogger(name).setLevel(number)


def answered(
    request_id: str,
    method: str,
    path: str,
    status: int,
    organisation_id: int | None,
    user_id: int | None,
    ms: float,
) -> None:
    """Tell, at the level info, that a request was answered. `ms` is how many milliseconds it took."""
    if _OURS.level > logging.INFO:
        return
    if _is_suspicious(f"{request_id} {method} {path}"):
        request_id, method, path = redact_text(request_id), redact_text(method), redact_text(path)
    told: dict[str, object] = {
        "request_id": request_id,
        "method": method,
        "path": path,
        "status": status,
        "organisation_id": organisation_id,
        "user_id": user_id,
        "ms": ms,
    }
    if not _processors or _processors[-1] is not _render_json:  # text, or somebody listens in
        _http.info("answered", **told)
    else:
        head = {"timestamp": _now(), "level": "info", "logger": _ANSWERS, "event": "answered"}
        _write(_render_json(None, "info", {**head, **told, **tracing.ids()}))


def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Take secrets out of an event, by the names of its keys and by what its texts look like."""
    for key, value in event.items():
        if key in SECRET:
            event[key] = "***"
            continue
        kind = type(value)
        if kind is str:
            event[key] = _harmless(value)
        elif kind is int:
            if value > _LARGEST:
                event[key] = redact_text(str(value))
        elif value is not None and kind is not float and kind is not bool and key != "_record":
            event[key] = _redact_value(value)
    return event


def redact_text(text: str) -> str:
    """`13412342331` -> `134****2331`, `token=4f0c...` -> `token=***`, and so on."""
    for pattern, replacement in _REDACTIONS:
        text = pattern.sub(replacement, text)
    return text


def _harmless(text: str) -> str:
    """The text without secrets; nearly every text has none."""
    return redact_text(text) if len(text) >= _SHORTEST and _is_suspicious(text) else text


def _is_suspicious(text: str) -> bool:
    """Whether `redact_text` may find something; quick."""
    lower = text.lower()
    return (
        _ELEVEN_DIGITS.search(text) is not None
        or "token" in lower
        or "passw" in lower
        or "bearer" in lower
        or "authorization" in lower
        or "://" in lower
        or (len(text) >= 48 and _TOKEN.search(text) is not None)
    )


def _redact_value(value: object) -> object:
    match value:
        case None | bool() | float():
            return value
        case int():
            return value if value <= _LARGEST else redact_text(str(value))
        case Mapping():
            return {str(k): "***" if str(k).lower() in SECRET else _redact_value(v) for k, v in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_redact_value(each) for each in value]
        case _:
            return redact_text(str(value))


_stamp = structlog.processors.TimeStamper(fmt=None)


def _describe(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """When, how grave and whose, before everything else."""
    record: logging.LogRecord | None = event.pop("_record", None)
    event.pop("_from_structlog", None)
    described: EventDict = {"timestamp": _now(), "level": method}
    described["logger"] = record.name if record else logger.name
    described["event"] = event.pop("event", "")
    described.update(event)
    described.update(tracing.ids())  # after what is taken out, which their digits may look like
    return described


def _now() -> datetime:
    stamped: float = _stamp(None, "", {})["timestamp"]
    return datetime.fromtimestamp(stamped, UTC)


def _renderer(form: Literal["json", "text"]) -> Processor:
    if form == "json":
        return _render_json
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        pad_event_to=0,
        exception_formatter=structlog.dev.plain_traceback,
        repr_native_str=True,  # a control character in a path shall not reach the terminal
    )


def _render_json(_: WrappedLogger, __: str, event: EventDict) -> bytes:
    try:
        return orjson.dumps(event, option=orjson.OPT_UTC_Z)
    except TypeError:  # half of a surrogate pair, which only json can write
        event["timestamp"] = event["timestamp"].isoformat().replace("+00:00", "Z")
        return json.dumps(event).encode()


def _as_text(render: Processor) -> Processor:
    """The renderer, for a formatter of the standard library."""

    def rendered(logger: WrappedLogger, method: str, event: EventDict) -> str:
        line = render(logger, method, event)
        return line.decode() if isinstance(line, bytes) else str(line)

    return rendered


class _Line:
    """What structlog hands its lines to. `name` is the logger's."""

    __slots__ = ("name",)

    def __init__(self, name: str = "") -> None:
        self.name = name

    def msg(self, line: bytes | str) -> None:
        """Write one line."""
        _write(line)

    debug = info = warning = warn = error = critical = fatal = failure = err = log = exception = msg


class _Stderr(logging.Handler):
    """Where the standard library's loggers end."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            _write(self.format(record))
        except Exception:
            self.handleError(record)


def _write(line: bytes | str) -> None:
    """One write a line, so that the lines of several workers do not mix."""
    data = line if isinstance(line, bytes) else line.encode(errors="backslashreplace")
    try:
        stream = sys.stderr.buffer
        stream.write(data + b"\n")
        stream.flush()
    except (AttributeError, OSError, ValueError):
        pass  # nobody listens, which is no reason to stop serving
