"""Where the bytes of files lie: a folder, or a bucket that speaks S3. Equal ones are kept once in an organisation.

What is there is whole: bytes arrive under a name of their own, are on the disk, and only then get their place,
which is the organisation's folder and their SHA-256. How the two do it is in folder.py and bucket.py.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from genjin.settings import Settings
from genjin.store.blob_files import Arriving


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

    def is_empty(self) -> bool:
        """Whether no file is kept here. Raises StoreUnavailable."""
        ...

    def try_out(self) -> None:
        """See whether a file can be kept. Raises StoreUnavailable."""
        ...

    def clear_arriving(self, older_than: int) -> int:
        """Remove what stopped arriving before this instant, with its process. Returns how many there were."""
        ...


def copy_blob(
    source: Blobs, target: Blobs, organisation_id: int, sha256: bytes, variant: str = ""
) -> tuple[int, bytes]:
    """Keep in `target` too what `source` has; its size in bytes and the SHA-256 of what was read. An original that is
    not what its name says is not kept. Raises NotFound, StoreUnavailable.
    """
    with target.arriving() as arriving:
        for chunk in source.read(organisation_id, sha256, variant):
            arriving.write(chunk)
        digest = arriving.finish()
        if variant or digest == sha256:
            target.put(organisation_id, sha256, arriving.path, variant)
        return arriving.size, digest


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
