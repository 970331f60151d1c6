"""What those who write an answer are given: the transaction, what is right where activities differ, the summary."""

from collections import Counter
from dataclasses import dataclass, field

from genjin.errors import Problem
from genjin.importers.captured_files import Source
from genjin.store.transaction import Tx
from genjin.wire.timeline.capture import CapturedActivity, CapturedAnswer


@dataclass
class Summary:
    """What an import did, by noun: how many were read, are new, were changed."""

    read: Counter[str] = field(default_factory=Counter)
    new: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    unknown_keys: Counter[str] = field(default_factory=Counter)


class Newest:
    """Which of all the activities shows somebody or something last: that one is right about the name."""

    def __init__(self) -> None:
        self._order: dict[tuple[int, object], tuple[int, int]] = {}

    def see(self, answer: CapturedAnswer) -> None:
        """Take note of an answer; every one has to be seen before anything is asked."""
        for activity in answer.activities:
            for shown in (activity.user.id, activity.draft.target, *activity.module_names):
                key = activity.organisation_id, shown
                self._order[key] = max(self._order.get(key, order(activity)), order(activity))

    def is_last(self, activity: CapturedActivity, shown: object) -> bool:
        """Whether no other activity shows a user (by id), a record (by Ref) or a module (by name) later."""
        return self._order[activity.organisation_id, shown] == order(activity)


@dataclass(frozen=True)
class Importing:
    """One answer of one organisation on its way into the database."""

    tx: Tx
    organisation_id: int
    now: int
    source: Source
    summary: Summary
    newest: Newest
    problems: list[Problem]

    def count(self, noun: str, new: bool) -> None:
        """Put one that is new, or was changed, into the summary."""
        (self.summary.new if new else self.summary.changed)[noun] += 1

    def problem(self, message: str) -> None:
        """Tell what is wrong with the answer; the whole import is refused for it."""
        self.problems.append(Problem(self.source.file, self.source.line, "", message))


def order(activity: CapturedActivity) -> tuple[int, int]:
    """What activities are sorted by, oldest first."""
    return activity.draft.at, activity.draft.id or 0
