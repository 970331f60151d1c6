"""Kinds of activities that an organisation defines: by its administrators, for the programs that tell of them."""

from collections.abc import Callable, Collection
from dataclasses import asdict, replace

import orjson

from genjin.domain.audit import Act, Subject
from genjin.domain.custom_kind import FIRST_CODE, LAST_CODE, MOST_KINDS, CustomKind, Definition, errors_of
from genjin.domain.json import JsonValue
from genjin.domain.payload import check_schema
from genjin.domain.policy import may_administer
from genjin.errors import Duplicate, Forbidden, Invalid, NotFound, Stale
from genjin.service.audit import NOTHING, hand_of, note
from genjin.service.context import Installation, Session
from genjin.store import custom_kinds, people
from genjin.store.transaction import Tx


def define_kind(installation: Installation, session: Session, told: Definition) -> CustomKind:
    """A new kind, which activities may be of from now on. Raises Forbidden, Invalid; Duplicate for a taken name."""
    _check_administers(session)
    _check(told)
    now = installation.clock.now()

    def use(tx: Tx) -> CustomKind:
        there = _locked(tx, session)
        if any(kind.definition.name == told.name for kind in there):
            raise Duplicate(f"there is a kind {told.name} already", "name")
        code = max(FIRST_CODE, 1 + custom_kinds.highest_code(tx, session.organisation_id))
        if len(there) >= MOST_KINDS or code > LAST_CODE:
            raise Invalid({"name": [f"would be one kind more than {MOST_KINDS}"]})
        return _put(tx, installation, session, None, CustomKind(code, told, now))

    return installation.database.write(use, session.organisation_id)


def change_kind(
    installation: Installation,
    session: Session,
    name: str,
    change: Callable[[Definition], Definition],
    archived: bool | None = None,
    wanted: Collection[str] | None = None,
) -> CustomKind:
    """Say it otherwise, archive it or bring it back, if its version is one of those that are `wanted`. Activities that
    are there are shown by what is said now. Its name stays.

    Raises Forbidden, NotFound, Stale, Invalid.
    """
    _check_administers(session)
    now = installation.clock.now()

    def use(tx: Tx) -> CustomKind:
        before = next((kind for kind in _locked(tx, session) if kind.definition.name == name), None)
        if before is None:
            raise NotFound(f"no kind {name!r}")
        if wanted is not None and str(before.version) not in wanted:
            raise Stale(name)
        told = change(before.definition)
        _check(told)
        archived_at = before.archived_at
        if archived is not None:
            archived_at = (before.archived_at or now) if archived else None
        if (told, archived_at) == (before.definition, before.archived_at):
            return before
        after = replace(before, definition=told, archived_at=archived_at, version=before.version + 1)
        return _put(tx, installation, session, before, after)

    return installation.database.write(use, session.organisation_id)


def _locked(tx: Tx, session: Session) -> list[CustomKind]:
    """The kinds; who defines others meanwhile waits until the transaction ends."""
    people.bump_version(tx, session.organisation_id)
    return custom_kinds.kind_list(tx, session.organisation_id)


def _put(
    tx: Tx, installation: Installation, session: Session, before: CustomKind | None, after: CustomKind
) -> CustomKind:
    custom_kinds.put_kinds(tx, session.organisation_id, [after])
    act, was = (Act.KIND_ADDED, NOTHING) if before is None else (Act.KIND_CHANGED, _told(before))
    note(tx, installation, hand_of(session), act, Subject(after.code, after.definition.name), was, _told(after))
    return after


def _told(kind: CustomKind) -> dict[str, JsonValue]:
    """As the audit log tells of one."""
    told = asdict(kind.definition)
    return {name: _text(value) for name, value in told.items()} | {"archived": kind.archived_at is not None}


def _text(value: object) -> JsonValue:
    return value if isinstance(value, str | None) else orjson.dumps(value).decode()


def _check_administers(session: Session) -> None:
    if not may_administer(session.viewer):
        raise Forbidden("只有管理员可以定义动态类型")


def _check(told: Definition) -> None:
    errors = errors_of(told)
    try:
        check_schema(told.schema or {})
    except Invalid as error:
        errors |= error.errors
    if errors:
        raise Invalid(errors)
