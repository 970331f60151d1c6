"""Password hashes: argon2id with the parameters OWASP recommends (19 MiB, 2 passes, 1 lane)."""

import secrets
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_at_once = threading.BoundedSemaphore(4)


def hash_password(password: str) -> str:
    """The hash to store, with its own salt and parameters."""
    with _at_once:
        return _hasher.hash(password)


def made_up_password() -> str:
    """A password to begin with, for who has none yet: 96 random bits."""
    return secrets.token_urlsafe(12)


def is_password(stored: str | None, password: str) -> bool:
    """Whether the password is right. Where nothing is stored it works as long, and says no."""
    with _at_once:
        try:
            _hasher.verify(stored or _nobodys(), password)
            return stored is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")
