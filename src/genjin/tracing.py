"""Traces: what a request, a job or a delivery took its time for, told to a collector that speaks OTLP.

Nothing is traced, and nothing of OpenTelemetry's SDK is in memory, until somebody calls `start`. A span tells what kind
of thing it was and how long it took: never an id, a path, a text or a parameter of anybody. Its names are those of
OpenTelemetry's conventions (https://opentelemetry.io/docs/specs/semconv/) where these have one.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, NamedTuple

from genjin import __version__
from genjin.errors import BadSettings, GenjinError, StoreUnavailable

if TYPE_CHECKING:
    from contextvars import Token

    from opentelemetry.context import Context
    from opentelemetry.propagators.textmap import TextMapPropagator
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer

NEEDED = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
STOP_SECONDS = 3.0
"""So long the end of a process waits for a collector."""
Kind = Literal["SERVER", "CLIENT", "INTERNAL"]
Attributes = Mapping[str, str | int | float]


class _Tracing(NamedTuple):
    """What was switched on, and what of OpenTelemetry is needed then: to import it each time would cost more."""

    provider: "TracerProvider"
    tracer: "Tracer"
    textmap: "TextMapPropagator"
    kinds: "Mapping[str, SpanKind]"
    error: "StatusCode"
    nothing: "Context"
    with_span: "Callable[[Span, Context | None], Context]"
    current: "Callable[[], Span]"
    attach: "Callable[[Context], Token[Context]]"
    detach: "Callable[[Token[Context]], None]"


_on: _Tracing | None = None


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
        from opentelemetry import context, propagate, trace
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
    logging.getLogger("opentelemetry.exporter").setLevel(logging.ERROR)  # not each try, only what was given up
    _on = _Tracing(
        provider=provider,
        tracer=provider.get_tracer("genjin", __version__),
        textmap=propagate.get_global_textmap(),
        kinds=trace.SpanKind.__members__,
        error=trace.StatusCode.ERROR,
        nothing=context.Context(),
        with_span=trace.set_span_in_context,
        current=trace.get_current_span,
        attach=context.attach,
        detach=context.detach,
    )


def stop() -> None:
    """Send what is left, if somebody takes it in time, and trace no more."""
    global _on
    if _on is None:
        return
    provider, _on = _on.provider, None
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
    under = None if asked is None else _on.textmap.extract(asked, _on.nothing)
    return _on.tracer.start_span(name, under, _on.kinds[kind], attributes)


class within:  # noqa: N801 (a context manager, as those of contextlib are called)
    """This thread or task is at a span; that may be another one than began it."""

    __slots__ = ("_span", "_token")

    def __init__(self, span: "Span | None") -> None:
        self._span = span
        self._token: Token[Context] | None = None

    def __enter__(self) -> None:
        if _on is not None and self._span is not None:
            self._token = _on.attach(_on.with_span(self._span, None))

    def __exit__(self, *_: object) -> None:
        if _on is not None and self._token is not None:
            _on.detach(self._token)


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
    if _on is not None and span is not None:
        span.set_attribute("error.type", why)
        span.set_status(_on.error)


def end(span: "Span | None", attributes: Attributes | None = None) -> None:
    """It is over, and this came of it."""
    if span is not None:
        span.set_attributes(attributes or {})
        span.end()


def is_on() -> bool:
    """Whether this process traces; the setting alone says so only of what serves and of what works off jobs."""
    return _on is not None


def is_recorded() -> bool:
    """Whether this thread or task is at something that the collector will be told of."""
    return _on is not None and _on.current().is_recording()


def ids() -> Mapping[str, str]:
    """`trace_id` and `span_id` of what this thread or task is at, for the log; nothing where that is not traced."""
    if _on is None:
        return {}
    at = _on.current().get_span_context()
    return {"trace_id": f"{at.trace_id:032x}", "span_id": f"{at.span_id:016x}"} if at.is_valid else {}


def headers(span: "Span | None") -> dict[str, str]:
    """What tells who is called of this span."""
    told: dict[str, str] = {}
    if _on is not None and span is not None:
        _on.textmap.inject(told, _on.with_span(span, _on.nothing))
    return told


def asked_under() -> frozenset[str]:
    """The names of the headers by which callers tell of theirs."""
    return frozenset() if _on is None else frozenset(_on.textmap.fields)
