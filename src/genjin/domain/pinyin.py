"""The pinyin of a name, as records carry it: lower case, no blanks, no tone marks."""

from functools import lru_cache

_AS_IT_IS = "\0"
"""Stands before what has no pinyin; no name has one."""


def pinyin_of(name: str | None) -> str:
    """`郑老师` -> `zhenglaoshi`; other scripts stay as they are, lower-cased."""
    if not name:
        return ""
    if name.isascii():
        return "".join(name.lower().split())
    return _spelled(name)[0]


def initials_of(name: str | None) -> str:
    """`郑老师` -> `zls`; empty for what has no Chinese."""
    return "" if not name or name.isascii() else _spelled(name)[1]


@lru_cache(maxsize=10_000)
def _spelled(name: str) -> tuple[str, str]:
    """Both, which are found together. Who types a name asks for the same ones again and again."""
    # The dictionary takes a second and 30 MB to load, so it is loaded by the first Chinese name written.
    from pypinyin import lazy_pinyin

    parts = lazy_pinyin(name, errors=lambda run: _AS_IT_IS + run)
    whole = "".join(part.removeprefix(_AS_IT_IS) for part in parts)
    initials = "".join(part[:1] for part in parts if not part.startswith(_AS_IT_IS))
    return "".join(whole.lower().split()), initials.lower()
