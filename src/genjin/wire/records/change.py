"""The text of a change, as a timeline shows it: `负责人：张三 → 李四`. Ids are shown by the names they have now."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import orjson

from genjin.domain.activity import Facts
from genjin.domain.approval import LABELS as APPROVAL_LABELS
from genjin.domain.change import Change
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.kinds import LEAD_CONVERTED, MERGE_UNDONE, RECORDS_MERGED
from genjin.domain.records import RecordType, Ref
from genjin.domain.sight import WHOLE, Sight
from genjin.wire import scalars
from genjin.wire.modules import CLASS_NAMES, display_name
from genjin.wire.records.custom_value import show_value
from genjin.wire.records.forms import FORMS, FieldType

Names = Mapping[Ref, str]
"""The names of records that an activity may speak of."""
NOBODY: Names = MappingProxyType({})

LABELS: Mapping[str, str] = {
    "name": "名称",
    "company_name": "公司",
    "status": "状态",
    "source": "来源",
    "category": "类型",
    "owner_id": "负责人",
    "department_id": "所属部门",
    "collaborators": "协作人",
    "pool_id": "公海",
    "approve_status": "审批状态",
    "remind_at": "下次跟进时间",
    "amount": "金额",
    "customer_id": "客户",
    "opportunity_id": "商机",
    "department": "部门",
    "job": "职务",
    "note": "备注",
    "address": "地址",
    "labels": "标签",
    "industry": "行业",
    "staff_size": "人员规模",
    "customer_requirement": "客户需求",
    "gender": "性别",
    "birth_date": "生日",
    "parent_id": "上级客户",
    "sign_possibility": "赢单率",
    "expect_sign_date": "预计签单日期",
    "get_time": "获取时间",
    "channel_code": "渠道编码",
    "sn": "合同编号",
    "payment_type": "付款方式",
    "start_at": "开始日期",
    "end_at": "结束日期",
    "sign_date": "签约日期",
    "customer_signer": "客户方签约人",
    "our_signer": "我方签约人",
    "special_terms": "特殊条款",
}
"""What a changed field is called; a field that is not here has its own name, a custom one its label."""
WORDS: Mapping[str, str] = {"male": "男", "female": "女"}
_LEADING: Mapping[int, str] = {
    LEAD_CONVERTED.code: "转为客户",
    RECORDS_MERGED.code: "合并",
    MERGE_UNDONE.code: "撤销合并",
}
_EMPTY = "空"
MAX_SHOWN = 100
"""Characters of a value; a longer one is cut."""


def change_text(facts: Facts, directory: Directory, names: Names, sight: Sight = WHOLE) -> str:
    """The description of an activity that tells of a change, as far as its record is in sight; empty when there is
    nothing to add to its kind.
    """
    told = orjson.loads(facts.rare or b"{}")
    type_ = RecordType(facts.target_type)
    changes = sight.changes(type_, [Change(*change) for change in told.get("changes", ())])
    parts = [_change_text(field, before, after, type_, directory, names) for field, before, after in changes]
    refs = [Ref(RecordType(ref[0]), ref[1]) for ref in told.get("refs", ())]
    if leading := _LEADING.get(facts.kind):
        parts.insert(0, f"{leading}：{'、'.join(_named(ref, directory, names) for ref in refs)}")
    if note := told.get("note"):
        parts.append(sight.text(note))
    return "；".join(parts)


def _change_text(
    field: str, before: JsonValue, after: JsonValue, type_: RecordType, directory: Directory, names: Names
) -> str:
    label = field_label(field, type_, directory)
    old, new = (value_text(field, value, type_, directory, names) for value in (before, after))
    return f"{label}：{old or _EMPTY} → {new or _EMPTY}"


def field_label(field: str, type_: RecordType, directory: Directory) -> str:
    for custom in directory.custom_fields.values():
        if custom.record_type is type_ and custom.name == field:
            return custom.label
    if field == "status" and type_ is RecordType.OPPORTUNITY:
        return "销售阶段"
    if field == "name" and type_ in (RecordType.OPPORTUNITY, RecordType.CONTRACT):
        return "标题"
    return LABELS.get(field, field)


def value_text(field: str, value: JsonValue, type_: RecordType, directory: Directory, names: Names) -> str:
    """A stored value as people read it; empty for none."""
    if value in (None, "", [], {}):
        return ""
    custom = next((each for each in directory.fields_of(type_) if each.name == field), None)
    if custom is not None:
        told = show_value(custom, value, directory)
        return _cut(str(told.get(f"{field}_display") or told[field]))
    if field == "owner_id":
        return _user(value, directory)
    if field == "collaborators" and isinstance(value, Sequence):
        return "、".join(_user(each, directory) for each in value)
    if field == "department_id":
        return directory.department_name(scalars.id_or_none(value))
    if field == "pool_id":
        pool = directory.pools.get(scalars.id_or_none(value) or 0)
        return pool.name if pool else ""
    if field in ("customer_id", "opportunity_id", "parent_id"):
        of = RecordType.OPPORTUNITY if field == "opportunity_id" else RecordType.CUSTOMER
        return _named(Ref(of, scalars.id_or_none(value) or 0), directory, names)
    if field == "approve_status":
        return APPROVAL_LABELS.get(str(value), str(value))
    if field == "remind_at" and isinstance(value, int):
        return directory.calendar.minute(value)
    if field == "amount" and isinstance(value, int):
        return scalars.money(value)
    declared = FORMS[type_].by_stored_name.get(field)
    if declared and declared.type is FieldType.OPTION:
        return directory.label(declared.of, str(value)) or str(value)
    if declared and declared.type is FieldType.WORD:
        return WORDS.get(str(value), str(value))
    if isinstance(value, Mapping):
        return _cut("、".join(str(part) for part in value.values() if part not in (None, "")))
    if isinstance(value, list | tuple):
        return _cut("、".join(map(str, value)))
    return _cut(scalars.text_of(value))


def _cut(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"


def _user(user_id: JsonValue, directory: Directory) -> str:
    user = directory.users.get(scalars.id_or_none(user_id) or 0)
    return user.name if user else str(user_id)


def _named(ref: Ref, directory: Directory, names: Names) -> str:
    """A record's name, or what it is and its id where the viewer may not see it."""
    module = display_name(directory.organisation.module_names, CLASS_NAMES[ref.type])
    return names.get(ref) or f"{module}#{ref.id}"
