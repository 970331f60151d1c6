"""The settings: read once at start from GENJIN_* environment variables; explained when wrong."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from genjin.errors import BadSettings

_RATE = re.compile(r"(\d+)/(\d+)s")
_PASSWORD = re.compile(r"(://[^/\s@:]*:)[^/\s]*@")


def _check_rate(text: str) -> str:
    match = _RATE.fullmatch(text)
    if text and (match is None or 0 in (int(match[1]), int(match[2]))):
        raise ValueError("write it as calls/seconds, such as 10/10s, or leave it empty for no limit")
    return text


def _check_database_url(url: str) -> str:
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://", "postgres://")):
        raise ValueError("use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE")
    return url


Rate = Annotated[str, AfterValidator(_check_rate)]


class Settings(BaseSettings):
    """Each field is set by GENJIN_ and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="GENJIN_", frozen=True)

    database_url: Annotated[str, AfterValidator(_check_database_url)] = Field(
        "sqlite:///genjin.db", description="Where the data is: an SQLite file or a PostgreSQL database."
    )
    http_errors: Literal["documented", "strict"] = Field(
        "documented",
        description="`documented` answers refusals with HTTP 200; `strict` with 401, 403, 404, 409, 422, 500.",
    )
    saleable_id: Literal["record", "id"] = Field(
        "record", description="What `saleable_id` of a created record carries: the record's raw dump or its integer."
    )
    rate_limit: Rate = Field("", description="Calls per organisation and worker, such as `10/10s`; empty for no limit.")
    login_attempts: Rate = Field("10/300s", description="Failed sign-ins per login before further ones are refused.")
    token_days: int = Field(0, ge=0, le=36500, description="How many days a token lives; 0 for until it is revoked.")
    max_body_bytes: int = Field(1_048_576, ge=1024, description="The largest request body.")
    request_seconds: float = Field(30.0, gt=0, description="The longest time to receive and answer one request.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is logged.")
    log_format: Literal["json", "text"] = Field("json", description="How it is logged.")


def load_settings() -> Settings:
    """Read the environment; raises BadSettings that names each wrong setting."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = [("_".join(map(str, e["loc"])).upper(), e["msg"], _shown(e["input"])) for e in error.errors()]
        raise BadSettings("\n".join(f"GENJIN_{name}: {why} (it is {value})" for name, why, value in wrong)) from None


def _shown(value: object) -> str:
    """What a setting was set to, without the password that a URL may hold."""
    return repr(_PASSWORD.sub(r"\1***@", str(value)))


def parse_rate(text: str) -> tuple[int, int] | None:
    """`"10/10s"` -> (10 calls, 10 seconds); `""` -> None."""
    match = _RATE.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None
