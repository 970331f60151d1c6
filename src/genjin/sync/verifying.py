"""Reads some timelines again and compares whole bodies: theirs with what our renderer makes of what is here."""

import random
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain, islice
from typing import NamedTuple

import orjson

from genjin.client import Client, Unexpected
from genjin.client.errors import NotAllowed, NotThere
from genjin.domain.json import JsonValue
from genjin.domain.people import DataScope
from genjin.domain.policy import Viewer
from genjin.domain.records import Ref
from genjin.domain.sync import Unit
from genjin.domain.timeline import Page
from genjin.service.context import Session
from genjin.service.directory import load
from genjin.service.timeline.timeline import view_page
from genjin.store import records, sync_ids, timeline
from genjin.store.transaction import Tx
from genjin.sync.keeping import Keeper
from genjin.sync.lists import WITH_TIMELINES, Tell
from genjin.sync.reading import read_timeline
from genjin.wire.files.entry_files import files_shown
from genjin.wire.timeline.page import Binder
from genjin.wire.v1.refs import TYPE_NAMES, read_ref

PAGE = 200
MOST_TOLD = 20
"""So many differences of one timeline are told."""
LIES_ELSEWHERE = ("_url", "gaode_staticmap")
"""Ends of the names of addresses of files and pictures: where they lie is each server's own."""


class Unlike(NamedTuple):
    """What is not alike in a timeline: where, what is there, what is here."""

    unit: str
    path: str
    theirs: JsonValue
    ours: JsonValue


def verify(
    keeper: Keeper, client: Client, me: JsonValue, count: int, draw: random.Random, tell: Tell
) -> Iterator[Unlike]:
    """Compare the timelines of so many records, which are drawn by lot. Raises ClientError."""
    drawn = _drawn(keeper, count, draw)
    for number, unit in enumerate(drawn):
        keeper.touch()
        tell(number, len(drawn))
        ref = read_ref(unit.name)
        try:
            theirs = read_timeline(client, ref).items
        except (NotAllowed, NotThere, Unexpected) as error:
            yield Unlike(unit.name, "", str(error), None)
            continue
        ours = keeper.read(partial(_rendered, keeper, ref, me))
        for path, told, shown in islice(unlike(theirs, ours), MOST_TOLD):
            yield Unlike(unit.name, path, told, shown)


def unlike(theirs: JsonValue, ours: JsonValue) -> Iterator[tuple[str, JsonValue, JsonValue]]:
    """Where two bodies are not alike. Ids are, when one stands for the other everywhere: what came with an id that
    was taken here has another one.
    """
    yield from _Comparison().unlike("", "", theirs, ours)


class _Comparison:
    """Remembers which ids stand for which, apart by where they stand: `user.id`, `contacts.id`."""

    def __init__(self) -> None:
        self._ours, self._theirs = dict[tuple[str, int], int](), dict[tuple[str, int], int]()

    def unlike(
        self, path: str, key: str, theirs: JsonValue, ours: JsonValue
    ) -> Iterator[tuple[str, JsonValue, JsonValue]]:
        if isinstance(theirs, Mapping) and isinstance(ours, Mapping):
            of = key.rpartition(".")[2]
            for name in [*theirs, *(name for name in ours if name not in theirs)]:
                if not name.endswith(LIES_ELSEWHERE):
                    yield from self.unlike(f"{path}.{name}", f"{of}.{name}", theirs.get(name), ours.get(name))
        elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
            for place, (each, other) in enumerate(zip(theirs, ours, strict=True)):
                yield from self.unlike(f"{path}[{place}]", key, each, other)
        elif type(theirs) is int and type(ours) is int and key.endswith((".id", "_id")):
            before = self._ours.setdefault((key, theirs), ours), self._theirs.setdefault((key, ours), theirs)
            if before != (ours, theirs):
                yield path, theirs, ours
        elif theirs != ours or type(theirs) is not type(ours):
            yield path, theirs, ours


def _drawn(keeper: Keeper, count: int, draw: random.Random) -> list[Unit]:
    """Timelines that were read and are not due, each as likely as another."""
    drawn, seen = list[Unit](), 0
    for name in WITH_TIMELINES:
        for unit in chain.from_iterable(keeper.listed(name)):
            if unit.read_at is None or unit.due_at is not None or unit.listed_at is None:
                continue
            seen += 1
            if len(drawn) < count:
                drawn.append(unit)
            elif (place := draw.randrange(seen)) < count:
                drawn[place] = unit
    return drawn


def _rendered(keeper: Keeper, theirs: Ref, me: JsonValue, tx: Tx) -> list[JsonValue]:
    """The activities of a record as who signed in there would be shown them here, if they see everything."""
    of = tx, keeper.organisation_id, keeper.sync.id
    told = me.get("id") if isinstance(me, dict) else None
    viewer_id = sync_ids.ours(*of, "users", [told]).get(told, 0) if type(told) is int else 0
    id_ = sync_ids.ours(*of, TYPE_NAMES[theirs.type], [theirs.id]).get(theirs.id, 0)
    record = records.find_many(tx, keeper.organisation_id, [Ref(theirs.type, id_)]).get(Ref(theirs.type, id_))
    if record is None:
        return []
    directory = load(tx, keeper.organisation_id)
    session = Session(Viewer(keeper.organisation_id, viewer_id, DataScope.ALL), directory)
    binder, items = Binder(directory), list[JsonValue]()
    total = timeline.length(tx, keeper.organisation_id, record.ref)[0]
    for number in range(1, -(-total // PAGE) + 1):
        view = view_page(tx, session, record, Page(number, PAGE), total)
        files = files_shown(*view.files, lambda *_: "", directory)
        shown = binder.page(session.viewer, view.entries, view.targets, total, view.page, view.comments, files)
        items += [each for day in orjson.loads(shown)["data"]["sales_activities"] for each in day["activities"]]
    return items
