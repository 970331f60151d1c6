"""Imports captured answers of the sales_activities endpoint: one JSON object a file, or JSON Lines.

Everything goes in by its upstream id in one transaction, so importing twice is importing once, a changed row
updates, and a file that cannot be read changes nothing. What was changed here later than the capture shows it
stays, and so does what was deleted here. What a capture cannot say (passwords, scopes of roles) is left as it is,
or starts out seeing only its own.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from genjin.domain.activity import Draft
from genjin.domain.calendar import Calendar, calendar_of
from genjin.domain.call import CallDetails
from genjin.domain.json import JsonValue
from genjin.domain.records import RecordType, Ref
from genjin.errors import ImportRefused, Invalid, Problem
from genjin.importers.captured_activities import put_activities
from genjin.importers.captured_files import Source, answers_in
from genjin.importers.captured_people import put_categories, put_organisation, put_people
from genjin.importers.captured_records import put_records
from genjin.importers.importing import Importing, Newest, Summary, order
from genjin.service.context import Installation
from genjin.store import ids, people, row_security
from genjin.store.transaction import Tx
from genjin.wire.scalars import id_or_none
from genjin.wire.timeline.capture import CapturedActivity, CapturedAnswer, answer_from_wire

ROOM = 1_000_000
"""Ids that an import leaves for what will be created here; a capture with a higher id is refused."""
Progress = Callable[[int], None]
"""Called with the number of answers dealt with since the last call."""


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
    newest = Newest()
    for _, answer in _read_all(installation, files, subject, problems, progress):
        newest.see(answer)
    if problems:
        raise ImportRefused(problems)
    summary, now = Summary(), installation.clock.now()

    def use(tx: Tx) -> None:
        summary.__init__()  # type: ignore[misc]
        for source, answer in _read_all(installation, files, subject, problems, progress):
            summary.read["answers"] += 1
            if answer.activities:
                organisation_id = answer.activities[0].organisation_id
                row_security.turn_to(tx, organisation_id)
                _put(Importing(tx, organisation_id, now, source, summary, newest, problems), answer, subject)
        if problems:
            raise ImportRefused(problems)

    installation.database.write(use, organisation_id=None)
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
        known = installation.database.read(lambda tx: people.organisation(tx, organisation_id), organisation_id)
    return calendar_of(known.time_zone if known else "Asia/Shanghai")


def _check_answer(answer: CapturedAnswer, subject: Ref | None) -> None:
    organisations = {activity.organisation_id for activity in answer.activities}
    if len(organisations) > 1:
        raise Invalid({"data.sales_activities": [f"holds users of several organisations: {sorted(organisations)}"]})
    highest = max(_ids(answer.activities, _subject_of(answer, subject)), default=0)
    if highest > ids.MAX_ID - ROOM:
        raise Invalid({"data.sales_activities": [f"id {highest} leaves no room for new ids"]})


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


def _put(into: Importing, answer: CapturedAnswer, subject: Ref | None) -> None:
    """Put one answer, which holds an activity at least, into the database."""
    oldest_first, whose = sorted(answer.activities, key=order), _subject_of(answer, subject)
    ids.raise_floor(into.tx, max(_ids(oldest_first, whose)))
    changed = put_organisation(into, answer, oldest_first)
    changed |= put_people(into, oldest_first)
    categories, fresh = put_categories(into, oldest_first)
    if changed or fresh:
        people.bump_version(into.tx, into.organisation_id)
    drafts = [_draft(activity, whose, categories) for activity in oldest_first]
    put_records(into, oldest_first, drafts, whose)
    put_activities(into, drafts)
    for activity in oldest_first:
        into.summary.unknown_keys.update(activity.extra_keys)


def _draft(activity: CapturedActivity, whose: Ref | None, categories: dict[str, int]) -> Draft:
    draft = replace(activity.draft, category_id=categories.get(activity.category))
    if draft.target.id == 0:
        assert whose is not None
        draft = replace(draft, target=whose)
    return draft


def _ids(found: Iterable[CapturedActivity], whose: Ref | None) -> Iterator[int]:
    """Every id that an answer names, and its subject's: none of them may be given out to something else."""
    if whose is not None:
        yield whose.id
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
            yield from (id_ or 0 for id_ in (*named, raw.customer_id))
