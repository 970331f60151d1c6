"""Wrong settings are explained, and what they hold of secrets is not repeated."""

import pytest

from genjin.errors import BadSettings
from genjin.settings import load_settings, parse_rate, parse_urls


def test_each_wrong_setting_is_named_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENJIN_RATE_LIMIT", "ten a second")
    monkeypatch.setenv("GENJIN_HTTP_ERRORS", "teapot")
    with pytest.raises(BadSettings) as refused:
        load_settings()

    text = str(refused.value)
    assert "GENJIN_RATE_LIMIT" in text
    assert "10/10s" in text
    assert "GENJIN_HTTP_ERRORS" in text
    assert "'teapot'" in text


def test_the_password_of_a_database_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENJIN_DATABASE_URL", "mysql://genjin:s3cr3t@db/genjin")
    with pytest.raises(BadSettings) as refused:
        load_settings()

    assert "mysql://genjin:***@db/genjin" in str(refused.value)
    assert "s3cr3t" not in str(refused.value)


@pytest.mark.parametrize("text", ["0/10s", "10/0s", "10", "10/10", "-1/10s", "１０/10s0"])
def test_a_rate_that_cannot_be_kept_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("GENJIN_RATE_LIMIT", text)
    with pytest.raises(BadSettings):
        load_settings()


def test_a_rate_is_calls_in_seconds() -> None:
    assert parse_rate("10/10s") == (10, 10)
    assert parse_rate("") is None


def test_replicas_are_urls_of_postgresql_with_blanks_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENJIN_DATABASE_URL", "postgresql://a@b/c")
    monkeypatch.setenv("GENJIN_REPLICA_URLS", " postgresql://a:p@x/c  postgres://a:p@y/c ")
    assert parse_urls(load_settings().replica_urls) == ("postgresql://a:p@x/c", "postgres://a:p@y/c")
    monkeypatch.setenv("GENJIN_REPLICA_URLS", "postgresql://a:s3cr3t@x/c,mysql://a:s3cr3t@y/c mysql://a:s3cr3t@z/c")
    with pytest.raises(BadSettings) as refused:
        load_settings()
    assert "GENJIN_REPLICA_URLS" in str(refused.value)
    assert "s3cr3t" not in str(refused.value)


def test_sqlite_has_no_replicas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENJIN_DATABASE_URL", "sqlite:///x.db")
    monkeypatch.setenv("GENJIN_REPLICA_URLS", "postgresql://a@x/c")
    with pytest.raises(BadSettings, match="SQLite has no replicas"):
        load_settings()
