"""The whole URL table of the page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.convertors import StringConvertor, register_url_convertor

from genjin.api.route import GET, POST
from genjin.web.pages import (
    account,
    bulk,
    changing,
    colleagues,
    comments,
    downloads,
    entries,
    entry,
    home,
    imports,
    lists,
    live,
    pools,
    record,
    record_forms,
    search,
    sign_in,
    uploads,
    writing,
)
from genjin.web.pages.admin import departments, desk, forms, kinds, log, roles, system, tokens, users, webhooks
from genjin.web.pages.team import tabs as team
from genjin.wire.v1.refs import TYPES


class _RecordType(StringConvertor):
    """`leads` and its like: no other path is one of a record."""

    regex = "|".join(TYPES)


register_url_convertor("record_type", _RecordType())


@dataclass(frozen=True, slots=True)
class PageRoute:
    """One row: methods, path, who answers; a `public` one is for strangers too. A `stream` may take as long as it
    likes, an `upload` as much and as long as files do; neither has variables in its path.
    """

    methods: tuple[str, ...]
    path: str
    handler: Callable[..., Any]
    public: bool = False
    stream: bool = False
    upload: bool = False

    @property
    def name(self) -> str:
        """What the route is called; calling.py tells by it who may ask."""
        return ("public:" if self.public else "") + self.handler.__name__


_RECORDS = "/{type:record_type}"
_RECORD = f"{_RECORDS}/{{id:int}}"
PAGES = (
    PageRoute(GET, "/sign-in", sign_in.show, public=True),
    PageRoute(POST, "/sign-in", sign_in.enter, public=True),
    PageRoute(POST, "/sign-out", sign_in.leave),
    PageRoute(GET, "/", home.show),
    PageRoute(POST, "/reminders/{id:int}/done", home.finish_reminder),
    PageRoute(POST, "/reminders/{id:int}/snooze", home.snooze_reminder),
    PageRoute(POST, "/notices/read", home.read_notices),
    PageRoute(POST, "/notices/{id:int}/read", home.read_notice),
    PageRoute(GET, "/search", search.show),
    PageRoute(GET, "/search/suggestions", search.suggestions),
    PageRoute(GET, "/entries", entries.show),
    PageRoute(GET, "/entries/download", downloads.download_entries, stream=True),
    PageRoute(GET, "/team", team.show),
    PageRoute(GET, "/team/{name}.csv", team.download),
    PageRoute(GET, "/account", account.show),
    PageRoute(POST, "/account", account.change),
    PageRoute(POST, "/account/password", account.change_own_password),
    PageRoute(GET, "/live", live.stream, stream=True),
    PageRoute(GET, "/entries/{id:int}", entry.show),
    PageRoute(GET, "/entries/{id:int}/comments", entry.comments),
    PageRoute(GET, "/entries/{id:int}/versions", entry.versions),
    PageRoute(GET, _RECORD, record.show),
    PageRoute(GET, f"{_RECORD}/timeline", record.more),
    PageRoute(GET, f"{_RECORD}/head", record.head),
    PageRoute(POST, f"{_RECORD}/follow", record.follow_record),
    PageRoute(GET, "/pools", pools.show_all),
    PageRoute(GET, "/pools/{id:int}", pools.show),
    *(PageRoute(GET, f"/{name}/download", downloads.download_of(type_), stream=True) for name, type_ in TYPES.items()),
    PageRoute(GET, _RECORDS, lists.show),
    PageRoute(POST, f"{_RECORDS}/columns", lists.keep_columns),
    PageRoute(GET, f"{_RECORDS}/new", record_forms.new),
    PageRoute(POST, f"{_RECORDS}/new", record_forms.create),
    PageRoute(GET, f"{_RECORDS}/duplicates", record_forms.duplicates),
    PageRoute(GET, f"{_RECORDS}/names", record_forms.names),
    PageRoute(GET, f"{_RECORD}/edit", record_forms.edit),
    PageRoute(POST, f"{_RECORD}/edit", record_forms.change),
    PageRoute(GET, f"{_RECORDS}/bulk", bulk.ask),
    PageRoute(POST, f"{_RECORDS}/bulk", bulk.do),
    PageRoute(GET, "/imports", imports.show),
    PageRoute(POST, "/imports", imports.upload, upload=True),
    PageRoute(GET, "/imports/new", imports.new, upload=True),
    PageRoute(POST, "/imports/new", imports.begin, upload=True),
    PageRoute(GET, "/imports/rejected", imports.download_rejected, stream=True),
    PageRoute(GET, "/imports/{id:int}", imports.open_one),
    PageRoute(POST, "/imports/{id:int}", imports.act_on),
    PageRoute(GET, "/account/tokens", tokens.show_own),
    PageRoute(POST, "/account/tokens", tokens.issue),
    PageRoute(POST, "/tokens/{token_id}/revoke", tokens.revoke),
    PageRoute(GET, "/admin", desk.begin),
    PageRoute(GET, "/admin/users", users.show),
    PageRoute(GET, "/admin/users/new", users.new),
    PageRoute(POST, "/admin/users", users.add),
    PageRoute(GET, "/admin/users/{user_id}", users.edit),
    PageRoute(POST, "/admin/users/{user_id}", users.change),
    PageRoute(POST, "/admin/users/{user_id}/password", users.give_password),
    PageRoute(POST, "/admin/users/{user_id}/leave", users.let_go),
    PageRoute(GET, "/admin/departments", departments.show),
    PageRoute(POST, "/admin/departments", departments.add),
    PageRoute(GET, "/admin/departments/{department_id}", departments.edit),
    PageRoute(POST, "/admin/departments/{department_id}", departments.change),
    PageRoute(POST, "/admin/departments/{department_id}/remove", departments.remove),
    PageRoute(GET, "/admin/roles", roles.show),
    PageRoute(GET, "/admin/roles/new", roles.new),
    PageRoute(POST, "/admin/roles", roles.add),
    PageRoute(GET, "/admin/roles/{role_id}", roles.edit),
    PageRoute(POST, "/admin/roles/{role_id}", roles.change),
    PageRoute(POST, "/admin/roles/{role_id}/remove", roles.remove),
    PageRoute(GET, "/admin/modules", forms.show_modules),
    PageRoute(POST, "/admin/modules", forms.change_modules),
    PageRoute(GET, "/admin/fields", forms.show_fields),
    PageRoute(GET, "/admin/fields/new", forms.new_field),
    PageRoute(POST, "/admin/fields", forms.add),
    PageRoute(GET, "/admin/fields/{field_id}", forms.edit_field),
    PageRoute(POST, "/admin/fields/{field_id}", forms.change),
    PageRoute(POST, "/admin/fields/{field_id}/enable", forms.enable),
    PageRoute(GET, "/admin/kinds", kinds.show),
    PageRoute(GET, "/admin/kinds/new", kinds.new),
    PageRoute(POST, "/admin/kinds", kinds.add),
    PageRoute(GET, "/admin/kinds/{code}", kinds.edit),
    PageRoute(POST, "/admin/kinds/{code}", kinds.change),
    PageRoute(POST, "/admin/kinds/{code}/archive", kinds.archive),
    PageRoute(GET, "/admin/tokens", tokens.show),
    PageRoute(GET, "/admin/webhooks", webhooks.show),
    PageRoute(GET, "/admin/webhooks/new", webhooks.new),
    PageRoute(POST, "/admin/webhooks", webhooks.add),
    PageRoute(GET, "/admin/webhooks/{webhook_id}", webhooks.open_one),
    PageRoute(POST, "/admin/webhooks/{webhook_id}", webhooks.change),
    PageRoute(POST, "/admin/webhooks/{webhook_id}/switch", webhooks.switch),
    PageRoute(POST, "/admin/webhooks/{webhook_id}/test", webhooks.try_out),
    PageRoute(POST, "/admin/webhooks/{webhook_id}/secret", webhooks.new_secret),
    PageRoute(POST, "/admin/webhooks/{webhook_id}/remove", webhooks.remove),
    PageRoute(GET, "/admin/webhooks/{webhook_id}/deliveries/{number}", webhooks.open_delivery),
    PageRoute(POST, "/admin/webhooks/{webhook_id}/deliveries/{number}/resend", webhooks.resend),
    PageRoute(GET, "/admin/jobs", system.show_jobs),
    PageRoute(POST, "/admin/jobs/{job_id}", system.act_on_job),
    PageRoute(GET, "/admin/storage", system.show_storage),
    PageRoute(GET, "/admin/audit", log.show),
    PageRoute(GET, "/admin/health", system.show_health),
    PageRoute(POST, "/follow-ups", writing.follow_up, upload=True),
    PageRoute(POST, "/calls", writing.call_made, upload=True),
    PageRoute(POST, "/check-ins", writing.check_in, upload=True),
    PageRoute(POST, "/uploads", uploads.upload, upload=True),
    PageRoute(GET, "/uploads/{id:int}", uploads.show),
    PageRoute(GET, "/colleagues/suggestions", colleagues.suggestions),
    PageRoute(GET, "/entries/{id:int}/edit", changing.show),
    PageRoute(POST, "/entries/{id:int}/edit", changing.change),
    PageRoute(POST, "/entries/{id:int}/remove", changing.remove),
    PageRoute(POST, "/entries/{id:int}/sign-out", changing.sign_out),
    PageRoute(POST, "/entries/{id:int}/comments", comments.write),
    PageRoute(GET, "/comments/{id:int}", comments.show_one),
    PageRoute(POST, "/comments/{id:int}", comments.change),
    PageRoute(POST, "/comments/{id:int}/remove", comments.remove),
    PageRoute(GET, f"{_RECORD}/write", writing.show),
)
UPLOADS = tuple(row.path for row in PAGES if row.upload)
"""Where files are taken."""
