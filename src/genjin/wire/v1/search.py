"""What is searched for, as /api/v1 is told it, and what was found."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from genjin.domain.activity import Facts, written
from genjin.domain.activity_view import ActivityViews
from genjin.domain.comment import Comment
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.records import Record
from genjin.domain.search import FEWEST, MOST_ASKED, Question, Snippet, Source, marks_in, question_of, snippet_of
from genjin.domain.sight import Sight
from genjin.errors import Invalid
from genjin.wire.v1.activity import Activity, ActivityForm, activity_to_wire
from genjin.wire.v1.comment import CommentObject, comment_to_wire
from genjin.wire.v1.feed import FilterQuery
from genjin.wire.v1.refs import TYPE_NAMES, TypeName
from genjin.wire.v1.shared import Asked, Named, Next, Paged, Shown, named_or_none
from genjin.wire.v1.times import ShownTime, iso_time

In = Literal["text", "comment", "record"]
SuggestedField = Literal["name", "company_name", "phone"]
SOURCES: Mapping[In, frozenset[Source]] = {
    "text": frozenset({Source.TEXT}),
    "comment": frozenset({Source.COMMENT}),
    "record": frozenset({Source.NAME, Source.COMPANY}),
}
_OF_ENTRIES = ("subject", "kind", "actor", "department", "has", "via")
_HIDDEN = Sight(numbers=False)


class SearchQuery(FilterQuery, Paged):
    """What is searched for, and what a feed is asked for besides."""

    q: str = Field(
        min_length=2,
        max_length=MOST_ASKED,
        description="Parts with spaces between them, each of which has to be there; in quotes, one part.",
    )
    in_: Annotated[list[In], Field(max_length=3)] = Field(
        [], alias="in", description="Where: texts of activities, comments, names of records. Everywhere if not told."
    )
    order: Literal["rank", "newest", "oldest"] = Field("rank", description="The best first, or by time.")


class SnippetObject(Shown):
    """A part of what has it. Offsets count characters (code points): from each start up to each end."""

    text: str
    marks: list[tuple[int, int]] = Field(description="Where it has what was searched for.")


class RecordFound(Shown):
    """A record whose name, or whose company's, has it."""

    type: TypeName
    id: int
    name: str
    company_name: str | None = Field(description="Null where there is none, or the caller's role does not see it.")
    created_at: ShownTime


class FoundObject(Shown):
    """Something that was found."""

    type: Literal["activity", "comment", "record"]
    at: ShownTime = Field(description="When the activity happened, the comment was written, the record was created.")
    snippet: SnippetObject
    activity: Activity | None = Field(description="The activity; of a comment the one that it is on.")
    comment: CommentObject | None
    record: RecordFound | None


class FoundList(Shown):
    """A page of what was found. It may have fewer items than `limit`, even none, while there is a next one."""

    items: list[FoundObject]
    next: Next
    complete: bool = Field(description="False while texts are there that were not looked at yet.")


class SuggestionQuery(Asked):
    """What somebody has typed of what they know of a record."""

    q: str = Field(min_length=1, max_length=MOST_ASKED, description="Of its name, its company's, or its number.")
    type: Annotated[list[TypeName], Field(max_length=5)] = Field([], description="Of which types; any if not told.")
    limit: int = Field(10, ge=1, le=50, description="The most items.")


class SuggestedRecord(Shown):
    """A record that may be meant."""

    type: TypeName
    id: int
    name: str
    company_name: str | None = Field(description="Null where there is none, or the caller's role does not see it.")
    owner: Named | None
    phone: str | None = Field(description="One of its numbers, the one that was found by; masked where numbers are.")
    field: SuggestedField = Field(description="What was found by.")
    marks: list[tuple[int, int]] = Field(description="Where in that field it is, in characters (code points).")


class SuggestedList(Shown):
    """The records that may be meant, the likeliest first. There is never another page."""

    items: list[SuggestedRecord]
    next: Next


def suggestion_asked(asked: SuggestionQuery) -> Question | None:
    """What is looked for; one Chinese character is enough. None for what is too little to suggest anything."""
    try:
        return question_of(asked.q, FEWEST if asked.q.isascii() else 1)
    except Invalid:
        return None


def suggestion_to_wire(
    record: Record,
    phone: str,
    field: Literal["name", "company_name", "phone"],
    directory: Directory,
    question: Question,
) -> dict[str, JsonValue]:
    """As SuggestedRecord."""
    owner = directory.users.get(record.owner_id or 0)
    text = {"name": record.name, "company_name": record.company_name or "", "phone": ""}[field]
    return {
        "type": TYPE_NAMES[record.type],
        "id": record.id,
        "name": record.name,
        "company_name": record.company_name or None,
        "owner": named_or_none(owner),
        "phone": phone or None,
        "field": field,
        "marks": [list(mark) for mark in marks_in(text, question)],
    }


def question_asked(asked: SearchQuery) -> Question:
    """What is searched for. Raises Invalid."""
    return question_of(asked.q)


def sources_asked(asked: SearchQuery) -> frozenset[Source]:
    """Where it is searched for: not among records where something is asked that only entries have."""
    told: Sequence[In] = asked.in_ or ("text", "comment", "record")
    sources = frozenset[Source]().union(*(SOURCES[name] for name in told))
    return sources - SOURCES["record"] if any(getattr(asked, name) for name in _OF_ENTRIES) else sources


def entry_found(facts: Facts, views: ActivityViews, form: ActivityForm, question: Question) -> dict[str, JsonValue]:
    """An activity as FoundObject."""
    text = _sight(facts, views).text(written(facts.text, facts.rare))
    return {
        "type": "activity",
        "at": iso_time(facts.at, form.directory.calendar),
        "snippet": _snippet(snippet_of(text, question)),
        "activity": activity_to_wire(facts, views, form),
        "comment": None,
        "record": None,
    }


def comment_found(
    comment: Comment, facts: Facts, views: ActivityViews, form: ActivityForm, question: Question
) -> dict[str, JsonValue]:
    """A comment as FoundObject; `facts` are what it is on."""
    shown = comment_to_wire(comment, _sight(facts, views), form.directory)
    return {
        "type": "comment",
        "at": shown["created_at"],
        "snippet": _snippet(snippet_of(str(shown["text"]), question)),
        "activity": activity_to_wire(facts, views, form),
        "comment": shown,
        "record": None,
    }


def record_found(record: Record, form: ActivityForm, question: Question) -> dict[str, JsonValue]:
    """A record as FoundObject."""
    at = iso_time(record.created_at, form.directory.calendar)
    by_name, by_company = (snippet_of(name or "", question) for name in (record.name, record.company_name))
    return {
        "type": "record",
        "at": at,
        "snippet": _snippet(by_company if by_company.marks and not by_name.marks else by_name),
        "activity": None,
        "comment": None,
        "record": record_to_wire(record, at),
    }


def record_to_wire(record: Record, created_at: str) -> dict[str, JsonValue]:
    """A record as RecordFound."""
    return {
        "type": TYPE_NAMES[record.type],
        "id": record.id,
        "name": record.name,
        "company_name": record.company_name or None,
        "created_at": created_at,
    }


def _sight(facts: Facts, views: ActivityViews) -> Sight:
    return views.sights.get(facts.target, _HIDDEN)


def _snippet(snippet: Snippet) -> dict[str, JsonValue]:
    return {"text": snippet.text, "marks": [list(mark) for mark in snippet.marks]}
