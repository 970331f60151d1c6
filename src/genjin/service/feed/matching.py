"""Looks up what a filter looks at, so that who has an activity in hand can ask `FeedFilter.matches` of it."""

from collections.abc import Sequence

from genjin.domain.activity import Facts
from genjin.domain.feed import Entry, FeedFilter, has_of
from genjin.domain.kinds import CALL_MADE
from genjin.domain.records import Ref
from genjin.service.activities import places_of
from genjin.service.context import Session
from genjin.service.entries.attached import files_of
from genjin.service.feed.views import sights_on
from genjin.store import calls, feed, records
from genjin.store.transaction import Tx


def entries_of(tx: Tx, session: Session, wanted: FeedFilter, some: Sequence[Facts]) -> list[Entry]:
    """These activities as this filter of the viewer's looks at them; a constant number of queries."""
    timelines: dict[int, set[Ref]] = {}
    for place in places_of(tx, session.organisation_id, some):
        timelines.setdefault(place.activity_id, set()).add(place.subject)
    targets = records.find_many(tx, session.organisation_id, sorted({facts.target for facts in some}))
    sights, files = sights_on(tx, session, targets), files_of(tx, session, some).files
    asked = sorted({facts.target for facts in some}) if wanted.talked else []
    talks = feed.talks_on_each(tx, session.organisation_id, asked, wanted.talked.kinds)
    users = session.directory.users
    dialled = {facts.object_id or 0 for facts in some if facts.kind == CALL_MADE.code}
    told = calls.find_many(tx, session.organisation_id, dialled)

    def connected(facts: Facts) -> bool | None:
        if facts.kind != CALL_MADE.code:
            return None
        return facts.object_id in told and told[facts.object_id].connected

    return [
        Entry(
            facts,
            frozenset(timelines.get(facts.id, ())),
            users[facts.actor_id].department_id if facts.actor_id in users else None,
            has_of(facts, files),
            facts.target in sights and sights[facts.target].numbers,
            connected(facts),
            targets.get(facts.target),
            talks.get(facts.target, ()),
        )
        for facts in some
    ]
