"""What a backup says of itself. manifest.json is written last: a folder without one is no backup.

manifest.json     this
SHA256SUMS        a line for each file below `files`, as `sha256sum --check` reads it
database.sqlite   or database.pgdump
files/            as in a folder of files (store/blobs.py)
"""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from genjin.domain.attachment import MP3, THUMBNAIL
from genjin.errors import BackupRefused
from genjin.store.blob_files import CHUNK, disk_errors, key_of
from genjin.store.folder import sync_folder

MANIFEST, SUMS, FILES = "manifest.json", "SHA256SUMS", "files"
_LINE = re.compile(rf"([0-9a-f]{{64}})  {FILES}/(\d+)/[0-9a-f]{{2}}/([0-9a-f]{{64}})(?:\.({THUMBNAIL}|{MP3}))?\n?")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class FileSum(_Part):
    """A file of the backup, by its size in bytes and SHA-256."""

    name: str
    size: int
    sha256: str


class Files(_Part):
    """The files that people uploaded, and the variants of them."""

    count: int
    bytes: int


class Manifest(_Part):
    """`taken_at` is UTC, by ISO 8601: what was acknowledged before is in the backup. `counts` are rows by table.
    `missing` are files that the database knows and that were not where they belong, or were not what was put there.
    """

    format: Literal[1] = 1
    program: str
    revision: str
    engine: Literal["sqlite", "postgresql"]
    taken_at: str
    database: FileSum
    sums: FileSum
    files: Files
    counts: dict[str, int]
    missing: list[str]


class Stored(NamedTuple):
    """One line of SHA256SUMS: a file, and the SHA-256 of its bytes, which of an original is its name."""

    digest: str
    organisation_id: int
    sha256: bytes
    variant: str

    @property
    def order(self) -> tuple[int, bytes, str]:
        """Lines come in this order."""
        return self[1:]

    @property
    def path(self) -> str:
        """Below the backup's folder."""
        return f"{FILES}/{key_of(*self[1:])}"

    @property
    def line(self) -> str:
        return f"{self.digest}  {self.path}\n"


def read_manifest(folder: Path) -> Manifest:
    """Raises BackupRefused for a folder that holds no backup, or one of a later Genjin."""
    path = folder / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise BackupRefused(f"{folder} holds no backup: one that was finished has a {MANIFEST}") from error
    except (OSError, ValidationError) as error:
        raise BackupRefused(f"{path} cannot be read by this Genjin: {str(error).splitlines()[0]}") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """The last act of a backup; on the disk when this returns. Raises StoreUnavailable."""
    part = folder / f"{MANIFEST}.part"
    with disk_errors():
        with part.open("x", encoding="utf-8") as file:
            file.write(manifest.model_dump_json(indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / MANIFEST)
        sync_folder(folder)


def stored_files(folder: Path) -> Iterator[Stored]:
    """The files of a backup, in order. Raises BackupRefused."""
    try:
        with (folder / SUMS).open(encoding="ascii", errors="replace") as lines:
            for line in lines:
                found = _LINE.fullmatch(line)
                if found is None:
                    raise BackupRefused(f"{folder / SUMS} has a line that is none of a backup: {line.rstrip()!r}")
                yield Stored(found[1], int(found[2]), bytes.fromhex(found[3]), found[4] or "")
    except OSError as error:
        raise BackupRefused(f"{folder / SUMS} cannot be read: {error}") from error


def sum_of(path: Path) -> FileSum:
    """Reads a file to its end. Raises BackupRefused."""
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise BackupRefused(f"{path} cannot be read: {error}") from error
    return FileSum(name=path.name, size=size, sha256=digest.hexdigest())
