"""Which servers the commands for daily use speak to, as whom. Tokens are in the system's keyring where there is one,
else in the file of profiles, which only its owner reads.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genjin.cli.output import fail, note, table

if TYPE_CHECKING:
    from genjin.client import Client

SERVICE = "genjin"
FILE = "profiles.json"
ProfileName = Annotated[
    str, typer.Option("--profile", envvar="GENJIN_PROFILE", help="Which server, see `genjin profile list`.")
]


@dataclass(frozen=True)
class Profile:
    """A server, and a token for it; an empty one is in the keyring."""

    url: str
    login: str = ""
    token: str = ""


def profile_add(
    url: Annotated[str, typer.Argument(metavar="URL", help="The server's address.")],
    name: Annotated[str, typer.Option(help="What the profile is called.")] = "default",
    login: Annotated[str, typer.Option(prompt="Login", help="Account or phone number.")] = "",
    password: Annotated[str, typer.Option(prompt="Password", hide_input=True, help="Asked for.")] = "",
    corp_id: Annotated[str, typer.Option(help="The organisation, where the login is in several.")] = "",
) -> None:
    """Sign in to a server, and keep the token for the commands for daily use."""
    from genjin.client import contract

    with client_of(url, login=login, password=password, corp_id=corp_id) as client:
        token = client.do(contract.login(login, password, corp_id))
    kept = _keep_token(name, token)
    _save({**_read(), name: Profile(url, login, "" if kept else token)})
    note(f"Signed in to {url} as {login}; the token is in {'the keyring' if kept else _path()}.")


def profile_list() -> None:
    """List the servers."""
    table(("name", "url", "login"), [(name, each.url, each.login) for name, each in _read().items()])


def profile_remove(name: Annotated[str, typer.Argument(metavar="NAME", help="The profile's name.")]) -> None:
    """Forget a server and its token, which lives until it is revoked there."""
    known = _read()
    if name not in known:
        fail(f"There is no profile {name!r}.")
    _forget_token(name)
    _save({key: each for key, each in known.items() if key != name})


def connected(name: str) -> "Client":
    """A client of a profile; GENJIN_URL and GENJIN_TOKEN come before it."""
    url, token = os.environ.get("GENJIN_URL", ""), os.environ.get("GENJIN_TOKEN", "")
    if url and token:
        return client_of(url, token=token)
    if url or token:  # else one would speak to another server than one thinks
        fail("GENJIN_URL and GENJIN_TOKEN belong together: set both, or neither.")
    profile = known(name or "default")
    if profile is None:
        fail("No server is known yet: `genjin profile add URL`, or set GENJIN_URL and GENJIN_TOKEN.")
    return client_of(profile.url, token=profile.token)


def known(name: str) -> Profile | None:
    """The profile of this name, with its token."""
    profile = _read().get(name)
    return None if profile is None else replace(profile, token=profile.token or _kept_token(name))


def client_of(url: str, **how: Any) -> "Client":
    """A client of the server at this address; ends the command where that is none."""
    from genjin.client import Client

    try:
        return Client(url, **how)
    except ValueError as error:
        fail(f"{url}: {error}")


def _path() -> Path:
    return Path(typer.get_app_dir(SERVICE)) / FILE


def _read() -> dict[str, Profile]:
    try:
        return {name: Profile(**each) for name, each in json.loads(_path().read_text()).items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError) as error:
        fail(f"{_path()} cannot be read: {error}")


def _save(profiles: Mapping[str, Profile]) -> None:
    """Write the file beside its place and move it there, readable for its owner only from its first byte on."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({name: asdict(each) for name, each in profiles.items()}, file, indent=2)
    unfinished.replace(path)


def _keyring() -> Any:
    """The system's, if the package `keyring` is installed and finds one."""
    try:
        import keyring
        from keyring.backends import fail as none
    except ImportError:
        return None
    return None if isinstance(keyring.get_keyring(), none.Keyring) else keyring


def _keep_token(name: str, token: str) -> bool:
    keyring = _keyring()
    if keyring is not None:
        keyring.set_password(SERVICE, name, token)
    return keyring is not None


def _kept_token(name: str) -> str:
    keyring = _keyring()
    token = keyring.get_password(SERVICE, name) if keyring is not None else None
    if not token:
        fail(f"The token of {name!r} is not in the keyring: `genjin profile add` it again.")
    return str(token)


def _forget_token(name: str) -> None:
    keyring = _keyring()
    if keyring is not None and keyring.get_password(SERVICE, name):
        keyring.delete_password(SERVICE, name)
