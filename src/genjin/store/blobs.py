"""Where the bytes of files lie: a folder, or a bucket that speaks S3. Equal ones are kept once in an organisation.

What is there is whole: bytes arrive under a name of their own, are on the disk, and only then get their place,
which is the organisation's folder and their SHA-256.
"""

import hashlib
import os
import secrets
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from genjin.errors import NotFound, StoreUnavailable

if TYPE_CHECKING:
    from obstore.store import ObjectStore

    from genjin.settings import Settings

CHUNK = 262_144
"""Bytes that are read or written at a time, at least."""
PARTS_AT_ONCE = 2
"""Parts of 5 MB that are on their way to a bucket at a time, each of them in memory."""
_INCOMING = "incoming"


class Arriving:
    """A file on its way in: a temporary file, its size in bytes and the digest of what was written so far."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self.path, self.size = path, 0
        self._file, self._hash = file, hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Add bytes. Raises StoreUnavailable when the disk is full."""
        with _translated():
            self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    def finish(self) -> bytes:
        """Bring everything to the disk and close the file. Returns the SHA-256."""
        with _translated(), self._file:
            self._file.flush()
            os.fsync(self._file.fileno())
        return self._hash.digest()


class Blobs:
    """One folder or one bucket. Nothing is opened before it is needed: most processes never touch a file."""

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._opened: ObjectStore | None = None
        self.folder = folder_of(settings)
        """None for a bucket."""

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return self._settings.files_url if self.folder is None else str(self.folder)

    @contextmanager
    def arriving(self) -> Iterator[Arriving]:
        """A file to write what arrives into; gone afterwards unless it was put. Raises StoreUnavailable."""
        folder = Path(tempfile.gettempdir()) if self.folder is None else self.folder / _INCOMING
        path = folder / f"genjin-{secrets.token_hex(16)}"
        with _translated():
            folder.mkdir(parents=True, exist_ok=True)
            file = path.open("xb")
        try:
            with file:
                yield Arriving(file, path)
        finally:
            path.unlink(missing_ok=True)

    def put(self, organisation_id: int, sha256: bytes, source: Path, variant: str = "") -> None:
        """Keep what lies at `source`, which is complete and on the disk. Durable when this returns.

        A folder takes the file itself, so that it is not there any more. Raises StoreUnavailable.
        """
        key = _key(organisation_id, sha256, variant)
        with _translated():
            if self.folder is not None:
                _move(source, self.folder, key)
            elif self._size(key) != source.stat().st_size:
                import obstore

                obstore.put(self._store(), key, source, max_concurrency=PARTS_AT_ONCE)

    def size(self, organisation_id: int, sha256: bytes, variant: str = "") -> int | None:
        """How many bytes there are; None when there is no such file. Raises StoreUnavailable."""
        with _translated():
            return self._size(_key(organisation_id, sha256, variant))

    def read(
        self, organisation_id: int, sha256: bytes, variant: str = "", start: int = 0, end: int | None = None
    ) -> Iterator[bytes]:
        """The bytes from `start` up to, not including, `end`, in chunks. Raises NotFound, StoreUnavailable."""
        import obstore

        if end is not None and end <= start:
            return
        key = _key(organisation_id, sha256, variant)
        with _translated():
            try:
                found = obstore.get(
                    self._store(), key, options={"range": {"offset": start} if end is None else (start, end)}
                )
            except FileNotFoundError as error:
                raise NotFound(f"the bytes of {key} are gone") from error
            yield from (bytes(chunk) for chunk in found.stream(min_chunk_size=CHUNK))

    def delete(self, organisation_id: int, sha256: bytes, variant: str = "") -> None:
        """Let go of a file; it may be gone already. Raises StoreUnavailable."""
        import obstore

        with _translated(), suppress(FileNotFoundError):
            obstore.delete(self._store(), _key(organisation_id, sha256, variant))

    def try_out(self) -> None:
        """See whether a file can be kept here. Raises StoreUnavailable."""
        with self.arriving() as arriving:
            arriving.write(b"genjin")
            sha256 = arriving.finish()
            if self.folder is None:
                self.put(0, sha256, arriving.path)
                for _ in self.read(0, sha256):
                    pass
                self.delete(0, sha256)

    def clear_arriving(self, older_than: int) -> int:
        """Remove what stopped arriving before this instant, with its process. Returns how many there were."""
        if self.folder is None:
            return 0
        removed = 0
        for path in (self.folder / _INCOMING).glob("genjin-*"):
            with _translated():
                if path.stat().st_mtime < older_than:
                    path.unlink(missing_ok=True)
                    removed += 1
        return removed

    def _size(self, key: str) -> int | None:
        import obstore

        try:
            return int(obstore.head(self._store(), key)["size"])
        except FileNotFoundError:
            return None

    def _store(self) -> "ObjectStore":
        with self._lock:
            if self._opened is None:
                self._opened = _local(self.folder) if self.folder is not None else _bucket(self._settings)
            return self._opened


def folder_of(settings: "Settings") -> Path | None:
    """The folder that files lie in; None for a bucket. Without a setting it is beside the SQLite file."""
    url = settings.files_url
    if url.startswith("s3://"):
        return None
    if url:
        return Path(url.removeprefix("file://").removeprefix("file:"))
    if settings.database_url.startswith("sqlite:///"):
        database = Path(settings.database_url.removeprefix("sqlite:///"))
        return database.with_name(f"{database.stem}-files")
    return Path("genjin-files")


def _key(organisation_id: int, sha256: bytes, variant: str) -> str:
    name = sha256.hex()
    return f"{organisation_id}/{name[:2]}/{name}" + (f".{variant}" if variant else "")


def _move(source: Path, folder: Path, key: str) -> None:
    """Give a complete file its place, which survives a power cut, as do the folders on the way to it."""
    target = folder / key
    missing = [each for each in (target.parent, *target.parents) if not each.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)
    for each in dict.fromkeys((target.parent, *(new.parent for new in missing))):
        _sync_folder(each)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # where a folder cannot be opened, and renaming is durable by itself
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _local(folder: Path) -> "ObjectStore":
    from obstore.store import LocalStore

    return LocalStore(folder, mkdir=True)


def _bucket(settings: "Settings") -> "ObjectStore":
    from obstore.store import S3Store

    bucket, _, prefix = settings.files_url.removeprefix("s3://").partition("/")
    options = {
        "endpoint": settings.s3_endpoint,
        "region": settings.s3_region,
        "access_key_id": settings.s3_access_key_id,
        "secret_access_key": settings.s3_secret_access_key,
    }
    return S3Store(
        bucket,
        prefix=prefix.strip("/") or None,
        client_options={
            "allow_http": settings.s3_endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=5),
            "timeout": timedelta(seconds=60),
        },
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
        **{name: value for name, value in options.items() if value},  # type: ignore[arg-type]
    )


@contextmanager
def _translated() -> Iterator[None]:
    """What the disk or the bucket complains of, as our own error."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"files: {error}") from error
    except Exception as error:
        if type(error).__module__.startswith("obstore"):
            raise StoreUnavailable(f"files: {str(error).splitlines()[0]}") from error
        raise
