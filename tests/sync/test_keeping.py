"""What does not fit is kept, what vanishes at once stays, and nobody disturbs a run; the commands that tell of it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import orjson
import pytest

from genjin.client import Client, Retries
from genjin.domain.audit import Act, AuditFilter
from genjin.domain.directory import Directory
from genjin.domain.records import Ref
from genjin.errors import InFlight
from genjin.service.organisation.defaults import ADMINISTRATOR
from genjin.service.organisation.organisations import NewUser, add_user, people_of
from genjin.service.organisation.people import UserChanges, change_user
from genjin.service.organisation.roles import add_role
from genjin.service.organisation.signin import set_password, sign_in
from genjin.store import audit, records, syncs
from genjin.sync.keeping import Keeper
from genjin.sync.lists import FEW
from genjin.sync.run import Options, Progress, Report, Source, organisation_for, source_of, synchronise
from genjin.sync.timelines import MOST_FAILURES
from genjin.sync.totals import misfits
from tests.databases import new_sqlite
from tests.world import (
    ALICE,
    ORGANISATION,
    PASSWORD,
    Json,
    Site,
    World,
    customer,
    follow_up,
    lead,
    new_customer,
    new_lead,
    opened,
)

DEEP: Json = []
for _ in range(400):
    DEEP = [DEEP]
ADDRESS = "http://upstream.test"
Bend = Callable[[str, Json], Json]
USUAL = Options()


class Bent(httpx.BaseTransport):
    """The way to the world's server, which tells what is bent."""

    def __init__(self, world: World) -> None:
        self._way, self._token = world.client("dora")._transport, world.site.tokens["dora"]
        self.bend: Bend = lambda _, data: data

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["Authorization"] = f"Token token={self._token}"
        body = orjson.loads(self._way.handle_request(request).read())
        body["data"] = self.bend(request.url.path, body["data"])
        return httpx.Response(200, content=json.dumps(body).encode())


@pytest.fixture
def bent(world: World) -> Bent:
    return Bent(world)


@pytest.fixture
def copy(tmp_path: Path, sqlite_template: Path) -> Iterator[World]:
    with opened(Site(new_sqlite(tmp_path / "copy.db", sqlite_template), {})) as copy:
        yield copy


@contextmanager
def known(bent: Bent) -> Iterator[Source]:
    with Client(ADDRESS, token="0" * 48, transport=bent, retries=Retries(2, 0.0)) as client:
        yield source_of(ADDRESS, client)


def bring(
    bent: Bent, copy: World, options: Options = USUAL, tell: Callable[[Progress], None] = lambda _: None
) -> Report:
    copy.clock.at += 60
    with known(bent) as source:
        organisation = organisation_for(copy.installation, source, "")
        return synchronise(copy.installation, source, organisation, options, tell)


def test_what_does_not_fit_is_kept_as_it_came_and_the_rest_goes_in(world: World, bent: Bent, copy: World) -> None:
    dora = world.client("dora")
    good, bad, worst = (new_lead(dora, name) for name in ("甲", "乙", "丙"))
    for id_ in (good, bad, worst):
        follow_up(dora, id_)

    def bend(path: str, data: Json) -> Json:
        if path == "/api/v2/leads":
            data["leads"][2]["id"] = "nothing"  # 甲
        if path == f"/api/v2/leads/{bad}/sales_activities":
            data["sales_activities"][0]["activities"][0]["timestamp"] = "yesterday\0"
        if path == "/api/v2/user/list":
            data["users"] += [{"id": 77, "name\0": DEEP}, DEEP, "", {"id": 10**30}, {"id": -1}]
            data["total_count"] += 5
        return {"sales_activities": 7} if path == f"/api/v2/leads/{worst}/sales_activities" else data

    bent.bend = bend
    report = bring(bent, copy)
    told = {(unit, misfit.path): misfit for _, unit, misfit in misfits(copy.installation, ORGANISATION.id)}
    assert report.misfits == len(told) == 8
    assert {unit for unit, _ in told} == {"users", "leads?1", f"leads/{bad}", f"leads/{worst}"}
    assert told[f"leads/{bad}", "activities[0].timestamp"].raw["timestamp"] == "yesterday\0"  # type: ignore[index,call-overload]
    assert told[f"leads/{worst}", ""].raw == '{"code": 0, "data": {"sales_activities": 7}}'
    assert [found.unit for found in report.differences] == ["leads"]  # what was written on the rest, another list told
    bent.bend = lambda _, data: data
    mended = bring(bent, copy)
    assert (mended.misfits, mended.differences, mended.strange, mended.due) == (0, [], [], 0)


def test_what_vanishes_is_taken_away_but_not_much_at_once(world: World, bent: Bent, copy: World) -> None:
    dora = world.client("dora")
    kept, gone = new_customer(dora, "留下"), new_lead(dora, "删除")
    many = [new_lead(dora, f"线索{number}") for number in range(FEW + 1)]
    bring(bent, copy)

    def lives(ref: Ref) -> bool:
        found = copy.database.read(lambda tx: records.find_many(tx, ORGANISATION.id, [ref]), ORGANISATION.id)
        return found[ref].deleted_at is None

    dora.delete(f"/api/v2/leads/{gone}")
    report = bring(bent, copy)
    assert (report.gone["leads"], report.strange, lives(lead(gone))) == (1, [], False)
    bent.bend = lambda path, data: data | {"leads": [], "total_count": 0} if path == "/api/v2/leads" else data
    report = bring(bent, copy)
    assert report.gone["leads"] == 0
    assert [line.partition(":")[0] for line in report.strange] == ["leads"]
    assert all(map(lives, [customer(kept), *map(lead, many)]))


def test_what_is_gone_takes_no_place_of_what_is_read_again(world: World, bent: Bent, copy: World) -> None:
    dora = world.client("dora")
    new_lead(dora, "留下")
    gone = new_lead(dora, "删除")
    bring(bent, copy)
    dora.delete(f"/api/v2/leads/{gone}")
    assert bring(bent, copy).gone["leads"] == 1
    assert bring(bent, copy, Options(recheck=1)).timelines == 1


def test_many_that_are_deleted_while_timelines_are_read_end_no_run(world: World, bent: Bent, copy: World) -> None:
    dora = world.client("dora")
    _, *gone = (new_lead(dora, f"线索{number}") for number in range(MOST_FAILURES + 3))

    def bend(path: str, data: Json) -> Json:
        while path == "/api/v2/contracts" and gone:  # the last list
            dora.delete(f"/api/v2/leads/{gone.pop()}")
        return data

    bent.bend = bend
    report = bring(bent, copy)
    assert (len(report.strange), report.due) == (MOST_FAILURES + 2, 0)
    again = bring(bent, copy)
    assert (again.gone["leads"], again.strange, again.differences) == (MOST_FAILURES + 2, [], [])


def test_what_never_is_as_long_as_it_says_is_told_of_and_not_read_for_ever(
    world: World, bent: Bent, copy: World
) -> None:
    dora = world.client("dora")
    short = new_lead(dora, "少一条")
    told = list[Progress]()

    def bend(path: str, data: Json) -> Json:
        if path == f"/api/v2/leads/{short}/sales_activities" or path == "/api/v2/user/list":
            data["total_count"] += 1
        return 7 if path == "/api/v2/user/department_list" else data

    bent.bend = bend
    report = bring(bent, copy, tell=told.append)
    assert [line.partition(":")[0] for line in report.strange] == ["departments", "users"]
    assert [(found.unit, found.theirs - (found.ours or 0)) for found in report.differences] == [(f"leads/{short}", 1)]
    assert report.due == 0
    last = {each.what: (each.done, each.total, each.remaining) for each in told}
    assert last["leads"][:2] == last["timelines"][:2] == (1, 1)
    assert last["timelines"][2] == 0
    assert bring(bent, copy, Options(recheck=0)).timelines == 0


def test_somebody_signs_in_to_what_was_brought_and_sees_everything(world: World, bent: Bent, copy: World) -> None:
    new_lead(world.client("dora"))
    bring(bent, copy)
    here = copy.installation

    def directory() -> Directory:
        return people_of(here, ORGANISATION.id)

    choices = len(directory().choices("lead.source"))
    assert choices
    [role] = {each.name for each in directory().roles.values() if each.name == ADMINISTRATOR}
    add_user(here, ORGANISATION.id, NewUser("blind", "Blind", PASSWORD, role))
    assert not directory().has_administrator, "what sees everything there does not here"
    add_role(here, ORGANISATION.id, "系统管理员", "all")
    add_user(here, ORGANISATION.id, NewUser("admin", "Admin", PASSWORD, "系统管理员"))
    assert directory().has_administrator
    assert len(directory().choices("lead.source")) == choices
    change_user(here, ORGANISATION.id, str(ALICE.id), UserChanges(login="alice"))
    set_password(here, ORGANISATION.id, "alice", PASSWORD)
    bring(bent, copy, Options(full=True))
    assert sign_in(here, "alice", PASSWORD).user.id == ALICE.id


def test_one_run_has_a_source_alone_until_it_is_given_up_for_dead(bent: Bent, copy: World) -> None:
    with known(bent) as source:
        organisation = organisation_for(copy.installation, source, "")
        first = Keeper(copy.installation, organisation.id, source.name, captures=False)
        with pytest.raises(InFlight):
            bring(bent, copy)
        copy.clock.at += 3600
        bring(bent, copy)
        with pytest.raises(InFlight):
            first.touch()
        [sync] = copy.database.read(lambda tx: syncs.sync_list(tx, organisation.id), organisation.id)
        [noted, *_] = copy.database.read(
            lambda tx: audit.page(tx, organisation.id, AuditFilter(), 9, None), organisation.id
        )
    assert (sync.lease, sync.ended_at) == (None, copy.clock.at)
    assert (noted.act, noted.subject.name) == (Act.DATA_SYNCHRONISED, source.name)
    assert organisation.id == ORGANISATION.id
