"""The commands for daily use speak to a server over the network, as whom a profile has signed in."""

import csv
import json
import stat
import sys
from collections.abc import Iterator
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any, get_args

import pytest
from typer.testing import CliRunner, Result

from genjin.api.routes import V1
from genjin.cli import app, main
from genjin.cli.daily import ReportName
from genjin.logs import configure_logs
from genjin.wire.v1.feed import FeedItem
from tests.web.browsing import served
from tests.world import PASSWORD, World, new_customer, new_lead

LOGIN = ("--login", "alice", "--password", PASSWORD)


@pytest.fixture
def address(world: World) -> Iterator[str]:
    """Where the world's server is."""
    configure_logs("error", "text")  # this process is the server's too, and its log goes to what a command prints
    with served(world) as url:
        yield url


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where settings of the user lie."""
    monkeypatch.setattr("genjin.cli.profiles.typer.get_app_dir", lambda _: str(tmp_path / "genjin"))
    return tmp_path / "genjin"


def run(*arguments: str, **more: Any) -> Result:
    return CliRunner().invoke(app, list(arguments), **more)


def test_a_follow_up_is_written_read_found_and_counted(world: World, address: str, home: Path) -> None:
    id_ = new_lead(world.client("alice"))
    assert run("profile", "add", address, *LOGIN).exit_code == 0
    assert stat.S_IMODE((home / "profiles.json").stat().st_mode) == 0o600
    assert run("profile", "list").stdout.splitlines()[1] == f"default\t{address}\talice"
    assert run("log", f"leads/{id_}", "在忙,留了电话 😀").exit_code == 0
    assert run("log", "zls", input="第二天\n回电话\n").exit_code == 0
    told = [
        FeedItem.model_validate_json(line) for line in run("timeline", "郑老师", "--kind", "talk").stdout.splitlines()
    ]
    assert [each.text for each in told] == ["第二天\n回电话", "在忙,留了电话 😀"]
    assert len(run("timeline", "郑老师", "--limit", "1").stdout.splitlines()) == 1
    [found] = map(json.loads, run("search", "留了电话").stdout.splitlines())
    assert found["activity"]["id"] == told[1].id
    report = json.loads(run("report", "follow-ups", "--by", "day", "--period", "today").stdout)
    assert report["total"]["written"]["value"] == 2
    saved = home.parent / "talks.csv"
    told_of = run("export", "activities", "kind=talk", "order=oldest", "-o", str(saved))
    assert (told_of.exit_code, "2 entries" in told_of.stderr) == (0, True), told_of.output
    lines = list(csv.DictReader(StringIO(saved.read_text("utf-8-sig"), newline="")))
    assert [line["text"] for line in lines] == ["在忙,留了电话 😀", "第二天\n回电话"]
    short = run("export", "activities", "--limit", "1")
    assert (len(list(csv.reader(StringIO(short.stdout, newline="")))), "more than 1" in short.stderr) == (2, True)
    assert run("profile", "remove", "default").exit_code == 0
    assert "genjin profile add" in run("timeline", f"leads/{id_}").stderr


def test_what_goes_wrong_is_said_in_a_line(world: World, address: str, home: Path) -> None:
    alice = world.client("alice")
    new_lead(alice, "郑老师")
    new_customer(alice, "郑老师傅")
    assert run("profile", "add", address, "--login", "alice", "--password", "wrong").exit_code == 1
    assert not home.exists()
    environment = {"GENJIN_URL": address, "GENJIN_TOKEN": world.site.tokens["alice"]}
    for arguments, said in (
        (("timeline", "nobody"), "no record"),
        (("timeline", "郑老"), "several"),
        (("timeline", "leads/999999"), "not_found"),
        (("log", "郑老师傅"), "no text"),
        (("log", "郑老师傅", "一", "--remind-at", "soon"), "remind_at"),
        (("search", "?"), "invalid"),
        (("export", "activities", "kind", "-o", f"{home}.csv"), "NAME=VALUE"),
        (("export", "activities", "-o", f"{home}.pdf"), "--format"),
        (("export", "activities", "-o", f"{home}/missing.csv"), "No such file"),
        (("export", "activities", "subject=leads/999999", "-o", f"{home}.xlsx"), "not_found"),
    ):
        result = run(*arguments, env=environment)
        assert (result.exit_code, said in result.stderr) == (1, True), (arguments, result.stderr)
        assert len(result.stderr.splitlines()) <= 3
    assert list(home.parent.glob("genjin.*")) == []
    nothing = run("report", "nothing", env=environment)
    assert (nothing.exit_code, "'first-response'" in nothing.stderr) == (2, True)
    assert "UTF-8" in run("log", "郑老师傅", input=b"\xff\xfe", env=environment).stderr
    assert "belong together" in run("search", "郑老师", env={"GENJIN_URL": address}).stderr
    assert "http://" in run("profile", "add", "127.0.0.1:8000", *LOGIN).stderr
    assert "http://" in run("sync", "ftp://127.0.0.1", "--plan", env={"GENJIN_SYNC_TOKEN": "x"}).stderr
    (home / "profiles.json").parent.mkdir()
    (home / "profiles.json").write_text("{")
    assert "cannot be read" in run("timeline", "郑老师").stderr
    assert "refused" in run("search", "郑老师", env=environment | {"GENJIN_URL": "http://127.0.0.1:9"}).stderr.lower()


def test_every_report_may_be_asked_for() -> None:
    served_at = {row.path.removeprefix("/api/v1/reports/") for row in V1 if row.report}
    assert served_at == set(get_args(ReportName))


def test_what_programs_read_is_utf_8_whatever_the_system_writes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    (home / "profiles.json").write_text('{"长江😀": {"url": "http://127.0.0.1:9"}}')
    monkeypatch.setattr("sys.argv", ["genjin", "profile", "list"])
    monkeypatch.setattr("sys.stdout", TextIOWrapper(written := BytesIO(), "ascii"))
    with pytest.raises(SystemExit):
        main()
    sys.stdout.flush()
    assert "长江😀" in written.getvalue().decode()
