"""The composition root: the only place that wires settings, database, services and doors together."""

from starlette.types import ASGIApp

from genjin import tracing
from genjin.api.calling import Door
from genjin.api.rates import Budgets
from genjin.api.server import serve
from genjin.domain.clock import Clock
from genjin.logs import configure_logs
from genjin.service.context import Installation
from genjin.service.context import open_installation as open_installation
from genjin.settings import Settings, load_settings, parse_rate
from genjin.store import schema
from genjin.web.routes import UPLOADS
from genjin.web.server import serve_pages


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> ASGIApp:
    """The server as an ASGI application. Raises StoreUnavailable when the schema is not the one this program knows, or
    a replica not one of its database, BadSettings when traces are asked for and cannot be sent.
    """
    settings = settings or load_settings()
    configure_logs(settings.log_level, settings.log_format)
    if settings.traces != "off":
        tracing.start()
    installation = open_installation(settings, clock)
    schema.check(installation.database)
    installation.database.check_replicas()
    return build(installation, settings)


def build(installation: Installation, settings: Settings) -> ASGIApp:
    """The ASGI application over an open installation."""
    rates = parse_rate(settings.rate_limit), parse_rate(settings.token_rate_limit)
    door = Door(installation, settings, Budgets(*rates, installation.clock), installation.secret)
    return serve(door, serve_pages, UPLOADS)
