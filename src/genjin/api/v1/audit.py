"""The audit log."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from genjin.api.v1.answers import listed, position
from genjin.api.v1.calling import Caller
from genjin.domain.audit import AuditKey
from genjin.service.audit import read_audit
from genjin.wire.v1.audit import AuditQuery, audit_filter, noted_to_wire


def list_audit(call: Caller, query: Annotated[AuditQuery, Query()]) -> Response:
    """Who did which act of administration when, and what changed by it, the latest first; for administrators."""
    directory, place = call.session.directory, position(call, query.cursor)
    after = None if place is None else AuditKey(int(str(place[0])), int(str(place[1])))
    found = read_audit(call.installation, call.session, audit_filter(query, directory), query.limit + 1, after)
    page = found[: query.limit]
    last = [page[-1].at, page[-1].id] if len(found) > len(page) else None
    return listed(call, [noted_to_wire(noted, directory) for noted in page], last)
