"""`genjin import table`: leads, customers, contacts, follow-ups and calls from CSV and Excel."""

import gc
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genjin.cli.admin import Organisation
from genjin.cli.opened import opened
from genjin.cli.output import fail, note, progress, table
from genjin.domain.table_import import Counts, Duplicates, TableForm
from genjin.errors import Invalid

if TYPE_CHECKING:
    from genjin.domain.table_import import Asked, Rejected
    from genjin.importers.tables.importing import Preview
    from genjin.importers.tables.sheets import TableFile
    from genjin.service.context import Installation, Session

SHOWN = 20
"""So many rejected rows are told of here; all of them are in the file of `--rejected`."""


def import_table(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="CSV, .xlsx, .xls or .ods.")
    ],
    form: Annotated[TableForm, typer.Option("--as", help="What its rows are.")],
    by: Annotated[str, typer.Option("--by", metavar="LOGIN", help="Who imports: by whose rights, in whose name.")],
    mapping: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Read the columns as this file says.")
    ] = None,
    save_mapping: Annotated[Path | None, typer.Option(help="Write how the columns are read into a file.")] = None,
    map_: Annotated[
        list[str] | None, typer.Option("--map", metavar="COLUMN=FIELD", help="Read a column so; COLUMN= leaves it out.")
    ] = None,
    duplicates: Annotated[Duplicates, typer.Option(help="What becomes of what is there already.")] = Duplicates.SKIP,
    source: Annotated[str, typer.Option(help="The system that external numbers are of.")] = "import",
    preview: Annotated[bool, typer.Option("--preview", help="Show the first rows as they would be read.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check all rows and write nothing.")] = False,
    rejected: Annotated[Path | None, typer.Option(help="Write the rows that were rejected into a file.")] = None,
    sheet: Annotated[str, typer.Option(help="The sheet of a workbook; otherwise its first.")] = "",
    heading_row: Annotated[int, typer.Option(min=0, help="The row of the headings; otherwise it is found.")] = 0,
    batch: Annotated[int, typer.Option(min=0, help="Rows of one transaction; otherwise by what they are.")] = 0,
    again: Annotated[bool, typer.Option("--again", help="Import once more what was imported.")] = False,
    language: Annotated[str, typer.Option(help="Of reasons: zh or en.")] = "zh",
    organisation: Organisation = "",
) -> None:
    """Import a table, batch by batch. One that was cut off goes on where it was, when it is called again."""
    from genjin.domain.table_import import Asked
    from genjin.domain.writing import MAX_SOURCE
    from genjin.importers.tables import importing
    from genjin.importers.tables.sheets import look_at

    if language not in ("zh", "en"):
        fail("--language is zh or en")
    if not 0 < len(source) <= MAX_SOURCE:
        fail(f"--source is 1 to {MAX_SOURCE} characters long")
    with opened() as installation:
        session = _session(installation, organisation, by)
        try:
            file = look_at(path)
            columns = _saved(mapping, form) if mapping else {}
            asked = Asked(form, columns, path.name, sheet, heading_row or 1, duplicates, source, language)
            seen = importing.preview(installation, session, file, asked, heading_row, _changes(map_ or ()))
            _save(save_mapping, seen)
            if preview:
                _show(seen)
                return
            if not seen.asked.columns:
                fail("None of its columns is known: name them by --map; --preview shows them.")
            if dry_run:
                counts, refused = _dry_run(installation, session, file, seen, batch)
            else:
                counts, refused = _run(installation, session, file, seen.asked, batch, again)
        except Invalid as error:
            fail("\n".join(f"{name}: {text}" for name, texts in error.errors.items() for text in texts))
        _tell(counts, refused, rejected, file, seen.asked)


def _run(
    installation: "Installation", session: "Session", file: "TableFile", asked: "Asked", size: int, again: bool
) -> "tuple[Counts, Iterable[Rejected]]":
    from genjin.importers.tables import importing
    from genjin.importers.tables.ahead import batches_of

    organisation_id = session.organisation_id
    at = importing.begin(installation, session, file, asked, again)
    if at.ended_at is not None:
        note("This file was imported already, with these columns; --again does it once more. What became of it:")
    elif at.counts.rows:
        note(f"Going on behind row {at.row}.")
    if at.ended_at is None:
        reader = installation.database.read(
            lambda tx: importing.reader_of(tx, installation, organisation_id, at, file), organisation_id
        )
        size = size or importing.batch_size(asked.form)
        installation.database.expect_many()
        gc.disable()  # a million rows are many objects, none of which leads back to itself
        with (
            progress("Importing", max(file.lines, 1)) as advance,
            batches_of(reader, file, at.row, size) as batches,
        ):
            advance(at.row)
            for some in batches:
                before = at
                at = installation.database.write(
                    lambda tx, some=some, before=before: importing.write_batch(  # type: ignore[misc]
                        tx, installation, reader, before, some.rows, some.is_last
                    ),
                    organisation_id,
                )
                advance(at.row - before.row)
    return at.counts, importing.rejected_of(installation, organisation_id, at.id)


def _dry_run(
    installation: "Installation", session: "Session", file: "TableFile", seen: "Preview", size: int
) -> "tuple[Counts, Iterable[Rejected]]":
    from genjin.importers.tables import importing
    from genjin.importers.tables.ahead import batches_of
    from genjin.importers.tables.outcome import Earlier, Outcome
    from genjin.importers.tables.reading import RowReader

    earlier, all_of_it = Earlier(), Outcome()
    reader = RowReader(seen.asked, seen.columns, session, installation.clock.now())
    size = size or importing.batch_size(seen.asked.form)
    with (
        progress("Checking", max(file.lines, 1)) as advance,
        batches_of(reader, file, seen.asked.heading, size) as batches,
    ):
        for some in batches:
            all_of_it.add(importing.dry_batch(installation, reader, some.rows, earlier))
            advance(len(some.rows))
    note("Nothing was written: this is what would become of it.")
    return all_of_it.counts, all_of_it.rejected


def _tell(counts: Counts, refused: "Iterable[Rejected]", path: Path | None, file: "TableFile", asked: "Asked") -> None:
    from itertools import islice

    from genjin.importers.tables.rejected import write_rejected

    table(("created", "updated", "skipped", "rejected"), [counts])
    if not counts.rejected:
        return
    if path is None:
        for each in islice(refused, SHOWN):
            note(f"row {each.row}: {each.reason}")
        if counts.rejected > SHOWN:
            note(f"and {counts.rejected - SHOWN} more; --rejected FILE writes all of them")
    else:
        if not file.is_csv and path.suffix.lower() != ".xlsx":
            path = path.with_suffix(".xlsx")
        with path.open("wb") as out:
            count = write_rejected(file, asked, refused, out)
        note(f"{count} rejected rows are in {path}, each with its reason: mend them there, and import it.")
    raise typer.Exit(1)


def _show(seen: "Preview") -> None:
    from genjin.importers.tables.columns import keys_of

    keys = dict(zip(keys_of([each.heading for each in seen.columns]), seen.columns, strict=True))
    rows = [(key, each.field or "-", seen.fields.get(each.field, "")) for key, each in keys.items()]
    table(("column", "field", "is"), rows)
    used = [each for each in seen.columns if each.field]
    shown = [
        (
            each.row,
            *(each.read.get(column.field, "") or _cell(each.cells, column.place, each.reason) for column in used),
            each.reason,
        )
        for each in seen.rows
    ]
    table(("row", *(column.field for column in used), "reason"), shown)
    left = sorted(seen.fields.keys() - {each.field for each in used})
    note(f"Other fields that there are: {', '.join(left)}")


def _cell(cells: "Iterable[str]", place: int, reason: str) -> str:
    """What stands there, of a row that cannot be read."""
    return (list(cells)[place : place + 1] or [""])[0] if reason else ""


def _session(installation: "Installation", organisation: str, login: str) -> "Session":
    from genjin.service.context import session_of
    from genjin.service.organisation.organisations import pick_organisation

    id_ = pick_organisation(installation, organisation).id
    directory = installation.database.read(lambda tx: installation.directories.latest(tx, id_), id_)
    found = next((user for user in directory.users.values() if user.login == login), None)
    if found is None:
        fail(f"nobody has the login {login}: see `genjin user list`")
    return session_of(directory, found.id)


def _changes(told: "Iterable[str]") -> Mapping[str, str]:
    changes = dict[str, str]()
    for each in told:
        column, sign, field = each.rpartition("=")
        if not sign or not column:
            fail(f"--map {each}: write it as COLUMN=FIELD")
        changes[column.strip()] = field.strip()
    return changes


def _saved(path: Path, form: TableForm) -> dict[str, str]:
    import orjson

    from genjin.importers.tables.columns import mapping_from_json

    try:
        return mapping_from_json(orjson.loads(path.read_bytes()), form)
    except orjson.JSONDecodeError as error:
        fail(f"{path}: {error}")


def _save(path: Path | None, seen: "Preview") -> None:
    import orjson

    from genjin.importers.tables.columns import mapping_to_json

    if path is not None:
        told = mapping_to_json(seen.asked.form, seen.asked.columns)
        path.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
