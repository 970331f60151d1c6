"""Which record somebody means who types the beginning of what they know of it: its name, its company, its number."""

from collections.abc import Collection, Iterator, Sequence
from typing import Literal, NamedTuple

from genjin.domain.field_rights import hidden_numbers
from genjin.domain.phones import digits_of, first_number, normal_number
from genjin.domain.records import Record, RecordType, Ref
from genjin.domain.search import Question, Source
from genjin.service.context import Installation, Session
from genjin.service.records.views import views_of
from genjin.service.search.searching import without_company
from genjin.store import phones, records, search
from genjin.store.search import NAMES, Search
from genjin.store.transaction import Tx

Field = Literal["name", "company_name", "phone"]


class Suggestion(NamedTuple):
    """A record as the viewer is shown it, one of its telephone numbers, empty for none, and which field answers."""

    record: Record
    phone: str
    field: Field


def suggest(
    installation: Installation, session: Session, question: Question, types: Collection[RecordType], most: int
) -> list[Suggestion]:
    """At most so many records of these types that the viewer sees, the likeliest first: of this number, of one that
    ends so, of this name, whose name begins so, whose name has it. Who is not shown a number does not find it.
    """

    def use(tx: Tx) -> list[Suggestion]:
        found: dict[Ref, tuple[Field, str]] = {}
        for ref, number in _called(tx, session, question.text, types, most):
            found[ref] = "phone", number
        wanted = Search(question, NAMES, types=frozenset(types), without_company=without_company(session))
        named, _ = search.page(tx, session.viewer, wanted, most)
        for one in named:
            if one.ref is not None:
                found.setdefault(one.ref, ("name" if one.place.source is Source.NAME else "company_name", ""))
        return list(_shown(tx, session, dict(list(found.items())[:most])))

    return installation.read_for(session, use)


def _called(
    tx: Tx, session: Session, asked: str, types: Collection[RecordType], most: int
) -> Sequence[tuple[Ref, str]]:
    """By what looks like a number, or the end of one."""
    if any(each.isalpha() for each in asked) or session.viewer.rights.phones_masked:
        return ()
    open_types = [type_ for type_ in types if not hidden_numbers(session.viewer, type_)]
    return phones.records_called(tx, session.viewer, normal_number(asked) or digits_of(asked), open_types, most)


def _shown(tx: Tx, session: Session, found: dict[Ref, tuple[Field, str]]) -> Iterator[Suggestion]:
    there = records.find_many(tx, session.organisation_id, sorted(found))
    some = [there[ref] for ref in found if ref in there]
    for view in views_of(tx, session, some):
        field, number = found[view.record.ref]
        told = first_number(view.record.details, session.viewer.number_fields)
        yield Suggestion(view.record, number or told, field)
