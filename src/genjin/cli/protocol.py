"""HTTP/1.1 by httptools, with a bound on the request line and headers, which the parser itself does not have."""

import math
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD = 65_536
"""Bytes. What is read at once comes on top."""

_REFUSAL = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 17\r\nconnection: close\r\n\r\nHeaders too large"
)


class BoundedHeadProtocol(HttpToolsProtocol):
    """Closes a connection whose request's head does not end."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._unfinished: float = 0
        """Bytes that came of a head which is not complete; minus infinity while there is none."""

    def data_received(self, data: bytes) -> None:
        self._unfinished += len(data)
        super().data_received(data)
        if self._unfinished > MAX_HEAD and not self.transport.is_closing():
            self.logger.warning("Headers too large.")
            self.transport.write(_REFUSAL)
            self.transport.close()

    def on_message_begin(self) -> None:
        self._unfinished = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._unfinished = -math.inf
        super().on_headers_complete()
