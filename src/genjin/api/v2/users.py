"""Colleagues: the list, one of them, the caller, select boxes, departments, what the caller may do; and leaving."""

from starlette.responses import Response

from genjin.api.answers import answer, flat
from genjin.api.calling import SignedIn
from genjin.domain.people import LEFT
from genjin.errors import Invalid
from genjin.service.organisation import leaving, people
from genjin.wire.envelope import listed
from genjin.wire.scalars import id_or_none, page_of
from genjin.wire.user import (
    choice_to_wire,
    department_to_wire,
    full_user_to_wire,
    permissions_to_wire,
    user_filter,
)


def list_users(call: SignedIn) -> Response:
    """The caller's colleagues, by id unless sorted otherwise; who has left only if asked for."""
    page = page_of(call.params.get("page"), call.params.get("per_page"))
    found, total = people.list_users(call.session, user_filter(call.params), page)
    users = [full_user_to_wire(user, call.session.directory) for user in found]
    return answer(listed("users", users, total, page))


def read_user(call: SignedIn) -> Response:
    """One colleague, also one who has left."""
    return answer(full_user_to_wire(people.read_user(call.session, call.id), call.session.directory))


def read_own(call: SignedIn) -> Response:
    """The caller."""
    user = people.read_user(call.session, call.session.viewer.user_id)
    return answer(full_user_to_wire(user, call.session.directory))


def list_choices(call: SignedIn) -> Response:
    """All colleagues as choices of a select box, beside the code and in `data`."""
    directory = call.session.directory
    staff = [user for user in directory.users.values() if user.workflow_state != LEFT]
    choices = [choice_to_wire(user, directory) for user in staff]
    return flat({"code": 0, "data": {"simple_users": choices}, "simple_users": choices})


def list_departments(call: SignedIn) -> Response:
    """The organisation's departments, as rows of a tree."""
    directory = call.session.directory
    rows = [department_to_wire(each, directory) for each in directory.departments.values()]
    return answer({"departments": rows, "total_count": len(rows)})


def read_permissions(call: SignedIn) -> Response:
    """What the organisation has approved, and what the caller may do."""
    return answer(permissions_to_wire(call.session.viewer, call.session.directory))


def leave(call: SignedIn) -> Response:
    """Let a colleague leave: their tokens die, and all that they work on becomes `to_user_id`'s. For administrators."""
    to_user_id = id_or_none(call.params.get("to_user_id"))
    if to_user_id is None:
        raise Invalid({"to_user_id": ["不能为空"]})
    handed = leaving.leave(call.installation, call.session, call.id, to_user_id)
    user = full_user_to_wire(handed.user, call.session.directory)
    return answer({"user": user, "transferred_count": handed.owned, "assisted_count": handed.shared})
