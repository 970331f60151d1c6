"""The kinds of activities that an organisation defined."""

from collections.abc import Iterable
from dataclasses import asdict

import orjson
from sqlalchemy import func, select

from genjin.domain.custom_kind import CustomKind, Definition
from genjin.domain.kinds import Group
from genjin.store.tables import custom_kinds
from genjin.store.transaction import Tx


def put_kinds(tx: Tx, organisation_id: int, some: Iterable[CustomKind]) -> None:
    """Insert or replace."""
    rows: list[dict[str, object]] = [
        {
            "organisation_id": organisation_id,
            "code": kind.code,
            "name": kind.definition.name,
            "definition": orjson.dumps(asdict(kind.definition)),
            "created_at": kind.created_at,
            "archived_at": kind.archived_at,
            "version": kind.version,
        }
        for kind in some
    ]
    tx.put(custom_kinds, rows)


def kind_list(tx: Tx, organisation_id: int) -> list[CustomKind]:
    """All of them, archived ones too, by code."""
    columns = [custom_kinds.c[name] for name in ("code", "definition", "created_at", "archived_at", "version")]
    statement = select(*columns).where(custom_kinds.c.organisation_id == organisation_id).order_by(custom_kinds.c.code)
    return [CustomKind(row[0], _definition(row[1]), *row[2:]) for row in tx.execute(statement)]


def highest_code(tx: Tx, organisation_id: int) -> int:
    """The highest code that was given out; 0 for none."""
    statement = select(func.max(custom_kinds.c.code)).where(custom_kinds.c.organisation_id == organisation_id)
    return int(tx.execute(statement).scalar_one() or 0)


def _definition(packed: bytes) -> Definition:
    told = orjson.loads(packed)
    return Definition(**told | {"group": Group(told["group"])})
