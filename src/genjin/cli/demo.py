"""`genjin demo`: a made-up sales team in a folder of its own, served at once, and what to try on it."""

import os
import shutil
from pathlib import Path
from typing import Annotated

import typer

from genjin.cli.opened import opened, opened_with
from genjin.cli.output import fail
from genjin.cli.serve import Host, Port, address, refuse_taken, run
from genjin.errors import NotFound, SchemaTooNew, SchemaTooOld

FILES = "genjin-files"
"""The folder of the demo's uploads, beside its database."""


def demo(
    port: Port = 8000,
    host: Host = "127.0.0.1",
    folder: Annotated[Path, typer.Option(help="Where its database is.")] = Path(".demo"),
    fresh: Annotated[
        bool, typer.Option("--fresh/--keep", help="Make the data anew, or go on with what is there.")
    ] = False,
    serving: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve, or only make the data.")] = True,
) -> None:
    """Serve a made-up sales team and print what to try."""
    if serving:
        refuse_taken(host, port)
    path = (folder / "genjin.db").resolve()
    os.environ["GENJIN_DATABASE_URL"] = f"sqlite:///{path}"
    os.environ["GENJIN_FILES_URL"] = f"file:{path.with_name(FILES)}"
    os.environ.setdefault("GENJIN_LOG_LEVEL", "warning")
    os.environ.setdefault("GENJIN_LOG_FORMAT", "text")
    if fresh or not path.exists():
        _make(path)
        print(f"Made a demo database: {_shown(path)}")
    else:
        _use_again(path)
    _say(address(host, port), _token(path))
    if serving:
        print("Ctrl-C ends it.", flush=True)
        run(host, port)


def _make(path: Path) -> None:
    """Make the database beside its place and move it there, so that an interrupted run leaves nothing half done."""
    from genjin.demo import EXAMPLE, EXAMPLE_ORGANISATION, MESSAGES, PASSWORD
    from genjin.demo.organisation import populate
    from genjin.importers.capture import import_captures
    from genjin.service.health import upgrade
    from genjin.settings import load_settings

    unfinished = path.with_suffix(".unfinished")
    _remove(unfinished)
    shutil.rmtree(path.with_name(FILES), ignore_errors=True)
    settings = load_settings().model_copy(update={"database_url": f"sqlite:///{unfinished}"})
    with opened_with(settings) as installation:
        upgrade(installation)
        import_captures(installation, [EXAMPLE, MESSAGES])
        populate(installation, EXAMPLE_ORGANISATION, PASSWORD)
    _remove(path)
    unfinished.rename(path)


def _use_again(path: Path) -> None:
    from genjin.service.health import upgrade

    try:
        with opened():
            pass
    except SchemaTooOld:
        with opened(ready=False) as installation:
            upgrade(installation)
    except SchemaTooNew as error:
        fail(f"{_shown(path)}: {error}; or throw the demo data away with --fresh")
    print(f"Using the demo database as it was left: {_shown(path)} (--fresh makes it anew)")


def _token(path: Path) -> str:
    from genjin.demo import EXAMPLE_ORGANISATION, LOGIN
    from genjin.service.organisation.signin import create_token

    try:
        with opened() as installation:
            return create_token(installation, EXAMPLE_ORGANISATION, LOGIN, "demo")
    except NotFound:
        fail(f"{_shown(path)} has no user {LOGIN!r} any more: make it anew with --fresh")


def _say(url: str, token: str) -> None:
    from genjin.demo import EXAMPLE_LEAD, LOGIN, PASSWORD
    from genjin.demo.cast import ONE_OF_EACH_SCOPE

    others = ", ".join(login for login in ONE_OF_EACH_SCOPE if login != LOGIN)
    print(
        f"""
  Address    {url}  (open it in a browser; the API is at {url}/docs)
  Login      {LOGIN}, password {PASSWORD}; it sees everything. {others} have the same password and see less.

Read what happened to a lead:

curl -H 'Authorization: Token token={token}' {url}/api/v2/leads/{EXAMPLE_LEAD}/sales_activities

Sign in for a token of your own:

curl -d login={LOGIN} -d password={PASSWORD} {url}/api/v2/auth/login
""",
        flush=True,
    )


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
