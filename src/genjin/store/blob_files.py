"""What a folder and a bucket share: files on their way in, and the names of those that are there."""

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from genjin.errors import DiskFull, StoreUnavailable

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
"""What errors of a full disk are called."""
CHUNK = 262_144
"""Bytes that are read or written at a time, about."""


class Arriving:
    """A file on its way in: a temporary file, its size in bytes and the digest of what was written so far."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self.path, self.size = path, 0
        self._file, self._hash = file, hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Add bytes. Raises DiskFull, StoreUnavailable."""
        with disk_errors():
            self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    def finish(self) -> bytes:
        """Bring everything to the disk and close the file. Returns the SHA-256. Raises DiskFull, StoreUnavailable."""
        with disk_errors(), self._file:
            self._file.flush()
            os.fsync(self._file.fileno())
        return self._hash.digest()


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
        yield Arriving(file, path)
    finally:
        with suppress(OSError):  # what found no room is not written any more
            file.close()
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
        if error.errno in NO_ROOM:
            raise DiskFull("files") from error
        raise StoreUnavailable(f"files: {error}") from error
