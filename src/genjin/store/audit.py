"""The audit log. There is no way to change or to remove what it has."""

from collections.abc import Iterator

import orjson
from sqlalchemy import ColumnElement, and_, or_, select

from genjin.domain.audit import Act, AuditFilter, AuditKey, Noted, Subject
from genjin.domain.change import Change
from genjin.store.tables import audit_log
from genjin.store.transaction import Tx


def add(tx: Tx, organisation_id: int, noted: Noted) -> None:
    """Write an act down."""
    tx.execute(
        audit_log.insert(),
        {
            "organisation_id": organisation_id,
            "id": noted.id,
            "at": noted.at,
            "actor_id": noted.actor_id,
            "act": noted.act.value,
            "subject_id": noted.subject.id,
            "subject_name": noted.subject.name,
            "changes": orjson.dumps([list(each) for each in noted.changes]) if noted.changes else None,
        },
    )


def page(tx: Tx, organisation_id: int, wanted: AuditFilter, limit: int, after: AuditKey | None) -> list[Noted]:
    """At most so many acts, the latest first, of those behind a place."""
    c = audit_log.c
    statement = select(audit_log).where(c.organisation_id == organisation_id, *_conditions(wanted, after))
    rows = tx.execute(statement.order_by(c.at.desc(), c.id.desc()).limit(limit)).mappings()
    return [
        Noted(
            id=row["id"],
            at=row["at"],
            actor_id=row["actor_id"],
            act=Act(row["act"]),
            subject=Subject(row["subject_id"], row["subject_name"]),
            changes=tuple(Change(*each) for each in orjson.loads(row["changes"] or b"[]")),
        )
        for row in rows
    ]


def _conditions(wanted: AuditFilter, after: AuditKey | None) -> Iterator[ColumnElement[bool]]:
    c = audit_log.c
    if wanted.actor_id is not None:
        yield c.actor_id == wanted.actor_id
    if len(wanted.acts) == 1:
        [act] = wanted.acts
        yield c.act == act.value
    elif wanted.acts:
        yield c.act.in_(sorted(wanted.acts))
    if wanted.since is not None:
        yield c.at >= wanted.since
    if wanted.until is not None:
        yield c.at < wanted.until
    if after is not None:
        yield c.at <= after.at
        yield or_(c.at < after.at, and_(c.at == after.at, c.id < after.id))
