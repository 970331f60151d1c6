"""What the made-up team earns: opportunities of its customers, stage by stage, and contracts that come of some."""

from collections.abc import Sequence
from random import Random

from genjin.demo import cast
from genjin.demo.history import Case
from genjin.demo.stage import Stage, Story
from genjin.domain.approval import Act
from genjin.domain.people import User
from genjin.domain.records import RecordInput, RecordType, Ref
from genjin.service.records.approvals import move_approval
from genjin.service.records.records import create_record, update_record

DEALS = 9
_GOODS = ("会议平板", "云考勤", "智能门禁", "访客系统", "无线投屏", "会议室预约")
_STAGES = ("初步接洽", "需求确定", "方案/报价", "谈判/合同", "赢单")
_LOST = "输单"


def stories(stage: Stage, cases: Sequence[Case], approvers: dict[int, User], rng: Random) -> list[Story]:
    """Deals with some of the customers that have long been there, each by its owner. `approvers` are by owner."""
    begun = stage.ago(50, "18:30")
    old = [case for case in cases if case.ref.type is RecordType.CUSTOMER and case.since < begun]
    return [
        _deal(stage, case, approvers[case.owner.id], number, rng) for number, case in enumerate(rng.sample(old, DEALS))
    ]


def _deal(stage: Stage, case: Case, approver: User, number: int, rng: Random) -> Story:
    """A contact is met, and an opportunity comes as far as it comes: won with a contract, lost, or still open."""
    login, times = case.owner.login or "", _times(stage, rng, 8)
    yield next(times)
    stage.act(login, create_record, RecordType.CONTACT, _contact(stage, case, number, rng))
    yield next(times)
    units, goods = rng.randint(2, 20), rng.choice(_GOODS)
    amount, title = units * rng.choice((2800, 3600, 5200)) * 100, f"{goods}{units}套"
    opportunity = stage.act(
        login, create_record, RecordType.OPPORTUNITY, _opportunity(stage, case, title, amount, rng)
    ).ref
    for label in _STAGES[1 : min(2 + number % 4, 4)]:
        yield next(times)
        _move(stage, login, opportunity, "opportunity.stage", label)
    if number % 4 == 2:
        yield next(times)
        _move(stage, login, opportunity, "opportunity.stage", _LOST)
    if number % 4 == 3:
        yield from _contract(stage, case, approver, opportunity, title, amount, rng)


def _contract(
    stage: Stage, case: Case, approver: User, opportunity: Ref, title: str, amount: int, rng: Random
) -> Story:
    """It is drawn up and approved the same day; with it the opportunity is won."""
    login = case.owner.login or ""
    yield stage.ago(7, f"10:{rng.randrange(60):02}")
    columns: dict[str, str | int | None] = {
        "name": f"{title}采购合同",
        "customer_id": case.ref.id,
        "opportunity_id": opportunity.id,
        "amount": amount,
        "status": stage.option("contract.status", "未开始"),
        "category": stage.option("contract.category", "销售合同"),
    }
    details = {"payment_type": stage.option("contract.payment_type", "银行转账"), "our_signer": case.owner.name}
    contract = stage.act(login, create_record, RecordType.CONTRACT, RecordInput(columns, details)).ref
    yield stage.ago(7, f"16:{rng.randrange(60):02}")
    stage.act(approver.login or "", move_approval, contract, Act.APPROVE, "同意")
    yield stage.ago(6, f"09:{rng.randrange(10, 60):02}")
    _move(stage, login, opportunity, "opportunity.stage", _STAGES[-1])
    _move(stage, login, contract, "contract.status", "执行中")
    _move(stage, login, case.ref, "customer.status", "已成交")


def _move(stage: Stage, login: str, ref: Ref, field: str, label: str) -> None:
    stage.act(login, update_record, ref, RecordInput({"status": stage.option(field, label)}))


def _times(stage: Stage, rng: Random, count: int) -> Story:
    """So many moments of different weekdays, one after the other, the last more than a week ago."""
    for weekdays in sorted(rng.sample(range(9, 48), count), reverse=True):
        yield stage.ago(weekdays, f"{rng.choice((9, 10, 11, 14, 15, 16, 17)):02}:{rng.randrange(60):02}")


def _contact(stage: Stage, case: Case, number: int, rng: Random) -> RecordInput:
    columns: dict[str, str | int | None] = {
        "name": case.person,
        "customer_id": case.ref.id,
        "category": stage.option("contact.category", rng.choice(("决策人", "经办人"))),
    }
    return RecordInput(columns, {"job": rng.choice(cast.JOBS), "address": {"phone": cast.telephone(800 + number)}})


def _opportunity(stage: Stage, case: Case, title: str, amount: int, rng: Random) -> RecordInput:
    columns: dict[str, str | int | None] = {
        "name": title,
        "customer_id": case.ref.id,
        "amount": amount,
        "status": stage.option("opportunity.stage", _STAGES[0]),
        "source": stage.option("opportunity.source", rng.choice(("客户推荐", "电话开发", "展会"))),
        "category": stage.option("opportunity.kind", rng.choice(("新业务", "老客户增购"))),
    }
    return RecordInput(columns, {"sign_possibility": rng.choice((30, 50, 70))})
