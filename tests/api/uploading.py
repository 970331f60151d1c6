"""Uploads as clients make them, and following the links that come back."""

from collections.abc import Iterable
from urllib.parse import urlsplit

import httpx

from tests import samples
from tests.world import Json, ok

UPLOAD, WITH_TICKET = "/api/v2/attachments", "/api/v2/qiniu/upload"


def upload(client: httpx.Client, data: bytes = samples.PDF, name: str = "报价.pdf", **fields: str) -> Json:
    """The `data` of an upload that went well."""
    return ok(client.post(UPLOAD, data=fields, files={"file": (name, data)}))


def multipart(*parts: tuple[str, bytes], boundary: str = "----edge") -> tuple[bytes, dict[str, str]]:
    """A body of these parts, each the parameters of its Content-Disposition and its bytes, and the header for it."""
    body = b"".join(
        f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode() + data + b"\r\n"
        for disposition, data in parts
    )
    kind = f"multipart/form-data; boundary={boundary}"
    return body + f"--{boundary}--\r\n".encode(), {"Content-Type": kind}


def follow(client: httpx.Client, url: str, **headers: str) -> httpx.Response:
    """What a link of an answer gives, without a token."""
    parts = urlsplit(url)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(f"{parts.path}?{parts.query}", headers=names)


def ids(items: Iterable[Json]) -> list[int]:
    """The ids of a list."""
    return [item["id"] for item in items]
