"""The made-up organisation that is measured and its history: from a seed, so the same in every run."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from genjin.domain.activity import Draft
from genjin.domain.call import CallDetails, Direction, Recording
from genjin.domain.directory import FOLLOW_UP_CATEGORY
from genjin.domain.followup import FollowUpDetails
from genjin.domain.kinds import CALL_MADE, FOLLOW_UP_WRITTEN, RECORD_CREATED, CreatedDetails
from genjin.domain.people import DataScope, Department, Option, Organisation, Role, User
from genjin.domain.place import Place
from genjin.domain.records import Record, RecordType, Ref

SEED = 20240404
ORGANISATION = 1
LOGIN = "bench"
USERS = 20
FIRST_DAY = 1_672_588_800
"""2023-01-02 00:00 in Shanghai, a Monday."""
WEEKS = 156
MINUTES_A_WEEK = 5 * 9 * 60
IDS_OF_AN_ACTIVITY = 2
"""At most: a call's and its recording's."""
CATEGORIES = ("电话", "拜访", "微信", "邮件", "展会", "其他")
OF_A_RECORD = 100
"""Activities of an ordinary record in a large database."""
SENTENCES = (
    "客户对报价基本满意，需要再确认交货时间。",
    "约好下周二上门演示，技术负责人会参加。",
    "对方正在比较两家方案，重点是售后服务。",
    "电话无人接听，已发送短信说明来意。",
    "合同草稿已发出，等法务回复意见。",
    "预算下季度才批，先保持每月一次的联系。",
    "试用反馈良好，希望增加五个账号。",
)


@dataclass(frozen=True)
class Size:
    """How much is made up: `entries` on the one hot lead, `others` on all other records together."""

    entries: int = 20_000
    others: int = 80_000
    leads: int = 3_000
    customers: int = 300

    @property
    def activities(self) -> int:
        return self.entries + self.others

    @classmethod
    def spread(cls, activities: int, entries: int) -> "Size":
        """So many activities, `entries` of them on the hot lead, the others on a record for every OF_A_RECORD."""
        others = activities - entries
        records = max(22, others // OF_A_RECORD)
        return cls(entries, others, records - records // 11, records // 11)


@dataclass(frozen=True)
class World:
    """Everything but the activities. `hot` is the lead with the long history; `last_id` the highest id in use."""

    organisation: Organisation
    departments: list[Department]
    roles: list[Role]
    users: list[User]
    options: list[Option]
    records: list[Record]
    hot: Ref
    last_id: int


def make_world(size: Size) -> World:
    """People, labels and records. The first user may see everything and has the login LOGIN."""
    rng, fresh = Random(SEED), iter(range(1, 2**31))
    departments = [Department(next(fresh), "示例公司")]
    departments += [Department(next(fresh), f"销售{n}部", departments[0].id) for n in range(1, 5)]
    roles = [Role(next(fresh), "管理员", DataScope.ALL), Role(next(fresh), "销售", DataScope.DEPARTMENT_AND_BELOW)]
    users = [
        User(
            id=next(fresh),
            name=f"销售{n:02}",
            created_at=FIRST_DAY,
            login=LOGIN if n == 1 else None,
            phone=f"134000000{n:02}",
            role_id=roles[n > 1].id,
            department_id=departments[n % len(departments)].id,
            job="销售顾问",
            uid=1000 + n,
        )
        for n in range(1, USERS + 1)
    ]
    options = [Option(next(fresh), FOLLOW_UP_CATEGORY, label, n) for n, label in enumerate(CATEGORIES)]
    kinds = [RecordType.LEAD] * (size.leads + 1) + [RecordType.CUSTOMER] * size.customers
    records = [_record(rng, next(fresh), type_, rng.choice(users)) for type_ in kinds]
    return World(
        Organisation(ORGANISATION, "示例公司", "bench"),
        departments,
        roles,
        users,
        options,
        records,
        records[0].ref,
        records[-1].id,
    )


def highest_id(world: World, size: Size) -> int:
    """No id of the world and its history is above this one."""
    return world.last_id + IDS_OF_AN_ACTIVITY * size.activities + 1


def make_history(world: World, size: Size) -> Iterator[Draft]:
    """All activities in the order in which they happen, each record's creation first, one by one: the same each time.

    About half are calls, most with a recording, and half follow-ups, some with a reminder, a place or a mention.
    """
    rng, fresh = Random(SEED), iter(range(world.last_id + 1, 2**31))
    others = [record for record in world.records if record.ref != world.hot]
    hot = world.records[0]
    order = [hot] * size.entries + others + rng.choices(others, k=size.others - len(others))
    rng.shuffle(order)
    begun: set[Ref] = set()
    for record, at in zip(order, _moments(len(order)), strict=True):
        if record.ref not in begun:
            begun.add(record.ref)
            creator_id = record.creator_id or 0
            yield Draft(RECORD_CREATED, creator_id, record.ref, at, at, details=CreatedDetails())
        elif rng.random() < 0.5:
            yield _follow_up(rng, fresh, world, record.ref, at)
        else:
            yield _call(rng, fresh, world, record.ref, at)


def _record(rng: Random, id_: int, type_: RecordType, owner: User) -> Record:
    number = f"{id_:05}"
    return Record(
        type=type_,
        id=id_,
        name=f"示例线索{number}" if type_ is RecordType.LEAD else f"示例科技{number}有限公司",
        owner_id=owner.id,
        creator_id=owner.id,
        department_id=owner.department_id,
        created_at=FIRST_DAY,
        updated_at=FIRST_DAY,
        company_name=f"示例科技{number}有限公司",
        status=str(rng.randint(1, 5)),
        name_pinyin=f"shilixiansuo{number}",
        company_name_pinyin=f"shilikeji{number}youxiangongsi",
    )


def _moments(count: int) -> Iterator[int]:
    """`count` instants, ascending, spread over the working hours of WEEKS weeks."""
    for place in range(count):
        minutes = place * WEEKS * MINUTES_A_WEEK // count
        week, rest = divmod(minutes, MINUTES_A_WEEK)
        day, minute = divmod(rest, 9 * 60)
        yield FIRST_DAY + (week * 7 + day) * 86_400 + 9 * 3600 + minute * 60


def _follow_up(rng: Random, fresh: Iterator[int], world: World, target: Ref, at: int) -> Draft:
    chance = rng.random()
    place = Place("示例路1号", 31.2, 121.5) if chance < 0.03 else None
    mentions = (rng.choice(world.users).id,) if 0.03 <= chance < 0.06 else ()
    return Draft(
        kind=FOLLOW_UP_WRITTEN,
        actor_id=rng.choice(world.users).id,
        target=target,
        at=at,
        recorded_at=at,
        object_id=next(fresh),
        said_at=at - rng.randint(1, 5) * 1800 if rng.random() < 0.2 else at,
        remind_at=at + rng.randint(1, 14) * 86_400 if rng.random() < 0.1 else None,
        category_id=rng.choice(world.options).id,
        text="".join(rng.sample(SENTENCES, rng.randint(1, 3))),
        details=FollowUpDetails(place, mentions),
    )


def _call(rng: Random, fresh: Iterator[int], world: World, target: Ref, at: int) -> Draft:
    seconds = rng.randint(5, 900)
    call_id, recording_id = next(fresh), next(fresh)
    url = f"https://recordings.example.com/{rng.getrandbits(96):024x}.mp3?attname={at:014}.mp3"
    answered = rng.random() < 0.85
    return Draft(
        kind=CALL_MADE,
        actor_id=rng.choice(world.users).id,
        target=target,
        at=at,
        recorded_at=at + seconds + 30,
        object_id=call_id,
        details=CallDetails(
            direction=Direction.OUTBOUND if rng.random() < 0.8 else Direction.INBOUND,
            mode=13,
            recordings=(Recording(recording_id, url, None, seconds, 1),) if answered else (),
        ),
    )
