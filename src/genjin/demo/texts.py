"""What the made-up sales team writes: sentences for every stage of a sale, put together at random."""

from collections.abc import Mapping
from random import Random

CALL, CHAT, VISIT, SHORT_MESSAGE, MAIL, OTHER = "电话", "微信", "上门拜访", "短信", "邮件", "其他"

_PRODUCTS = ("会议平板", "云考勤", "智能门禁", "访客系统", "无线投屏", "企业网盘", "会议室预约", "电子白板")
_RIVALS = ("另一家", "本地一家集成商", "之前用的那家", "两家同行")
_WHO = ("老板", "财务", "分管副总", "信息部", "采购", "行政", "总部", "合伙人")
_WHEN = ("下周一", "下周三", "下周五前", "月底前", "这周内", "下个月初", "节后", "两周后", "明天下午", "后天上午")

_NOT_REACHED = (
    "无人接听，{when}再打。",
    "占线，没打通。",
    "响了几声挂断，先发了条短信介绍。",
    "关机，换个时间再联系。",
    "在开会，让我{when}再打。",
    "在忙，留了电话，说有需要会联系我们。",
    "前台接的，{person}不在，约了{when}再打。",
    "号码是对的，但是在出差，信号不好，回头再联系。",
    "接了说不方便，让加微信聊。",
)
_OPENINGS: Mapping[str, tuple[str, ...]] = {
    CALL: ("电话沟通，", "和{person}通了电话，", "电话回访，", "{person}接的电话，", "", ""),
    CHAT: ("微信沟通，", "微信上聊了聊，", "{person}发来消息，", "微信回复，", "语音聊了几句，", ""),
    VISIT: ("上门拜访，", "到公司见了{person}，", "带样机上门演示，", "和技术一起上门，", "顺路拜访{person}，"),
    OTHER: ("展会上碰到{person}，", "通过老客户打听，", ""),
}
_MESSAGES: Mapping[str, tuple[str, ...]] = {
    SHORT_MESSAGE: (
        "短信提醒了{when}的演示，回复收到。",
        "短信发了公司地址和停车方式。",
        "发短信确认上门时间，定在{when}。",
        "电话没接，发短信说明来意。",
        "短信祝节日快乐，对方回了谢谢。",
    ),
    MAIL: (
        "{product}的资料和报价已发到邮箱。",
        "邮件发了会议纪要，抄送{who}。",
        "收到邮件，要求把参数表改成他们的格式。",
        "合同电子版发邮件给{who}了。",
        "邮件回复了技术问题，附上接口说明。",
        "把同行业案例整理成文档发过去了。",
    ),
}
_FIRST = (
    "目前没有需求，可以先留个资料。",
    "对{product}有点兴趣，想先看看资料。",
    "是{who}在负责，给了个联系方式。",
    "公司{people}人左右，{rooms}间会议室，现在还在用投影仪。",
    "刚换了办公室，正在看{product}。",
    "以前用过{rival}的，体验一般，愿意了解。",
    "官网上留的信息，主要想问{product}的价格。",
    "说已经有供应商了，不过合同{month}月到期。",
    "想先试用再说，介绍了试用流程。",
    "不是本人留的信息，但愿意帮忙转给{who}。",
    "发了{product}的介绍视频，说抽空看。",
    "看到我们朋友圈的案例，来问{product}。",
)
_NEED = (
    "确认要{count}套{product}，预算{budget}万左右。",
    "主要痛点是开会投屏总连不上，访客登记还靠手写。",
    "需要和现有的钉钉考勤打通，已转给技术确认接口。",
    "{who}比较关心数据放在哪里，说明了可以私有部署。",
    "要先做{rooms}间会议室的试点，满意再推广到分公司。",
    "希望支持多地分支机构一起用，{who}在整理清单。",
    "问了安装要多久，答复{days}个工作日内可以上门。",
    "对售后响应要求高，承诺4小时内响应。",
    "门口要装{count}台门禁，量了尺寸拍了照片。",
    "想看同行业的案例，发了两个给他。",
    "现场网络条件一般，建议先加一台交换机。",
    "需求比较明确，就差{who}点头。",
)
_OFFER = (
    "报价{budget}万，含三年质保，等{who}审批。",
    "方案发过去了，{when}给答复。",
    "嫌价格高，{rival}报得更低，强调了服务和质保的差别。",
    "要求把安装和培训费单列出来，重新做了报价单。",
    "方案第二版已发，调整为{count}套{product}。",
    "{who}看了演示，对触控书写的效果很满意。",
    "要走招标流程，{when}出文件。",
    "样机放在客户那里试用{days}天。",
    "试用反馈不错，只是觉得操作界面可以再简单点。",
    "竞争对手也在跟，需要{who}出面再推一下。",
)
_NEGOTIATE = (
    "合同条款法务在看，主要是付款方式，要求三七开。",
    "再让{percent}个点就签，已向领导申请。",
    "合同已寄出，等对方盖章。",
    "{who}同意了，走内部流程大概{days}天。",
    "付款改成分两期，首付款{when}到账。",
    "确认安装时间是{when}，需要提前一天联系物业。",
    "要求赠送一年云服务，和领导商量后答应了。",
    "发票信息已收到，转财务开票。",
    "对方换了对接人，重新介绍了一遍方案。",
)
_AFTER = (
    "安装完成，验收单已签字。",
    "培训做完了，{count}个同事参加，反馈容易上手。",
    "回访使用情况，每天都在用，没有问题。",
    "反映第{rooms}间会议室的投屏偶尔断线，已约工程师{when}上门。",
    "尾款{budget}万已到账。",
    "想加购{count}套{product}给新办公室，在做报价。",
    "续费到期还有两个月，提前沟通了续费方案。",
    "推荐了一家兄弟公司，记了联系方式。",
    "升级了固件，之前的问题没有再出现。",
    "节日问候，顺便约了{when}拜访。",
    "满意度回访9分，希望移动端再快一点。",
)
_NEXT = (
    "{when}再联系。",
    "下一步：约{who}见面。",
    "下一步：发报价单。",
    "下一步：安排演示。",
    "待跟进。",
    "已提醒自己{when}回访。",
    "意向较高，重点跟。",
    "客户比较谨慎，不急着催。",
)
_ASKS = ("@{name} 帮忙看下价格能不能再让一点。", "@{name} 方便的话一起去一趟。", "@{name} 知悉。")
_CORRECTIONS = ("（更正：数量以合同为准）", "（补充：对方加了微信）", "（更正：时间改到{when}）")

_REMARKS = (
    "可以再让两个点，别的不动。",
    "这家我来陪你去一趟，时间定了告诉我。",
    "先别急着报价，把决策人问清楚。",
    "同意，按这个方案走。",
    "把上次同行业的案例发给他们看看。",
    "注意付款方式，首付不能低于三成。",
)
_THANKS = ("收到，马上办。", "好的，明天给您回话。", "明白，已经跟客户说了。", "谢谢，下午就去落实。")
_VISITS = (
    "拜访{person}，带了{product}样机。",
    "上门勘察，量了{rooms}间会议室。",
    "例行回访，看看{product}用得怎么样。",
    "约了{who}一起谈。",
    "到场培训，{count}人参加。",
)

_STAGES = ((2, _FIRST), (6, _NEED), (11, _OFFER), (16, _NEGOTIATE))
"""Up to so many follow-ups a record is at this stage of a sale."""


def not_reached(rng: Random, person: str) -> str:
    """After a call that nobody took."""
    return _fill(rng, rng.choice(_NOT_REACHED), person)


def follow_up(rng: Random, means: str, person: str, earlier: int, is_customer: bool) -> str:
    """What somebody writes of a contact by these means; `earlier` is how many were written of the record before."""
    if means in _MESSAGES:
        return _fill(rng, rng.choice(_MESSAGES[means]), person)
    last = _AFTER if is_customer else _OFFER
    details = next((texts for most, texts in _STAGES if earlier < most), last)
    if is_customer and rng.random() < 0.3:
        details = _AFTER
    text = rng.choice(_OPENINGS[means]) + rng.choice(details)
    if rng.random() < 0.35:
        text += rng.choice(_NEXT)
    return _fill(rng, text, person)


def asking(rng: Random, name: str) -> str:
    """Asks a colleague for something."""
    return rng.choice(_ASKS).format(name=name)


def correction(rng: Random) -> str:
    """What an edit adds."""
    return _fill(rng, rng.choice(_CORRECTIONS), "")


def remark(rng: Random) -> str:
    """What a superior says to an entry in which they are asked for something."""
    return rng.choice(_REMARKS)


def thanks(rng: Random) -> str:
    """What is answered to that."""
    return rng.choice(_THANKS)


def visiting(rng: Random, person: str) -> str:
    """What somebody notes who signs in for a visit."""
    return _fill(rng, rng.choice(_VISITS), person)


def _fill(rng: Random, text: str, person: str) -> str:
    return text.format(
        person=person,
        product=rng.choice(_PRODUCTS),
        rival=rng.choice(_RIVALS),
        who=rng.choice(_WHO),
        when=rng.choice(_WHEN),
        people=rng.randrange(20, 600, 10),
        rooms=rng.randint(2, 12),
        count=rng.randint(2, 30),
        budget=rng.choice((2, 3, 5, 8, 10, 12, 15, 20, 28)),
        month=rng.randint(3, 12),
        days=rng.randint(2, 10),
        percent=rng.randint(2, 5),
    )
