"""What needs somebody today."""

from starlette.responses import Response

from genjin.web.calling import Caller
from genjin.web.rendering import page


def show(call: Caller) -> Response:
    """The first page."""
    return page(call, "pages/home.html", here="home", me=call.session.directory.users[call.viewer.user_id])
