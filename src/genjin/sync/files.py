"""Fetches the recordings and files that timelines show, while they are read: links to them expire."""

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import IO, NamedTuple

from genjin.client import ClientError
from genjin.client.downloads import Downloader
from genjin.client.errors import NotReached
from genjin.domain.json import JsonValue
from genjin.domain.sync import Misfit
from genjin.errors import Invalid
from genjin.importers.synced.bringing import Bringing
from genjin.importers.synced.files import WantedFile, keep_file, wanted_files
from genjin.service.files.uploads import arriving
from genjin.store.transaction import Tx
from genjin.sync.keeping import Keeper

TRIES = 3
MOST_FAILURES = 3
"""Files of one host that cannot be reached: after so many in a run, no more are asked of it."""
IN_MEMORY = 1 << 20
"""Bytes; a larger file is on the disk until it is kept."""


class Fetched(NamedTuple):
    """A file as it came, or why it did not."""

    wanted: WantedFile
    body: IO[bytes] | None
    why: str = ""


class Files:
    """Fetches from the server at `url`, and from wherever on the public internet it says that files lie."""

    def __init__(self, keeper: Keeper, url: str, most_bytes: int) -> None:
        self._keeper, self._most = keeper, most_bytes
        self._downloader = Downloader(url, most_bytes=most_bytes)
        self._unreached = Counter[str]()

    def fetch(self, items: Sequence[JsonValue]) -> list[Fetched]:
        """The files of a timeline that are not here; in any thread."""
        keeper = self._keeper

        def wanted(tx: Tx) -> list[WantedFile]:
            return wanted_files(Bringing(tx, keeper.organisation_id, keeper.sync.id, keeper.now()), items)

        return [self._fetch(each) for each in keeper.read(wanted)]

    def keep(self, some: Sequence[Fetched]) -> int:
        """Keep them; what could not be fetched is written down. How many are here now."""
        return sum(self._keep(each) for each in some)

    def _fetch(self, wanted: WantedFile) -> Fetched:
        if wanted.size is not None and wanted.size > self._most:
            return Fetched(wanted, None, f"has {wanted.size} bytes, more than GENJIN_MAX_FILE_BYTES")
        host, why = wanted.url.partition("://")[2].partition("/")[0], ""
        if self._unreached[host] >= MOST_FAILURES:
            return Fetched(wanted, None, f"{host} could not be reached")
        for _ in range(TRIES):
            body: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (closed by who keeps it)
            try:
                self._downloader.download(wanted.url, body.write)
            except ClientError as error:
                body.close()
                why = str(error)
                if not isinstance(error, NotReached):
                    break
            else:
                return Fetched(wanted, body)
        else:
            self._unreached[host] += 1
        return Fetched(wanted, None, why)

    def _keep(self, fetched: Fetched) -> int:
        wanted, body, why = fetched
        if body is not None:
            with closing(body), arriving(self._keeper.installation) as upload:
                body.seek(0)
                copyfileobj(body, upload)
                try:
                    of = self._keeper.organisation_id, self._keeper.sync.id
                    keep_file(self._keeper.installation, *of, wanted, upload)
                except Invalid as invalid:
                    why = str(invalid)
        raw = {"url": wanted.url, "name": wanted.name}
        self._keeper.keep(wanted.key, *([Misfit("", why, raw)] if why else []))
        return not why
