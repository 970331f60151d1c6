"""Signing in and the tokens that come of it.

A token is 48 hexadecimal digits: the organisation's id in eight, then 160 random bits. Only its SHA-256 is
stored. Signing in again leaves earlier tokens alive; each can be revoked.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from genjin.domain.audit import Act, Subject
from genjin.domain.json import JsonValue
from genjin.domain.people import LEFT, SYSTEM_ID, Organisation, User
from genjin.domain.policy import may_administer
from genjin.errors import Invalid, LoginFailed, NotFound, OrganisationRequired, Unauthenticated
from genjin.service.audit import NOTHING, By, Hand, administrator, hand_of, note
from genjin.service.context import Installation, Session, session_of
from genjin.service.directory import load
from genjin.service.organisation.attempts import forget_failures, note_failure, refuse_after_failures
from genjin.service.organisation.passwords import hash_password, is_password
from genjin.service.organisation.people import user_of
from genjin.store import ids, people, row_security, tokens
from genjin.store.tokens import FoundToken, TokenRow
from genjin.store.transaction import Tx

TOKEN_LENGTH = 48
MAX_LABEL = 100
_NO_SUCH = "no such login, or not its password"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh token, shown this once."""

    token: str
    session: Session
    user: User


def sign_in(
    installation: Installation,
    login: str,
    password: str,
    corp_id: str = "",
    address: str = "",
    label: str = "login",
    days: int = 0,
) -> SignedIn:
    """Exchange a login (account or phone) and password for a token, which is called by the label and lives for so many
    days; 0 for as long as the settings say.

    Raises LoginFailed; OrganisationRequired when the password is right in several organisations and `corp_id`
    names none of them; TooManyRequests after too many failures for this login or from this network address.
    """
    refuse_after_failures(installation, login, address)
    candidates = installation.database.read(
        lambda tx: people.sign_in_candidates(tx, login) if login else [], organisation_id=None
    )
    matching = [(org, user) for org, user, stored in candidates if is_password(stored, password)]
    if not candidates:
        is_password(None, password)
    try:
        organisation_id, user_id = _wanted(installation, matching, corp_id)

        def use(tx: Tx) -> SignedIn:
            member = _member(tx, installation, organisation_id, user_id)
            if member is None:
                raise LoginFailed(_NO_SUCH)
            user, session = member
            forget_failures(tx, login, address, installation.clock.now())
            told = {"by": label, "address": address}
            note(tx, installation, hand_of(session), Act.SIGNED_IN, Subject(user.id, user.name), NOTHING, told)
            _, token = _issue(tx, installation, organisation_id, user_id, label, days)
            return SignedIn(token, session, user)

        return installation.database.write(use, organisation_id)
    except OrganisationRequired:
        raise
    except LoginFailed:
        _note_failure(installation, login, address, candidates)
        raise


def authenticate(installation: Installation, token: str, only_reads: bool = False) -> Session:
    """The session of a token, as the primary has it: a dead token is dead at once. Raises Unauthenticated.

    `only_reads` says that nothing is written for it, so that replicas may answer what is read.
    """
    organisation_id, token_hash = key_of(token)

    def use(tx: Tx) -> Session:
        found = tokens.find_token(tx, organisation_id, token_hash)
        session = session_for(tx, installation, organisation_id, found)
        since = found.since if found and only_reads else None
        return session if since is None else replace(session, since=since)

    return installation.database.read(use, organisation_id)


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
    directory = installation.directories.at_version(tx, organisation_id, found.version)
    return session_of(directory, found.user_id)


def is_alive(found: FoundToken, now: int) -> bool:
    """Whether a token is neither expired nor revoked."""
    return found.revoked_at is None and (found.expires_at is None or found.expires_at > now)


def create_token(installation: Installation, organisation_id: int, login: str, label: str) -> str:
    """A token for a program, by the installation's operator. Raises NotFound when there is no such login."""

    def use(tx: Tx) -> str:
        user = people.user_named(tx, organisation_id, login)
        if user is None:
            raise NotFound(f"no user {login!r}")
        return _give(tx, installation, administrator(organisation_id), user, label)

    return installation.database.write(use, organisation_id)


def issue_token(installation: Installation, session: Session, label: str) -> str:
    """A token for a program of the viewer's, shown this once. Raises Invalid."""
    if not 1 <= len(label.strip()) <= MAX_LABEL:
        raise Invalid({"label": [f"须为1到{MAX_LABEL}个字符"]})
    user = session.directory.users[session.viewer.user_id]
    return installation.database.write(
        lambda tx: _give(tx, installation, hand_of(session), user, label.strip()), session.organisation_id
    )


def list_tokens(
    installation: Installation, session: Session, of_everybody: bool, before: int | None, limit: int
) -> list[TokenRow]:
    """At most so many tokens with ids below one, the latest first: the viewer's own, or of everybody, for
    administrators; never the tokens themselves. Raises Forbidden.
    """
    whose = None if of_everybody else session.viewer.user_id
    if whose is None:
        administrator(session)
    return installation.read_for(
        session, lambda tx: tokens.token_page(tx, session.organisation_id, whose, before, limit)
    )


def revoke_token(installation: Installation, by: By, token_id: int) -> None:
    """Make a token dead from the next request on: everybody their own, administrators any. Raises NotFound when there
    is no live one of this id.
    """
    hand = hand_of(by) if isinstance(by, Session) else administrator(by)
    now = installation.clock.now()

    def use(tx: Tx) -> None:
        found = tokens.token_of(tx, hand.organisation_id, token_id)
        is_theirs = found is not None and (
            not isinstance(by, Session) or found.user_id == hand.user_id or may_administer(by.viewer)
        )
        if found is None or not is_theirs or not tokens.revoke_token(tx, hand.organisation_id, token_id, now):
            raise NotFound(f"no live token {token_id}")
        owner = people.find_user(tx, hand.organisation_id, found.user_id)
        before: dict[str, JsonValue] = {"label": found.label, "of": owner.name if owner else ""}
        note(tx, installation, hand, Act.TOKEN_REVOKED, Subject(token_id, found.label), before, NOTHING)

    installation.database.write(use, hand.organisation_id)


def sign_out(installation: Installation, token: str) -> None:
    """Make a token dead, by who holds it. Raises Unauthenticated for what can be none."""
    organisation_id, token_hash = key_of(token)
    now = installation.clock.now()
    installation.database.write(lambda tx: tokens.revoke_hashed(tx, organisation_id, token_hash, now), organisation_id)


def set_password(installation: Installation, by: By, who: str | int, password: str) -> User:
    """Give a user, who goes by login or id, a password, and revoke the tokens of the old one; for administrators.
    Raises NotFound, Invalid, Forbidden.
    """
    hand = administrator(by)
    check_password(password)
    hashed, now = hash_password(password), installation.clock.now()

    def use(tx: Tx) -> User:
        user = user_of(load(tx, hand.organisation_id), who)
        people.set_password(tx, hand.organisation_id, user.id, hashed)
        tokens.revoke_user_tokens(tx, hand.organisation_id, user.id, now)
        note(tx, installation, hand, Act.PASSWORD_SET, Subject(user.id, user.name))
        return user

    return installation.database.write(use, hand.organisation_id)


def change_password(installation: Installation, session: Session, old: str, new: str, label: str, days: int = 0) -> str:
    """Give oneself another password: every token of the old one is dead; the answer is a fresh one, as of `sign_in`.
    Raises Invalid by `old_password` and `password`; TooManyRequests after too many failures.
    """
    organisation_id, user_id = session.organisation_id, session.viewer.user_id
    login = session.directory.users[user_id].login or ""
    refuse_after_failures(installation, login, "")
    candidates = installation.database.read(lambda tx: people.sign_in_candidates(tx, login), organisation_id=None)
    mine = [each for each in candidates if each[:2] == (organisation_id, user_id)]
    if not is_password(mine[0][2] if mine else None, old):
        _note_failure(installation, login, "", mine)
        raise Invalid({"old_password": ["密码不正确"]})
    check_password(new)
    hashed, now = hash_password(new), installation.clock.now()

    def use(tx: Tx) -> str:
        people.set_password(tx, organisation_id, user_id, hashed)
        tokens.revoke_user_tokens(tx, organisation_id, user_id, now)
        name = session.directory.users[user_id].name
        note(tx, installation, hand_of(session), Act.PASSWORD_SET, Subject(user_id, name))
        return _issue(tx, installation, organisation_id, user_id, label, days)[1]

    return installation.database.write(use, organisation_id)


def check_password(password: str) -> None:
    """Raises Invalid for a password that is empty or beyond 1,024 characters."""
    if not 1 <= len(password) <= 1024:
        raise Invalid({"password": ["密码长度须为1到1024个字符"]})


def _wanted(installation: Installation, matching: Sequence[tuple[int, int]], corp_id: str) -> tuple[int, int]:
    """The organisation that is signed in to, and the user there, of those whose password it is. Raises LoginFailed,
    OrganisationRequired.
    """
    offered: dict[int, tuple[int, Organisation]] = {}
    for organisation_id, user_id in matching:
        organisation = _organisation_with(installation, organisation_id, user_id)
        if organisation and corp_id in ("", organisation.corp_id):
            offered.setdefault(organisation_id, (user_id, organisation))
    if not offered:
        raise LoginFailed(_NO_SUCH)
    if len(offered) > 1:
        raise OrganisationRequired([(each.corp_id, each.name) for _, each in offered.values()])
    [(organisation_id, (user_id, _))] = offered.items()
    return organisation_id, user_id


def _organisation_with(installation: Installation, organisation_id: int, user_id: int) -> Organisation | None:
    """The organisation, if the user has not left it."""
    member = installation.database.read(lambda tx: _member(tx, installation, organisation_id, user_id), organisation_id)
    return member[1].directory.organisation if member else None


def _member(tx: Tx, installation: Installation, organisation_id: int, user_id: int) -> tuple[User, Session] | None:
    directory = installation.directories.latest(tx, organisation_id)
    user, viewer = directory.users.get(user_id), directory.viewer(user_id)
    return None if user is None or viewer is None or user.workflow_state == LEFT else (user, Session(viewer, directory))


def _note_failure(
    installation: Installation, login: str, address: str, candidates: Sequence[tuple[int, int, str | None]]
) -> None:
    """Count it, and let the administrators of those know whose login it is."""

    def tell(tx: Tx) -> None:
        for organisation_id, user_id, _ in candidates:
            row_security.turn_to(tx, organisation_id)
            user = people.find_user(tx, organisation_id, user_id)
            if user is not None:
                nobody, subject = Hand(organisation_id, SYSTEM_ID), Subject(user_id, user.name)
                note(tx, installation, nobody, Act.SIGN_IN_FAILED, subject, NOTHING, {"address": address})

    note_failure(installation, login, address, tell)


def _give(tx: Tx, installation: Installation, by: Hand, user: User, label: str) -> str:
    id_, token = _issue(tx, installation, by.organisation_id, user.id, label)
    told: dict[str, JsonValue] = {"label": label, "of": user.name}
    note(tx, installation, by, Act.TOKEN_ISSUED, Subject(id_, label), NOTHING, told)
    return token


def _issue(
    tx: Tx, installation: Installation, organisation_id: int, user_id: int, label: str, days: int = 0
) -> tuple[int, str]:
    """The id of a new token, and the token."""
    now, days = installation.clock.now(), days or installation.token_days
    token = f"{organisation_id:08x}{secrets.token_hex(20)}"
    expires_at = now + days * 86_400 if days else None
    row = TokenRow(ids.allocate(tx)[0], user_id, label, now, expires_at, None)
    tokens.add_token(tx, organisation_id, _digest(token), row)
    return row.id, token


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
