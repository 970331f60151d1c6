"""Forms as they are shown again: with all that was typed, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import NamedTuple

from genjin.domain.attachment import Attachment
from genjin.domain.people import User
from genjin.web.calling import Posted

NOTHING = Posted({}, {})


class Uploaded(NamedTuple):
    """A file of a form: the field that names it, and where its small picture is, if it is one."""

    field: str
    file: Attachment
    thumbnail: str


def new_key() -> str:
    """By which a form is known, so that it is carried out once."""
    return token_urlsafe(16)


@dataclass(frozen=True)
class Typed:
    """A form: what was typed, what is wrong with it by field, its files and mentioned colleagues, and its key."""

    form: Posted = NOTHING
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    uploads: Sequence[Uploaded] = ()
    mentioned: Sequence[User] = ()
    key: str = field(default_factory=new_key)
