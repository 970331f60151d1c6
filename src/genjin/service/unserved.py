"""Remembers what clients ask for that is not served, so that the gaps of the API are found in real traffic."""

import re
from typing import NamedTuple

from genjin.domain.calendar import calendar_of
from genjin.errors import GenjinError
from genjin.service.context import Installation
from genjin.service.organisation.signin import authenticate
from genjin.store import unserved

MOST_PATHS = 1_000
"""Different paths that are remembered."""
MAX_PATH, MAX_METHOD = 255, 16
_NAME, _NUMBER = re.compile(r"|[A-Za-z][\w.-]{0,39}", re.ASCII), re.compile(r"\d+", re.ASCII)


class Unserved(NamedTuple):
    """A method and path that is not served, how often it was asked for, and when: local, to the minute."""

    method: str
    path: str
    calls: int
    first: str
    last: str


def note_unserved(installation: Installation, token: str, method: str, path: str) -> bool:
    """Count a call of a path that is not served; of strangers, who may ask for anything, nothing is kept."""
    now = installation.clock.now()
    asked = method[:MAX_METHOD], pattern_of(path)
    try:
        authenticate(installation, token)
        installation.database.write(lambda tx: unserved.count(tx, *asked, now, MOST_PATHS), organisation_id=None)
    except GenjinError:
        return False
    return True


def list_unserved(installation: Installation, time_zone: str = "Asia/Shanghai") -> list[Unserved]:
    """What was asked for and is not served, the most frequent first."""
    minute = calendar_of(time_zone).minute
    found = installation.database.read(unserved.counted, organisation_id=None)
    return [Unserved(method, path, calls, minute(first), minute(last)) for method, path, calls, first, last in found]


def pattern_of(path: str) -> str:
    """`/api/v2/leads/17/take` -> `/api/v2/leads/:id/take`; a word that is no name is left out, for its sake."""
    words = [
        word if _NAME.fullmatch(word) else ":id" if _NUMBER.fullmatch(word) else ":word" for word in path.split("/")
    ]
    return "/".join(words)[:MAX_PATH]
