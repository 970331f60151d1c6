"""Fetches the recordings and files that timelines show, while they are read: links to them expire."""

from collections import Counter
from collections.abc import Sequence
from threading import Lock

from genjin.client import ClientError
from genjin.client.downloads import Downloader
from genjin.client.errors import NotReached
from genjin.domain.json import JsonValue
from genjin.domain.sync import Misfit
from genjin.errors import Invalid
from genjin.importers.synced.bringing import Bringing
from genjin.importers.synced.files import WantedFile, is_here, keep_file, wanted_files
from genjin.service.files.uploads import arriving
from genjin.store.transaction import Tx
from genjin.sync.keeping import Keeper

TRIES = 3
MOST_FAILURES = 3
"""Files of one host that cannot be reached: after so many in a run, no more are asked of it."""
_LOCKS = 64


class Files:
    """Fetches from the server at `url`, and from wherever on the public internet it says that files lie. `done` is how
    many have come, or could not be had.
    """

    def __init__(self, keeper: Keeper, url: str, most_bytes: int) -> None:
        self._keeper, self._most = keeper, most_bytes
        self._downloader = Downloader(url, most_bytes=most_bytes)
        self._unreached = Counter[str]()
        self._counting, self._locks = Lock(), [Lock() for _ in range(_LOCKS)]
        self._closed = False
        self.done = 0

    def bring(self, items: Sequence[JsonValue]) -> int:
        """Fetch and keep the files of a timeline that are not here, one after the other; in any thread. What could not
        be had is written down. How many are here now.
        """
        wanted = self._keeper.read(lambda tx: wanted_files(self._into(tx), items))
        return sum(self._bring(each) for each in wanted if not self._closed)

    def close(self) -> None:
        """Begin no other one."""
        self._closed = True

    def _bring(self, wanted: WantedFile) -> bool:
        keeper = self._keeper
        with self._locks[wanted.told.id % _LOCKS]:  # two timelines may show one file at once
            if keeper.read(lambda tx: is_here(self._into(tx), wanted)):
                return False
            why = self._fetch(wanted)
            raw: JsonValue = {"url": wanted.url, "name": wanted.name}
            keeper.keep(wanted.key, *([Misfit("", why, raw)] if why else []))
        with self._counting:
            self.done += 1
        return not why

    def _fetch(self, wanted: WantedFile) -> str:
        """Fetch one and keep it; why it could not be, empty when it was."""
        if wanted.size is not None and wanted.size > self._most:
            return f"has {wanted.size} bytes, more than GENJIN_MAX_FILE_BYTES"
        host, why = wanted.url.partition("://")[2].partition("/")[0], ""
        if self._unreached[host] >= MOST_FAILURES:
            return f"{host} could not be reached"
        keeper = self._keeper
        for _ in range(TRIES):
            with arriving(keeper.installation) as upload:
                try:
                    self._downloader.download(wanted.url, upload.write)
                    keep_file(keeper.installation, keeper.organisation_id, keeper.sync.id, wanted, upload)
                except NotReached as error:
                    why = str(error)
                except (ClientError, Invalid) as error:
                    return str(error)
                else:
                    return ""
        self._unreached[host] += 1
        return why

    def _into(self, tx: Tx) -> Bringing:
        return Bringing(tx, self._keeper.organisation_id, self._keeper.sync.id, self._keeper.now())
