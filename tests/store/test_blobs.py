"""The bytes of files, in a folder and in a bucket of moto's server: one suite, both places."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer

from genjin.errors import NotFound, StoreUnavailable
from genjin.settings import Settings
from genjin.store.blobs import Blobs, copy_blob, folder_of, open_blobs

HELLO = "你好，世界".encode()
MORE_THAN_A_PART = os.urandom(5 * 1024 * 1024 + 17)


@pytest.fixture(scope="session")
def bucket_server() -> Iterator[str]:
    """The address of a store that speaks S3."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def bucket(server: str, name: str) -> Settings:
    assert httpx.put(f"{server}/{name}").status_code == 200
    return Settings(
        files_url=f"s3://{name}/some/where",
        s3_endpoint=server,
        s3_region="us-east-1",
        s3_access_key_id="key",
        s3_secret_access_key="secret",
    )


@pytest.fixture(params=["folder", "bucket"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """An empty place of each sort."""
    if request.param == "folder":
        return open_blobs(Settings(files_url=f"file:{tmp_path}/files"))
    name = hashlib.sha256(str(tmp_path).encode()).hexdigest()[:40]
    return open_blobs(bucket(request.getfixturevalue("bucket_server"), name))


@pytest.fixture
def folder(tmp_path: Path) -> Blobs:
    """An empty folder."""
    return open_blobs(Settings(files_url=f"file:{tmp_path}/files"))


def keep(blobs: Blobs, data: bytes, organisation_id: int = 1, variant: str = "") -> bytes:
    """Keep these bytes, as an upload does; their digest."""
    with blobs.arriving() as arriving:
        for start in range(0, len(data), 100_000):
            arriving.write(data[start : start + 100_000])
        digest = arriving.finish()
        assert arriving.size == len(data)
        blobs.put(organisation_id, digest, arriving.path, variant)
    return digest


def test_what_one_place_has_is_copied_to_another_unless_it_is_not_what_its_name_says(
    blobs: Blobs, folder: Blobs, tmp_path: Path
) -> None:
    other = open_blobs(Settings(files_url=f"file:{tmp_path}/other"))
    assert blobs.is_empty()
    digest, thumbnail = keep(other, MORE_THAN_A_PART), keep(other, HELLO)
    assert other.is_empty() is False
    for source, target in ((other, blobs), (blobs, open_blobs(Settings(files_url=f"file:{tmp_path}/third")))):
        assert copy_blob(source, target, 1, digest) == (len(MORE_THAN_A_PART), digest)
        assert whole(target, digest) == MORE_THAN_A_PART
        assert not target.is_empty()
        with pytest.raises(NotFound):
            copy_blob(source, target, 2, digest)
    (tmp_path / "other" / "1" / thumbnail.hex()[:2] / thumbnail.hex()).write_bytes(b"spoilt")
    assert copy_blob(other, blobs, 1, thumbnail)[1] == hashlib.sha256(b"spoilt").digest()
    assert blobs.size(1, thumbnail) is None


def whole(blobs: Blobs, digest: bytes, **where: int) -> bytes:
    return b"".join(blobs.read(where.pop("organisation_id", 1), digest, "", **where))


@pytest.mark.parametrize("data", [HELLO, b"x", MORE_THAN_A_PART], ids=["text", "one byte", "more than a part"])
def test_what_was_kept_is_read_again(blobs: Blobs, data: bytes) -> None:
    digest = keep(blobs, data)
    assert digest == hashlib.sha256(data).digest()
    assert whole(blobs, digest) == data
    assert blobs.size(1, digest) == len(data)


def test_a_part_is_read_from_its_first_byte_to_before_its_last(blobs: Blobs) -> None:
    digest = keep(blobs, HELLO)
    assert whole(blobs, digest, start=3) == HELLO[3:]
    assert whole(blobs, digest, start=3, end=9) == HELLO[3:9]
    assert whole(blobs, digest, start=0, end=1) == HELLO[:1]
    assert whole(blobs, digest, start=4, end=4) == b""


def test_a_variant_lies_beside_the_file(blobs: Blobs) -> None:
    digest = keep(blobs, HELLO)
    with blobs.arriving() as arriving:
        arriving.write(b"small")
        arriving.finish()
        blobs.put(1, digest, arriving.path, "thumb")
    assert b"".join(blobs.read(1, digest, "thumb")) == b"small"
    assert whole(blobs, digest) == HELLO


def test_equal_bytes_are_kept_once_and_only_for_their_organisation(blobs: Blobs) -> None:
    assert keep(blobs, HELLO) == keep(blobs, HELLO)
    digest = keep(blobs, HELLO)
    assert blobs.size(2, digest) is None
    blobs.delete(1, digest)
    assert blobs.size(1, digest) is None


def test_what_is_not_there_is_not_found_and_may_be_deleted_again(blobs: Blobs) -> None:
    nothing = bytes(32)
    assert blobs.size(1, nothing) is None
    with pytest.raises(NotFound):
        whole(blobs, nothing)
    blobs.delete(1, nothing)


def test_a_place_is_tried_out_without_a_trace(blobs: Blobs) -> None:
    blobs.try_out()
    assert blobs.size(0, hashlib.sha256(b"genjin").digest()) is None
    assert blobs.place.startswith("s3:") or [path.name for path in files_in(blobs)] == ["incoming"]


def test_what_stops_arriving_leaves_nothing(folder: Blobs) -> None:
    with pytest.raises(ConnectionError), folder.arriving() as arriving:
        arriving.write(HELLO)
        raise ConnectionError
    assert [path for path in files_in(folder) if path.is_file()] == []


def test_a_file_has_no_place_before_it_is_complete(folder: Blobs) -> None:
    with folder.arriving() as arriving:
        arriving.write(HELLO)
        assert folder.size(1, hashlib.sha256(HELLO).digest()) is None
        folder.put(1, arriving.finish(), arriving.path)
    assert folder.size(1, hashlib.sha256(HELLO).digest()) == len(HELLO)


def test_a_process_that_is_killed_while_a_file_arrives_leaves_nothing_that_can_be_read(folder: Blobs) -> None:
    script = (
        "import os, signal\n"
        "from genjin.settings import Settings\n"
        "from genjin.store.blobs import open_blobs\n"
        f"with open_blobs(Settings(files_url='file:{folder.place}')).arriving() as arriving:\n"
        "    arriving.write(b'half')\n"
        "    arriving.finish()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    assert folder.size(1, hashlib.sha256(b"half").digest()) is None
    assert folder.clear_arriving(int(time.time()) - 60) == 0
    assert folder.clear_arriving(int(time.time()) + 60) == 1
    assert [path for path in files_in(folder) if path.is_file()] == []


def test_a_file_is_on_the_disk_before_it_has_its_place_and_so_is_its_folder(
    folder: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    sync, replace = os.fsync, Path.replace

    def noted_sync(descriptor: int) -> None:
        done.append("folder" if Path(f"/proc/self/fd/{descriptor}").resolve().is_dir() else "file")
        sync(descriptor)

    def noted_replace(self: Path, target: Path) -> Path:
        done.append("place")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    keep(folder, HELLO)
    assert done[:3] == ["file", "place", "folder"]
    assert set(done[3:]) == {"folder"}  # those that were made on the way to it


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    blobs = open_blobs(Settings(files_url=f"file:{tmp_path}/file/below"))
    with pytest.raises(StoreUnavailable, match="files:"):
        keep(blobs, HELLO)
    with pytest.raises(StoreUnavailable, match="files:"):
        blobs.size(1, bytes(32))
    with pytest.raises(StoreUnavailable, match="files:"):
        blobs.try_out()


def test_a_bucket_that_is_not_there_is_told_without_its_secret(bucket_server: str) -> None:
    settings = bucket(bucket_server, "there").model_copy(update={"files_url": "s3://not-there"})
    with pytest.raises(StoreUnavailable, match="files:") as told:
        keep(open_blobs(settings), HELLO)
    assert "secret" not in str(told.value)
    assert "secret" not in repr(settings).replace("s3_secret_access_key", "")


def test_files_lie_beside_the_database_when_nothing_else_is_said() -> None:
    def folder(**settings: str) -> Path:
        return folder_of(Settings(**settings))  # type: ignore[arg-type]

    assert folder(database_url="sqlite:////var/lib/genjin/genjin.db") == Path("/var/lib/genjin/genjin-files")
    assert folder(database_url="sqlite:///sales.db") == Path("sales-files")
    assert folder(database_url="postgresql://genjin@127.0.0.1/genjin") == Path("genjin-files")
    assert folder(files_url="file:/srv/files") == folder(files_url="file:///srv/files") == Path("/srv/files")


def files_in(blobs: Blobs) -> list[Path]:
    return list(Path(blobs.place).rglob("*"))
