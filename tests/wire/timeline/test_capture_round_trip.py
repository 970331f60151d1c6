"""What we render can be read back: a draft becomes an answer becomes the same draft, and no answer loses anything."""

from dataclasses import replace

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from genjin.domain.activity import Draft
from genjin.domain.calendar import calendar_of
from genjin.domain.call import CallDetails
from genjin.domain.directory import FOLLOW_UP_CATEGORY, Directory
from genjin.domain.followup import FollowUpDetails
from genjin.domain.json import JsonValue
from genjin.domain.kinds import (
    CALL_MADE,
    FOLLOW_UP_WRITTEN,
    FOREIGN,
    KINDS,
    RECORD_CREATED,
    CreatedDetails,
    Details,
    Kind,
)
from genjin.domain.people import DataScope, Department, Option, Organisation, User
from genjin.domain.policy import Viewer
from genjin.domain.records import Record, RecordType, Ref
from genjin.store.activities import facts_of
from genjin.wire.timeline.capture import CapturedActivity, activity_from_wire
from genjin.wire.timeline.page import Binder
from tests import strategies as some

SHANGHAI = calendar_of("Asia/Shanghai")
BORN = 1_700_000_040
WRITER = User(
    31,
    "小兰",
    BORN,
    email="x@example.com",
    phone="13400000001",
    role_id=4,
    department_id=8,
    avatar_url="https://example.com/a.png",
    third_userid="t",
    uid=77,
)
DIRECTORY = Directory(
    Organisation(6, "企业", "org6", module_names={"Contact": "干系人", "Lead": "潜客"}),
    {31: WRITER},
    {8: Department(8, "销售部")},
    options={41: Option(41, FOLLOW_UP_CATEGORY, "电销"), 42: Option(42, FOLLOW_UP_CATEGORY, "拜访")},
)
minutes = st.integers(-30_000_000, 120_000_000).map(lambda n: n * 60)
targets = st.builds(Ref, st.sampled_from(RecordType), some.ids)
TEXTS = some.texts().filter(lambda text: "\0" not in text)
KEPT = ["comments", "comments_count", "checkin", "contract", "from_skb_info", "common_customer_source", "sign_in"]


def _record(target: Ref) -> Record:
    return Record(target.type, target.id, "郑老师", 31, 31, 8, BORN, BORN)


def _render(draft: Draft, id_: int) -> bytes:
    binder = Binder(DIRECTORY)
    record = _record(draft.target)
    bound = binder.bind(Viewer(6, 1, DataScope.ALL), {record.ref: record})
    return binder.entry(1, facts_of(draft, id_), bound[int(record.type), record.id])


def _read(rendered: bytes) -> CapturedActivity:
    body: JsonValue = orjson.loads(rendered)
    return activity_from_wire(body, SHANGHAI)


@st.composite
def plain_drafts(draw: st.DrawFn, kind: Kind) -> Draft:
    """Drafts whose every fact has a place on the wire: times in whole minutes, nothing captured."""
    at = draw(minutes)
    draft = Draft(kind, 31, draw(targets), at, draw(minutes), edited_at=draw(st.none() | minutes), id=draw(some.ids))
    assume(draft.edited_at != at)
    details: Details = CreatedDetails()
    if kind is CALL_MADE:
        drawn = draw(some.drafts_of(CALL_MADE)).details
        assert drawn is None or isinstance(drawn, CallDetails)
        details = replace(drawn, captured=None, attached=None) if drawn else CallDetails()
    if kind is FOLLOW_UP_WRITTEN:
        details = FollowUpDetails()
        draft = replace(draft, text=draw(TEXTS), object_id=draw(some.ids))
        draft = replace(draft, said_at=draw(st.none() | minutes), remind_at=draw(st.none() | minutes))
    return replace(draft, details=details)


@pytest.mark.parametrize("kind", [RECORD_CREATED, FOLLOW_UP_WRITTEN, CALL_MADE], ids=lambda kind: str(kind.event))
@given(data=st.data())
def test_a_draft_comes_back_as_it_was(data: st.DataObject, kind: Kind) -> None:
    draft = data.draw(plain_drafts(kind))
    category_id = data.draw(st.sampled_from([41, 42])) if kind is FOLLOW_UP_WRITTEN else None
    assert draft.id is not None
    read = _read(_render(replace(draft, category_id=category_id), draft.id))
    assert read.draft == draft
    assert read.category == ("" if category_id is None else DIRECTORY.options[category_id].label)
    assert (read.user, read.department) == (replace(WRITER, department_id=None), "销售部")
    assert (read.organisation_id, read.target_name) == (6, "郑老师")
    assert all(DIRECTORY.organisation.module_names.get(name, "") == told for name, told in read.module_names.items())
    assert not read.extra_keys


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: str(kind.event))
@given(data=st.data())
def test_what_was_read_is_rendered_as_it_was_read(data: st.DataObject, kind: Kind) -> None:
    """With places, mentions, odd seconds and captured values: nothing of the fifty keys changes on the way."""
    drawn = data.draw(some.drafts_of(kind))
    captured = data.draw(st.none() | st.dictionaries(st.sampled_from(KEPT), some.json_values, max_size=4))
    if kind is FOREIGN:
        captured = {"activity_type": "transfer"} | (captured or {})
    seconds = st.integers(-1_800_000_000, 7_200_000_000)
    at = data.draw(seconds)
    draft = replace(
        drawn,
        actor_id=31,
        target=data.draw(targets),
        at=at,
        recorded_at=data.draw(seconds),
        said_at=data.draw(st.none() | seconds | st.just(at)),
        edited_at=data.draw(st.none() | seconds),
        remind_at=data.draw(st.none() | seconds),
        category_id=data.draw(st.sampled_from([41, 42])),
        object_id=data.draw(some.ids),
        details=replace(drawn.details or kind.details(), captured=captured),
    )
    id_ = data.draw(some.ids)
    rendered = _render(draft, id_)
    read = _read(rendered).draft
    again = replace(read, category_id=draft.category_id if read.kind is FOLLOW_UP_WRITTEN else None)
    assert orjson.loads(_render(again, id_)) == orjson.loads(rendered)
    assert _render(again, id_) == rendered


def test_an_unknown_kind_is_read_as_foreign() -> None:
    draft = Draft(CALL_MADE, 31, Ref(RecordType.LEAD, 9), BORN, BORN, details=CallDetails())
    body = orjson.loads(_render(draft, 5)) | {"activity_type": "transfer"}
    assert activity_from_wire(body, SHANGHAI).draft.kind is FOREIGN
