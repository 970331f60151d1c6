"""Reads files of captured answers: each is one JSON value, or one JSON value a line."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from genjin.domain.json import JsonValue
from genjin.errors import Problem


@dataclass(frozen=True, slots=True)
class Source:
    """One answer of a file, still as it came."""

    file: str
    line: int
    body: JsonValue


def answers_in(path: Path, problems: list[Problem]) -> Iterator[Source]:
    """The answers of one file: the file as one JSON value, or one JSON value a line."""
    try:
        content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        problems.append(Problem(str(path), 1, "", error.strerror or str(error)))
        return
    try:
        yield Source(str(path), 1, orjson.loads(content))
        return
    except orjson.JSONDecodeError as error:
        lines = content.splitlines()
        if not _is_json(next(filter(bytes.strip, lines), b"")):
            problems.append(Problem(str(path), error.lineno, "", f"is not JSON: {error.msg} (column {error.colno})"))
            return
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield Source(str(path), number, orjson.loads(line))
        except orjson.JSONDecodeError as error:
            problems.append(Problem(str(path), number, "", f"is not JSON: {error.msg} (column {error.colno})"))


def _is_json(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True
