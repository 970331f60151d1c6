"""A follow-up: what a colleague wrote about a record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from genjin.domain.attachment import NOTHING_ATTACHED, Attached
from genjin.domain.json import JsonValue
from genjin.domain.place import Place
from genjin.domain.records import RecordType, Ref

MAX_TEXT = 20_000
"""Characters of one follow-up; longer texts are refused."""


CAPTURED_AS: Mapping[str, tuple[str, ...]] = {
    "text": ("description", "origin_description"),
    "said_at": ("real_revisit_at",),
    "remind_at": ("remind_at", "remind_at_display"),
    "category_id": (),
    "place": ("address",),
    "mentions": ("at_users",),
    "contacts": ("revisit_log_contacts", "refers_display"),
    "opportunity_id": ("revisit_log_opportunity",),
    "contract_id": ("revisit_log_contract",),
    "mixed": ("attachments", "image_attachments", "attachment_files"),
    "files": ("attachments", "attachment_files"),
    "audios": ("audios",),
    "custom": (),
}
"""The fields that an edit may change, each with the captured values (see kinds.py) that its new value replaces."""


@dataclass(frozen=True, slots=True)
class FollowUpDetails:
    """The rare parts of a follow-up's activity.

    `refs` are the contacts that it concerns, and the opportunity and the contract that it belongs to. `attached` are
    its files, None when it has none; an earlier wording keeps those that it had. `custom` holds the fields that the
    organisation added to the form, by name. `captured` is described in kinds.py.
    """

    place: Place | None = None
    mentions: tuple[int, ...] = ()
    refs: tuple[Ref, ...] = ()
    attached: Attached | None = None
    custom: Mapping[str, JsonValue] | None = None
    captured: Mapping[str, JsonValue] | None = None

    @property
    def contacts(self) -> tuple[int, ...]:
        return tuple(ref.id for ref in self.refs if ref.type is RecordType.CONTACT)

    @property
    def opportunity_id(self) -> int | None:
        return self._linked(RecordType.OPPORTUNITY)

    @property
    def contract_id(self) -> int | None:
        return self._linked(RecordType.CONTRACT)

    def _linked(self, type_: RecordType) -> int | None:
        return next((ref.id for ref in self.refs if ref.type is type_), None)


class FollowUp(NamedTuple):
    """Where a follow-up is found: its own id, its activity, its author and its target."""

    id: int
    activity_id: int
    author_id: int
    target: Ref
    at: int


@dataclass(frozen=True, slots=True)
class FollowUpInput:
    """What somebody writes. In an edit, a field that is not in `given` stays as it was.

    `said_at` is when it happened, in the writer's words; `status` is the target's new status, of an opportunity
    `stage`, None to leave it. `attached` is named in `given` by its parts: mixed, files, audios.
    """

    given: frozenset[str] = frozenset()
    text: str = ""
    category_id: int | None = None
    said_at: int | None = None
    remind_at: int | None = None
    place: Place | None = None
    mentions: tuple[int, ...] = ()
    contacts: tuple[int, ...] = ()
    opportunity_id: int | None = None
    contract_id: int | None = None
    attached: Attached = NOTHING_ATTACHED
    custom: Mapping[str, JsonValue] | None = None
    status: str | None = None
    stage: str | None = None


def refs_of(contacts: Iterable[int], opportunity_id: int | None, contract_id: int | None) -> tuple[Ref, ...]:
    """What a follow-up is linked to, as FollowUpDetails keeps it."""
    refs = [Ref(RecordType.CONTACT, id_) for id_ in contacts]
    if opportunity_id is not None:
        refs.append(Ref(RecordType.OPPORTUNITY, opportunity_id))
    if contract_id is not None:
        refs.append(Ref(RecordType.CONTRACT, contract_id))
    return tuple(refs)


@dataclass(frozen=True, slots=True)
class FollowUpFilter:
    """What the list is asked for; None means anything. `span` is a half-open range of instants.

    `department_id` is the author's department.
    """

    span: tuple[int, int] | None = None
    author_id: int | None = None
    department_id: int | None = None
    target_type: RecordType | None = None
    target_id: int | None = None
