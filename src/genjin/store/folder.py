"""Files in a folder. A file, and the folders on the way to it, are on the disk before anybody counts on them."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from genjin.errors import NotFound
from genjin.store.blob_files import CHUNK, Arriving, arriving_in, clear, disk_errors, key_of


class Folder:
    """See Blobs, which says what each of these promises."""

    def __init__(self, path: Path) -> None:
        self.place, self._path, self._incoming = str(path), path, path / "incoming"

    def arriving(self) -> AbstractContextManager[Arriving]:
        return arriving_in(self._incoming)

    def put(self, organisation_id: int, sha256: bytes, source: Path, variant: str = "") -> None:
        target = self._file(organisation_id, sha256, variant)
        with disk_errors():
            missing = [each for each in (target.parent, *target.parents) if not each.exists()]
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)
            for each in dict.fromkeys((target.parent, *(new.parent for new in missing))):
                sync_folder(each)

    def size(self, organisation_id: int, sha256: bytes, variant: str = "") -> int | None:
        with disk_errors():
            try:
                return self._file(organisation_id, sha256, variant).stat().st_size
            except FileNotFoundError:
                return None

    def read(
        self, organisation_id: int, sha256: bytes, variant: str = "", start: int = 0, end: int | None = None
    ) -> Iterator[bytes]:
        path = self._file(organisation_id, sha256, variant)
        with disk_errors():
            try:
                file = path.open("rb")
            except FileNotFoundError as error:
                raise NotFound(f"the bytes of {path} are gone") from error
            with file:
                file.seek(start)
                left = path.stat().st_size - start if end is None else end - start
                while left > 0 and (chunk := file.read(min(CHUNK, left))):
                    left -= len(chunk)
                    yield chunk

    def delete(self, organisation_id: int, sha256: bytes, variant: str = "") -> None:
        with disk_errors():
            self._file(organisation_id, sha256, variant).unlink(missing_ok=True)

    def is_empty(self) -> bool:
        with disk_errors():
            return not self._path.exists() or not any(each for each in self._path.iterdir() if each != self._incoming)

    def try_out(self) -> None:
        with self.arriving() as arriving:
            arriving.write(b"genjin")
            arriving.finish()

    def clear_arriving(self, older_than: int) -> int:
        return clear(self._incoming, older_than)

    def _file(self, organisation_id: int, sha256: bytes, variant: str) -> Path:
        return self._path / key_of(organisation_id, sha256, variant)


def sync_folder(folder: Path) -> None:
    """Bring to the disk which names a folder has."""
    if os.name == "nt":
        return  # where a folder cannot be opened, and renaming is durable by itself
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
