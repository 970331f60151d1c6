"""The audit log: what it is asked for, and acts of administration as they are shown."""

import re
from typing import Annotated

from pydantic import Field, StringConstraints

from genjin.domain.audit import GROUPS, Act, AuditFilter, Noted, acts_of
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.wire.v1.shared import Id, Named, Next, Paged, Shown, named_or_none
from genjin.wire.v1.times import MomentOrDay, ShownTime, end_of, iso_time, start_of

ActText = Annotated[str, StringConstraints(pattern=f"^({'|'.join(map(re.escape, [*GROUPS, *Act]))})$")]


class AuditQuery(Paged):
    """Which acts are asked for."""

    actor: Id | None = Field(None, description="The id of who did them.")
    act: ActText | None = Field(None, description="An act such as `user.changed`, or a group of them such as `user`.")
    from_: MomentOrDay | None = Field(None, alias="from", description="From this moment on, or from this day on.")
    to: MomentOrDay | None = Field(None, description="Before this moment, or until the end of this day.")


class AuditSubject(Shown):
    """What an act was done to: its id, where it has one, and what it was called then."""

    id: int | None
    name: str


class AuditChange(Shown):
    """One thing that is otherwise now; null where it was not there."""

    field: str
    before: str | int | bool | None
    after: str | int | bool | None


class AuditEntry(Shown):
    """An act of administration."""

    id: int
    at: ShownTime
    actor: Named | None = Field(description="Null for the installation's operator, and for who failed to sign in.")
    act: str = Field(json_schema_extra={"enum": [act.value for act in Act]})
    subject: AuditSubject
    changes: list[AuditChange]


class AuditLog(Shown):
    """Acts of administration, the latest first."""

    items: list[AuditEntry]
    next: Next


def audit_filter(query: AuditQuery, directory: Directory) -> AuditFilter:
    """What is asked for."""
    acts = frozenset[Act]() if query.act is None else acts_of(query.act)
    since = None if query.from_ is None else start_of(query.from_, directory.calendar)
    until = None if query.to is None else end_of(query.to, directory.calendar)
    return AuditFilter(query.actor, acts, since, until)


def noted_to_wire(noted: Noted, directory: Directory) -> dict[str, JsonValue]:
    """An act as AuditEntry."""
    return {
        "id": noted.id,
        "at": iso_time(noted.at, directory.calendar),
        "actor": named_or_none(directory.users.get(noted.actor_id)),
        "act": noted.act.value,
        "subject": noted.subject._asdict(),
        "changes": [change._asdict() for change in noted.changes],
    }
