"""What a new organisation starts with: roles, and the choices of every option list. It may change all of them later."""

from collections.abc import Mapping

from genjin.domain.directory import FOLLOW_UP_CATEGORY
from genjin.domain.people import DataScope, Option, Role
from genjin.domain.pools import Pool
from genjin.domain.records import RecordType
from genjin.store import ids, people, pools
from genjin.store.transaction import Tx

ADMINISTRATOR, MANAGER, SELLER = "管理员", "部门主管", "销售"

ROLES: Mapping[str, DataScope] = {
    ADMINISTRATOR: DataScope.ALL,
    MANAGER: DataScope.DEPARTMENT_AND_BELOW,
    SELLER: DataScope.SELF,
}

OPTIONS: Mapping[str, tuple[str, ...]] = {
    FOLLOW_UP_CATEGORY: ("电话", "微信", "上门拜访", "短信", "邮件", "其他"),
    "lead.source": ("官网咨询", "搜索推广", "展会", "客户介绍", "电话开发", "其他"),
    "lead.status": ("未处理", "联系中", "有意向", "暂无意向", "无效"),
    "customer.source": ("官网咨询", "搜索推广", "展会", "客户介绍", "电话开发", "渠道伙伴", "其他"),
    "customer.status": ("初步接触", "需求确认", "方案报价", "商务谈判", "已成交", "已流失"),
    "customer.category": ("重点客户", "普通客户", "合作伙伴"),
    "customer.industry": ("制造业", "批发零售", "信息技术", "教育培训", "建筑地产", "医疗健康", "物流运输", "其他"),
    "customer.staff_size": ("1-20人", "21-100人", "101-500人", "501-1000人", "1000人以上"),
    "contact.category": ("决策人", "经办人", "使用人", "影响人", "其他"),
    "opportunity.stage": ("初步接洽", "需求确定", "方案/报价", "谈判/合同", "赢单", "输单"),
    "opportunity.source": ("客户推荐", "电话开发", "网络推广", "展会", "老客户", "其他"),
    "opportunity.kind": ("新业务", "老客户续约", "老客户增购", "其他"),
    "contract.status": ("未开始", "执行中", "已完成", "意外终止"),
    "contract.category": ("销售合同", "服务合同", "框架协议", "其他"),
    "contract.payment_type": ("银行转账", "支票", "现金", "在线支付", "其他"),
}


POOLS: Mapping[RecordType, str] = {RecordType.LEAD: "线索池", RecordType.CUSTOMER: "公海"}


def lay_defaults(tx: Tx, organisation_id: int, now: int, lists_are_whole: bool = False) -> None:
    """Add the roles and options that the organisation does not have yet, by their names, and its first pools; no option
    to a list that has some where these are whole.
    """
    lay_pools(tx, organisation_id, now)
    known_roles = {role.name for role in people.role_list(tx, organisation_id)}
    missing = [name for name in ROLES if name not in known_roles]
    fresh = zip(ids.allocate(tx, len(missing)), missing, strict=True)
    people.put_roles(tx, organisation_id, [Role(id_, name, ROLES[name]) for id_, name in fresh])
    known_options = {(option.field, option.label) for option in people.option_list(tx, organisation_id)}
    whole = {field for field, _ in known_options} if lists_are_whole else ()
    wanted = [
        (field, label, position)
        for field, labels in OPTIONS.items()
        for position, label in enumerate(labels)
        if field not in whole and (field, label) not in known_options
    ]
    options = [Option(id_, *each) for id_, each in zip(ids.allocate(tx, len(wanted)), wanted, strict=True)]
    people.put_options(tx, organisation_id, options)


def lay_pools(tx: Tx, organisation_id: int, now: int) -> list[Pool]:
    """Add a pool of each type that there is none of, open to all; all pools."""
    there = pools.pool_list(tx, organisation_id)
    missing = [type_ for type_ in POOLS if all(pool.type is not type_ for pool in there)]
    fresh = zip(ids.allocate(tx, len(missing)), missing, strict=True)
    laid = [Pool(id_, type_, POOLS[type_], now, now) for id_, type_ in fresh]
    pools.put_pools(tx, organisation_id, laid)
    return [*there, *laid]
