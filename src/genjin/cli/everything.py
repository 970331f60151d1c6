"""The commands that take everything of an organisation out, and bring it in."""

from pathlib import Path
from typing import Annotated

import typer

from genjin.cli.admin import Organisation
from genjin.cli.opened import opened
from genjin.cli.output import fail, note, note_problems, progress_of_several, table
from genjin.errors import ImportRefused


def export_everything(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="FILE.tar, .tar.gz or .tar.zst; `-` for standard output.")
    ],
    organisation: Organisation = "",
    with_secrets: Annotated[
        bool, typer.Option("--with-secrets", help="With hashes of passwords, and with webhooks.")
    ] = False,
) -> None:
    """Take everything of an organisation out, as it is at one moment: lines of JSON, and the files.

    The server may go on. The audit log says so.
    """
    from genjin.exporters.everything import export_everything as export
    from genjin.nouns.archive import written_to
    from genjin.service.organisation.organisations import pick_organisation

    path = None if file == "-" else Path(file)
    with opened() as installation:
        picked = pick_organisation(installation, organisation)
        with written_to(path) as archive, progress_of_several() as progress:
            done = export(installation, picked, archive, path.name if path else file, with_secrets, progress)
    if path is not None:
        table(("noun", "lines"), [*done.lines.items(), ("(files)", done.files)])
    if done.missing:
        note(f"{done.missing} file(s) have no bytes any more; their lines say `missing`.")
    if with_secrets:
        note("Keep it as you keep passwords: their hashes are in it.")


def import_everything(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `genjin export everything` has written.")],
) -> None:
    """Bring in an export of everything, of an organisation that is not there yet: all of it, or nothing."""
    from genjin.importers.everything import import_everything as bring_in

    with opened() as installation:
        try:
            with progress_of_several() as progress:
                done = bring_in(installation, file, progress)
        except ImportRefused as refused:
            note_problems(refused.problems)
            fail("Nothing was imported.")
    table(("noun", "lines"), [*done.lines.items(), ("(files)", done.files)])
    if done.passed_over:
        names = ", ".join(f"{name} ({count})" for name, count in sorted(done.passed_over.items()))
        note(f"Passed over, as this Genjin does not know it: {names}")
    note(f"{done.organisation} is here. Figures of reports and searches are whole when the worker has been through.")
