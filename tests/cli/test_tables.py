"""`genjin import table`: looked at, checked, imported, cut off and gone on with."""

import os
import re
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import orjson

from tests.cli.running import GENJIN, LOGIN, Genjin, environment

CUSTOMERS = "客户名称,联系电话,没人知道\n长江贸易,13400000001,x\n黄河物流,13400000002,y\n,,\n,13400000003,\n"
LOOKED_AT = ["--as", "customers", "--by", LOGIN]


def test_a_table_is_looked_at_checked_imported_and_told_of(genjin: Genjin, tmp_path: Path) -> None:
    file, mapping, rejected = tmp_path / "c.csv", tmp_path / "m.json", tmp_path / "r.csv"
    file.write_text(CUSTOMERS)
    seen = genjin("import", "table", str(file), *LOOKED_AT, "--preview", "--save-mapping", str(mapping))
    assert seen.exit_code == 0, seen.output
    assert "客户名称\tname\t客户名称" in seen.stdout
    assert "没人知道\t-\t" in seen.stdout
    assert "2\t长江贸易\t13400000001\t" in seen.stdout
    told = orjson.loads(mapping.read_bytes())
    assert told == {"as": "customers", "columns": {"客户名称": "name", "联系电话": "address.tel"}}
    checked = genjin("import", "table", str(file), *LOOKED_AT, "--dry-run")
    assert "2\t0\t0\t1" in checked.stdout
    assert "row 5: 客户名称：不能为空" in checked.stderr
    again = ["--mapping", str(mapping), "--map", "没人知道=note", "--rejected", str(rejected), "--language", "en"]
    done = genjin("import", "table", str(file), *LOOKED_AT, *again)
    assert done.exit_code == 1
    assert "2\t0\t0\t1" in done.stdout
    assert rejected.read_text("utf-8-sig").splitlines() == [
        "客户名称,联系电话,没人知道,Reason",
        ",13400000003,,客户名称: must not be empty",
    ]
    once_more = genjin("import", "table", str(file), *LOOKED_AT, *again)
    assert "was imported already" in once_more.stderr
    for wrong in (
        ["--map", "没有=note"],
        ["--map", "x"],
        ["--by", "nobody"],
        ["--language", "de"],
        ["--source", "x" * 65],
    ):
        assert genjin("import", "table", str(file), *LOOKED_AT, *wrong).exit_code == 1


def test_an_import_that_is_killed_goes_on_where_it_was(genjin: Genjin, founded_url: str, tmp_path: Path) -> None:
    customers, entries = tmp_path / "c.csv", tmp_path / "f.csv"
    customers.write_text("客户名称\n" + "".join(f"客户{nth}\n" for nth in range(50)))
    assert genjin("import", "table", str(customers), *LOOKED_AT).exit_code == 0
    rows = [f"客户{nth % 50},2024-05-{1 + nth % 28:02} 10:{nth % 60:02},第{nth}次\n" for nth in range(6_000)]
    entries.write_text("客户名称,跟进时间,跟进内容\n" + "".join(rows))
    command = ["import", "table", str(entries), "--as", "followups", "--by", LOGIN, "--batch", "200"]
    running = subprocess.Popen(
        [*GENJIN, *command],
        env=environment({"GENJIN_DATABASE_URL": founded_url}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    path = founded_url.removeprefix("sqlite:///")
    until = time.monotonic() + 60
    while (done := _count(path, "follow_ups")) < 400 and time.monotonic() < until and running.poll() is None:
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait(20)
    cut_off = _count(path, "follow_ups")
    assert 400 <= done <= cut_off < 6_000
    told = genjin(*command)
    assert told.exit_code == 0, told.output
    assert f"Going on behind row {cut_off + 1}." in told.stderr
    assert "6000\t0\t0\t0" in told.stdout
    with closing(sqlite3.connect(path)) as connection:
        [(texts, timeline)] = connection.execute(
            "SELECT (SELECT COUNT(DISTINCT text) FROM activities WHERE text IS NOT NULL),"
            " (SELECT SUM(total) FROM timelines)"
        )
    assert (texts, timeline) == (6_000, 6_050)


def test_the_example_of_the_page_does_what_it_shows(genjin: Genjin, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/how-to/import-tables.md").read_text()
    customers, entries = re.findall(r"```csv\n(.*?)```", page, re.DOTALL)
    (tmp_path / "customers.csv").write_text(customers)
    (tmp_path / "followups.csv").write_text(entries)
    shown = [line.split() for line in page.splitlines()]
    folder = str(tmp_path)
    seen = genjin("import", "table", f"{folder}/customers.csv", "--as", "customers", "--by", LOGIN, "--preview")
    assert all(line.split("\t") in shown for line in seen.stdout.splitlines()[:7]), seen.stdout
    rejected = ["--rejected", f"{folder}/rejected.csv"]
    done = genjin("import", "table", f"{folder}/customers.csv", "--as", "customers", "--by", LOGIN, *rejected)
    assert all(line.split("\t") in shown for line in done.stdout.splitlines()), done.stdout
    assert "张三" in (tmp_path / "rejected.csv").read_text()
    told = genjin("import", "table", f"{folder}/followups.csv", "--as", "followups", "--by", LOGIN)
    assert (told.exit_code, told.stdout.splitlines()[1]) == (0, "2\t0\t0\t0"), told.output


def _count(path: str, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        [(count,)] = connection.execute(f"SELECT COUNT(*) FROM {table}")
    return int(count)
