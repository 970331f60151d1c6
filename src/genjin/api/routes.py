"""The whole URL table: what the upstream has, and what is ours. Docs and the OpenAPI description are made from it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from genjin.api import (
    call_centers,
    calls,
    checkins,
    comments,
    duplicates,
    fields,
    files,
    followups,
    health,
    life,
    login,
    sales_activities,
    users,
)
from genjin.api.customer_parts import OF_CUSTOMERS, OF_POOLED_CUSTOMERS
from genjin.api.life import LifeRoutes
from genjin.api.pools import POOLED_CUSTOMERS, POOLED_LEADS, PoolRoutes
from genjin.api.records import CONTACTS, CONTRACTS, CUSTOMERS, LEADS, OPPORTUNITIES, RecordRoutes
from genjin.domain.approval import APPROVABLE
from genjin.domain.records import MERGEABLE
from genjin.wire import record_bodies as told
from genjin.wire import record_schemas as shown
from genjin.wire.checkin import CheckInObject
from genjin.wire.comment import WireComment
from genjin.wire.duplicate_schemas import (
    AlikeCustomers,
    AlikeRecords,
    ComparedFields,
    DuplicateQuery,
    NameAsked,
    QueryAsked,
    TypeAsked,
)
from genjin.wire.field_schemas import (
    AllFieldGroups,
    CustomFieldCreation,
    FieldGroups,
    FieldMaps,
    FilterOptions,
    FilterSortGroup,
    FormField,
)
from genjin.wire.file import AttachedFiles, FileDump
from genjin.wire.file_inputs import FileQuery, FilesToAdd, FilesToAttach, NewFile, TicketQuery, TicketUpload
from genjin.wire.inputs import (
    AppLogin,
    CallCenterQuery,
    CallEnd,
    CallerQuery,
    CallQuery,
    CallStart,
    CheckInCreation,
    CheckInEnd,
    CheckInQuery,
    CommentCreation,
    CommentUpdate,
    FollowUpCreation,
    FollowUpQuery,
    FollowUpUpdate,
    HangUp,
    Login,
    Paging,
    PlacedCommentCreation,
    Successor,
    UserQuery,
)
from genjin.wire.life_bodies import (
    ApprovalByKey,
    ApprovalNote,
    Collaborators,
    ConversionQuery,
    ConversionUndone,
    MergeUndone,
    Merging,
    NewOwner,
    Restoring,
    Transfer,
)
from genjin.wire.life_schemas import AssistUsers, Merges, OfferedCustomer, Transferred
from genjin.wire.pool_types import (
    CommonSetting,
    CommonSettingCreation,
    CommonSettings,
    CommonSettingUpdate,
    HandingOut,
    MemberQuery,
    PooledCustomerCreation,
    PooledLeadCreation,
    PoolMembers,
    PoolQuery,
    PutBack,
    RawRecord,
    Taking,
)
from genjin.wire.record_forms import FORMS, Form
from genjin.wire.sales_activity import SalesActivities
from genjin.wire.schemas import (
    CallCenterUsers,
    CallerAnswer,
    CheckIns,
    Comments,
    Departments,
    DialLogAnswer,
    DialLogs,
    Files,
    FollowUp,
    FollowUps,
    Leaving,
    Life,
    LoginAnswer,
    Permissions,
    Readiness,
    SimpleUsers,
    Users,
)
from genjin.wire.upload import FormTicket, StoredFile, Ticket
from genjin.wire.user import FullUser


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """One row: methods, path, who answers, its name, what it answers with, and what it takes.

    The handler's docstring describes it. `takes` is the query of a GET and the body of the others; a `public` route
    asks for no token, an `upload` takes a file in a multipart body.
    """

    methods: tuple[str, ...]
    path: str
    handler: Callable[..., Any]
    name: str
    answer: type[BaseModel]
    takes: type[BaseModel] | None = None
    public: bool = False
    upload: bool = False


GET, POST, CHANGE, DELETE = ("GET", "HEAD"), ("POST",), ("PUT", "PATCH", "POST"), ("DELETE",)

TIMELINE = ApiRoute(
    GET,
    "/api/v2/{entity_type}/{entity_id}/sales_activities",
    sales_activities.SalesActivities,
    "list sales activities",
    SalesActivities,
    Paging,
)
"""A bare ASGI endpoint: its handler is the class of it."""

TYPES: tuple[tuple[LifeRoutes, type[BaseModel]], ...] = (
    (life.LEADS, shown.Lead),
    (life.CUSTOMERS, shown.Customer),
    (life.CONTACTS, shown.Contact),
    (life.OPPORTUNITIES, shown.Opportunity),
    (life.CONTRACTS, shown.Contract),
)
"""What happens to records of each type in their lives, and what they are answered as."""


def _records(
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


def _handing_over(each: LifeRoutes, answer: type[BaseModel]) -> tuple[ApiRoute, ...]:
    path, one = f"/api/v2/{each.form.plural}/{{id}}", each.form.singular
    listing = f"{path}/assist_users", each.assist_users, f"list collaborators of {one}"
    sharing = f"{path}/update_assist_user", each.update_assist_user, f"set collaborators of {one}"
    return (
        ApiRoute(CHANGE, f"{path}/update_user", each.update_user, f"hand over {one}", answer, NewOwner),
        ApiRoute(GET, *listing, AssistUsers, Paging),
        ApiRoute(CHANGE, *sharing, AssistUsers, Collaborators),
    )


def _merging(each: LifeRoutes, answer: type[BaseModel]) -> tuple[ApiRoute, ...]:
    if each.form.type not in MERGEABLE:
        return ()
    path, one = f"/api/v2/{each.form.plural}/{{id}}", each.form.singular
    return (
        ApiRoute(POST, f"{path}/merge", each.merge, f"merge {one}", answer, Merging),
        ApiRoute(GET, f"{path}/merges", each.merges, f"list merges of {one}", Merges, Paging),
        ApiRoute(POST, f"{path}/undo_merge", each.undo_merge, f"undo merge of {one}", answer, MergeUndone),
    )


def _approval(each: LifeRoutes, answer: type[BaseModel]) -> tuple[ApiRoute, ...]:
    if each.form.type not in APPROVABLE:
        return ()
    path, one = f"/api/v2/{each.form.plural}/{{id}}", each.form.singular
    return (
        ApiRoute(POST, f"{path}/submit_approval", each.submit, f"submit {one}", answer, ApprovalNote),
        ApiRoute(POST, f"{path}/approve", each.approve, f"approve {one}", answer, ApprovalNote),
        ApiRoute(POST, f"{path}/deny", each.deny, f"deny {one}", answer, ApprovalNote),
        ApiRoute(POST, f"{path}/revert", each.revert, f"revert {one}", answer, ApprovalNote),
    )


def _restoring(each: LifeRoutes, answer: type[BaseModel]) -> ApiRoute:
    path = f"/api/v2/{each.form.plural}/{{id}}/restore"
    return ApiRoute(POST, path, each.restore, f"restore {each.form.singular}", answer, Restoring)


def _in_and_out(each: PoolRoutes, answer: type[BaseModel]) -> tuple[ApiRoute, ...]:
    path, one = f"/api/v2/{each.form.plural}/{{id}}", each.form.singular
    return (
        ApiRoute(POST, f"{path}/take", each.take, f"take {one}", answer, Taking),
        ApiRoute(CHANGE, f"{path}/put_back", each.put_back, f"put back {one}", answer, PutBack),
    )


def _pools(
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


def _of_each_list(
    last: str, handler_of: Callable[[Form], Callable[..., Any]], name: str, answer: type[BaseModel]
) -> tuple[ApiRoute, ...]:
    """The same row for the list of each record type, such as `/api/v2/leads/filter_sort_group`."""
    return tuple(
        ApiRoute(GET, f"/api/v2/{form.plural}/{last}", handler_of(form), f"{name} {form.plural}", answer)
        for form in FORMS.values()
    )


UPSTREAM = (
    ApiRoute(POST, "/api/v2/auth/login", login.login, "sign in", LoginAnswer, Login, public=True),
    ApiRoute(POST, "/api/v2/auth/login_app", login.login, "sign in from app", LoginAnswer, AppLogin, public=True),
    ApiRoute(
        *(GET, "/api/v2/customers/new_from_lead", life.new_from_lead, "read customer of lead"),
        *(OfferedCustomer, ConversionQuery),
    ),
    ApiRoute(
        *(GET, "/api/v2/customers/search_duplicates", duplicates.search_duplicates, "search duplicate customers"),
        *(AlikeCustomers, QueryAsked),
    ),
    ApiRoute(
        *(GET, "/api/v2/duplicates/matching_name", duplicates.matching_name, "list customers of name"),
        *(AlikeCustomers, NameAsked),
    ),
    ApiRoute(GET, "/api/v2/duplicates/search", duplicates.search, "search duplicates", AlikeRecords, DuplicateQuery),
    ApiRoute(
        *(GET, "/api/v2/duplicates/field_setting", duplicates.read_field_setting, "list compared fields"),
        *(ComparedFields, TypeAsked),
    ),
    ApiRoute(
        *(GET, "/api/v2/custom_fields/by_group_all", fields.list_all_field_groups, "list all field groups"),
        AllFieldGroups,
    ),
    ApiRoute(GET, "/api/v2/custom_fields/{form}/by_group", fields.list_field_groups, "list field groups", FieldGroups),
    ApiRoute(GET, "/api/v2/field_maps/{form}", fields.read_field_map, "read field map", FieldMaps),
    *_of_each_list("filter_sort_group", fields.filters_of, "list filters of", FilterSortGroup),
    *_of_each_list("{field}/filter_options", fields.choices_of, "list filter options of", FilterOptions),
    ApiRoute(
        POST, "/api/v2/custom_fields", fields.add_custom_field, "add custom field", FormField, CustomFieldCreation
    ),
    *_records(LEADS, shown.Lead, shown.Leads, told.LeadCreation, told.LeadUpdate),
    *_records(CUSTOMERS, shown.Customer, shown.Customers, told.CustomerCreation, told.CustomerUpdate),
    *_records(CONTACTS, shown.Contact, shown.Contacts, told.ContactCreation, told.ContactUpdate, told.ContactQuery),
    *_records(
        *(OPPORTUNITIES, shown.Opportunity, shown.Opportunities),
        *(told.OpportunityCreation, told.OpportunityUpdate, told.OpportunityQuery),
    ),
    *_records(
        *(CONTRACTS, shown.Contract, shown.Contracts),
        *(told.ContractCreation, told.ContractUpdate, told.ContractQuery),
    ),
    ApiRoute(
        *(GET, "/api/v2/customers/{id}/contacts", OF_CUSTOMERS.contacts, "list contacts of customer"),
        *(shown.Contacts, told.ContactQuery),
    ),
    ApiRoute(
        *(GET, "/api/v2/customers/{id}/opportunities", OF_CUSTOMERS.opportunities, "list opportunities of customer"),
        *(shown.OpportunitiesOfCustomer, told.OpportunityQuery),
    ),
    *(row for each, answer in TYPES for row in _handing_over(each, answer)),
    *_in_and_out(POOLED_LEADS, shown.Lead),
    *_in_and_out(POOLED_CUSTOMERS, shown.Customer),
    *_pools(POOLED_LEADS, shown.Lead, shown.Leads, PooledLeadCreation),
    ApiRoute(
        *(GET, "/api/v2/common_customers/{id}/contacts", OF_POOLED_CUSTOMERS.contacts),
        *("list contacts of pooled customer", shown.Contacts, told.ContactQuery),
    ),
    ApiRoute(
        *(GET, "/api/v2/common_customers/{id}/opportunities", OF_POOLED_CUSTOMERS.opportunities),
        *("list opportunities of pooled customer", shown.OpportunitiesOfCustomer, told.OpportunityQuery),
    ),
    *_pools(POOLED_CUSTOMERS, shown.Customer, shown.Customers, PooledCustomerCreation),
    ApiRoute(
        *(POST, "/api/approvals/{id}/approve", life.approve, "approve by key"),
        *(shown.ApprovedRecord, ApprovalByKey),
    ),
    ApiRoute(POST, "/api/approvals/{id}/deny", life.deny, "deny by key", shown.ApprovedRecord, ApprovalByKey),
    ApiRoute(POST, "/api/v2/revisit_logs", followups.write_follow_up, "write follow-up", FollowUp, FollowUpCreation),
    ApiRoute(
        GET, "/api/v2/revisit_logs/new_index", followups.list_follow_ups, "list follow-ups", FollowUps, FollowUpQuery
    ),
    ApiRoute(GET, "/api/v2/revisit_logs/{id}", followups.read_follow_up, "read follow-up", FollowUp),
    ApiRoute(CHANGE, "/api/v2/revisit_logs/{id}", followups.edit_follow_up, "edit follow-up", FollowUp, FollowUpUpdate),
    ApiRoute(DELETE, "/api/v2/revisit_logs/{id}", followups.delete_follow_up, "delete follow-up", FollowUp),
    ApiRoute(GET, "/api/v2/sales_activities/{id}/comments", comments.list_comments, "list comments", Comments, Paging),
    ApiRoute(
        *(POST, "/api/v2/sales_activities/{id}/comments", comments.write_comment_on, "comment on activity"),
        *(WireComment, CommentCreation),
    ),
    ApiRoute(POST, "/api/v2/comments", comments.write_comment, "write comment", WireComment, PlacedCommentCreation),
    ApiRoute(GET, "/api/v2/comments/{id}", comments.read_comment, "read comment", WireComment),
    ApiRoute(CHANGE, "/api/v2/comments/{id}", comments.edit_comment, "edit comment", WireComment, CommentUpdate),
    ApiRoute(DELETE, "/api/v2/comments/{id}", comments.delete_comment, "delete comment", WireComment),
    ApiRoute(GET, "/api/v2/user/list", users.list_users, "list users", Users, UserQuery),
    ApiRoute(GET, "/api/v2/user/info", users.read_own, "read own user", FullUser),
    ApiRoute(GET, "/api/v2/user/simple_list", users.list_choices, "list user choices", SimpleUsers),
    ApiRoute(GET, "/api/v2/user/department_list", users.list_departments, "list departments", Departments),
    ApiRoute(GET, "/api/v2/user/{id}", users.read_user, "read user", FullUser),
    ApiRoute(GET, "/api/v2/permissions", users.read_permissions, "read permissions", Permissions),
    ApiRoute(
        GET,
        "/api/call_centers/interface/users",
        call_centers.list_users,
        "list users for call center",
        CallCenterUsers,
        CallCenterQuery,
    ),
    ApiRoute(POST, "/api/v2/dial_logs", calls.log_call, "log call", DialLogAnswer, CallStart),
    ApiRoute(GET, "/api/v2/dial_logs/caller_id", calls.find_caller, "find caller", CallerAnswer, CallerQuery),
    ApiRoute(CHANGE, "/api/v2/dial_logs/{id}", calls.end_call, "end call", DialLogAnswer, CallEnd),
    ApiRoute(POST, "/api/v2/dial_centers/hang_up_nofify", calls.hang_up, "hang up", DialLogAnswer, HangUp),
    ApiRoute(GET, "/api/v2/checkins", checkins.list_checkins, "list check-ins", CheckIns, CheckInQuery),
    ApiRoute(POST, "/api/v2/checkins", checkins.sign_in, "sign in for visit", CheckInObject, CheckInCreation),
    ApiRoute(GET, "/api/v2/qiniu/auth/upload_token", files.issue_ticket, "issue upload ticket", Ticket, TicketQuery),
    ApiRoute(
        GET,
        "/api/pc/qiniu/auth/oss_upload_token.json",
        files.issue_form_ticket,
        "issue form ticket",
        FormTicket,
        TicketQuery,
    ),
    ApiRoute(
        POST,
        files.UPLOAD_WITH_TICKET,
        files.upload_with_ticket,
        "upload with ticket",
        StoredFile,
        TicketUpload,
        public=True,
        upload=True,
    ),
    ApiRoute(
        POST,
        "/api/v2/attachments/{klass}/{id}/upload_attachments",
        files.attach_files,
        "attach files",
        AttachedFiles,
        FilesToAttach,
    ),
    ApiRoute(POST, "/api/pc/attachments/{id}/add_attachments", files.add_files, "add files", AttachedFiles, FilesToAdd),
)

OURS = (
    ApiRoute(GET, "/api/v2/checkins/{id}", checkins.read_checkin, "read check-in", CheckInObject),
    ApiRoute(
        CHANGE, "/api/v2/checkins/{id}/sign_out", checkins.sign_out, "sign out of visit", CheckInObject, CheckInEnd
    ),
    ApiRoute(POST, "/api/v2/transfers", life.transfer_many, "hand over many", Transferred, Transfer),
    ApiRoute(
        POST, "/api/v2/leads/{id}/undo_turn", life.LEADS.undo_turn, "undo conversion", shown.Lead, ConversionUndone
    ),
    *(row for each, answer in TYPES for row in _merging(each, answer)),
    *(row for each, answer in TYPES for row in _approval(each, answer)),
    *(_restoring(each, answer) for each, answer in TYPES),
    ApiRoute(GET, "/api/v2/dial_logs", calls.list_calls, "list calls", DialLogs, CallQuery),
    ApiRoute(GET, "/api/v2/dial_logs/{id}", calls.read_call, "read call", DialLogAnswer),
    ApiRoute(POST, files.UPLOAD, files.upload_file, "upload file", FileDump, NewFile, upload=True),
    ApiRoute(GET, "/api/v2/attachments", files.list_files, "list files", Files, FileQuery),
    ApiRoute(GET, "/api/v2/attachments/{id}", files.read_one, "read file", FileDump),
    ApiRoute(DELETE, "/api/v2/attachments/{id}", files.delete_file, "delete file", FileDump),
    ApiRoute(POST, "/api/v2/user/{id}/leave", users.leave, "let user leave", Leaving, Successor),
    ApiRoute(GET, "/healthz", health.healthz, "check life", Life, public=True),
    ApiRoute(GET, "/readyz", health.readyz, "check readiness", Readiness, public=True),
)
