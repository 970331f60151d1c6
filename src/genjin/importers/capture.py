"""Imports captured answers of the sales_activities endpoint: one JSON object a file, or JSON Lines.

Everything goes in by its upstream id in one transaction, so importing twice is importing once, a changed row
updates, and a file that cannot be read changes nothing. What a capture cannot say (passwords, scopes of roles)
is left as it is, or starts out seeing only its own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import orjson

from genjin.domain.activity import Draft, Facts
from genjin.domain.calendar import Calendar, calendar_of
from genjin.domain.directory import FOLLOW_UP_CATEGORY
from genjin.domain.followup import FollowUp
from genjin.domain.json import JsonValue
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.domain.people import DataScope, Department, Option, Organisation, Role, User
from genjin.domain.pinyin import pinyin_of
from genjin.domain.records import Record, RecordType, Ref
from genjin.errors import ImportRefused, Invalid, Problem
from genjin.service import activities as birthplace
from genjin.service.context import Installation
from genjin.service.directory import load
from genjin.store import activities, followups, ids, people, records, timeline
from genjin.store.database import Tx
from genjin.wire.capture import CapturedActivity, CapturedAnswer, answer_from_wire

Progress = Callable[[int], None]
"""Called with the number of answers dealt with since the last call."""


@dataclass
class Summary:
    """What an import did, by noun: how many were read, are new, were changed."""

    read: Counter[str] = field(default_factory=Counter)
    new: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    unknown_keys: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Source:
    """One answer of a file, still as it came."""

    file: str
    line: int
    body: JsonValue


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
    for _ in _read_all(installation, files, subject, problems, progress):
        pass
    if problems:
        raise ImportRefused(problems)
    summary = Summary()

    def use(tx: Tx) -> None:
        summary.__init__()  # type: ignore[misc]
        for source, answer in _read_all(installation, files, subject, problems, progress):
            _Import(tx, installation.clock.now(), source, summary, problems).answer(answer, subject)
        if problems:
            raise ImportRefused(problems)

    installation.database.write(use)
    return summary


def count_answers(files: Sequence[Path]) -> int:
    """How many answers the files hold, for a progress bar; a file that cannot be read counts as one."""
    return sum(1 for path in files for _ in _sources(path, []))


def _read_all(
    installation: Installation,
    files: Sequence[Path],
    subject: Ref | None,
    problems: list[Problem],
    progress: Progress,
) -> Iterator[tuple[Source, CapturedAnswer]]:
    for path in files:
        for source in _sources(path, problems):
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


def _sources(path: Path, problems: list[Problem]) -> Iterator[Source]:
    """The answers of one file: the file as one JSON value, or one JSON value a line."""
    try:
        content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        problems.append(Problem(str(path), 1, "", error.strerror or str(error)))
        return
    try:
        yield Source(str(path), 1, orjson.loads(content))
        return
    except orjson.JSONDecodeError as error:
        lines = content.splitlines()
        if not _is_json(lines[0] if lines else b""):
            problems.append(Problem(str(path), error.lineno, "", f"is not JSON: {error.msg} (column {error.colno})"))
            return
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield Source(str(path), number, orjson.loads(line))
        except orjson.JSONDecodeError as error:
            problems.append(Problem(str(path), number, "", f"is not JSON: {error.msg} (column {error.colno})"))


def _is_json(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


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
    if any(activity.draft.target.id == 0 or _needs_customer(activity) for activity in answer.activities):
        _subject_of(answer, subject)


def _needs_customer(activity: CapturedActivity) -> bool:
    return activity.draft.target.type not in (RecordType.LEAD, RecordType.CUSTOMER)


def _subject_of(answer: CapturedAnswer, given: Ref | None) -> Ref:
    """The record whose timeline the answer is: the one told, else the only customer in it, else the only lead."""
    if given is not None:
        return given
    for type_ in (RecordType.CUSTOMER, RecordType.LEAD):
        found = {a.draft.target for a in answer.activities if a.draft.target.type is type_ and a.draft.target.id}
        if len(found) == 1:
            return found.pop()
        if found:
            break
    raise Invalid({"data.sales_activities": ["does not tell whose timeline it is; name it with --subject, such as customers/123"]})


class _Import:
    """Puts one answer into the database."""

    def __init__(self, tx: Tx, now: int, source: Source, summary: Summary, problems: list[Problem]) -> None:
        self.tx, self.now, self.source, self.summary, self.problems = tx, now, source, summary, problems

    def answer(self, answer: CapturedAnswer, subject: Ref | None) -> None:
        self.summary.read["answers"] += 1
        if not answer.activities:
            return
        oldest_first = sorted(answer.activities, key=lambda a: (a.draft.at, a.draft.id or 0))
        organisation_id = oldest_first[0].organisation_id
        highest = [organisation_id, *(a.draft.id or 0 for a in oldest_first), *(a.user.id for a in oldest_first)]
        highest += [a.draft.object_id or 0 for a in oldest_first] + [a.draft.target.id for a in oldest_first]
        ids.raise_floor(self.tx, max(highest + _recording_ids(oldest_first)))
        changed = self._organisation(organisation_id, answer, oldest_first)
        changed |= self._people(organisation_id, oldest_first)
        categories, fresh = self._categories(organisation_id, oldest_first)
        if changed or fresh:
            people.bump_version(self.tx, organisation_id)
        needs_subject = any(a.draft.target.id == 0 or _needs_customer(a) for a in oldest_first)
        whose = _subject_of(answer, subject) if needs_subject or subject else None
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
            names |= activity.module_names
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
        newest = {activity.user.id: activity for activity in found}
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
            after = replace(activity.user, department_id=department_id, login=before.login if before else None)
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
        named = {a.draft.target: a.target_name for a in found if a.draft.target.id}
        raws = {a.raw.ref: a.raw for a in found if a.raw is not None}
        oldest = {draft.target: draft.at for draft in reversed(drafts)}
        before = records.find_many(self.tx, organisation_id, sorted({draft.target for draft in drafts} | raws.keys()))
        self.summary.read["records"] += len(oldest)
        for ref in sorted(oldest.keys() | raws.keys()):
            was = before.get(ref)
            if was is not None and was.captured is None:
                self._problem(f"{ref.type.name.lower()} {ref.id} was created here and cannot be imported over")
                continue
            name = named.get(ref, "")
            stub = Record(ref.type, ref.id, name, None, None, None, oldest.get(ref, 0), oldest.get(ref, 0), captured={})
            after = was or replace(stub, name_pinyin=pinyin_of(name))
            if name and name != after.name:
                after = replace(after, name=name, name_pinyin=pinyin_of(name))
            raw = raws.get(ref)
            if raw is not None and (was is None or not was.captured or raw.updated_at >= was.updated_at):
                after = raw
            if whose and whose.type is RecordType.CUSTOMER and ref.type is not RecordType.CUSTOMER:
                after = replace(after, turned_customer_id=after.turned_customer_id or whose.id)
            if after != was:
                records.put_records(self.tx, organisation_id, [after])
                self._count("records", was is None)
            if after.turned_customer_id is not None and (was is None or was.turned_customer_id is None):
                timeline.roll_up(self.tx, organisation_id, ref, Ref(RecordType.CUSTOMER, after.turned_customer_id))

    def _activities(self, organisation_id: int, drafts: Sequence[Draft]) -> None:
        wanted = {draft.id: draft for draft in drafts if draft.id}
        self.summary.read["activities"] += len(wanted)
        for id_ in sorted(activities.born_here(self.tx, organisation_id, list(wanted))):
            self._problem(f"activity {id_} was recorded here and cannot be imported over")
            del wanted[id_]
        before = activities.find_many(self.tx, organisation_id, list(wanted))
        fresh = [draft for id_, draft in wanted.items() if id_ not in before]
        birthplace.record_many(self.tx, organisation_id, fresh, from_capture=True)
        self.summary.new["activities"] += len(fresh)
        for id_, was in before.items():
            self._change(organisation_id, was, activities.facts_of(wanted[id_], id_))
        for draft in wanted.values():
            if draft.kind is FOLLOW_UP_WRITTEN:
                assert draft.object_id and draft.id
                found = FollowUp(draft.object_id, draft.id, draft.actor_id, draft.target, draft.at)
                followups.put(self.tx, organisation_id, found)

    def _change(self, organisation_id: int, was: Facts, now: Facts) -> None:
        if was == now:
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
        activities.change(self.tx, organisation_id, was.id, values)
        if moved:
            timeline.add(self.tx, organisation_id, birthplace.places_of(self.tx, organisation_id, [now]))

    def _count(self, noun: str, new: bool) -> None:
        (self.summary.new if new else self.summary.changed)[noun] += 1

    def _problem(self, message: str) -> None:
        self.problems.append(Problem(self.source.file, self.source.line, "", message))


def _recording_ids(found: Iterable[CapturedActivity]) -> list[int]:
    return [recording.id for a in found for recording in getattr(a.draft.details, "recordings", ())]
