"""Changes of the feed as /api/v1 tells them."""

from collections.abc import Callable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from genjin.domain.activity_view import ActivityViews
from genjin.domain.change_log import LogCursor
from genjin.domain.json import JsonValue
from genjin.domain.told import Told
from genjin.wire.v1.activity import Activity, ActivityForm, activities_to_wire
from genjin.wire.v1.refs import RecordRef, ref_to_wire
from genjin.wire.v1.shared import MAX_CURSOR, Asked, Next, Shown

Seal = Callable[[LogCursor], str]
Cursor = Annotated[str, Field(description="Where to go on behind this.")]


class StreamQuery(Asked):
    """Where a reader of changes is."""

    cursor: str | None = Field(None, max_length=MAX_CURSOR, description="Where the reader is, as it was told.")
    from_: Literal["start"] | None = Field(
        None, alias="from", description="Begin with an empty copy: everything is shown first."
    )


class ChangesQuery(StreamQuery):
    """What changes are asked for."""

    limit: int = Field(50, ge=1, le=200, description="The most items of a page.")


class ChangeObject(Shown):
    """One thing to do to a copy of the feed."""

    cursor: Cursor
    op: Literal["created", "edited", "shown", "removed", "hidden", "reset"]
    activity: Activity | None = Field(description="Of `created`, `edited` and `shown`: put it into the copy.")
    id: int | None = Field(description="Of `removed`: the activity to take out, if it is there.")
    record: RecordRef | None = Field(description="Of `hidden`: take out every activity with this subject.")


class Changes(Shown):
    """What has changed behind a cursor."""

    items: list[ChangeObject]
    next: Next
    cursor: Cursor


def changes_to_wire(
    some: Sequence[Told], views: ActivityViews, form: ActivityForm, seal: Seal
) -> list[dict[str, JsonValue]]:
    """Each as ChangeObject; the views are of those that have an entry, in their order."""
    shown = iter(activities_to_wire(views, form))
    return [
        {
            "cursor": seal(told.cursor),
            "op": told.tell.value,
            "activity": None if told.facts is None else next(shown),
            "id": told.id,
            "record": None if told.ref is None else ref_to_wire(told.ref),
        }
        for told in some
    ]
