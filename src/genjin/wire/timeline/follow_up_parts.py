"""The rare parts of a follow-up in an activity: files, place, who was mentioned, what it is linked to."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from genjin.domain.activity import Facts
from genjin.domain.records import RecordType
from genjin.wire.entries.linked import contacts_of, refs_in, titled
from genjin.wire.files.entry_files import FilesShown, attached_in, files_to_wire
from genjin.wire.modules import FOLLOW_UP
from genjin.wire.places import place_told
from genjin.wire.records.change import Names
from genjin.wire.records.parts import address_to_wire
from genjin.wire.timeline.bound_target import BoundTarget, Shared


class FollowUpParts(NamedTuple):
    """All of them as ready JSON; `files` are all files, the pictures and the rest."""

    files: tuple[bytes, bytes, bytes]
    audios: bytes
    address: bytes
    mentioned: bytes
    contacts: bytes
    contacts_row: bytes
    contract: bytes
    opportunity: bytes


def follow_up_parts(
    facts: Facts,
    rare: Mapping[str, Any],
    mentioned: Sequence[bytes],
    target: BoundTarget,
    names: Names,
    files: FilesShown,
    shared: Shared,
) -> FollowUpParts:
    """The parts of what the store has of it in `rare`. `mentioned` are ready JSON of colleagues."""
    place, refs = rare.get("place"), refs_in(rare)
    contacts = contacts_of(refs, names)
    row = {"label": shared.contacts_label, "value": contacts, "type": "Contact"}
    told = files_to_wire(attached_in(rare), files, (FOLLOW_UP, facts.object_id or 0), shared.directory.calendar)
    attachments, images, others, audios = map(orjson.dumps, told.values())
    return FollowUpParts(
        files=(attachments, images, others),
        audios=audios,
        address=b"{}" if place is None else orjson.dumps(target.sight.value("", address_to_wire(place_told(place)))),
        mentioned=b"[%b]" % b",".join(mentioned),
        contacts=orjson.dumps(contacts),
        contacts_row=orjson.dumps(row),
        contract=orjson.dumps(titled(refs, RecordType.CONTRACT, names, target.record)),
        opportunity=orjson.dumps(titled(refs, RecordType.OPPORTUNITY, names, target.record)),
    )
