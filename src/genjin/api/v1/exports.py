"""What was found, as files."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response, StreamingResponse

from genjin.api.v1.calling import Caller
from genjin.exporters.entries import NAME, export_entries
from genjin.exporters.sheets import MEDIA_TYPES
from genjin.wire.v1.feed import ExportQuery, feed_filter

ROWS, MORE = "Genjin-Rows", "Genjin-More"
"""Headers that tell how many entries a file has, and whether there are others that were asked for."""


def export_activities(call: Caller, query: Annotated[ExportQuery, Query()]) -> Response:
    """What happened, as a file for spreadsheets and analysts, as far as the caller sees it, as it is at one moment."""
    wanted = feed_filter(query, call.session.viewer.user_id, call.session.directory)
    asked = call.request.scope["query_string"].decode("latin-1")
    made = export_entries(
        *(call.installation, call.session, wanted, query.format, query.limit, query.order == "newest"),
        *(call.language, asked),
    )
    headers = {
        "Content-Disposition": f'attachment; filename="{NAME}.{query.format}"',
        "Content-Length": str(made.size),
        "Cache-Control": "no-store",
        ROWS: str(made.rows),
        MORE: "1" if made.more else "0",
    }
    return StreamingResponse(made.pieces(), 200, headers, MEDIA_TYPES[query.format])
