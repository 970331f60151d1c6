"""Programs in the languages of the upstream's clients, each with its language's habits, use a real server.

All do the same: sign in, create a lead, write a follow-up with a mention, upload a recording with a ticket, report a
call that begins and ends, edit the lead, find it, read its timeline, delete it, ask for it again. Each prints the
server's answers, one a line.
"""

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests import samples
from tests.cli.running import LOGIN, PASSWORD, SLOWEST, serving

PROGRAMS = Path(__file__).with_name("programs")


def _mono(source: Path, folder: Path) -> Sequence[str]:
    program = folder / "client.exe"
    subprocess.run(["mcs", "-r:System.Net.Http", f"-out:{program}", str(source)], check=True, timeout=2 * SLOWEST)
    return ["mono", str(program)]


LANGUAGES: dict[str, tuple[Sequence[str], Callable[[Path, Path], Sequence[str]]]] = {
    "client.php": (["php"], lambda source, _: ["php", str(source)]),
    "client.py": (["python3"], lambda source, _: [shutil.which("python") or "python3", str(source)]),
    "client.mjs": (["node"], lambda source, _: ["node", str(source)]),
    "Client.java": (["javac"], lambda source, _: ["java", "-Xshare:auto", str(source)]),
    "Client.cs": (["mcs", "mono"], _mono),
}
"""By program: what it needs, and what runs it. `.ci/run` installs what is missing."""
ANSWERS = (
    *("login", "me", "created", "written", "ticket", "uploaded", "dialled", "over"),
    *("edited", "found", "timeline", "deleted", "gone"),
)


def test_every_program_is_run() -> None:
    assert {path.name for path in PROGRAMS.iterdir() if path.is_file()} == LANGUAGES.keys()


@pytest.mark.parametrize("program", LANGUAGES)
def test_a_program_does_its_days_work(program: str, founded_url: str, tmp_path: Path) -> None:
    needed, command = LANGUAGES[program]
    if missing := [tool for tool in needed if shutil.which(tool) is None]:
        pytest.skip(f"not on this machine: {', '.join(missing)}")
    recording = tmp_path / "recording.wav"
    recording.write_bytes(samples.recording())
    run = command(PROGRAMS / program, tmp_path)
    with serving(tmp_path, "serve", GENJIN_DATABASE_URL=founded_url) as server:
        arguments = [server.url, LOGIN, PASSWORD, str(recording)]
        done = subprocess.run([*run, *arguments], capture_output=True, timeout=3 * SLOWEST, check=False)
    assert done.returncode == 0, done.stderr.decode()
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == len(ANSWERS)
    _check(dict(zip(ANSWERS, told, strict=True)))


def _check(told: dict[str, Any]) -> None:
    gone = told.pop("gone")
    assert (gone["code"], gone["data"]) == (100100, None)
    assert {name for name, answer in told.items() if answer["code"] != 0} == set()
    me, lead = told["me"]["data"], told["created"]["data"]
    assert (lead["name"], lead["company_name"], lead["note"]) == ("张三 & 李四＋５👍", "示例科技有限公司", "")
    assert (lead["address"]["tel"], lead["address"]["detail_address"]) == ("13400000031", "南京路1号 2=3")
    assert told["edited"]["data"]["company_name"] == "示例集团"
    assert [each["id"] for each in told["found"]["data"]["leads"]] == [lead["id"]]
    timeline = told["timeline"]["data"]
    rows = [row for day in timeline["sales_activities"] for row in day["activities"]]
    assert timeline["total_count"] == len(rows) == 4
    assert {row["refer_name"] for row in rows} == {"张三 & 李四＋５👍"}
    (written,) = [row for row in rows if row["saleable_type"] == "RevisitLog"]
    assert written["description"] == "报价100%\n明天再谈"
    assert [user["id"] for user in told["written"]["data"]["at_users"]] == [me["id"]]
    assert told["written"]["data"]["raw_remind_at"] == "2030-02-28 09:30"
    (called,) = [row for row in rows if row["activity_type"] == "call_record"]
    (audio,) = called["audios"]
    assert audio["id"] == told["uploaded"]["id"]
    assert (told["uploaded"]["name"], audio["duration"], told["over"]["data"]["dial_log"]["talk_time"]) == (
        "录音 1.wav",
        "3",
        61,
    )
    assert told["deleted"]["data"]["id"] == lead["id"]
