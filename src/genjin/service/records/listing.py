"""Lists of records, and of people, by when something happened last."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from genjin.domain.field_rights import filtered
from genjin.domain.latest import LOUD, Latest, latest_of
from genjin.domain.people import LEFT, User
from genjin.domain.policy import may_see_work_of
from genjin.domain.record_list import NEXT_DUE, RecordKey, RecordsAsked, Span, Worked
from genjin.domain.records import RecordFilter, Ref
from genjin.service.context import Installation, Session
from genjin.service.records.views import views_of
from genjin.service.visibility import seen_many, standing
from genjin.store import record_list, reminders
from genjin.store.transaction import Tx

_PAGE = 200


class Person(NamedTuple):
    """A colleague, when they did something last, and when a reminder of theirs is due next."""

    user: User
    latest: Latest
    next_due_at: int | None = None


def list_worked(
    installation: Installation, session: Session, asked: RecordsAsked, limit: int, after: RecordKey | None = None
) -> tuple[list[Worked], RecordKey | None]:
    """A page of the records that the viewer may see, and behind which to go on.

    Raises Forbidden for a hidden filter.
    """
    told = {
        "owner_id": 0 if asked.owners else None,
        "department_id": 0 if asked.departments else None,
        "status": "" if asked.statuses else None,
    }
    filtered(session.viewer, RecordFilter(asked.type, **told))  # type: ignore[arg-type]

    def use(tx: Tx) -> tuple[list[Worked], RecordKey | None]:
        found = record_list.page(tx, session.viewer, asked, limit + 1, after)
        page = found[:limit]
        views = views_of(tx, session, [record for _, record, _ in page])
        ids = [record.id for _, record, _ in page]
        due = reminders.next_of(tx, session.organisation_id, asked.type, ids)
        worked = [
            Worked(view, latest, due.get(record.id)) for view, (_, record, latest) in zip(views, page, strict=True)
        ]
        return worked, page[-1][0] if len(found) > limit else None

    return installation.read_for(session, use)


def walk_worked(installation: Installation, session: Session, asked: RecordsAsked, most: int) -> Iterator[Worked]:
    """The same, all of it, but at most so many; each page is a transaction of its own.

    Raises Forbidden for a hidden filter.
    """
    key: RecordKey | None = None
    left = most
    while left > 0:
        found, key = list_worked(installation, session, asked, min(_PAGE, left), key)
        yield from found
        left -= len(found)
        if key is None:
            return


def read_worked(installation: Installation, session: Session, ref: Ref) -> Worked:
    """One record, or the one that took its place. Raises NotFound."""

    def use(tx: Tx) -> Worked:
        record = standing(tx, session, ref)
        [view] = views_of(tx, session, [record])
        due = reminders.next_of(tx, session.organisation_id, record.type, [record.id])
        return Worked(view, record_list.latest_of(tx, session.organisation_id, record.ref), due.get(record.id))

    return installation.read_for(session, use)


def names_of(installation: Installation, session: Session, refs: Collection[Ref]) -> dict[Ref, str]:
    """The names of those of these records that the viewer sees."""
    found = installation.read_for(session, lambda tx: seen_many(tx, session, refs))
    return {ref: record.name for ref, record in found.items()}


def list_people(
    installation: Installation,
    session: Session,
    spans: Mapping[str, Span],
    silent_since: int | None,
    sort: str,
    descending: bool,
    limit: int,
    after: RecordKey | None = None,
) -> tuple[list[Person], RecordKey | None]:
    """A page of the colleagues who have not left whose work the viewer sees, their own and of whom they manage, and
    behind which to go on. They are sorted by a field of Latest, who has none last, or by `id`.
    """
    seen = [
        user
        for _, user in sorted(session.directory.users.items())
        if user.workflow_state != LEFT and may_see_work_of(session.viewer, user.id, user.department_id)
    ]
    kinds = [*LOUD, *session.directory.custom_kinds]

    def use(tx: Tx) -> list[Person]:
        ids, organisation_id = [user.id for user in seen], session.organisation_id
        found = record_list.latest_by_kind(tx, organisation_id, ids, kinds)
        due = reminders.next_of_users(tx, organisation_id, ids)
        return [Person(user, latest_of(found.get(user.id, {})), due.get(user.id)) for user in seen]

    people = installation.read_for(session, use)
    keyed = [(_key(each, sort), each) for each in people if _fits(each, spans, silent_since)]
    keyed.sort(key=lambda pair: _rank(pair[0], descending))
    behind = [pair for pair in keyed if after is None or _rank(pair[0], descending) > _rank(after, descending)]
    page = behind[:limit]
    return [each for _, each in page], page[-1][0] if len(behind) > limit else None


def _key(person: Person, sort: str) -> RecordKey:
    return RecordKey(person.user.id if sort == "id" else _at(person, sort), person.user.id)


def _at(person: Person, name: str) -> int | None:
    at: int | None = getattr(person if name == NEXT_DUE else person.latest, name)
    return at


def _rank(key: RecordKey, descending: bool) -> tuple[bool, int, int]:
    """In ascending order; who has no such time comes last, by id."""
    if key.value is None:
        return True, 0, key.id
    return (False, -key.value, -key.id) if descending else (False, key.value, key.id)


def _fits(person: Person, spans: Mapping[str, Span], silent_since: int | None) -> bool:
    latest = person.latest
    if silent_since is not None and (latest.last_activity_at or person.user.created_at) >= silent_since:
        return False
    for name, (since, until) in spans.items():
        at = _at(person, name)
        if at is None or (since is not None and at < since) or (until is not None and at >= until):
            return False
    return True
