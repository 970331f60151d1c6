"""HTTP/1.1 by httptools, with a bound on the request line and headers, which the parser itself does not have.

What is no HTTP reaches no application; it is refused here, in the form that all refusals have.
"""

from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from genjin.api.answers import JSON
from genjin.api.v1.streams import ABORT
from genjin.errors import Invalid
from genjin.wire.envelope import dumps
from genjin.wire.errors import error_body

MAX_HEAD = 65_536
"""Bytes. What is read at once comes on top."""


class BoundedHeadProtocol(HttpToolsProtocol):
    """Closes a connection whose request's head does not end, or is none."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._unfinished = 0
        """Bytes that came of a head which is not complete."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {ABORT: {"abort": self.transport.abort}}

    def shutdown(self) -> None:
        """Called for each connection when the server is told to end: streams end, so that nobody waits for them."""
        streams = self.app_state.get("streams")
        if streams is not None:
            streams.end()
        super().shutdown()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._has_whole_head():
            self._unfinished = 0
            return
        self._unfinished += len(data)
        if self._unfinished > MAX_HEAD and not self.transport.is_closing():
            self.logger.warning("Headers too large.")
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"请求行和请求头不能超过{MAX_HEAD}字节")

    def _has_whole_head(self) -> bool:
        """A head that begins has a new scope; when it is complete, a cycle is made with it."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and cycle.scope is self.scope

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  uvicorn's text
        """Called by uvicorn, whose own answer is a plain text."""
        self._refuse(HTTPStatus.BAD_REQUEST, "不是有效的HTTP请求")

    def _refuse(self, status: HTTPStatus, text: str) -> None:
        body = dumps(error_body(Invalid({"request": [text]})))
        headers = [
            *self.server_state.default_headers,
            (b"content-type", JSON.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"connection", b"close"),
        ]
        head = [b"HTTP/1.1 %d %s" % (status, status.phrase.encode()), *(b"%s: %s" % pair for pair in headers)]
        self.transport.write(b"\r\n".join([*head, b"", body]))
        self.transport.close()
