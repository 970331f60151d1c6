"""Check-ins: where each one's id leads, and the list over all records. What they say is in their activities."""

from sqlalchemy import RowMapping, and_, func, select

from genjin.domain.activity import Facts
from genjin.domain.checkin import CheckIn, CheckInFilter
from genjin.domain.policy import Viewer
from genjin.domain.records import RecordType, Ref
from genjin.store.tables import activities, checkins, records
from genjin.store.transaction import Tx
from genjin.store.visible import visible

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


def page(tx: Tx, viewer: Viewer, wanted: CheckInFilter, offset: int, limit: int) -> tuple[list[Facts], int]:
    """Check-ins on records that the viewer may see, newest first, and how many there are in all."""
    c, r, a = checkins.c, records.c, activities.c
    conditions = [visible(viewer), r.deleted_at.is_(None), c.organisation_id == viewer.organisation_id]
    if wanted.span is not None:
        conditions += [c.at >= wanted.span[0], c.at < wanted.span[1]]
    for column, value in (
        (c.author_id, wanted.author_id),
        (c.target_type, wanted.target_type),
        (c.target_id, wanted.target_id),
    ):
        if value is not None:
            conditions.append(column == int(value))
    if wanted.detail:
        conditions.append(c.detail.icontains(wanted.detail, autoescape=True))
    on_record = and_(r.organisation_id == c.organisation_id, r.type == c.target_type, r.id == c.target_id)
    listed = checkins.join(records, on_record)
    total = int(tx.execute(select(func.count()).select_from(listed).where(*conditions)).scalar_one())
    said = and_(a.organisation_id == c.organisation_id, a.id == c.activity_id)
    statement = (
        select(*(a[name] for name in Facts._fields))
        .select_from(listed.join(activities, said))
        .where(*conditions)
        .order_by(c.at.desc(), c.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [Facts._make(row) for row in tx.execute(statement)], total


def _checkin(row: RowMapping) -> CheckIn:
    target = Ref(RecordType(row["target_type"]), row["target_id"])
    return CheckIn(target=target, **{name: row[name] for name in _SAME})
