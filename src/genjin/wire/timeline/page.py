"""Renders a page of a timeline as bytes: the hot path.

An entry is one `%` of its own values into the template of its kind (templates.py). What is bound late comes from a
Binder, which keeps ready JSON of people, labels and names for one version of the organisation. `describe` renders
the same entry through the wire type instead; a property test holds the two together.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import orjson

from genjin.domain.activity import Facts
from genjin.domain.calendar import DAY, day_heading, day_text
from genjin.domain.comment import Comment
from genjin.domain.directory import FOLLOW_UP_CATEGORY, Directory
from genjin.domain.json import JsonValue
from genjin.domain.kinds import CALL_MADE, CHECKED_IN, FOLLOW_UP_WRITTEN, RECORD_CREATED
from genjin.domain.people import SYSTEM, SYSTEM_ID, User
from genjin.domain.policy import Viewer
from genjin.domain.records import Record, Ref, shown_with
from genjin.domain.sight import Sight, sight_of
from genjin.domain.timeline import Page
from genjin.wire.comment import comments_to_wire
from genjin.wire.entries.checkin import check_in_parts
from genjin.wire.files.entry_files import DEFAULT_IMAGE, NO_FILES, FilesShown, audios_to_wire
from genjin.wire.modules import CHECK_IN, CLASS_NAMES, FOLLOW_UP, display_name
from genjin.wire.records.change import NOBODY, Names, change_text
from genjin.wire.sales_activity import SalesActivity
from genjin.wire.timeline.bound_target import BoundTarget, Shared
from genjin.wire.timeline.call_parts import CallParts, call_parts, joined
from genjin.wire.timeline.custom import custom_keys
from genjin.wire.timeline.follow_up_parts import follow_up_parts
from genjin.wire.timeline.shapes import SHAPES, Values
from genjin.wire.timeline.templates import (
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
_NONE = b'""'
_MOST_CALLS = 5_000
Said = Sequence[tuple[Comment, Comment | None]]
"""Comments of an entry, each with the one that it replies to."""
Comments = Mapping[int, Said]
"""The same by the id of the activity."""
NO_COMMENTS: Comments = MappingProxyType({})
_CLOCK = tuple(b' %02d:%02d"' % divmod(minute, 60) for minute in range(1440))
"""The end of a time, by the minute of the day."""
_CREATED, _FOLLOW_UP, _CALL = RECORD_CREATED.code, FOLLOW_UP_WRITTEN.code, CALL_MADE.code
_CHECK_IN = CHECKED_IN.code


class Binder:
    """Ready JSON of what is bound late, for one Directory; made anew when the organisation's version moves on.

    `raw_records` is whether a created record's `saleable_id` is its raw dump (decision 4).
    """

    def __init__(self, directory: Directory, raw_records: bool = True) -> None:
        self.directory = directory
        organisation = directory.organisation
        names = {
            name: display_name(organisation.module_names, name) for name in (*CLASS_NAMES.values(), FOLLOW_UP, CHECK_IN)
        }
        modules = {int(type_): (name, names[name]) for type_, name in CLASS_NAMES.items()}
        self._shared = Shared(directory, modules, f"关联{names['Contact']}", raw_records)
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
        day_of = self.directory.calendar.day
        for facts in entries:
            day = day_of(facts.at)
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

    def bind(self, viewer: Viewer, targets: Mapping[Ref, Record]) -> dict[tuple[int, int], BoundTarget]:
        """What the entries of each target have in common, as the viewer is shown it."""
        bound = {}
        for ref, record in targets.items():
            beside = shown_with(record)
            customer = None if beside is None else targets.get(beside)
            bound[int(ref.type), ref.id] = BoundTarget(self._shared, record, sight_of(viewer, record, customer))
        return bound

    def entry(
        self,
        viewer_id: int,
        facts: Facts,
        target: BoundTarget,
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
        target: BoundTarget,
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
        target: BoundTarget,
        over: dict[str, JsonValue],
    ) -> bytes:
        """An entry with captured values or comments: the computed one, with those put in their places."""
        own = dict(zip(template.order, values, strict=True))
        ready = {
            name: value if name in NUMBERS else orjson.Fragment(value)
            for name, value in (target.slots(template) | own).items()
        }
        return orjson.dumps(SHAPES[template.kind](Values(**ready)).__dict__ | over)

    def _laid_over(self, viewer_id: int, facts: Facts, target: BoundTarget, said: Said) -> dict[str, JsonValue]:
        """The keys that are not what the kind would say: captured values; what the organisation's own kinds fill;
        comments, after captured ones.
        """
        over = _captured(facts.rare, target.sight)
        custom = self.directory.custom_kinds.get(facts.kind)
        if custom is not None:
            actor = self.directory.users.get(facts.actor_id) or _stranger(facts.actor_id)
            over |= custom_keys(custom, facts, actor.name, target.record.name, target.sight)
        if facts.comment_count:
            count, before = over.get("comments_count"), over.get("comments")
            over["comments_count"] = facts.comment_count + (count if isinstance(count, int) else 0)
            ours = comments_to_wire(said, viewer_id, self.directory, target.sight)
            over["comments"] = [*before, *ours] if isinstance(before, list) else ours
        return over

    def _values(
        self, viewer_id: int, facts: Facts, target: BoundTarget, names: Names, files: FilesShown
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
            short = _NONE if remind_at is None else orjson.dumps(self.directory.calendar.short(remind_at))
            reminder = self._minute(remind_at), short
            if rare is None:
                head = (id_, user, category, when, text, *reminder, category, object_id, self._follow_up, said)
                return FOLLOW_UP_PLAIN, head + end
            more, known = orjson.loads(rare), self.directory.users
            mentioned = [self._users.get(who) or self._user(who) for who in more.get("mentions", ()) if who in known]
            parts = follow_up_parts(facts, more, mentioned, target, names, files, self._shared)
            begin = (id_, user, category, when, text, *parts.files, parts.address, *reminder)
            middle = (category, object_id, self._follow_up, parts.audios, parts.mentioned, said, parts.contacts)
            last = (parts.contacts_row, parts.contract, parts.opportunity)
            return FOLLOW_UP_FULL, begin + middle + end + last
        if kind == _CALL:
            dial_type, audios, direction, mode, uploaded = self._calls.get(rare) or self._call(rare)
            if uploaded:
                audios = joined(audios, audios_to_wire(uploaded, files))
            return CALL, (id_, user, when, dial_type, audios, updated, when, recorded, direction, mode)
        if kind == _CHECK_IN:
            return CHECK_IN_MADE, self._check_in_values(facts, target, files, user, when, updated, recorded)
        if kind == _CREATED:
            return CREATED, (id_, user, when, updated, when, recorded)
        if kind in CHANGED:
            told = orjson.dumps(change_text(facts, self.directory, names, target.sight))
            return CHANGED[kind], (id_, user, when, told, updated, when, recorded)
        return CAPTURED, (id_, user, when, self._minute(said_at), updated, when, recorded)

    def _check_in_values(
        self,
        facts: Facts,
        target: BoundTarget,
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
        parts = self._calls[rare] = call_parts(rare)
        return parts

    def _minute(self, at: int | None) -> bytes:
        if at is None:
            return _NONE
        day, second = divmod(at + self._offset(at), DAY)
        return (self._days.get(day) or self._day(day)) + _CLOCK[second // 60]

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


def _captured(rare: bytes | None, sight: Sight) -> dict[str, JsonValue]:
    """The captured values of the 50 keys; other keys that were captured are kept, but are not of the contract."""
    captured = orjson.loads(rare or b"{}").get("captured") or {}
    return {key: sight.value(key, value) for key, value in captured.items() if key in SalesActivity.model_fields}


def _stranger(user_id: int) -> User:
    """Somebody who did something here and is in no directory any more; or nobody: the installation itself."""
    if user_id == SYSTEM_ID:
        return SYSTEM
    return User(id=user_id, name="", created_at=0, avatar_url=DEFAULT_AVATAR)
