"""Who sees what happened on a record: the records that decide it, with what the policy looks at, at one moment.

All that happened on one record has the same audience. It is kept beside each change of it, so that a reader can be told
what came into sight and what left it (see domain/change_log.py). Whatever the policy says, `policy` is asked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from genjin.domain.policy import Viewer, may_see, may_see_phones
from genjin.domain.records import OF_A_CUSTOMER, Record, RecordType, Ref


class Seen(NamedTuple):
    """How a viewer sees what happened on a record: at all, with telephone numbers in full, with files to open."""

    entries: bool
    numbers: bool
    files: bool


NOT_SEEN = Seen(False, False, False)


@dataclass(frozen=True, slots=True)
class Audience:
    """`target` is the record that it happened on, `kept` the one that took its place, and the customers are those that
    these two roll up to. Of each there is only what the policy looks at; a deleted one has some `deleted_at`.
    """

    target: Record
    kept: Record | None = None
    customer: Record | None = None
    kept_customer: Record | None = None

    def seen_by(self, viewer: Viewer) -> Seen:
        """What the viewer sees of it. An entry is seen by who sees a timeline that it is in."""
        if not any(may_see(viewer, record) for record in self._shown_in()):
            return NOT_SEEN
        return Seen(True, self._shows_numbers(viewer), self._opens_files(viewer))

    def _shown_in(self) -> Iterator[Record]:
        """The records whose timelines show it; a merged one's timeline is that of what took its place."""
        for record in (self.target, self.kept, self.customer, self.kept_customer):
            if record is not None and record.deleted_at is None and record.merged_into_id is None:
                yield record

    def _shows_numbers(self, viewer: Viewer) -> bool:
        beside = self.customer if self.target.merged_into_id is None else self.kept
        return may_see_phones(viewer, self.target) or (
            beside is not None and beside.deleted_at is None and may_see_phones(viewer, beside)
        )

    def _opens_files(self, viewer: Viewer) -> bool:
        if self.target.merged_into_id is not None:
            return self.kept is not None and self.kept.deleted_at is None and may_see(viewer, self.kept)
        through = self.customer if self.target.type in OF_A_CUSTOMER else None
        if through is not None and through.deleted_at is not None:
            through = None
        return may_see(viewer, self.target, through)


Packed = Sequence[Any]
"""The same as JSON: a list of four, each null or [owner, department, pool, collaborators, deleted, merged]."""


def packed(audience: Audience) -> Packed:
    """What `unpacked` reads."""
    some = (audience.target, audience.kept, audience.customer, audience.kept_customer)
    return [None if record is None else _parts(record) for record in some]


def unpacked(ref: Ref, told: Packed) -> Audience:
    """The audience of what happened on this record; of the others no id is known."""
    types = (ref.type, ref.type, RecordType.CUSTOMER, RecordType.CUSTOMER)
    ids = (ref.id, 0, 0, 0)
    target, *others = (
        None if parts is None else held(Ref(type_, id_), parts)
        for type_, id_, parts in zip(types, ids, told, strict=True)
    )
    assert target is not None
    return Audience(target, *others)


def held(ref: Ref, parts: Sequence[Any]) -> Record:
    """A record with nothing but what the policy looks at, of the six parts that are named above."""
    owner_id, department_id, pool_id, collaborators, deleted, merged = parts
    return Record(
        *(ref.type, ref.id, "", owner_id, None, department_id, 0, 0),
        pool_id=pool_id,
        collaborators=frozenset(collaborators),
        deleted_at=0 if deleted else None,
        merged_into_id=0 if merged else None,
    )


def _parts(record: Record) -> list[Any]:
    deleted, merged = record.deleted_at is not None, record.merged_into_id is not None
    return [record.owner_id, record.department_id, record.pool_id, sorted(record.collaborators), deleted, merged]
