"""The command demo, as a newcomer uses it."""

import re
import shlex
import signal
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from genjin.cli import app
from genjin.store.database import open_database
from tests.cli.running import NO_TLS, SLOWEST, serving
from tests.cli.test_data import make_newer


def test_the_demo_is_made_once_served_and_its_line_can_be_pasted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _demo(tmp_path, monkeypatch)
    assert made.exit_code == 0, made.output
    assert "Made a demo database: .demo/genjin.db" in made.stdout
    assert sorted(path.name for path in (tmp_path / ".demo").iterdir()) == ["genjin-files", "genjin.db"]
    with serving(tmp_path, "demo") as server:
        shown = server.out
        assert "Using the demo database as it was left" in shown
        assert f"{server.url}/docs" in shown
        assert httpx.get(f"{server.url}/docs", verify=NO_TLS).status_code == 200
        timeline, login = (_pasted(line) for line in re.findall("^curl .*", shown, re.MULTILINE))
        assert timeline["data"]["total_count"] == 6
        assert login["data"]["user_token"]
        listed = httpx.get(f"{server.url}/api/v2/leads?user_token={login['data']['user_token']}").json()
        assert listed["data"]["total_count"] == 69
        recording = httpx.get(f"{server.url}/static/demo-call.wav?attname=20240404014424.wav")
        assert (recording.status_code, recording.content[:4]) == (200, b"RIFF")
        if sys.platform != "win32":
            server.process.send_signal(signal.SIGINT)
            assert server.process.wait(SLOWEST) == 0
    assert server.err == ""


def test_a_kept_demo_gets_a_new_token_and_a_fresh_one_new_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _demo(tmp_path, monkeypatch)
    file = tmp_path / ".demo" / "genjin.db"
    before = file.stat().st_ino
    again = _demo(tmp_path, monkeypatch)
    assert "as it was left" in again.stdout
    assert file.stat().st_ino == before
    assert _token(first) != _token(again)
    with closing(open_database(f"sqlite:///{file}")) as database:
        database.write(make_newer)
    refused = _demo(tmp_path, monkeypatch)
    assert refused.exit_code == 1
    assert "newer Genjin" in refused.stderr
    assert "--fresh" in refused.stderr
    assert "Made a demo database" in _demo(tmp_path, monkeypatch, "--fresh").stdout


def _demo(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    """Run `genjin demo` in this folder without serving. What it sets in the environment is taken back."""
    monkeypatch.chdir(folder)
    with monkeypatch.context() as environment:
        for name in ("GENJIN_DATABASE_URL", "GENJIN_FILES_URL", "GENJIN_LOG_LEVEL", "GENJIN_LOG_FORMAT"):
            environment.setenv(name, "")
            environment.delenv(name)
        return CliRunner().invoke(app, ["demo", "--no-serve", *arguments])


def _token(result: Result) -> str:
    found = re.search("token=([0-9a-f]{48})", result.stdout)
    assert found is not None, result.output
    return found[1]


def _pasted(line: str) -> "dict[str, dict[str, object]]":
    """What curl would get for this line, options -H and -d as it reads them."""
    words = shlex.split(line)
    assert words.pop(0) == "curl"
    headers, data, url = [], [], ""
    while words:
        word = words.pop(0)
        if word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers.append((name, value))
        elif word == "-d":
            data.append(words.pop(0))
        else:
            url = word
    if data:
        headers.append(("Content-Type", "application/x-www-form-urlencoded"))
    answer = httpx.request("POST" if data else "GET", url, headers=headers, content="&".join(data), verify=NO_TLS)
    assert answer.json()["code"] == 0, answer.text
    body: dict[str, dict[str, object]] = answer.json()
    return body
