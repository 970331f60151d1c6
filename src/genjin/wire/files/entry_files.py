"""The files of an entry in its four lists: all attachments, the pictures, the other files, what there is to hear."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from genjin.domain.attachment import NOTHING_ATTACHED, Attached, Attachment, FileKind
from genjin.domain.calendar import Calendar
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.wire.files.file import Url, attachment_item, audio_item, hidden

DEFAULT_IMAGE = "/static/attachment_no_permission.svg"
_NOWHERE = hidden("")


@dataclass(frozen=True, slots=True)
class FilesShown:
    """The files of an answer's entries by their ids, and how to make their addresses."""

    files: Mapping[int, Attachment] = field(default_factory=dict)
    url: Url = _NOWHERE

    def find(self, ids: Iterable[int]) -> list[Attachment]:
        """Those that are still there."""
        return [self.files[id_] for id_ in ids if id_ in self.files]


NO_FILES = FilesShown()


def files_shown(
    files: Mapping[int, Attachment], concealed: frozenset[int], url: Url, directory: Directory
) -> FilesShown:
    """What an answer shows; a concealed file has the address of the default image instead of its own."""
    instead = hidden(directory.organisation.default_image_url or DEFAULT_IMAGE)
    return FilesShown(files, lambda file, variant: (instead if file.id in concealed else url)(file, variant))


def files_to_wire(
    attached: Attached, beside: FilesShown, owner: tuple[str, int], calendar: Calendar
) -> dict[str, JsonValue]:
    """`attachments` has all but what was sent as a voice note; of those `image_attachments` the pictures that were not
    sent as files, and `attachment_files` the rest.
    """
    mixed, files = beside.find(attached.mixed), beside.find(attached.files)

    def items(some: Iterable[Attachment]) -> list[JsonValue]:
        return [attachment_item(file, owner, beside.url, calendar) for file in some]

    return {
        "attachments": items([*mixed, *files]),
        "image_attachments": items(file for file in mixed if file.kind is FileKind.PICTURE),
        "attachment_files": items([*(file for file in mixed if file.kind is not FileKind.PICTURE), *files]),
        "audios": audios_to_wire(attached.audios, beside),
    }


def audios_to_wire(ids: Iterable[int], beside: FilesShown) -> list[JsonValue]:
    """What was uploaded to be heard, as elements of `audios`."""
    return [audio_item(file, beside.url) for file in beside.find(ids)]


def attached_in(rare: Mapping[str, JsonValue]) -> Attached:
    """The files of an entry's details as they lie in the store."""
    told = rare.get("attached")
    return Attached(*map(tuple, told)) if isinstance(told, list) else NOTHING_ATTACHED
