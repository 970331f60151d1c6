"""The links to files that an answer holds: where they lead depends on how the server was called."""

import re

from starlette.types import Scope

from genjin.api.calling import Door
from genjin.wire.files.links import FileLinks, expiry

_HOST = re.compile(rb"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")


def links_for(door: Door, scope: Scope, organisation_id: int) -> FileLinks:
    """Makes the links of this answer; equal for all answers of one hour that were asked for in the same way."""
    now, hours = door.installation.clock.now(), door.settings.file_link_hours
    return FileLinks(door.secret, base_url(door, scope), organisation_id, expiry(now, hours))


def base_url(door: Door, scope: Scope) -> str:
    """Where the caller finds this server, without a slash at the end: as the settings say, or as it was called."""
    if door.settings.public_url:
        return door.settings.public_url
    for name, value in scope["headers"]:
        if name == b"host" and _HOST.fullmatch(value):
            return f"{scope.get('scheme', 'http')}://{value.decode()}"
    host, port = scope.get("server") or ("127.0.0.1", None)
    return f"{scope.get('scheme', 'http')}://{host}" + (f":{port}" if port else "")
