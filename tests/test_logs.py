"""The logs: their form, and that no secret is in them. What a server writes is in tests/cli/test_serve.py."""

import json
import subprocess
import sys

import pytest

from genjin.logs import SECRET, redact, redact_text

TOKEN = "00ac6dec" + "4f" * 20
SCRIPT = """
import logging, sys
import structlog
log = structlog.get_logger("genjin.test")
from genjin.logs import configure_logs
configure_logs("info", sys.argv[1])
log.info("answered", status=200, path="/x\\x1b[31m\\udc80", token="hush", nothing=None)
log.debug("not asked for")
logging.getLogger("uvicorn.error").info("Started %d", 7)
logging.getLogger("somebody.else").info("chatter")
logging.getLogger("somebody.else").warning("dial 13412342331")
try:
    raise ValueError("no such phone 13412342331")
except ValueError:
    log.exception("crashed")
    logging.getLogger("uvicorn.error").exception("also %s", "13412342331")
configure_logs("warning", sys.argv[1])
logging.getLogger("uvicorn.error").info("no more")
logging.getLogger("uvicorn.error").warning("once")
"""

ANSWERED = """
import sys
from genjin.logs import answered, configure_logs
for level in ("info", "warning"):
    configure_logs(level, sys.argv[1])
    answered("134-1234-2331", "GET", "/leads/13412342331/token=hush\\x1b[31m", 200, 11300332, None, 0.25)
    answered("4f", "GET", "/线索\\udc80", 404, None, None, 1.0)
"""
"""Each request is told once, for at `warning` it is not."""


def test_our_lines_and_those_of_libraries_are_json_of_one_form() -> None:
    lines = [json.loads(line) for line in _written("json").splitlines()]
    assert all(list(line)[:4] == ["timestamp", "level", "logger", "event"] for line in lines)
    assert all(line["timestamp"].endswith("Z") for line in lines)
    told = [(line["level"], line["logger"], line["event"]) for line in lines]
    assert told == [
        ("info", "genjin.test", "answered"),
        ("info", "uvicorn.error", "Started 7"),
        ("warning", "somebody.else", "dial 134****2331"),
        ("error", "genjin.test", "crashed"),
        ("error", "uvicorn.error", "also 134****2331"),
        ("warning", "uvicorn.error", "once"),
    ]
    assert lines[0]["token"] == "***"
    assert lines[0]["status"] == 200
    for crash in lines[3:5]:
        assert crash["exception"].startswith("Traceback")
        assert crash["exception"].endswith("ValueError: no such phone 134****2331")


def test_text_is_for_people_and_harmless_to_their_terminal() -> None:
    written = _written("text")
    assert "answered" in written
    assert "ValueError: no such phone 134****2331" in written
    assert "13412342331" not in written
    assert "\x1b" not in written


def test_the_line_of_a_request_is_of_the_same_form_and_has_no_secret() -> None:
    first, second = [json.loads(line) for line in _written("json", ANSWERED).splitlines()]
    assert first.pop("timestamp").endswith("Z")
    assert list(first.items()) == [
        ("level", "info"),
        ("logger", "genjin.http"),
        ("event", "answered"),
        ("request_id", "134****2331"),
        ("method", "GET"),
        ("path", "/leads/134****2331/token=***"),
        ("status", 200),
        ("organisation_id", 11300332),
        ("user_id", None),
        ("ms", 0.25),
    ]
    assert (second["path"], second["timestamp"][-1]) == ("/线索\udc80", "Z")


def test_the_line_of_a_request_as_text_is_told_the_ordinary_way() -> None:
    written = _written("text", ANSWERED)
    assert written.count("answered") == 2
    assert "134****2331" in written
    for secret in ("13412342331", "134-1234-2331", "hush", "\x1b"):
        assert secret not in written


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("call 13412342331 now", "call 134****2331 now"),
        ("+8613412342331", "+86134****2331"),
        ("134-1234-2331", "134****2331"),
        (f"user_token={TOKEN}&page=2", "user_token=***&page=2"),
        (f"Authorization: Token token={TOKEN}", "Authorization: *** token=***"),
        (f"Bearer {TOKEN}", "Bearer ***"),
        (f"no such token {TOKEN}", "no such token ***"),
        ('{"password": "hunter2", "a": 1}', '{"password": "***", "a": 1}'),
        ("postgresql://genjin:hunter2@db/genjin", "postgresql://genjin:***@db/genjin"),
        ("1311120102 at 1712166213", "1311120102 at 1712166213"),
        ("message 113412342331", "message 113412342331"),
        ("/api/v2/leads/1311120102/sales_activities", "/api/v2/leads/1311120102/sales_activities"),
    ],
)
def test_secrets_in_texts_are_masked_and_nothing_else_is(said: str, shown: str) -> None:
    assert redact_text(said) == shown
    assert redact(None, "info", {"event": said})["event"] == shown


def test_secrets_in_values_of_any_kind_are_masked() -> None:
    event = {
        "event": "x",
        "numbers": [13412342331, 5, None, 1.5, True],
        "nested": {"Password": "hunter2", "told": ("13412342331",)},
        "error": ValueError("13412342331"),
        "number": 7,
        "count": 13412342331,
        "ms": 0.25,
        "organisation_id": 11300332,
    }
    assert redact(None, "info", event) == {
        "event": "x",
        "numbers": ["134****2331", 5, None, 1.5, True],
        "nested": {"Password": "***", "told": ["134****2331"]},
        "error": "134****2331",
        "number": "***",
        "count": "134****2331",
        "ms": 0.25,
        "organisation_id": 11300332,
    }


@pytest.mark.parametrize("key", sorted(SECRET))
def test_a_secret_key_shows_nothing_of_its_value(key: str) -> None:
    assert redact(None, "info", {"event": "x", key: "ab"})[key] == "***"


def _written(form: str, script: str = SCRIPT) -> str:
    """What a process writes to stderr."""
    done = subprocess.run([sys.executable, "-c", script, form], capture_output=True, check=True, timeout=60)
    assert done.stdout == b""
    return done.stderr.decode()
