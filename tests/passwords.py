"""Passwords of the tests are hashed with less work than those of people, which takes a thirtieth of a second each."""

from argon2 import PasswordHasher

from genjin.service.organisation import passwords

REAL = passwords._hasher
"""What a server hashes with."""


def hash_quickly() -> None:
    """From here on, in this process; a hash tells how it was made, so that every server knows it."""
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
