"""The command that saves what happened as a file, from any server."""

import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from genjin.cli.output import fail, note
from genjin.cli.profiles import ProfileName, connected

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

FORMATS = ("csv", "xlsx", "parquet")


def export_activities(
    asked: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME=VALUE", help="A filter of `GET /api/v1/activities`: kind=call from=2024-01-01"),
    ] = None,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="*.csv, *.xlsx or *.parquet; `-` for the output.")
    ] = "-",
    form: Annotated[str, typer.Option("--format", help="csv, xlsx or parquet, where the name does not tell.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="The most entries.")] = 100_000,
    profile: ProfileName = "",
) -> None:
    """Save what happened as CSV, Excel or Parquet, as far as one sees it."""
    from genjin.client import api

    form = form or Path(output).suffix.removeprefix(".") or "csv"
    if form not in FORMATS:
        fail(f"{output}: call it *.csv, *.xlsx or *.parquet, or say --format.")
    given: dict[str, Any] = {}
    for each in asked or []:
        name, is_told, value = each.partition("=")
        if not is_told:
            fail(f"{each}: write it as NAME=VALUE, such as kind=call.")
        given.setdefault(name, []).append(value)
    with connected(profile) as client, _place(output) as file:
        told = client.save(api.export_activities(form, limit=limit, **given), file)  # type: ignore[arg-type]
    if output != "-":
        note(f"{int(told.get('genjin-rows', 0)):,} entries are in {output}.")
    if told.get("genjin-more") == "1":
        note(f"There are more than {limit:,}: say --limit.")


def _place(output: str) -> "AbstractContextManager[IO[bytes]]":
    return nullcontext(sys.stdout.buffer) if output == "-" else _Unfinished(Path(output))


class _Unfinished:
    """A file that gets its name when it is whole."""

    def __init__(self, path: Path) -> None:
        self._path, self._part = path, path.with_name(f"{path.name}.unfinished")

    def __enter__(self) -> IO[bytes]:
        self._file = os.fdopen(os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        return self._file

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._file.close()
        if kind is None:
            self._part.replace(self._path)
        else:
            self._part.unlink()
