"""Signing in."""

from starlette.responses import Response

from genjin.api.answers import answer
from genjin.api.calling import Anyone
from genjin.errors import Invalid
from genjin.service.organisation.signin import sign_in
from genjin.wire.params import text
from genjin.wire.user import avatar_of


def login(asked: Anyone) -> Response:
    """Exchange a login (account or phone) and a password for a token. Earlier tokens stay alive."""
    name, password = text(asked.params, "login").strip(), text(asked.params, "password")
    missing = {key: ["不能为空"] for key, value in (("login", name), ("password", password)) if not value}
    if missing:
        raise Invalid(missing)
    address = asked.request.client.host if asked.request.client else ""
    fresh = sign_in(asked.installation, name, password, text(asked.params, "corp_id").strip(), address)
    organisation, user = fresh.session.directory.organisation, fresh.user
    return answer(
        {
            "user_token": fresh.token,
            "user_id": user.id,
            "corp_id": organisation.corp_id,
            "uid": user.uid or user.id,
            "avatar_url": avatar_of(user),
            "confirmed_phone": bool(user.phone),
            "set_password": True,
            "fill_user_info": bool(user.name),
            "is_expired": False,
            "api_host": str(asked.request.base_url),
            "crm_app_token": fresh.token,
        }
    )
