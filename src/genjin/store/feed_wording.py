"""What activities say: as they are now, or as they were known at an instant, by their earlier wordings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, func, or_, select

from genjin.domain.activity import Facts
from genjin.domain.policy import Viewer
from genjin.store.tables import activities, activity_versions, comments

_KEPT = ("said_at", "remind_at", "category_id", "text", "rare")
"""What an earlier wording has."""


@dataclass(frozen=True)
class Said:
    """The columns of Facts, by name. `source` is joined to `activities` in `joined`."""

    columns: Mapping[str, ColumnElement[Any]]
    there: ColumnElement[bool]

    @property
    def text(self) -> ColumnElement[Any]:
        return self.columns["text"]

    @property
    def rare(self) -> ColumnElement[Any]:
        return self.columns["rare"]

    @property
    def comment_count(self) -> ColumnElement[Any]:
        return self.columns["comment_count"]


_NOW = {name: activities.c[name] for name in Facts._fields}
NOW = Said(_NOW, activities.c.deleted_at.is_(None))


def known_at(viewer: Viewer, moment: int) -> Said:
    """What was known then, in a query of `joined_then`; what was taken back later is there, worded as it was then."""
    a, v = activities.c, _THEN.c
    earlier = activity_versions.alias("earlier")
    edited = select(func.max(earlier.c.replaced_at)).where(
        earlier.c.organisation_id == viewer.organisation_id,
        earlier.c.activity_id == a.id,
        earlier.c.replaced_at <= moment,
    )
    counted = select(func.count()).where(
        comments.c.organisation_id == viewer.organisation_id,
        comments.c.activity_id == a.id,
        comments.c.created_at <= moment,
        or_(comments.c.deleted_at.is_(None), comments.c.deleted_at > moment),
    )
    columns: dict[str, ColumnElement[Any]] = dict(_NOW)
    columns |= {name: case((v.version.is_(None), a[name]), else_=v[name]) for name in _KEPT}
    columns["edited_at"] = case((v.version.is_(None), a.edited_at), else_=edited.scalar_subquery())
    columns["comment_count"] = counted.scalar_subquery()
    there = and_(a.recorded_at <= moment, or_(a.deleted_at.is_(None), a.deleted_at > moment))
    return Said(columns, there)


def joined_then(viewer: Viewer, source: FromClause, moment: int) -> FromClause:
    """Activities, each with the first wording that was replaced later."""
    later = activity_versions.alias("later")
    first = select(func.min(later.c.version)).where(
        later.c.organisation_id == viewer.organisation_id,
        later.c.activity_id == activities.c.id,
        later.c.replaced_at > moment,
    )
    its = and_(
        _THEN.c.organisation_id == viewer.organisation_id,
        _THEN.c.activity_id == activities.c.id,
        _THEN.c.version == first.scalar_subquery(),
    )
    return source.outerjoin(_THEN, its)


_THEN = activity_versions.alias("worded_then")
