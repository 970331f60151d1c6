"""The templates of the hot path say what the wire type says, for every kind and every fact that can be stored."""

from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genjin.domain.activity import Draft, Facts
from genjin.domain.calendar import day_heading
from genjin.domain.change import ChangeDetails
from genjin.domain.directory import FOLLOW_UP_CATEGORY, Directory
from genjin.domain.kinds import KINDS, Kind
from genjin.domain.people import NO_LIMITS, DataScope, Department, Option, Organisation, Rights, User
from genjin.domain.policy import Viewer
from genjin.domain.records import Record, RecordType
from genjin.domain.timeline import Page
from genjin.store.activities import facts_of
from genjin.wire.sales_activity import KEYS, SalesActivities
from genjin.wire.timeline.page import Binder
from tests import strategies as some
from tests.documents import read
from tests.kind_examples import PAGE, documented_keys, own_keys

FIRST, LAST = -2_208_000_000, 7_258_000_000
"""1900 to 2199: no other times are read."""
instants = st.integers(FIRST, LAST)
ODD = '"%s" \\ \u2028 100% %(id)b \x01id\x01 郑'

organisations = st.builds(
    Organisation,
    id=some.ids,
    name=some.texts(),
    corp_id=some.texts(64),
    time_zone=st.sampled_from(["Asia/Shanghai", "America/New_York", "Asia/Kathmandu"]),
    module_names=st.dictionaries(st.sampled_from(["Lead", "Customer", "Contact", "RevisitLog"]), some.texts(20)),
    default_image_url=some.texts(),
    user_config_columns=some.json_objects,
)
sights = st.sampled_from([NO_LIMITS, Rights(phones_masked=True), Rights(frozenset({"lead.note", "customer.status"}))])
users = some.users.map(lambda user: replace(user, created_at=FIRST + user.created_at % (LAST - FIRST)))


@st.composite
def directories(draw: st.DrawFn) -> Directory:
    people = draw(st.lists(users, max_size=3, unique_by=lambda user: user.id))
    labels = draw(st.lists(some.texts(20), max_size=3))
    return Directory(
        draw(organisations),
        {user.id: user for user in people},
        {user.department_id: Department(user.department_id, ODD) for user in people if user.department_id},
        options={n: Option(n, FOLLOW_UP_CATEGORY, label) for n, label in enumerate(labels, start=1)},
    )


@st.composite
def stories(draw: st.DrawFn, kind: Kind) -> tuple[Directory, Record, Facts, Viewer]:
    """A directory, a record, something that happened to it, and who looks at it."""
    directory = draw(directories())
    record = draw(some.records)
    whole = {name: FIRST + at % (LAST - FIRST) for name in _MOMENTS if (at := getattr(record, name)) is not None}
    record = replace(record, **whole)
    told = draw(some.drafts_of(kind))
    known = st.sampled_from([*directory.users, 999]) if directory.users else st.just(999)
    at = draw(instants)
    other = st.none() | instants | st.just(at)
    draft = replace(
        told,
        target=record.ref,
        actor_id=draw(known),
        at=at,
        recorded_at=draw(instants),
        said_at=draw(other),
        edited_at=draw(other),
        remind_at=draw(other),
        category_id=draw(st.none() | st.integers(1, 4)),
        object_id=draw(some.ids),
    )
    return directory, record, facts_of(draft, draw(some.ids)), _viewer(draw(known), draw(sights))


def _without_captured(facts: Facts) -> Facts:
    rare = orjson.loads(facts.rare or b"{}")
    rare.pop("captured", None)
    return facts._replace(rare=orjson.dumps(rare) if rare else None)


def _viewer(user_id: int, rights: Rights = NO_LIMITS) -> Viewer:
    return Viewer(1, user_id, DataScope.ALL, rights=rights)


_MOMENTS = [
    *("created_at", "updated_at", "turned_at", "followed_up_at", "said_followed_up_at", "remind_at", "deleted_at"),
]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: str(kind.event))
@given(data=st.data(), raw_records=st.booleans())
def test_the_template_and_the_type_say_the_same_to_the_byte(data: st.DataObject, kind: Kind, raw_records: bool) -> None:
    directory, record, facts, viewer = data.draw(stories(kind))
    binder = Binder(directory, raw_records)
    target = binder.bind(viewer, {record.ref: record})[facts.target_type, facts.target_id]
    rendered = binder.entry(viewer.user_id, facts, target)
    described = binder.describe(viewer.user_id, facts, target)
    assert orjson.loads(rendered) == described
    assert rendered == orjson.dumps(described)
    assert tuple(described) == KEYS


@given(data=st.data())
def test_a_page_is_valid_by_the_type_that_describes_it(data: st.DataObject) -> None:
    """Without captured values, which are served as they came, whatever they are."""
    kind = data.draw(st.sampled_from([kind for kind in KINDS.values() if kind.code]))
    directory, record, facts, viewer = data.draw(stories(kind))
    facts, record = _without_captured(facts), replace(record, captured=None)
    directory = replace(directory, organisation=replace(directory.organisation, user_config_columns={}))
    body = orjson.loads(Binder(directory).page(viewer, [facts] * 3, {record.ref: record}, 7, Page(2, 3)))
    assert list(body) == ["code", "data"]
    checked = SalesActivities.model_validate(body["data"], strict=True)
    assert (checked.total_count, checked.per_page, checked.page) == (7, 3, 2)
    assert [group.date for group in checked.sales_activities] == [day_heading(directory.calendar.day(facts.at))]
    assert len(checked.sales_activities[0].activities) == 3


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: str(kind.event))
@given(data=st.data())
def test_a_kind_fills_no_key_that_the_reference_does_not_name(data: st.DataObject, kind: Kind) -> None:
    directory, record, facts, viewer = data.draw(stories(kind))
    binder, facts = Binder(directory), _without_captured(facts)
    target = binder.bind(viewer, {record.ref: record})[facts.target_type, facts.target_id]
    described = binder.describe(viewer.user_id, facts, target)
    # A change may have something to add to its kind, though some kinds have not so far.
    may = documented_keys(read(PAGE), kind) | ({"description"} if kind.details is ChangeDetails else set())
    assert set(own_keys(described)) <= may


@given(texts=st.lists(some.texts(), min_size=5, max_size=5))
def test_no_text_breaks_out_of_its_place(texts: list[str]) -> None:
    name, user_name, label, content, url = texts
    directory = Directory(
        Organisation(1, "x", "x", default_image_url=url, module_names={"Lead": label} if label else {}),
        {5: User(5, user_name, 0)},
        options={1: Option(1, FOLLOW_UP_CATEGORY, label)} if label else {},
    )
    record = Record(RecordType.LEAD, 9, name, 5, 5, None, 0, 0)
    draft = Draft(KINDS[2], 5, record.ref, 0, 0, 7, text=content, category_id=1)
    page = orjson.loads(Binder(directory).page(_viewer(5), [facts_of(draft, 3)], {record.ref: record}, 1, Page()))
    entry = page["data"]["sales_activities"][0]["activities"][0]
    assert (entry["refer_name"], entry["user"]["name"], entry["description"]) == (name, user_name, content)
    assert entry["title"] == (label or "跟进记录")
    assert page["data"]["default_image_url"] == (url or "/static/attachment_no_permission.svg")


def test_an_empty_page_is_an_empty_list() -> None:
    body = orjson.loads(Binder(Directory(Organisation(1, "x", "x"))).page(_viewer(1), [], {}, 0, Page()))
    assert body["data"]["sales_activities"] == []


def test_there_are_fifty_keys() -> None:
    assert len(KEYS) == len(set(KEYS)) == 50
