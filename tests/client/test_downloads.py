"""Files from addresses that a server made up: what is public or its own is fetched, and no more than may be."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from genjin.client import ClientError, NotReached, Refused, Unexpected
from genjin.client.downloads import Downloader

BODY = b"x" * 1000
seen = list[str]()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        seen.append(str(self.headers.get("Authorization")))
        path, _, told = self.path.partition("?")
        if path == "/on":
            self.send_response(302)
            self.send_header("Location", told)
            self.end_headers()
            return
        self.send_response(404 if path == "/none" else 200)
        self.send_header("Content-Type", "audio/mpeg")
        if path != "/untold":
            self.send_header("Content-Length", str(10**12 if path == "/huge" else len(BODY) + 1 * (path == "/cut")))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def listening() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def test_only_what_may_be_fetched_is_and_no_more_than_may_be() -> None:
    with listening() as own, listening() as other:

        def fetched(url: str, most: int = 2 * len(BODY)) -> bytes:
            to = io.BytesIO()
            told = Downloader(own, most_bytes=most).download(url, to.write)
            assert told == (len(to.getvalue()), "audio/mpeg")
            return to.getvalue()

        assert fetched(f"{own}/a") == fetched(f"{own}/untold") == fetched("/on?/on?/a") == BODY
        unfit: list[tuple[str, type[ClientError]]] = [
            (f"{own}/none", Refused),
            (f"{own}/cut", NotReached),
            (f"{own}/huge", Unexpected),
            (f"{own}/on?/on?/on?/on?/a", Unexpected),
            (f"{other}/a", NotReached),
            (f"{own}/on?{other}/a", NotReached),
            (f"{own}/on?http://169.254.169.254/", NotReached),
            (f"{own}/on?file:///etc/passwd", Unexpected),
            ("http://user@127.0.0.1/", Unexpected),
            (f"{own}/on?http://[", Unexpected),
            ("http://[", Unexpected),
            ("//[", Unexpected),
            ("ftp://example.com/a", Unexpected),
            (f"http://{'a' * 64}.example/", Unexpected),
        ]
        for url, error in unfit:
            with pytest.raises(error):
                fetched(url)
        for url in (f"{own}/a", f"{own}/untold"):
            with pytest.raises(Unexpected, match="larger"):
                fetched(url, len(BODY) - 1)
    assert set(seen) == {"None"}
