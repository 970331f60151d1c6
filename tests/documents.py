"""Reads the documents: sections, tables, links, what is typed; and what there is to be typed."""

import ast
import json
import re
import shlex
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import typer

from genjin.cli import app

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_TARGET = re.compile(r"^([\w-]+):.*## ", re.MULTILINE)


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(text: str) -> str:
    """A page without its fenced pieces."""
    return FENCE.sub("", text)


def section(text: str, heading: str) -> str:
    """What stands below a heading, up to the next one of any level."""
    _, below = re.split(rf"^#+ {re.escape(heading)}$", text, flags=re.MULTILINE)
    return re.split(r"^#+ ", below, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str, first: str) -> list[list[str]]:
    """The rows of the first table whose first column has this name; none where there is no such table."""
    return next((body for head, *body in tables(text) if head[0] == first), [])


def tables(text: str) -> Iterator[list[list[str]]]:
    """The cells of every table, its head first."""
    for table in re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE):
        head, _, *body = ([cell.strip() for cell in line[1:-1].split("|")] for line in table.splitlines())
        yield [head, *body]


@cache
def empty_forms() -> dict[str, Any]:
    """What the contract's page says that each of the 50 keys has when it does not apply, without those never empty."""
    told = rows(section(read(ROOT / "docs/reference/contract.md"), "The 50 keys"), "#")
    return {row[1].strip("`"): json.loads(row[6].strip("`")) for row in told if row[6] != "never empty"}


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    headings = HEADING.findall(prose(read(page)))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_python(piece: str) -> bool:
    """Whether it is Python by itself, or inside of a function, an argument list or a dict."""
    inside = (piece, "def f():\n" + textwrap.indent(piece, "    "), f"f({piece})", "{" + piece + "}")
    for each in inside:
        try:
            ast.parse(each)
        except SyntaxError:
            continue
        return True
    return False


def typed(text: str) -> Iterator[list[str]]:
    """The words of every `genjin` and `make` command that a page names or has its reader type."""
    fenced = "\n".join(code for language, code in FENCE.findall(text) if language in ("sh", "ini"))
    spelt = re.findall(r"bin/(genjin [^|;)#\n]+)", fenced) + re.findall(r"`((?:genjin|make) [^`]+)`", prose(text))
    spelt += re.findall(r"^(?:\w+=\S+ )*(make\b[^|;)#\n]*)", fenced, re.MULTILINE)
    return (shlex.split(each) for each in spelt)


def commands() -> dict[str, set[str]]:
    """Every command of `genjin` by its words, with its options, and its arguments as its help writes them."""

    def walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, set[str]]]:
        if not hasattr(command, "commands"):
            yield " ".join(path), {name for param in command.params for name in names_of(param)} - {"--help"}
            return
        for name, each in command.commands.items():
            yield from walk(each, (*path, name))

    return dict(walk(typer.main.get_command(app), ()))


def names_of(param: Any) -> list[str]:
    if param.param_type_name == "option":
        return [*param.opts, *param.secondary_opts]
    return [(param.metavar or param.name.upper()).removesuffix("...")]


def make_targets() -> list[str]:
    return _TARGET.findall(read(ROOT / "Makefile"))
