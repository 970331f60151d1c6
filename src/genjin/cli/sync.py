"""The command that brings a company's history from another server of the contract, and keeps up with it."""

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from genjin.cli.admin import Organisation
from genjin.cli.opened import opened
from genjin.cli.output import fail, note, table
from genjin.cli.profiles import client_of, known

if TYPE_CHECKING:
    from genjin.client import Client, Limit
    from genjin.sync.run import Progress, Report
    from genjin.sync.verifying import Unlike

PASSWORD, TOKEN = "GENJIN_SYNC_PASSWORD", "GENJIN_SYNC_TOKEN"
MOST_TOLD = 100
"""So many differences are printed."""
MOST_CHARACTERS = 200
"""Of a value that is printed."""
_PLACE = re.compile(r"\[\d+\]")
LINE_SECONDS = 30
"""So often a line tells how far it has come, where no terminal shows it all the time."""


def sync(
    server: Annotated[str, typer.Argument(metavar="SERVER", help="Its address, or the name of a profile.")],
    login: Annotated[
        str, typer.Option(help="Who signs in there; the password is GENJIN_SYNC_PASSWORD, or asked for.")
    ] = "",
    corp_id: Annotated[str, typer.Option(help="The organisation there, where the login is in several.")] = "",
    organisation: Organisation = "",
    limit: Annotated[str, typer.Option(help="How many calls are made in how much time, such as 10/10s.")] = "10/10s",
    threads: Annotated[int, typer.Option(min=1, max=32, help="Timelines that are read at once.")] = 4,
    recheck: Annotated[int, typer.Option(min=0, help="Timelines read again though nothing seems to be new.")] = 100,
    full: Annotated[bool, typer.Option("--full", help="Read everything again.")] = False,
    verify: Annotated[int, typer.Option(min=0, help="In the end, compare so many timelines in whole.")] = 0,
    with_files: Annotated[bool, typer.Option("--with-files", help="Fetch recordings, pictures and files.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Only tell how many calls it takes, and how long.")] = False,
) -> None:
    """Bring a company's history from another server, or what has changed there since.

    It may be stopped at any time, and goes on where it was. Exit code 1 when something is not here as it is there.
    """
    allowed = _limit(limit)
    url, client = _client(server, login, corp_id, allowed)
    with client:
        if plan:
            _tell_plan(client, allowed)
            return
        from genjin.service.organisation.organisations import people_of
        from genjin.settings import load_settings
        from genjin.sync.run import Options, organisation_for, source_of, synchronise

        with opened() as installation:
            source = source_of(url, client)
            chosen = organisation_for(installation, source, organisation)
            note(f"Bringing what {url} has into {chosen.name}, at {limit}.")
            with _shown() as tell:
                most = load_settings().max_file_bytes
                options = Options(recheck, full, threads, verify, with_files, most)
                report = synchronise(installation, source, chosen, options, tell)
            administered = people_of(installation, chosen.id).has_administrator
    if not administered:
        note("Nobody can sign in here yet who sees everything: `genjin role add`, then `genjin user add --role`.")
    _tell(report)


def sync_misfits(organisation: Organisation = "") -> None:
    """Print what could not be taken in, as it came: a JSON object a line."""
    import json

    from genjin.service.organisation.organisations import pick_organisation
    from genjin.sync.totals import misfits

    with opened() as installation:
        chosen = pick_organisation(installation, organisation)
        for source, unit, misfit in misfits(installation, chosen.id):
            print(json.dumps({"source": source, "unit": unit, **misfit._asdict()}, ensure_ascii=False))


def _limit(text: str) -> "Limit":
    from genjin.client import Limit
    from genjin.settings import parse_rate

    rate = parse_rate(text)
    if rate is None or 0 in rate:
        fail(f"--limit {text}: write it as 10/10s")
    return Limit(*rate)


def _client(server: str, login: str, corp_id: str, limit: "Limit") -> "tuple[str, Client]":
    """The server's address, and a client of it. A password and a token come from the environment, or are asked for."""
    from genjin.client import Retries

    url, password, token = server, os.environ.get(PASSWORD, ""), os.environ.get(TOKEN, "")
    if "://" not in server:
        profile = known(server)
        if profile is None:
            fail(f"There is no profile {server!r}: see `genjin profile list`, or write https://HOST.")
        url, token, login = profile.url, profile.token, (login or profile.login if password else "")
    elif login and not password:
        if not sys.stdin.isatty():
            fail(f"Set {PASSWORD} to the password of {login}.")
        password = typer.prompt("Password", hide_input=True)
    if not login and not token:
        fail(f"Say who signs in there: --login, or set {TOKEN}.")
    retries = Retries(tries=12)
    told = client_of(url, token=token, login=login, password=password, corp_id=corp_id, limit=limit, retries=retries)
    return url, told


def _tell_plan(client: "Client", limit: "Limit") -> None:
    from genjin.sync.planning import plan

    planned = plan(client)
    table(("", "there"), list(planned.totals.items()))
    seconds = planned.seconds(limit)
    print(f"About {planned.calls:,} calls: {_time(seconds)} at {limit.calls} in {limit.seconds} s.")
    note("Timelines with many calls take a few more: no list tells how many calls were logged.")


@contextmanager
def _shown() -> "Iterator[Callable[[Progress], None]]":
    """How far it has come: all the time at a terminal, elsewhere a line now and then."""
    if sys.stderr.isatty():
        from rich.console import Console

        with Console(stderr=True).status("") as status:
            yield lambda progress: status.update(_line(progress))
        return
    last = -float(LINE_SECONDS)

    def tell(progress: "Progress") -> None:
        nonlocal last
        if progress.seconds - last >= LINE_SECONDS:
            last = progress.seconds
            note(_line(progress))

    yield tell


def _line(progress: "Progress") -> str:
    done = f" {progress.done:,}/{progress.total:,}" if progress.total else ""
    left = "" if progress.remaining is None else f", {_time(progress.remaining)} left for {progress.what}"
    files = f", {progress.files:,} files" if progress.files else ""
    return f"{progress.what}{done}: {progress.calls:,} calls, {progress.rate:.2f}/s{files}{left}"


def _tell(report: "Report") -> None:
    nouns = sorted(report.new.keys() | report.changed.keys() | report.gone.keys())
    table(("", "new", "changed", "gone"), [(n, report.new[n], report.changed[n], report.gone[n]) for n in nouns])
    note(f"{report.calls:,} calls in {_time(report.seconds)}; {report.timelines:,} timelines were read.")
    if report.misfits:
        note(f"{report.misfits:,} things could not be taken in and are kept as they came: `genjin sync-misfits`.")
    if report.due:
        note(f"{report.due:,} timelines changed while they were read, or could not be read; the next run reads them.")
    for line in report.strange[:MOST_TOLD]:
        note(line)
    for unit, theirs, ours in report.differences[:MOST_TOLD]:
        note(f"{unit}: {theirs:,} there, {'nothing' if ours is None else f'{ours:,}'} here")
    for line in unlike_told(report.unlike)[:MOST_TOLD]:
        note(line)
    found = len(report.strange) + len(report.differences) + len(report.unlike)
    if max(len(report.strange), len(report.differences)) > MOST_TOLD:
        note("and more")
    if found or report.due:
        fail("Not everything is here as it is there.")
    but = ", but for what could not be taken in" if report.misfits else ""
    print(f"Everything is here as it is there, by all totals{but}.")


def unlike_told(some: "Sequence[Unlike]") -> list[str]:
    """A line for each field that is not alike somewhere, with an example, the most frequent first."""
    by_field: dict[str, list[Unlike]] = {}
    for each in some:
        field = _PLACE.sub("[]", each.path).removeprefix("[]").removeprefix(".") or "entries"
        by_field.setdefault(field, []).append(each)
    lines = list[str]()
    for field, found in sorted(by_field.items(), key=lambda each: -len(each[1])):
        of, such = len({each.unit for each in found}), found[0]
        told = f"{such.unit}{such.path}: {_short(such.theirs)} there, {_short(such.ours)} here"
        lines.append(f"{field} differs {len(found):,} times, in {of:,} timelines, such as {told}")
    return lines


def _short(value: object) -> str:
    told = f"{len(value):,} of them" if isinstance(value, list) else repr(value)
    return told if len(told) <= MOST_CHARACTERS else f"{told[:MOST_CHARACTERS]}..."


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
