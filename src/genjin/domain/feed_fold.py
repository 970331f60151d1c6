"""Folding: what one colleague edited of one record in one go is one item of a feed.

A run is of entries that follow each other in the feed. It is told from its first entry on, so that a feed that goes on
behind a whole run is folded as if it had been read at once.
"""

from collections.abc import Sequence

import orjson

from genjin.domain.activity import Facts
from genjin.domain.feed import Moment
from genjin.domain.json import JsonValue
from genjin.domain.kinds import RECORD_EDITED, STATUS_CHANGED

EDITS = frozenset({RECORD_EDITED.code, STATUS_CHANGED.code})
FOLDED_SECONDS = 600
"""Between two edits of a run."""
MOST_FOLDED = 100
"""Entries of one run."""
Run = list[Facts]


def extend(runs: list[Run], entries: Sequence[Facts], clock: Moment) -> None:
    """Put the entries that follow into the last run as far as they belong there, and into new ones."""
    for facts in entries:
        if runs and _goes_on(runs[-1], facts, clock):
            runs[-1].append(facts)
        else:
            runs.append([facts])


def folded(run: Run) -> Facts:
    """The first entry of a run with the changes of all: of each field what was before them, and after them."""
    if len(run) == 1:
        return run[0]
    changes: dict[str, list[JsonValue]] = {}
    refs: list[JsonValue] = []
    for facts in sorted(run, key=lambda facts: (facts.at, facts.id)):
        rare = orjson.loads(facts.rare or b"{}")
        for field, before, after in rare.get("changes", ()):
            changes[field] = [field, changes[field][1] if field in changes else before, after]
        refs += [ref for ref in rare.get("refs", ()) if ref not in refs]
    return run[0]._replace(rare=orjson.dumps({"changes": [*changes.values()], "refs": refs}))


def _goes_on(run: Run, facts: Facts, clock: Moment) -> bool:
    last = run[-1]
    return (
        last.kind in EDITS
        and facts.kind in EDITS
        and (facts.actor_id, facts.target) == (last.actor_id, last.target)
        and abs(clock.of(facts) - clock.of(last)) <= FOLDED_SECONDS
        and len(run) < MOST_FOLDED
    )
