"""Every kind of activity, done for real, in the 50 keys: what it fills, and what it leaves empty as documented."""

import re
from collections.abc import Callable, Mapping

import pytest

from genjin.domain import kinds
from genjin.domain.kinds import KINDS, Kind
from genjin.domain.people import SYSTEM, User
from genjin.wire.sales_activity import KEYS
from tests.acts import ACTS, PHOTO, SHORT_MESSAGE, entry_of
from tests.api.bodies import raw_lead, user_body
from tests.documents import empty_forms, read, rows, section
from tests.kind_examples import (
    BY_COMMENTS,
    BY_EVERY_KIND,
    BY_THE_RECORD,
    PAGE,
    documented_keys,
    renewed,
    unsigned,
)
from tests.samples import PDF
from tests.world import BOB, DORA, FROM_WEB, NEW, Json, World, at

Ids = Mapping[str, int]
NAMES = {
    "lead": ("Lead", "线索", "郑老师"),
    "customer": ("Customer", "客户", "郑州第一中学"),
    "contact": ("Contact", "联系人", "王主任"),
    "opportunity": ("Opportunity", "商机", "教学软件"),
    "contract": ("Contract", "合同", "采购合同"),
}
"""What the records of the acts are called: class, module, name."""
HEADS = ("keys", "keys of the record")
ONLY_CAPTURED = {"from_skb_info"}
"""What none of our kinds has to say anything in."""
EMPTY_ADDRESS = {
    **{key: {} for key in ("country", "province", "city", "district")},
    **dict.fromkeys(("tel", "phone", "email", "qq", "fax", "wechat", "wangwang", "zip", "url"), ""),
}

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: str(kind.event))


def test_every_kind_has_an_act_and_an_expectation() -> None:
    assert set(KINDS.values()) == set(ACTS) == set(EXPECTED)


def test_every_key_is_filled_by_some_kind() -> None:
    """Or else an act does not do all that it could, and nobody looks at what comes of it."""
    page = read(PAGE)
    by_kinds = set().union(*(documented_keys(page, kind) for kind in KINDS.values()))
    assert {*BY_EVERY_KIND, *BY_THE_RECORD, *BY_COMMENTS} | by_kinds == set(KEYS) - ONLY_CAPTURED


@every_kind
def test_every_kind_fills_its_keys_and_leaves_the_others_in_their_empty_form(world: World, kind: Kind) -> None:
    entry = entry_of(world, kind)
    assert list(entry.shown) == list(KEYS)
    assert unsigned(entry.shown) == empty_forms() | EXPECTED[kind](entry.ids)
    assert world.miscounts() == []


def test_what_every_kind_fills_is_listed() -> None:
    text = section(read(PAGE), "What every kind fills")
    always, by_record = (re.findall(r"`(\w+)`", " ".join(r[0] for r in rows(text, head))) for head in HEADS)
    assert set(always) == set(BY_EVERY_KIND)
    assert set(by_record) == {*BY_THE_RECORD, *BY_COMMENTS}


@every_kind
def test_the_reference_shows_every_kind_as_it_is_told(world: World, kind: Kind) -> None:
    page = read(PAGE)
    assert renewed(page, kind, entry_of(world, kind).shown) == page, "renew it with `make examples`"


def _told(ids: Ids, on: str, when: str = "2024-06-12 10:05", **own: Json) -> Json:
    """What every kind fills, of an entry on a record of alice's, and what else is expected."""
    class_name, module, name = NAMES[on]
    record = {"type": class_name, "type_display": module, "name": name, "id": ids[on]}
    filled = {f"{prefix}_{key}": value for prefix in ("refer", "saleable") for key, value in record.items()}
    moments = dict.fromkeys(("timestamp", "updated_at", "created_at", "real_created_at"), when)
    return {"id": ids["activity"], "user": user_body(), "title": name, **filled, **moments, **own}


def _changed(
    on: str, act: tuple[str, str], description: str, when: str = "2024-06-12 10:05", **own: Json
) -> Callable[[Ids], Json]:
    """What is expected of a kind that tells of a change."""
    acted = {"activity_type": act[0], "activity_type_display": act[1], "description": description}
    return lambda ids: _told(ids, on, when, **acted, **own)


def _captured(ids: Ids) -> Json:
    fiona = user_body(User(36, "Fiona", at("2023-06-13 10:00")), "")
    return {**SHORT_MESSAGE, "id": ids["activity"], "user": fiona | {"job": "", "uid": 0}}


def _created(ids: Ids) -> Json:
    told = {"company_name": "郑州第一中学", "company_name_pinyin": "zhengzhoudiyizhongxue", "job": "教务主任"}
    raw = raw_lead(ids["lead"], **told, note="展会认识", status=str(NEW.id), source=str(FROM_WEB.id))
    act = {"activity_type": "create", "activity_type_display": "新增", "description": "新增线索"}
    return _told(ids, "lead", "2024-06-12 10:00", saleable_id=raw, **act)


def _written(ids: Ids) -> Json:
    owner = ("RevisitLog", ids["follow_up"])
    photo = _file(ids["photo"], "door.bmp", "image/bmp", PHOTO, owner)
    quotation = _file(ids["quotation"], "quotation.pdf", "application/pdf", PDF, owner)
    contacts, itself = [{"id": ids["contact"], "name": "王主任"}], {"id": ids["customer"], "name": "郑州第一中学"}
    return _told(
        ids,
        "customer",
        "2024-06-12 10:20",
        title="拜访",
        description="看了演示，下周给答复",
        comments_count=1,
        comments=[_comment(ids)],
        attachments=[photo, quotation],
        image_attachments=[photo],
        attachment_files=[quotation],
        address={**EMPTY_ADDRESS, "detail_address": "世纪大道1号", "lat": 31.24, "lng": 121.49, "region_info": ""},
        remind_at="2024-06-14 15:00",
        remind_at_display="06月14日 15:00",
        saleable_name="拜访",
        saleable_id=ids["follow_up"],
        saleable_type="RevisitLog",
        saleable_type_display="跟进记录",
        activity_type_display="新增",
        activity_type="create",
        audios=[_audio(ids["voice"], _link(ids["voice"], "voice.wav", "2024-06-13 11:00"), 3)],
        at_users=[user_body(BOB, "销售部")],
        real_revisit_at="2024-06-12 09:30",
        revisit_log_contacts=contacts,
        origin_description="看了演示，下周给答复",
        common_customer_source="公海",
        revisit_log={"id": ids["follow_up"], "is_user_self": True, "is_creator_self": True},
        refers_display=[
            {"label": "关联联系人", "value": contacts, "type": "Contact"},
            {"label": "来自客户", "value": [itself], "type": "Customer"},
        ],
        revisit_log_contract={"id": ids["contract"], "title": "采购合同"},
        revisit_log_opportunity={"id": ids["opportunity"], "title": "教学软件"},
        refer_approve_status="approved",
        refer_info={"id": ids["customer"], "type": "Customer", "source": None, "sub_id": None, "source_app": 1},
    )


def _called(ids: Ids) -> Json:
    here = _link(ids["voice"], "call.wav", "2024-06-13 12:00")
    elsewhere = ids["activity"] - 1  # its recording got the id before
    return _told(
        ids,
        "lead",
        "2024-06-12 10:00",
        real_created_at="2024-06-12 10:02",
        saleable_dial_type="outgoing",
        activity_type_display="电销",
        activity_type="call_record",
        audios=[_audio(elsewhere, "https://example.com/call.mp3", 62), _audio(ids["voice"], here, 3)],
        call_type_display="呼出",
        call_mode=13,
    )


def _checked_in(ids: Ids) -> Json:
    owner, place = ("Checkin", ids["visit"]), {"detail_address": "世纪大道1号", "lat": 31.239712, "lng": 121.490634}
    photo = _file(ids["photo"], "room.bmp", "image/bmp", PHOTO, owner)
    plan = _file(ids["report"], "plan.pdf", "application/pdf", PDF, owner)
    address = {**EMPTY_ADDRESS, **place, "region_info": ""}
    left = {"detail_address": "陆家嘴环路2号", "lat": 31.2336, "lng": 121.5055, "distance": "0m"}
    beside = {"distance": "1568m", "off_distance": "0m", "gaode_staticmap": ""}
    return _told(
        ids,
        "customer",
        "2024-06-12 10:00",
        title="拜访签到",
        description="带样机上门",
        attachments=[photo, plan],
        image_attachments=[photo],
        attachment_files=[plan],
        address=address,
        saleable_name="拜访签到",
        saleable_id=ids["visit"],
        saleable_type="Checkin",
        saleable_type_display="拜访签到",
        activity_type_display="新增",
        activity_type="create",
        origin_description="带样机上门",
        checkin={
            "id": ids["visit"],
            "checkin_name": "郑州第一中学",
            "created_at": "2024-06-12 10:00",
            "address": {"id": ids["visit"], **address, **beside},
        },
        sign_in={"id": ids["visit"], "time": "2024-06-12 10:00", **place, "distance": "1568m"},
        sign_out={"id": ids["visit"], "time": "2024-06-12 10:45", **left},
        refer_approve_status="approved",
    )


def _moved_on(ids: Ids) -> Json:
    told = _changed("opportunity", ("change_status", "状态变更"), "销售阶段：初步接洽 → 赢单")
    return told(ids) | {"opportunity": {"id": ids["opportunity"], "title": "教学软件"}}


def _approved(ids: Ids) -> Json:
    act, description = ("approve", "审批"), "审批状态：待审批 → 已通过；同意"
    told = _changed("contract", act, description, user=user_body(BOB, "销售部"))
    return told(ids) | {"contract": {"id": ids["contract"], "title": "采购合同"}, "refer_approve_status": "approved"}


def _deleted(ids: Ids) -> Json:
    told = _changed("contact", ("destroy", "删除"), "")
    return told(ids) | {"contacts": [{"id": ids["contact"], "name": "王主任"}]}


def _warned(ids: Ids) -> Json:
    note, system = "将于2024-07-12 16:00退回线索池（30天未跟进）", user_body(SYSTEM, "") | {"job": ""}
    act = {"activity_type": "return_warning", "activity_type_display": "退回提醒"}
    return _told(ids, "lead", "2024-07-09 09:00", description=note, user=system, **act)


def _comment(ids: Ids) -> Json:
    return {
        "id": ids["comment"],
        "sales_activity_id": ids["activity"],
        "content": "做得好",
        "exist_parent": False,
        "parent": {},
        "reply_to_user": {},
        "created_at": "2024-06-12 10:25",
        "updated_at": "2024-06-12 10:25",
        "user": user_body(BOB, "销售部"),
        "at_users": [],
        "audios": [],
        "is_user_self": False,
    }


def _link(id_: int, name: str, expires: str, variant: str = "") -> str:
    asked = f"organisation=1&expires={at(expires)}" + (f"&variant={variant}" if variant else "")
    return f"http://genjin.test/files/{id_}/{name}?{asked}&signature=…"


def _file(id_: int, name: str, content_type: str, data: bytes, owner: tuple[str, int]) -> Json:
    whole = _link(id_, name, "2024-06-13 11:00")
    small = _link(id_, name, "2024-06-13 11:00", "thumb") if content_type.startswith("image/") else whole
    return {
        "id": id_,
        "file_url": small,
        "origin_url": whole,
        "public_url": whole,
        "name": name,
        "file_file_name": name,
        "file_content_type": content_type,
        "file_file_size": len(data),
        "attachmentable_id": owner[1],
        "attachmentable_type": owner[0],
        "upload_time": "2024-06-12 10:00",
        "note": "",
        "sub_type": "",
    }


def _audio(id_: int, url: str, seconds: int) -> Json:
    told = {"id": id_, "file_url": url, "mp3_file_url": url, "duration": str(seconds), "duration_seconds": seconds}
    return {**told, "oss_type": None, "is_convert_to_mp3": False}


EXPECTED: Mapping[Kind, Callable[[Ids], Json]] = {
    kinds.FOREIGN: _captured,
    kinds.RECORD_CREATED: _created,
    kinds.FOLLOW_UP_WRITTEN: _written,
    kinds.CALL_MADE: _called,
    kinds.CHECKED_IN: _checked_in,
    kinds.RECORD_EDITED: _changed("lead", ("update", "编辑"), "公司：空 → 郑州第一中学；备注：展会认识 → 空"),
    kinds.STATUS_CHANGED: _moved_on,
    kinds.RECORD_ASSIGNED: _changed("lead", ("transfer", "转移"), "负责人：Alice → Bob", user=user_body(DORA, "公司")),
    kinds.COLLABORATORS_CHANGED: _changed("lead", ("assist", "协作人变更"), "协作人：空 → Bob、Charlie"),
    kinds.RECORD_POOLED: _changed(
        "lead", ("put_back", "退回公海"), "公海：空 → 线索池；负责人：Alice → 空", is_common_customer=True
    ),
    kinds.RECORD_TAKEN: _changed(
        "lead",
        ("take", "领取"),
        "公海：线索池 → 空；负责人：空 → Bob",
        "2024-06-12 10:10",
        user=user_body(BOB, "销售部"),
        common_customer_source="线索池",
    ),
    kinds.LEAD_CONVERTED: _changed(
        "lead", ("turn_to_customer", "转客户"), "转为客户：郑州第一中学", is_lead_and_turned=True
    ),
    kinds.CONVERSION_UNDONE: _changed(
        "lead", ("undo_turn", "撤销转客户"), "客户：郑州第一中学 → 空", "2024-06-12 10:10"
    ),
    kinds.RECORDS_MERGED: _changed("lead", ("merge", "合并"), "合并：郑先生"),
    kinds.MERGE_UNDONE: _changed("lead", ("undo_merge", "撤销合并"), "撤销合并：郑先生", "2024-06-12 10:10"),
    kinds.APPROVAL_CHANGED: _approved,
    kinds.RECORD_DELETED: _deleted,
    kinds.RECORD_RESTORED: _changed("lead", ("restore", "恢复"), ""),
    kinds.RETURN_WARNED: _warned,
}
"""Every key that each kind fills, with what."""
