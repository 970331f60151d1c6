"""What arrives: an upload is examined, its bytes are kept, and only then it is known; and tickets, which let one in."""

import dataclasses
import re
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple

import orjson

from genjin.domain.attachment import MAX_NAME, Attachment, FileChange, FileKind, Holder, Upload
from genjin.domain.signatures import is_signed, sign
from genjin.errors import Invalid, NotFound, Unauthenticated
from genjin.service.context import Installation, Session, session_of
from genjin.service.files.files import check_words
from genjin.service.files.media import Media, examine
from genjin.service.files.media_types import UNKNOWN
from genjin.service.visibility import locked
from genjin.store import files, ids
from genjin.store.blob_files import Arriving
from genjin.store.transaction import Tx

TICKET_SECONDS = 3600
UNNAMED = "未命名"
_PURPOSE = "upload"
_PATH = re.compile(r".*[/\\]", re.DOTALL)


class Origin(NamedTuple):
    """What a file from elsewhere is: its id, when it was uploaded there, and what it is attached to. `seconds` is how
    long it sounds as it was told there, None where it was not.
    """

    id: int
    at: int
    holder: Holder
    seconds: int | None = None


def arriving(installation: Installation) -> AbstractContextManager[Arriving]:
    """Where to write an upload while it comes; what was not kept in the end is gone. Raises StoreUnavailable."""
    return installation.blobs.arriving()


def keep(installation: Installation, session: Session, upload: Arriving, told: Upload) -> Attachment:
    """Keep what has arrived; its bytes are durable before anybody sees it. With a target it is attached to that record.

    Raises Invalid for an empty file or words that are too long; NotFound and Forbidden for the target;
    StoreUnavailable.
    """

    def attached(tx: Tx, file: Attachment) -> Attachment:
        if told.target is None:
            return file
        locked(tx, session, told.target)
        holder = Holder(int(told.target.type), told.target.id)
        return dataclasses.replace(file, holder=holder, attached_at=file.uploaded_at)

    return _keep(installation, session.organisation_id, session.viewer.user_id, upload, told, None, attached)


def keep_as(
    installation: Installation,
    organisation_id: int,
    uploaded_by: int,
    upload: Arriving,
    told: Upload,
    origin: Origin,
) -> Attachment:
    """Keep what has arrived from elsewhere, as what it is there. Raises Invalid, StoreUnavailable."""

    def attached(_tx: Tx, file: Attachment) -> Attachment:
        seconds = file.seconds if origin.seconds is None else origin.seconds
        return dataclasses.replace(file, holder=origin.holder, attached_at=origin.at, seconds=seconds)

    return _keep(installation, organisation_id, uploaded_by, upload, told, origin, attached)


def _keep(
    installation: Installation,
    organisation_id: int,
    uploaded_by: int,
    upload: Arriving,
    told: Upload,
    origin: Origin | None,
    attached: Callable[[Tx, Attachment], Attachment],
) -> Attachment:
    check_words([FileChange(0, told.note, told.sub_type)])
    if upload.size == 0:
        raise Invalid({"file": ["文件是空的"]})
    told = dataclasses.replace(told, name=clean_name(told.name))
    announced = _announce(installation, organisation_id, uploaded_by, upload, told, origin)
    variant = upload.path.with_suffix(".variant")
    try:
        media = examine(upload.path, told.name, variant)
        if media.variant:
            installation.blobs.put(organisation_id, announced.sha256, variant, media.variant)
        installation.blobs.put(organisation_id, announced.sha256, upload.path)
    finally:
        variant.unlink(missing_ok=True)
    return _confirm(installation, organisation_id, announced, media, attached)


def clean_name(name: str) -> str:
    """The last part of a path, without what a terminal, a header or a file system trips over; never empty."""
    name = _PATH.sub("", name)
    name = "".join(each for each in name if unicodedata.category(each) not in ("Cc", "Cs", "Zl", "Zp")).strip()
    if not name.strip("."):
        return UNNAMED
    stem, dot, extension = name.rpartition(".")
    if len(name) > MAX_NAME and dot and len(extension) < 20:
        return stem[: MAX_NAME - len(extension) - 1] + dot + extension
    return name[:MAX_NAME]


def issue_ticket(installation: Installation, session: Session) -> str:
    """A ticket that lets its bearer upload as the viewer, for an hour, and do nothing else."""
    said = (session.organisation_id, session.viewer.user_id, installation.clock.now() + TICKET_SECONDS)
    packed = urlsafe_b64encode(orjson.dumps(said)).decode().rstrip("=")
    return f"{packed}.{sign(installation.secret, _PURPOSE, *said)}"


def session_of_ticket(installation: Installation, ticket: str) -> Session:
    """Who may upload by this ticket. Raises Unauthenticated."""
    packed, _, signature = ticket.partition(".")
    try:
        organisation_id, user_id, until = map(int, orjson.loads(urlsafe_b64decode(packed + "=" * (-len(packed) % 4))))
    except (ValueError, TypeError) as error:
        raise Unauthenticated("no such ticket") from error
    if not is_signed(installation.secret, signature, _PURPOSE, organisation_id, user_id, until):
        raise Unauthenticated("no such ticket")
    if until <= installation.clock.now():
        raise Unauthenticated("the ticket has expired")

    def use(tx: Tx) -> Session:
        try:
            directory = installation.directories.latest(tx, organisation_id)
        except NotFound as error:
            raise Unauthenticated("the organisation is gone") from error
        return session_of(directory, user_id)

    return installation.database.read(use, organisation_id)


def _announce(
    installation: Installation,
    organisation_id: int,
    uploaded_by: int,
    upload: Arriving,
    told: Upload,
    origin: Origin | None,
) -> Attachment:
    """Tell that these bytes come, as a file that is deleted still: should they never be confirmed, a sweep finds them,
    and no sweep lets go of equal ones from now on.
    """
    sha256, now = upload.finish(), installation.clock.now()

    def use(tx: Tx) -> Attachment:
        file = Attachment(
            id=ids.allocate(tx)[0] if origin is None else origin.id,
            sha256=sha256,
            name=told.name,
            content_type=UNKNOWN,
            size=upload.size,
            kind=FileKind.FILE,
            uploaded_by=uploaded_by,
            uploaded_at=now if origin is None else origin.at,
            note=told.note,
            sub_type=told.sub_type,
            deleted_at=now,
        )
        files.announce(tx, organisation_id, file)
        return file

    return installation.database.write(use, organisation_id)


def _confirm(
    installation: Installation,
    organisation_id: int,
    announced: Attachment,
    media: Media,
    attached: Callable[[Tx, Attachment], Attachment],
) -> Attachment:
    file = dataclasses.replace(
        announced,
        content_type=media.content_type,
        kind=media.kind,
        seconds=media.seconds,
        waveform=media.waveform,
        deleted_at=None,
    )

    def use(tx: Tx) -> Attachment:
        known = attached(tx, file)
        files.put(tx, organisation_id, known)
        return known

    return installation.database.write(use, organisation_id)
