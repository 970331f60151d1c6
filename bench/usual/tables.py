"""The usual way, its tables: normalised, one row a fact, as an ORM's documentation teaches it."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Department(Base):
    __tablename__ = "departments"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Role(Base):
    __tablename__ = "roles"
    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str]


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    organisation_id: Mapped[int]
    created_at: Mapped[int]
    email: Mapped[str]
    phone: Mapped[str]
    role_id: Mapped[int] = mapped_column(ForeignKey("roles.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    workflow_state: Mapped[str]
    job: Mapped[str]
    tel: Mapped[str]
    avatar_url: Mapped[str]
    uid: Mapped[int]
    role: Mapped[Role] = relationship()
    department: Mapped[Department] = relationship()


class Token(Base):
    __tablename__ = "tokens"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship()


class Category(Base):
    __tablename__ = "categories"
    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]


class Record(Base):
    """A lead or a customer."""

    __tablename__ = "records"
    id: Mapped[int] = mapped_column(primary_key=True)
    class_name: Mapped[str]
    name: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    company_name: Mapped[str]
    status: Mapped[str]
    name_pinyin: Mapped[str]
    company_name_pinyin: Mapped[str]
    created_at: Mapped[int]
    updated_at: Mapped[int]


class Activity(Base):
    __tablename__ = "activities"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"))
    at: Mapped[int]
    recorded_at: Mapped[int]
    user: Mapped[User] = relationship()
    record: Mapped[Record] = relationship()
    follow_up: Mapped["FollowUp | None"] = relationship(uselist=False)
    call: Mapped["Call | None"] = relationship(uselist=False)
    __table_args__ = (Index("ix_activities_record", "record_id", "at", "id"),)


class FollowUp(Base):
    __tablename__ = "follow_ups"
    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), unique=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))
    text: Mapped[str]
    said_at: Mapped[int]
    remind_at: Mapped[int | None]
    address: Mapped[str | None]
    lat: Mapped[float | None]
    lng: Mapped[float | None]
    category: Mapped[Category] = relationship()
    mentions: Mapped[list["Mention"]] = relationship()


class Mention(Base):
    __tablename__ = "mentions"
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("follow_ups.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    user: Mapped[User] = relationship()


class Call(Base):
    __tablename__ = "calls"
    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), unique=True)
    outbound: Mapped[bool]
    mode: Mapped[int]
    recordings: Mapped[list["Recording"]] = relationship()


class Recording(Base):
    __tablename__ = "recordings"
    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    url: Mapped[str]
    seconds: Mapped[int]
    store: Mapped[int | None]
