"""Brings the timelines that have to be read, several at once as far as the limit allows; puts them as they come."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import NamedTuple

from genjin.client import Client, ClientError, Unexpected
from genjin.client.errors import NotAllowed, NotSignedIn, NotThere
from genjin.domain.json import JsonValue
from genjin.domain.records import Ref
from genjin.domain.sync import Misfit, Unit
from genjin.errors import InFlight, StoreUnavailable
from genjin.importers.synced.bringing import Bringing
from genjin.importers.synced.timelines import put_timeline
from genjin.store import syncs
from genjin.sync.files import Files
from genjin.sync.keeping import Keeper
from genjin.sync.reading import Walk, read_timeline
from genjin.wire.v1.refs import read_ref

BEAT_SECONDS = 10
"""So often a run tells that it is alive while it waits."""
MOST_FAILURES = 10
"""So many timelines in a row that cannot be read end a run: it is not them."""
MOST_REFUSED = 100
"""So many in a row that are not shown: somebody may have deleted many since their list was read."""


class Read(NamedTuple):
    """A timeline as it was read, or why it was not; `files` is how many of those that it shows came with it."""

    unit: Unit
    walk: Walk | None
    error: ClientError | None = None
    files: int = 0


def bring_timelines(
    keeper: Keeper,
    client: Client,
    units: Iterator[Unit],
    threads: int,
    files: Files | None,
    done: Callable[[Unit], object],
    beat: Callable[[], object],
) -> list[str]:
    """Read and put these, with the `files` that they show; `done` is told of each, `beat` is called while none comes.
    What is strange about some, in words. Raises ClientError when the server is away; whatever it raises, it has closed
    the client.
    """
    strange, failures, refused = list[str](), 0, 0
    with ThreadPoolExecutor(threads, "genjin-sync") as pool:
        try:
            for some in _read(pool, partial(_read_one, client, files), units, threads, beat):
                keeper.count("files", sum(each.files for each in some))
                _put_all(keeper, [each for each in some if each.walk is not None])
                for unit, _, error, _ in some:
                    done(unit)
                    if error is None:
                        failures = refused = 0
                        continue
                    is_refused = isinstance(error, NotThere | NotAllowed)
                    failures, refused = failures + (not is_refused), refused + is_refused
                    strange.append(f"{unit.name}: {error}")
                    if isinstance(error, NotSignedIn) or failures >= MOST_FAILURES or refused >= MOST_REFUSED:
                        raise error
                    _keep_failed(keeper, unit, error)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            client.close()  # nobody waits for its answers any more, or tries again
            if files is not None:
                files.close()
            raise
    return strange


def _read(
    pool: ThreadPoolExecutor,
    read: Callable[[Unit], Read],
    units: Iterator[Unit],
    threads: int,
    beat: Callable[[], object],
) -> Iterator[list[Read]]:
    """What has been read since the last time, `threads` at a time, a few ahead of who puts it."""
    under_way = set[Future[Read]]()
    while True:
        under_way |= {pool.submit(read, unit) for unit in islice(units, 2 * threads - len(under_way))}
        if not under_way:
            return
        ready, under_way = wait(under_way, timeout=BEAT_SECONDS, return_when=FIRST_COMPLETED)
        if not ready:
            beat()
            continue
        yield [each.result() for each in ready]


def _read_one(client: Client, files: Files | None, unit: Unit) -> Read:
    ref = read_ref(unit.name)
    try:
        walk = read_timeline(client, ref)
        return Read(unit, walk, files=files.bring(walk.items) if files else 0)
    except ClientError as error:
        return Read(unit, None, error)


def _put_all(keeper: Keeper, some: Sequence[Read]) -> None:
    """Put them together; where that fails, each by itself, and what cannot be put is kept as it came."""
    try:
        keeper.write(partial(_put, some))
    except (StoreUnavailable, InFlight):
        raise
    except Exception:
        for each in some:
            raw: JsonValue = each.walk.items if each.walk else None
            keeper.write_or_keep(partial(_put, [each]), each.unit.name, raw)


def _put(some: Sequence[Read], into: Bringing) -> None:
    for each in some:
        _put_one(into, each)


def _put_one(into: Bringing, read: Read) -> None:
    walk, ref = read.walk, read_ref(read.unit.name)
    assert walk is not None
    into.misfits.clear()
    put_timeline(into, Ref(ref.type, ref.id), walk.items, whole=walk.exact)
    keys = into.tx, into.organisation_id, into.sync_id
    now = syncs.find_units(*keys, [read.unit.name]).get(read.unit.name, read.unit)
    due_at = None if walk.exact or walk.lasting else now.due_at  # what changes faster than it can be read stays due
    syncs.put_units(*keys, [replace(now, due_at=due_at, read_at=into.now, total=walk.total, state={})])
    syncs.put_misfits(*keys, read.unit.name, into.now, into.misfits)


def _keep_failed(keeper: Keeper, unit: Unit, error: ClientError) -> None:
    if isinstance(error, Unexpected):
        keeper.keep(unit.name, Misfit("", str(error), error.raw.decode(errors="replace").replace("\0", "\ufffd")))
    elif isinstance(error, NotThere | NotAllowed):
        # Not shown any more; the next walk through its list finds out whether it is gone.
        keeper.put_unit(replace(unit, due_at=None, read_at=keeper.now(), state={"refused": str(error)}))
