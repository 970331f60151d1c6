"""Passwords, as a server hashes them."""

import re

import pytest

from genjin.service.organisation import passwords
from tests.passwords import REAL


@pytest.fixture
def as_a_server_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", REAL)


@pytest.mark.usefixtures("as_a_server_does")
def test_a_hash_has_the_parameters_that_owasp_recommends_and_a_salt_of_its_own() -> None:
    made = [passwords.hash_password("correct horse") for _ in range(2)]
    assert all(re.fullmatch(r"\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}", each) for each in made)
    assert made[0] != made[1]
    assert passwords.is_password(made[0], "correct horse")
    assert not passwords.is_password(made[0], "correct horse ")
    assert not passwords.is_password(None, "the password of nobody")
