"""What the command tells of a run."""

import pytest

from genjin.cli.output import note
from genjin.cli.sync import _line, unlike_told
from genjin.sync.run import Progress
from genjin.sync.verifying import Unlike


def test_a_field_that_differs_everywhere_is_told_once() -> None:
    some = [
        Unlike(f"leads/{lead}", f"[{place}].audios[0].duration", "481", "1") for lead in (1, 2) for place in range(3)
    ]
    some += [Unlike("customers/3", "", [{}] * 7, []), Unlike("leads/4", "", "100404: gone", None)]
    such = "leads/1[0].audios[0].duration: '481' there, '1' here"
    assert unlike_told(some) == [
        f"audios[].duration differs 6 times, in 2 timelines, such as {such}",
        "entries differs 2 times, in 2 timelines, such as customers/3: 7 of them there, 0 of them here",
    ]


def test_a_line_tells_of_files_and_of_what_the_time_is_left_for() -> None:
    told = Progress("timelines", 10, 100, 27, 0.03, 765, 5400.0, 600.0)
    assert _line(told) == "timelines 10/100: 27 calls, 0.03/s, 765 files, 1:30:00 left for timelines"
    assert _line(told._replace(total=0, files=0, remaining=None)) == "timelines: 27 calls, 0.03/s"


def test_what_another_server_says_commands_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    note("leads/1: 100403: \x1b]0;title\x07\x9b2J\u202eno\tin 中文")
    assert capsys.readouterr().err == "leads/1: 100403: \ufffd]0;title\ufffd\ufffd2J\ufffdno\tin 中文\n"
