"""A file that somebody uploaded: a picture, a recording or anything else, and what it is attached to."""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from genjin.domain.records import RecordType, Ref

MAX_NAME = 255
"""Characters of a file's name."""
MAX_NOTE = 2_000
MAX_SUB_TYPE = 64
THUMBNAIL, MP3 = "thumb", "mp3"
"""The variants that a file may have beside itself: of a picture, and of a recording that no browser plays."""
NOT_PLAYED = frozenset({"audio/amr", "audio/3gpp", "audio/vnd.wave"})
"""Content types of recordings that no browser plays."""
PEAKS = 200
"""How many values a waveform has, each from 0 (silence) to 255."""


class FileKind(IntEnum):
    """The numbers are stored; never change one."""

    PICTURE = 1
    FILE = 2
    RECORDING = 3


class Holder(NamedTuple):
    """What a file is attached to: a record, by its RecordType, or an activity, by ACTIVITY."""

    type: int
    id: int

    @property
    def ref(self) -> Ref | None:
        """The record; None for an activity."""
        return None if self.type == ACTIVITY else Ref(RecordType(self.type), self.id)


ACTIVITY = 0
"""The type of a holder that is an entry of a timeline and no record. The number is stored."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as the organisation knows it. `size` is in bytes; `content_type` is what the bytes are, not what was told.

    `holder` is None while it is attached to nothing. `seconds` and `waveform` are None where there is nothing to
    hear, or where it could not be told.
    """

    id: int
    sha256: bytes
    name: str
    content_type: str
    size: int
    kind: FileKind
    uploaded_by: int
    uploaded_at: int
    seconds: int | None = None
    note: str = ""
    sub_type: str = ""
    holder: Holder | None = None
    attached_at: int | None = None
    waveform: bytes | None = None
    deleted_at: int | None = None

    @property
    def has_mp3(self) -> bool:
        """Whether the recording was converted; one that was too long to be heard to its end was not."""
        return self.content_type in NOT_PLAYED and self.waveform is not None


class Attached(NamedTuple):
    """The ids of the files that an entry shows, as they were sent: `mixed` are pictures or anything, `audios` voice
    notes and recordings.
    """

    mixed: tuple[int, ...] = ()
    files: tuple[int, ...] = ()
    audios: tuple[int, ...] = ()


NOTHING_ATTACHED = Attached()


@dataclass(frozen=True, slots=True)
class Upload:
    """What is told beside an upload's bytes. `name` is empty when nobody told one; `target` is what to attach it to."""

    name: str = ""
    note: str = ""
    sub_type: str = ""
    target: Ref | None = None


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file to attach, with what is said of it there; None leaves it as it is."""

    id: int
    note: str | None = None
    sub_type: str | None = None
