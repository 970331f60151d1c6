"""Checks a backup, and makes an installation of one."""

import re
from collections.abc import Iterator
from pathlib import Path

from genjin.domain.audit import Act, Subject
from genjin.errors import BackupRefused, NotFound
from genjin.exporters.manifest import FILES, SUMS, Manifest, read_manifest, stored_files, sum_of
from genjin.service.audit import note_everywhere
from genjin.service.context import Installation
from genjin.store import schema
from genjin.store.blobs import copy_blob
from genjin.store.dumps import Seen, dumps_of
from genjin.store.folder import Folder

_EACH = 100
_TABLE = re.compile(r"[a-z][a-z0-9_]*")


def check_backup(folder: Path, programs: str, seen: Seen = lambda *_: None) -> Iterator[str]:
    """Read all of a backup; what is wrong with it, each in a line. Raises BackupRefused where there is none."""
    manifest = read_manifest(folder)
    try:
        _check_database(folder, manifest, seen)
        dumps_of(manifest.engine, programs).look(folder / manifest.database.name)
    except BackupRefused as refused:
        yield str(refused)
    try:
        _check_sums(folder, manifest)
        for nth, stored in enumerate(stored_files(folder)):
            try:
                if sum_of(folder / stored.path).sha256 != stored.digest:
                    yield f"{stored.path} is damaged"
            except BackupRefused as refused:
                yield str(refused)
            if nth % _EACH == 0:
                seen("files", nth, manifest.files.count)
    except BackupRefused as refused:
        yield str(refused)
    for path in manifest.missing:
        yield f"{path} was missing when the backup was made"


def restore(installation: Installation, programs: str, folder: Path, seen: Seen = lambda *_: None) -> Manifest:
    """Make of a backup what the settings name, where there is nothing yet. The files come first: without a database no
    server starts on what was not finished. Where the schema is the newest, each organisation's audit log tells it.

    Raises BackupRefused, StoreUnavailable.
    """
    manifest, database = read_manifest(folder), installation.database
    if manifest.engine != database.engine:
        raise BackupRefused(f"the backup is of {manifest.engine}: name such a database, and move it afterwards")
    if not schema.is_known(manifest.revision):
        raise BackupRefused(f"the backup is of a newer Genjin, {manifest.program}: install that version or a later one")
    dumps = dumps_of(manifest.engine, programs)
    dumps.check_empty(database)
    if not installation.blobs.is_empty():
        raise BackupRefused(f"there are files in {installation.blobs.place}: name a place that is empty")
    _check_database(folder, manifest, seen)
    _check_sums(folder, manifest)
    _restore_files(installation, folder, manifest, seen)
    seen("the database", 0, None)
    dumps.restore(folder / manifest.database.name, database)
    _check_counts(installation, manifest)
    if manifest.revision == schema.known_revision():
        note_everywhere(installation, Act.DATA_RESTORED, Subject(None, folder.name))
    return manifest


def _check_database(folder: Path, manifest: Manifest, seen: Seen) -> None:
    seen("checksums", 0, None)
    name = manifest.database.name
    if name != dumps_of(manifest.engine, "").file_name or sum_of(folder / name) != manifest.database:
        raise BackupRefused(f"{name} is damaged: it is not what was backed up")


def _check_sums(folder: Path, manifest: Manifest) -> None:
    if sum_of(folder / SUMS) != manifest.sums:
        raise BackupRefused(f"{SUMS} is damaged: it is not what was backed up")


def _restore_files(installation: Installation, folder: Path, manifest: Manifest, seen: Seen) -> None:
    source = Folder(folder / FILES)
    for nth, stored in enumerate(stored_files(folder)):
        try:
            _, digest = copy_blob(source, installation.blobs, *stored.order)
        except NotFound as error:
            raise BackupRefused(f"{stored.path} is not in the backup any more") from error
        if digest.hex() != stored.digest:
            raise BackupRefused(f"{stored.path} is damaged")
        if nth % _EACH == 0:
            seen("files", nth, manifest.files.count)


def _check_counts(installation: Installation, manifest: Manifest) -> None:
    names = [name for name in manifest.counts if _TABLE.fullmatch(name)]
    with installation.database.snapshot() as tx:
        found, revision = schema.counts(tx, names), schema.revision(tx)
    wrong = [
        f"{name} {found.get(name)} not {count}" for name, count in manifest.counts.items() if found.get(name) != count
    ]
    if wrong or revision != manifest.revision:
        raise BackupRefused(
            f"do not use what was restored, it is not what was backed up: {', '.join(wrong) or revision}"
        )
