"""What this installation signs with: one secret that all its workers share, made when it is first asked for."""

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from genjin.store.tables import secrets
from genjin.store.transaction import Tx


def find_secret(tx: Tx, name: str) -> bytes | None:
    """The secret of this name; None before there is one."""
    found = tx.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar_one_or_none()
    return None if found is None else bytes(found)


def make_secret(tx: Tx, name: str, fresh: bytes) -> bytes:
    """The secret of this name, which is `fresh` unless another worker was quicker."""
    insert = (sqlite if tx.engine == "sqlite" else postgresql).insert(secrets)
    tx.execute(insert.on_conflict_do_nothing(), {"name": name, "value": fresh})
    found = find_secret(tx, name)
    assert found is not None
    return found
