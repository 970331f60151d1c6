"""The commands that back an installation up, and make one of a backup."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genjin.cli.opened import opened
from genjin.cli.output import MOST_PROBLEMS, fail, note, note_problems, progress_of_several

if TYPE_CHECKING:
    from genjin.exporters.manifest import Manifest

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The backup's folder.")]


def backup(
    folder: Folder,
    since: Annotated[
        Path | None, typer.Option(metavar="DIR", help="An earlier backup: files that it has are not copied again.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Make none, but read this one, and tell what is wrong.")
    ] = False,
) -> None:
    """Back up the database, as it is at one moment, and all files; servers go on meanwhile."""
    if check:
        return _check(folder)
    from genjin.exporters.backup import back_up
    from genjin.settings import load_settings

    with opened() as installation, progress_of_several() as seen:
        made, linked = back_up(installation, load_settings().postgres_programs, folder, since, seen)
    print(f"Backed up to {folder}: {_told(made)}" + (f", {linked:,} of them linked to {since}." if since else "."))
    if made.missing:
        note_problems(made.missing)
        fail(
            f"{len(made.missing):,} file(s) that the database knows were missing or damaged, and are not in the backup."
        )
    return None


def _check(folder: Path) -> None:
    from genjin.exporters.manifest import read_manifest
    from genjin.exporters.restoring import check_backup
    from genjin.settings import load_settings

    with progress_of_several() as seen:
        wrong = list(check_backup(folder, load_settings().postgres_programs, seen))
    for problem in wrong[:MOST_PROBLEMS]:
        print(problem)
    if wrong:
        fail(f"{len(wrong):,} problem(s)")
    print(f"All is well with {folder}: {_told(read_manifest(folder))}.")


def restore(folder: Folder) -> None:
    """Make of a backup the database and the files that the settings name, where there is nothing yet."""
    from genjin.exporters.restoring import restore as make
    from genjin.service import health
    from genjin.settings import load_settings

    with opened(ready=False) as installation:
        with progress_of_several() as seen:
            manifest = make(installation, load_settings().postgres_programs, folder, seen)
        print(f"Restored from {folder}: {_told(manifest)}, as of {manifest.taken_at}.")
        if manifest.revision != health.newest_revision():
            note(f"The schema is at revision {manifest.revision}: run `genjin db upgrade`.")
        note(f"Serve it with the same settings; the files are in {installation.blobs.place}.")
        if manifest.engine == "postgresql":
            note("A role that serves without owning the tables is given its rights anew: `genjin db grant ROLE`.")


def _told(manifest: "Manifest") -> str:
    of = manifest.files
    return f"a database of {_size(manifest.database.size)}, {of.count:,} file(s) of {_size(of.bytes)}"


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count:,} bytes"
