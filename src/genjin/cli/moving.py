"""The commands that move an installation to another database."""

from pathlib import Path
from typing import Annotated

import typer

from genjin.cli.opened import opened_with
from genjin.cli.output import fail, note, progress_of_several, table

_SQLITE = "sqlite:///"


def sqlite_to_postgres(
    source: Annotated[str, typer.Argument(metavar="SQLITE", help="The file, or its sqlite:///FILE.")],
    target: Annotated[str, typer.Argument(metavar="POSTGRES_URL", help="An empty database: postgresql://...")],
) -> None:
    """Move everything of an SQLite file into an empty PostgreSQL database: all of it, or nothing.

    Stop the server first; whatever has the file open is refused. Files that were uploaded stay where they are.
    """
    from genjin.exporters.moving import move_to_postgres
    from genjin.settings import load_settings
    from genjin.store.blobs import folder_of

    path = source.removeprefix(_SQLITE)
    if not Path(path).is_file():
        fail(f"there is no file {path}")
    if not target.startswith(("postgres://", "postgresql://")):
        fail(f"{target} is no PostgreSQL database: write postgresql://USER:PASSWORD@HOST/DATABASE")
    settings = load_settings()
    files = settings.files_url or f"file:{folder_of(settings.model_copy(update={'database_url': _SQLITE + path}))}"
    with (
        opened_with(settings.model_copy(update={"database_url": target, "replica_urls": ""})) as installation,
        progress_of_several() as progress,
    ):
        moved = move_to_postgres(path, installation, progress)
    table(("table", "rows"), [(name, rows) for name, rows in moved.rows.items() if rows])
    note(f"Moved {', '.join(moved.organisations) or 'no organisation'}; every table was read again and compared.")
    if moved.aside is None:
        note(f"{path} is as it was: move it away, for what a server wrote to it now would be lost.")
    else:
        note(f"{path} is called {moved.aside.name} now, and otherwise as it was, so that no server goes on with it.")
    note(f"Serve with GENJIN_DATABASE_URL={_without_password(target)}")
    note(f"The files that were uploaded stay where they are: set GENJIN_FILES_URL={files}")


def _without_password(url: str) -> str:
    from sqlalchemy import make_url

    return make_url(url).render_as_string()
