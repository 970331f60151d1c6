"""The operator's commands on users, departments and roles; what they change is seen by the next request."""

import pytest

from genjin.domain.directory import Directory
from genjin.domain.people import DataScope, Rights
from genjin.errors import Unauthenticated
from genjin.service.context import Installation
from genjin.service.organisation.signin import authenticate, create_token, sign_in
from tests.cli.running import LOGIN, PASSWORD, Genjin


@pytest.fixture
def token(genjin: Genjin, installation: Installation) -> str:
    """A token of wang's, whom the administrator leads and who sells."""
    for login in ("wang", "li"):
        assert genjin("user", "add", login, "--password", "x").exit_code == 0
    return sign_in(installation, "wang", "x").token


def _seen(installation: Installation) -> Directory:
    return authenticate(installation, sign_in(installation, LOGIN, PASSWORD).token).directory


def _done(genjin: Genjin, *arguments: str) -> str:
    result = genjin(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_departments_are_added_listed_as_a_tree_and_moved(genjin: Genjin, installation: Installation) -> None:
    _done(genjin, "department", "add", "公司")
    _done(genjin, "department", "add", "销售部", "--parent", "公司")
    _done(genjin, "department", "add", "电销组", "--parent", "销售部")
    _done(genjin, "department", "managers", "销售部", LOGIN)
    rows = [line.split("\t")[1:] for line in _done(genjin, "department", "list").splitlines()[1:]]
    assert rows == [["公司", "", ""], ["销售部", "公司", LOGIN], ["电销组", "销售部", ""]]
    _done(genjin, "department", "move", "电销组", "--parent", "-", "--rename", "外呼组")
    directory = _seen(installation)
    assert [(each.name, directory.depth(each.id)) for each in directory.tree()] == [
        ("公司", 1),
        ("销售部", 2),
        ("外呼组", 1),
    ]
    _done(genjin, "department", "managers", "销售部")
    assert all(each.managers == () for each in _seen(installation).departments.values())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "销售部"), "there is a department '销售部' there already"),
        (("add", " "), "name: is empty"),
        (("add", "x", "--parent", "没有"), "no department '没有'"),
        (("move", "公司", "--parent", "销售部"), "parent: '销售部' is '公司' or lies below it"),
        (("move", "公司", "--parent", "公司"), "parent: '公司' is '公司' or lies below it"),
        (("managers", "公司", "nobody"), "no user 'nobody'"),
    ],
)
def test_what_would_break_the_tree_is_refused(genjin: Genjin, arguments: tuple[str, ...], told: str) -> None:
    _done(genjin, "department", "add", "公司")
    _done(genjin, "department", "add", "销售部", "--parent", "公司")
    _done(genjin, "department", "move", "销售部", "--parent", "-")
    _done(genjin, "department", "move", "销售部", "--parent", "公司")
    if arguments == ("add", "销售部"):
        arguments = (*arguments, "--parent", "公司")
    result = genjin("department", *arguments)
    assert (result.exit_code, result.stderr) == (1, f"{told}\n")


def test_a_changed_user_is_seen_by_the_next_request(genjin: Genjin, installation: Installation, token: str) -> None:
    before = authenticate(installation, token)
    _done(genjin, "department", "add", "销售部")
    _done(
        genjin,
        *("user", "set", "wang", "--name", "王雪", "--role", "部门主管", "--department", "销售部"),
        *("--superior", LOGIN, "--gender", "female", "--job", "经理", "--phone", "13400000007"),
    )
    after = authenticate(installation, token)
    assert (before.viewer.scope, after.viewer.scope) == (DataScope.SELF, DataScope.DEPARTMENT_AND_BELOW)
    user = after.directory.users[after.viewer.user_id]
    superior = after.directory.users[user.superior_id or 0]
    assert (user.name, user.gender, superior.login, user.job) == ("王雪", "female", LOGIN, "经理")
    assert after.directory.department_name(user.department_id) == "销售部"
    _done(genjin, "user", "set", "wang", "--department", "-", "--superior", "-", "--gender", "-")
    user = authenticate(installation, token).directory.users[user.id]
    assert (user.department_id, user.superior_id, user.gender, user.name) == (None, None, None, "王雪")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nobody", "--name", "x"), "no user 'nobody'"),
        (("wang", "--role", "皇帝"), "no role '皇帝'"),
        (("wang", "--department", "没有"), "no department '没有'"),
        (("wang", "--superior", "wang"), "superior: wang reports to wang"),
        (("wang", "--superior", "li"), "superior: li reports to wang"),
        (("wang", "--gender", "x"), "gender: 'x' is neither of male, female"),
        (("wang", "--name", ""), "name: is empty"),
    ],
)
def test_a_user_who_cannot_be_so_is_refused(genjin: Genjin, token: str, arguments: tuple[str, ...], told: str) -> None:
    _done(genjin, "user", "set", "li", "--superior", "wang")
    result = genjin("user", "set", *arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith(told)


def test_a_role_is_added_listed_and_changed_for_its_holders_at_once(
    genjin: Genjin, installation: Installation, token: str
) -> None:
    _done(genjin, "role", "add", "外呼", "self")
    _done(genjin, "user", "set", "wang", "--role", "外呼")
    _done(genjin, "role", "scope", "外呼", "department")
    assert authenticate(installation, token).viewer.scope is DataScope.DEPARTMENT
    _done(genjin, *("role", "rights", "外呼", "--hide", "customer.note", "--hide", "lead.address.email"))
    _done(genjin, *("role", "rights", "外呼", "--read-only", "lead.source", "--mask-phones"))
    hidden = frozenset({"customer.note", "lead.address.email"})
    assert authenticate(installation, token).viewer.rights == Rights(hidden, frozenset({"lead.source"}), True)
    listed = _done(genjin, "role", "list")
    assert "外呼\tdepartment\tcustomer.note, lead.address.email\tlead.source\tmasked\t1" in listed
    _done(genjin, *("role", "rights", "外呼", "--free", "lead.source", "--free", "customer.note", "--show-phones"))
    assert authenticate(installation, token).viewer.rights == Rights(frozenset({"lead.address.email"}))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "销售", "self"), "there is a role '销售' already"),
        (("add", "x", "everything"), "scope: 'everything' is none of self, department, department_and_below, all"),
        (("scope", "皇帝", "self"), "no role '皇帝'; there are: 管理员, 部门主管, 销售"),
        (("rights", "销售", "--hide", "customer.nothing"), "customer.nothing: there is no such field"),
        (("rights", "销售", "--hide", "note"), "note: there is no such field"),
        (("rights", "销售", "--hide", "customer.name"), "customer.name: cannot be hidden"),
    ],
)
def test_a_role_that_cannot_be_so_is_refused(genjin: Genjin, arguments: tuple[str, ...], told: str) -> None:
    result = genjin("role", *arguments)
    assert (result.exit_code, result.stderr) == (1, f"{told}\n")


def test_who_leaves_has_no_token_any_more(genjin: Genjin, installation: Installation, token: str) -> None:
    told = _done(genjin, "user", "leave", "wang", "--to", "li")
    assert told == "wang has left. Handed over: 0 owned, 0 worked on.\n"
    with pytest.raises(Unauthenticated):
        authenticate(installation, token)
    assert "wang (left)" in _done(genjin, "user", "list")
    refused = genjin("user", "leave", "li", "--to", "wang")
    assert refused.exit_code == 1
    assert create_token(installation, _seen(installation).organisation.id, "li", "x")
