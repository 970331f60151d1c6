"""When two records are alike: of the same name, or with a telephone number in common. Leads are compared with leads and
customers with customers, which are the types that are merged; contacts only where they are imported.
"""

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from unicodedata import normalize

from genjin.domain.phones import phones_of
from genjin.domain.records import Record

MAX_KEY = 255


@dataclass(frozen=True, slots=True)
class Traits:
    """By what records are compared: `name` is a `name_key`, empty for none; `numbers` are those of `phones_of`."""

    name: str = ""
    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Concealed:
    """A record of the name that was asked for, which the viewer may not see: only that it is there, and whose it is."""

    owner_id: int | None


def name_key(name: str) -> str:
    """Names are the same when their keys are: capitals, full and half width, and blanks that say nothing do not matter.

    At most 255 characters, the key of a longer name being its hash; empty for a name of blanks.
    """
    folded = " ".join(normalize("NFKC", normalize("NFKC", name).casefold()).split())
    return folded if len(folded) <= MAX_KEY else sha256(folded.encode()).hexdigest()


def contact_marks(customer_id: int, name: str, numbers: Collection[str]) -> frozenset[str]:
    """By what contacts are compared: those of one customer and of one `name_key` are the same if they have a number in
    common, or neither has any.
    """
    return frozenset(f"{customer_id} {number} {name}" for number in numbers or ("",))


def told_anew(after: Record, before: Record | None, number_fields: Collection[str]) -> Traits:
    """By what a record is to be compared: all that it says or, where it was there before, what it did not say then."""
    name, numbers = name_key(after.name), phones_of(after, number_fields)
    if before is not None:
        name = "" if name == name_key(before.name) else name
        numbers -= phones_of(before, number_fields)
    return Traits(name, numbers)
