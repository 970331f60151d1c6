"""Why a row was not taken, in Chinese as services say it, or in English."""

from collections.abc import Mapping

from genjin.errors import GenjinError, Invalid, NotFound

_ENGLISH: Mapping[str, str] = {
    "不能为空": "must not be empty",
    "单元格比标题多": "there are more cells than headings",
    "单元格内容过长": "a cell is too long",
    "包含空字符（NUL）": "has a NUL character",
    "包含无法解码的字符": "has characters that cannot be decoded",
    "没有这个用户": "there is no such user",
    "有多个同名的用户": "there are several users of this name",
    "没有这个部门": "there is no such department",
    "有多个同名的部门": "there are several departments of this name",
    "没有这个选项": "there is no such choice",
    "没有这个跟进类型": "there is no such kind of follow-up",
    "不是有效的时间": "is no time",
    "不是有效的日期": "is no day",
    "不是有效的编号": "is no id",
    "不是有效的数字": "is no number",
    "不是有效的金额": "is no amount",
    "不是有效的邮箱": "is no e-mail address",
    "不是有效的电话号码": "is no telephone number",
    "不是有效的网址（http或https）": "is no address of http or https",
    "不能晚于现在": "must not be later than now",
    "应为是或否": "must be yes or no",
    "应为呼出或呼入": "must be outgoing or incoming",
    "应为0到100的整数": "must be a whole number from 0 to 100",
    "应为0到86400之间的整数": "must be a whole number from 0 to 86400",
    "应为male、female之一": "must be male or female",
    "没有说明是哪个客户或线索": "does not tell which customer or lead it is about",
    "没有找到对应的记录": "there is no such record that you see",
    "有多条记录符合": "several records are meant by this",
    "没有这个客户": "there is no such customer that you see",
    "没有这个商机": "there is no such opportunity that you see",
    "有多个同名的客户": "there are several customers of this name",
    "号码不完整，请填写完整的号码": "is a masked number; write it in full",
    "与已有的重复": "is there already",
    "名称与已有的重复": "there is one of this name already",
    "电话号码与已有的重复": "there is one with this telephone number already",
    "联系人与已有的重复": "this contact is there already",
    "该编号已导入": "was imported before",
    "该对象在公海中，请先领取": "is in a pool; take it first",
    "不能是自己或自己的下级": "must be neither itself nor one below it",
    "只有管理员可以为他人或为过去的时间写入记录": "only an administrator writes for others, or for another time",
    "您没有权限修改该对象": "you may not change this record",
    "您没有权限将其分配给该用户或部门": "you may not give it to this user or department",
    "只有负责人、上级和管理员可以转移、退回或合并该对象": "only its owner and who manages them may hand it over",
    "没有这条记录": "there is no such record that you see",
}
_MOST = 500
"""Characters of a reason."""


def told(error: GenjinError, headings: Mapping[str, str], language: str) -> str:
    """What is wrong with a row; each field by the heading of its column."""
    if isinstance(error, Invalid):
        parts = [
            f"{name}：{said}" if (name := headings.get(_field(field), _field(field))) else said
            for field, texts in error.errors.items()
            for said in (_said(text, language) for text in texts)
        ]
        text = "；".join(dict.fromkeys(parts))
    elif isinstance(error, NotFound):
        text = _said("没有这条记录", language)
    else:
        text = _said(str(error), language)
    return text if language != "en" else text.replace("：", ": ").replace("；", "; ")


def _field(name: str) -> str:
    """`address_attributes.tel` is what a column calls `address.tel`."""
    return name.replace("address_attributes.", "address.")


def _said(text: str, language: str) -> str:
    text = text[:_MOST]
    if language != "en":
        return text
    for between in ("", "：", "，"):
        begin, sign, rest = text.partition(between) if between else (text, "", "")
        if begin in _ENGLISH:
            return _ENGLISH[begin] + (f"{sign}{rest}" if sign else "")
    return text
