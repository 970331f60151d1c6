"""The files that entries show: taken over when an entry is written, and found for the entries of an answer."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from genjin.domain.activity import Facts
from genjin.domain.attachment import ACTIVITY, Attached, Attachment, FileKind, Holder
from genjin.domain.records import Ref
from genjin.service.context import Session
from genjin.service.files.files import attach, claim
from genjin.service.visibility import files_open
from genjin.store import activities, files
from genjin.store.transaction import Tx


class EntryFiles(NamedTuple):
    """Files by their ids; those of `hidden` the viewer may know of and not open."""

    files: Mapping[int, Attachment] = {}
    hidden: frozenset[int] = frozenset()


def claimed(
    tx: Tx, session: Session, given: Attached, activity_id: int | None = None, called: Ref | None = None
) -> list[Attachment]:
    """The files that the viewer names for an entry, new or already its own. Raises Invalid by field.

    A recording may have been attached to the record that was `called` before: telephones do so when they upload it.
    """
    holder = None if activity_id is None else Holder(ACTIVITY, activity_id)
    return [
        *claim(tx, session, given.mixed, "attachment_ids", holder),
        *claim(tx, session, given.files, "attachment_file_ids", holder),
        *claim(tx, session, given.audios, "audio_ids", holder, FileKind.RECORDING, called),
    ]


def attach_to_entry(tx: Tx, session: Session, some: Sequence[Attachment], activity_id: int, now: int) -> None:
    """Attach what was claimed."""
    if some:
        attach(tx, session, some, Holder(ACTIVITY, activity_id), now)


def remove_of_entry(tx: Tx, session: Session, activity_id: int, now: int) -> None:
    """Delete the files of an entry that is taken back, those of its earlier wordings too."""
    holder = Holder(ACTIVITY, activity_id)
    gone = files.held_by(tx, session.organisation_id, [holder]).get(holder, [])
    files.remove(tx, session.organisation_id, [file.id for file in gone], now)


def files_of(tx: Tx, session: Session, entries: Sequence[Facts]) -> EntryFiles:
    """The files that these entries show; hidden are those that the viewer may not open."""
    by_target: dict[Ref, set[int]] = {}
    for facts in entries:
        if facts.rare is not None and (ids := _ids(facts)):
            by_target.setdefault(facts.target, set()).update(ids)
    if not by_target:
        return EntryFiles()
    found = files.find_many(tx, session.organisation_id, sorted(set().union(*by_target.values())))
    opened = files_open(tx, session, by_target)
    return EntryFiles(found, frozenset().union(*(ids for target, ids in by_target.items() if target not in opened)))


def _ids(facts: Facts) -> set[int]:
    return {id_ for part in activities.attached_to(facts) for id_ in part}
