"""What those who put are given: the transaction, the source, what became of the bodies."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import TypeVar

import orjson

from genjin.domain.calendar import Calendar
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.sync import Misfit
from genjin.errors import Invalid
from genjin.service.directory import load
from genjin.store.transaction import Tx

T = TypeVar("T")


@dataclass
class Bringing:
    """A part of what an upstream told, on its way into one organisation.

    `sync_id` is the source. `captures` is whether answers of this same upstream were captured and imported here: what
    they brought is what it tells of by the same ids. The counters are by noun: `users`, `leads`, `activities`, ...
    """

    tx: Tx
    organisation_id: int
    sync_id: int
    now: int
    captures: bool = False
    new: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    unknown_keys: Counter[str] = field(default_factory=Counter)
    misfits: list[Misfit] = field(default_factory=list)

    @cached_property
    def directory(self) -> Directory:
        """All that is bound late, as it was when it was last asked for anew."""
        return load(self.tx, self.organisation_id)

    @property
    def calendar(self) -> Calendar:
        """By which the upstream's times are read: the organisation's."""
        return self.directory.calendar

    def forget_directory(self) -> None:
        """Something bound late was put."""
        self.__dict__.pop("directory", None)

    def count(self, noun: str, new: bool) -> None:
        """Put one that is new, or was changed, into the summary."""
        (self.new if new else self.changed)[noun] += 1

    def misfit(self, path: str, invalid: Invalid, raw: JsonValue) -> None:
        """Keep a body that could not be put."""
        where, texts = next(iter(invalid.errors.items()), ("", ["cannot be read"]))
        self.misfits.append(Misfit(f"{path}.{where}" if where else path, "; ".join(texts), raw))

    def read_each(self, noun: str, bodies: Sequence[JsonValue], read: Callable[[JsonValue], T]) -> Iterator[T]:
        """What `read` makes of each of these bodies; those of which it raises Invalid are misfits."""
        for place, body in enumerate(bodies):
            try:
                yield read(body)
            except Invalid as invalid:
                self.misfit(f"{noun}[{place}]", invalid, body)


def digest(*told: object) -> bytes:
    """What values are told apart by; sets as if they were sorted."""
    return blake2b(
        orjson.dumps(told, default=_plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS), digest_size=16
    ).digest()


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return list(value)
    raise TypeError(type(value).__name__)
