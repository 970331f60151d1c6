"""Hypothesis strategies for the domain's types: every field, with the texts that real people write."""

import inspect
from typing import TypeVar

from hypothesis import strategies as st

from genjin.domain.activity import Draft
from genjin.domain.attachment import Attached
from genjin.domain.call import Call, CallDetails, Direction, Recording
from genjin.domain.change import Change, ChangeDetails
from genjin.domain.checkin import CheckIn, CheckInDetails, SignOut
from genjin.domain.comment import Comment, Wording
from genjin.domain.custom_field import Choice, CustomField
from genjin.domain.followup import FollowUp, FollowUpDetails
from genjin.domain.json import JsonValue
from genjin.domain.kinds import KINDS, CreatedDetails, Details, ForeignDetails, Kind
from genjin.domain.people import DataScope, Department, Option, Organisation, Rights, Role, User
from genjin.domain.place import Coordinates, Place
from genjin.domain.pools import Pool, ReturnRule
from genjin.domain.records import Record, RecordType, Ref

T = TypeVar("T")
MAX_ID = 2_147_483_647

ids = st.integers(1, MAX_ID)
instants = st.integers(-(2**40), 2**40)
counts = st.integers(0, MAX_ID)

_CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
_TELLING = (
    "",
    "郑老师",
    "１３８００１３８０００",
    "👩‍👩‍👧‍👦 🇨🇳",
    "O'Brien; DROP TABLE records --",
    '100%_\\ "?" %s :id',
    "e\u0301\u202e\ufeff",
    "line\r\nline\ttab",
    "𠮷野家",
)


def every(cls: type[T], **fields: st.SearchStrategy[object]) -> st.SearchStrategy[T]:
    """`st.builds` that refuses to leave a field of the type to its default."""
    missing = set(inspect.signature(cls).parameters) ^ set(fields)
    assert not missing, f"{cls.__name__}: {missing}"
    return st.builds(cls, **fields)


def texts(longest: int | None = None) -> st.SearchStrategy[str]:
    """Any text that a database keeps; of at most so many characters, else also very long ones."""
    telling = [text for text in _TELLING if longest is None or len(text) <= longest]
    long = [] if longest is not None else ["很长的名字" * 2_000]
    return st.one_of(st.text(_CHARACTERS, max_size=longest or 40), st.sampled_from(telling + long))


json_values: st.SearchStrategy[JsonValue] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        texts(),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts(20), inner, max_size=3)),
    max_leaves=8,
)
json_objects = st.dictionaries(texts(20), json_values, max_size=4)
refs = st.builds(Ref, st.sampled_from(RecordType), ids)

organisations = every(
    Organisation,
    id=ids,
    name=texts(),
    corp_id=texts(64),
    time_zone=texts(64),
    version=counts,
    module_names=st.dictionaries(st.sampled_from(["lead", "customer"]), texts(), max_size=2),
    default_image_url=texts(),
    user_config_columns=json_objects,
    coordinates=st.sampled_from(Coordinates),
    approvals=st.frozensets(st.sampled_from(["customer", "contract"])),
)
departments = every(
    Department, id=ids, name=texts(), parent_id=st.none() | ids, managers=st.lists(ids, max_size=3).map(tuple)
)
field_names = st.frozensets(texts(20), max_size=3)
rights = every(Rights, hidden=field_names, read_only=field_names, phones_masked=st.booleans())
roles = every(Role, id=ids, name=texts(), scope=st.sampled_from(DataScope), rights=rights)
users = every(
    User,
    id=ids,
    name=texts(),
    created_at=instants,
    login=st.none() | texts(128),
    email=texts(),
    phone=texts(),
    role_id=counts,
    department_id=st.none() | ids,
    workflow_state=texts(64),
    job=texts(),
    tel=texts(),
    avatar_url=texts(),
    third_userid=st.none() | texts(),
    third_dept_id=st.none() | texts(),
    uid=counts,
    gender=st.none() | st.sampled_from(["male", "female"]),
    superior_id=st.none() | ids,
    left_at=st.none() | instants,
    from_capture=st.booleans(),
)
options = every(Option, id=ids, field=texts(64), label=texts(), position=st.integers(-MAX_ID, MAX_ID))
records = every(
    Record,
    type=st.sampled_from(RecordType),
    id=ids,
    name=texts(),
    owner_id=st.none() | ids,
    creator_id=st.none() | ids,
    department_id=st.none() | ids,
    created_at=instants,
    updated_at=instants,
    company_name=st.none() | texts(),
    status=st.none() | texts(64),
    source=st.none() | texts(64),
    category=st.none() | texts(64),
    before_owner_id=st.none() | ids,
    before_department_id=st.none() | ids,
    customer_id=st.none() | ids,
    turned_at=st.none() | instants,
    followed_up_at=st.none() | instants,
    said_followed_up_at=st.none() | instants,
    remind_at=st.none() | instants,
    deleted_at=st.none() | instants,
    name_pinyin=texts(),
    company_name_pinyin=texts(),
    pool_id=st.none() | ids,
    pooled_at=st.none() | instants,
    from_pool_id=st.none() | ids,
    approve_status=st.none() | texts(16),
    amount=st.none() | instants,
    opportunity_id=st.none() | ids,
    merged_into_id=st.none() | ids,
    called_at=st.none() | instants,
    collaborators=st.just(frozenset()),
    details=json_objects,
    captured=st.none() | json_objects,
)
follow_ups = every(FollowUp, id=ids, activity_id=ids, author_id=ids, target=refs, at=instants)
check_ins = every(
    CheckIn,
    id=ids,
    activity_id=ids,
    author_id=ids,
    target=refs,
    at=instants,
    detail=texts(),
    signed_out_at=st.none() | instants,
)
calls = every(
    Call,
    id=ids,
    caller_id=ids,
    target=refs,
    number=texts(),
    created_at=instants,
    updated_at=instants,
    external_id=texts(),
    name=texts(),
    name_type=texts(),
    number_type=texts(),
    dial_type=texts(),
    seconds=counts,
    connected=st.booleans(),
    activity_id=st.none() | ids,
)

id_lists = st.lists(ids, max_size=3).map(tuple)
return_rules = every(
    ReturnRule,
    days=counts,
    at=st.integers(0, 1439),
    warn_days=counts,
    warn_at=st.integers(0, 1439),
    categories=st.lists(ids, max_size=3).map(tuple),
    spares_sold=st.booleans(),
    enabled_at=st.none() | instants,
)
pools = every(
    Pool,
    id=ids,
    type=st.sampled_from([RecordType.LEAD, RecordType.CUSTOMER]),
    name=texts(),
    created_at=instants,
    updated_at=instants,
    admin_ids=id_lists,
    open_to_all=st.booleans(),
    department_ids=id_lists,
    user_ids=id_lists,
    followed_up=return_rules,
    sold=return_rules,
    limit_days=counts,
    limited_at=st.none() | instants,
)
custom_fields = every(
    CustomField,
    id=ids,
    record_type=st.none() | st.sampled_from(RecordType),
    name=texts(64),
    label=texts(),
    field_type=texts(32),
    group_label=texts(),
    position=st.integers(-MAX_ID, MAX_ID),
    required=st.booleans(),
    enabled=st.booleans(),
    placeholder=texts(),
    choices=st.lists(st.builds(Choice, texts(), texts()), max_size=3).map(tuple),
)
comments = every(
    Comment,
    id=ids,
    activity_id=ids,
    author_id=ids,
    text=texts(),
    created_at=instants,
    parent_id=st.none() | ids,
    edited_at=st.none() | instants,
    deleted_at=st.none(),
    mentions=st.lists(ids, max_size=3).map(tuple),
    earlier=st.lists(st.builds(Wording, texts(), instants), max_size=2).map(tuple),
)
captured = st.none() | json_objects
places = every(Place, detail=texts(), lat=st.floats(-90, 90), lng=st.floats(-180, 180))
recordings = every(
    Recording,
    id=ids,
    url=texts(),
    mp3_url=st.none() | texts(),
    seconds=counts,
    store=st.none() | counts,
    converted=st.booleans(),
).filter(lambda recording: recording.mp3_url != recording.url)
moments = st.integers(-2_208_000_000, 7_258_000_000)
_some_ids = st.lists(ids, max_size=3).map(tuple)
attached = every(Attached, mixed=_some_ids, files=_some_ids, audios=_some_ids)
_DETAILS: dict[type[Details], st.SearchStrategy[Details]] = {
    CreatedDetails: every(CreatedDetails, captured=captured),
    ForeignDetails: every(ForeignDetails, captured=captured),
    ChangeDetails: every(
        ChangeDetails,
        changes=st.lists(st.builds(Change, texts(20), json_values, json_values), max_size=3).map(tuple),
        note=texts(),
        refs=st.lists(refs, max_size=2).map(tuple),
        captured=captured,
    ),
    FollowUpDetails: every(
        FollowUpDetails,
        place=st.none() | places,
        mentions=st.lists(ids, max_size=3).map(tuple),
        refs=st.lists(refs, max_size=3).map(tuple),
        attached=st.none() | attached,
        custom=st.none() | json_objects.filter(bool),
        captured=captured,
    ),
    CheckInDetails: every(
        CheckInDetails,
        place=st.none() | places,
        metres=st.none() | counts,
        sign_out=st.none() | every(SignOut, at=moments, place=places, metres=st.none() | counts),
        attached=st.none() | attached,
        captured=captured,
    ),
    CallDetails: every(
        CallDetails,
        direction=st.sampled_from(Direction),
        mode=counts,
        dial_type=texts(),
        recordings=st.lists(recordings, max_size=3).map(tuple),
        attached=st.none() | attached,
        captured=captured,
    ),
}


def drafts_of(kind: Kind) -> st.SearchStrategy[Draft]:
    """Drafts of one kind, with that kind's details or none; without an id."""
    return every(
        Draft,
        id=st.none(),
        kind=st.just(kind),
        actor_id=ids,
        target=refs,
        at=instants,
        recorded_at=instants,
        object_id=st.none() | ids,
        said_at=st.none() | instants,
        edited_at=st.none() | instants,
        remind_at=st.none() | instants,
        category_id=st.none() | ids,
        text=texts(),
        details=st.none() | _DETAILS[kind.details],
    )


drafts = st.sampled_from(list(KINDS.values())).flatmap(drafts_of)
