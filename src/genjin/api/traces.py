"""A span for each request, around everything that answers it. Imported only where `GENJIN_TRACES` is on."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genjin import tracing
from genjin.api.route import OTHER, route_of

METHODS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
UNTRACED = frozenset({"/healthz", "/metrics", "/readyz"})
"""Asked every few seconds by programs that want to know one thing."""


class Traced:
    """Pure ASGI. A span is named after the method and the row of the table of URLs, and has no part of the path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._asked_under = app, tracing.asked_under()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNTRACED:
            await self._app(scope, receive, send)
            return
        is_known = scope["method"] in METHODS
        known = {
            "http.request.method": scope["method"] if is_known else "_OTHER",
            "url.scheme": scope["scheme"],
            "network.protocol.version": scope["http_version"],
        }
        method = scope["method"] if is_known else "HTTP"
        status = 0

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        span = tracing.begin(method, "SERVER", known, self._callers(scope))
        try:
            with tracing.within(span):
                await self._app(scope, receive, note)
        finally:
            if span is not None:
                told: dict[str, str | int] = {"http.response.status_code": status} if status else {}
                if (route := route_of(scope)) != OTHER:
                    span.update_name(f"{method} {route}")
                    told["http.route"] = route
                if status >= 500:
                    tracing.failed(span, str(status))
                tracing.end(span, told)

    def _callers(self, scope: Scope) -> dict[str, str]:
        """What the caller told of its own span."""
        told = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
        return {name: value for name, value in told if name in self._asked_under}
