"""Two roles of PostgreSQL, as docs/how-to/run-on-postgresql.md sets them up: one owns the tables, the other serves."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from genjin.demo import EXAMPLE
from tests.cli.running import CORP_ID, LOGIN, NO_TLS, ORGANISATION, PASSWORD, Genjin, serving
from tests.databases import as_role, new_postgres, new_role, postgres_programs


class Roles(NamedTuple):
    """The role that serves, and the URLs of one database for both roles."""

    role: str
    owner_url: str
    served_url: str


@pytest.fixture
def roles(postgres_server_url: str) -> Iterator[Roles]:
    """A new database without a schema. Its owner is no superuser."""
    with (
        new_role(postgres_server_url) as owner,
        new_role(postgres_server_url) as role,
        new_postgres(postgres_server_url, owner=owner) as url,
    ):
        yield Roles(role, as_role(url, owner), as_role(url, role))


@pytest.fixture
def founded(genjin: Genjin, roles: Roles) -> Roles:
    """The owner has founded an organisation and given rights to the role that serves."""
    given = ("--organisation", ORGANISATION, "--corp-id", CORP_ID, "--login", LOGIN, "--password", PASSWORD)
    for command in (("init", *given), ("db", "grant", roles.role), ("db", "grant", roles.role)):
        result = genjin(*command, GENJIN_DATABASE_URL=roles.owner_url)
        assert result.exit_code == 0, result.output
    return roles


def test_every_command_that_touches_data_works_for_the_role_that_serves(
    genjin: Genjin, founded: Roles, tmp_path: Path
) -> None:
    settings = {"GENJIN_DATABASE_URL": founded.served_url, "GENJIN_FILES_URL": f"file:{tmp_path}/files"}
    for command in (
        ("db", "status"),
        ("db", "upgrade"),
        ("init",),
        ("user", "add", "lan", "--department", "销售部"),
        ("user", "list"),
        ("token", "create", "lan"),
        ("token", "list"),
        ("role", "list"),
        ("organisation", "set", "--coordinates", "none"),
        ("field", "add", "lead", "预算"),
        ("pool", "list"),
        ("import", "capture", str(EXAMPLE)),
        ("import", "capture", str(EXAMPLE)),
        ("user", "list", "--organisation", "11300332"),
        ("jobs", "run"),
        ("unimplemented",),
        ("doctor", "--recount"),
    ):
        result = genjin(*command, **settings)
        assert result.exit_code == 0, (command, result.output)
    assert "E009\tok\t企业11300332" in result.stdout


def test_the_doctor_tells_whether_the_lock_is_on(genjin: Genjin, founded: Roles) -> None:
    def told(url: str) -> str:
        return next(line for line in genjin("doctor", GENJIN_DATABASE_URL=url).stdout.splitlines() if "W012" in line)

    assert f"W012\tok\trow level security holds {founded.role} to one organisation" in told(founded.served_url)
    assert "W012\tok\trow level security is off for" in told(founded.owner_url)
    assert genjin("import", "capture", str(EXAMPLE), GENJIN_DATABASE_URL=founded.owner_url).exit_code == 0
    assert "W012\tok" in told(founded.served_url)
    assert "W012\twarning\trow level security is off for" in told(founded.owner_url)
    assert "genjin db grant" in told(founded.owner_url)


def test_what_the_role_that_serves_may_not_is_told_in_a_line(genjin: Genjin, roles: Roles) -> None:
    served, owned = {"GENJIN_DATABASE_URL": roles.served_url}, {"GENJIN_DATABASE_URL": roles.owner_url}

    def refusal(*command: str) -> str:
        result = genjin(*command, **served)
        assert result.exit_code == 1, result.output
        assert "Traceback" not in result.output
        return result.output

    assert "permission denied for schema public" in refusal("init")
    assert genjin("db", "upgrade", **owned).exit_code == 0
    for command in (("db", "status"), ("user", "list"), ("doctor",), ("serve",)):
        assert "permission denied for table alembic_version" in refusal(*command)
    assert genjin("db", "grant", roles.role, **owned).exit_code == 0
    assert "who owns the tables, can grant rights" in refusal("db", "grant", roles.role)
    assert "there is no organisation yet" in refusal("user", "list")


def test_an_organisation_is_founded_by_the_role_that_serves_too(genjin: Genjin, roles: Roles) -> None:
    for command in (("db", "upgrade"), ("db", "grant", roles.role)):
        assert genjin(*command, GENJIN_DATABASE_URL=roles.owner_url).exit_code == 0
    founded = genjin("init", "--organisation", ORGANISATION, GENJIN_DATABASE_URL=roles.served_url)
    assert founded.exit_code == 0, founded.output
    again = genjin("init", "--organisation", "黄河物流", GENJIN_DATABASE_URL=roles.served_url)
    assert f"in use already: {ORGANISATION}" in again.stdout


@pytest.mark.across
def test_a_backup_is_restored_by_another_owner_who_gives_rights_anew(
    genjin: Genjin, founded: Roles, postgres_server_url: str, tmp_path: Path
) -> None:
    more = {"GENJIN_FILES_URL": f"file:{tmp_path}/files", "GENJIN_POSTGRES_PROGRAMS": postgres_programs()}
    made = genjin("backup", str(tmp_path / "backup"), GENJIN_DATABASE_URL=founded.owner_url, **more)
    assert made.exit_code == 0, made.output
    with new_role(postgres_server_url) as owner, new_postgres(postgres_server_url, owner=owner) as url:
        owned = {"GENJIN_DATABASE_URL": as_role(url, owner)} | more
        done = genjin("restore", str(tmp_path / "backup"), **owned)
        assert (done.exit_code, "genjin db grant" in done.stderr) == (0, True), done.output
        assert genjin("user", "list", GENJIN_DATABASE_URL=as_role(url, founded.role)).exit_code == 1
        assert genjin("db", "grant", founded.role, **owned).exit_code == 0
        assert LOGIN in genjin("user", "list", GENJIN_DATABASE_URL=as_role(url, founded.role)).stdout


def test_grant_needs_a_role_that_exists_and_postgresql(genjin: Genjin, founded: Roles) -> None:
    result = genjin("db", "grant", "nobody_here", GENJIN_DATABASE_URL=founded.owner_url)
    assert (result.exit_code, "no role 'nobody_here'" in result.output) == (1, True)
    result = genjin("db", "grant", "nobody_here")
    assert (result.exit_code, "SQLite has no roles" in result.output) == (1, True)


def test_a_server_answers_as_the_role_that_serves(founded: Roles, tmp_path: Path) -> None:
    with (
        serving(tmp_path, "serve", GENJIN_DATABASE_URL=founded.served_url) as server,
        httpx.Client(base_url=server.url, verify=NO_TLS) as client,
    ):
        login = {"login": LOGIN, "password": PASSWORD}
        token = client.post("/api/v2/auth/login", json=login).json()["data"]["user_token"]
        client.headers["Authorization"] = f"Token token={token}"
        lead_id = client.post("/api/v2/leads", json={"lead": {"name": "郑老师"}}).json()["data"]["id"]
        page = client.get(f"/api/v2/leads/{lead_id}/sales_activities").json()
        assert (page["code"], page["data"]["total_count"]) == (0, 1)
