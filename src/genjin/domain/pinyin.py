"""The pinyin of a name, as records carry it: lower case, no blanks, no tone marks."""

from functools import lru_cache


@lru_cache(maxsize=10_000)
def pinyin_of(name: str | None) -> str:
    """`郑老师` -> `zhenglaoshi`; other scripts stay as they are, lower-cased."""
    if not name:
        return ""
    if name.isascii():
        return "".join(name.lower().split())
    # The dictionary takes a second and 30 MB to load, so it is loaded by the first Chinese name written.
    from pypinyin import lazy_pinyin

    return "".join("".join(lazy_pinyin(name)).lower().split())


@lru_cache(maxsize=10_000)
def initials_of(name: str | None) -> str:
    """`郑老师` -> `zls`; empty for what has no Chinese. Who types a name asks for the same ones again and again."""
    if not name or name.isascii():
        return ""
    from pypinyin import Style, lazy_pinyin

    initials = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors="ignore"))
    return initials.lower()
