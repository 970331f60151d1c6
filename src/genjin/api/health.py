"""Whether the process lives, and whether it can serve."""

from starlette.responses import JSONResponse, Response

from genjin.api.calling import Anyone
from genjin.errors import StoreUnavailable
from genjin.service.health import can_write, check_ready, replicas


async def healthz() -> Response:
    """The process lives; it takes no thread to tell that."""
    return JSONResponse({"status": "ok"})


def readyz(asked: Anyone) -> Response:
    """The database answers and has the schema that this program knows; 503 otherwise. While the disk is full it is
    `read_only`.

    How its replicas are is told as well, and changes nothing: the server can do without them.
    """
    try:
        check_ready(asked.installation)
        found = replicas(asked.installation)
    except StoreUnavailable as error:
        return JSONResponse({"status": "unavailable", "reason": type(error).__name__}, 503)
    told = [{"used": not each.why, "lag_bytes": each.lag_bytes, "lag_seconds": each.lag_seconds} for each in found]
    status = "ok" if can_write(asked.installation) else "read_only"
    return JSONResponse({"status": status} | ({"replicas": told} if told else {}))
