"""Downloads files from addresses that a server told us, which may have been made up to reach what only we can reach.

Only http and https; names are resolved here, and what is connected to is an address that was looked at. No token is
sent.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urljoin

import certifi
import httpcore

from genjin.client.errors import NotReached, Refused, Unexpected
from genjin.domain.address import Networks, WebAddress, addresses_of, may_connect, web_address

MOST_REDIRECTS = 3
CHUNK_SECONDS = 30.0
"""So long the next part is waited for."""
_REDIRECTS = (301, 302, 303, 307, 308)


class Downloaded(NamedTuple):
    """How large it is, in bytes, and what the server says that it is."""

    size: int
    media_type: str


class Downloader:
    """Downloads from public addresses, from `networks`, and from the server at `url`, wherever that lies. `seconds` is
    how long one may take, `most_bytes` how large it may be.
    """

    def __init__(self, url: str, networks: Networks = (), seconds: float = 600.0, most_bytes: int = 1 << 30) -> None:
        self._url, self._own = url, web_address(url)
        self._networks, self._seconds, self._most = networks, seconds, most_bytes
        self._secure = ssl.create_default_context(cafile=certifi.where())
        self._secure.load_default_certs()

    def download(self, url: str, to: Callable[[bytes], object]) -> Downloaded:
        """Give what lies there, as seen from the server, to a function, part by part. Raises NotReached; Refused when
        the server says no; Unexpected for a bad address, and for what is too large.
        """
        until, base = time.monotonic() + self._seconds, self._url
        for _ in range(MOST_REDIRECTS + 1):
            try:
                base = urljoin(base, url)
                address = web_address(base)
            except ValueError as error:
                raise Unexpected(0, url.encode(errors="replace")[:2000], f"its address {error}") from error
            try:
                with self._pool(address) as pool, _asked(pool, address) as response:
                    headers = {name.lower(): value for name, value in response.headers}
                    if response.status in _REDIRECTS and b"location" in headers:
                        url = headers[b"location"].decode("latin-1")
                        continue
                    if response.status != 200:
                        raise Refused(response.status, response.status, f"HTTP {response.status}")
                    size = self._write(response, headers, to, until)
                    return Downloaded(size, headers.get(b"content-type", b"").decode("latin-1"))
            except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
                raise NotReached(f"{type(error).__name__}: {error}", maybe_done=False) from error
        raise Unexpected(0, url.encode()[:2000], f"leads on more than {MOST_REDIRECTS} times")

    def _pool(self, address: WebAddress) -> httpcore.ConnectionPool:
        is_own = address[:3] == self._own[:3]
        return httpcore.ConnectionPool(
            ssl_context=self._secure, network_backend=_CheckedNetwork(None if is_own else self._networks)
        )

    def _write(
        self, response: httpcore.Response, headers: dict[bytes, bytes], to: Callable[[bytes], object], until: float
    ) -> int:
        told = headers.get(b"content-length", b"")
        awaited = int(told) if told.isdigit() and len(told) < 20 else None
        if awaited is not None and awaited > self._most:
            raise Unexpected(200, told, f"is larger than {self._most} bytes")
        size = 0
        for part in response.iter_stream():
            size += len(part)
            if size > self._most:
                raise Unexpected(200, part[:2000], f"is larger than {self._most} bytes")
            if time.monotonic() > until:
                raise NotReached(f"took longer than {self._seconds:g} s", maybe_done=False)
            to(part)
        if awaited is not None and size != awaited:
            raise NotReached(f"was cut off after {size} of {awaited} bytes", maybe_done=False)
        return size


def _asked(pool: httpcore.ConnectionPool, address: WebAddress) -> Any:
    scheme, host, port, target = address
    shown = f"[{host}]" if ":" in host else host
    named = shown if port == (443 if address.is_secure else 80) else f"{shown}:{port}"
    url = httpcore.URL(scheme=scheme, host=host, port=port, target=target)
    headers = [("Host", named), ("User-Agent", "genjin-client"), ("Accept-Encoding", "identity")]
    timeout = dict.fromkeys(("connect", "read", "write", "pool"), CHUNK_SECONDS)
    return pool.stream("GET", url, headers=headers, extensions={"timeout": timeout})


class _CheckedNetwork(httpcore.SyncBackend):
    """Connects to where one may; `networks` is None for the server that we trust with our token, wherever it is."""

    def __init__(self, networks: Networks | None) -> None:
        self._networks = networks

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except OSError as error:
            raise httpcore.ConnectError(f"the name {host} was not found: {error}") from error
        # A recording is no secret that a password guards: http will do where the address is public.
        some = [
            each
            for each in addresses_of(found)
            if self._networks is None or may_connect(each, is_secure=True, allowed=self._networks)
        ]
        if not some:
            raise httpcore.ConnectError(f"{host} leads to {', '.join(found)}, from where nothing may be fetched")
        for address in some[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return super().connect_tcp(str(address), port, timeout, local_address, socket_options)
        return super().connect_tcp(str(some[-1]), port, timeout, local_address, socket_options)
