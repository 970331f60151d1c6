"""Files in a bucket of a store that speaks S3."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from genjin.errors import NotFound, StoreUnavailable
from genjin.settings import Settings
from genjin.store.blob_files import CHUNK, Arriving, arriving_in, clear, key_of

PARTS_AT_ONCE = 2
"""Parts of 5 MB that are on their way at a time, each of them in memory."""


class Bucket:
    """See Blobs, which says what each of these promises."""

    def __init__(self, settings: Settings) -> None:
        self.place, self._settings = settings.files_url, settings
        self._lock = threading.Lock()
        self._opened: S3Store | None = None

    def arriving(self) -> AbstractContextManager[Arriving]:
        return arriving_in(Path(tempfile.gettempdir()))

    def put(self, organisation_id: int, sha256: bytes, source: Path, variant: str = "") -> None:
        with _bucket_errors():
            if self.size(organisation_id, sha256, variant) != source.stat().st_size:
                key = key_of(organisation_id, sha256, variant)
                obstore.put(self._store(), key, source, max_concurrency=PARTS_AT_ONCE)

    def size(self, organisation_id: int, sha256: bytes, variant: str = "") -> int | None:
        with _bucket_errors():
            try:
                return int(obstore.head(self._store(), key_of(organisation_id, sha256, variant))["size"])
            except FileNotFoundError:
                return None

    def read(
        self, organisation_id: int, sha256: bytes, variant: str = "", start: int = 0, end: int | None = None
    ) -> Iterator[bytes]:
        if end is not None and end <= start:
            return
        key = key_of(organisation_id, sha256, variant)
        with _bucket_errors():
            try:
                found = obstore.get(
                    self._store(), key, options={"range": {"offset": start} if end is None else (start, end)}
                )
            except FileNotFoundError as error:
                raise NotFound(f"the bytes of {key} are gone") from error
            yield from (bytes(chunk) for chunk in found.stream(min_chunk_size=CHUNK))

    def delete(self, organisation_id: int, sha256: bytes, variant: str = "") -> None:
        with _bucket_errors(), suppress(FileNotFoundError):
            obstore.delete(self._store(), key_of(organisation_id, sha256, variant))

    def is_empty(self) -> bool:
        with _bucket_errors():
            return not any(obstore.list(self._store(), chunk_size=1))

    def try_out(self) -> None:
        with self.arriving() as arriving:
            arriving.write(b"genjin")
            sha256 = arriving.finish()
            self.put(0, sha256, arriving.path)
            for _ in self.read(0, sha256):
                pass
            self.delete(0, sha256)

    def clear_arriving(self, older_than: int) -> int:
        return clear(Path(tempfile.gettempdir()), older_than)

    def _store(self) -> S3Store:
        with self._lock:
            if self._opened is None:
                self._opened = _open(self._settings)
            return self._opened


def _open(settings: Settings) -> S3Store:
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
def _bucket_errors() -> Iterator[None]:
    """What the bucket, or the way to it, complains of, as our own error."""
    try:
        yield
    except (OSError, BaseError) as error:
        raise StoreUnavailable(f"files: {str(error).splitlines()[0]}") from error
