"""Rows that records of several types have, each built from the handlers of its type."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from genjin.api.route import CHANGE, DELETE, GET, POST, ApiRoute
from genjin.api.v2 import life
from genjin.api.v2.life import LifeRoutes
from genjin.api.v2.pools import PoolRoutes
from genjin.api.v2.records import RecordRoutes
from genjin.domain.approval import APPROVABLE
from genjin.domain.records import MERGEABLE
from genjin.wire.records.forms import FORMS, Form
from genjin.wire.schemas import record_bodies as told
from genjin.wire.schemas import records as shown
from genjin.wire.schemas.inputs import Paging
from genjin.wire.schemas.life import AssistUsers, Merges
from genjin.wire.schemas.life_bodies import ApprovalNote, Collaborators, MergeUndone, Merging, NewOwner, Restoring
from genjin.wire.schemas.pools import (
    CommonSetting,
    CommonSettingCreation,
    CommonSettings,
    CommonSettingUpdate,
    HandingOut,
    MemberQuery,
    PoolMembers,
    PoolQuery,
    PutBack,
    RawRecord,
    Taking,
)

TYPES: tuple[tuple[LifeRoutes, type[BaseModel]], ...] = (
    (life.LEADS, shown.Lead),
    (life.CUSTOMERS, shown.Customer),
    (life.CONTACTS, shown.Contact),
    (life.OPPORTUNITIES, shown.Opportunity),
    (life.CONTRACTS, shown.Contract),
)
"""What happens to records of each type in their lives, and what they are answered as."""


def record_routes(
    handlers: RecordRoutes,
    one: type[BaseModel],
    many: type[BaseModel],
    creation: type[BaseModel],
    update: type[BaseModel],
    query: type[BaseModel] = told.RecordQuery,
) -> tuple[ApiRoute, ...]:
    """The routes that records of every type have."""
    name, names = handlers.form.singular, handlers.form.plural
    path = f"/api/v2/{names}"
    return (
        ApiRoute(GET, path, handlers.list, f"list {names}", many, query),
        ApiRoute(POST, path, handlers.create, f"create {name}", one, creation),
        ApiRoute(GET, f"{path}/by_name", handlers.by_name, f"list {names} by name", many, query),
        ApiRoute(GET, f"{path}/{{id}}", handlers.read, f"read {name}", one),
        ApiRoute(CHANGE, f"{path}/{{id}}", handlers.update, f"update {name}", one, update),
        ApiRoute(DELETE, f"{path}/{{id}}", handlers.delete, f"delete {name}", one),
    )


def handing_over_routes(each: LifeRoutes, answer: type[BaseModel]) -> tuple[ApiRoute, ...]:
    path, one = f"/api/v2/{each.form.plural}/{{id}}", each.form.singular
    listing = f"{path}/assist_users", each.assist_users, f"list collaborators of {one}"
    sharing = f"{path}/update_assist_user", each.update_assist_user, f"set collaborators of {one}"
    return (
        ApiRoute(CHANGE, f"{path}/update_user", each.update_user, f"hand over {one}", answer, NewOwner),
        ApiRoute(GET, *listing, AssistUsers, Paging),
        ApiRoute(CHANGE, *sharing, AssistUsers, Collaborators),
    )


def merging_routes(each: LifeRoutes, answer: type[BaseModel]) -> tuple[ApiRoute, ...]:
    if each.form.type not in MERGEABLE:
        return ()
    path, one = f"/api/v2/{each.form.plural}/{{id}}", each.form.singular
    return (
        ApiRoute(POST, f"{path}/merge", each.merge, f"merge {one}", answer, Merging),
        ApiRoute(GET, f"{path}/merges", each.merges, f"list merges of {one}", Merges, Paging),
        ApiRoute(POST, f"{path}/undo_merge", each.undo_merge, f"undo merge of {one}", answer, MergeUndone),
    )


def approval_routes(each: LifeRoutes, answer: type[BaseModel]) -> tuple[ApiRoute, ...]:
    if each.form.type not in APPROVABLE:
        return ()
    path, one = f"/api/v2/{each.form.plural}/{{id}}", each.form.singular
    return (
        ApiRoute(POST, f"{path}/submit_approval", each.submit, f"submit {one}", answer, ApprovalNote),
        ApiRoute(POST, f"{path}/approve", each.approve, f"approve {one}", answer, ApprovalNote),
        ApiRoute(POST, f"{path}/deny", each.deny, f"deny {one}", answer, ApprovalNote),
        ApiRoute(POST, f"{path}/revert", each.revert, f"revert {one}", answer, ApprovalNote),
    )


def restoring_route(each: LifeRoutes, answer: type[BaseModel]) -> ApiRoute:
    path = f"/api/v2/{each.form.plural}/{{id}}/restore"
    return ApiRoute(POST, path, each.restore, f"restore {each.form.singular}", answer, Restoring)


def in_and_out_routes(each: PoolRoutes, answer: type[BaseModel]) -> tuple[ApiRoute, ...]:
    path, one = f"/api/v2/{each.form.plural}/{{id}}", each.form.singular
    return (
        ApiRoute(POST, f"{path}/take", each.take, f"take {one}", answer, Taking),
        ApiRoute(CHANGE, f"{path}/put_back", each.put_back, f"put back {one}", answer, PutBack),
    )


def pool_routes(
    each: PoolRoutes, answer: type[BaseModel], answers: type[BaseModel], creation: type[BaseModel]
) -> tuple[ApiRoute, ...]:
    path, one, many = f"/api/v2/common_{each.form.plural}", each.form.singular, each.form.plural
    settings, setting = f"{path}/common_settings", f"{path}/common_settings/{{id}}"
    making, changing = (CommonSetting, CommonSettingCreation), (CommonSetting, CommonSettingUpdate)
    return (
        ApiRoute(GET, settings, each.settings, f"list {one} pools", CommonSettings),
        ApiRoute(POST, settings, each.add_setting, f"create {one} pool", *making),
        ApiRoute(CHANGE, setting, each.change_setting, f"update {one} pool", *changing),
        ApiRoute(GET, f"{path}/{{id}}/members", each.members, f"list members of {one} pool", PoolMembers, MemberQuery),
        ApiRoute(GET, path, each.list, f"list pooled {many}", answers, PoolQuery),
        ApiRoute(POST, path, each.create, f"create pooled {one}", answer, creation),
        ApiRoute(GET, f"{path}/{{id}}", each.read, f"read pooled {one}", answer),
        ApiRoute(DELETE, f"{path}/{{id}}", each.delete, f"delete pooled {one}", answer),
        ApiRoute(CHANGE, f"{path}/{{id}}/transfer", each.hand_out, f"hand out {one}", RawRecord, HandingOut),
    )


def routes_of_each_list(
    last: str, handler_of: Callable[[Form], Callable[..., Any]], name: str, answer: type[BaseModel]
) -> tuple[ApiRoute, ...]:
    """The same row for the list of each record type, such as `/api/v2/leads/filter_sort_group`."""
    return tuple(
        ApiRoute(GET, f"/api/v2/{form.plural}/{last}", handler_of(form), f"{name} {form.plural}", answer)
        for form in FORMS.values()
    )
