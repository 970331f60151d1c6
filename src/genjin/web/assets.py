"""The files of the page: style sheets, scripts, icons. Addresses change with the content, so browsers keep it."""

import re
from functools import cache
from hashlib import blake2b
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
PATH = "/ui"
KEPT = "public, max-age=31536000, immutable"


class Assets(StaticFiles):
    """Serves them. Who asks by the address that `asset` gives need not ask again."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if scope["query_string"] == _version(path).encode():
            response.headers["Cache-Control"] = KEPT
        return response


def asset(name: str) -> str:
    """The address of a file by its path below `static`, such as `css/base.css`."""
    return f"{PATH}/{name}?{_version(name)}"


@cache
def icons_drawn() -> frozenset[str]:
    """The names of the icons that there are."""
    return frozenset(re.findall('<symbol id="([^"]+)"', (STATIC / "vendor/lucide-1.62.0.svg").read_text()))


@cache
def _version(name: str) -> str:
    path = STATIC / name
    return blake2b(path.read_bytes(), digest_size=6).hexdigest() if path.is_file() else ""
