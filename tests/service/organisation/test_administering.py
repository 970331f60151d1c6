"""Administering: only who may, never so that nobody may any more; the audit log has all of it, and no secret."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import pytest

from genjin.domain.attachment import FileKind, Upload
from genjin.domain.audit import Act, AuditFilter, AuditKey, Noted, acts_of
from genjin.domain.change import Change
from genjin.domain.custom_field import NewField
from genjin.domain.custom_kind import Definition
from genjin.domain.people import SYSTEM_ID, DataScope, Rights
from genjin.domain.pools import PoolInput
from genjin.domain.records import RecordType
from genjin.errors import Duplicate, Forbidden, GenjinError, Invalid, LoginFailed, NotFound, Unauthenticated
from genjin.service.audit import read_audit
from genjin.service.context import Installation, Session
from genjin.service.doctor import look
from genjin.service.files import uploads
from genjin.service.files.storage import KindStorage, read_storage
from genjin.service.organisation.custom_fields import add_field, change_field, enable_field
from genjin.service.organisation.custom_kinds import change_kind, define_kind
from genjin.service.organisation.departments import add_department, move_department, remove_department, set_managers
from genjin.service.organisation.leaving import leave
from genjin.service.organisation.options import add_option, rename_module, rename_option
from genjin.service.organisation.organisations import NewUser, add_user, set_approval
from genjin.service.organisation.people import UserChanges, change_user
from genjin.service.organisation.roles import add_role, change_rights, change_role, remove_role, set_scope
from genjin.service.organisation.signin import (
    authenticate,
    create_token,
    issue_token,
    list_tokens,
    revoke_token,
    set_password,
    sign_in,
)
from genjin.service.pools.settings import add_pool, set_pool
from genjin.service.queue.jobs import cancel_job, list_jobs, retry_job, submit
from genjin.service.timeline.recounting import RECOUNT
from genjin.service.webhooks.subscriptions import Told, change_webhook, create_webhook, remove_webhook, rotate_secret
from genjin.store import people
from genjin.wire.v1.webhook import read_filter
from tests import samples
from tests.world import (
    ADMIN,
    ALICE,
    BOB,
    CHARLIE,
    DORA,
    HOT,
    NOW,
    ORGANISATION,
    PARTNERS,
    PASSWORD,
    PHONES,
    SELLER,
    World,
)

SECRETS = ("s3cret-passw0rd", "https://hooks.example.com/T0P/S3CRET?key=hidden", PASSWORD)
HOOK = SECRETS[1]
Acting = Callable[[Installation, Session], object]


@dataclass(frozen=True)
class Done:
    """A use case of administration, the acts by which the log tells of it, and what it has to have before."""

    do: Acting
    acts: tuple[Act, ...]


NEW_USER = NewUser("fred", "Fred", SECRETS[0], role="销售", department="渠道部", phone="13400000099")
PAID = Definition("erp.paid", says_zh="付款", says_en="paid", schema={"type": "object"})
FIELD = NewField(RecordType.LEAD, "预算", "select", choices=("小", "大"))


def _changed_field(installation: Installation, session: Session) -> object:
    field = add_field(installation, session, FIELD)
    change_field(installation, session, field.name, replace(FIELD, label="预算额", choices=("少", "大", "更大")))
    return enable_field(installation, session, field.name, enabled=False)


def _department(installation: Installation, session: Session) -> object:
    made = add_department(installation, session, "新部", "公司")
    move_department(installation, session, str(made.id), new_name="新新部")
    set_managers(installation, session, str(made.id), ["bob"])
    return remove_department(installation, session, str(made.id))


def _role(installation: Installation, session: Session) -> object:
    made = add_role(installation, session, "外呼", "self", Rights(frozenset({"lead.note"})))
    change_role(installation, session, str(made.id), "外呼组", "department", Rights(phones_masked=True))
    set_scope(installation, session, "外呼组", "self")
    change_rights(installation, session, "外呼组", hide=["lead.note"])
    return remove_role(installation, session, "外呼组")


def _pool(installation: Installation, session: Session) -> object:
    pool = add_pool(installation, session, RecordType.LEAD, PoolInput({"name": "西区"}))
    return set_pool(installation, session, pool.id, PoolInput({"admin_ids": (BOB.id,)}, {"days": 30}))


def _job(installation: Installation, session: Session) -> object:
    job = submit(installation, session.organisation_id, RECOUNT.name)
    cancel_job(installation, session, job.id)
    retry_job(installation, session, job.id)
    return list_jobs(installation, session)


ADMINISTERING: Mapping[str, Done] = {
    "users": Done(lambda i, s: add_user(i, s, NEW_USER), (Act.USER_ADDED,)),
    "users change": Done(lambda i, s: change_user(i, s, ALICE.id, UserChanges(role="经理")), (Act.USER_CHANGED,)),
    "users leave": Done(lambda i, s: leave(i, s, CHARLIE.id, BOB.id), (Act.USER_LEFT,)),
    "passwords": Done(lambda i, s: set_password(i, s, "alice", SECRETS[0]), (Act.PASSWORD_SET,)),
    "departments": Done(_department, (Act.DEPARTMENT_ADDED, *(Act.DEPARTMENT_CHANGED,) * 2, Act.DEPARTMENT_REMOVED)),
    "roles": Done(_role, (Act.ROLE_ADDED, *(Act.ROLE_CHANGED,) * 3, Act.ROLE_REMOVED)),
    "modules": Done(lambda i, s: rename_module(i, s, "Lead", "潜客"), (Act.ORGANISATION_CHANGED,)),
    "approval": Done(lambda i, s: set_approval(i, s, {RecordType.CUSTOMER: True}), (Act.ORGANISATION_CHANGED,)),
    "options": Done(lambda i, s: add_option(i, s, "lead.status", "观望"), (Act.OPTION_ADDED,)),
    "options rename": Done(lambda i, s: rename_option(i, s, HOT.id, "特别重点"), (Act.OPTION_CHANGED,)),
    "fields": Done(_changed_field, (Act.FIELD_ADDED, Act.FIELD_CHANGED, Act.FIELD_CHANGED)),
    "kinds": Done(lambda i, s: define_kind(i, s, PAID), (Act.KIND_ADDED,)),
    "pools": Done(_pool, (Act.POOL_ADDED, Act.POOL_CHANGED)),
    "jobs": Done(_job, (Act.JOB_CANCELLED, Act.JOB_RETRIED)),
    "tokens of all": Done(lambda i, s: list_tokens(i, s, True, None, 9), ()),
    "storage": Done(read_storage, ()),
    "health": Done(look, ()),
    "the log": Done(lambda i, s: read_audit(i, s, AuditFilter(), 9), ()),
}


def _log(world: World, **asked: object) -> list[Noted]:
    """What the log has, the first act first."""
    wanted = AuditFilter(**asked)  # type: ignore[arg-type]
    return read_audit(world.installation, world.session("dora"), wanted, 200)[::-1]


def _since(world: World, before: list[Noted]) -> list[Noted]:
    return _log(world)[len(before) :]


def test_an_administrator_does_all_of_it_and_the_log_tells_each_act_without_a_secret(either: World) -> None:
    for name, case in ADMINISTERING.items():
        before = _log(either)
        case.do(either.installation, either.session("dora"))
        told = _since(either, before)
        assert tuple(noted.act for noted in told) == case.acts, name
        assert all((noted.actor_id, noted.at) == (DORA.id, NOW) for noted in told)
    kept = either.database.read(
        lambda tx: tx.rows("SELECT subject_name, changes FROM audit_log WHERE organisation_id = ?", (ORGANISATION.id,)),
        ORGANISATION.id,
    )
    assert not [secret for secret in SECRETS if secret in repr(kept)]


@pytest.mark.parametrize("name", ADMINISTERING)
def test_nobody_else_may_and_nothing_is_done(world: World, name: str) -> None:
    before = _log(world)
    for who in ("alice", "bob", "charlie"):
        with pytest.raises(Forbidden):
            ADMINISTERING[name].do(world.installation, world.session(who))
    assert _since(world, before) == []


def test_the_log_tells_what_was_before_and_after_with_names_as_they_were(either: World) -> None:
    given = UserChanges(name="Alicia", role="经理", department="-", phone="13400000098")
    change_user(either.installation, either.session("dora"), "alice", given)
    [noted] = _log(either, acts=frozenset({Act.USER_CHANGED}))
    assert (noted.subject.id, noted.subject.name) == (ALICE.id, "Alice")
    assert noted.changes == (
        Change("name", "Alice", "Alicia"),
        Change("phone", ALICE.phone, "13400000098"),
        Change("role", "销售", "经理"),
        Change("department", "电销组", ""),
    )
    change_user(either.installation, ORGANISATION.id, "alice", given)  # which changes nothing
    change_user(either.installation, ORGANISATION.id, "alice", UserChanges(job="经理"))
    assert [noted.actor_id for noted in _log(either, acts=acts_of("user"))] == [DORA.id, SYSTEM_ID]


def test_sign_ins_and_failed_ones_are_told_to_those_whose_they_are(either: World) -> None:
    sign_in(either.installation, "alice", PASSWORD, address="192.0.2.7", label="page")
    for login, password in (("alice", "wrong"), ("nobody", "wrong"), ("alice", "wrong"), ("eve", "wrong")):
        with pytest.raises(LoginFailed):
            sign_in(either.installation, login, password, address="192.0.2.9")
    told = [(noted.act, noted.actor_id, noted.subject.name) for noted in _log(either, acts=acts_of("sign_in"))]
    assert told == [
        (Act.SIGNED_IN, ALICE.id, "Alice"),
        (Act.SIGN_IN_FAILED, SYSTEM_ID, "Alice"),
        (Act.SIGN_IN_FAILED, SYSTEM_ID, "Alice"),
    ]
    assert _log(either)[-1].changes == (Change("address", None, "192.0.2.9"),)
    eves = read_audit(either.installation, either.session("eve"), AuditFilter(), 9)
    assert [noted.subject.name for noted in eves if noted.act is Act.SIGN_IN_FAILED] == ["Eve"]


def test_a_page_begins_where_the_one_before_ended_whatever_is_asked_for(either: World) -> None:
    for nth in range(7):
        either.clock.at += nth % 2
        add_option(either.installation, either.session("dora"), "lead.source", f"来源{nth}")
        set_approval(either.installation, ORGANISATION.id, {RecordType.CUSTOMER: nth % 2 == 0})
    dora = either.session("dora")
    for wanted in (
        AuditFilter(),
        AuditFilter(DORA.id),
        AuditFilter(acts=acts_of("option")),
        AuditFilter(since=NOW + 2),
    ):
        whole = read_audit(either.installation, dora, wanted, 200)
        found, after = list[Noted](), None
        while page := read_audit(either.installation, dora, wanted, 2, after):
            found += page
            after = AuditKey(page[-1].at, page[-1].id)
        assert found == whole == sorted(whole, key=lambda noted: (noted.at, noted.id), reverse=True)
        assert len(whole) >= 4


WAYS_OUT: Mapping[str, Acting] = {
    "role": lambda i, s: change_user(i, s, "dora", UserChanges(role="销售")),
    "scope": lambda i, s: set_scope(i, s, "管理员", "self"),
    "role changed": lambda i, s: change_role(i, s, "管理员", "管理员", "department"),
    "leaving": lambda i, s: leave(i, s, DORA.id, BOB.id),
}


@pytest.mark.parametrize("way", WAYS_OUT)
def test_nobody_takes_the_last_administrator_away(either: World, way: str) -> None:
    for by in (either.session("dora"), None):
        if by is None and way == "leaving":
            continue
        with pytest.raises(Forbidden, match="管理员"):
            WAYS_OUT[way](either.installation, by or ORGANISATION.id)  # type: ignore[arg-type]
    assert either.session("dora").viewer.scope is DataScope.ALL
    either.change(replace(BOB, role_id=ADMIN.id))
    if way.startswith("role"):
        change_user(either.installation, either.session("bob"), "dora", UserChanges(role="销售"))
        with pytest.raises(Forbidden, match="管理员"):
            change_user(either.installation, either.session("bob"), "bob", UserChanges(role="销售"))


def test_two_administrators_cannot_take_each_other_away_at_once(either: World) -> None:
    either.change(replace(BOB, role_id=ADMIN.id))
    dora, bob, both = either.session("dora"), either.session("bob"), threading.Barrier(2)

    def take(by: Session, whom: str) -> None:
        both.wait()
        with suppress(Forbidden):
            change_user(either.installation, by, whom, UserChanges(role="销售"))

    threads = [threading.Thread(target=take, args=told) for told in ((dora, "bob"), (bob, "dora"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    roles = sorted(either.session(name).viewer.scope is DataScope.ALL for name in ("bob", "dora"))
    assert roles == [False, True]


def test_only_what_is_empty_goes(either: World) -> None:
    installation, dora = either.installation, either.session("dora")
    for name in ("公司", "电销组"):
        with pytest.raises(Invalid) as refusal:
            remove_department(installation, dora, name)
        assert refusal.value.errors.keys() == {"department"}
    with pytest.raises(Invalid, match="somebody"):
        remove_role(installation, dora, "销售")
    either.change(replace(CHARLIE, department_id=PHONES.id))
    add_pool(
        installation, dora, RecordType.LEAD, PoolInput({"name": "西区", "open_to_all": False, "department_ids": (13,)})
    )
    with pytest.raises(Invalid, match="pool"):
        remove_department(installation, dora, "渠道部")
    made = add_department(installation, dora, "空部")
    remove_department(installation, dora, str(made.id))
    with pytest.raises(NotFound):
        remove_department(installation, dora, "空部")


def test_a_department_whose_records_others_still_hold_stays(either: World) -> None:
    with either.client("charlie") as charlie:
        charlie.post("/api/v2/leads", json={"lead": {"name": "郑老师"}})
    either.change(replace(CHARLIE, department_id=PHONES.id))
    with pytest.raises(Invalid, match="records"):
        remove_department(either.installation, either.session("dora"), PARTNERS.name)


def test_what_is_wrong_with_a_user_is_told_by_field(world: World) -> None:
    installation, dora = world.installation, world.session("dora")
    for given, field in (
        (replace(NEW_USER, login="a b", name=" "), "login"),
        (replace(NEW_USER, password=""), "password"),
        (replace(NEW_USER, login="alice"), "login"),
        (replace(NEW_USER, phone=ALICE.phone), "phone"),
    ):
        with pytest.raises((Invalid, Duplicate)) as refusal:
            add_user(installation, dora, given)
        error = refusal.value
        assert field in (error.errors if isinstance(error, Invalid) else [getattr(error, "field", "")])
    fred = add_user(installation, dora, replace(NEW_USER, role=str(SELLER.id), department=str(PARTNERS.id)))
    assert (fred.role_id, fred.department_id) == (SELLER.id, PARTNERS.id)
    assert sign_in(installation, "fred", SECRETS[0]).user.id == fred.id
    for login in ("alice", "", "x y", "x" * 129):
        with pytest.raises((Invalid, Duplicate)):
            change_user(installation, dora, fred.id, UserChanges(login=login))


def test_everybody_keeps_their_own_tokens_and_administrators_all(either: World) -> None:
    installation = either.installation
    token = issue_token(installation, either.session("alice"), "报表")
    assert authenticate(installation, token).viewer.user_id == ALICE.id
    [newest, *_] = list_tokens(installation, either.session("alice"), False, None, 9)
    assert (newest.label, newest.user_id) == ("报表", ALICE.id)
    assert {row.user_id for row in list_tokens(installation, either.session("alice"), False, None, 9)} == {ALICE.id}
    assert {row.user_id for row in list_tokens(installation, either.session("dora"), True, None, 9)} > {ALICE.id}
    assert list_tokens(installation, either.session("dora"), True, newest.id, 1)[0].id < newest.id
    for stranger in ("bob", "eve"):
        with pytest.raises(NotFound):
            revoke_token(installation, either.session(stranger), newest.id)
    revoke_token(installation, either.session("alice"), newest.id)
    with pytest.raises(Unauthenticated):
        authenticate(installation, token)
    with pytest.raises(NotFound):
        revoke_token(installation, either.session("dora"), newest.id)
    other = create_token(installation, ORGANISATION.id, "alice", "x")
    [newest, *_] = list_tokens(installation, either.session("alice"), False, None, 1)
    revoke_token(installation, either.session("dora"), newest.id)
    with pytest.raises(Unauthenticated):
        authenticate(installation, other)
    told = [(noted.act.value, noted.actor_id) for noted in _log(either, acts=acts_of("token"))][-4:]
    assert told == [
        ("token.issued", ALICE.id),
        ("token.revoked", ALICE.id),
        ("token.issued", SYSTEM_ID),
        ("token.revoked", DORA.id),
    ]
    assert token not in repr(_log(either))
    for label in ("", " ", "x" * 101):
        with pytest.raises(Invalid):
            issue_token(installation, either.session("alice"), label)


def test_webhooks_are_told_by_who_keeps_them_and_where_they_lead_only_by_host(either: World) -> None:
    installation, alice = either.installation, either.session("alice")
    view = create_webhook(installation, alice, Told(HOOK), read_filter)
    change_webhook(installation, alice, view.webhook.id, Told(HOOK + "2", is_on=False), read_filter)
    rotated = rotate_secret(installation, alice, view.webhook.id, 60)
    remove_webhook(installation, either.session("dora"), view.webhook.id)
    told = _log(either, acts=acts_of("webhook"))
    assert [(noted.act, noted.actor_id) for noted in told] == [
        (Act.WEBHOOK_ADDED, ALICE.id),
        (Act.WEBHOOK_CHANGED, ALICE.id),
        (Act.WEBHOOK_CHANGED, ALICE.id),
        (Act.WEBHOOK_REMOVED, DORA.id),
    ]
    assert {noted.subject.name for noted in told} == {"hooks.example.com"}
    assert {change.field for change in told[1].changes} == {"url_hash", "on"}
    shown = repr(told)
    assert not [secret for secret in ("S3CRET", "hidden", rotated.webhook.secret.hex()) if secret in shown]


def test_an_act_that_fails_is_not_told_and_one_that_is_told_was_done(either: World) -> None:
    before = _log(either)
    dora = either.session("dora")
    for fails in (
        lambda: add_department(either.installation, dora, "公司"),
        lambda: change_user(either.installation, dora, "alice", UserChanges(name="x", phone=BOB.phone)),
        lambda: add_option(either.installation, dora, "lead.status", "新建"),
        lambda: change_kind(either.installation, dora, "erp.none", lambda told: told),
    ):
        with pytest.raises(GenjinError):
            fails()
    assert _since(either, before) == []
    assert either.database.read(lambda tx: people.find_user(tx, 1, ALICE.id), 1) == ALICE


def test_storage_and_health_are_of_the_own_organisation(either: World) -> None:
    for who, data in (
        ("alice", samples.PDF),
        ("charlie", samples.PDF),
        ("alice", samples.picture()),
        ("eve", b"hidden"),
    ):
        with uploads.arriving(either.installation) as arriving:
            arriving.write(data)
            uploads.keep(either.installation, either.session(who), arriving, Upload(name="x"))
    told = read_storage(either.installation, either.session("dora"))
    pdf, picture = len(samples.PDF), len(samples.picture())
    assert told.kinds == (KindStorage(FileKind.PICTURE, 1, picture), KindStorage(FileKind.FILE, 2, 2 * pdf))
    assert told.database_bytes > 100_000
    found = look(either.installation, either.session("dora"))
    assert {finding.id for finding in found} == {"E008", "W010", "W016"}
    assert all(ORGANISATION.name in finding.found for finding in found)
