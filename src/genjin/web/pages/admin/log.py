"""The audit log, as people read it."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.responses import Response

from genjin.domain.audit import Act, AuditFilter, AuditKey, acts_of
from genjin.service.audit import read_audit
from genjin.web.pages.admin.desk import Admin, desk, id_in
from genjin.web.texts import _
from genjin.wire.v1.times import end_of, read_moment_or_day, start_of

_PER_PAGE = 50
_LATEST = 10**12
GROUPS: Mapping[str, str] = {
    "sign_in": _("Signing in"),
    "user": _("Users"),
    "department": _("Departments"),
    "role": _("Roles"),
    "organisation": _("Organisation"),
    "option": _("Choices of lists"),
    "field": _("Fields"),
    "kind": _("Kinds of entries"),
    "pool": _("Pools"),
    "token": _("Tokens"),
    "webhook": _("Webhooks"),
    "job": _("Jobs"),
    "records": _("Records"),
    "data": _("All data"),
}
FIELDS: Mapping[str, str] = {
    "login": _("Account"),
    "name": _("Name"),
    "phone": _("Phone"),
    "email": _("Email"),
    "job": _("Job"),
    "tel": _("Number of the office"),
    "gender": _("Gender"),
    "role": _("Role"),
    "department": _("Department"),
    "superior": _("Reports to"),
    "parent": _("Below"),
    "managers": _("Led by"),
    "scope": _("Sees whose records"),
    "hidden": _("Hidden"),
    "read_only": _("Read only"),
    "phones_masked": _("Telephone numbers are masked"),
    "label": _("Label"),
    "type": _("What it holds"),
    "group": _("Group"),
    "required": _("Has to be filled in"),
    "enabled": _("In its form"),
    "choices": _("Choices"),
    "form": _("Form"),
    "placeholder": _("Hint"),
    "description": _("What it is for"),
    "address": _("Network address"),
    "here": _("Still here"),
    "to": _("Taken over by"),
    "of": _("Whose it is"),
    "by": _("By"),
    "state": _("State"),
    "records": _("Records"),
    "on": _("On"),
    "archived": _("Archived"),
    "with_secrets": _("With hashes of passwords"),
}
ACTS: Mapping[Act, str] = {
    Act.SIGNED_IN: _("signed in"),
    Act.SIGN_IN_FAILED: _("Somebody failed to sign in as"),
    Act.USER_ADDED: _("let in"),
    Act.USER_CHANGED: _("changed the user"),
    Act.USER_LEFT: _("let leave"),
    Act.PASSWORD_SET: _("gave another password to"),
    Act.DEPARTMENT_ADDED: _("added the department"),
    Act.DEPARTMENT_CHANGED: _("changed the department"),
    Act.DEPARTMENT_REMOVED: _("removed the department"),
    Act.ROLE_ADDED: _("added the role"),
    Act.ROLE_CHANGED: _("changed the role"),
    Act.ROLE_REMOVED: _("removed the role"),
    Act.ORGANISATION_CHANGED: _("changed how this works:"),
    Act.OPTION_ADDED: _("added a choice to"),
    Act.OPTION_CHANGED: _("changed a choice of"),
    Act.FIELD_ADDED: _("added the field"),
    Act.FIELD_CHANGED: _("changed the field"),
    Act.KIND_ADDED: _("defined the kind"),
    Act.KIND_CHANGED: _("changed the kind"),
    Act.POOL_ADDED: _("made the pool"),
    Act.POOL_CHANGED: _("changed the pool"),
    Act.TOKEN_ISSUED: _("issued the token"),
    Act.TOKEN_REVOKED: _("revoked the token"),
    Act.WEBHOOK_ADDED: _("made a webhook to"),
    Act.WEBHOOK_CHANGED: _("changed the webhook to"),
    Act.WEBHOOK_REMOVED: _("removed the webhook to"),
    Act.JOB_RETRIED: _("tried the job again"),
    Act.JOB_CANCELLED: _("cancelled the job"),
    Act.RECORDS_TRANSFERRED: _("handed records over to"),
    Act.RECORDS_EXPORTED: _("downloaded the list"),
    Act.TABLE_IMPORTED: _("imported the table"),
    Act.DATABASE_MOVED: _("moved the database:"),
    Act.DATA_BACKED_UP: _("backed everything up to"),
    Act.DATA_RESTORED: _("restored everything from"),
    Act.DATA_EXPORTED: _("exported everything:"),
    Act.DATA_IMPORTED: _("imported everything:"),
    Act.DATA_SYNCHRONISED: _("synchronised with"),
}


def show(call: Admin, actor: str = "", act: str = "", since: str = "", until: str = "", behind: str = "") -> Response:
    """Who did what when, the latest first."""
    wrong = {}
    days: dict[str, int | None] = {"since": None, "until": None}
    for name, text, instant in (("since", since, start_of), ("until", until, end_of)):
        try:
            days[name] = instant(read_moment_or_day(text), call.calendar) if text else None
        except ValueError:
            wrong[name] = [_("is no day that there is")]
    wanted = AuditFilter(id_in(actor) or None, acts_of(act), days["since"], days["until"])
    at, _dot, id_ = behind.partition("-")
    after = AuditKey(id_in(at, _LATEST), id_in(id_)) if id_in(at, _LATEST) and id_in(id_) else None
    found = read_audit(call.installation, call.session, wanted, _PER_PAGE + 1, after)
    acts = found[:_PER_PAGE]
    asked = {"actor": actor, "act": act, "since": since, "until": until}
    more = {**asked, "behind": f"{acts[-1].at}-{acts[-1].id}"} if len(found) > _PER_PAGE else None
    return desk(
        *(call, "audit", "audit"),
        acts=acts,
        said=ACTS,
        groups=GROUPS,
        fields=FIELDS,
        asked=asked,
        users=call.session.directory.users,
        next="" if more is None else "/admin/audit?" + urlencode({k: v for k, v in more.items() if v}),
        is_filtered=any(asked.values()),
        errors=wrong,
    )
