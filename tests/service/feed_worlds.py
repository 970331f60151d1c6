"""Random organisations for feeds: records that roll up to each other, what happened to them, who looks at what."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from genjin.domain.activity import Draft, Facts
from genjin.domain.attachment import ACTIVITY, Attached, Attachment, FileKind, Holder
from genjin.domain.call import Call, CallDetails, Recording
from genjin.domain.change import Change, ChangeDetails
from genjin.domain.directory import Directory
from genjin.domain.feed import EVER, Choice, FeedFilter, Has, Moment, OfRecord, Relation, Talked, folded
from genjin.domain.followup import FollowUpDetails
from genjin.domain.kinds import (
    CALL_MADE,
    FOLLOW_UP_WRITTEN,
    FOREIGN,
    RECORD_CREATED,
    RECORD_EDITED,
    RECORDS_MERGED,
    RETURN_WARNED,
    STATUS_CHANGED,
    Details,
    ForeignDetails,
    Kind,
)
from genjin.domain.people import DataScope, Organisation, Rights, User
from genjin.domain.policy import Viewer
from genjin.domain.records import MERGEABLE, Record, RecordType, Ref
from genjin.service import activities
from genjin.service.context import Session
from genjin.store import calls, comments, files, ids, people, records
from genjin.store.transaction import Tx
from tests.databases import fresh_organisation

USERS = range(1, 6)
few_ids = st.integers(1, 5)
few_moments = st.integers(0, 9) | st.just(3_600)
OFFSETS = ((0, 3_600), (5, 7_200))
"""Of a zone whose clocks are set forward at the moment 5."""
TEXTS = (
    *(
        "",
        "在忙",
        "在忙,留了电话13400000031",
        "Yes\nno",
        'a "b" \\n c',
        "C:\\temp",
        "100%_",
        "ＡBC",
        "\x01u0001",
        "Ünï",
    ),
)
PARTS = (*("在忙", "n", "yes", "no", "no\n", "\\", '"', "%", "_", "134", "1", "\nn", "bc", "b", "ü", "u0001", "\x01"),)


@dataclass(frozen=True)
class Held:
    """What the policy looks at of a record; `customer` and `merged_into` are places in the list."""

    type: RecordType
    owner_id: int | None
    department_id: int | None
    pool_id: int | None
    collaborators: frozenset[int]
    customer: int | None
    deleted: bool
    merged_into: int | None


@dataclass(frozen=True)
class Act:
    """Something that happened to the record at a place of the list."""

    record: int
    actor_id: int
    kind: int
    at: int
    said_at: int | None
    recorded_at: int
    text: str
    picture: bool
    recording: bool
    taken_out: bool
    commented: bool
    deleted: bool


_few = st.none() | st.integers(1, 3)
some_held = st.lists(
    st.builds(
        Held,
        st.sampled_from([*RecordType, *MERGEABLE, *MERGEABLE]),
        _few,
        _few,
        _few,
        st.frozensets(st.integers(1, 3), max_size=1),
        st.none() | st.integers(0, 5),
        st.sampled_from((False, False, False, True)),
        st.none() | st.integers(0, 5),
    ),
    min_size=1,
    max_size=6,
)
watched = st.lists(
    st.builds(
        Held,
        st.sampled_from(RecordType),
        st.none() | st.just(1),
        st.none(),
        st.just(1),
        st.just(frozenset[int]()),
        st.none() | st.integers(0, 3),
        st.just(False),
        st.none(),
    ),
    min_size=1,
    max_size=4,
)
"""Records that all lie in a pool, some of which are the first user's too."""
KINDS = (
    RECORD_CREATED,
    FOLLOW_UP_WRITTEN,
    CALL_MADE,
    RECORD_EDITED,
    STATUS_CHANGED,
    RECORDS_MERGED,
    RETURN_WARNED,
    FOREIGN,
)
acts = st.builds(
    Act,
    st.integers(0, 8),
    st.integers(0, 5),
    st.sampled_from([kind.code for kind in KINDS]),
    few_moments,
    st.none() | few_moments,
    few_moments,
    st.sampled_from(TEXTS),
    *(st.booleans() for _ in range(3)),
    st.booleans(),
    st.sampled_from((False, False, False, True)),
)
some_acts = st.lists(acts, max_size=12)
viewers = st.builds(
    lambda *told: Viewer(fresh_organisation(), *told),
    st.integers(1, 3),
    st.sampled_from((DataScope.SELF, DataScope.SELF, DataScope.DEPARTMENT, DataScope.ALL)),
    st.frozensets(st.integers(1, 3), max_size=1),
    st.frozensets(st.integers(1, 3), max_size=1),
    st.frozensets(st.integers(1, 3), max_size=1),
    st.sampled_from((Rights(), Rights(), Rights(phones_masked=True))),
)
watchers = st.builds(
    lambda scope, rights: Viewer(fresh_organisation(), 1, scope, pools=frozenset({1}), rights=rights),
    st.sampled_from((DataScope.SELF, DataScope.SELF, DataScope.ALL)),
    st.sampled_from((Rights(), Rights(), Rights(phones_masked=True))),
)
"""Who looks into that pool."""


def choices(values: st.SearchStrategy[object]) -> st.SearchStrategy[Choice[object]]:
    """Mostly anything; else a few values that are wanted or not."""
    some = st.frozensets(values, max_size=2)
    return st.one_of(st.just(Choice()), st.just(Choice()), st.builds(Choice, some, some))


filters = st.builds(
    FeedFilter,
    st.just(Choice()),
    choices(st.sampled_from([kind.code for kind in KINDS])),
    choices(st.integers(0, 5)),
    choices(few_ids),
    choices(st.sampled_from(list(map(folded, PARTS)))),
    choices(st.sampled_from(Has)),
    choices(st.sampled_from([*Relation, *RecordType])),
    st.sampled_from(Moment),
    st.none() | st.none() | few_moments,
    st.none() | st.none() | few_moments,
    st.none(),
    st.builds(
        OfRecord,
        choices(st.sampled_from(RecordType)),
        choices(st.integers(0, 3)),
        choices(st.sampled_from(("", "1", "2"))),
        choices(st.sampled_from(("", "3"))),
        st.sampled_from((None, None, True, False)),
        st.sampled_from((None, None, True, False)),
    ),
    st.builds(
        Talked,
        st.just(frozenset({FOLLOW_UP_WRITTEN.code, CALL_MADE.code})),
        choices(st.sampled_from((1, 4, EVER))),
        choices(st.sampled_from(((0, 3), (2, 8)))),
    ),
    choices(st.sampled_from(("", "1"))),
    st.sampled_from((None, None, None, True, False)),
    choices(st.sampled_from((1, 2, 3))),
    st.just(OFFSETS),
)


def records_of(some: Sequence[Held]) -> list[Record]:
    """The records, with links that the use cases could have made: nothing points at what was merged into another."""
    refs = [Ref(held.type, nth) for nth, held in enumerate(some, 1)]
    merged = [
        held.type in MERGEABLE
        and held.merged_into is not None
        and held.merged_into < len(some)
        and some[held.merged_into].type is held.type
        and some[held.merged_into].merged_into is None
        for held in some
    ]

    def customer_of(held: Held) -> int | None:
        place = held.customer
        if place is None or place >= len(some) or held.type is RecordType.CUSTOMER or merged[place]:
            return None
        return refs[place].id if some[place].type is RecordType.CUSTOMER else None

    return [
        Record(
            *(held.type, nth, f"n{nth}", held.owner_id, 1, held.department_id, 1, 1),
            customer_id=customer_of(held),
            pool_id=held.pool_id,
            collaborators=held.collaborators,
            deleted_at=9 if held.deleted else None,
            status=(None, "1", "2")[nth % 3],
            source=(None, "3")[nth % 2],
            merged_into_id=refs[held.merged_into].id if merged[nth - 1] and held.merged_into is not None else None,
        )
        for nth, held in enumerate(some, 1)
    ]


def settle(tx: Tx, viewer: Viewer, held: Sequence[Held]) -> tuple[Session, list[Record]]:
    """Put people and records in; everybody's department is the half of their id."""
    some = records_of(held)
    users = [User(id_, f"u{id_}", 1, department_id=(id_ + 1) // 2) for id_ in USERS]
    people.put_users(tx, viewer.organisation_id, users)
    records.put_records(tx, viewer.organisation_id, some)
    for record in some:
        records.add_collaborators(tx, viewer.organisation_id, record.ref, record.collaborators, 1, 1)
    organisation = Organisation(viewer.organisation_id, "o", str(viewer.organisation_id))
    return Session(viewer, Directory(organisation, {user.id: user for user in users})), some


def put_acts(tx: Tx, organisation_id: int, some: Sequence[Record], done: Sequence[Act]) -> list[Facts]:
    """Let it happen; what stays is returned."""
    left = []
    for act in done:
        facts = _put(tx, organisation_id, some[act.record % len(some)].ref, act)
        if act.deleted:
            activities.take_back(tx, organisation_id, facts, 10)
        else:
            left.append(facts)
    return left


def _put(tx: Tx, organisation_id: int, target: Ref, act: Act) -> Facts:
    kind = next(kind for kind in KINDS if kind.code == act.kind)
    picture, recording = ids.allocate(tx, 2)
    shown = () if act.taken_out else (picture,) if act.picture else ()
    heard = (recording,) if act.recording else ()
    attached = Attached(shown, (), heard) if shown or heard else None
    by_kind: dict[Kind, Details | None] = {
        CALL_MADE: CallDetails(
            attached=attached,
            recordings=(Recording(1, "u", "m", 1),) if act.picture and act.taken_out else (),
        ),
        FOLLOW_UP_WRITTEN: FollowUpDetails(attached=attached, custom={"a": "\0", "recordings": '"recordings":[['}),
        STATUS_CHANGED: ChangeDetails((Change("status", (None, "1", "12")[act.said_at or 0], "2"),))
        if act.said_at is None or act.said_at < 3
        else None,
        RECORD_EDITED: ChangeDetails((Change("note", "a", "b"),)),
        FOREIGN: ForeignDetails({"image_attachments": [{"id": 1}] if act.picture else [], "audios": []}),
    }
    clocks = (act.at, act.recorded_at, picture if kind is CALL_MADE else None, act.said_at)
    draft = Draft(kind, act.actor_id, target, *clocks, text=act.text, details=by_kind.get(kind))
    facts = activities.record(tx, organisation_id, draft)
    if kind is CALL_MADE and not act.taken_out:
        told = Call(picture, act.actor_id, target, "", act.at, act.at, connected=act.recording, activity_id=facts.id)
        calls.put(tx, organisation_id, told)
    if act.picture or act.recording:
        holder = Holder(ACTIVITY, facts.id)
        file = Attachment(picture, b"h", "x", "image/png", 1, FileKind.PICTURE, 1, 1, holder=holder)
        files.put(tx, organisation_id, file, replace(file, id=recording, kind=FileKind.RECORDING))
    if act.commented:
        comments.count(tx, organisation_id, facts.id, 1)
        facts = facts._replace(comment_count=1)
    return facts
