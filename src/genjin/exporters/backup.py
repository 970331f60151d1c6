"""Backs up an installation while it serves: its database as it is at one moment, and the files that it knows then.

First the database, then the files: what is uploaded meanwhile is in neither. A file that is deleted meanwhile keeps its
bytes for days (service/files/downloads.py), so a backup finds them still.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple, TextIO

from genjin import __version__
from genjin.domain.audit import Act, Subject
from genjin.errors import BackupRefused, NotFound
from genjin.exporters.manifest import (
    FILES,
    SUMS,
    Files,
    Manifest,
    Stored,
    read_manifest,
    stored_files,
    sum_of,
    write_manifest,
)
from genjin.service.audit import note_everywhere
from genjin.service.context import Installation
from genjin.store import files, people, schema
from genjin.store.blob_files import disk_errors
from genjin.store.blobs import copy_blob
from genjin.store.dumps import Dumps, Seen, dumps_of
from genjin.store.folder import Folder
from genjin.store.tables import metadata
from genjin.store.transaction import Tx

_EACH = 100
"""After so many files it is told how far it is."""


class Backup(NamedTuple):
    """A backup that was made; `linked` are those of its files that an earlier one had already."""

    manifest: Manifest
    linked: int


def back_up(
    installation: Installation, programs: str, folder: Path, since: Path | None = None, seen: Seen = lambda *_: None
) -> Backup:
    """Make a backup in a folder, which is new or empty. Files that the earlier backup `since` has are taken from there,
    without a copy where it is on the same disk. Each organisation's audit log tells it.

    Raises BackupRefused, StoreUnavailable; the folder then has no manifest, and is no backup.
    """
    if since is not None:
        read_manifest(since)
    dumps = dumps_of(installation.database.engine, programs)
    dumps.get_ready(installation.database)
    with _private():
        _make(folder)
        note_everywhere(installation, Act.DATA_BACKED_UP, Subject(None, folder.name))
        with TemporaryFile("w+", encoding="ascii") as wanted:
            manifest = _take(installation, dumps, folder, wanted, seen)
            manifest, linked = _take_files(installation, folder, manifest, wanted, since, seen)
        write_manifest(folder, manifest)
    return Backup(manifest, linked)


@contextmanager
def _private() -> Iterator[None]:
    """What is made meanwhile is for its owner alone: a backup has every password's hash and the signing secret."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _make(folder: Path) -> None:
    with disk_errors():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        if any(folder.iterdir()):
            raise BackupRefused(f"there is something in {folder}: name a folder that is new or empty")


def _take(installation: Installation, dumps: Dumps, folder: Path, wanted: TextIO, seen: Seen) -> Manifest:
    """Take the database as it is now, and write down which files it knows; the moment is let go of before they are
    copied, which may take long.
    """
    taken_at = installation.clock.now()
    path = folder / dumps.file_name
    with installation.database.snapshot() as tx:
        dumps.dump(tx, path, seen)
        revision, counts = schema.revision(tx), schema.counts(tx, _tables(tx))
        for organisation in sorted(people.all_organisations(tx), key=lambda each: each.id):
            for sha256, variants in files.living(tx, organisation.id):
                wanted.writelines(f"{organisation.id} {sha256.hex()} {each}\n" for each in ("", *sorted(variants)))
    assert revision is not None
    database = sum_of(path)
    return Manifest(
        program=__version__,
        revision=revision,
        engine="sqlite" if installation.database.engine == "sqlite" else "postgresql",
        taken_at=datetime.fromtimestamp(taken_at, UTC).isoformat(),
        database=database,
        sums=database,  # until there is what it is of
        files=Files(count=0, bytes=0),
        counts=counts,
        missing=[],
    )


def _tables(tx: Tx) -> list[str]:
    return [name for name, table in metadata.tables.items() if table.info.get("only_on", tx.engine) == tx.engine]


def _take_files(
    installation: Installation, folder: Path, manifest: Manifest, wanted: TextIO, since: Path | None, seen: Seen
) -> tuple[Manifest, int]:
    total = wanted.tell()
    wanted.seek(0)
    taking = _Taking(installation, folder, since)
    read = 0
    with disk_errors(), (folder / SUMS).open("x", encoding="ascii") as sums:
        for nth, line in enumerate(wanted):
            organisation_id, sha256, variant = line.rstrip("\n").split(" ")
            sums.write(taking.take(int(organisation_id), bytes.fromhex(sha256), variant))
            read += len(line)
            if nth % _EACH == 0:
                seen("files", read, total)
        sums.flush()
        os.fsync(sums.fileno())
    with suppress(OSError):
        (folder / FILES / "incoming").rmdir()
    found = Files(count=taking.count, bytes=taking.bytes)
    more = {"sums": sum_of(folder / SUMS), "files": found, "missing": taking.missing}
    return manifest.model_copy(update=more), taking.linked


class _Taking:
    """Puts one file after the other into the backup, in the order of SHA256SUMS."""

    def __init__(self, installation: Installation, folder: Path, since: Path | None) -> None:
        self.count = self.bytes = self.linked = 0
        self.missing: list[str] = []
        self._from, self._to, self._folder, self._since = installation.blobs, Folder(folder / FILES), folder, since
        self._earlier = iter(()) if since is None else stored_files(since)
        self._next = next(self._earlier, None)

    def take(self, organisation_id: int, sha256: bytes, variant: str) -> str:
        """The line of a file that is in the backup now; nothing of one that there is none of."""
        stored = Stored(sha256.hex(), organisation_id, sha256, variant)
        earlier = self._in_earlier(stored)
        size = None if earlier is None else self._link(earlier)
        if earlier is not None and size is not None:
            stored, self.linked = earlier, self.linked + 1
        else:
            try:
                size, digest = copy_blob(self._from, self._to, organisation_id, sha256, variant)
            except NotFound:
                size, digest = None, sha256
            if size is None or (not variant and digest != sha256):
                self.missing += [] if variant else [stored.path]  # of a variant there may be none
                return ""
            stored = stored._replace(digest=digest.hex())
        self.count, self.bytes = self.count + 1, self.bytes + size
        return stored.line

    def _in_earlier(self, stored: Stored) -> Stored | None:
        while self._next is not None and self._next.order < stored.order:
            self._next = next(self._earlier, None)
        return self._next if self._next is not None and self._next.order == stored.order else None

    def _link(self, earlier: Stored) -> int | None:
        """Its size; None where it could not be linked to."""
        assert self._since is not None
        target = self._folder / earlier.path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(self._since / earlier.path, target)
            return target.stat().st_size
        except OSError:
            return None
