"""Puts the made-up sales team into an organisation: people, leads, customers, conversions and three months of history.

The same at the same moment: chance comes from one seed, and dates are counted back from the clock's now. Everything
goes the way that real data go, so that every counter is right.
"""

from random import Random

from genjin.demo import cast, deals, everyday, house, mishaps, pooling, promises, sale
from genjin.demo import records as prospects
from genjin.demo.history import Storyteller
from genjin.demo.past import Past
from genjin.demo.people import Team, put_people, superiors_of, team_of
from genjin.demo.stage import Stage
from genjin.domain.directory import FOLLOW_UP_CATEGORY, Directory
from genjin.service.context import Installation
from genjin.service.organisation.passwords import hash_password

SEED = 20240404


def populate(installation: Installation, organisation_id: int, password: str) -> None:
    """Add everything to an organisation that exists; one of the team for each scope can sign in with the password."""
    rng, database, now = Random(SEED), installation.database, installation.clock.now()
    hashes = {login: hash_password(password) for login in cast.ONE_OF_EACH_SCOPE}
    database.write(lambda tx: put_people(tx, organisation_id, hashes, now), organisation_id)
    stage = Stage(installation, organisation_id)
    directory, first, last = stage.directory, stage.first, stage.last
    team = team_of(directory)
    made_up = prospects.make_up(rng, directory, team, first, last)
    found = database.write(lambda tx: prospects.put(tx, organisation_id, made_up), organisation_id)
    cases = prospects.open_cases(installation, rng, directory, found, last)
    told = _storyteller(rng, directory, team, now).tell(cases, first, last)
    past, superiors = Past(installation, organisation_id, told), superiors_of(team)
    stories = [
        *house.stories(stage),
        *everyday.stories(stage, past, cases, superiors, rng),
        *deals.stories(stage, cases, superiors, rng),
        *pooling.stories(stage),
        *mishaps.stories(stage),
        *promises.stories(stage, cases, rng),
        sale.story(stage, rng),
    ]
    stage.play(stories, past.come_to)


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
