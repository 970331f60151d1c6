"""The settings: read once at start from GENJIN_* environment variables; explained when wrong."""

import re
from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError, ValidationInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from genjin.errors import BadSettings

_RATE = re.compile(r"(\d+)/(\d+)s")
_POSTGRES = ("postgresql://", "postgresql+psycopg://", "postgres://")
_PASSWORD = re.compile(r"(://[^/\s@:]*:)[^/\s]*@")


def _check_rate(text: str) -> str:
    match = _RATE.fullmatch(text)
    if text and (match is None or 0 in (int(match[1]), int(match[2]))):
        raise ValueError("write it as calls/seconds, such as 10/10s, or leave it empty for no limit")
    return text


def _check_database_url(url: str) -> str:
    if not url.startswith(("sqlite:///", *_POSTGRES)):
        raise ValueError("use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE")
    return url


def _check_replica_urls(urls: str, info: ValidationInfo) -> str:
    if urls and str(info.data.get("database_url", "")).startswith("sqlite:"):
        raise ValueError("SQLite has no replicas: set GENJIN_DATABASE_URL to their primary, or leave this empty")
    if not all(url.startswith(_POSTGRES) for url in parse_urls(urls)):
        raise ValueError("write postgresql://USER:PASSWORD@HOST/DATABASE, and blanks between several")
    return urls


def _check_files_url(url: str) -> str:
    bucket = url.removeprefix("s3://").partition("/")[0] if url.startswith("s3://") else ""
    if url and not bucket and not (url.startswith("file:") and url.removeprefix("file:").strip("/")):
        raise ValueError("use file:FOLDER or s3://BUCKET/PREFIX, or leave it empty for a folder beside the database")
    return url


def _check_web_url(url: str) -> str:
    if url and (not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", url)):
        raise ValueError("write it as https://HOST, without a query")
    return url.rstrip("/")


def _check_networks(networks: str) -> str:
    try:
        for network in networks.split():
            ip_network(network)
    except ValueError as error:
        raise ValueError(f"write networks such as 10.0.0.0/8, and blanks between several: {error}") from error
    return networks


Rate = Annotated[str, AfterValidator(_check_rate)]
WebUrl = Annotated[str, AfterValidator(_check_web_url)]


class Settings(BaseSettings):
    """Each field is set by GENJIN_ and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="GENJIN_", frozen=True)

    database_url: Annotated[str, AfterValidator(_check_database_url)] = Field(
        "sqlite:///genjin.db", description="Where the data is: an SQLite file or a PostgreSQL database."
    )
    postgres_programs: str = Field(
        "", description="The folder of pg_dump and pg_restore, for backups; empty: as they are found on the path."
    )
    replica_urls: Annotated[str, AfterValidator(_check_replica_urls)] = Field(
        "", description="PostgreSQL databases that follow it and may answer reads, with blanks between; empty for none."
    )
    replica_wait_seconds: float = Field(
        0.02, ge=0, le=10, description="How long a read waits for a replica that is behind before the primary answers."
    )
    files_url: Annotated[str, AfterValidator(_check_files_url)] = Field(
        "", description="Where uploaded files lie: `file:FOLDER` or `s3://BUCKET/PREFIX`; empty: beside the database."
    )
    s3_endpoint: WebUrl = Field("", description="The address of a store that speaks S3; empty for that of Amazon.")
    s3_region: str = Field("", description="The bucket's region.")
    s3_access_key_id: str = Field(
        "", description="The key to the bucket; empty: as the AWS_* variables or the machine say."
    )
    s3_secret_access_key: str = Field("", repr=False, description="The secret that belongs to the key.")
    max_file_bytes: int = Field(52_428_800, ge=1024, description="The largest file that may be uploaded.")
    upload_seconds: float = Field(600.0, gt=0, description="The longest time to receive and keep one uploaded file.")
    file_link_hours: int = Field(24, ge=1, le=8760, description="How many hours a link to a file works, at least.")
    public_url: WebUrl = Field(
        "", description="Where clients find this server, for links to files; empty: as they call it."
    )
    http_errors: Literal["documented", "strict"] = Field(
        "documented",
        description="`documented` answers refusals with HTTP 200; `strict` with 401, 403, 404, 409, 422, 500.",
    )
    saleable_id: Literal["record", "id"] = Field(
        "record", description="What `saleable_id` of a created record carries: the record's raw dump or its integer."
    )
    rate_limit: Rate = Field("", description="Calls per organisation and worker, such as `10/10s`; empty for no limit.")
    token_rate_limit: Rate = Field("", description="The same per token; empty for no limit.")
    login_attempts: Rate = Field(
        "10/300s", description="Failed sign-ins per login and address before more are refused."
    )
    token_days: int = Field(0, ge=0, le=36500, description="How many days a token lives; 0 for until it is revoked.")
    idempotency_hours: int = Field(
        24, ge=1, le=720, description="How long the answer to a request with an Idempotency-Key is given again."
    )
    max_body_bytes: int = Field(1_048_576, ge=1024, description="The largest request body.")
    request_seconds: float = Field(30.0, gt=0, description="The longest time to receive and answer one request.")
    query_seconds: float = Field(
        20.0, gt=0, description="The longest time of one reading of an SQLite file, or one statement of PostgreSQL."
    )
    queue: int = Field(1_000, ge=1, description="The most requests of one worker that wait for a thread.")
    kept_bytes: int = Field(
        8_000_000, ge=0, description="Memory of a worker for rendered pages that may be given again; 0 for none."
    )
    streams: int = Field(4_000, ge=0, description="The most open streams of changes of one worker.")
    changes_days: int = Field(30, ge=1, le=3650, description="How many days changes are kept for who reads them later.")
    webhook_networks: Annotated[str, AfterValidator(_check_networks)] = Field(
        "", description="Networks that webhooks may lead to beside the public internet, with blanks between."
    )
    webhook_seconds: float = Field(15.0, gt=0, le=60, description="The longest time to send a webhook's delivery.")
    webhook_days: int = Field(14, ge=1, le=365, description="How many days deliveries of webhooks can be looked at.")
    jobs: Literal["on", "off"] = Field(
        "on", description="Whether this server does what is due and works off the queue."
    )
    jobs_seconds: float = Field(30.0, gt=0, le=3600, description="How often it looks for what is due.")
    metrics: Literal["on", "off"] = Field("off", description="Whether `GET /metrics` tells Prometheus how it goes.")
    traces: Literal["off", "otlp"] = Field(
        "off", description="Whether traces are sent to a collector, as the OTEL_* variables say."
    )
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


def parse_urls(text: str) -> tuple[str, ...]:
    """`"postgresql://a/x postgresql://b/x"` -> both; `""` -> ()."""
    return tuple(text.split())
