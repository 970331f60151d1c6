"""What goes wrong in the made-up team and is put right: duplicates, too early a conversion, what is no lead."""

from genjin.demo import cast
from genjin.demo.stage import Stage, Story
from genjin.domain.followup import FollowUpInput
from genjin.domain.records import RecordInput, RecordType
from genjin.domain.timeline import Page
from genjin.service.entries.followups import write_follow_up
from genjin.service.records.conversion import undo_conversion
from genjin.service.records.merging import list_merges, merge_records, undo_merge
from genjin.service.records.records import create_record, delete_record
from genjin.service.records.restoring import restore_record


def stories(stage: Stage) -> list[Story]:
    """All of them."""
    return [
        _duplicates(stage),
        _merged_wrongly(stage),
        _converted_too_early(stage),
        _spam(stage),
        _deleted_wrongly(stage),
    ]


def _duplicates(stage: Stage) -> Story:
    """Two colleagues enter one company; their manager merges them, and both histories show in one."""
    name = "上海乌有商贸有限公司"
    yield stage.ago(48, "09:47")
    given = RecordInput({"name": name}, {"address": {"phone": cast.telephone(921)}})
    first = stage.act("wangxue", create_record, RecordType.CUSTOMER, given).ref
    yield stage.ago(48, "09:58")
    told = FollowUpInput(text="前台转给了行政，要三台门禁的报价。", category_id=stage.category("电话"))
    stage.act("wangxue", write_follow_up, first, told)
    yield stage.ago(45, "15:12")
    again = RecordInput({"name": f"{name}（总部）"}, {"address": {"phone": cast.telephone(921)}})
    second = stage.act("lijun", create_record, RecordType.CUSTOMER, again).ref
    yield stage.ago(45, "15:20")
    told = FollowUpInput(text="打总机问到采购，说已经有我们同事联系过了。", category_id=stage.category("电话"))
    stage.act("lijun", write_follow_up, second, told)
    yield stage.ago(44, "09:18")
    stage.act("chenhao", merge_records, first, [second.id])


def _merged_wrongly(stage: Stage) -> Story:
    """Two people of one name are taken for one, which is undone the next day."""
    yield stage.ago(30, "10:41")
    here = RecordInput({"name": "高女士", "company_name": "南京莫须建筑设计有限公司"}, {"job": "人事经理"})
    kept = stage.act("hejing", create_record, RecordType.LEAD, here).ref
    yield stage.ago(29, "14:17")
    there = RecordInput({"name": "高女士", "company_name": "南京莫须物业管理有限公司"}, {"job": "财务主管"})
    other = stage.act("hejing", create_record, RecordType.LEAD, there).ref
    yield stage.ago(29, "17:05")
    stage.act("sunlei", merge_records, kept, [other.id])
    yield stage.ago(28, "09:22")
    merges, _ = stage.act("sunlei", list_merges, kept, Page())
    stage.act("sunlei", undo_merge, kept, merges[0][0].id)


def _converted_too_early(stage: Stage) -> Story:
    """A lead is converted by mistake; undoing it deletes the customer that nothing happened to."""
    yield stage.ago(24, "11:09")
    asked = RecordInput(
        {"name": "苗先生", "company_name": "上海亡是电子有限公司"}, {"address": {"phone": cast.telephone(922)}}
    )
    lead = stage.act("zhaoting", create_record, RecordType.LEAD, asked).ref
    yield stage.ago(23, "10:36")
    bought = RecordInput({"name": "上海亡是电子有限公司"})
    stage.act("zhaoting", create_record, RecordType.CUSTOMER, bought, refer_lead_id=lead.id)
    yield stage.ago(23, "10:44")
    stage.act("zhaoting", undo_conversion, lead, delete_customer=True)
    yield stage.ago(23, "10:51")
    told = FollowUpInput(text="还没有立项，先按线索跟，月底再联系。", category_id=stage.category("电话"))
    stage.act("zhaoting", write_follow_up, lead, told)


def _spam(stage: Stage) -> Story:
    """What is no lead is deleted."""
    yield stage.ago(17, "09:26")
    lead = stage.act("gaoyuan", create_record, RecordType.LEAD, RecordInput({"name": "代办广告（非客户）"})).ref
    yield stage.ago(17, "09:29")
    stage.act("gaoyuan", delete_record, lead)


def _deleted_wrongly(stage: Stage) -> Story:
    """A contact is deleted, and comes back: both show in the timeline of its customer."""
    yield stage.ago(21, "13:48")
    given = RecordInput({"name": "苏州子虚新材料有限公司"}, {"address": {"phone": cast.telephone(923)}})
    customer = stage.act("lijun", create_record, RecordType.CUSTOMER, given).ref
    told = RecordInput({"name": "聂老师", "customer_id": customer.id}, {"job": "信息部经理"})
    contact = stage.act("lijun", create_record, RecordType.CONTACT, told).ref
    yield stage.ago(14, "16:52")
    stage.act("lijun", delete_record, contact)
    yield stage.ago(13, "09:08")
    stage.act("chenhao", restore_record, contact)
