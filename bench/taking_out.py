"""`python -m bench.taking_out`: how long it takes to export 100,000 entries, and to back an installation up and restore
it, on both engines; and how much memory the exports take.
"""

import argparse
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from bench import postgres
from bench.engines import add_engines, print_of_each
from bench.filling import fill
from bench.world import LOGIN, ORGANISATION, Size, highest_id, make_history, make_world
from genjin.domain.attachment import Attachment, FileKind
from genjin.domain.feed import FeedFilter
from genjin.exporters.backup import back_up
from genjin.exporters.entries import export_entries
from genjin.exporters.restoring import check_backup, restore
from genjin.exporters.sheets import Format
from genjin.service.context import Installation, open_installation
from genjin.service.organisation.signin import authenticate, create_token
from genjin.settings import Settings
from genjin.store import files, ids

EXPORTED, FILE_BYTES = 100_000, 1_000_000
FORMATS: tuple[Format, ...] = ("csv", "xlsx", "parquet")


def main() -> int:
    """Fill, export, back up, restore; print a line for each."""
    parser = argparse.ArgumentParser(prog="python -m bench.taking_out", description=__doc__)
    parser.add_argument("--entries", type=int, default=500_000)
    parser.add_argument("--files", type=int, default=500, help="so many of a megabyte each")
    parser.add_argument("--programs", default="", help="the folder of pg_dump, where it is not on the path")
    add_engines(parser)
    asked = parser.parse_args()
    print_of_each(asked.engines, "taking_out", lambda url: measure(url, asked.entries, asked.files, asked.programs))
    return 0


def measure(url: str, entries: int, count: int, programs: str) -> Iterator[str]:
    """Lines of figures."""
    size = Size.spread(entries, EXPORTED // 5)
    world = make_world(size)
    fill(url, world, make_history(world, size), highest_id(world, size))
    with TemporaryDirectory(prefix="genjin-bench-") as place:
        folder = Path(place)
        installation = open_installation(Settings(database_url=url, files_url=f"file:{folder}/files"))
        with closing(installation.database):
            yield f"{installation.database.engine}, {entries:,} entries, {count:,} files of {FILE_BYTES:,} bytes"
            yield from _exported(installation)
            for _ in range(count):
                _keep(installation)
            yield from _backed_up(installation, url, folder, programs)


def _exported(installation: Installation) -> Iterator[str]:
    session = authenticate(installation, create_token(installation, ORGANISATION, LOGIN, "bench"))
    for form in FORMATS:
        before, begun, computed = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, perf_counter(), process_time()
        made = export_entries(installation, session, FeedFilter(), form, EXPORTED, True, "zh", "")
        took, computed = perf_counter() - begun, process_time() - computed
        made.file.close()
        more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        told = f"{made.rows:,} entries in {took:.1f} s, of the processor {computed:.1f} s, {made.size / 1e6:.1f} MB"
        yield f"  export {form:8}{told}, {max(more, 0):.0f} MB more memory"


def _keep(installation: Installation) -> None:
    with installation.blobs.arriving() as arriving:
        arriving.write(os.urandom(FILE_BYTES))
        sha256 = arriving.finish()
        installation.blobs.put(ORGANISATION, sha256, arriving.path)
    now = installation.clock.now()
    installation.database.write(
        lambda tx: files.put(
            *(tx, ORGANISATION),
            Attachment(ids.allocate(tx)[0], sha256, "x", "x/x", FILE_BYTES, FileKind.FILE, 0, now),
        ),
        ORGANISATION,
    )


def _backed_up(installation: Installation, url: str, folder: Path, programs: str) -> Iterator[str]:
    for name, since in (("first", None), ("second", folder / "first")):
        begun = perf_counter()
        manifest, linked = back_up(installation, programs, folder / name, since)
        took = perf_counter() - begun
        size = manifest.database.size + manifest.files.bytes
        told = f"{size / 1e6:,.0f} MB in {took:.1f} s, {size / 1e6 / took:.0f} MB/s"
        yield f"  backup {name:8}{told}: database {manifest.database.size / 1e6:,.0f} MB, {linked:,} files linked"
    begun = perf_counter()
    assert list(check_backup(folder / "first", programs)) == []
    yield f"  check          {perf_counter() - begun:.1f} s"
    new = f"sqlite:///{folder}/new.db" if url.startswith("sqlite") else postgres.another(url, "restored")
    other = open_installation(Settings(database_url=new, files_url=f"file:{folder}/new-files"))
    with closing(other.database):
        begun = perf_counter()
        restore(other, programs, folder / "first")
        yield f"  restore        {perf_counter() - begun:.1f} s"


if __name__ == "__main__":
    sys.exit(main())
