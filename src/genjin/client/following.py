"""What happens on the server, as it happens: reading its stream of events, and coming back where it was cut. No I/O."""

from typing import Any

import httpx
from httpx_sse import ServerSentEvent
from pydantic import ValidationError

from genjin.client.errors import Unexpected
from genjin.wire.v1.change import ChangeObject

PATH = "/api/v1/changes/stream"
SILENT_SECONDS = 45.0
"""The server says something every 15 seconds: who hears nothing for so long is not connected any more."""


def asked(cursor: str | None, token: str) -> dict[str, Any]:
    """The arguments of httpx-sse's `connect_sse`, behind its client."""
    headers = {"Authorization": f"Bearer {token}"} | ({"Last-Event-ID": cursor} if cursor else {})
    return {"method": "GET", "url": PATH, "headers": headers, "timeout": httpx.Timeout(30.0, read=SILENT_SECONDS)}


def change_in(event: ServerSentEvent) -> ChangeObject | None:
    """The change that an event tells; None for one that only says where the reader is. Raises Unexpected."""
    if not event.data:
        return None
    try:
        return ChangeObject.model_validate_json(event.data, extra="ignore")
    except ValidationError as error:
        raise Unexpected(200, event.data.encode()[:2000], "is no change") from error
