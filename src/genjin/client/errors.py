"""What goes wrong with a call.

ClientError
├── NotReached            there was no answer; `maybe_done` says whether the server may have carried the call out
├── Unexpected            an answer that is not one of the contract; `raw` is its body
└── Refused               an answer that says no, with `status`, `code`, `message`, `errors` by field
    ├── NotSignedIn       no token, a dead one, or a wrong password
    ├── NotAllowed        not this person's to do
    ├── NotThere          missing, or not seen
    ├── Wrong             the input breaks a rule
    ├── InTheWay          it is there already, or has changed since
    ├── TooOften          more calls than may be made
    └── Busy              the server cannot serve for now
"""

from collections.abc import Mapping, Sequence

from genjin.errors import GenjinError


class ClientError(GenjinError):
    """The base of the tree."""


class NotReached(ClientError):
    """The connection was refused or cut, or nothing came for too long."""

    def __init__(self, message: str, maybe_done: bool) -> None:
        super().__init__(message)
        self.maybe_done = maybe_done


class Unexpected(ClientError):
    """What came is not what the contract says; `raw` is the beginning of it, `why` what is wrong with it."""

    def __init__(self, status: int, raw: bytes, why: str) -> None:
        super().__init__(f"HTTP {status}: {why}")
        self.status, self.raw, self.why = status, raw, why


class Refused(ClientError):
    """`code` is a number of the contract, or a word of /api/v1; `retry_after` is in seconds, None where untold."""

    def __init__(
        self,
        status: int,
        code: int | str,
        message: str,
        errors: Mapping[str, Sequence[str]] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message = status, code, message
        self.errors = {field: list(texts) for field, texts in (errors or {}).items()}
        self.retry_after = retry_after


class NotSignedIn(Refused):
    """There is no token, it is dead, or the password is wrong."""


class NotAllowed(Refused):
    """It is seen, and not this person's to do."""


class NotThere(Refused):
    """It is missing, or this person may not see it."""


class Wrong(Refused):
    """The input breaks a rule; `errors` says which."""


class InTheWay(Refused):
    """It is there already, is being done, or has changed since it was read."""


class TooOften(Refused):
    """More calls than may be made."""


class Busy(Refused):
    """The server cannot serve for now."""
