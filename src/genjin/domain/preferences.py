"""What somebody wants of the page for people: its language, time zone and theme."""

from typing import Literal, NamedTuple

from genjin.domain.calendar import is_zone

LANGUAGES = ("zh", "en")
THEMES = ("auto", "light", "dark")


class Preferences(NamedTuple):
    """`language` is one of LANGUAGES, or None for what the browser asks for; `time_zone` is of IANA, or None for that
    of the organisation; `theme` is one of THEMES.
    """

    language: Literal["zh", "en"] | None = None
    time_zone: str | None = None
    theme: str = "auto"


def errors_of(told: Preferences) -> dict[str, list[str]]:
    """What is wrong with them, by field."""
    errors: dict[str, list[str]] = {}
    if told.language not in (None, *LANGUAGES):
        errors["language"] = [f"须为以下之一:{'、'.join(LANGUAGES)}"]
    if told.time_zone is not None and not is_zone(told.time_zone):
        errors["time_zone"] = ["须为 IANA 时区,例如 Asia/Shanghai"]
    if told.theme not in THEMES:
        errors["theme"] = [f"须为以下之一:{'、'.join(THEMES)}"]
    return errors
