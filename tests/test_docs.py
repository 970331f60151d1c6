"""Holds the documents true: what they list is what the code has, what they link to is there, what they type exists."""

import json
import re
import textwrap
from contextlib import closing
from dataclasses import MISSING, fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from genjin import __version__
from genjin.domain import kinds
from genjin.domain.calendar import calendar_of
from genjin.domain.kinds import FOREIGN, KINDS, Kind
from genjin.domain.people import DataScope
from genjin.domain.records import Record, RecordType, Ref
from genjin.importers.capture import import_captures
from genjin.service.context import open_installation
from genjin.service.organisation.defaults import ADMINISTRATOR, ROLES
from genjin.service.organisation.organisations import NewUser, add_user
from genjin.service.organisation.signin import create_token
from genjin.settings import Settings
from genjin.wire.errors import INTERNAL, TABLE
from genjin.wire.records.raw import raw_dump
from genjin.wire.sales_activity import KEYS, Audio
from genjin.wire.timeline.page import Binder
from genjin.wire.timeline.shapes import SHAPES, Values
from genjin.wire.user import WireUser
from tests.documents import (
    FENCE,
    HEADING,
    ROOT,
    anchors,
    commands,
    empty_forms,
    is_python,
    make_targets,
    prose,
    read,
    rows,
    section,
    tables,
    typed,
)
from tests.world import view_of

PAGES = sorted(
    page for pattern in ("*.md", "docs/**/*.md", "src/**/*.md", "tests/**/*.md") for page in ROOT.glob(pattern)
)
REFERENCE = ROOT / "docs/reference"
README, README_ZH = ROOT / "README.md", ROOT / "README.zh-CN.md"
EXAMPLE = ROOT / "tests/wire/upstream/sales_activities.json"
LEFT_OUT = "…"
MADE_BY_THE_READER = {
    "src/genjin/api/v2/messages.py",
    "src/genjin/service/entries/messages.py",
    "src/genjin/store/migrations/versions/0009_last_dialled.py",
    "src/genjin/service/records/forget_source.py",
    "src/genjin/service/records/last_dialled.py",
    "src/genjin/wire/entries/message.py",
    "service/entries/messages.py",
    "tests/api/v2/test_messages.py",
    "tests/service/records/test_forget_source.py",
    "src/genjin/web/pages/visits.py",
    "src/genjin/web/static/css/visits.css",
    "src/genjin/web/templates/pages/visits.html",
    "src/genjin/web/texts/zh/visits.po",
    "static/js/visits.js",
    "tests/web/test_visits.py",
}
"""The files that come of following a how-to page."""
SEES = {DataScope.ALL: "everything", DataScope.DEPARTMENT_AND_BELOW: "the own department and below"}
LATE_OR_NEVER = {"title", "saleable_name", "is_lead_and_turned"}
"""Keys with an empty form that a foreign activity does not show, because it knows its record."""

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FILE = re.compile(r"`((?:[\w.-]+/)+[\w-]+\.\w+)`")

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


# What the reference lists


def test_every_setting_is_listed_with_its_default_and_no_other() -> None:
    listed = {row[0]: row[1] for row in rows(read(REFERENCE / "settings.md"), "setting")}
    assert listed == {
        f"`GENJIN_{name.upper()}`": "empty" if field.default == "" else f"`{field.default}`"
        for name, field in Settings.model_fields.items()
    }


def test_every_command_has_a_section_with_its_options_and_no_other() -> None:
    text, known = read(REFERENCE / "commands.md"), commands()
    headings = {heading for heading in HEADING.findall(text) if heading.startswith("`genjin")}
    assert headings == {f"`genjin {path}`" for path in known}
    for path, names in known.items():
        options = rows(section(text, f"`genjin {path}`"), "option")
        assert set(re.findall(r"`([^`]+)`", " ".join(row[0] for row in options))) == names, path


def test_every_make_target_is_listed_and_no_other() -> None:
    listed = rows(section(read(REFERENCE / "commands.md"), "`make`"), "command")
    assert [row[0] for row in listed] == [f"`make {target}`" for target in make_targets()]


def test_the_roles_that_an_organisation_starts_with_are_told() -> None:
    text = section(read(REFERENCE / "commands.md"), "`genjin init`")
    for name, scope in ROLES.items():
        assert re.search(rf"{name} \((sees )?{SEES.get(scope, 'the own records')}\)", text), name


def test_every_refusal_is_listed_and_no_other() -> None:
    told = {f"`{error.__name__}`": row for error, row in TABLE.items()} | {"anything unexpected": INTERNAL}
    assert rows(section(contract(), "Errors"), "raised as") == [
        [name, str(row.code), f"`{row.key}`", row.message, str(row.status)] for name, row in told.items()
    ]


def test_every_kind_is_listed_and_has_a_section() -> None:
    text = read(REFERENCE / "kinds.md")
    names = {kind.code: name for name, kind in vars(kinds).items() if isinstance(kind, Kind)}
    listed = [(row[0], [cell.strip("`") for cell in row[1:]]) for row in rows(text, "code")]
    assert listed == [
        (str(code), [names[code], kind.event, kind.group, kind.verb, kind.details.__name__, kind.says_en])
        for code, kind in KINDS.items()
    ]
    assert re.findall(r"^## (\d.*)$", text, re.MULTILINE) == [f"{code} `{kind.event}`" for code, kind in KINDS.items()]


@pytest.mark.parametrize("page", sorted(REFERENCE.glob("*.md")), ids=lambda page: page.name)
def test_no_table_tells_of_a_parameter_or_key_twice(page: Path) -> None:
    """As it would after a merge that takes both sides."""
    for table in tables(read(page)):
        told = [row[0] for row in table[1:]]
        if table[0][0] in ("parameter", "key", "option", "setting"):
            assert [each for each in set(told) if told.count(each) > 1] == []


def test_all_thirteen_decisions_are_told_with_their_place_in_the_code() -> None:
    headings = [heading for heading in HEADING.findall(contract()) if heading.startswith("Decision ")]
    assert [heading.partition(":")[0] for heading in headings] == [f"Decision {number}" for number in range(1, 14)]
    assert [heading for heading in headings if "\nCode: `" not in section(contract(), heading)] == []


def test_our_answers_to_open_questions_are_numbered_and_name_their_file() -> None:
    listed = rows(section(contract(), "Where the contract is silent"), "")
    assert listed
    assert [row[0] for row in listed] == [str(number) for number in range(1, len(listed) + 1)]
    assert [row for row in listed if not _FILE.fullmatch(row[3].partition(",")[0])] == []


def test_the_50_keys_are_listed_in_their_order() -> None:
    listed = [(row[0], row[1]) for row in rows(section(contract(), "The 50 keys"), "#")]
    assert len(KEYS) == 50
    assert listed == [(str(number), f"`{key}`") for number, key in enumerate(KEYS, start=1)]


def test_the_empty_form_of_every_key_is_what_an_activity_without_it_has() -> None:
    slots = {field.name: "" for field in fields(Values) if field.default is MISSING}
    computed = SHAPES[FOREIGN](Values(**slots)).model_dump(warnings=False)
    empty = {key: form for key, form in empty_forms().items() if key not in LATE_OR_NEVER}
    assert empty == {key: computed[key] for key in empty}


@pytest.mark.parametrize(("heading", "model"), [("The user object", WireUser), ("Recordings", Audio)])
def test_the_keys_of_smaller_objects_are_listed_in_their_order(heading: str, model: type[WireUser | Audio]) -> None:
    listed = [row[0] for row in rows(section(contract(), heading), "key")]
    assert listed == [f"`{key}`" for key in model.model_fields]


def test_the_keys_of_the_raw_dump_are_listed_in_their_order() -> None:
    lead = Record(RecordType.LEAD, 1, "郑老师", 1, 1, 1, 0, 0)
    listed = [row[1] for row in rows(section(contract(), "The raw dump"), "#")]
    assert listed == [f"`{key}`" for key in raw_dump(lead, 1, calendar_of("Asia/Shanghai"))]


# What any page says


def test_the_architecture_names_every_file_of_the_house() -> None:
    house, text = ROOT / "src/genjin", section(read(ROOT / "ARCHITECTURE.md"), "The rooms")
    files = {path.relative_to(house) for path in house.rglob("*.py") if path.name != "__init__.py"}
    assert sorted(str(file) for file in files if "migrations" not in file.parts and f"`{file}`" not in text) == []


@every_page
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    named = set(_FILE.findall(prose(read(page)))) - MADE_BY_THE_READER
    places = (ROOT, ROOT / "src/genjin", page.parent)
    assert sorted(name for name in named if not any((place / name).exists() for place in places)) == []


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in _LINK.findall(prose(read(page))):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not re.match(r"[a-z]+:", link) and not (target.exists() and (not anchor or anchor in anchors(target))):
            broken.append(link)
    assert broken == []


def test_every_document_is_found_from_the_quickstart() -> None:
    """Those for who changes Genjin are found from CONTRIBUTING.md, to which it leads."""
    listed = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in (ROOT / "docs/quickstart.md", ROOT / "CONTRIBUTING.md")
        for link in _LINK.findall(read(page))
    }
    assert [page for page in (ROOT / "docs").rglob("*.md") if page.name != "quickstart.md" and page not in listed] == []


@every_page
def test_every_heading_stands_behind_an_empty_line(page: Path) -> None:
    """As it does not after a merge that takes both sides."""
    assert re.findall(r"[^\n]\n(#+ .+)", prose(read(page))) == []


@every_page
def test_every_piece_of_python_is_python(page: Path) -> None:
    pieces = [code for language, code in FENCE.findall(read(page)) if language == "python"]
    assert [piece for piece in pieces if not is_python(textwrap.dedent(piece))] == []


@every_page
def test_every_command_that_a_page_types_exists(page: Path) -> None:
    known, targets = commands(), make_targets()
    for words in typed(read(page)):
        if words[0] == "make":
            assert [word for word in words[1:] if "=" not in word and word not in targets] == [], words
        else:
            path = next((path for path in known if words[1 : 1 + len(path.split())] == path.split()), "")
            assert path, words
            assert {word for word in words if word.startswith("--")} <= known[path], words


def test_the_changelog_knows_this_version() -> None:
    versions = re.findall(r"^## \[(.+?)\]", read(ROOT / "CHANGELOG.md"), re.MULTILINE)
    assert versions[:2] == ["Unreleased", __version__]


def test_every_entry_of_the_changelog_is_whole_and_told_once() -> None:
    """Putting two branches together may leave a line twice, or one of another entry behind a sentence that ends."""
    lines = [line for line in read(ROOT / "CHANGELOG.md").splitlines() if line.strip() and not line.startswith("#")]
    assert [line for line in lines if lines.count(line) > 1] == []
    follows = [(before, line) for before, line in pairwise(lines) if line.startswith("  ") and line[2].islower()]
    assert [line for before, line in follows if before.endswith(".")] == []


# The two readmes


def test_both_readmes_type_the_same_commands_and_show_the_same_answer() -> None:
    english, chinese = ([piece for piece in FENCE.findall(read(page)) if piece[0]] for page in (README, README_ZH))
    assert english == chinese


def test_both_readmes_lead_to_the_same_pages() -> None:
    """And show the same pictures, each in its language where there are both."""
    english, chinese = (
        {link.replace("-en.png", ".png") for link in _LINK.findall(read(page))} for page in (README, README_ZH)
    )
    assert english - {"README.zh-CN.md"} == chinese - {"README.md"}


def test_the_readme_shows_a_real_answer(sqlite_url: str) -> None:
    shown = json.loads(next(code for language, code in FENCE.findall(read(README)) if language == "json"))
    assert fits(shown, answer_about_the_example(sqlite_url))


def answer_about_the_example(url: str) -> Any:
    """What is answered about the documented lead once the documented answer was imported."""
    organisation_id, lead = 11_300_332, Ref(RecordType.LEAD, 1_311_120_102)
    installation = open_installation(Settings(database_url=url))
    with closing(installation.database):
        import_captures(installation, [EXAMPLE])
        add_user(installation, organisation_id, NewUser("admin", "admin", "a password", ADMINISTRATOR))
        token = create_token(installation, organisation_id, "admin", "test")
        view = view_of(installation, token, lead)
    binder = Binder(view.session.directory)
    return json.loads(binder.page(view.session.viewer, view.entries, view.targets, view.total, view.page))


def fits(shown: Any, told: Any) -> bool:
    """Whether all that is shown is told at the same place; a list may show some of its items."""
    if isinstance(shown, dict):
        return all(key == LEFT_OUT or (key in told and fits(value, told[key])) for key, value in shown.items())
    if isinstance(shown, list):
        return all(any(fits(item, each) for each in told) for item in shown)
    return bool(shown == told)


def contract() -> str:
    return read(REFERENCE / "contract.md")
