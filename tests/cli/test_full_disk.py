"""A server on a disk that runs full: it goes on reading, says why it does not write, and writes when there is room."""

import gc
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from genjin.errors import DiskFull
from genjin.exporters.sheets import Column, Format, written
from tests import samples
from tests.cli.running import LOGIN, NO_TLS, PASSWORD, Genjin, serving
from tests.databases import new_sqlite

SIZE = 8_000_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of SIZE bytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(disk)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("nobody but root may mount a small disk")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_full_disk_makes_the_server_read_only_until_there_is_room(
    small_disk: Path, tmp_path: Path, founded_template: Path, genjin: Genjin
) -> None:
    url = new_sqlite(small_disk / "genjin.db", founded_template)
    with (
        serving(tmp_path, "serve", GENJIN_DATABASE_URL=url) as server,
        httpx.Client(base_url=server.url, verify=NO_TLS) as client,
    ):
        sign_in = client.post("/api/v2/auth/login", json={"login": LOGIN, "password": PASSWORD}).json()
        client.headers["Authorization"] = f"Bearer {sign_in['data']['user_token']}"
        kept = client.post("/api/v2/leads", json={"lead": {"name": "郑老师"}}).json()["data"]["id"]
        ballast = _fill(small_disk)

        written = 1
        while (told := _write(client)).status_code == 200:  # the log has some room inside
            written += 1
            assert written < 500
        assert (told.status_code, told.json()["code"], told.headers["retry-after"]) == (503, 100503, "60")
        assert "磁盘已满" in told.json()["message"]
        entry = {"kind": "follow_up.written", "subject": {"type": "leads", "id": kept}, "text": "字" * 20_000}
        told = client.post("/api/v1/activities", json=entry)
        assert (told.status_code, told.json()["code"]) == (503, "unavailable")
        assert "disk of the database is full" in told.json()["detail"]
        told = client.post("/api/v2/attachments", files={"file": ("照片.png", samples.PDF * 100)})
        assert (told.status_code, told.json()["code"]) == (503, 100503)
        assert not list((small_disk / "genjin-files").rglob("genjin-*"))

        assert client.get("/readyz").json() == {"status": "read_only"}
        assert client.get("/api/v2/leads").json()["data"]["total_count"] == written
        assert client.get(f"/api/v2/leads/{kept}/sales_activities").json()["data"]["total_count"] == 1
        assert client.get("/api/v1/activities").status_code == 200
        doctor = genjin("doctor", GENJIN_DATABASE_URL=url)
        assert "E017\terror" in doctor.stdout

        ballast.unlink()
        assert client.get("/readyz").json() == {"status": "ok"}
        assert _write(client).status_code == 200
        assert client.post("/api/v1/activities", json=entry).status_code == 201
        assert client.get("/api/v2/leads").json()["data"]["total_count"] == written + 1
    assert genjin("doctor", GENJIN_DATABASE_URL=url).exit_code == 0
    assert "Traceback" not in server.err


def test_what_takes_out_or_restores_leaves_nothing_where_there_is_no_room_for_all_of_it(
    small_disk: Path, tmp_path: Path, genjin: Genjin
) -> None:
    assert genjin("backup", str(tmp_path / "backup")).exit_code == 0
    ballast, url = _fill(small_disk), f"sqlite:///{small_disk}/genjin.db"
    with ballast.open("rb+") as file:
        file.truncate(file.seek(0, 2) - 100_000)
    for arguments, settings in (
        (("restore", str(tmp_path / "backup")), {"GENJIN_DATABASE_URL": url}),
        (("backup", str(small_disk / "backup")), {}),
    ):
        done = genjin(*arguments, **settings)
        assert (done.exit_code, "full" in done.stderr) == (1, True), done.output
        assert not list(small_disk.glob("genjin.db*"))
    ballast.unlink()
    assert "no backup" in genjin("restore", str(small_disk / "backup"), GENJIN_DATABASE_URL=url).stderr
    shutil.rmtree(small_disk / "backup")
    assert genjin("restore", str(tmp_path / "backup"), GENJIN_DATABASE_URL=url).exit_code == 0
    assert "admin" in genjin("user", "list", GENJIN_DATABASE_URL=url).stdout


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of the archive that Excel's files are
@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_an_export_that_finds_no_room_is_told_so(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch, form: Format
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    rows = ((os.urandom(16_000).hex(),) for _ in range(1_000))
    with pytest.raises(DiskFull, match="temporary files"):
        written(form, [Column("text", "text")], rows)
    monkeypatch.undo()
    gc.collect()
    assert shutil.disk_usage(small_disk).free > SIZE / 2


def _fill(disk: Path) -> Path:
    """A file that leaves no byte free."""
    path = disk / "ballast"
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    return path


def _write(client: httpx.Client) -> httpx.Response:
    return client.post("/api/v2/leads", json={"lead": {"name": "王主任", "note": "字" * 1_000}})
