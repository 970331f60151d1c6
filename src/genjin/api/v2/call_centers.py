"""What a partner that runs a call centre asks for, with a token of an administrator as its ACCESS-TOKEN."""

from starlette.responses import Response

from genjin.api.answers import answer
from genjin.api.calling import SignedIn
from genjin.domain.people import UserFilter
from genjin.domain.policy import may_administer
from genjin.errors import Forbidden, Invalid, NotFound
from genjin.service.organisation import people
from genjin.wire.params import text
from genjin.wire.scalars import ids, page_of
from genjin.wire.user import user_or_none

PER_PAGE = 10


def list_users(call: SignedIn) -> Response:
    """The users of these ids, for a partner who names the organisation; who has left too."""
    if not may_administer(call.session.viewer):
        raise Forbidden("只有管理员的token可以用于呼叫中心")
    corp_id, user_ids = text(call.params, "corp_id").strip(), ids(call.params.get("user_ids"))
    missing = {key: ["不能为空"] for key, value in (("corp_id", corp_id), ("user_ids", user_ids)) if not value}
    if missing:
        raise Invalid(missing)
    directory = call.session.directory
    if corp_id != directory.organisation.corp_id:
        raise NotFound("no such organisation")
    page = page_of(call.params.get("page"), call.params.get("per_page") or PER_PAGE)
    found, total = people.list_users(call.session, UserFilter(ids=frozenset(user_ids or ()), with_left=True), page)
    return answer(
        {
            "list": [user_or_none(user.id, directory) for user in found],  # type: ignore[misc]
            "total_count": total,
            "total_pages": -(-total // page.size),
            "current_page": page.number,
            "per_page": page.size,
        },
        "success",
    )
