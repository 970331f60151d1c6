"""Every error that Genjin raises on purpose. Knows nothing of codes, HTTP or databases.

GenjinError
├── Unauthenticated            no token, or a dead one
├── LoginFailed                wrong login or password
│   └── OrganisationRequired   the login belongs to several organisations
├── TooManyRequests            try again after `retry_after` seconds
├── NotFound                   missing or not visible; the two look the same
├── RouteNotFound              no such route, or no such entity type
├── Forbidden                  visible, but not yours to change
├── Invalid                    the input breaks a rule; `errors` says which, by field
│   ├── Malformed              it cannot be read at all
│   │   └── BadCursor          no place in this list that we told of
│   ├── TooLarge               more than may be sent
│   ├── WrongMediaType         not JSON, where JSON is asked for
│   └── KeyReused              the Idempotency-Key of another request
├── Duplicate                  it exists already
├── CursorGone                 what came behind a cursor is kept no longer
├── InFlight                   the request is being carried out already
├── Stale                      it has changed since the caller read it
├── StoreUnavailable           it cannot be done for now; try again after `retry_after` seconds
│   ├── Overloaded             too much waits already, or it took too long
│   ├── DiskFull               there is no room to write
│   ├── SchemaMissing          no Genjin schema in it yet
│   ├── SchemaTooOld           needs `genjin db upgrade`
│   ├── SchemaTooNew           written by a newer Genjin
│   └── ReplicaRefused         a replica that is not one of this database
├── BackupRefused              a backup that cannot be made, or not be used
├── ImportRefused              a file that cannot be imported; `problems` says where and why
└── BadSettings                a setting that cannot be used
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class GenjinError(Exception):
    """The base of the tree."""


class Unauthenticated(GenjinError):
    """There is no token, or it is unknown, expired or revoked."""


class LoginFailed(GenjinError):
    """No such login, or not its password; which of the two is never told."""


class OrganisationRequired(LoginFailed):
    """The password is right for several organisations; name one by its corp_id."""

    def __init__(self, organisations: Sequence[tuple[str, str]]) -> None:
        super().__init__("corp_id required")
        self.organisations = tuple(organisations)


class TooManyRequests(GenjinError):
    """Refused for now; `retry_after` is in whole seconds, at least 1."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = max(1, retry_after)


class NotFound(GenjinError):
    """The object is missing, deleted, or the viewer may not see it."""


class RouteNotFound(GenjinError):
    """The URL or its entity type is not one that we serve."""


class Forbidden(GenjinError):
    """The viewer sees the object, but may not do this to it."""


class Invalid(GenjinError):
    """`errors` maps a field's path to what is wrong with it, in words for its writer."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__("; ".join(f"{field}: {', '.join(texts)}" for field, texts in errors.items()))
        self.errors = {field: list(texts) for field, texts in errors.items()}


class Malformed(Invalid):
    """The input cannot be read, whatever it was meant to say."""


class BadCursor(Malformed):
    """A cursor that was not made here, or for another list."""


class TooLarge(Invalid):
    """The input is larger than the settings allow."""


class WrongMediaType(Invalid):
    """The body is not what its route takes."""


class KeyReused(Invalid):
    """The caller's key was given with another request before."""


class Duplicate(GenjinError):
    """It exists already and may exist only once; `field` says by what, where it was given by fields."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


class CursorGone(GenjinError):
    """What came behind a cursor of the changes is kept no longer; everything has to be fetched anew."""


class InFlight(GenjinError):
    """The first request with this key has not been answered yet."""


class Stale(GenjinError):
    """It has changed since the caller read it, who wants it changed only as it was then."""


class StoreUnavailable(GenjinError):
    """The database, or what files lie in, cannot be reached, or cannot do this for now. `retry_after` is in seconds."""

    retry_after = 5


class Overloaded(StoreUnavailable):
    """Too much is asked for at once, or what was asked took too long; the text is for the caller. Nothing was done."""


class DiskFull(StoreUnavailable):
    """There is no room to write on the disk of `what`; reading goes on. Nothing was done."""

    retry_after = 60

    def __init__(self, what: str) -> None:
        super().__init__(f"the disk of {what} is full: nothing can be written until there is room, and reading goes on")


class SchemaMissing(StoreUnavailable):
    """The database holds no Genjin schema."""


class SchemaTooOld(StoreUnavailable):
    """The database's schema is older than this program."""


class SchemaTooNew(StoreUnavailable):
    """The database's schema was written by a newer Genjin."""


class ReplicaRefused(StoreUnavailable):
    """A setting names a replica that is not one of this database."""


class BackupRefused(GenjinError):
    """A backup cannot be made, or is not one that can be restored here; the message says why."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that an importer could not read: file, line (from 1) and path inside the line."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.path or '$'}: {self.message}"


class ImportRefused(GenjinError):
    """Nothing was imported."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problem(s)")
        self.problems = tuple(problems)


class BadSettings(GenjinError):
    """A setting that cannot be used; the message has the setting's name and a hint."""
