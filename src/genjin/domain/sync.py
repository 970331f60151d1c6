"""Bringing history from another server of the contract: what is known of it, and of each thing that it has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from genjin.domain.json import JsonValue

LEASE_SECONDS = 120
"""A run that has not told of itself for so long is taken for dead, and another may go on."""


@dataclass(frozen=True, slots=True)
class Sync:
    """A server that history is brought from. `source` is its address and the organisation there; a run has it by the
    name of its `lease`, until `leased_until`. `began_at` and `ended_at` are of the last run; it has no end until it is
    finished.
    """

    id: int
    source: str
    began_at: int | None = None
    ended_at: int | None = None
    lease: str | None = None
    leased_until: int | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """What is brought as a whole: a list such as `leads`, or a record with its timeline, such as `leads/123`, by its id
    there.

    `listed_at` is when its list showed it last, `listed` a digest of how; `due_at` when it became known that its
    timeline has to be read, None when it has been; `read_at` when that was, `total` how many entries it had. `state`
    is for whoever reads it.
    """

    name: str
    listed_at: int | None = None
    listed: bytes | None = None
    due_at: int | None = None
    read_at: int | None = None
    total: int | None = None
    state: Mapping[str, JsonValue] = field(default_factory=dict)


class Misfit(NamedTuple):
    """What came and could not be taken in: where it stood, such as `users[12]`, why, and all of it as it came."""

    path: str
    why: str
    raw: JsonValue
