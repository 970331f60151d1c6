"""Links to files: who has one may read the file without a token until it expires. Made and read here only."""

from dataclasses import dataclass
from urllib.parse import quote

from genjin.domain.attachment import MP3, THUMBNAIL, Attachment
from genjin.domain.signatures import is_signed, sign
from genjin.errors import Forbidden, NotFound
from genjin.wire.params import Params, text
from genjin.wire.scalars import id_or_none, integer

VARIANTS = ("", THUMBNAIL, MP3)
HOUR = 3600
_PURPOSE = "file"


@dataclass(frozen=True, slots=True)
class FileLinks:
    """Makes the links of one organisation's files for one answer.

    Equal ones make equal links: an answer that is kept and given again depends on this value.
    """

    secret: bytes
    base_url: str
    organisation_id: int
    expires_at: int

    def url(self, file: Attachment, variant: str = "") -> str:
        """The address of a file, or of a variant of it."""
        signature = sign(self.secret, _PURPOSE, self.organisation_id, file.id, variant, self.expires_at)
        name = quote(file.name.replace("/", "_"), safe="") if file.name.strip(".") else "file"
        return (
            f"{self.base_url}/files/{file.id}/{name}?organisation={self.organisation_id}&expires={self.expires_at}"
            + (f"&variant={variant}" if variant else "")
            + f"&signature={signature}"
        )


@dataclass(frozen=True, slots=True)
class AskedFile:
    """What a link that is right leads to. `download_name` is empty unless the asker wants the file saved under it."""

    organisation_id: int
    file_id: int
    variant: str
    download_name: str


def expiry(now: int, hours: int) -> int:
    """When the links of an answer end: at least so many hours from now, and the same for all within an hour."""
    return (now // HOUR + 1 + hours) * HOUR


def asked_file(secret: bytes, file_id: str, query: Params, now: int) -> AskedFile:
    """Read a link. Raises Forbidden for one that is not ours or has expired; NotFound for what cannot be a file."""
    organisation_id, id_ = id_or_none(query.get("organisation")), id_or_none(file_id)
    if id_ is None:
        raise NotFound(f"no file {file_id}")
    variant, expires_at = text(query, "variant"), integer(query.get("expires"))
    if organisation_id is None or expires_at is None or variant not in VARIANTS:
        raise Forbidden("链接无效")
    if not is_signed(secret, text(query, "signature"), _PURPOSE, organisation_id, id_, variant, expires_at):
        raise Forbidden("链接无效")
    if expires_at <= now:
        raise Forbidden("链接已过期")
    return AskedFile(organisation_id, id_, variant, text(query, "attname"))
