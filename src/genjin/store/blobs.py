"""Where the bytes of files lie: a folder, or a bucket that speaks S3. Equal ones are kept once in an organisation.

What is there is whole: bytes arrive under a name of their own, are on the disk, and only then get their place,
which is the organisation's folder and their SHA-256. How the two do it is in folder.py and bucket.py.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from genjin.errors import StoreUnavailable
from genjin.settings import Settings

CHUNK = 262_144
"""Bytes that are read or written at a time, about."""


class Arriving:
    """A file on its way in: a temporary file, its size in bytes and the digest of what was written so far."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self.path, self.size = path, 0
        self._file, self._hash = file, hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Add bytes. Raises StoreUnavailable when the disk is full."""
        with disk_errors():
            self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    def finish(self) -> bytes:
        """Bring everything to the disk and close the file. Returns the SHA-256."""
        with disk_errors(), self._file:
            self._file.flush()
            os.fsync(self._file.fileno())
        return self._hash.digest()


class Blobs(Protocol):
    """What both can do. Nothing is opened before it is needed: most processes never touch a file."""

    place: str
    """Where it is, for people."""

    def arriving(self) -> AbstractContextManager[Arriving]:
        """A file to write what arrives into; gone afterwards unless it was put. Raises StoreUnavailable."""
        ...

    def put(self, organisation_id: int, sha256: bytes, source: Path, variant: str = "") -> None:
        """Keep what lies at `source`, which is complete and on the disk; it may be gone from there afterwards.

        Durable when this returns. Raises StoreUnavailable.
        """
        ...

    def size(self, organisation_id: int, sha256: bytes, variant: str = "") -> int | None:
        """How many bytes there are; None when there is no such file. Raises StoreUnavailable."""
        ...

    def read(
        self, organisation_id: int, sha256: bytes, variant: str = "", start: int = 0, end: int | None = None
    ) -> Iterator[bytes]:
        """The bytes from `start` up to, not including, `end`, in chunks. Raises NotFound, StoreUnavailable."""
        ...

    def delete(self, organisation_id: int, sha256: bytes, variant: str = "") -> None:
        """Let go of a file; it may be gone already. Raises StoreUnavailable."""
        ...

    def try_out(self) -> None:
        """See whether a file can be kept. Raises StoreUnavailable."""
        ...

    def clear_arriving(self, older_than: int) -> int:
        """Remove what stopped arriving before this instant, with its process. Returns how many there were."""
        ...


def open_blobs(settings: Settings) -> Blobs:
    """The place that the settings name; only what it needs is imported."""
    if settings.files_url.startswith("s3://"):
        from genjin.store.bucket import Bucket

        return Bucket(settings)
    from genjin.store.folder import Folder

    return Folder(folder_of(settings))


def folder_of(settings: Settings) -> Path:
    """The folder that files lie in; without a setting it is beside the SQLite file."""
    if settings.files_url:
        return Path(settings.files_url.removeprefix("file://").removeprefix("file:"))
    if settings.database_url.startswith("sqlite:///"):
        database = Path(settings.database_url.removeprefix("sqlite:///"))
        return database.with_name(f"{database.stem}-files")
    return Path("genjin-files")


def key_of(organisation_id: int, sha256: bytes, variant: str) -> str:
    """The place of a file, or of a variant of it."""
    name = sha256.hex()
    return f"{organisation_id}/{name[:2]}/{name}" + (f".{variant}" if variant else "")


@contextmanager
def arriving_in(folder: Path) -> Iterator[Arriving]:
    """A fresh file in this folder; gone afterwards, if it is still there."""
    path = folder / f"genjin-{secrets.token_hex(16)}"
    with disk_errors():
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("xb")
    try:
        with file:
            yield Arriving(file, path)
    finally:
        path.unlink(missing_ok=True)


def clear(folder: Path, older_than: int) -> int:
    """Remove what `arriving_in` has left in a folder, when its process was killed before this instant."""
    removed = 0
    for path in folder.glob("genjin-*"):
        with disk_errors():
            if path.is_file() and path.stat().st_mtime < older_than:
                path.unlink(missing_ok=True)
                removed += 1
    return removed


@contextmanager
def disk_errors() -> Iterator[None]:
    """What the disk complains of, as our own error."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"files: {error}") from error
