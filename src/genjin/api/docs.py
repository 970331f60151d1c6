"""Serves the description of the API and the page to read and try it on; the page takes nothing from elsewhere."""

from functools import cache
from pathlib import Path

import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from genjin.api.answers import JSON
from genjin.api.spec import describe

STATIC = Path(__file__).parent / "static"
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # the icons in Swagger UI's style sheet
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)


async def openapi_json(request: Request) -> Response:
    """The OpenAPI document."""
    return Response(document(request.app.state.door.settings.http_errors == "strict"), media_type=JSON)


async def docs_page(_: Request) -> Response:
    """Swagger UI over the document."""
    return FileResponse(STATIC / "docs.html", headers={"Content-Security-Policy": POLICY})


@cache
def document(strict: bool) -> bytes:
    """The OpenAPI document as JSON, made once."""
    return orjson.dumps(describe(strict))
