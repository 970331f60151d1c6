"""Who and what the made-up sales team consists of. Nobody in here exists."""

from random import Random
from typing import NamedTuple

from genjin.domain.people import DataScope

ORGANISATION = "禾光办公科技（演示）"

HEADQUARTERS = "销售中心"
DEPARTMENTS = (
    (HEADQUARTERS, ""),
    ("上海销售部", HEADQUARTERS),
    ("杭州销售部", HEADQUARTERS),
    ("电话销售部", HEADQUARTERS),
    ("客户成功部", ""),
)
"""Name, and the department above it."""

MANAGER = "部门主管"
"""The role of who leads a department."""
CUSTOMER_SUCCESS = "客户成功"
ROLES = {
    "管理员": DataScope.ALL,
    MANAGER: DataScope.DEPARTMENT_AND_BELOW,
    CUSTOMER_SUCCESS: DataScope.DEPARTMENT,
    "销售": DataScope.SELF,
}


class Colleague(NamedTuple):
    """One of the team. `pace` is how many leads and customers they get in touch with on an ordinary day."""

    login: str
    name: str
    job: str
    role: str
    department: str
    pace: float


TEAM = (
    Colleague("demo", "林知远", "总经理", "管理员", HEADQUARTERS, 0.0),
    Colleague("zhoumin", "周敏", "销售总监", MANAGER, HEADQUARTERS, 0.4),
    Colleague("chenhao", "陈浩", "上海区经理", MANAGER, "上海销售部", 1.2),
    Colleague("wangxue", "王雪", "客户经理", "销售", "上海销售部", 2.6),
    Colleague("lijun", "李俊", "客户经理", "销售", "上海销售部", 2.3),
    Colleague("zhaoting", "赵婷", "客户经理", "销售", "上海销售部", 2.4),
    Colleague("sunlei", "孙磊", "杭州区经理", MANAGER, "杭州销售部", 1.2),
    Colleague("hejing", "何静", "客户经理", "销售", "杭州销售部", 2.5),
    Colleague("xufeng", "徐峰", "客户经理", "销售", "杭州销售部", 2.1),
    Colleague("wudan", "吴丹", "电话销售主管", MANAGER, "电话销售部", 1.5),
    Colleague("gaoyuan", "高远", "电话销售", "销售", "电话销售部", 3.4),
    Colleague("xieyu", "谢雨", "电话销售", "销售", "电话销售部", 3.4),
    Colleague("luoqian", "罗倩", "客户成功经理", CUSTOMER_SUCCESS, "客户成功部", 1.8),
    Colleague("panwei", "潘伟", "实施顾问", CUSTOMER_SUCCESS, "客户成功部", 1.5),
)
ONE_OF_EACH_SCOPE = ("demo", "chenhao", "luoqian", "wangxue")
"""Who can sign in: they see everything, the department and those below it, the department, their own."""

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁"
_GIVEN = (
    *("建国", "晓燕", "志强", "丽娟", "海涛", "文静", "俊杰", "雪梅", "立新", "佳怡", "明辉", "秀英", "子轩", "思远"),
    *("雨桐", "国庆", "婉清", "一鸣", "嘉宁", "书豪", "若兰", "振华", "晓东", "欣然", "浩然", "玉洁", "鹏飞", "静怡"),
)
_TITLES = ("先生", "女士", "老师", "经理", "总")
_CITIES = ("上海", "上海", "上海", "杭州", "杭州", "苏州", "宁波", "南京", "嘉兴", "无锡")
_BRANDS = (
    *("砚舟", "栖梧", "溪亭", "鹭洲", "晴岚", "枕溪", "云岫", "听松", "南枝", "风禾", "霁川", "松月", "竹里", "望舒"),
    *("清越", "暮云", "归帆", "疏影", "朝露", "半亩", "拾穗", "知秋", "观澜", "问渠", "青梧", "远岫", "临风", "照野"),
)
BUSINESSES = {
    "精密机械": "制造业",
    "新材料": "制造业",
    "电子": "制造业",
    "商贸": "批发零售",
    "食品": "批发零售",
    "服饰": "批发零售",
    "软件": "信息技术",
    "信息科技": "信息技术",
    "教育咨询": "教育培训",
    "建筑设计": "建筑地产",
    "物业管理": "建筑地产",
    "医疗器械": "医疗健康",
    "物流": "物流运输",
    "供应链管理": "物流运输",
}
"""What a company does, and its industry."""
JOBS = ("行政主管", "采购经理", "信息部经理", "总经理", "办公室主任", "人事经理", "运营总监", "财务主管")


class Company(NamedTuple):
    """A made-up company and its industry."""

    name: str
    city: str
    industry: str


def companies(rng: Random, count: int) -> list[Company]:
    """So many, no two of one name."""
    pairs = [(brand, business) for brand in _BRANDS for business in BUSINESSES]
    return [
        Company(f"{city}{brand}{business}有限公司", city, BUSINESSES[business])
        for brand, business in rng.sample(pairs, count)
        for city in (rng.choice(_CITIES),)
    ]


def person(rng: Random) -> str:
    """`郑老师` or `沈嘉宁`: leads are often known by a title only."""
    surname = rng.choice(_SURNAMES)
    return surname + (rng.choice(_TITLES) if rng.random() < 0.55 else rng.choice(_GIVEN))


def telephone(number: int) -> str:
    """A telephone number that nobody has; `number` is below 1,000."""
    return f"13400001{number:03d}"


def colleague_telephone(number: int) -> str:
    """The same for the team; `number` is below 100."""
    return f"134000000{number:02d}"
