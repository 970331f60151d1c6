"""Imports captured answers of the sales_activities endpoint: one JSON object a file, or JSON Lines.

Everything goes in by its upstream id in one transaction, so importing twice is importing once, a changed row
updates, and a file that cannot be read changes nothing. What was changed here later than the capture shows it
stays, and so does what was deleted here. What a capture cannot say (passwords, scopes of roles) is left as it is,
or starts out seeing only its own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from genjin.domain.activity import Draft, Facts
from genjin.domain.calendar import Calendar, calendar_of
from genjin.domain.call import CallDetails
from genjin.domain.directory import FOLLOW_UP_CATEGORY
from genjin.domain.followup import FollowUp
from genjin.domain.json import JsonValue
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.domain.people import DataScope, Department, Option, Organisation, Role, User
from genjin.domain.pinyin import pinyin_of
from genjin.domain.records import Record, RecordType, Ref
from genjin.errors import ImportRefused, Invalid, Problem
from genjin.importers.captured_files import Source, answers_in
from genjin.service import activities as birthplace
from genjin.service.context import Installation
from genjin.service.directory import load
from genjin.store import activities, followups, ids, people, records, timeline
from genjin.store.transaction import Tx, batched
from genjin.wire.capture import CapturedActivity, CapturedAnswer, answer_from_wire
from genjin.wire.scalars import id_or_none, instant

AT_ONCE = 400
"""Records looked up by one query: SQLite takes no expression of more than 1,000."""
ROOM = 1_000_000
"""Ids that an import leaves for what will be created here; a capture with a higher id is refused."""
Progress = Callable[[int], None]
"""Called with the number of answers dealt with since the last call."""


@dataclass
class Summary:
    """What an import did, by noun: how many were read, are new, were changed."""

    read: Counter[str] = field(default_factory=Counter)
    new: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    unknown_keys: Counter[str] = field(default_factory=Counter)


def import_captures(
    installation: Installation,
    files: Sequence[Path],
    subject: Ref | None = None,
    progress: Progress = lambda _: None,
) -> Summary:
    """Import every answer of every file, or nothing.

    `subject` is the record whose timeline was captured, needed only where an answer does not tell. `progress` is
    called in two rounds: once per answer checked, once per answer imported. Raises ImportRefused with every
    problem found.
    """
    problems: list[Problem] = []
    newest = _Newest()
    for _, answer in _read_all(installation, files, subject, problems, progress):
        newest.see(answer)
    if problems:
        raise ImportRefused(problems)
    summary = Summary()

    def use(tx: Tx) -> None:
        summary.__init__()  # type: ignore[misc]
        for source, answer in _read_all(installation, files, subject, problems, progress):
            _Import(tx, installation.clock.now(), source, summary, newest, problems).answer(answer, subject)
        if problems:
            raise ImportRefused(problems)

    installation.database.write(use)
    return summary


def count_answers(files: Sequence[Path]) -> int:
    """How many answers the files hold, for a progress bar; a file that cannot be read counts as one."""
    return sum(1 for path in files for _ in answers_in(path, []))


def _read_all(
    installation: Installation,
    files: Sequence[Path],
    subject: Ref | None,
    problems: list[Problem],
    progress: Progress,
) -> Iterator[tuple[Source, CapturedAnswer]]:
    for path in files:
        for source in answers_in(path, problems):
            progress(1)
            try:
                answer = answer_from_wire(source.body, _calendar(installation, source.body))
                _check_answer(answer, subject)
                yield source, answer
            except Invalid as invalid:
                problems += [
                    Problem(source.file, source.line, where, text)
                    for where, texts in invalid.errors.items()
                    for text in texts
                ]


def _calendar(installation: Installation, body: JsonValue) -> Calendar:
    """The calendar of the organisation that an answer is of; the standard one where it is not known yet."""
    try:
        organisation_id = body["data"]["sales_activities"][0]["activities"][0]["user"]["organization_id"]  # type: ignore[index,call-overload]
    except (KeyError, IndexError, TypeError):
        organisation_id = None
    known = None
    if isinstance(organisation_id, int) and 0 < organisation_id <= ids.MAX_ID:
        known = installation.database.read(lambda tx: people.organisation(tx, organisation_id))
    return calendar_of(known.time_zone if known else "Asia/Shanghai")


def _check_answer(answer: CapturedAnswer, subject: Ref | None) -> None:
    organisations = {activity.organisation_id for activity in answer.activities}
    if len(organisations) > 1:
        raise Invalid({"data.sales_activities": [f"holds users of several organisations: {sorted(organisations)}"]})
    highest = max(_ids(answer.activities), default=0)
    if highest > ids.MAX_ID - ROOM:
        raise Invalid({"data.sales_activities": [f"id {highest} leaves no room for new ids"]})
    _subject_of(answer, subject)


def _subject_of(answer: CapturedAnswer, given: Ref | None) -> Ref | None:
    """The record whose timeline the answer is: the one told, else the only customer in it, else the only lead.

    None where nobody can tell, as long as no activity needs it. Raises Invalid.
    """
    if given is not None:
        return given
    targets = {activity.draft.target for activity in answer.activities}
    for type_ in (RecordType.CUSTOMER, RecordType.LEAD):
        found = [target for target in targets if target.type is type_ and target.id]
        if len(found) == 1:
            return found[0]
        if found:
            break
    if all(target.id and target.type in (RecordType.LEAD, RecordType.CUSTOMER) for target in targets):
        return None
    raise Invalid(
        {"data.sales_activities": ["does not tell whose timeline it is; name it with --subject, such as customers/123"]}
    )


class _Newest:
    """Which of all the activities shows somebody or something last: that one is right about the name."""

    def __init__(self) -> None:
        self._order: dict[tuple[int, object], tuple[int, int]] = {}

    def see(self, answer: CapturedAnswer) -> None:
        for activity in answer.activities:
            for shown in (activity.user.id, activity.draft.target, *activity.module_names):
                key = activity.organisation_id, shown
                self._order[key] = max(self._order.get(key, _order(activity)), _order(activity))

    def is_last(self, activity: CapturedActivity, shown: object) -> bool:
        """Whether no other activity shows a user (by id), a record (by Ref) or a module (by name) later."""
        return self._order[activity.organisation_id, shown] == _order(activity)


def _order(activity: CapturedActivity) -> tuple[int, int]:
    return activity.draft.at, activity.draft.id or 0


class _Import:
    """Puts one answer into the database."""

    def __init__(
        self, tx: Tx, now: int, source: Source, summary: Summary, newest: _Newest, problems: list[Problem]
    ) -> None:
        self.tx, self.now, self.source, self.summary, self.problems = tx, now, source, summary, problems
        self.newest = newest

    def answer(self, answer: CapturedAnswer, subject: Ref | None) -> None:
        self.summary.read["answers"] += 1
        if not answer.activities:
            return
        oldest_first = sorted(answer.activities, key=_order)
        organisation_id = oldest_first[0].organisation_id
        ids.raise_floor(self.tx, max(_ids(oldest_first)))
        changed = self._organisation(organisation_id, answer, oldest_first)
        changed |= self._people(organisation_id, oldest_first)
        categories, fresh = self._categories(organisation_id, oldest_first)
        if changed or fresh:
            people.bump_version(self.tx, organisation_id)
        whose = _subject_of(answer, subject)
        drafts = [self._draft(activity, whose, categories) for activity in oldest_first]
        self._records(organisation_id, oldest_first, drafts, whose)
        self._activities(organisation_id, drafts)
        for activity in oldest_first:
            self.summary.unknown_keys.update(activity.extra_keys)

    def _organisation(self, organisation_id: int, answer: CapturedAnswer, found: Sequence[CapturedActivity]) -> bool:
        before = people.organisation(self.tx, organisation_id)
        organisation = before or Organisation(organisation_id, f"企业{organisation_id}", f"org{organisation_id}")
        names = dict(organisation.module_names)
        for activity in found:
            names |= {
                module: name for module, name in activity.module_names.items() if self.newest.is_last(activity, module)
            }
        after = replace(
            organisation,
            module_names={key: name for key, name in names.items() if name},
            default_image_url=answer.default_image_url or organisation.default_image_url,
            user_config_columns=answer.user_config_columns or organisation.user_config_columns,
        )
        if after == before:
            return False
        people.put_organisation(self.tx, after)
        self._count("organisations", before is None)
        return True

    def _people(self, organisation_id: int, found: Sequence[CapturedActivity]) -> bool:
        directory = load(self.tx, organisation_id)
        by_name = {department.name: department.id for department in directory.departments.values()}
        newest = {a.user.id: a for a in found if self.newest.is_last(a, a.user.id)}
        self.summary.read["users"] += len(newest)
        users: list[User] = []
        for activity in newest.values():
            if activity.department and activity.department not in by_name:
                fresh = ids.allocate(self.tx)[0]
                by_name[activity.department] = fresh
                people.put_departments(self.tx, organisation_id, [Department(fresh, activity.department)])
                self._count("departments", True)
            if activity.user.role_id and activity.user.role_id not in directory.roles:
                role = Role(activity.user.role_id, f"角色{activity.user.role_id}", DataScope.SELF)
                people.put_roles(self.tx, organisation_id, [role])
            before = directory.users.get(activity.user.id)
            department_id = by_name.get(activity.department)
            if before and activity.department == directory.department_name(before.department_id):
                department_id = before.department_id
            after = replace(activity.user, department_id=department_id)
            if before is not None and before.login is not None:
                # Who signs in here has the role and the state that were given here.
                kept = (before.login, before.role_id, before.workflow_state)
                after = replace(after, login=kept[0], role_id=kept[1], workflow_state=kept[2])
            if after != before:
                users.append(after)
                self._count("users", before is None)
        people.put_users(self.tx, organisation_id, users)
        return bool(users)

    def _categories(self, organisation_id: int, found: Sequence[CapturedActivity]) -> tuple[dict[str, int], bool]:
        labels = {activity.category for activity in found if activity.category}
        known = {o.label: o.id for o in people.option_list(self.tx, organisation_id) if o.field == FOLLOW_UP_CATEGORY}
        missing = sorted(labels - known.keys())
        fresh = [
            Option(id_, FOLLOW_UP_CATEGORY, label, len(known) + place)
            for place, (id_, label) in enumerate(zip(ids.allocate(self.tx, len(missing)), missing, strict=True))
        ]
        people.put_options(self.tx, organisation_id, fresh)
        return known | {option.label: option.id for option in fresh}, bool(fresh)

    def _draft(self, activity: CapturedActivity, whose: Ref | None, categories: dict[str, int]) -> Draft:
        draft = replace(activity.draft, category_id=categories.get(activity.category))
        if draft.target.id == 0:
            assert whose is not None
            draft = replace(draft, target=whose)
        return draft

    def _records(
        self, organisation_id: int, found: Sequence[CapturedActivity], drafts: Sequence[Draft], whose: Ref | None
    ) -> None:
        """Put what the answer tells of records: a raw dump tells everything, an activity only the name."""
        named = {a.draft.target: a for a in found if a.draft.target.id}
        raws = {a.raw.ref: a.raw for a in found if a.raw is not None}
        oldest = {draft.target: draft.at for draft in reversed(drafts)}
        refs = sorted({draft.target for draft in drafts} | raws.keys())
        before: dict[Ref, Record] = {}
        for some in batched(refs, AT_ONCE):
            before |= records.find_many(self.tx, organisation_id, some)
        self.summary.read["records"] += len(oldest)
        for ref in sorted(oldest.keys() | raws.keys()):
            was = before.get(ref)
            if was is not None and was.captured is None:
                self._problem(f"{ref.type.name.lower()} {ref.id} was created here and cannot be imported over")
                continue
            after = self._as_named(ref, was, named.get(ref), oldest.get(ref, 0))
            if ref in raws:
                after = _as_dumped(was, after, raws[ref])
            if whose and whose.type is RecordType.CUSTOMER and ref.type is not RecordType.CUSTOMER:
                after = replace(after, turned_customer_id=after.turned_customer_id or whose.id)
            if after != was:
                records.put_records(self.tx, organisation_id, [after])
                self._count("records", was is None)
            if after.turned_customer_id is not None and (was is None or was.turned_customer_id is None):
                timeline.roll_up(self.tx, organisation_id, ref, Ref(RecordType.CUSTOMER, after.turned_customer_id))

    def _as_named(self, ref: Ref, was: Record | None, shown: CapturedActivity | None, at: int) -> Record:
        """The record under the name that the activity shows; a new one where there is none."""
        name = shown.target_name if shown else ""
        if was is None:
            pinyin = pinyin_of(name)
            return Record(ref.type, ref.id, name, None, None, None, at, at, name_pinyin=pinyin, captured={})
        if shown is None or name in ("", was.name) or not self.newest.is_last(shown, ref):
            return was
        if _changed_here(was) and shown.draft.at <= was.updated_at:
            return was
        return replace(was, name=name, name_pinyin=pinyin_of(name))

    def _activities(self, organisation_id: int, drafts: Sequence[Draft]) -> None:
        wanted = {draft.id: draft for draft in drafts if draft.id}
        self.summary.read["activities"] += len(wanted)
        for id_ in sorted(activities.born_here(self.tx, organisation_id, list(wanted))):
            self._problem(f"activity {id_} was recorded here and cannot be imported over")
            del wanted[id_]
        for id_ in activities.deleted(self.tx, organisation_id, list(wanted)):
            del wanted[id_]  # deleted here after it was captured, and so it stays
        before = activities.find_many(self.tx, organisation_id, list(wanted))
        fresh = [draft for id_, draft in wanted.items() if id_ not in before]
        birthplace.record_many(self.tx, organisation_id, fresh, from_capture=True)
        self.summary.new["activities"] += len(fresh)
        for id_, was in before.items():
            self._change(organisation_id, was, activities.facts_of(wanted[id_], id_))
        self._follow_ups(organisation_id, list(wanted.values()))

    def _follow_ups(self, organisation_id: int, drafts: Sequence[Draft]) -> None:
        written = [
            FollowUp(draft.object_id or 0, draft.id or 0, draft.actor_id, draft.target, draft.at)
            for draft in drafts
            if draft.kind is FOLLOW_UP_WRITTEN
        ]
        theirs = followups.activity_ids(self.tx, organisation_id, [follow_up.id for follow_up in written])
        for follow_up in written:
            if theirs.get(follow_up.id, follow_up.activity_id) != follow_up.activity_id:
                self._problem(f"follow-up {follow_up.id} is another one here and cannot be imported over")
        followups.put(self.tx, organisation_id, *written)  # undone with everything else where there was a problem

    def _change(self, organisation_id: int, was: Facts, now: Facts) -> None:
        latest = now.at if now.edited_at is None else now.edited_at
        edited_later = was.edited_at is not None and was.edited_at > latest
        if was == now or edited_later:
            return
        self._count("activities", False)
        said = ("text", "said_at", "remind_at", "category_id", "rare")
        if any(getattr(was, name) != getattr(now, name) for name in said):
            activities.keep_version(self.tx, organisation_id, was, self.now, None)
        moved = (was.at, was.target) != (now.at, now.target)
        if moved:
            for place in birthplace.places_of(self.tx, organisation_id, [was]):
                timeline.remove(self.tx, organisation_id, place)
        values = {name: value for name, value in now._asdict().items() if name != "id"}
        birthplace.amend(self.tx, organisation_id, was, values)
        if moved:
            timeline.add(self.tx, organisation_id, birthplace.places_of(self.tx, organisation_id, [now]))

    def _count(self, noun: str, new: bool) -> None:
        (self.summary.new if new else self.summary.changed)[noun] += 1

    def _problem(self, message: str) -> None:
        self.problems.append(Problem(self.source.file, self.source.line, "", message))


def _ids(found: Iterable[CapturedActivity]) -> Iterator[int]:
    """Every id that the activities name: none of them may be given out to something else."""
    for activity in found:
        draft, raw, user = activity.draft, activity.raw, activity.user
        yield from (
            activity.organisation_id,
            draft.id or 0,
            draft.object_id or 0,
            draft.target.id,
            user.id,
            user.role_id,
        )
        if isinstance(draft.details, CallDetails):
            yield from (recording.id for recording in draft.details.recordings)
        if draft.details is not None and draft.details.captured:
            yield id_or_none(draft.details.captured.get("saleable_id")) or 0
        if raw is not None:
            named = (raw.owner_id, raw.creator_id, raw.department_id, raw.before_owner_id, raw.before_department_id)
            yield from (id_ or 0 for id_ in (*named, raw.turned_customer_id))


def _changed_here(was: Record) -> bool:
    """Whether the record was changed by us after it was captured."""
    told = (was.captured or {}).get("updated_at")
    captured_at = instant(told, calendar_of("UTC")) if told else None
    return was.updated_at > (was.created_at if captured_at is None else captured_at)


def _as_dumped(was: Record | None, named: Record, raw: Record) -> Record:
    """The record as its raw dump has it, without what was changed here since."""
    if was is None or not _changed_here(was):
        return raw if was is None or not was.captured or raw.updated_at >= was.updated_at else named
    if was.captured:
        return raw if raw.updated_at >= was.updated_at else named
    kept = {name: value for name in Record.__slots__ if (value := getattr(was, name)) not in (None, "", {})}
    return replace(raw, **kept | {"created_at": raw.created_at})
