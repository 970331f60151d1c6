"""Check-ins: where each one's id leads, and the list over all records. What they say is in their activities."""

from sqlalchemy import RowMapping, delete, select

from genjin.domain.activity import Facts
from genjin.domain.checkin import CheckIn, CheckInFilter
from genjin.domain.policy import Viewer
from genjin.domain.records import RecordType, Ref
from genjin.store.entries import Asked, count, entries, facts_of
from genjin.store.tables import checkins
from genjin.store.transaction import Tx

_SAME = [name for name in CheckIn._fields if name != "target"]


def put(tx: Tx, organisation_id: int, *some: CheckIn) -> None:
    """Insert or replace."""
    rows: list[dict[str, object]] = [
        {
            "organisation_id": organisation_id,
            "target_type": int(checkin.target.type),
            "target_id": checkin.target.id,
        }
        | {name: getattr(checkin, name) for name in _SAME}
        for checkin in some
    ]
    tx.put(checkins, rows)


def find(tx: Tx, organisation_id: int, checkin_id: int) -> CheckIn | None:
    """One check-in."""
    statement = select(checkins).where(checkins.c.organisation_id == organisation_id, checkins.c.id == checkin_id)
    row = tx.execute(statement).mappings().one_or_none()
    return None if row is None else _checkin(row)


def remove(tx: Tx, organisation_id: int, checkin_id: int) -> None:
    """Its id leads nowhere from now on."""
    tx.execute(delete(checkins).where(checkins.c.organisation_id == organisation_id, checkins.c.id == checkin_id))


def page(tx: Tx, viewer: Viewer, wanted: CheckInFilter, offset: int, limit: int) -> tuple[list[Facts], int]:
    """Check-ins on records that the viewer may see, newest first, and how many there are in all."""
    c = checkins.c
    asked = Asked(wanted.span, wanted.author_id, wanted.target_type, wanted.target_id)
    more = [c.detail.icontains(wanted.detail, autoescape=True)] if wanted.detail else []
    found = entries(viewer, c.author_id, c.at, asked, more)
    return facts_of(tx, checkins, found, offset, limit), count(tx, found)


def _checkin(row: RowMapping) -> CheckIn:
    target = Ref(RecordType(row["target_type"]), row["target_id"])
    return CheckIn(target=target, **{name: row[name] for name in _SAME})
