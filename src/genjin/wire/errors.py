"""The one table from our errors to the wire: code, key, message and, in strict mode, HTTP status (decision 8)."""

from collections.abc import Mapping
from dataclasses import dataclass

from genjin.domain.json import JsonValue
from genjin.errors import (
    DiskFull,
    Duplicate,
    Forbidden,
    GenjinError,
    Invalid,
    LoginFailed,
    NotFound,
    OrganisationRequired,
    RouteNotFound,
    StoreUnavailable,
    Unauthenticated,
)


@dataclass(frozen=True, slots=True)
class WireError:
    """How an error looks. `own_message` lets the error's own text through, where it was written for people; an error
    that is not of the request has its status `always`.
    """

    code: int
    key: str
    message: str
    status: int
    own_message: bool = False
    always: bool = False


INTERNAL = WireError(100500, "internal_error", "服务器内部错误，请稍后重试。", 500)

TABLE: Mapping[type[GenjinError], WireError] = {
    Unauthenticated: WireError(100401, "user_authentication_error", "您的登录已经过期,请重新登录!", 401),
    LoginFailed: WireError(100402, "login_failed", "帐号或密码错误", 401),
    OrganisationRequired: WireError(100402, "login_failed", "该帐号属于多个企业,请选择企业(corp_id)", 401),
    NotFound: WireError(100100, "active_record/record_not_found", "您没有权限查看该对象或该对象不存在。", 404),
    RouteNotFound: WireError(100404, "route_not_found", "没有这个接口", 404),
    Forbidden: WireError(100403, "forbidden_error", "您没有权限进行该操作", 403, own_message=True),
    Invalid: WireError(100422, "validation_error", "参数错误", 422),
    Duplicate: WireError(100409, "duplicate_error", "该对象已存在", 409, own_message=True),
    StoreUnavailable: WireError(100503, "service_unavailable", "服务器繁忙，请稍后重试。", 503, always=True),
    DiskFull: WireError(100503, "service_unavailable", "磁盘已满，暂时只能查看，不能写入。", 503, always=True),
}


def wire_error(error: GenjinError) -> WireError:
    """The row of the nearest class."""
    for class_ in type(error).__mro__:
        if class_ in TABLE:
            return TABLE[class_]
    return INTERNAL


def error_body(error: GenjinError) -> dict[str, JsonValue]:
    """`{"code", "message", "error", "data"}`, and `errors` or `org_list` where there are some."""
    row = wire_error(error)
    message = str(error) if row.own_message and str(error) else row.message
    if isinstance(error, Invalid):
        message = "; ".join(f"{field}: {'、'.join(texts)}" for field, texts in error.errors.items()) or row.message
    body: dict[str, JsonValue] = {"code": row.code, "message": message, "error": row.key, "data": None}
    if isinstance(error, Invalid):
        body["errors"] = error.errors
    if isinstance(error, OrganisationRequired):
        body["api_message"] = message
        body["org_list"] = [{"corp_id": corp_id, "name": name} for corp_id, name in error.organisations]
    return body


def internal_body(request_id: str) -> dict[str, JsonValue]:
    """What is said of an error that nobody expected: the request's id, under which the log has the rest."""
    return {
        "code": INTERNAL.code,
        "message": INTERNAL.message,
        "error": INTERNAL.key,
        "data": None,
        "request_id": request_id,
    }
