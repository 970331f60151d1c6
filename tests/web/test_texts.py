"""Every text of the page is in both languages, and says the same names in both."""

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir

from genjin.web.texts import FOLDER, catalogs

WEB = FOLDER.parent
_NAMES = re.compile(r"%\((\w+)\)[sd]")
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "extensions": "jinja2.ext.do"}}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "say": None}


def texts_of_the_page() -> set[str]:
    """Every text that templates and code say."""
    found = set()
    for _, _, message, _, _ in extract_from_dir(str(WEB), METHODS, OPTIONS, KEYWORDS):
        found |= {message} if isinstance(message, str) else {each for each in message[:1] if each}
    return found


def test_every_text_is_in_chinese() -> None:
    known = {
        message.id if isinstance(message.id, str) else message.id[0]
        for catalog in catalogs("zh").values()
        for message in catalog
        if message.id and (message.string if isinstance(message.string, str) else all(message.string or ()))
    }
    assert sorted(texts_of_the_page() - known) == []
    assert sorted(known - texts_of_the_page()) == []


def test_no_text_is_said_in_two_ways_and_names_are_the_same_in_both_languages() -> None:
    said: dict[str, tuple[str, str]] = {}
    for file, catalog in [*catalogs("zh").items(), *catalogs("en").items()]:
        for message in catalog:
            if not message.id:
                continue
            ids = [message.id] if isinstance(message.id, str) else list(message.id)
            strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
            assert (
                said.setdefault(ids[0], (file, str(strings))) == (file, str(strings)) or str(strings) == said[ids[0]][1]
            )
            assert {name for text in ids for name in _NAMES.findall(text)} >= {
                name for text in strings for name in _NAMES.findall(text)
            }, ids


def test_templates_have_no_script_or_style_of_their_own() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
    for path in Path(WEB / "templates").rglob("*.html"):
        assert not inline.findall(path.read_text()), path
