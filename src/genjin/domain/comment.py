"""A comment: what a colleague said about an activity, perhaps in reply to another comment."""

from dataclasses import dataclass

MAX_COMMENT = 5_000
"""Characters of one comment; longer ones are refused."""
SHOWN = 20
"""The newest comments of an activity that a timeline shows; all of them are listed by a call of its own."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What a comment said before an edit at `replaced_at`."""

    text: str
    replaced_at: int


@dataclass(frozen=True, slots=True)
class Comment:
    """`parent_id` is the comment that it replies to; `mentions` are colleagues; `earlier` are its former wordings."""

    id: int
    activity_id: int
    author_id: int
    text: str
    created_at: int
    parent_id: int | None = None
    edited_at: int | None = None
    deleted_at: int | None = None
    mentions: tuple[int, ...] = ()
    earlier: tuple[Wording, ...] = ()


@dataclass(frozen=True, slots=True)
class CommentInput:
    """What somebody writes. In an edit, a field that is not in `given` stays as it was."""

    text: str = ""
    parent_id: int | None = None
    mentions: tuple[int, ...] = ()
    given: frozenset[str] = frozenset()
