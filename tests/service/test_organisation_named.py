"""Every use case says whose data it touches: a database that holds it to that shows it nothing else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import genjin

PACKAGE = Path(genjin.__file__).parent


def test_every_read_and_write_names_its_organisation_or_says_that_there_is_none() -> None:
    calls = [(path, call) for path in PACKAGE.rglob("*.py") for call in _uses(path.read_text())]
    assert len(calls) > 100
    unnamed = [f"{path.name}:{call.lineno}" for path, call in calls if len(call.args) + len(call.keywords) < 2]
    assert unnamed == []


def _uses(source: str) -> Iterator[ast.Call]:
    """Calls of `read`, `read_soon` and `write` of something that is called a database."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(value=of, attr="read" | "read_soon" | "write")):
                if ast.unparse(of).endswith("database"):
                    yield node
