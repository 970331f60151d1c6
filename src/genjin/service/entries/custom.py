"""Entries of kinds that the organisation defined: written by programs, held to the kind's schema."""

from dataclasses import replace

from genjin.domain.activity import Draft, Facts
from genjin.domain.custom_kind import CustomKind
from genjin.domain.followup import MAX_TEXT
from genjin.domain.kinds import CustomDetails
from genjin.domain.payload import check_payload
from genjin.domain.records import Ref
from genjin.domain.sight import Sight
from genjin.domain.writing import AS_WRITTEN, CustomInput, Original
from genjin.errors import Forbidden, Invalid, NotFound
from genjin.service import activities
from genjin.service.context import Installation, Session
from genjin.service.entries.elsewhere import may_change
from genjin.service.records.views import sight_on
from genjin.service.visibility import seen_entry, standing
from genjin.store import activities as facts_store
from genjin.store import records
from genjin.store.activities import pack_details, pack_text, unpack_details, unpack_text
from genjin.store.transaction import Tx


def write_custom(
    installation: Installation, session: Session, target: Ref, given: CustomInput, original: Original = AS_WRITTEN
) -> Facts:
    """Write an entry on a record. Whether the viewer may write for others was asked before.

    Raises NotFound for a record that the viewer may not see; Invalid for an archived kind, and what breaks its schema.
    """
    kind = _kind(session, given.code)
    if kind.archived_at is not None:
        raise Invalid({"kind": ["已停用"]})
    _check(kind, given)
    now = installation.clock.now()

    def use(tx: Tx) -> Facts:
        record = standing(tx, session, target, records.find_for_update)
        draft = Draft(
            kind=kind.kind,
            actor_id=original.actor_id or session.viewer.user_id,
            target=record.ref,
            at=now if original.at is None else original.at,
            recorded_at=now,
            said_at=given.said_at,
            text=given.text,
            details=CustomDetails(given.payload),
        )
        return activities.record(tx, session.organisation_id, draft)

    return installation.database.write(use, session.organisation_id)


def edit_custom(installation: Installation, session: Session, activity_id: int, given: CustomInput) -> None:
    """Change what is given; a payload as a whole. The earlier wording is kept. Raises NotFound, Forbidden, Invalid."""
    kind = _kind(session, given.code)
    now = installation.clock.now()

    def use(tx: Tx) -> None:
        facts = _own(tx, session, activity_id)
        meant = _meant(sight_on(tx, session, facts.target), facts, kind, given)
        _check(kind, meant)
        values: dict[str, object] = {}
        if "text" in given.given:
            values["text"] = pack_text(meant.text)
        if "said_at" in given.given:
            values["said_at"] = meant.said_at
        if "payload" in given.given:
            values["rare"] = pack_details(CustomDetails(meant.payload))
        if values:
            activities.edit(tx, session.organisation_id, facts, values, now, session.viewer.user_id)

    installation.database.write(use, session.organisation_id)


def delete_custom(installation: Installation, session: Session, activity_id: int) -> None:
    """Take an entry back. Raises NotFound, Forbidden."""
    now = installation.clock.now()

    def use(tx: Tx) -> None:
        activities.take_back(tx, session.organisation_id, _own(tx, session, activity_id), now)

    installation.database.write(use, session.organisation_id)


def _own(tx: Tx, session: Session, activity_id: int) -> Facts:
    """One's own entry, or one that one keeps up to date; its record is locked. Raises NotFound, Forbidden."""
    facts = seen_entry(tx, session, activity_id)
    records.find_for_update(tx, session.organisation_id, facts.target)
    facts = facts_store.find(tx, session.organisation_id, activity_id) or facts
    if not may_change(tx, session, activity_id, facts.actor_id):
        raise Forbidden("只能修改或删除自己写的动态")
    return facts


def _kind(session: Session, code: int) -> CustomKind:
    kind = session.directory.custom_kinds.get(code)
    if kind is None:
        raise NotFound(f"no kind {code}")
    return kind


def _meant(sight: Sight, facts: Facts, kind: CustomKind, given: CustomInput) -> CustomInput:
    """What an edit tells, where it was sent back with masked numbers; what it does not tell, as it was."""
    before = unpack_details(kind.kind, facts.rare)
    assert isinstance(before, CustomDetails)
    held = before.payload or {}
    payload = {name: sight.meant(name, value, held) for name, value in given.payload.items()}
    text = sight.meant_text(given.text, unpack_text(facts.text))
    return replace(
        given,
        payload=payload if "payload" in given.given else held,
        text=text if "text" in given.given else unpack_text(facts.text),
    )


def _check(kind: CustomKind, given: CustomInput) -> None:
    errors: dict[str, list[str]] = {}
    if len(given.text) > MAX_TEXT:
        errors["text"] = [f"不能超过{MAX_TEXT}个字符"]
    try:
        check_payload(kind.definition.schema or {}, given.payload)
    except Invalid as error:
        errors |= {f"details.{path}" if path else "details": texts for path, texts in error.errors.items()}
    if errors:
        raise Invalid(errors)
