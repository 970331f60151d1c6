"""The whole URL table: what the upstream has, and what is ours. Docs and the OpenAPI description are made from it."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from genjin.api import calls, followups, health, login
from genjin.api.records import CUSTOMERS, LEADS


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """One row: methods, path, who answers, and the group it is shown in."""

    methods: tuple[str, ...]
    path: str
    handler: Callable[..., Response]
    tag: str


TIMELINE = "/api/v2/{entity_type}/{entity_id}/sales_activities"
"""Served by the bare ASGI endpoint of sales_activities.py."""

GET, POST, CHANGE, DELETE = ("GET",), ("POST",), ("PUT", "PATCH", "POST"), ("DELETE",)

UPSTREAM = (
    ApiRoute(POST, "/api/v2/auth/login", login.login, "auth"),
    ApiRoute(GET, "/api/v2/leads", LEADS.list, "leads"),
    ApiRoute(POST, "/api/v2/leads", LEADS.create, "leads"),
    ApiRoute(GET, "/api/v2/leads/{id}", LEADS.read, "leads"),
    ApiRoute(CHANGE, "/api/v2/leads/{id}", LEADS.update, "leads"),
    ApiRoute(DELETE, "/api/v2/leads/{id}", LEADS.delete, "leads"),
    ApiRoute(GET, "/api/v2/customers", CUSTOMERS.list, "customers"),
    ApiRoute(POST, "/api/v2/customers", CUSTOMERS.create, "customers"),
    ApiRoute(GET, "/api/v2/customers/{id}", CUSTOMERS.read, "customers"),
    ApiRoute(CHANGE, "/api/v2/customers/{id}", CUSTOMERS.update, "customers"),
    ApiRoute(DELETE, "/api/v2/customers/{id}", CUSTOMERS.delete, "customers"),
    ApiRoute(POST, "/api/v2/revisit_logs", followups.write_follow_up, "follow-ups"),
    ApiRoute(GET, "/api/v2/revisit_logs/new_index", followups.list_follow_ups, "follow-ups"),
    ApiRoute(GET, "/api/v2/revisit_logs/{id}", followups.read_follow_up, "follow-ups"),
    ApiRoute(CHANGE, "/api/v2/revisit_logs/{id}", followups.edit_follow_up, "follow-ups"),
    ApiRoute(DELETE, "/api/v2/revisit_logs/{id}", followups.delete_follow_up, "follow-ups"),
    ApiRoute(POST, "/api/v2/dial_logs", calls.log_call, "calls"),
    ApiRoute(CHANGE, "/api/v2/dial_logs/{id}", calls.end_call, "calls"),
)

OURS = (
    ApiRoute(GET, "/healthz", health.healthz, "service"),
    ApiRoute(GET, "/readyz", health.readyz, "service"),
)
