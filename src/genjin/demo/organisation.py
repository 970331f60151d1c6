"""Puts the made-up sales team into an organisation: people, leads, customers, conversions and three months of history.

The same at the same moment: chance comes from one seed, and dates are counted back from the clock's now. Everything
goes the way that real data go, so that every counter is right.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

from genjin.demo import cast, texts
from genjin.demo import records as prospects
from genjin.demo.history import Storyteller, Told
from genjin.demo.people import Team, put_people, superiors_of, team_of
from genjin.domain.activity import Facts
from genjin.domain.call import CallDetails
from genjin.domain.directory import FOLLOW_UP_CATEGORY, Directory
from genjin.domain.followup import FollowUp
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.domain.records import Record, Ref
from genjin.service import activities
from genjin.service.context import Installation
from genjin.service.directory import load
from genjin.service.passwords import hash_password
from genjin.store import calls, followups, ids, records
from genjin.store.activities import pack_text
from genjin.store.transaction import Tx

SEED = 20240404
DAYS = 92
_EDITS = 8


def populate(installation: Installation, organisation_id: int, password: str) -> None:
    """Add everything to an organisation that exists; one of the team for each scope can sign in with the password."""
    rng, database, now = Random(SEED), installation.database, installation.clock.now()
    hashes = {login: hash_password(password) for login in cast.ONE_OF_EACH_SCOPE}
    database.write(lambda tx: put_people(tx, organisation_id, hashes, now), organisation_id)
    directory = database.read(lambda tx: load(tx, organisation_id), organisation_id)
    team, last = team_of(directory), directory.calendar.local(now).date()
    first = last - timedelta(DAYS)
    made_up = prospects.make_up(rng, directory, team, first, last)
    found = database.write(lambda tx: prospects.put(tx, organisation_id, made_up), organisation_id)
    cases = prospects.open_cases(installation, rng, directory, found, last)
    told = _storyteller(rng, directory, team, now).tell(cases, first, last)
    database.write(lambda tx: _put_history(tx, organisation_id, told, rng), organisation_id)


def _storyteller(rng: Random, directory: Directory, team: Team, now: int) -> Storyteller:
    return Storyteller(
        rng=rng,
        calendar=directory.calendar,
        now=now,
        categories={option.label: option.id for option in directory.choices(FOLLOW_UP_CATEGORY)},
        paces={user.id: colleague.pace for colleague, user in team if colleague.pace},
        telephonists=frozenset(user.id for colleague, user in team if colleague.department == "电话销售部"),
        superiors=superiors_of(team),
    )


def _put_history(tx: Tx, organisation_id: int, told: Sequence[Told], rng: Random) -> None:
    """Record it all at once: activities, the follow-ups and calls that they are of, and what records keep of them."""
    objects = ids.allocate(tx, len(told))
    recordings = iter(ids.allocate(tx, len(told)))
    drafts = [
        replace(each.draft, object_id=id_, details=_with_ids(each.draft.details, recordings))
        if isinstance(each.draft.details, CallDetails)
        else replace(each.draft, object_id=id_)
        for each, id_ in zip(told, objects, strict=True)
    ]
    born = activities.record_many(tx, organisation_id, drafts)
    made = [
        replace(each.call, id=facts.object_id or 0, activity_id=facts.id)
        for each, facts in zip(told, born, strict=True)
        if each.call is not None
    ]
    calls.put(tx, organisation_id, *made)
    written = [facts for facts in born if facts.kind == FOLLOW_UP_WRITTEN.code]
    said = [FollowUp(facts.object_id or 0, facts.id, facts.actor_id, facts.target, facts.at) for facts in written]
    followups.put(tx, organisation_id, *said)
    before = records.find_many(tx, organisation_id, sorted({facts.target for facts in written}))
    records.put_records(tx, organisation_id, _touched(before, written))
    _edit_some(tx, organisation_id, [e.draft.text for e in told if e.call is None], written, rng)


def _with_ids(details: CallDetails, fresh: Iterator[int]) -> CallDetails:
    return replace(details, recordings=tuple(each._replace(id=next(fresh)) for each in details.recordings))


def _touched(before: Mapping[Ref, Record], written: Sequence[Facts]) -> list[Record]:
    """The records with the times of their last follow-up and their next reminder; follow-ups come by time."""
    after = dict(before)
    for facts in written:
        record = after[facts.target]
        after[facts.target] = replace(
            record,
            followed_up_at=facts.at,
            said_followed_up_at=facts.said_at,
            remind_at=facts.remind_at or record.remind_at,
            updated_at=facts.at,
        )
    return list(after.values())


def _edit_some(tx: Tx, organisation_id: int, said: Sequence[str], written: Sequence[Facts], rng: Random) -> None:
    """Some follow-ups were corrected a few minutes later; their first wording is kept."""
    for text, facts in rng.sample(list(zip(said, written, strict=True)), _EDITS):
        values: dict[str, object] = {"text": pack_text(text + texts.correction(rng))}
        activities.edit(tx, organisation_id, facts, values, facts.at + rng.randint(90, 300), facts.actor_id)
