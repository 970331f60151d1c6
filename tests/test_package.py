"""What is given to others: the archives hold everything, and run where there is no source."""

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.cli.running import NO_TLS, Server, environment, free_port, wait_for
from tests.documents import ROOT

KINDS_OF_FILES = {".css", ".html", ".js", ".json", ".mako", ".po", ".svg", ".typed", ".wav"}


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The source as an archive, and the wheel that is built from that."""
    folder = tmp_path_factory.mktemp("archives")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": ""},
    )
    [source], [wheel] = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return source, wheel


def test_the_image_has_a_pg_dump_of_the_version_of_the_server_beside_it() -> None:
    server = re.search(r"image: postgres:(\d+)", (ROOT / "compose.yaml").read_text())
    client = re.search(r"postgresql-client-(\d+)", (ROOT / "Dockerfile").read_text())
    assert server is not None and client is not None
    assert server[1] == client[1]


def test_both_archives_hold_every_file_of_the_package(archives: tuple[Path, Path]) -> None:
    house = ROOT / "src/genjin"
    files = {
        f"genjin/{path.relative_to(house)}"
        for path in house.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {Path(file).suffix for file in files} >= KINDS_OF_FILES
    source, wheel = archives
    with zipfile.ZipFile(wheel) as archive:
        assert files - set(archive.namelist()) == set()
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2].removeprefix("src/") for name in archive.getnames()}
    assert files - names == set()


def test_the_wheel_runs_the_demo_where_there_is_no_source(archives: tuple[Path, Path], tmp_path: Path) -> None:
    """Its dependencies are those of this environment, but not the package that is installed there."""
    fresh = tmp_path / "fresh"
    venv.create(fresh, with_pip=False, symlinks=True)
    python = fresh / "bin/python"
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-deps",
        str(archives[1]),
    ]
    subprocess.run(install, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": ""})
    [packages] = fresh.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    url, port = "http://127.0.0.1", free_port()
    with (tmp_path / "err.txt").open("wb") as stderr:
        process = subprocess.Popen(
            [fresh / "bin/genjin", "demo", "--port", str(port)],
            cwd=tmp_path,
            env={**environment({}), "PYTHONPATH": ""},
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
    try:
        url = f"{url}:{port}"
        wait_for(Server(url, process, tmp_path))
        with httpx.Client(base_url=url, verify=NO_TLS) as client:
            page = client.get("/sign-in", headers={"Accept": "text/html"})
            assert "跟进" in page.text
            assets = [part.split('"')[0] for part in page.text.split('="/ui/')[1:]]
            assert len(assets) >= 4
            assert [asset for asset in assets if client.get(f"/ui/{asset}").status_code != 200] == []
            told = client.post("/api/v2/auth/login", data={"login": "demo", "password": "demo"}).json()
            header = {"Authorization": f"Token token={told['data']['user_token']}"}
            assert client.get("/api/v2/leads/1311120102/sales_activities", headers=header).json()["code"] == 0
            assert client.get("/docs").status_code == 200
    finally:
        process.terminate()
        process.wait(20)
