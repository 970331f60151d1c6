"""Looks whether an export of everything is whole, before anything is made of it, and keeps the files that are in it."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from genjin.errors import ImportRefused, Problem
from genjin.nouns.archive import FILE, FORMAT, LINES, MAX_LINE, NUMBER, lines_of, members
from genjin.store import ids
from genjin.store.blobs import Blobs

ROOM = 1_000_000
"""Ids that are left for what will be created here; an export with a higher id is refused."""
Json = Any


class Header(NamedTuple):
    """What the first line tells: of which organisation the export is."""

    id: int
    corp_id: str
    name: str
    with_secrets: bool


@dataclass
class Checked:
    """What is known of an archive that is whole: how many lines of each noun it has, and how many files."""

    header: Header
    counts: Counter[str] = field(default_factory=Counter)
    files: int = 0


class Lines:
    """The lines of an archive, as JSON; `number` is that of the latest, `bytes` how many there were up to it."""

    def __init__(self, path: Path) -> None:
        self._path, self.number, self.bytes = path, 0, 0

    def parsed(self, line: bytes) -> tuple[str, dict[str, Json]]:
        """The noun of the next line, and the line. Raises ImportRefused."""
        self.number += 1
        self.bytes += len(line)
        if len(line) > MAX_LINE:
            raise self.refused("", f"has more than {MAX_LINE} bytes")
        try:
            told = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise self.refused("", f"is no JSON: {error}") from error
        if not isinstance(told, dict) or not isinstance(told.get("noun"), str):
            raise self.refused("noun", "is missing")
        return told["noun"], told

    def all(self) -> Iterator[tuple[str, dict[str, Json]]]:
        """Every line with its noun."""
        for member in members(self._path):
            if LINES.fullmatch(member.name):
                yield from map(self.parsed, lines_of(member.chunks))

    def refused(self, where: str, why: str) -> ImportRefused:
        """What is wrong with the latest line."""
        return ImportRefused([Problem(str(self._path), max(self.number, 1), where, why)])


def check(path: Path, blobs: Blobs, begun: Callable[[Header], object], progress: Callable[[int], object]) -> Checked:
    """Check every digest and count of an archive, and keep its files; `begun` hears its header before any of them and
    may refuse it, `progress` how many lines there were so far. Raises ImportRefused; then some files may be kept.
    """
    lines, digest = Lines(path), hashlib.sha256()
    checked: Checked | None = None
    end: Json = None
    for member in members(path):
        if LINES.fullmatch(member.name):
            for line in lines_of(member.chunks):
                noun, told = lines.parsed(line)
                if end is not None:
                    raise lines.refused("", "there is more behind the last line")
                if checked is None:
                    header = _header(lines, noun, told)
                    begun(header)
                    checked = Checked(header)
                elif noun == "end":
                    end = told | {"is": digest.hexdigest()}
                else:
                    checked.counts[noun] += 1
                digest.update(line + b"\n")
            progress(lines.number)
        elif checked is None:
            raise lines.refused("", f"it is no export of everything: it begins with {member.name!r}")
        elif named := FILE.fullmatch(member.name):
            if not _keep(blobs, checked.header.id, bytes.fromhex(named[1]), named[2] or "", member.chunks):
                raise lines.refused("", f"the bytes of {member.name} have another digest: it is damaged")
            checked.files += 1
    if checked is None or end is None:
        raise lines.refused("", "its last line is missing: it breaks off")
    _check_end(lines, checked, end)
    return checked


def let_go(path: Path, blobs: Blobs, organisation_id: int) -> None:
    """Of the files of an archive, as nothing comes of it; for an organisation that is not there."""
    try:
        for member in members(path):
            if named := FILE.fullmatch(member.name):
                blobs.delete(organisation_id, bytes.fromhex(named[1]), named[2] or "")
    except ImportRefused:
        return  # what was kept is before the place where it breaks off


def _header(lines: Lines, noun: str, told: Json) -> Header:
    if noun != "export" or told.get("format") != FORMAT:
        raise lines.refused("", "it is no export of everything")
    if told.get("number") != NUMBER:
        raise lines.refused("number", f"this Genjin reads number {NUMBER}, not {told.get('number')!r}")
    of = told.get("organisation")
    try:
        header = Header(of["id"], of["corp_id"], of["name"], told["with_secrets"])
    except (KeyError, TypeError) as error:
        raise lines.refused("organisation", "is missing") from error
    if [type(each) for each in header] != [int, str, str, bool] or not 0 < header.id <= ids.MAX_ID - ROOM:
        raise lines.refused("organisation", "is none")
    return header


def _keep(blobs: Blobs, organisation_id: int, sha256: bytes, variant: str, chunks: Iterator[bytes]) -> bool:
    """False for bytes of another digest. A variant is made of what it is of, and has no digest of its own."""
    with blobs.arriving() as arriving:
        for chunk in chunks:
            arriving.write(chunk)
        found = arriving.finish()
        if found != sha256 and not variant:
            return False
        blobs.put(organisation_id, sha256, arriving.path, variant)
    return True


def _check_end(lines: Lines, checked: Checked, end: Json) -> None:
    told = end.get("lines")
    counts = {noun: count for noun, count in told.items() if count} if isinstance(told, dict) else None
    if counts != checked.counts:
        raise lines.refused("lines", f"says {counts}, and there are {dict(checked.counts)}")
    if end.get("files") != checked.files:
        raise lines.refused("files", f"says {end.get('files')}, and there are {checked.files}")
    if end.get("sha256") != end["is"]:
        raise lines.refused("sha256", "the lines are not those that were written: their digest is another")
