"""Signatures of webhooks, as https://www.standardwebhooks.com has them: who knows the secret can tell it was us."""

import hmac
from base64 import b64encode
from collections.abc import Iterable

SECRET_BYTES = 32
_PREFIX = "whsec_"


def shown_secret(secret: bytes) -> str:
    """`whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`, as libraries that verify take it."""
    return _PREFIX + b64encode(secret).decode()


def signatures(secrets: Iterable[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: one for each secret, with blanks between."""
    told = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    return " ".join(f"v1,{b64encode(hmac.digest(secret, told, 'sha256')).decode()}" for secret in secrets)
