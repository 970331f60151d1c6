"""What the columns of a table may be, and which one a heading means: the fields of the forms and those that the
organisation added, by their names, their labels and what else they are usually called, in Chinese and in English.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from unicodedata import normalize

from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.policy import Viewer, may_write_for_others
from genjin.domain.sight import fields_of
from genjin.domain.table_import import TableForm
from genjin.errors import Invalid
from genjin.importers.tables.cells import text_of
from genjin.importers.tables.sheets import MAX_COLUMNS, Cell, too_wide
from genjin.wire.modules import CLASS_NAMES, display_name
from genjin.wire.records.change import field_label
from genjin.wire.records.forms import ADDRESS_TEXTS, FORMS, FieldType

HEADINGS_WITHIN = 20
"""The headings stand in one of so many first rows: above them there may be a title."""
ID, EXTERNAL_ID = "id", "external_id"
OWNER, DEPARTMENT, REMIND_AT = "user_id", "want_department_id", "revisit_remind_at"
CREATOR, CREATED_AT = "creator", "created_at"
"""Who made a record, and when, where that is not the importer now."""
CUSTOMER, LEAD, RECORD, RECORD_ID, RECORD_EXTERNAL_ID, PHONE = (
    *("customer", "lead", "record", "record_id", "record_external_id", "phone"),
)
"""By what the record is found that an entry is of; `record` is the name of a customer or a lead."""
AUTHOR, AT, SAID_AT = "author", "at", "said_at"
_ADDRESS: Mapping[str, str] = {
    "tel": "联系电话 电话 固定电话 固话 座机 电话号码 公司电话 telephone",
    "phone": "手机 手机号 手机号码 移动电话 联系方式 联系手机 mobile cellphone phonenumber",
    "email": "邮箱 电子邮箱 电子邮件 邮件 e-mail mail",
    "qq": "qq号",
    "fax": "传真",
    "wechat": "微信 微信号",
    "wangwang": "旺旺",
    "zip": "邮编 邮政编码 zipcode postcode",
    "url": "网址 网站 主页 website homepage",
    "detail_address": "地址 详细地址 公司地址 联系地址 办公地址 address",
}
_COMPANY = "公司名称 公司 企业名称 企业 单位名称 单位 company company_name account"
_OF_RECORDS: Mapping[str, str] = {
    OWNER: "负责人 所有人 归属人 业务员 销售 跟进人 owner sales owner_name",
    DEPARTMENT: "所属部门 负责人部门 归属部门 owner_department",
    REMIND_AT: "下次跟进时间 下次联系时间 提醒时间 remind_at next_follow_up",
    CREATOR: "创建人 创建者 录入人 creator_name created_by",
    CREATED_AT: "创建时间 创建日期 录入时间 录入日期 created create_time creation_date",
    EXTERNAL_ID: "编号 外部编号 外部id 外部系统编号 externalid number no",
    ID: "id 系统编号 系统id",
    "note": "备注 说明 描述 remark remarks comment notes",
    "status": "状态 跟进状态 阶段",
    "source": "来源 来源渠道 渠道",
    "category": "类型 类别 分类 级别 type level",
    "job": "职务 职位 岗位 position",
    "staff_size": "人员规模 规模 员工人数 人数",
    "industry": "行业 所属行业",
    "labels": "标签 tags",
    "birth_date": "生日 出生日期 birthday",
    "customer_requirement": "客户需求 需求 requirement",
}
_OF_FORM: Mapping[TableForm, Mapping[str, str]] = {
    TableForm.LEADS: {
        "name": "姓名 线索名称 线索 联系人 联系人姓名 名称 名字 contact",
        "company_name": f"{_COMPANY} 客户名称 客户",
    },
    TableForm.CUSTOMERS: {"name": "客户名称 客户名 客户 名称 customer customer_name", "company_name": _COMPANY},
    TableForm.CONTACTS: {
        "name": "姓名 联系人 联系人姓名 联系人名称 名称 名字 contact contact_name",
        "customer_id": f"所属客户 客户名称 客户 {_COMPANY} customer customer_name",
    },
}
_OF_ENTRIES: Mapping[str, str] = {
    CUSTOMER: f"客户名称 客户 客户名 {_COMPANY} customer_name",
    LEAD: "线索名称 线索 lead_name",
    RECORD: "名称 对象 关联对象 跟进对象 对象名称 name record_name",
    RECORD_ID: "客户id 线索id 对象id customer_id lead_id",
    RECORD_EXTERNAL_ID: "客户编号 线索编号 客户外部编号 customer_number",
    EXTERNAL_ID: "编号 外部编号 外部id 跟进编号 通话编号 externalid id number no",
}
_AUTHORS = "创建人 记录人 员工 业务员 负责人 销售 user owner"
_OF_FOLLOW_UPS: Mapping[str, str] = {
    "content": "跟进内容 跟进记录 内容 沟通内容 沟通记录 联系内容 记录 备注 text note notes",
    "category": "跟进方式 跟进类型 联系方式 沟通方式 方式 类型 type",
    AT: "跟进时间 跟进日期 联系时间 沟通时间 时间 日期 time date created_at 创建时间",
    SAID_AT: "实际跟进时间 real_revisit_at",
    AUTHOR: f"跟进人 {_AUTHORS}",
    "remind_at": "下次跟进时间 下次联系时间 提醒时间 next_follow_up",
    PHONE: "电话 联系电话 手机 手机号 手机号码 电话号码 tel mobile",
}
_OF_CALLS: Mapping[str, str] = {
    PHONE: "电话 联系电话 手机 手机号 手机号码 电话号码 号码 对方号码 被叫号码 客户号码 客户电话 tel mobile number",
    AT: "通话时间 呼叫时间 拨打时间 开始时间 时间 日期 time date created_at 创建时间",
    AUTHOR: f"通话人 呼叫人 主叫 坐席 拨打人 caller agent {_AUTHORS}",
    "talk_time": "通话时长 时长 通话秒数 duration seconds",
    "is_connected": "是否接通 接通 接通状态 通话状态 状态 connected status",
    "dial_type": "呼叫类型 呼叫方向 通话类型 方向 类型 direction type",
}
_NAME_OF_FORM: Mapping[TableForm, str] = {
    TableForm.LEADS: "线索",
    TableForm.CUSTOMERS: "客户",
    TableForm.CONTACTS: "联系人",
}
_SAYS_NOTHING = re.compile(r"\(.*?\)|\[.*?\]|【.*?】|[\s*:_\-./#]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table. `key` names it in a mapping: its heading, with `#2` behind it where that stands there for
    the second time, or the place of a column without one, such as `#3`. `field` is empty for what is not read.
    """

    place: int
    key: str
    heading: str
    field: str = ""


def keys_of(headings: Sequence[str]) -> list[str]:
    """What the columns of these headings are called in a mapping."""
    found, times = list[str](), dict[str, int]()
    for place, heading in enumerate(headings, start=1):
        if not heading:
            found.append(f"#{place}")
            continue
        times[heading] = times.get(heading, 0) + 1
        found.append(heading if times[heading] == 1 else f"{heading}#{times[heading]}")
    return found


def columns_of(headings: Sequence[str], mapping: Mapping[str, str]) -> list[Column]:
    """The columns of a table, as a mapping reads them."""
    keys = keys_of(headings)
    return [
        Column(place, key, heading, mapping.get(key, ""))
        for place, (key, heading) in enumerate(zip(keys, headings, strict=True))
    ]


def find_headings(
    rows: Iterator[tuple[int, Sequence[Cell]]], form: TableForm, directory: Directory, row: int = 0
) -> tuple[int, list[str]]:
    """The row of the headings, or the one that is told, and what they are: of the first rows the one of which most is
    known, else the first that is not empty. Raises Invalid for a table without any.
    """
    names = _by_name(form, directory)
    best: tuple[int, int, list[str]] | None = None
    for number, cells in islice(rows, max(row, HEADINGS_WITHIN)):
        if row not in (0, number):
            continue
        texts = [" ".join(text_of(cell).split()) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if len(texts) > MAX_COLUMNS:
            raise Invalid({"file": [too_wide(len(texts))]})
        known = len({names[said] for text in texts if (said := _said(text)) in names})
        if texts and (best is None or known > best[0]):
            best = known, number, texts
    if best is None:
        raise Invalid({"file": ["没有标题行 / has no headings"]})
    return best[1], best[2]


def guess(headings: Sequence[str], form: TableForm, directory: Directory, viewer: Viewer) -> dict[str, str]:
    """A mapping: of each column that is known the field, each field once. Not read is what the viewer's role hides, and
    who made a record when, by whom that may not be told.
    """
    names, hidden = _by_name(form, directory), _hidden(form, viewer)
    found = dict[str, tuple[int, str]]()
    for key, heading in zip(keys_of(headings), headings, strict=True):
        field = names.get(_said(heading))
        if field is None or field in hidden:
            continue
        rank = _rank(_said(heading), field, form, directory)
        if field not in found or rank < found[field][0]:
            found[field] = rank, key
    mapping = {key: field for field, (_, key) in found.items()}
    if form is TableForm.CUSTOMERS and "name" not in found and "company_name" in found:
        mapping[found["company_name"][1]] = "name"
    return {key: mapping[key] for key in keys_of(headings) if key in mapping}


def fields_for(form: TableForm, directory: Directory) -> dict[str, str]:
    """Every field that a column may be, with what it is called in Chinese."""
    return {field: names[0] for field, names in _names(form, directory)}


def check_mapping(mapping: Mapping[str, str], headings: Sequence[str], form: TableForm, directory: Directory) -> None:
    """Raises Invalid for columns and fields that there are not, and for a field that is read from two."""
    known, keys, errors = fields_for(form, directory), keys_of(headings), dict[str, list[str]]()
    used = dict[str, str]()
    for key, field in mapping.items():
        if key not in keys:
            errors[key] = ["没有这一列 / there is no such column"]
        elif field not in known:
            errors[key] = [f"没有字段{field} / there is no field {field}: {', '.join(known)}"]
        elif field in used:
            errors[key] = [f"字段{field}已对应列“{used[field]}” / {used[field]} is read as {field} already"]
        used[field] = key
    if errors:
        raise Invalid(errors)


def mapping_to_json(form: TableForm, mapping: Mapping[str, str]) -> dict[str, JsonValue]:
    """A mapping as it is saved."""
    return {"as": form.value, "columns": dict(mapping)}


def mapping_from_json(told: JsonValue, form: TableForm) -> dict[str, str]:
    """What `mapping_to_json` made. Raises Invalid."""
    columns = told.get("columns") if isinstance(told, Mapping) else None
    if not isinstance(columns, Mapping) or not all(isinstance(each, str) for each in columns.values()):
        raise Invalid({"mapping": ['应为{"as": ..., "columns": {列: 字段}} / has to be {"as": ..., "columns": {...}}']})
    if isinstance(told, Mapping) and told.get("as", form.value) != form.value:
        raise Invalid({"mapping": [f"不是{form.value}的 / is not one of {form.value}"]})
    return {str(key): str(field) for key, field in columns.items()}


def _said(heading: str) -> str:
    """A heading as it is compared: without blanks, signs, what stands in brackets, and capitals."""
    return _SAYS_NOTHING.sub("", normalize("NFKC", heading).casefold())


def _names(form: TableForm, directory: Directory) -> Iterator[tuple[str, list[str]]]:
    """Every field with what it is called, the first in Chinese; where two are called the same, the earlier one is."""
    for field, names in (_of_a_record if form.type is not None else _of_an_entry)(form, directory):
        yield field, [name for name in names if name]


def _of_a_record(form: TableForm, directory: Directory) -> Iterator[tuple[str, list[str]]]:
    type_ = form.type
    assert type_ is not None
    module, usual = display_name(directory.organisation.module_names, CLASS_NAMES[type_]), _NAME_OF_FORM[form]
    own = _OF_FORM[form]
    for each in directory.fields_of(type_):
        yield each.name, [each.label]
    for field in FORMS[type_].fields:
        if field.type is FieldType.ADDRESS:
            continue
        more = own.get(field.name, _OF_RECORDS.get(field.name, "")).split()
        label = field_label(field.stored, type_, directory)
        first = f"{module}{label}" if field.name == "name" else label
        yield field.name, [first, label if field.name != "name" else "", field.name, f"{usual}{label}", *more]
    if any(field.type is FieldType.ADDRESS for field in FORMS[type_].fields):
        for part in ADDRESS_TEXTS:
            first, *more = (*_ADDRESS[part].split(), part)
            yield f"address.{part}", [first, f"address.{part}", *more]
    for name in (OWNER, DEPARTMENT, REMIND_AT, CREATOR, CREATED_AT, EXTERNAL_ID, ID):
        first, *more = _OF_RECORDS[name].split()
        yield name, [first, name, f"{module}{first}", f"{usual}{first}", *more]


def _of_an_entry(form: TableForm, directory: Directory) -> Iterator[tuple[str, list[str]]]:
    follow_up = form is TableForm.FOLLOW_UPS
    for each in directory.fields_of(None) if follow_up else ():
        yield each.name, [each.label]
    for field, names in {**(_OF_FOLLOW_UPS if follow_up else _OF_CALLS), **_OF_ENTRIES}.items():
        first, *more = names.split()
        yield field, [first, field, *more]


def _by_name(form: TableForm, directory: Directory) -> dict[str, str]:
    """The field of each name, as names are compared."""
    found = dict[str, str]()
    for field, names in _names(form, directory):
        for name in names:
            found.setdefault(_said(name), field)
    return found


def _rank(said: str, field: str, form: TableForm, directory: Directory) -> int:
    """How usual a name is for a field; 0 is what it is called itself."""
    names = next(names for each, names in _names(form, directory) if each == field)
    return [_said(name) for name in names].index(said)


def _hidden(form: TableForm, viewer: Viewer) -> frozenset[str]:
    if form.type is None:
        return frozenset()
    hidden = fields_of(form.type, viewer.rights.hidden)
    return hidden if may_write_for_others(viewer) else hidden | {CREATOR, CREATED_AT}
