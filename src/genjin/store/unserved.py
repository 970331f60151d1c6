"""Calls of paths that are not served, counted for the installation's operator."""

from sqlalchemy import func, select

from genjin.store.tables import unserved_calls
from genjin.store.transaction import Tx


def count(tx: Tx, method: str, path: str, at: int, most: int) -> None:
    """Count one call; a path that is new is left out once there are `most` of them."""
    c = unserved_calls.c
    counted = tx.execute(
        unserved_calls.update().where(c.method == method, c.path == path).values(calls=c.calls + 1, last_at=at)
    )
    if counted.rowcount or tx.execute(select(func.count()).select_from(unserved_calls)).scalar_one() >= most:
        return
    row: dict[str, object] = {"method": method, "path": path, "calls": 1, "first_at": at, "last_at": at}
    tx.put(unserved_calls, [row])


def counted(tx: Tx) -> list[tuple[str, str, int, int, int]]:
    """(method, path, calls, first, last), the most called first."""
    statement = select(unserved_calls).order_by(unserved_calls.c.calls.desc(), unserved_calls.c.path)
    return [(r["method"], r["path"], r["calls"], r["first_at"], r["last_at"]) for r in tx.execute(statement).mappings()]
