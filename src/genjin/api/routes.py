"""The whole URL table: the upstream's, what we put beside it, and our own API. Docs and OpenAPI are made from it."""

from genjin.api import health
from genjin.api.route import CHANGE, DELETE, GET, PATCH, POST, PUT, ApiRoute
from genjin.api.v1 import (
    activities,
    audit,
    calendars,
    changes,
    exports,
    follows,
    inbox,
    kinds,
    me,
    people,
    records,
    reminders,
    reports,
    search,
    timelines,
    webhooks,
    writing,
)
from genjin.api.v2 import (
    call_centers,
    calls,
    checkins,
    comments,
    duplicates,
    fields,
    files,
    followups,
    life,
    login,
    sales_activities,
    users,
)
from genjin.api.v2.customer_parts import OF_CUSTOMERS, OF_POOLED_CUSTOMERS
from genjin.api.v2.pools import POOLED_CUSTOMERS, POOLED_LEADS
from genjin.api.v2.records import CONTACTS, CONTRACTS, CUSTOMERS, LEADS, OPPORTUNITIES
from genjin.api.v2.shared_routes import (
    TYPES,
    approval_routes,
    handing_over_routes,
    in_and_out_routes,
    merging_routes,
    pool_routes,
    record_routes,
    restoring_route,
    routes_of_each_list,
)
from genjin.wire.comment import WireComment
from genjin.wire.entries.checkin import CheckInObject
from genjin.wire.files.file import AttachedFiles, FileDump
from genjin.wire.files.upload import FormTicket, StoredFile, Ticket
from genjin.wire.sales_activity import SalesActivities
from genjin.wire.schemas import record_bodies as told
from genjin.wire.schemas import records as shown
from genjin.wire.schemas.answers import (
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
from genjin.wire.schemas.duplicates import (
    AlikeCustomers,
    AlikeRecords,
    ComparedFields,
    DuplicateQuery,
    NameAsked,
    QueryAsked,
    TypeAsked,
)
from genjin.wire.schemas.fields import (
    AllFieldGroups,
    CustomFieldCreation,
    FieldGroups,
    FieldMaps,
    FilterOptions,
    FilterSortGroup,
    FormField,
)
from genjin.wire.schemas.file_inputs import FileQuery, FilesToAdd, FilesToAttach, NewFile, TicketQuery, TicketUpload
from genjin.wire.schemas.inputs import (
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
from genjin.wire.schemas.life import OfferedCustomer, Transferred
from genjin.wire.schemas.life_bodies import ApprovalByKey, ConversionQuery, ConversionUndone, Transfer
from genjin.wire.schemas.pools import PooledCustomerCreation, PooledLeadCreation
from genjin.wire.user import FullUser
from genjin.wire.v1.activity import Activity
from genjin.wire.v1.activity_versions import ActivityVersions
from genjin.wire.v1.audit import AuditLog
from genjin.wire.v1.batch import WrittenActivity
from genjin.wire.v1.calendar import CalendarObject
from genjin.wire.v1.change import ChangeObject, Changes
from genjin.wire.v1.delivery import DeliveryDetail, DeliveryList, ReplayObject
from genjin.wire.v1.feed import Feed
from genjin.wire.v1.follow import FollowList, FollowObject
from genjin.wire.v1.kind import KindList, KindObject
from genjin.wire.v1.me import Me
from genjin.wire.v1.notice import Inbox, Marked, NoticeObject, UnreadCounts
from genjin.wire.v1.record import RecordList, RecordObject
from genjin.wire.v1.reminder import ReminderList, ReminderObject
from genjin.wire.v1.report_done import CallsReport, FollowUpsReport, LeadsReport, VisitsReport
from genjin.wire.v1.report_outcome import (
    ConversionReport,
    FollowingReport,
    ResponseReport,
    SilentReport,
    StatusesReport,
)
from genjin.wire.v1.search import FoundList, SuggestedList
from genjin.wire.v1.timeline import MonthList, Timeline
from genjin.wire.v1.user import UserList
from genjin.wire.v1.webhook import WebhookList, WebhookObject

TIMELINE = ApiRoute(
    GET,
    "/api/v2/{entity_type}/{entity_id}/sales_activities",
    sales_activities.SalesActivities,
    "list sales activities",
    SalesActivities,
    Paging,
)
"""A bare ASGI endpoint: its handler is the class of it."""

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
    *routes_of_each_list("filter_sort_group", fields.filters_of, "list filters of", FilterSortGroup),
    *routes_of_each_list("{field}/filter_options", fields.choices_of, "list filter options of", FilterOptions),
    ApiRoute(
        POST, "/api/v2/custom_fields", fields.add_custom_field, "add custom field", FormField, CustomFieldCreation
    ),
    *record_routes(LEADS, shown.Lead, shown.Leads, told.LeadCreation, told.LeadUpdate),
    *record_routes(CUSTOMERS, shown.Customer, shown.Customers, told.CustomerCreation, told.CustomerUpdate),
    *record_routes(
        CONTACTS, shown.Contact, shown.Contacts, told.ContactCreation, told.ContactUpdate, told.ContactQuery
    ),
    *record_routes(
        *(OPPORTUNITIES, shown.Opportunity, shown.Opportunities),
        *(told.OpportunityCreation, told.OpportunityUpdate, told.OpportunityQuery),
    ),
    *record_routes(
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
    *(row for each, answer in TYPES for row in handing_over_routes(each, answer)),
    *in_and_out_routes(POOLED_LEADS, shown.Lead),
    *in_and_out_routes(POOLED_CUSTOMERS, shown.Customer),
    *pool_routes(POOLED_LEADS, shown.Lead, shown.Leads, PooledLeadCreation),
    ApiRoute(
        *(GET, "/api/v2/common_customers/{id}/contacts", OF_POOLED_CUSTOMERS.contacts),
        *("list contacts of pooled customer", shown.Contacts, told.ContactQuery),
    ),
    ApiRoute(
        *(GET, "/api/v2/common_customers/{id}/opportunities", OF_POOLED_CUSTOMERS.opportunities),
        *("list opportunities of pooled customer", shown.OpportunitiesOfCustomer, told.OpportunityQuery),
    ),
    *pool_routes(POOLED_CUSTOMERS, shown.Customer, shown.Customers, PooledCustomerCreation),
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
    *(row for each, answer in TYPES for row in merging_routes(each, answer)),
    *(row for each, answer in TYPES for row in approval_routes(each, answer)),
    *(restoring_route(each, answer) for each, answer in TYPES),
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

V1 = (
    ApiRoute(GET, "/api/v1/me", me.read_me, "read me", Me),
    ApiRoute(GET, "/api/v1/kinds", kinds.list_kinds, "list kinds", KindList),
    ApiRoute(POST, "/api/v1/kinds", kinds.create_kind, "define kind", KindObject, successes=(201,)),
    ApiRoute(GET, "/api/v1/kinds/{name}", kinds.read_kind, "read kind", KindObject),
    ApiRoute(PATCH, "/api/v1/kinds/{name}", kinds.update_kind, "change kind", KindObject),
    ApiRoute(DELETE, "/api/v1/kinds/{name}", kinds.archive_kind, "archive kind", KindObject),
    ApiRoute(GET, "/api/v1/activities", activities.list_activities, "list activities", Feed),
    ApiRoute(
        POST, "/api/v1/activities", writing.write_activity, "write activity", WrittenActivity, successes=(200, 201)
    ),
    ApiRoute(GET, "/api/v1/activities/{id}", writing.read_activity, "read activity", Activity),
    ApiRoute(PATCH, "/api/v1/activities/{id}", writing.update_activity, "change activity", Activity),
    ApiRoute(DELETE, "/api/v1/activities/{id}", writing.remove_activity, "remove activity", Activity),
    ApiRoute(GET, "/api/v1/activities/{id}/versions", writing.list_versions, "list versions", ActivityVersions),
    ApiRoute(GET, "/api/v1/timelines/{type}/{id}", timelines.read_timeline, "read timeline", Timeline),
    ApiRoute(GET, "/api/v1/timelines/{type}/{id}/months", timelines.list_months, "list months of timeline", MonthList),
    ApiRoute(GET, "/api/v1/changes", changes.list_changes, "list changes", Changes),
    ApiRoute(GET, "/api/v1/changes/stream", changes.stream_changes, "stream changes", ChangeObject, stream=True),
    ApiRoute(GET, "/api/v1/reports/calls", reports.report_calls, "report calls", CallsReport, report=True),
    ApiRoute(
        GET, "/api/v1/reports/follow-ups", reports.report_follow_ups, "report follow-ups", FollowUpsReport, report=True
    ),
    ApiRoute(GET, "/api/v1/reports/visits", reports.report_visits, "report visits", VisitsReport, report=True),
    ApiRoute(GET, "/api/v1/reports/leads", reports.report_leads, "report leads", LeadsReport, report=True),
    ApiRoute(
        GET, "/api/v1/reports/conversion", reports.report_conversion, "report conversion", ConversionReport, report=True
    ),
    ApiRoute(
        GET,
        "/api/v1/reports/first-response",
        reports.report_first_response,
        "report first response",
        ResponseReport,
        report=True,
    ),
    ApiRoute(
        GET,
        "/api/v1/reports/follow-up-rate",
        reports.report_follow_up_rate,
        "report follow-up rate",
        FollowingReport,
        report=True,
    ),
    ApiRoute(GET, "/api/v1/reports/silent", reports.report_silent, "report silent", SilentReport, report=True),
    ApiRoute(GET, "/api/v1/reports/statuses", reports.report_statuses, "report statuses", StatusesReport, report=True),
    ApiRoute(("GET",), "/api/v1/exports/activities", exports.export_activities, "export activities", Feed, export=True),
    ApiRoute(GET, "/api/v1/search", search.search, "search", FoundList),
    ApiRoute(GET, "/api/v1/search/records", search.suggest_records, "suggest records", SuggestedList),
    ApiRoute(GET, "/api/v1/records/{type}", records.list_records, "list records by activity", RecordList),
    ApiRoute(GET, "/api/v1/records/{type}/{id}", records.read_record, "read record", RecordObject),
    ApiRoute(GET, "/api/v1/users", people.list_users, "list users by activity", UserList),
    ApiRoute(GET, "/api/v1/inbox", inbox.list_notices, "list notices", Inbox),
    ApiRoute(GET, "/api/v1/inbox/stream", inbox.stream_notices, "stream notices", NoticeObject, stream=True),
    ApiRoute(GET, "/api/v1/inbox/unread", inbox.count_unread, "count unread notices", UnreadCounts),
    ApiRoute(POST, "/api/v1/inbox/read", inbox.mark_read, "mark notices read", Marked),
    ApiRoute(GET, "/api/v1/notices/{id}", inbox.read_notice, "read notice", NoticeObject),
    ApiRoute(PATCH, "/api/v1/notices/{id}", inbox.update_notice, "mark notice", NoticeObject),
    ApiRoute(GET, "/api/v1/reminders", reminders.list_reminders, "list reminders", ReminderList),
    ApiRoute(POST, "/api/v1/reminders/{id}/snooze", reminders.snooze_reminder, "snooze reminder", ReminderObject),
    ApiRoute(POST, "/api/v1/reminders/{id}/done", reminders.finish_reminder, "finish reminder", ReminderObject),
    ApiRoute(GET, "/api/v1/calendar", calendars.read_link, "read calendar link", CalendarObject),
    ApiRoute(PUT, "/api/v1/calendar", calendars.renew, "renew calendar link", CalendarObject),
    ApiRoute(DELETE, "/api/v1/calendar", calendars.revoke, "revoke calendar link", CalendarObject, successes=(204,)),
    ApiRoute(GET, "/api/v1/calendar/{secret}.ics", calendars.read_feed, "read calendar", CalendarObject, calendar=True),
    ApiRoute(GET, "/api/v1/follows", follows.list_follows, "list follows", FollowList),
    ApiRoute(PUT, "/api/v1/follows/{type}/{id}", follows.follow_record, "follow record", FollowObject),
    ApiRoute(
        *(DELETE, "/api/v1/follows/{type}/{id}", follows.unfollow_record, "unfollow record"),
        *(FollowObject,),
        successes=(204,),
    ),
    ApiRoute(GET, "/api/v1/webhooks", webhooks.list_webhooks, "list webhooks", WebhookList),
    ApiRoute(POST, "/api/v1/webhooks", webhooks.create_webhook, "create webhook", WebhookObject, successes=(201,)),
    ApiRoute(GET, "/api/v1/webhooks/{id}", webhooks.read_webhook, "read webhook", WebhookObject),
    ApiRoute(PATCH, "/api/v1/webhooks/{id}", webhooks.update_webhook, "change webhook", WebhookObject),
    ApiRoute(
        DELETE, "/api/v1/webhooks/{id}", webhooks.remove_webhook, "remove webhook", WebhookObject, successes=(204,)
    ),
    ApiRoute(POST, "/api/v1/webhooks/{id}/secret", webhooks.rotate_secret, "rotate secret of webhook", WebhookObject),
    ApiRoute(
        POST, "/api/v1/webhooks/{id}/test", webhooks.test_webhook, "test webhook", DeliveryDetail, successes=(201,)
    ),
    ApiRoute(GET, "/api/v1/webhooks/{id}/deliveries", webhooks.list_deliveries, "list deliveries", DeliveryList),
    ApiRoute(GET, "/api/v1/webhooks/{id}/deliveries/{number}", webhooks.read_delivery, "read delivery", DeliveryDetail),
    ApiRoute(
        POST,
        "/api/v1/webhooks/{id}/deliveries/{number}/resend",
        webhooks.resend_delivery,
        "resend delivery",
        DeliveryDetail,
    ),
    ApiRoute(
        POST,
        "/api/v1/webhooks/{id}/replays",
        webhooks.create_replay,
        "replay to webhook",
        ReplayObject,
        successes=(201,),
    ),
    ApiRoute(GET, "/api/v1/webhooks/{id}/replays/{replay_id}", webhooks.read_replay, "read replay", ReplayObject),
    ApiRoute(GET, "/api/v1/audit", audit.list_audit, "list audit log", AuditLog),
)
"""Our own API; what its handlers take is what they declare (see api/v1/router.py)."""
