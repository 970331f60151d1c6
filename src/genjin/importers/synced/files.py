"""Keeps the files that an upstream's entries show. Links to them expire: they are fetched with the timeline that shows
them, and before it is put, so that its entries show ours.
"""

import mimetypes
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from genjin.domain.attachment import ACTIVITY, Holder, Upload
from genjin.domain.json import JsonValue
from genjin.importers.synced.bringing import Bringing, digest
from genjin.importers.synced.ids import ACTIVITIES, FILES, USERS, ours, remember, settle
from genjin.service.context import Installation
from genjin.service.files.uploads import Origin, keep_as
from genjin.store import sync_ids
from genjin.store.blob_files import Arriving
from genjin.store.transaction import Tx
from genjin.wire.scalars import id_or_none
from genjin.wire.synced.files import ToldFile, files_in


class WantedFile(NamedTuple):
    """A file that is not here yet. `url` is as it was told, and may be relative; `size` is None where it is not told.

    `entry_id` and `user_id` are the upstream's ids of the activity that shows it and of who did that, 0 for nobody.
    """

    key: str
    url: str
    name: str
    media_type: str
    size: int | None
    told: ToldFile
    entry_id: int
    user_id: int
    at: int


def wanted_files(into: Bringing, bodies: Sequence[JsonValue]) -> list[WantedFile]:
    """The files that these activities show and that are not here."""
    found: dict[int, WantedFile] = {}
    for body in bodies:
        if not isinstance(body, Mapping):
            continue
        entry_id, user = id_or_none(body.get("id")), body.get("user")
        user_id = id_or_none(user.get("id")) if isinstance(user, Mapping) else None
        for told in files_in(body, into.calendar) if entry_id is not None else ():
            assert entry_id is not None
            name, key = told.name or _name_of(told), f"{FILES}/{told.id}"
            at = into.now if told.at is None else told.at
            wanted = WantedFile(key, told.url, name, told.content_type, told.size, told, entry_id, user_id or 0, at)
            found.setdefault(told.id, wanted)
    here = _here(into, found)
    return [wanted for id_, wanted in found.items() if id_ not in here]


def is_here(into: Bringing, wanted: WantedFile) -> bool:
    """Whether it was kept since: another timeline may show it, too."""
    return bool(_here(into, [wanted.told.id]))


def keep_file(
    installation: Installation, organisation_id: int, sync_id: int, wanted: WantedFile, arriving: Arriving
) -> None:
    """Keep what has arrived of a file. Raises Invalid for an empty one, StoreUnavailable."""

    def prepare(tx: Tx) -> tuple[Origin, int]:
        into = Bringing(tx, organisation_id, sync_id, installation.clock.now())
        file_id = ours(into, FILES, [wanted.told.id])[wanted.told.id]
        holder = Holder(ACTIVITY, ours(into, ACTIVITIES, [wanted.entry_id])[wanted.entry_id])
        user_id = ours(into, USERS, [wanted.user_id])[wanted.user_id] if wanted.user_id else 0
        return Origin(file_id, wanted.at, holder, wanted.told.seconds), user_id

    def done(tx: Tx) -> None:
        into = Bringing(tx, organisation_id, sync_id, installation.clock.now())
        known = settle(into, FILES, [wanted.told.id])[wanted.told.id]
        remember(into, FILES, {wanted.told.id: known._replace(told=digest("here"))})

    origin, user_id = installation.database.write(prepare, organisation_id)
    told = Upload(wanted.name, wanted.told.note, wanted.told.sub_type)
    keep_as(installation, organisation_id, user_id, arriving, told, origin)
    installation.database.write(done, organisation_id)


def _here(into: Bringing, ids: Iterable[int]) -> set[int]:
    known = sync_ids.find(into.tx, into.organisation_id, into.sync_id, FILES, ids)
    return {id_ for id_, each in known.items() if each.told is not None}


def _name_of(told: ToldFile) -> str:
    """What a recording is called of which only its address is told."""
    last = told.url.partition("?")[0].rpartition("/")[2]
    return last or f"{told.id}{mimetypes.guess_extension(told.content_type) or ''}"
