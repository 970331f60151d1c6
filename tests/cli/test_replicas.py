"""Replicas as who runs a server meets them: the settings, the doctor, and real workers."""

from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url

from tests.cli.running import CORP_ID, LOGIN, NO_TLS, ORGANISATION, PASSWORD, Genjin, serving
from tests.standby import Pair

ROUNDS = 6


@pytest.fixture
def settings(genjin: Genjin, pair: Pair, pair_url: str, tmp_path: Path) -> dict[str, str]:
    """Those of a server with a replica; an organisation is founded."""
    settings = {"GENJIN_DATABASE_URL": pair_url, "GENJIN_FILES_URL": f"file:{tmp_path}/files"}
    given = ("--organisation", ORGANISATION, "--corp-id", CORP_ID, "--login", LOGIN, "--password", PASSWORD)
    result = genjin("init", *given, **settings)
    assert result.exit_code == 0, result.output
    pair.catch_up()
    return settings | {"GENJIN_REPLICA_URLS": pair.on_standby(pair_url)}


def test_the_doctor_tells_how_each_replica_is(genjin: Genjin, pair: Pair, settings: dict[str, str]) -> None:
    found = genjin("doctor", **settings)
    assert found.exit_code == 0, found.output
    name = f"{make_url(settings['GENJIN_DATABASE_URL']).database}"
    [line] = [line for line in found.stdout.splitlines() if line.startswith("W014")]
    assert line.startswith(f"W014\tok\tthe replica {make_url(pair.standby_url).query['host']}/{name} is used; it is ")
    nobody = "postgresql://reader:s3cr3t@127.0.0.1:9/none"
    found = genjin("doctor", **settings | {"GENJIN_REPLICA_URLS": f"{settings['GENJIN_REPLICA_URLS']} {nobody}"})
    assert found.exit_code == 0, found.output
    assert "W014\twarning\tthe replica 127.0.0.1:9/none is left out: " in found.stdout
    assert "s3cr3t" not in found.output


def test_what_is_no_replica_is_told_by_the_doctor_and_keeps_a_server_from_starting(
    genjin: Genjin, settings: dict[str, str], postgres_url: str
) -> None:
    wrong = settings | {"GENJIN_REPLICA_URLS": postgres_url}
    found = genjin("doctor", **wrong)
    assert found.exit_code == 1
    assert "E013\terror\tGENJIN_REPLICA_URLS: " in found.stdout
    started = genjin("serve", **wrong)
    assert started.exit_code == 1
    assert "GENJIN_REPLICA_URLS: " in started.output
    assert "another installation of PostgreSQL" in started.output


def test_two_workers_show_what_either_has_written_while_the_replica_stands_still_and_after(
    pair: Pair, settings: dict[str, str], tmp_path: Path
) -> None:
    with serving(tmp_path, "serve", "--workers", "2", **settings) as server, pair.paused():
        _write_and_read(server.url, "站着")
        pair.resume()
        _write_and_read(server.url, "跟上")
        pair.kill()
        try:
            _write_and_read(server.url, "不在")
        finally:
            pair.start()
        log = server.err
    assert '"level":"error"' not in log.replace(" ", "")
    assert "replica_left_out" in log


def _write_and_read(url: str, name: str) -> None:
    """Each request is a connection of its own, which either worker takes."""
    with httpx.Client(
        base_url=url, limits=httpx.Limits(max_keepalive_connections=0), trust_env=False, verify=NO_TLS
    ) as client:
        given = {"login": LOGIN, "password": PASSWORD}
        token = client.post("/api/v2/auth/login", json=given).json()["data"]["user_token"]
        client.headers["Authorization"] = f"Token token={token}"
        for nth in range(ROUNDS):
            lead_id = client.post("/api/v2/leads", json={"lead": {"name": f"{name}{nth}"}}).json()["data"]["id"]
            for path in (f"/api/v2/leads/{lead_id}", "/api/v2/leads", f"/api/v2/leads/{lead_id}/sales_activities"):
                told = client.get(path).json()
                assert told["code"] == 0, told
                assert f"{name}{nth}" in str(told)
