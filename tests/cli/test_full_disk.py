"""A server on a disk that runs full: it goes on reading, says why it does not write, and writes when there is room."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

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


def _fill(disk: Path) -> Path:
    """A file that leaves no byte free."""
    path = disk / "ballast"
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    return path


def _write(client: httpx.Client) -> httpx.Response:
    return client.post("/api/v2/leads", json={"lead": {"name": "王主任", "note": "字" * 1_000}})
