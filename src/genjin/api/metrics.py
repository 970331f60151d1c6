"""What Prometheus is told: how many requests there were of what, how long they took, how many streams are open.

Imported only where `GENJIN_METRICS=on`. Several workers write into one folder, and whichever is asked tells of all.
"""

import os
from collections.abc import Callable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from genjin.api.route import OTHER, route_of

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which prometheus_client is told of the folder, before it is imported."""
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """Those of this process, and the answer that tells them. `open_streams` is asked when somebody wants to know."""

    def __init__(self, open_streams: Callable[[], int]) -> None:
        registry = CollectorRegistry()
        self._requests = Counter(
            "genjin_http_requests", "Requests that were answered.", ("method", "route", "status"), registry=registry
        )
        self._seconds = Histogram(
            *("genjin_http_request_seconds", "How long they took.", ("route",)), buckets=BUCKETS, registry=registry
        )
        self._streams = Gauge(
            "genjin_open_streams", "Streams that are open.", multiprocess_mode="livesum", registry=registry
        )
        self._open_streams = open_streams
        self._registry = registry
        if os.environ.get(FOLDER):
            self._registry = CollectorRegistry()
            MultiProcessCollector(self._registry)  # type: ignore[no-untyped-call]

    def observe(self, scope: Scope, status: int, seconds: float) -> None:
        """A request was answered, and took so long."""
        route = route_of(scope)
        method = scope["method"] if route != OTHER else ""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        self._streams.set(self._open_streams())

    async def tell(self, _: Request) -> Response:
        """All of them, in the form of Prometheus."""
        self._streams.set(self._open_streams())
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)

    def end(self) -> None:
        """This process ends; what it counted stays."""
        if os.environ.get(FOLDER):
            mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]
