"""One sale of the made-up team from the question on the web site to the installed system."""

from collections.abc import Generator
from random import Random

from genjin.demo import cast, media
from genjin.demo.house import BUYING, ROOMS, SPOKEN_TO, TELEPHONE_POOL, TENDER
from genjin.demo.stage import Stage, Story
from genjin.domain.approval import Act
from genjin.domain.attachment import Attached, Upload
from genjin.domain.call import CallReport
from genjin.domain.checkin import CheckInInput
from genjin.domain.comment import CommentInput
from genjin.domain.followup import FollowUpInput
from genjin.domain.json import JsonValue
from genjin.domain.place import Place
from genjin.domain.records import RecordInput, RecordType, Ref
from genjin.service.context import Installation, Session
from genjin.service.entries.calls import end_call, log_call
from genjin.service.entries.checkins import sign_in, sign_out
from genjin.service.entries.comments import edit_comment, write_comment
from genjin.service.entries.followups import write_follow_up
from genjin.service.files.uploads import arriving, keep
from genjin.service.pools.pools import create_in_pool, take
from genjin.service.records.approvals import move_approval
from genjin.service.records.assignment import assign, set_collaborators
from genjin.service.records.records import create_record, update_record

COMPANY, PERSON = "杭州子虚食品有限公司", "沈嘉宁"
"""子虚 is who is not there."""
_TELEPHONE, _ASSISTANTS = cast.telephone(901), cast.telephone(902)
_THERE = Place("杭州市虚构路88号3楼", 30.2791, 120.1602)
_AT_THE_DOOR = Place("杭州市虚构路88号", 30.2797, 120.1609)
_TALKED = 16
"""Seconds of the recorded call."""
_QUOTATION = "品名,数量,单价,金额\n会议平板,6,12800,76800\n无线投屏,6,1600,9600\n安装调试,1,3600,3600\n合计,,,90000\n"
_AMOUNT, _DISCOUNTED = 90_000_00, 87_300_00
"""In hundredths."""


def story(stage: Stage, rng: Random) -> Story:
    """All of it."""
    lead = yield from _found(stage, rng)
    yield from _visited(stage, lead)
    customer = yield from _converted(stage, lead)
    yield from _signed(stage, customer)
    yield from _installed(stage, customer)


def _found(stage: Stage, rng: Random) -> Generator[int, None, Ref]:
    """A telephone seller takes the lead from the pool, calls, writes it down, and hands it to who is near."""
    yield stage.ago(52, "09:12")
    asked: dict[str, JsonValue] = {
        "customer_requirement": "六间会议室要换投影，想先看演示",
        "address": {"phone": _TELEPHONE},
    }
    rooms = stage.field(RecordType.LEAD, ROOMS).name
    columns: dict[str, str | int | None] = {"name": PERSON, "company_name": COMPANY}
    given = RecordInput(
        columns | {"status": stage.option("lead.status", "未处理"), "source": stage.option("lead.source", "官网咨询")},
        {**asked, "job": "行政主管", rooms: "5"},
    )
    pool = stage.pool(TELEPHONE_POOL)
    lead = stage.act("wudan", create_in_pool, RecordType.LEAD, given, pool.id).ref
    yield stage.ago(52, "10:04")
    stage.act("gaoyuan", take, lead)
    yield stage.ago(52, "10:06")
    dialled = CallReport(target=lead, number=_TELEPHONE, name=PERSON, dial_type="outgoing", mode=13)
    call = stage.act("gaoyuan", log_call, dialled).call
    yield stage.ago(52, "10:07")
    over = CallReport(frozenset({"seconds", "connected", "mode"}), seconds=_TALKED, connected=True, mode=13)
    stage.act("gaoyuan", end_call, call.id, over)
    yield stage.ago(52, "10:12")
    contacted = FollowUpInput(
        text="官网留言的客户，六间会议室要换投影，约了下周看演示。",
        category_id=stage.category("电话"),
        remind_at=stage.ago(50, "10:00"),
        status=stage.option("lead.status", "联系中"),
        custom={stage.field(None, SPOKEN_TO).name: f"{PERSON}（行政）"},
    )
    stage.act("gaoyuan", write_follow_up, lead, contacted)
    yield stage.ago(52, "13:45")
    recorded = _upload(stage, "gaoyuan", "通话录音.wav", media.conversation(rng, _TALKED))
    stage.act("gaoyuan", end_call, call.id, CallReport(audio_ids=(recorded,)))
    yield stage.ago(50, "10:20")
    stage.act("gaoyuan", update_record, lead, RecordInput(details={rooms: "6"}))
    yield stage.ago(49, "09:35")
    stage.act("zhoumin", assign, [lead], stage.user("hejing").id)
    return lead


def _visited(stage: Stage, lead: Ref) -> Story:
    """She goes there with a sample, and takes a photo of the room."""
    yield stage.ago(47, "14:02")
    photo = _upload(stage, "hejing", "会议室现场.jpg", media.meeting_room())
    here = CheckInInput(_THERE, "带样机上门演示，客户行政和信息部都在", Attached(mixed=(photo,)))
    visit = stage.act("hejing", sign_in, lead, here).facts
    yield stage.ago(47, "15:26")
    stage.act("hejing", sign_out, visit.object_id or 0, _AT_THE_DOOR)
    yield stage.ago(47, "15:41")
    seen = FollowUpInput(
        text="看了演示，对触控书写很满意，大会议室要两块屏。信息部要我们给网络改造建议。",
        category_id=stage.category("上门拜访"),
        said_at=stage.ago(47, "14:10"),
        place=_THERE,
        status=stage.option("lead.status", "有意向"),
    )
    stage.act("hejing", write_follow_up, lead, seen)


def _converted(stage: Stage, lead: Ref) -> Generator[int, None, Ref]:
    """The lead becomes a customer, with an implementer beside her."""
    yield stage.ago(46, "09:28")
    columns: dict[str, str | int | None] = {
        "name": COMPANY,
        "company_name": COMPANY,
        "status": stage.option("customer.status", "需求确认"),
        "source": stage.option("customer.source", "官网咨询"),
        "category": stage.option("customer.category", "重点客户"),
    }
    buying = stage.field(RecordType.CUSTOMER, BUYING)
    address: dict[str, JsonValue] = {"phone": _TELEPHONE, "detail_address": _THERE.detail}
    address |= {"lat": _THERE.lat, "lng": _THERE.lng}
    chosen = next(choice.value for choice in buying.choices if choice.label == TENDER)
    given = RecordInput(columns, {"address": address, buying.name: chosen})
    customer = stage.act("hejing", create_record, RecordType.CUSTOMER, given, refer_lead_id=lead.id).ref
    yield stage.ago(45, "11:05")
    stage.act("hejing", set_collaborators, customer, [stage.user("panwei").id])
    return customer


def _signed(stage: Stage, customer: Ref) -> Story:
    """A quotation, a contract that is denied once, and a signature."""
    yield stage.ago(45, "11:20")
    deputy: dict[str, str | int | None] = {"name": "陆知秋", "customer_id": customer.id}
    deputy["category"] = stage.option("contact.category", "决策人")
    told = RecordInput(deputy, {"job": "分管副总", "address": {"phone": _ASSISTANTS}})
    contact = stage.act("hejing", create_record, RecordType.CONTACT, told).ref
    yield stage.ago(44, "10:30")
    wanted: dict[str, str | int | None] = {"name": "六间会议室改造", "customer_id": customer.id, "amount": _AMOUNT}
    wanted["status"] = stage.option("opportunity.stage", "需求确定")
    opportunity = stage.act("hejing", create_record, RecordType.OPPORTUNITY, RecordInput(wanted)).ref
    yield stage.ago(41, "16:15")
    quotation = _upload(stage, "hejing", "报价单.csv", b"\xef\xbb\xbf" + _QUOTATION.encode())
    board = _upload(stage, "hejing", "白板.jpg", media.whiteboard())
    offered = FollowUpInput(
        text="报价单给了陆总，方案在白板上过了一遍，意见是安装要放在周末。",
        category_id=stage.category("上门拜访"),
        contacts=(contact.id,),
        opportunity_id=opportunity.id,
        attached=Attached(mixed=(board,), files=(quotation,)),
        status=stage.option("customer.status", "方案报价"),
    )
    stage.act("hejing", write_follow_up, customer, offered)
    _move(stage, opportunity, "opportunity.stage", "方案/报价")
    yield stage.ago(36, "09:50")
    _move(stage, opportunity, "opportunity.stage", "谈判/合同")
    yield stage.ago(33, "10:10")
    drawn_up: dict[str, str | int | None] = {"name": "会议室改造采购合同", "customer_id": customer.id}
    drawn_up |= {"opportunity_id": opportunity.id, "amount": _AMOUNT}
    drawn_up["status"] = stage.option("contract.status", "未开始")
    terms = RecordInput(drawn_up, {"sn": "HG-DEMO-0001", "customer_signer": "陆知秋", "our_signer": "何静"})
    contract = stage.act("hejing", create_record, RecordType.CONTRACT, terms).ref
    yield stage.ago(33, "16:40")
    stage.act("sunlei", move_approval, contract, Act.DENY, "安装费不能免，其他可以让三个点")
    yield stage.ago(32, "09:25")
    stage.act("hejing", update_record, contract, RecordInput({"amount": _DISCOUNTED}))
    stage.act("hejing", move_approval, contract, Act.SUBMIT, "已按意见修改")
    yield stage.ago(32, "11:30")
    stage.act("sunlei", move_approval, contract, Act.APPROVE, "同意")
    yield from _celebrated(stage, customer, opportunity, contract)


def _celebrated(stage: Stage, customer: Ref, opportunity: Ref, contract: Ref) -> Story:
    """She writes it down, and colleagues have something to say to it."""
    yield stage.ago(31, "14:20")
    signed = FollowUpInput(
        text="合同双方已盖章，首付款下周到账。@周敏 @潘伟 请安排安装。",
        category_id=stage.category("其他"),
        mentions=(stage.user("zhoumin").id, stage.user("panwei").id),
        opportunity_id=opportunity.id,
        contract_id=contract.id,
        status=stage.option("customer.status", "已成交"),
    )
    entry = stage.act("hejing", write_follow_up, customer, signed).facts.id
    _move(stage, opportunity, "opportunity.stage", "赢单")
    yield stage.ago(31, "14:42")
    praise = stage.act("zhoumin", write_comment, entry, CommentInput("恭喜！这单可以做成案例。")).comment
    yield stage.ago(31, "15:03")
    mentioned = (stage.user("hejing").id,)
    asked = CommentInput("周末进场没问题，现场谁对接？", mentions=mentioned)
    question = stage.act("panwei", write_comment, entry, asked).comment
    yield stage.ago(31, "15:10")
    answer = CommentInput("沈嘉宁，电话在客户里。", parent_id=question.id)
    stage.act("hejing", write_comment, entry, answer)
    stage.act("hejing", write_comment, entry, CommentInput("谢谢周总！", parent_id=praise.id))
    yield stage.ago(31, "15:12")
    after = CommentInput("周末进场没问题，现场谁对接？物业要提前报备。", given=frozenset({"text"}))
    stage.act("panwei", edit_comment, question.id, after)


def _installed(stage: Stage, customer: Ref) -> Story:
    """The implementer goes there, and writes what there is to do."""
    yield stage.ago(26, "09:40")
    here = CheckInInput(_THERE, "六间会议室安装调试")
    visit = stage.act("panwei", sign_in, customer, here).facts
    yield stage.ago(26, "17:35")
    stage.act("panwei", sign_out, visit.object_id or 0, _AT_THE_DOOR)
    done = FollowUpInput(
        text="六间全部装完，验收单已签字；三楼那间网络偶尔不稳，约了信息部一起查。",
        category_id=stage.category("上门拜访"),
        said_at=stage.ago(26, "17:20"),
        remind_at=stage.ago(22, "10:00"),
    )
    stage.act("panwei", write_follow_up, customer, done)
    yield stage.ago(22, "10:12")
    checked = FollowUpInput(
        text="回访：换了交换机之后一直稳定，沈嘉宁说领导很满意。",
        category_id=stage.category("电话"),
    )
    stage.act("panwei", write_follow_up, customer, checked)


def _move(stage: Stage, ref: Ref, field: str, label: str) -> None:
    stage.act("hejing", update_record, ref, RecordInput({"status": stage.option(field, label)}))


def _upload(stage: Stage, login: str, name: str, content: bytes) -> int:
    """The id of a file that somebody uploads."""

    def use(installation: Installation, session: Session) -> int:
        with arriving(installation) as file:
            file.write(content)
            return keep(installation, session, file, Upload(name)).id

    return stage.act(login, use)
