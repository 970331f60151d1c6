"""The operator's commands: init, user, token."""

import os
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from genjin.demo import EXAMPLE
from genjin.domain.people import DataScope
from genjin.errors import LoginFailed, Unauthenticated
from genjin.service.context import Installation
from genjin.service.organisation.organisations import people_of, pick_organisation
from genjin.service.organisation.signin import authenticate, sign_in
from genjin.service.unserved import note_unserved
from genjin.store.tables import metadata
from genjin.store.transaction import Tx
from tests.cli.running import CORP_ID, GENJIN, LOGIN, ORGANISATION, PASSWORD, SLOWEST, Genjin, environment

OURS = f"{ORGANISATION} ({CORP_ID})"


def test_init_founds_an_organisation_whose_administrator_signs_in_and_sees_everything(
    installation: Installation,
) -> None:
    session = sign_in(installation, LOGIN, PASSWORD, CORP_ID).session
    directory = session.directory
    assert (directory.organisation.name, directory.organisation.time_zone) == (ORGANISATION, "Asia/Shanghai")
    assert session.viewer.scope is DataScope.ALL
    scopes = {role.name: role.scope.value for role in directory.roles.values()}
    assert scopes == {"管理员": "all", "部门主管": "department_and_below", "销售": "self"}
    labels = [option.label for option in directory.choices("follow_up.category")]
    assert labels == ["电话", "微信", "上门拜访", "短信", "邮件", "其他"]
    for field in ("lead.source", "lead.status", "customer.source", "customer.status", "customer.industry"):
        assert directory.choices(field)


def test_init_without_answers_takes_defaults_and_shows_the_password_it_made_up(genjin: Genjin, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/other/new.db"
    result = genjin("init", GENJIN_DATABASE_URL=url)
    assert result.exit_code == 0, result.output
    assert "corp_id gj" in result.stdout
    password = result.stdout.partition("Password: ")[2].split()[0]
    assert len(password) >= 12
    assert genjin("doctor", GENJIN_DATABASE_URL=url).exit_code == 0


def test_init_twice_says_so_and_changes_nothing(genjin: Genjin, installation: Installation) -> None:
    before = _everything(installation)
    result = genjin("init", "--organisation", "黄河物流", "--login", "other", "--password", "something else")
    assert result.exit_code == 0
    assert f"in use already: {OURS}. Nothing was changed." in result.stdout
    assert _everything(installation) == before


def test_init_refuses_a_time_zone_that_there_is_not(genjin: Genjin, tmp_path: Path) -> None:
    result = genjin("init", "--time-zone", "Mars/Olympus", GENJIN_DATABASE_URL=f"sqlite:///{tmp_path}/new.db")
    assert result.exit_code == 1
    assert "time_zone: 'Mars/Olympus' is no IANA time zone" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_init_asks_at_a_terminal_and_does_not_show_what_is_typed_as_password(tmp_path: Path) -> None:
    settings = environment({"GENJIN_DATABASE_URL": f"sqlite:///{tmp_path}/asked.db"})
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [*GENJIN, "init"], stdin=theirs, stdout=theirs, stderr=theirs, env=settings, start_new_session=True
    )
    os.close(theirs)
    try:
        shown = ""
        for question, reply in (
            ("Organisation", "珠江电器"),
            ("Login", ""),
            ("Password", "typed in secret"),
            ("Once more", "typed in secret"),
        ):
            shown += _read_until(ours, question)
            if reply == "typed in secret":
                _wait_until_silent(ours)
            os.write(ours, f"{reply}\n".encode())
        shown += _read_until(ours, "Start the server")
        assert process.wait(SLOWEST) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert "Founded 珠江电器" in shown
    assert "signs in as admin" in shown
    assert "typed in secret" not in shown


def test_a_user_who_was_added_signs_in_and_is_listed_with_a_masked_phone(
    genjin: Genjin, installation: Installation
) -> None:
    result = genjin(
        *("user", "add", "wangxue", "--name", "王雪", "--role", "部门主管", "--department", "上海销售部"),
        *("--parent", "销售中心", "--phone", "13400000007", "--job", "客户经理", "--password", "pass7"),
    )
    assert result.exit_code == 0, result.output
    assert "Added 王雪" in result.stdout
    assert "pass7" not in result.output
    by_phone = sign_in(installation, "13400000007", "pass7")
    assert by_phone.user.login == "wangxue"
    directory = by_phone.session.directory
    assert directory.department_name(by_phone.user.department_id) == "上海销售部"
    parent_id = directory.departments[by_phone.user.department_id or 0].parent_id
    assert directory.department_name(parent_id) == "销售中心"
    listed = genjin("user", "list")
    assert "wangxue\t王雪\t134****0007\t部门主管 (department_and_below)\t上海销售部" in listed.stdout
    assert "13400000007" not in listed.output
    assert "$argon2" not in listed.output


def test_a_running_worker_sees_who_was_added(genjin: Genjin, installation: Installation) -> None:
    token = sign_in(installation, LOGIN, PASSWORD).token
    before = authenticate(installation, token).directory
    assert genjin("user", "add", "later", "--password", "x").exit_code == 0
    after = authenticate(installation, token).directory
    assert {user.login for user in after.users.values()} - {user.login for user in before.users.values()} == {"later"}


def test_a_department_that_exists_is_used_again(genjin: Genjin, installation: Installation) -> None:
    for login in ("one", "two"):
        assert (
            genjin("user", "add", login, "--department", "电销组", "--parent", "销售部", "--password", "x").exit_code
            == 0
        )
    directory = people_of(installation, pick_organisation(installation).id)
    assert sorted(department.name for department in directory.departments.values()) == ["电销组", "销售部"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("admin", "--password", "x"), "there is a user with the login 'admin' already"),
        (("two words", "--password", "x"), "login: is empty, has blanks"),
        (("new", "--password", "x", "--role", "皇帝"), "no role '皇帝'; there are: 管理员, 部门主管, 销售"),
        (("new", "--password", "x" * 1025), "password: "),
    ],
)
def test_a_user_who_cannot_be_added_is_refused_in_one_line(
    genjin: Genjin, installation: Installation, arguments: tuple[str, ...], told: str
) -> None:
    before = _everything(installation)
    result = genjin("user", "add", *arguments)
    assert result.exit_code == 1
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert _everything(installation) == before


def test_a_new_password_replaces_the_old_one_and_revokes_the_tokens(genjin: Genjin, installation: Installation) -> None:
    token = sign_in(installation, LOGIN, PASSWORD).token
    assert genjin("user", "password", LOGIN, "--password", "a new one").exit_code == 0
    with pytest.raises(Unauthenticated):
        authenticate(installation, token)
    with pytest.raises(LoginFailed):
        sign_in(installation, LOGIN, PASSWORD)
    assert sign_in(installation, LOGIN, "a new one").user.login == LOGIN


def test_a_token_is_printed_once_listed_without_itself_and_dead_once_revoked(
    genjin: Genjin, installation: Installation
) -> None:
    created = genjin("token", "create", LOGIN, "--label", "night sync")
    token = created.stdout.strip()
    assert authenticate(installation, token).viewer.scope is DataScope.ALL
    listed = genjin("token", "list").stdout.splitlines()
    assert listed[0].split("\t") == ["id", "login", "label", "created", "expires", "state"]
    id_, login, label, *_, state = listed[1].split("\t")
    assert (login, label, state) == (LOGIN, "night sync", "live")
    assert token not in "".join(listed)
    assert genjin("token", "revoke", id_).exit_code == 0
    with pytest.raises(Unauthenticated):
        authenticate(installation, token)
    assert genjin("token", "list").stdout.splitlines()[1].endswith("revoked")
    again = genjin("token", "revoke", id_)
    assert (again.exit_code, again.stderr) == (1, f"no live token {id_}\n")


def test_where_there_are_several_organisations_one_has_to_be_named(genjin: Genjin) -> None:
    assert genjin("import", "capture", str(EXAMPLE)).exit_code == 0
    refused = genjin("user", "list")
    assert refused.exit_code == 1
    assert OURS in refused.stderr
    assert "小兰" in genjin("user", "list", "--organisation", "11300332").stdout
    assert LOGIN in genjin("user", "list", "--organisation", CORP_ID).stdout
    assert genjin("user", "list", "--organisation", "nobody's").exit_code == 1


def test_a_command_on_a_missing_database_says_what_to_do_and_makes_no_file(genjin: Genjin, tmp_path: Path) -> None:
    result = genjin("user", "list", GENJIN_DATABASE_URL=f"sqlite:///{tmp_path}/missing.db")
    assert result.exit_code == 1
    assert "run `genjin init`" in result.stderr
    assert not (tmp_path / "missing.db").exists()


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("GENJIN_LOG_LEVEL", "loud", "GENJIN_LOG_LEVEL"),
        ("GENJIN_DATABASE_URL", "mysql://somebody:secret@host/db", "GENJIN_DATABASE_URL"),
        ("GENJIN_DATABASE_URL", "postgresql://somebody:secret@host:port/db", "GENJIN_DATABASE_URL"),
    ],
)
def test_a_wrong_setting_is_named_without_a_traceback_or_a_password(
    genjin: Genjin, setting: str, value: str, told: str
) -> None:
    for command in (("user", "list"), ("serve",)):
        result = genjin(*command, **{setting: value})
        assert result.exit_code == 1
        assert told in result.stderr
        assert "Traceback" not in result.stderr
        assert "secret" not in result.stderr


def test_help_and_commands_for_daily_use_are_quick_because_they_load_neither_the_database_nor_the_server() -> None:
    server = {"alembic", "argon2", "av", "fastapi", "PIL", "psycopg", "sqlalchemy", "starlette", "structlog", "uvicorn"}
    loaded = "print(*sys.modules, file=sys.stderr);"
    program = f"import sys, genjin.cli; {loaded} import genjin.client; {loaded}"
    ran = subprocess.run([sys.executable, "-c", program], check=True, timeout=60, capture_output=True, text=True)
    for_help, for_daily_use = (set(line.split()) for line in ran.stderr.splitlines())
    assert for_help & {*server, "httpx", "pydantic"} == set()
    assert for_daily_use & server == set()


def test_help_lists_every_command(genjin: Genjin) -> None:
    shown = genjin("--help").stdout
    for command in ("init", "serve", "demo", "doctor", "user", "token", "db", "import"):
        assert f"  {command} " in shown
    assert genjin("--version").stdout.startswith("genjin ")


def _read_until(terminal: int, wanted: str) -> str:
    """What a terminal shows, up to and with the text that is waited for."""
    shown = b""
    while wanted.encode() not in shown:
        assert select.select([terminal], [], [], SLOWEST)[0], shown
        shown += os.read(terminal, 4096)
    return shown.decode(errors="replace")


def _wait_until_silent(terminal: int) -> None:
    """Until the terminal does not show any more what is typed; the question comes a moment before."""
    import termios  # which Windows does not have

    until = time.monotonic() + SLOWEST
    while termios.tcgetattr(terminal)[3] & termios.ECHO:
        assert time.monotonic() < until
        time.sleep(0.01)


def _everything(installation: Installation) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""

    def use(tx: Tx) -> dict[str, list[tuple[object, ...]]]:
        return {name: tx.rows(f"SELECT * FROM {name}", ()) for name in metadata.tables}

    return installation.database.read(use)


def test_unimplemented_lists_what_was_asked_for(genjin: Genjin, installation: Installation) -> None:
    assert "Nothing was asked for" in genjin("unimplemented").output
    token = sign_in(installation, LOGIN, PASSWORD, CORP_ID).token
    assert note_unserved(installation, token, "GET", "/api/v2/expenses/17")
    assert not note_unserved(installation, "0" * 48, "GET", "/api/v2/strangers")
    lines = genjin("unimplemented").output.splitlines()
    assert lines[0].split("\t") == ["method", "path", "calls", "first", "last"]
    assert [line.split("\t")[:3] for line in lines[1:]] == [["GET", "/api/v2/expenses/:id", "1"]]
