"""How the made-up team works: its own fields and choices, what has to be approved, a pool of the telephone sellers."""

from genjin.demo.stage import Stage, Story
from genjin.domain.custom_field import NewField
from genjin.domain.place import Coordinates
from genjin.domain.pools import PoolInput
from genjin.domain.records import RecordType
from genjin.service.organisation.custom_fields import add_field
from genjin.service.organisation.options import add_option, rename_option
from genjin.service.organisation.organisations import set_approval, set_coordinates
from genjin.service.pools.settings import create_pool

ROOMS, BUYING, SPOKEN_TO = "会议室数量", "采购方式", "沟通对象"
"""The fields that it added: to leads, to customers and to follow-ups."""
TENDER, BY_ITSELF = "公开招标", "自行采购"
TELEPHONE_POOL, LEAD_POOL, CUSTOMER_POOL = "电销线索池", "线索池", "公海"
RETURN_DAYS, WARN_DAYS = 15, 3
"""So many days without a follow-up send a lead of the telephone sellers back; so many before that they are told."""
KEY_CUSTOMER = "战略客户"
_OPENING = 9 * 60


def stories(stage: Stage) -> list[Story]:
    """What was laid down in the beginning, and what was called otherwise later."""
    return [_beginning(stage), _renaming(stage)]


def _beginning(stage: Stage) -> Story:
    yield stage.ago(57, "09:00")
    installation, organisation_id = stage.installation, stage.organisation_id
    set_coordinates(installation, organisation_id, Coordinates.EXACT)
    set_approval(installation, organisation_id, {RecordType.CONTRACT: True})
    for field in (
        NewField(RecordType.LEAD, ROOMS, "number_field", placeholder="间"),
        NewField(RecordType.CUSTOMER, BUYING, "select", choices=(BY_ITSELF, TENDER, "框架协议")),
        NewField(None, SPOKEN_TO),
    ):
        add_field(installation, organisation_id, field)
    add_option(installation, organisation_id, "customer.source", "老客户转介绍")
    leader = stage.user("wudan")
    plain = {"open_to_all": False, "department_ids": (leader.department_id,), "admin_ids": (leader.id,)}
    rule = {"days": RETURN_DAYS, "at": _OPENING, "warn_days": WARN_DAYS, "warn_at": _OPENING}
    stage.act("demo", create_pool, RecordType.LEAD, PoolInput({"name": TELEPHONE_POOL, **plain}, rule))


def _renaming(stage: Stage) -> Story:
    """Old entries follow, because labels are bound late."""
    yield stage.ago(19, "17:40")
    for field, before, after in (
        ("customer.category", "重点客户", KEY_CUSTOMER),
        ("lead.status", "无效", "无效线索"),
    ):
        rename_option(stage.installation, stage.organisation_id, int(stage.option(field, before)), after)
