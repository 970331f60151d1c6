"""Calls of Genjin's own API, `/api/v1`, typed by what it answers with. Parameters are those of docs/reference/api.md;
one that is a word of Python has an underscore behind it (`from_`).
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeVar

from pydantic import BaseModel

from genjin.client.calls import Answer, Call, Json, Listing, Page, Request, query_of
from genjin.client.contract import json_of, read_as, seconds_in
from genjin.client.errors import (
    Busy,
    InTheWay,
    NotAllowed,
    NotSignedIn,
    NotThere,
    Refused,
    TooOften,
    Unexpected,
    Wrong,
)
from genjin.wire.v1.activity import Activity
from genjin.wire.v1.activity_versions import ActivityVersions
from genjin.wire.v1.batch import WrittenItems
from genjin.wire.v1.change import ChangeObject
from genjin.wire.v1.feed import FeedItem
from genjin.wire.v1.kind import KindObject
from genjin.wire.v1.me import Me
from genjin.wire.v1.notice import NoticeObject
from genjin.wire.v1.record import RecordObject
from genjin.wire.v1.refs import TypeName
from genjin.wire.v1.reminder import ReminderObject
from genjin.wire.v1.search import FoundObject, SuggestedRecord
from genjin.wire.v1.timeline import MonthObject, Timeline
from genjin.wire.v1.user import UserObject

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)
MOST = 200
"""Items of a page, at most."""
_BY_STATUS: Mapping[int, type[Refused]] = {
    400: Wrong,
    401: NotSignedIn,
    403: NotAllowed,
    404: NotThere,
    409: InTheWay,
    410: NotThere,
    412: InTheWay,
    413: Wrong,
    415: Wrong,
    422: Wrong,
    429: TooOften,
}
"""Of refusals below 500; what is beyond is Busy."""


def me() -> Call[Me]:
    """Who the token is of."""
    return _one(Me, "/api/v1/me")


def kinds() -> Listing[KindObject]:
    """What can happen to a record."""
    return _list(KindObject, "/api/v1/kinds", lambda kind: kind.name, {})


def activities(limit: int = MOST, **asked: object) -> Listing[FeedItem]:
    """What happened, each activity once: `activities(kind=["call", "visit"], actor="!me", from_="2024-01-01")`."""
    return _list(FeedItem, "/api/v1/activities", lambda item: item.id, {"limit": limit, **asked})


def timeline_of(type_: TypeName, id_: int, limit: int = MOST, **asked: object) -> Listing[FeedItem]:
    """What happened to a record and to what rolls up to it; filters as of `activities`."""
    return activities(limit, subject=f"{type_}/{id_}", **asked)


def timeline(type_: TypeName, id_: int) -> Call[Timeline]:
    """A timeline as a whole: how much of what, from when to when."""
    return _one(Timeline, f"/api/v1/timelines/{type_}/{id_}")


def months(type_: TypeName, id_: int) -> Listing[MonthObject]:
    """In which months something happened, the newest first."""
    return _list(MonthObject, f"/api/v1/timelines/{type_}/{id_}/months", lambda month: (month.year, month.month), {})


def activity(id_: int) -> Call[Activity]:
    """One activity."""
    return _one(Activity, f"/api/v1/activities/{id_}")


def versions(id_: int) -> Call[ActivityVersions]:
    """What an activity has said before."""
    return _one(ActivityVersions, f"/api/v1/activities/{id_}/versions")


def write_activity(activity: Mapping[str, Any], key: str = "") -> Call[Activity]:
    """A new activity, in the words of `POST /api/v1/activities`. It is written once however often it is sent: by the
    key, which is made up where none is given.
    """
    return _change(
        "POST", "/api/v1/activities", dict(activity), lambda answer: read_as(Activity, answer, _ok(answer)), key
    )


def write_activities(items: Sequence[Mapping[str, Any]], atomic: bool = False, key: str = "") -> Call[WrittenItems]:
    """Up to 1,000 new ones, and what became of each."""
    body = {"items": [dict(each) for each in items], "atomic": atomic}
    return _change("POST", "/api/v1/activities", body, lambda answer: read_as(WrittenItems, answer, _ok(answer)), key)


def change_activity(id_: int, change: Mapping[str, Any], if_match: str = "", key: str = "") -> Call[Activity]:
    """An activity with another wording; with the tag that it was read with, only if nobody has changed it since."""
    headers = {"If-Match": if_match} if if_match else {}
    path = f"/api/v1/activities/{id_}"
    return _change("PATCH", path, dict(change), lambda answer: read_as(Activity, answer, _ok(answer)), key, headers)


def remove_activity(id_: int) -> Call[Activity]:
    """An activity that was taken back."""
    request = Request("DELETE", f"/api/v1/activities/{id_}")
    return Call(request, lambda answer: read_as(Activity, answer, _ok(answer)), repeatable=True)


def records(type_: TypeName, limit: int = MOST, **asked: object) -> Listing[RecordObject]:
    """Records, by when something happened on them last: `records("customers", owner="me", silent_for="14d")`."""
    return _list(RecordObject, f"/api/v1/records/{type_}", lambda record: record.id, {"limit": limit, **asked})


def record(type_: TypeName, id_: int) -> Call[RecordObject]:
    """One record."""
    return _one(RecordObject, f"/api/v1/records/{type_}/{id_}")


def users(limit: int = MOST, **asked: object) -> Listing[UserObject]:
    """The caller and whom the caller manages, by what they did last."""
    return _list(UserObject, "/api/v1/users", lambda user: user.id, {"limit": limit, **asked})


def search(q: str, limit: int = 50, **asked: object) -> Listing[FoundObject]:
    """Which entries, comments and records have it; parameters of docs/reference/api.md#search."""
    return _list(FoundObject, "/api/v1/search", _found, {"q": q, "limit": limit, **asked})


def suggest(q: str, limit: int = 10, **asked: object) -> Listing[SuggestedRecord]:
    """Which record somebody means, by the beginning of its name, pinyin, or number."""
    return _list(
        SuggestedRecord, "/api/v1/search/records", lambda each: (each.type, each.id), {"q": q, "limit": limit, **asked}
    )


def reminders(limit: int = MOST, **asked: object) -> Listing[ReminderObject]:
    """The caller's reminders."""
    return _list(ReminderObject, "/api/v1/reminders", lambda each: each.id, {"limit": limit, **asked})


def inbox(limit: int = MOST, **asked: object) -> Listing[NoticeObject]:
    """What the caller should know."""
    return _list(NoticeObject, "/api/v1/inbox", lambda each: each.id, {"limit": limit, **asked})


def changes(cursor: str | None = None, from_: str | None = None, limit: int = MOST) -> Call[Page[ChangeObject]]:
    """What has changed behind a cursor, for who keeps a copy (docs/reference/api.md#changes). Each page's `next` leads
    on; keep the `cursor` of the last item.
    """
    request = Request("GET", "/api/v1/changes", query_of({"cursor": cursor, "from": from_, "limit": limit}))
    return _page(ChangeObject, request)


def tagged(call: Call[T]) -> Call[tuple[T, str]]:
    """The same call, and the `ETag` of what it answers with."""
    return replace(call, read=lambda answer: (call.read(answer), answer.headers.get("etag", "")))  # type: ignore[arg-type, return-value]


def report(name: str, **asked: object) -> Call[Mapping[str, Any]]:
    """A report as it comes: `report("calls", by="person", period="last_week")`."""
    request = Request("GET", f"/api/v1/reports/{name}", query_of(asked))
    return Call(request, _object, repeatable=True)


def export_activities(form: Literal["csv", "xlsx", "parquet"] = "csv", **asked: object) -> Request:
    """What happened as a file, for `Client.save`; filters as of `activities`, and `limit`, the most entries."""
    return Request("GET", "/api/v1/exports/activities", query_of({"format": form, **asked}))


def call(method: str, path: str, body: Json = None, key: str = "", **asked: object) -> Call[Json]:
    """Any other call, and its answer as JSON; None where there is no body."""
    if method in ("POST", "PATCH"):
        return _change(method, path, body, _ok, key)
    return Call(Request(method, path, query_of(asked), body), _ok, repeatable=True)


def check(answer: Answer) -> None:
    """Raises Refused for an answer that says no."""
    _ok(answer)


def _one(model: type[Model], path: str) -> Call[Model]:
    return Call(Request("GET", path), lambda answer: read_as(model, answer, _ok(answer)), repeatable=True)


def _change(
    method: str, path: str, body: Json, read: Any, key: str, headers: Mapping[str, str] | None = None
) -> Call[Any]:
    """Sent with a key, so that it may be sent again."""
    told = {"Idempotency-Key": key or str(uuid.uuid4()), **(headers or {})}
    return Call(Request(method, path, json=body, headers=told), read, repeatable=True)


def _list(model: type[Model], path: str, key: Any, asked: Mapping[str, object]) -> Listing[Model]:
    return Listing(_page(model, Request("GET", path, query_of(asked))), key)


def _page(model: type[Model], request: Request) -> Call[Page[Model]]:
    def read(answer: Answer) -> Page[Model]:
        data = _object(answer)
        items, next_ = data.get("items"), data.get("next")
        if not isinstance(items, list) or not (next_ is None or _is_path(next_)):
            raise Unexpected(answer.status, answer.body[:2000], "is no page of a list")
        found = [read_as(model, answer, each) for each in items]
        return Page(found, None if next_ is None else _page(model, Request("GET", next_)))

    return Call(request, read, repeatable=True)


def _is_path(text: object) -> bool:
    """Whether it leads to this server's API: a token is sent there."""
    return isinstance(text, str) and text.startswith("/api/v1/")


def _object(answer: Answer) -> Mapping[str, Any]:
    data = _ok(answer)
    if not isinstance(data, dict):
        raise Unexpected(answer.status, answer.body[:2000], "is no object")
    return data


def _ok(answer: Answer) -> Json:
    """What was answered. Raises Refused, Unexpected."""
    if answer.status == 204:
        return None
    if 200 <= answer.status < 300:
        return json_of(answer)
    class_ = _BY_STATUS.get(answer.status, Busy if answer.status >= 500 else Refused)
    retry_after = seconds_in(answer.headers.get("retry-after", ""))
    try:
        problem = json_of(answer)
    except Unexpected:
        problem = None
    if not isinstance(problem, dict):
        raise class_(answer.status, answer.status, f"HTTP {answer.status}", retry_after=retry_after)
    errors: dict[str, list[str]] = {}
    for each in problem.get("errors", ()):
        errors.setdefault(str(each.get("field", "")), []).append(str(each.get("message", "")))
    message = str(problem.get("detail") or problem.get("title") or "")
    raise class_(answer.status, str(problem.get("code", answer.status)), message, errors, retry_after)


def _found(item: FoundObject) -> object:
    of = item.comment or item.record or item.activity
    return (item.type, getattr(of, "type", ""), getattr(of, "id", 0))
