"""Whether the process lives, and whether it can serve."""

from starlette.responses import JSONResponse, Response

from genjin.api.calling import Anyone
from genjin.errors import StoreUnavailable
from genjin.service.health import check_ready


def healthz() -> Response:
    """The process lives."""
    return JSONResponse({"status": "ok"})


def readyz(asked: Anyone) -> Response:
    """The database answers and has the schema that this program knows; 503 otherwise."""
    try:
        check_ready(asked.installation)
    except StoreUnavailable as error:
        return JSONResponse({"status": "unavailable", "reason": type(error).__name__}, 503)
    return JSONResponse({"status": "ok"})
