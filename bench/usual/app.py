"""The usual way, its server: FastAPI, an ORM session a request, eager loading, a pydantic response model.

It is what a careful team would write first: the right indexes, no query per entry. It answers with the same
bytes' worth as Genjin, which the bench checks.
"""

import hashlib
import os
from collections.abc import Sequence
from itertools import groupby
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session, joinedload, sessionmaker

from bench.usual.page import activity_to_wire, heading
from bench.usual.tables import Activity, Call, FollowUp, Mention, Record, Token, User
from genjin.wire.sales_activity import DayGroup, SalesActivities

ZONE = ZoneInfo("Asia/Shanghai")
CLASS_NAMES = {"leads": "Lead", "customers": "Customer"}
SIZE = 15


class Answer(BaseModel):
    """The envelope."""

    code: int
    data: SalesActivities


def create_app() -> FastAPI:
    """The application over the database in BENCH_DATABASE."""
    sessions = sessionmaker(create_engine(os.environ["BENCH_DATABASE"], pool_size=40))
    app = FastAPI()

    def viewer(authorization: Annotated[str, Header()]) -> User:
        with sessions() as session:
            return _viewer(session, authorization.removeprefix("Token token="))

    @app.get("/api/v2/{entity_type}/{entity_id}/sales_activities", response_model=Answer)
    def sales_activities(
        entity_type: str, entity_id: int, user: Annotated[User, Depends(viewer)], page: int = 1
    ) -> Answer:
        with sessions() as session:
            record = session.get(Record, entity_id)
            if record is None or record.class_name != CLASS_NAMES.get(entity_type) or not _may_see(user, record):
                raise HTTPException(404)
            found, total = _page(session, record, page)
            groups = [
                DayGroup(date=day, activities=[activity_to_wire(each, user, ZONE) for each in some])
                for day, some in groupby(found, lambda each: heading(each.at, ZONE))
            ]
        return Answer(code=0, data=_data(groups, total, page))

    return app


def _viewer(session: Session, token: str) -> User:
    digest = hashlib.sha256(token.encode()).digest()
    role = joinedload(Token.user).joinedload(User.role)
    found = session.scalar(select(Token).where(Token.token_hash == digest).options(role))
    if found is None:
        raise HTTPException(401)
    return found.user


def _may_see(user: User, record: Record) -> bool:
    return user.role.scope == "all" or record.owner_id == user.id


def _page(session: Session, record: Record, page: int) -> tuple[Sequence[Activity], int]:
    total = session.scalar(select(func.count()).select_from(Activity).where(Activity.record_id == record.id)) or 0
    statement = (
        select(Activity)
        .where(Activity.record_id == record.id)
        .order_by(Activity.at.desc(), Activity.id.desc())
        .limit(SIZE)
        .offset((page - 1) * SIZE)
        .options(
            joinedload(Activity.record),
            joinedload(Activity.user).joinedload(User.department),
            joinedload(Activity.follow_up).joinedload(FollowUp.category),
            joinedload(Activity.follow_up)
            .selectinload(FollowUp.mentions)
            .joinedload(Mention.user)
            .joinedload(User.department),
            joinedload(Activity.call).selectinload(Call.recordings),
        )
    )
    return session.scalars(statement).all(), total


def _data(groups: list[DayGroup], total: int, page: int) -> SalesActivities:
    fields: dict[str, Any] = {
        "sales_activities": groups,
        "default_image_url": "/static/attachment_no_permission.svg",
        "user_config_columns": {"revisit_log": [], "dx_revisit_log": None},
        "total_count": total,
        "per_page": SIZE,
        "page": page,
    }
    return SalesActivities(**fields)
