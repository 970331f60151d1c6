"""Signatures of what we hand out and want to know again: links to files, tickets for uploads."""

import hmac
import json
from base64 import urlsafe_b64encode


def sign(secret: bytes, purpose: str, *parts: str | int) -> str:
    """43 characters that only who knows the secret can make; another purpose or part makes another signature."""
    said = json.dumps([purpose, *parts], separators=(",", ":")).encode()
    return urlsafe_b64encode(hmac.digest(secret, said, "sha256")).decode().rstrip("=")


def is_signed(secret: bytes, signature: str, purpose: str, *parts: str | int) -> bool:
    """Whether the signature is that of these parts; takes as long for a wrong one."""
    return hmac.compare_digest(signature.encode(), sign(secret, purpose, *parts).encode())
