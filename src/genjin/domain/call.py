"""A call: who was called, which way, for how long, and its recordings, which may arrive later."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from genjin.domain.attachment import Attached
from genjin.domain.json import JsonValue
from genjin.domain.records import RecordType, Ref


class Direction(IntEnum):
    """The numbers are stored; never change one."""

    UNKNOWN = 0
    OUTBOUND = 1
    INBOUND = 2


class Recording(NamedTuple):
    """One recording, stored as an array in this order. `mp3_url` is None when it is the same as `url`;
    `store` is the upstream's `oss_type`.
    """

    id: int
    url: str
    mp3_url: str | None
    seconds: int
    store: int | None = None
    converted: bool = False


@dataclass(frozen=True, slots=True)
class CallDetails:
    """The rare parts of a call's activity. `mode` is how it was placed (0 when not told, 13 by a middle number).

    `dial_type` is the word the dialler sent, such as `outgoing`. `recordings` lie elsewhere, those of `attached` were
    uploaded. `captured` is described in kinds.py.
    """

    direction: Direction = Direction.UNKNOWN
    mode: int = 0
    dial_type: str = ""
    recordings: tuple[Recording, ...] = ()
    attached: Attached | None = None
    captured: Mapping[str, JsonValue] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """What the telephone told of a call. `activity_id` is None until the call is over.

    `seconds` is the talk time. `number` is a telephone number: it is never logged.
    """

    id: int
    caller_id: int
    target: Ref
    number: str
    created_at: int
    updated_at: int
    external_id: str = ""
    name: str = ""
    name_type: str = ""
    number_type: str = ""
    dial_type: str = ""
    seconds: int = 0
    connected: bool = False
    activity_id: int | None = None


class Caller(NamedTuple):
    """Whom a telephone number belongs to; `company_name` is empty when it is not known."""

    ref: Ref
    name: str
    company_name: str


@dataclass(frozen=True, slots=True)
class CallFilter:
    """What a list of calls is asked for; None means anything. `span` is a half-open range of instants.

    `department_id` is the caller's department.
    """

    span: tuple[int, int] | None = None
    caller_id: int | None = None
    department_id: int | None = None
    target_type: RecordType | None = None
    target_id: int | None = None
    dial_type: str | None = None
    connected: bool | None = None


@dataclass(frozen=True, slots=True)
class CallReport:
    """What a telephone tells of a call, at its start or at its end; a field not in `given` is not told.

    `recordings` carry id 0 when they have none yet; `audio_ids` are recordings that were uploaded.
    """

    given: frozenset[str] = frozenset()
    target: Ref | None = None
    number: str = ""
    external_id: str = ""
    name: str = ""
    name_type: str = ""
    number_type: str = ""
    dial_type: str = ""
    mode: int = 0
    seconds: int = 0
    connected: bool = False
    recordings: tuple[Recording, ...] = ()
    audio_ids: tuple[int, ...] = ()
