"""Renders a page of a timeline as bytes: the hot path.

An entry is one `%` of its own values into the template of its kind (templates.py). What is bound late comes from a
Binder, which keeps ready JSON of people, labels and names for one version of the organisation. `describe` renders
the same entry through the wire type instead; a property test holds the two together.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from genjin.domain.activity import Facts
from genjin.domain.calendar import DAY, day_heading, day_text
from genjin.domain.call import Direction
from genjin.domain.comment import Comment
from genjin.domain.directory import FOLLOW_UP_CATEGORY, Directory
from genjin.domain.json import JsonValue
from genjin.domain.kinds import CALL_MADE, CHECKED_IN, FOLLOW_UP_WRITTEN, FOREIGN, RECORD_CREATED
from genjin.domain.people import SYSTEM, SYSTEM_ID, User
from genjin.domain.policy import Viewer
from genjin.domain.records import Record, RecordType, Ref, shown_with
from genjin.domain.sight import Sight, sight_of
from genjin.domain.timeline import Page
from genjin.wire.change import NOBODY, Names, change_text
from genjin.wire.checkin import check_in_parts
from genjin.wire.comment import comments_to_wire
from genjin.wire.entry_files import DEFAULT_IMAGE, NO_FILES, FilesShown, attached_in, audios_to_wire, files_to_wire
from genjin.wire.linked import contacts_of, refs_in, titled
from genjin.wire.modules import CHECK_IN, CLASS_NAMES, FOLLOW_UP, display_name
from genjin.wire.places import place_told
from genjin.wire.raw_record import raw_dump
from genjin.wire.record_parts import address_to_wire
from genjin.wire.sales_activity import SalesActivity
from genjin.wire.shapes import SHAPES, Values
from genjin.wire.templates import (
    CALL,
    CAPTURED,
    CHANGED,
    CHECK_IN_MADE,
    CREATED,
    FOLLOW_UP_FULL,
    FOLLOW_UP_PLAIN,
    NUMBERS,
    Template,
)
from genjin.wire.user import DEFAULT_AVATAR, user_to_wire

DEFAULT_COLUMNS: Mapping[str, JsonValue] = {"revisit_log": [], "dx_revisit_log": None}
DIRECTIONS = {Direction.UNKNOWN: "", Direction.OUTBOUND: "呼出", Direction.INBOUND: "呼入"}
_DIRECTION_JSON = {int(direction): orjson.dumps(text) for direction, text in DIRECTIONS.items()}
_AUDIO = (
    b'{"id":%d,"file_url":%b,"mp3_file_url":%b,"duration":"%d","duration_seconds":%d,'
    b'"oss_type":%b,"is_convert_to_mp3":%b}'
)
_ROW = b'{"label":%b,"value":%b,"type":%b}'
_NONE = b'""'
_MOST_CALLS = 5_000
Said = Sequence[tuple[Comment, Comment | None]]
"""Comments of an entry, each with the one that it replies to."""
Comments = Mapping[int, Said]
"""The same by the id of the activity."""
NO_COMMENTS: Comments = MappingProxyType({})
CallParts = tuple[bytes, bytes, bytes, int, tuple[int, ...]]
"""A call's dial type, recordings, direction and mode, and ids of uploaded ones; the first three are ready JSON."""
_CLOCK = tuple(b' %02d:%02d"' % divmod(minute, 60) for minute in range(1440))
"""The end of a time, by the minute of the day."""
_SHORT = '"%b月%b日%b'.encode()
_FOREIGN, _CREATED, _FOLLOW_UP, _CALL = FOREIGN.code, RECORD_CREATED.code, FOLLOW_UP_WRITTEN.code, CALL_MADE.code
_CHECK_IN = CHECKED_IN.code


class FollowUpParts(NamedTuple):
    """Ready JSON of the rare parts of a follow-up; `files` are all of them, the pictures and the rest."""

    files: tuple[bytes, bytes, bytes]
    audios: bytes
    address: bytes
    mentioned: bytes
    contacts: bytes
    contacts_row: bytes
    contract: bytes
    opportunity: bytes


class Binder:
    """Ready JSON of what is bound late, for one Directory; made anew when the organisation's version moves on.

    `raw_records` is whether a created record's `saleable_id` is its raw dump (decision 4).
    """

    def __init__(self, directory: Directory, raw_records: bool = True) -> None:
        self.directory = directory
        self.raw_records = raw_records
        organisation = directory.organisation
        names = {
            name: display_name(organisation.module_names, name) for name in (*CLASS_NAMES.values(), FOLLOW_UP, CHECK_IN)
        }
        self.modules = {int(type_): (name, names[name]) for type_, name in CLASS_NAMES.items()}
        self._contacts_label = orjson.dumps(f"关联{names['Contact']}")
        self.no_contacts = _ROW % (self._contacts_label, b"[]", b'"Contact"')
        self._follow_up, self._check_in = orjson.dumps(names[FOLLOW_UP]), orjson.dumps(names[CHECK_IN])
        self._users: dict[int, bytes] = {}
        self._offset = directory.calendar.offset
        self._days: dict[int, bytes] = {}
        self._headings: dict[int, bytes] = {}
        self._calls: dict[bytes | None, CallParts] = {}
        self._categories: dict[int | None, bytes] = {}
        settings = (
            organisation.default_image_url or DEFAULT_IMAGE,
            organisation.user_config_columns or DEFAULT_COLUMNS,
        )
        told = b'],"default_image_url":%b,"user_config_columns":%b' % tuple(map(orjson.dumps, settings))
        self._end = told.replace(b"%", b"%%") + b',"total_count":%d,"per_page":%d,"page":%d}}'

    def page(
        self,
        viewer: Viewer,
        entries: list[Facts],
        targets: Mapping[Ref, Record],
        total: int,
        page: Page,
        comments: Comments = NO_COMMENTS,
        files: FilesShown = NO_FILES,
    ) -> bytes:
        """The whole answer: entries come newest first and are grouped by day (decisions 1 to 3)."""
        viewer_id, bound = viewer.user_id, self.bind(viewer, targets)
        names = {ref: record.name for ref, record in targets.items()}
        days: dict[int, list[bytes]] = {}
        for facts in entries:
            day = (facts.at + self._offset(facts.at)) // DAY
            # Where clocks are set back over midnight, a day comes twice.
            group = days.get(day) or days.setdefault(day, [self._headings.get(day) or self._heading(day)])
            target, said = bound[facts.target_type, facts.target_id], comments.get(facts.id, ())
            group += (self.entry(viewer_id, facts, target, names, said, files), b",")
        parts = [b'{"code":0,"data":{"sales_activities":[']
        for group in days.values():
            group[-1] = b"]},"
            parts += group
        if days:
            parts[-1] = b"]}"
        parts.append(self._end % (total, page.size, page.number))
        return b"".join(parts)

    def bind(self, viewer: Viewer, targets: Mapping[Ref, Record]) -> dict[tuple[int, int], "BoundTarget"]:
        """What the entries of each target have in common, as the viewer is shown it."""
        bound = {}
        for ref, record in targets.items():
            beside = shown_with(record)
            customer = None if beside is None else targets.get(beside)
            bound[int(ref.type), ref.id] = BoundTarget(self, record, sight_of(viewer, record, customer))
        return bound

    def entry(
        self,
        viewer_id: int,
        facts: Facts,
        target: "BoundTarget",
        names: Names = NOBODY,
        said: Said = (),
        files: FilesShown = NO_FILES,
    ) -> bytes:
        """One activity as JSON. `names` are of the records that it may speak of and the viewer may see; `said` are its
        newest comments; its files are among `files`.
        """
        template, values = self._values(viewer_id, facts, target, names, files)
        if template is CAPTURED or facts.comment_count or (facts.rare is not None and b'"captured":' in facts.rare):
            return self._entry_by_key(template, values, target, self._laid_over(viewer_id, facts, target, said))
        return target.template(template) % values

    def describe(
        self,
        viewer_id: int,
        facts: Facts,
        target: "BoundTarget",
        names: Names = NOBODY,
        said: Said = (),
        files: FilesShown = NO_FILES,
    ) -> dict[str, JsonValue]:
        """One activity as a dict, through the wire type; slow, and the measure of what `entry` renders."""
        template, values = self._values(viewer_id, facts, target, names, files)
        own = {
            name: value if name in NUMBERS else orjson.loads(value)
            for name, value in zip(template.order, values, strict=True)
        }
        shared = {name: orjson.loads(value) for name, value in target.slots(template).items()}
        described: dict[str, JsonValue] = SHAPES[template.kind](Values(**(shared | own))).model_dump(warnings=False)
        return described | self._laid_over(viewer_id, facts, target, said)

    def _entry_by_key(
        self,
        template: Template,
        values: tuple[Any, ...],
        target: "BoundTarget",
        over: dict[str, JsonValue],
    ) -> bytes:
        """An entry with captured values or comments: the computed one, with those put in their places."""
        own = dict(zip(template.order, values, strict=True))
        ready = {
            name: value if name in NUMBERS else orjson.Fragment(value)
            for name, value in (target.slots(template) | own).items()
        }
        return orjson.dumps(SHAPES[template.kind](Values(**ready)).__dict__ | over)

    def _laid_over(self, viewer_id: int, facts: Facts, target: "BoundTarget", said: Said) -> dict[str, JsonValue]:
        """The keys that are not what the kind would say: captured values; comments, after captured ones."""
        over = _captured(facts.rare, target.sight)
        if facts.comment_count:
            count, before = over.get("comments_count"), over.get("comments")
            over["comments_count"] = facts.comment_count + (count if isinstance(count, int) else 0)
            ours = comments_to_wire(said, viewer_id, self.directory, target.sight)
            over["comments"] = [*before, *ours] if isinstance(before, list) else ours
        return over

    def _values(
        self, viewer_id: int, facts: Facts, target: "BoundTarget", names: Names, files: FilesShown
    ) -> tuple[Template, tuple[Any, ...]]:
        """The template of an entry and its own values, in the template's order."""
        (
            id_,
            kind,
            actor_id,
            _,
            _,
            object_id,
            at,
            said_at,
            recorded_at,
            edited_at,
            remind_at,
            category_id,
            text,
            rare,
            _,
        ) = facts
        user = self._users.get(actor_id) or self._user(actor_id)
        when = self._minute(at)
        updated = when if edited_at is None else self._minute(edited_at)
        recorded = when if recorded_at == at else self._minute(recorded_at)
        if kind == _FOLLOW_UP:
            said = when if said_at == at else self._minute(said_at)
            category = self._categories.get(category_id) or self._category(category_id)
            text, own = text or _NONE, b"true" if actor_id == viewer_id else b"false"
            if not target.sight.numbers:
                text = orjson.dumps(target.sight.text(orjson.loads(text)))
            end = (updated, when, recorded, text, object_id, own, own)
            reminder = (_NONE, _NONE) if remind_at is None else (self._minute(remind_at), self._short(remind_at))
            if rare is None:
                head = (id_, user, category, when, text, *reminder, category, object_id, self._follow_up, said)
                return FOLLOW_UP_PLAIN, head + end
            parts = self._rare_parts(facts, target, names, files)
            begin = (id_, user, category, when, text, *parts.files, parts.address, *reminder)
            middle = (category, object_id, self._follow_up, parts.audios, parts.mentioned, said, parts.contacts)
            last = (parts.contacts_row, parts.contract, parts.opportunity)
            return FOLLOW_UP_FULL, begin + middle + end + last
        if kind == _CALL:
            dial_type, audios, direction, mode, uploaded = self._calls.get(rare) or self._call(rare)
            if uploaded:
                audios = _joined(audios, audios_to_wire(uploaded, files))
            return CALL, (id_, user, when, dial_type, audios, updated, when, recorded, direction, mode)
        if kind == _CHECK_IN:
            return CHECK_IN_MADE, self._check_in_values(facts, target, files, user, when, updated, recorded)
        if kind == _CREATED:
            return CREATED, (id_, user, when, updated, when, recorded)
        if kind in CHANGED:
            told = orjson.dumps(change_text(facts, self.directory, names, target.sight))
            return CHANGED[kind], (id_, user, when, told, updated, when, recorded)
        return CAPTURED, (id_, user, when, self._minute(said_at), updated, when, recorded)

    def _rare_parts(self, facts: Facts, target: "BoundTarget", names: Names, files: FilesShown) -> FollowUpParts:
        """What a plain follow-up has not: its files, place and reminder, who was mentioned and what it is linked to."""
        rare = orjson.loads(facts.rare or b"{}")
        place, users, refs = rare.get("place"), self.directory.users, refs_in(rare)
        mentioned = [self._users.get(id_) or self._user(id_) for id_ in rare.get("mentions", ()) if id_ in users]
        contacts = orjson.dumps(contacts_of(refs, names))
        address = b"{}" if place is None else orjson.dumps(target.sight.value("", address_to_wire(place_told(place))))
        owner = FOLLOW_UP, facts.object_id or 0
        told = files_to_wire(attached_in(rare), files, owner, self.directory.calendar)
        attachments, images, others, audios = map(orjson.dumps, told.values())
        return FollowUpParts(
            files=(attachments, images, others),
            audios=audios,
            address=address,
            mentioned=b"[%b]" % b",".join(mentioned),
            contacts=contacts,
            contacts_row=_ROW % (self._contacts_label, contacts, b'"Contact"'),
            contract=orjson.dumps(titled(refs, RecordType.CONTRACT, names, target.record)),
            opportunity=orjson.dumps(titled(refs, RecordType.OPPORTUNITY, names, target.record)),
        )

    def _check_in_values(
        self,
        facts: Facts,
        target: "BoundTarget",
        files: FilesShown,
        user: bytes,
        when: bytes,
        updated: bytes,
        recorded: bytes,
    ) -> tuple[Any, ...]:
        """The values of a check-in, in its template's order."""
        rare = orjson.loads(facts.rare or b"{}")
        told = check_in_parts(facts, rare, target.record, self.directory, files, target.sight)
        ready = {key: orjson.dumps(value) for key, value in told.items()}
        text = facts.text or _NONE
        if not target.sight.numbers:
            text = orjson.dumps(target.sight.text(orjson.loads(text)))
        shown = (ready["attachments"], ready["image_attachments"], ready["attachment_files"], ready["address"])
        named = (self._check_in, facts.object_id, self._check_in)
        parts = (ready["checkin"], ready["sign_in"], ready["sign_out"])
        return facts.id, user, self._check_in, when, text, *shown, *named, updated, when, recorded, text, *parts

    def _call(self, rare: bytes | None) -> CallParts:
        """The parts of a call, kept by what the store has of it: many are asked for more than once."""
        if len(self._calls) >= _MOST_CALLS:
            self._calls.clear()
        parts = self._calls[rare] = _call_parts(rare)
        return parts

    def _minute(self, at: int | None) -> bytes:
        if at is None:
            return _NONE
        day, second = divmod(at + self._offset(at), DAY)
        return (self._days.get(day) or self._day(day)) + _CLOCK[second // 60]

    def _short(self, at: int) -> bytes:
        """`"04月04日 01:43"`, the form of reminders."""
        day, second = divmod(at + self._offset(at), DAY)
        text = self._days.get(day) or self._day(day)
        return _SHORT % (text[6:8], text[9:11], _CLOCK[second // 60])

    def _heading(self, day: int) -> bytes:
        text = self._headings[day] = b'{"date":"%b","activities":[' % day_heading(day).encode()
        return text

    def _day(self, day: int) -> bytes:
        text = self._days[day] = b'"%b' % day_text(day).encode()
        return text

    def _user(self, user_id: int) -> bytes:
        user = self.directory.users.get(user_id) or _stranger(user_id)
        text = self._users[user_id] = orjson.dumps(user_to_wire(user, self.directory))
        return text

    def _category(self, category_id: int | None) -> bytes:
        label = self.directory.label(FOLLOW_UP_CATEGORY, category_id)
        text = self._categories[category_id] = orjson.dumps(label) if label else self._follow_up
        return text


class BoundTarget:
    """What the entries of one target have in common on one page; made when first needed.

    `sight` is what of the target is shown.
    """

    def __init__(self, binder: Binder, record: Record, sight: Sight) -> None:
        self._binder, self.record, self.sight = binder, sight.record(record), sight
        self._slots: dict[str, bytes] = {}
        self._templates: dict[Template, bytes] = {}

    def template(self, template: Template) -> bytes:
        """The template with this target's values filled in."""
        found = self._templates.get(template)
        if found is None:
            found = self._templates[template] = template.of(self.slots(template))
        return found

    def slots(self, template: Template) -> dict[str, bytes]:
        """This target's values as ready JSON. Only the entry of its creation has its raw dump."""
        if not self._slots:
            self._slots = self._common_slots()
        return self._slots | {"saleable": self._saleable()} if template is CREATED else self._slots

    def _common_slots(self) -> dict[str, bytes]:
        record, (class_name, display) = self.record, self._binder.modules[int(self.record.type)]
        name, type_ = orjson.dumps(record.name), orjson.dumps(class_name)
        turned = record.type is RecordType.LEAD and record.customer_id is not None
        row = _ROW % (orjson.dumps(f"来自{display}"), b'[{"id":%d,"name":%b}]' % (record.id, name), type_)
        pool = self._binder.directory.pools.get(record.from_pool_id or 0)
        own = b'{"id":%d,"title":%b}' % (record.id, name)
        return {
            "refer_type": type_,
            "refer_type_display": orjson.dumps(display),
            "refer_name": name,
            "refer_id": b"%d" % record.id,
            "turned": b"true" if turned else b"false",
            "refers": b"[%b,%b]" % (self._binder.no_contacts, row),
            "record_row": row,
            "own_contract": own if record.type is RecordType.CONTRACT else b"null",
            "own_opportunity": own if record.type is RecordType.OPPORTUNITY else b"null",
            "created": orjson.dumps(f"新增{display}"),
            "pooled": b"true" if record.pool_id is not None else b"false",
            "pool": orjson.dumps(pool.name if pool else None),
            "pool_told": orjson.dumps(pool.name if pool else ""),
            "approval": orjson.dumps(record.approve_status),
            "of_contacts": b'[{"id":%d,"name":%b}]' % (record.id, name) if record.type is RecordType.CONTACT else b"[]",
            "of_contract": own if record.type is RecordType.CONTRACT else b"{}",
            "of_opportunity": own if record.type is RecordType.OPPORTUNITY else b"{}",
        }

    def _saleable(self) -> bytes:
        if not self._binder.raw_records:
            return b"%d" % self.record.id
        directory = self._binder.directory
        return orjson.dumps(raw_dump(self.record, directory.organisation.id, directory.calendar))


def _captured(rare: bytes | None, sight: Sight) -> dict[str, JsonValue]:
    """The captured values of the 50 keys; other keys that were captured are kept, but are not of the contract."""
    captured = orjson.loads(rare or b"{}").get("captured") or {}
    return {key: sight.value(key, value) for key, value in captured.items() if key in SalesActivity.model_fields}


def _call_parts(rare: bytes | None) -> CallParts:
    """A call's parts of what the store has of it."""
    told = orjson.loads(rare or b"{}")
    dial_type = told.get("dial_type")
    return (
        orjson.dumps(dial_type) if dial_type else _NONE,
        b"[%b]" % b",".join([_audio(*recording) for recording in told.get("recordings", ())]),
        _DIRECTION_JSON[told.get("direction", 0)],
        told.get("mode", 0),
        attached_in(told).audios,
    )


def _joined(ready: bytes, more: list[JsonValue]) -> bytes:
    """A ready JSON list with more items."""
    return orjson.dumps([*orjson.loads(ready), *more])


def _audio(id_: int, url: str, mp3_url: str, seconds: int, store: int | None, converted: bool) -> bytes:
    address = orjson.dumps(url)
    mp3_address = address if mp3_url == url else orjson.dumps(mp3_url)
    kept_in = b"null" if store is None else b"%d" % store
    return _AUDIO % (id_, address, mp3_address, seconds, seconds, kept_in, b"true" if converted else b"false")


def _stranger(user_id: int) -> User:
    """Somebody who did something here and is in no directory any more; or nobody: the installation itself."""
    if user_id == SYSTEM_ID:
        return SYSTEM
    return User(id=user_id, name="", created_at=0, avatar_url=DEFAULT_AVATAR)
