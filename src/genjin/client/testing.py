"""A server in memory for the tests of programs that use the SDK: no port, no database, no waiting.

    server = FakeServer()
    id_ = server.add_record("leads", "郑老师")
    server.add_follow_up("leads", id_, "在忙,留了电话")
    server.fail(429, 502, httpx.ConnectError("refused"))
    with Client("http://fake", login="demo", password="demo", transport=server) as client:
        ...

It speaks a part of the contract: signing in, records, timelines, follow-ups. What else is asked for is refused as the
server refuses a path that it does not have. It has one person, who sees everything.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import httpx
import orjson

from genjin.client.calls import Json
from genjin.domain.kinds import CALL_MADE, FOLLOW_UP_WRITTEN, RECORD_CREATED, Kind
from genjin.wire.modules import CLASS_NAMES, FOLLOW_UP, STANDARD_NAMES
from genjin.wire.timeline.shapes import SHAPES, Values
from genjin.wire.v1.refs import TYPES, TypeName

ZONE = ZoneInfo("Asia/Shanghai")
_MINUTE, _SECOND = "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"
_WEEKDAYS = "一二三四五六日"
_MOST, _USUAL = 200, 15
_REFUSALS = {
    100100: ("active_record/record_not_found", "您没有权限查看该对象或该对象不存在。"),
    100401: ("user_authentication_error", "您的登录已经过期,请重新登录!"),
    100402: ("login_failed", "帐号或密码错误"),
    100404: ("route_not_found", "没有这个接口"),
    100422: ("validation_error", "参数错误"),
}


class _Refusal(Exception):
    def __init__(self, code: int, **errors: list[str]) -> None:
        self.code, self.errors = code, errors


class FakeServer(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Give it to a client as its `transport`. `requests` are those that came; `now` is its time, which stands still."""

    def __init__(self, login: str = "demo", password: str = "demo", now: datetime | None = None) -> None:
        self.login, self.password = login, password
        self.now = now or datetime(2024, 4, 4, 9, 30, tzinfo=ZONE)
        self.requests = list[httpx.Request]()
        self._faults = list[int | Exception]()
        self._ids = 1000
        self._tokens = set[str]()
        self._records: dict[tuple[str, int], dict[str, Json]] = {}
        self._timelines: dict[tuple[str, int], list[tuple[datetime, dict[str, Json]]]] = {}
        self._user = {
            "id": self._new_id(),
            "email": "",
            "created_at": self.now.strftime(_MINUTE),
            "name": login,
            "organization_id": 1,
            "phone": "",
            "role_id": 1,
            "workflow_state": "active",
            "job": "",
            "tel": "",
            "avatar_url": "",
            "department_name": "",
            "third_userid": None,
            "third_dept_id": None,
            "uid": 1,
        }

    def add_record(self, type_: TypeName, name: str, **fields: Json) -> int:
        """The id of a new record."""
        id_ = self._new_id()
        title = "title" if type_ in ("opportunities", "contracts") else "name"
        self._records[type_, id_] = {"id": id_, title: name, **fields}
        self._timelines[type_, id_] = []
        self._record(RECORD_CREATED, type_, id_, self.now, saleable=self._records[type_, id_])
        return id_

    def add_follow_up(self, type_: TypeName, id_: int, text: str, at: datetime | None = None) -> int:
        """The id of the activity of a new follow-up."""
        at, class_ = at or self.now, CLASS_NAMES[TYPES[type_]]
        linked = {"id": id_, "name": self._name(type_, id_)}
        more: dict[str, Json] = {
            "object_id": self._new_id(),
            "text": text,
            "own": True,
            "said_at": at.strftime(_MINUTE),
            "category": STANDARD_NAMES[FOLLOW_UP],
            "follow_up_display": STANDARD_NAMES[FOLLOW_UP],
            "contacts_row": {"label": "关联联系人", "value": [], "type": "Contact"},
            "record_row": {"label": f"来自{STANDARD_NAMES[class_]}", "value": [linked], "type": class_},
        }
        return self._record(FOLLOW_UP_WRITTEN, type_, id_, at, **more)

    def add_call(self, type_: TypeName, id_: int, direction: str = "呼出", at: datetime | None = None) -> int:
        """The id of the activity of a new call."""
        return self._record(CALL_MADE, type_, id_, at or self.now, direction=direction, object_id=self._new_id())

    def fail(self, *faults: int | Exception) -> None:
        """The next requests meet these, one each: they are answered with a status, or never."""
        self._faults += faults

    def sign_out(self) -> None:
        """Every token is dead from now on."""
        self._tokens.clear()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """As httpx asks a transport."""
        request.read()
        return self._answer(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The same."""
        await request.aread()
        return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self._faults:
            fault = self._faults.pop(0)
            if isinstance(fault, Exception):
                raise fault
            return httpx.Response(fault, text="Retry later\n" if fault == 429 else "")
        try:
            return _json({"code": 0, "data": self._served(request)})
        except _Refusal as refusal:
            key, message = _REFUSALS[refusal.code]
            body = {"code": refusal.code, "message": message, "error": key, "data": None}
            return _json(body | ({"errors": refusal.errors} if refusal.errors else {}))

    def _served(self, request: httpx.Request) -> Json:
        body = orjson.loads(request.content) if request.content else {}
        match [request.method, *request.url.path.strip("/").split("/")]:
            case ["POST", "api", "v2", "auth", "login"]:
                return self._sign_in(body)
            case [method, "api", "v2", *rest]:
                self._check(request)
                query = {name: values[-1] for name, values in parse_qs(request.url.query.decode()).items()}
                return self._signed_in(method, rest, query, body)
        raise _Refusal(100404)

    def _signed_in(self, method: str, path: list[str], query: Mapping[str, str], body: Json) -> Json:
        match [method, *path]:
            case ["GET", "user", "info"]:
                return self._user
            case ["GET", "user", "list"]:
                return _page("users", [self._user], query)
            case ["POST", "revisit_logs"]:
                return self._write(body.get("revisit_log", {}))
            case ["GET", type_] if type_ in TYPES:
                found = [record for (type__, _), record in self._records.items() if type__ == type_]
                return _page(type_, found[::-1], query)
            case ["POST", type_] if type_ in TYPES:
                return self._create(type_, body.get(CLASS_NAMES[TYPES[type_]].lower(), {}))
            case ["GET", type_, id_] if type_ in TYPES:
                return self._records[self._known(type_, id_)]
            case ["PUT", type_, id_] if type_ in TYPES:
                record = self._records[self._known(type_, id_)]
                record.update(body.get(CLASS_NAMES[TYPES[type_]].lower(), {}))
                return record
            case ["GET", ("leads" | "customers") as type_, id_, "sales_activities"]:
                return self._timeline(self._known(type_, id_), query)
        raise _Refusal(100404)

    def _sign_in(self, given: Mapping[str, Json]) -> Json:
        if (given.get("login"), given.get("password")) != (self.login, self.password):
            raise _Refusal(100402)
        token = f"{self._new_id():048x}"
        self._tokens.add(token)
        told = dict.fromkeys(("avatar_url", "api_host", "crm_app_token", "corp_id"), "")
        flags = dict.fromkeys(("confirmed_phone", "set_password", "fill_user_info"), True)
        return {"user_token": token, "user_id": self._user["id"], "uid": 1, "is_expired": False, **told, **flags}

    def _check(self, request: httpx.Request) -> None:
        told = request.headers.get("authorization", "")
        if not any(token in told for token in self._tokens):
            raise _Refusal(100401)

    def _known(self, type_: str, id_: object) -> tuple[str, int]:
        key = type_, int(str(id_)) if str(id_).isdecimal() else 0
        if key not in self._records:
            raise _Refusal(100100)
        return key

    def _create(self, type_: str, fields: Mapping[str, Json]) -> Json:
        name = "title" if type_ in ("opportunities", "contracts") else "name"
        if not fields.get(name):
            raise _Refusal(100422, **{name: ["不能为空"]})
        more = {key: value for key, value in fields.items() if key != name}
        return self._records[type_, self.add_record(type_, str(fields[name]), **more)]  # type: ignore[arg-type]

    def _write(self, given: Mapping[str, Json]) -> Json:
        types: Mapping[object, TypeName] = {CLASS_NAMES[type_]: name for name, type_ in TYPES.items()}  # type: ignore[misc]
        type_ = types.get(given.get("loggable_type"))
        if type_ is None:
            raise _Refusal(100422, loggable_type=["不能为空"])
        _, id_ = self._known(type_, given.get("loggable_id"))
        said = given.get("real_revisit_at")
        at = datetime.strptime(said, _SECOND).replace(tzinfo=ZONE) if isinstance(said, str) else self.now
        text = str(given.get("content", ""))
        self.add_follow_up(type_, id_, text, at)
        entry = self._timelines[type_, id_][-1][1]
        name, now = str(entry["refer_name"]), self.now.strftime(_MINUTE)
        empty = dict.fromkeys(
            ("category", "category_display", "category_i18n", "title", "remind_at", "raw_remind_at"), ""
        )
        lists = ("attachments", "attachment_files", "image_attachments", "audios", "at_users", "revisit_log_contacts")
        times = dict.fromkeys(("created_at", "updated_at", "timestamp"), now)
        return {
            "id": entry["saleable_id"],
            "content": text,
            "real_revisit_at": at.strftime(_MINUTE),
            **times,
            **empty,
            "loggable_type": CLASS_NAMES[TYPES[type_]],
            "loggable_id": id_,
            "loggable": {"id": id_, "name": name, "approve_status": ""},
            **{each: list[Json]() for each in lists},
            "lat": 0.0,
            "lng": 0.0,
            "address": {},
            "refer_name": name,
            "is_remind_expired": False,
            "refer_type_display": entry["refer_type_display"],
            "event_url": "",
            "event_identifier": "",
            "user": self._user,
            "revisit_log_opportunity": None,
            "revisit_log_contract": None,
        }

    def _timeline(self, key: tuple[str, int], query: Mapping[str, str]) -> Json:
        entries = sorted(self._timelines[key], key=lambda each: (each[0], each[1]["id"]), reverse=True)
        page = _page("", [entry for _, entry in entries], query)
        days = groupby(page.pop(""), key=lambda entry: str(entry["timestamp"])[:10])
        return {
            "sales_activities": [{"date": _day(day), "activities": list(some)} for day, some in days],
            "default_image_url": "/static/attachment_no_permission.svg",
            "user_config_columns": {"revisit_log": [], "dx_revisit_log": None},
            **page,
        }

    def _record(self, kind: Kind, type_: str, id_: int, at: datetime, **more: Json) -> int:
        class_, name = CLASS_NAMES[TYPES[type_]], self._name(type_, id_)
        refer = {"refer_type": class_, "refer_name": name, "refer_id": id_, "turned": False}
        times = dict.fromkeys(("at", "updated_at", "recorded_at"), at.astimezone(ZONE).strftime(_MINUTE))
        values = Values(
            id=self._new_id(), user=self._user, refer_type_display=STANDARD_NAMES[class_], **refer, **times, **more
        )
        entry = dict(SHAPES[kind](values))
        self._timelines[type_, id_].append((at, entry))
        return int(entry["id"])

    def _name(self, type_: str, id_: int) -> str:
        record = self._records[type_, id_]
        return str(record.get("name") or record.get("title"))

    def _new_id(self) -> int:
        self._ids += 1
        return self._ids


def _json(body: Json) -> httpx.Response:
    return httpx.Response(200, content=orjson.dumps(body), headers={"Content-Type": "application/json; charset=utf-8"})


def _page(name: str, items: list[Any], query: Mapping[str, str]) -> dict[str, Json]:
    """A page of a list as the contract counts (decision 1)."""
    read: Callable[[str], int] = lambda asked: int(query.get(asked, "")) if query.get(asked, "").isdecimal() else 0  # noqa: E731
    page, per_page = read("page") or 1, min(read("per_page") or _USUAL, _MOST)
    shown = items[(page - 1) * per_page : page * per_page]
    return {name: shown, "total_count": len(items), "per_page": per_page, "page": page}


def _day(day: str) -> str:
    weekday = datetime.fromisoformat(day).weekday()
    return f"{day} 星期{_WEEKDAYS[weekday]}"
