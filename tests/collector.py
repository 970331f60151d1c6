"""What a collector of OpenTelemetry's was told: an HTTP server's requests, decoded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.receiver import Receiver

PATH = "/v1/traces"


@dataclass(frozen=True)
class Span:
    """Ids are in hexadecimal digits; `parent` is empty for none. `kind` and `status` are the protocol's numbers."""

    name: str
    trace: str
    id: str
    parent: str
    kind: int
    status: int
    attributes: Mapping[str, Any]
    service: str


def spans(there: Receiver) -> list[Span]:
    """All that came so far."""
    return [span for request in there.at(PATH) for span in _decoded(request.body)]


def _decoded(body: bytes) -> Iterator[Span]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        service = _values(resource.resource.attributes)["service.name"]
        for scope in resource.scope_spans:
            for each in scope.spans:
                trace, id_, parent = (part.hex() for part in (each.trace_id, each.span_id, each.parent_span_id))
                told = _values(each.attributes)
                yield Span(each.name, trace, id_, parent, each.kind, each.status.code, told, service)


def _values(attributes: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}
