"""What an activity said before each edit, as /api/v1 shows it."""

from typing import Any

from pydantic import Field

from genjin.domain.activity import Wording
from genjin.domain.activity_view import ActivityViews
from genjin.domain.json import JsonValue
from genjin.wire.v1.activity import ActivityForm, CategoryObject, activities_to_wire
from genjin.wire.v1.activity_details import ActivityDetails
from genjin.wire.v1.activity_files import ActivityFile
from genjin.wire.v1.shared import Named, Next, Shown
from genjin.wire.v1.times import ShownTime, iso_time

SAID = ("text", "said_at", "remind_at", "category", "details", "files")
"""The keys of an activity that an edit may change."""


class ActivityVersion(Shown):
    """One wording of an activity."""

    version: int = Field(description="1 for the first.")
    text: str
    said_at: ShownTime | None
    remind_at: ShownTime | None
    category: CategoryObject | None
    details: ActivityDetails | dict[str, Any]
    files: list[ActivityFile]
    replaced_at: ShownTime | None = Field(description="Null for what it says now.")
    replaced_by: Named | None = Field(description="Who edited it.")


class ActivityVersions(Shown):
    """The wordings of an activity, the one of now first."""

    items: list[ActivityVersion]
    next: Next


def versions_to_wire(views: ActivityViews, ends: list[Wording | None], form: ActivityForm) -> list[JsonValue]:
    """Each of the wordings as ActivityVersion, in their order."""
    shown = activities_to_wire(views, form)
    return [
        {"version": len(ends) - nth, **{key: told[key] for key in SAID}, **_replaced(end, form)}
        for nth, (told, end) in enumerate(zip(shown, ends, strict=True))
    ]


def _replaced(end: Wording | None, form: ActivityForm) -> dict[str, JsonValue]:
    if end is None:
        return {"replaced_at": None, "replaced_by": None}
    user = form.directory.users.get(end.replaced_by or 0)
    named: JsonValue = {"id": end.replaced_by, "name": user.name if user else ""}
    at = iso_time(end.replaced_at, form.directory.calendar)
    return {"replaced_at": at, "replaced_by": None if end.replaced_by is None else named}
