"""Calls of the contract, `/api/v2`: 励销云 and Genjin know them. What is read is typed where the documentation says all
of it; records, whose fields each organisation has its own, are JSON objects as they come.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from genjin.client.calls import Answer, Call, Json, Listing, Page, Request, query_of
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
from genjin.wire.modules import CLASS_NAMES
from genjin.wire.sales_activity import SalesActivities, SalesActivity
from genjin.wire.scalars import MAX_ID
from genjin.wire.v1.refs import TYPES, TypeName

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)
Object = Mapping[str, Any]
MOST_PER_PAGE = 100
"""What the upstream gives at most."""
_CODES: Mapping[int, type[Refused]] = {
    100000: NotSignedIn,
    100400: NotSignedIn,
    100401: NotSignedIn,
    100402: NotSignedIn,
    100100: NotThere,
    100404: NotThere,
    100403: NotAllowed,
    100409: InTheWay,
    100422: Wrong,
    100500: Busy,
    100503: Busy,
}
_STATUSES: Mapping[int, type[Refused]] = {401: NotSignedIn, 403: NotAllowed, 404: NotThere, 409: InTheWay, 422: Wrong}
_SHOWN = 2000
"""Bytes of an answer that an error keeps."""


def login(login: str, password: str, corp_id: str = "") -> Call[str]:
    """A fresh token for a login and its password."""
    given = {"login": login, "password": password, "device": "open_api", "version_code": "9.9.9"}
    if corp_id:
        given["corp_id"] = corp_id
    request = Request("POST", "/api/v2/auth/login", json=given)
    return Call(request, lambda answer: _text(answer, _data(answer), "user_token"), repeatable=True)


def sales_activities(
    type_: Literal["leads", "customers"], id_: int, per_page: int = MOST_PER_PAGE
) -> Listing[SalesActivity]:
    """Everything that happened to a lead or customer, the newest first."""
    path = f"/api/v2/{type_}/{id_}/sales_activities"

    def page(number: int) -> Call[Page[SalesActivity]]:
        def read(answer: Answer) -> Page[SalesActivity]:
            found = read_as(SalesActivities, answer, _data(answer))
            items = [activity for day in found.sales_activities for activity in day.activities]
            more = bool(items) and found.page * found.per_page < found.total_count
            return Page(items, page(number + 1) if more else None, found.total_count)

        return _get(path, read, page=number, per_page=per_page)

    return Listing(page(1), lambda activity: activity.id)


class RawPage(NamedTuple):
    """A page of a list as it came. `total` is of the whole list; `step` is how many a page has that is full."""

    items: Sequence[Json]
    total: int
    step: int


def raw_page(
    path: str, name: str, number: int, per_page: int = MOST_PER_PAGE, asked: Mapping[str, object] | None = None
) -> Call[RawPage]:
    """A page of any list by its number, from 1 on; `name` is the key of the list. Raises Unexpected with all of what
    came where it is no such page.
    """
    return _get(path, lambda answer: _raw_page(answer, name, per_page), **(asked or {}), page=number, per_page=per_page)


def raw_sales_activities(
    type_: Literal["leads", "customers"], id_: int, number: int, per_page: int = MOST_PER_PAGE
) -> Call[RawPage]:
    """A page of a timeline by its number, its activities as they came, without the days."""

    def read(answer: Answer) -> RawPage:
        page, items = _raw_page(answer, "sales_activities", per_page), list[Json]()
        for day in page.items:
            found = day.get("activities") if isinstance(day, dict) else None
            if not isinstance(found, list):
                raise Unexpected(answer.status, answer.body, "has a day without activities")
            items += found
        return page._replace(items=items)

    return _get(f"/api/v2/{type_}/{id_}/sales_activities", read, page=number, per_page=per_page)


def records(type_: TypeName, per_page: int = MOST_PER_PAGE, **asked: object) -> Listing[Object]:
    """The records of a type, by the parameters of its list, such as `sort="updated_at"`."""
    return _listing(f"/api/v2/{type_}", type_, per_page, asked)


def record(type_: TypeName, id_: int) -> Call[Object]:
    """One record."""
    return _get(f"/api/v2/{type_}/{id_}", lambda answer: _object(answer, _data(answer)))


def create_record(type_: TypeName, fields: Mapping[str, object]) -> Call[Object]:
    """A new record, by its fields."""
    name = CLASS_NAMES[TYPES[type_]].lower()
    return _post(f"/api/v2/{type_}", {name: dict(fields)}, lambda answer: _object(answer, _data(answer)))


def change_record(type_: TypeName, id_: int, fields: Mapping[str, object]) -> Call[Object]:
    """A record with other values in these fields. To say it twice is to say it once."""
    name = CLASS_NAMES[TYPES[type_]].lower()
    request = Request("PUT", f"/api/v2/{type_}/{id_}", json={name: dict(fields)})
    return Call(request, lambda answer: _object(answer, _data(answer)), repeatable=True)


def users(per_page: int = MOST_PER_PAGE) -> Listing[Object]:
    """The colleagues."""
    return _listing("/api/v2/user/list", "users", per_page, {})


def departments() -> Call[Object]:
    """The departments as the upstream tells them."""
    return _get("/api/v2/user/department_list", lambda answer: _object(answer, _data(answer)))


def follow_ups(per_page: int = MOST_PER_PAGE, **asked: object) -> Listing[Object]:
    """Follow-ups; today's if nothing is said: `date="other", start_date="2024-01-01", end_date="2024-01-31"`."""
    return _listing("/api/v2/revisit_logs/new_index", "revisit_logs", per_page, asked)


def write_follow_up(
    type_: TypeName,
    id_: int,
    content: str,
    category: int | None = None,
    said_at: datetime | None = None,
    remind_at: datetime | None = None,
    **more: object,
) -> Call[Object]:
    """A new follow-up on a record. It is not sent again where it is not known whether it was written."""
    given: dict[str, object] = {"loggable_type": CLASS_NAMES[TYPES[type_]], "loggable_id": id_, "content": content}
    times = {"real_revisit_at": said_at, "remind_at": remind_at}
    given |= {name: at.strftime("%Y-%m-%d %H:%M:%S") for name, at in times.items() if at is not None}
    given |= {"category": category} if category is not None else {}
    return _post("/api/v2/revisit_logs", {"revisit_log": given | more}, lambda answer: _object(answer, _data(answer)))


def call(method: str, path: str, body: Json = None, **asked: object) -> Call[Json]:
    """Any other call, and the `data` of its answer. Only what reads is sent again."""
    return Call(Request(method, path, query_of(asked), body), _data, repeatable=method == "GET")


def read_as(model: type[Model], answer: Answer, data: Json) -> Model:
    """The data as a type of the wire; keys that it does not know are passed over. Raises Unexpected."""
    try:
        return model.model_validate(data, extra="ignore")
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Unexpected(answer.status, answer.body, f"{where}: {first['msg']}") from error


def json_of(answer: Answer) -> Json:
    """The answer as JSON. Raises TooOften, Busy, Unexpected."""
    retry_after = seconds_in(answer.headers.get("retry-after", ""))
    if answer.status == 429:
        raise TooOften(429, "too_many_requests", "Retry later", retry_after=retry_after)
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError as error:
        if answer.status >= 500:
            raise Busy(answer.status, answer.status, f"HTTP {answer.status}", retry_after=retry_after) from error
        raise Unexpected(answer.status, answer.body[:_SHOWN], f"not JSON: {error}") from error


def seconds_in(header: str) -> float | None:
    """What `Retry-After` says, if it says seconds."""
    return float(header) if header.isdecimal() else None


def _data(answer: Answer) -> Json:
    """`data` of an answer that says code 0. Raises Refused, Unexpected."""
    body = json_of(answer)
    if not isinstance(body, dict) or not isinstance(body.get("code"), int):
        if answer.status >= 500:
            raise Busy(answer.status, answer.status, f"HTTP {answer.status}")
        raise Unexpected(answer.status, answer.body[:_SHOWN], "has no code")
    code = body["code"]
    if code == 0:
        return body.get("data")
    class_ = _CODES.get(code) or _STATUSES.get(answer.status) or (Busy if answer.status >= 500 else Refused)
    errors = body.get("errors")
    retry_after = seconds_in(answer.headers.get("retry-after", ""))
    raise class_(
        answer.status, code, str(body.get("message", "")), errors if isinstance(errors, dict) else {}, retry_after
    )


def _get(path: str, read: Callable[[Answer], T], **query: object) -> Call[T]:
    return Call(Request("GET", path, query_of(query)), read, repeatable=True)


def _post(path: str, body: Json, read: Callable[[Answer], T]) -> Call[T]:
    return Call(Request("POST", path, json=body), read, repeatable=False)


def _listing(path: str, name: str, per_page: int, asked: Mapping[str, object]) -> Listing[Object]:
    def page(number: int) -> Call[Page[Object]]:
        def read(answer: Answer) -> Page[Object]:
            data = _object(answer, _data(answer))
            items, total = data.get(name), data.get("total_count")
            if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
                raise Unexpected(answer.status, answer.body[:_SHOWN], f"has no list of {name}")
            told = data.get("per_page")
            step = told if isinstance(told, int) and told > 0 else per_page
            whole = total if isinstance(total, int) else None
            more = bool(items) and (number * step < whole if whole is not None else len(items) >= step)
            return Page(items, page(number + 1) if more else None, whole)

        return _get(path, read, **asked, page=number, per_page=per_page)

    return Listing(page(1), lambda each: each.get("id"))


def _raw_page(answer: Answer, name: str, per_page: int) -> RawPage:
    data = _data(answer)
    items = data.get(name) if isinstance(data, dict) else None
    if not isinstance(items, list):
        raise Unexpected(answer.status, answer.body, f"has no list of {name}")
    total, told = data.get("total_count"), data.get("per_page")
    if type(total) is not int or not 0 <= total <= MAX_ID:
        raise Unexpected(answer.status, answer.body, f"has no total_count of {name}")
    return RawPage(items, total, told if type(told) is int and told > 0 else per_page)


def _object(answer: Answer, data: Json) -> Object:
    if not isinstance(data, dict):
        raise Unexpected(answer.status, answer.body[:_SHOWN], "data is no object")
    return data


def _text(answer: Answer, data: Json, name: str) -> str:
    found = _object(answer, data).get(name)
    if not isinstance(found, str) or not found:
        raise Unexpected(answer.status, answer.body[:_SHOWN], f"has no {name}")
    return found
