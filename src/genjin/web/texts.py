"""The words of the page. Templates and code have them in English, `texts/zh/*.po` in Chinese; services refuse in
Chinese, and `texts/en/*.po` has that in English.
"""

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from genjin.wire.v1.activity import Language

FOLDER = Path(__file__).parent / "texts"


LOCALES: dict[Language, str] = {"zh": "zh_Hans_CN", "en": "en"}


@cache
def texts_in(language: Language) -> NullTranslations:
    """What gettext asks. A text that no catalog has is said as it is."""
    merged = Catalog(locale=LOCALES[language])
    for catalog in catalogs(language).values():
        for message in catalog:
            if message.id:
                merged[message.id] = message
    file = BytesIO()
    write_mo(file, merged)
    file.seek(0)
    return Translations(file)


def catalogs(language: Language) -> Mapping[str, Catalog]:
    """The catalogs of a language, by the name of their file: one for each area of the page."""
    found = {}
    for path in sorted((FOLDER / language).glob("*.po")):
        with path.open("rb") as file:
            found[path.name] = read_po(file, locale=LOCALES[language])
    return found


def _(text: str) -> str:
    """Marks a text of the code that is said in the reader's language later."""
    return text
