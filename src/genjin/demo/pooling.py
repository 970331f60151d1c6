"""What comes and goes between owners and pools: given up, taken, handed out, and what nobody cared for."""

from datetime import date, timedelta

from genjin.demo import cast
from genjin.demo.house import CUSTOMER_POOL, LEAD_POOL, RETURN_DAYS, TELEPHONE_POOL, WARN_DAYS
from genjin.demo.stage import Stage, Story
from genjin.domain.followup import FollowUpInput
from genjin.domain.records import RecordInput, RecordType
from genjin.service.entries.followups import delete_follow_up, write_follow_up
from genjin.service.pools.pools import create_in_pool, hand_out, put_back, take
from genjin.service.pools.returns import return_overdue
from genjin.service.records.records import create_record


def stories(stage: Stage) -> list[Story]:
    """All of them."""
    return [_forgotten(stage), _given_up(stage), _handed_out(stage), _customer_let_go(stage)]


def _forgotten(stage: Stage) -> Story:
    """A lead is taken and then forgotten: the rule of the pool warns, puts it back, and somebody else takes it."""
    day = _day_for_returning(stage)
    yield stage.instant(day, "09:20")
    given = _new_lead(stage, "方老师", "苏州乌有教育咨询有限公司", 911)
    lead = stage.act("wudan", create_in_pool, RecordType.LEAD, given, stage.pool(TELEPHONE_POOL).id).ref
    yield stage.instant(day, "10:48")
    stage.act("xieyu", take, lead)
    yield stage.instant(day, "10:55")
    tried = FollowUpInput(text="加了微信，没有回复。", category_id=stage.category("微信"))
    stage.act("xieyu", write_follow_up, lead, tried)
    for days in (RETURN_DAYS - WARN_DAYS, RETURN_DAYS):
        yield stage.instant(day + timedelta(days), "09:00")
        return_overdue(stage.installation)
    yield stage.instant(day + timedelta(RETURN_DAYS), "11:16")
    stage.act("gaoyuan", take, lead)
    yield stage.instant(day + timedelta(RETURN_DAYS), "11:24")
    reached = FollowUpInput(
        text="打通了，之前一直在放假，下个月开学前定。", status=stage.option("lead.status", "联系中")
    )
    stage.act("gaoyuan", write_follow_up, lead, reached)


def _given_up(stage: Stage) -> Story:
    """A lead that is too far away is put back, and taken by who is near."""
    yield stage.ago(39, "10:22")
    given = _new_lead(stage, "贺先生", "宁波亡是物流有限公司", 912)
    lead = stage.act("wangxue", create_record, RecordType.LEAD, given).ref
    yield stage.ago(38, "15:37")
    mistaken = FollowUpInput(text="写错客户了，马上删除。", category_id=stage.category("其他"))
    written = stage.act("wangxue", write_follow_up, lead, mistaken).facts
    yield stage.ago(38, "15:39")
    stage.act("wangxue", delete_follow_up, written.object_id or 0)
    yield stage.ago(37, "09:14")
    stage.act("wangxue", put_back, lead, stage.pool(LEAD_POOL).id)
    yield stage.ago(37, "13:55")
    stage.act("xufeng", take, lead)
    yield stage.ago(35, "14:31")
    seen = FollowUpInput(text="在宁波仓库见了面，主要想做访客登记。", category_id=stage.category("上门拜访"))
    stage.act("xufeng", write_follow_up, lead, seen)


def _handed_out(stage: Stage) -> Story:
    """The leader of the telephone sellers hands a lead of their pool to one of them."""
    yield stage.ago(8, "09:31")
    given = _new_lead(stage, "温女士", "无锡莫须软件有限公司", 913)
    lead = stage.act("wudan", create_in_pool, RecordType.LEAD, given, stage.pool(TELEPHONE_POOL).id).ref
    yield stage.ago(8, "09:52")
    stage.act("wudan", hand_out, lead, stage.user("gaoyuan").id)
    yield stage.ago(7, "14:08")
    contacted = FollowUpInput(
        text="电话沟通，要了访客系统的资料，先小范围试用。",
        category_id=stage.category("电话"),
        status=stage.option("lead.status", "联系中"),
    )
    stage.act("gaoyuan", write_follow_up, lead, contacted)


def _customer_let_go(stage: Stage) -> Story:
    """A customer that has moved away goes to the pool of all, and its contact with it."""
    yield stage.ago(43, "11:02")
    given = RecordInput({"name": "嘉兴子虚服饰有限公司"}, {"address": {"phone": cast.telephone(914)}})
    customer = stage.act("zhaoting", create_record, RecordType.CUSTOMER, given).ref
    contact = RecordInput({"name": "项经理", "customer_id": customer.id}, {"job": "采购经理"})
    stage.act("zhaoting", create_record, RecordType.CONTACT, contact)
    yield stage.ago(28, "16:26")
    moved = FollowUpInput(text="工厂搬走了，短期不会再买。", category_id=stage.category("电话"))
    stage.act("zhaoting", write_follow_up, customer, moved)
    yield stage.ago(28, "16:31")
    stage.act("zhaoting", put_back, customer, stage.pool(CUSTOMER_POOL).id)


def _new_lead(stage: Stage, name: str, company: str, number: int) -> RecordInput:
    columns: dict[str, str | int | None] = {"name": name, "company_name": company}
    status = stage.option("lead.status", "未处理")
    return RecordInput(columns | {"status": status}, {"address": {"phone": cast.telephone(number)}})


def _day_for_returning(stage: Stage) -> date:
    """A weekday, so that the pool's rule warns and returns on weekdays of the past too."""
    days = set(stage.weekdays)
    fits = [
        day
        for day in stage.weekdays
        if days >= {day + timedelta(RETURN_DAYS - WARN_DAYS), day + timedelta(RETURN_DAYS)}
    ]
    return fits[-1]
