"""How the installation is: jobs and how far they are, the room that is taken, and what the doctor finds."""

from collections.abc import Mapping

from starlette.responses import Response

from genjin.domain.attachment import FileKind
from genjin.errors import Invalid
from genjin.service.doctor import look
from genjin.service.files.storage import read_storage
from genjin.service.queue.jobs import cancel_job, list_jobs, retry_job
from genjin.web.calling import Form
from genjin.web.pages.admin.desk import Admin, desk
from genjin.web.rendering import go
from genjin.web.texts import _
from genjin.wire.v1.shared import Id

_MOST_JOBS = 100
KINDS: Mapping[FileKind, str] = {
    FileKind.PICTURE: _("Pictures"),
    FileKind.FILE: _("Documents"),
    FileKind.RECORDING: _("Recordings"),
}
TASKS: Mapping[str, str] = {
    "timelines.recount": _("Counts timelines anew"),
    "people.hand_over": _("Hands over what somebody worked on who left"),
    "timelines.fill_latest": _("Looks up when something happened last"),
    "reminders.fill": _("Keeps reminders of what was written before"),
    "webhooks.replay": _("Tells a webhook once more what happened"),
    "tables.import": _("Imports a table"),
}
STATES: Mapping[str, str] = {
    "waiting": _("Waiting"),
    "running": _("Running"),
    "done": _("Done"),
    "failed": _("Failed"),
    "cancelled": _("Cancelled"),
}
LEVELS: Mapping[str, str] = {"ok": _("All right"), "warning": _("Look at this"), "error": _("Wrong")}


def show_jobs(call: Admin) -> Response:
    """The jobs of the organisation, those that are not over first; the part of a page that looks again by itself."""
    jobs = list_jobs(call.installation, call.session, _MOST_JOBS)
    going = any(not job.is_over for job in jobs)
    name = "jobs_list" if call.is_partial else "jobs"
    return desk(call, name, "jobs", jobs=jobs, going=going, tasks=TASKS, states=STATES)


def act_on_job(call: Admin, job_id: Id, form: Form) -> Response:
    """Try it again, or let it end where it is."""
    act = {"retry": retry_job, "cancel": cancel_job}.get(form.text("act"))
    if act is None:
        raise Invalid({"act": [_("is none of these")]})
    act(call.installation, call.session, job_id)
    return go(call, "/admin/jobs")


def show_storage(call: Admin) -> Response:
    """How much room the organisation takes."""
    storage = read_storage(call.installation, call.session)
    return desk(
        *(call, "storage", "storage"),
        storage=storage,
        files=sum(each.files for each in storage.kinds),
        bytes=sum(each.bytes for each in storage.kinds),
        kinds=KINDS,
    )


def show_health(call: Admin) -> Response:
    """What is found at once."""
    found = look(call.installation, call.session)
    worst = next((level for level in ("error", "warning") if any(each.level == level for each in found)), "ok")
    return desk(call, "health", "health", found=found, worst=worst, levels=LEVELS)
