"""Traces: what a request, a job or a delivery took its time for, told to a collector that speaks OTLP.

Nothing is traced, and nothing of OpenTelemetry's SDK is in memory, until somebody calls `start`. A span tells what kind
of thing it was and how long it took: never an id, a path, a text or a parameter of anybody. Its names are those of
OpenTelemetry's conventions (https://opentelemetry.io/docs/specs/semconv/) where these have one.
"""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from genjin import __version__
from genjin.errors import BadSettings, GenjinError, StoreUnavailable

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

NEEDED = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
STOP_SECONDS = 3.0
"""So long the end of a process waits for a collector."""
Kind = Literal["SERVER", "CLIENT", "INTERNAL"]
Attributes = Mapping[str, str | int | float]
_NOWHERE: Mapping[str, str] = {}
_on: "tuple[TracerProvider, Tracer] | None" = None


def check() -> None:
    """Raises BadSettings where traces cannot be sent."""
    try:
        missing = [name for name in NEEDED if find_spec(name) is None]
    except ImportError:  # what it is a part of is missing
        missing = [*NEEDED]
    if missing:
        raise BadSettings("GENJIN_TRACES: it needs the extra `telemetry`: pip install 'genjin[telemetry]'")
    for name in ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"):
        if os.environ.get(name, "http/protobuf") != "http/protobuf":
            raise BadSettings(f"{name}: only http/protobuf is spoken (it is {os.environ[name]!r})")


def start() -> None:
    """Trace from now on, as the variables OTEL_* say. Raises BadSettings."""
    global _on
    check()
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        ours = Resource({"service.name": "genjin", "service.version": __version__})
        resource = Resource.create().merge(ours).merge(OTELResourceDetector().detect())
        provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    except ValueError as error:
        raise BadSettings(f"OTEL_*: {error}") from error
    _on = provider, provider.get_tracer("genjin", __version__)


def stop() -> None:
    """Send what is left, if somebody takes it in time, and trace no more."""
    global _on
    if _on is None:
        return
    (provider, _), _on = _on, None
    sending = threading.Thread(target=provider.shutdown, name="genjin-last-traces", daemon=True)
    sending.start()
    sending.join(STOP_SECONDS)


@contextmanager
def started(wanted: bool) -> Iterator[None]:
    """Trace for as long as this lasts, if that is wanted. Raises BadSettings."""
    if wanted:
        start()
    try:
        yield
    finally:
        stop()


def begin(
    name: str, kind: Kind = "INTERNAL", attributes: Attributes | None = None, asked: Mapping[str, str] | None = None
) -> "Span | None":
    """A span under what this thread or task is at; None where nothing is traced. `asked` are the headers of a request
    that it answers: then it is under the caller's. Who begins it ends it.
    """
    if _on is None:
        return None
    from opentelemetry.context import Context
    from opentelemetry.propagate import extract
    from opentelemetry.trace import SpanKind

    under = None if asked is None else extract(asked, Context())
    return _on[1].start_span(name, under, SpanKind[kind], attributes)


@contextmanager
def within(span: "Span | None") -> Iterator[None]:
    """This thread or task is at it; that may be another one than began it."""
    if span is None:
        yield
        return
    from opentelemetry.trace import use_span

    with use_span(span, record_exception=False, set_status_on_exception=False):
        yield


@contextmanager
def tracing(name: str, kind: Kind = "INTERNAL", attributes: Attributes | None = None) -> "Iterator[Span | None]":
    """Begin a span, be at it, and end it."""
    span = begin(name, kind, attributes)
    try:
        with within(span):
            yield span
    except BaseException as error:
        # What is refused on purpose went well.
        if not isinstance(error, GenjinError) or isinstance(error, StoreUnavailable):
            failed(span, type(error).__name__)
        raise
    finally:
        end(span)


def failed(span: "Span | None", why: str) -> None:
    """It went wrong. `why` is one of few."""
    if span is not None:
        from opentelemetry.trace import StatusCode

        span.set_attribute("error.type", why)
        span.set_status(StatusCode.ERROR)


def end(span: "Span | None", attributes: Attributes | None = None) -> None:
    """It is over, and this came of it."""
    if span is not None:
        span.set_attributes(attributes or {})
        span.end()


def is_under_way() -> bool:
    """Whether this thread or task is at something that is traced."""
    return bool(ids())


def ids() -> Mapping[str, str]:
    """`trace_id` and `span_id` of what this thread or task is at, for the log; nothing where that is not traced."""
    if _on is None:
        return _NOWHERE
    from opentelemetry.trace import format_span_id, format_trace_id, get_current_span

    at = get_current_span().get_span_context()
    if not at.is_valid:
        return _NOWHERE
    return {"trace_id": format_trace_id(at.trace_id), "span_id": format_span_id(at.span_id)}


def headers(span: "Span | None") -> dict[str, str]:
    """What tells who is called of this span."""
    told: dict[str, str] = {}
    if span is not None:
        from opentelemetry.context import Context
        from opentelemetry.propagate import inject
        from opentelemetry.trace import set_span_in_context

        inject(told, set_span_in_context(span, Context()))
    return told


def asked_under() -> frozenset[str]:
    """The names of the headers by which callers tell of theirs."""
    from opentelemetry.propagate import get_global_textmap

    return frozenset(get_global_textmap().fields)
