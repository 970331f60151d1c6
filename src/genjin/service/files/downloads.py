"""Gives out the bytes of files to who has a link, and lets go of those that nobody needs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from genjin.domain.attachment import MP3, THUMBNAIL, Attachment
from genjin.errors import NotFound
from genjin.service.context import Installation
from genjin.service.sweeping import sweep
from genjin.store import files, people
from genjin.store.transaction import Tx

KEPT_SECONDS = 7 * 86_400
"""How long an upload waits to be attached, and how long a deleted file's bytes stay."""
ARRIVES_SECONDS = 86_400
"""No upload takes as long as this; what is older stopped arriving."""
VARIANT_TYPES = {THUMBNAIL: "image/jpeg", MP3: "audio/mpeg"}
_AT_ONCE = 500


@dataclass(frozen=True)
class Download:
    """A file, or a variant of it, that is there. `size` is in bytes, `tag` is another for other bytes."""

    installation: Installation
    organisation_id: int
    file: Attachment
    variant: str
    size: int

    @property
    def tag(self) -> str:
        return self.file.sha256.hex() + (f"-{self.variant}" if self.variant else "")

    @property
    def content_type(self) -> str:
        return VARIANT_TYPES.get(self.variant, self.file.content_type)

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` up to, not including, `end`. Raises NotFound, StoreUnavailable."""
        return self.installation.blobs.read(self.organisation_id, self.file.sha256, self.variant, start, end)


@dataclass(frozen=True, slots=True)
class Swept:
    """How much a sweep let go of: uploads that were never attached, bytes of deleted files, half-arrived ones."""

    orphans: int
    bytes_of: int
    half_arrived: int


def open_download(installation: Installation, organisation_id: int, file_id: int, variant: str = "") -> Download:
    """What a link leads to; who has one was allowed to see it. Raises NotFound, StoreUnavailable."""
    file = installation.database.read(lambda tx: files.find(tx, organisation_id, file_id), organisation_id)
    size = None if file is None else installation.blobs.size(organisation_id, file.sha256, variant)
    if file is None or size is None:
        raise NotFound(f"no file {file_id} {variant}")
    return Download(installation, organisation_id, file, variant, size)


def sweep_files(installation: Installation, go_on: Callable[[], bool] = lambda: True) -> Swept:
    """Delete uploads that nobody attached in KEPT_SECONDS, and let go of the bytes that no file needs any more.

    `go_on` is asked between two parts; what is left over is done the next time.
    """
    now = installation.clock.now()
    orphans = bytes_of = 0
    for organisation in installation.database.read(people.all_organisations, organisation_id=None):
        orphans += _delete_orphans(installation, organisation.id, now, go_on)
        bytes_of += _let_go(installation, organisation.id, now - KEPT_SECONDS, go_on)
    return Swept(orphans, bytes_of, installation.blobs.clear_arriving(now - ARRIVES_SECONDS))


def _delete_orphans(installation: Installation, organisation_id: int, now: int, go_on: Callable[[], bool]) -> int:
    def part(tx: Tx, organisation_id: int) -> int:
        some = files.orphans(tx, organisation_id, now - KEPT_SECONDS, _AT_ONCE)
        files.remove(tx, organisation_id, some, now)
        return len(some)

    return sweep(installation, organisation_id, part, go_on)


def _let_go(installation: Installation, organisation_id: int, before: int, go_on: Callable[[], bool]) -> int:
    """Each in a transaction of its own, in which the bytes go first: none of them is ever forgotten where it lies."""
    total = 0
    while some := installation.database.read(
        lambda tx: files.deleted(tx, organisation_id, before, _AT_ONCE), organisation_id
    ):
        for sha256 in some:
            if not go_on():
                return total
            total += installation.database.write(
                _letting_go(installation, organisation_id, sha256, before), organisation_id
            )
    return total


def _letting_go(installation: Installation, organisation_id: int, sha256: bytes, before: int) -> Callable[[Tx], bool]:
    def use(tx: Tx) -> bool:
        unneeded = files.forget(tx, organisation_id, sha256, before)
        if unneeded:
            for variant in ("", *VARIANT_TYPES):
                installation.blobs.delete(organisation_id, sha256, variant)
        return unneeded

    return use
