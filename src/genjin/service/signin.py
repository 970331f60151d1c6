"""Signing in and the tokens that come of it.

A token is 48 hexadecimal digits: the organisation's id in eight, then 160 random bits. Only its SHA-256 is
stored. Signing in again leaves earlier tokens alive; each can be revoked.
"""

import hashlib
import secrets
from dataclasses import dataclass

from genjin.domain.people import LEFT, User
from genjin.errors import Invalid, LoginFailed, NotFound, OrganisationRequired, Unauthenticated
from genjin.service.attempts import forget_failures, note_failure, refuse_after_failures
from genjin.service.context import Installation, Session
from genjin.service.passwords import hash_password, is_password
from genjin.store import ids, people, tokens
from genjin.store.tokens import FoundToken, TokenRow
from genjin.store.transaction import Tx

TOKEN_LENGTH = 48


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh token, shown this once."""

    token: str
    session: Session
    user: User


def sign_in(installation: Installation, login: str, password: str, corp_id: str = "", address: str = "") -> SignedIn:
    """Exchange a login (account or phone) and password for a token.

    Raises LoginFailed; OrganisationRequired when the password is right in several organisations and `corp_id`
    names none of them; TooManyRequests after too many failures for this login or from this network address.
    """
    refuse_after_failures(installation, login, address)
    candidates = installation.database.read(lambda tx: people.sign_in_candidates(tx, login) if login else [])
    matching = [(org, user) for org, user, stored in candidates if is_password(stored, password)]
    if not candidates:
        is_password(None, password)

    def use(tx: Tx) -> SignedIn:
        offered: dict[int, tuple[User, Session]] = {}
        for organisation_id, user_id in matching:
            directory = installation.directories.latest(tx, organisation_id)
            user, viewer = directory.users.get(user_id), directory.viewer(user_id)
            if user and viewer and user.workflow_state != LEFT:
                offered.setdefault(organisation_id, (user, Session(viewer, directory)))
        wanted = [pair for pair in offered.values() if corp_id in ("", pair[1].directory.organisation.corp_id)]
        if not wanted:
            raise LoginFailed("no such login, or not its password")
        if len(wanted) > 1:
            organisations = (pair[1].directory.organisation for pair in wanted)
            raise OrganisationRequired([(o.corp_id, o.name) for o in organisations])
        user, session = wanted[0]
        forget_failures(tx, login, address, installation.clock.now())
        return SignedIn(_issue(tx, installation, session.organisation_id, user.id, "login"), session, user)

    try:
        return installation.database.write(use)
    except OrganisationRequired:
        raise
    except LoginFailed:
        note_failure(installation, login, address)
        raise


def authenticate(installation: Installation, token: str) -> Session:
    """The session of a token. Raises Unauthenticated."""
    return installation.database.read(lambda tx: session_of(tx, installation, token))


def session_of(tx: Tx, installation: Installation, token: str) -> Session:
    """The session of a token, inside a transaction. Raises Unauthenticated."""
    organisation_id, token_hash = key_of(token)
    return session_for(tx, installation, organisation_id, tokens.find_token(tx, organisation_id, token_hash))


def key_of(token: str) -> tuple[int, bytes]:
    """What a token is found by: its organisation and its hash. Raises Unauthenticated for what can be no token."""
    try:
        organisation_id = int(token[:8], 16) if len(token) == TOKEN_LENGTH else 0
    except ValueError:
        organisation_id = 0
    if not 0 < organisation_id <= ids.MAX_ID:
        raise Unauthenticated("no such token")
    return organisation_id, _digest(token)


def session_for(tx: Tx, installation: Installation, organisation_id: int, found: FoundToken | None) -> Session:
    """The session of a token that was looked up; on the hot path. Raises Unauthenticated when there is none alive."""
    if found is None:
        raise Unauthenticated("no such token")
    if not is_alive(found, installation.clock.now()):
        raise Unauthenticated("the token is expired or revoked")
    user_id, _, _, version = found
    directory = installation.directories.at_version(tx, organisation_id, version)
    viewer = directory.viewer(user_id)
    if viewer is None or directory.users[user_id].workflow_state == LEFT:
        raise Unauthenticated("the user has left")
    return Session(viewer, directory)


def is_alive(found: FoundToken, now: int) -> bool:
    """Whether a token is neither expired nor revoked."""
    _, expires_at, revoked_at, _ = found
    return revoked_at is None and (expires_at is None or expires_at > now)


def create_token(installation: Installation, organisation_id: int, login: str, label: str) -> str:
    """A token for a program, by the installation's operator. Raises NotFound when there is no such login."""

    def use(tx: Tx) -> str:
        user = people.user_named(tx, organisation_id, login)
        if user is None:
            raise NotFound(f"no user {login!r}")
        return _issue(tx, installation, organisation_id, user.id, label)

    return installation.database.write(use)


def revoke_token(installation: Installation, organisation_id: int, token_id: int) -> None:
    """Make a token dead from the next request on. Raises NotFound when there is no live one of this id."""
    now = installation.clock.now()
    if not installation.database.write(lambda tx: tokens.revoke_token(tx, organisation_id, token_id, now)):
        raise NotFound(f"no live token {token_id}")


def set_password(installation: Installation, organisation_id: int, login: str, password: str) -> None:
    """Give a user a password and revoke the tokens of the old one. Raises NotFound, Invalid."""
    check_password(password)
    hashed, now = hash_password(password), installation.clock.now()

    def use(tx: Tx) -> None:
        user = people.user_named(tx, organisation_id, login)
        if user is None:
            raise NotFound(f"no user {login!r}")
        people.set_password(tx, organisation_id, user.id, hashed)
        tokens.revoke_user_tokens(tx, organisation_id, user.id, now)

    installation.database.write(use)


def check_password(password: str) -> None:
    """Raises Invalid for a password that is empty or beyond 1,024 characters."""
    if not 1 <= len(password) <= 1024:
        raise Invalid({"password": ["密码长度须为1到1024个字符"]})


def _issue(tx: Tx, installation: Installation, organisation_id: int, user_id: int, label: str) -> str:
    now, days = installation.clock.now(), installation.token_days
    token = f"{organisation_id:08x}{secrets.token_hex(20)}"
    expires_at = now + days * 86_400 if days else None
    row = TokenRow(ids.allocate(tx)[0], user_id, label, now, expires_at, None)
    tokens.add_token(tx, organisation_id, _digest(token), row)
    return token


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
