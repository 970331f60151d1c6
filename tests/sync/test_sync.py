"""A server is copied whatever happens on the way, and kept up with: the copy answers what the original answers."""

import os
import random
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import orjson
import uvicorn

from genjin.app import build
from genjin.client import Client, Limit, Retries
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.service.context import open_installation
from genjin.service.organisation.signin import set_password
from genjin.sync.run import Options, Report, organisation_for, source_of, synchronise
from tests.acts import ACTS
from tests.cli.running import GENJIN, SLOWEST, environment
from tests.databases import new_sqlite
from tests.importers.copying import Copy, Upstream, differences
from tests.importers.test_synced import ADDRESSES, MUST_DIFFER, told_by
from tests.sync.proxy import FAULTS, Proxy, proxied
from tests.world import (
    DORA,
    ORGANISATION,
    PASSWORD,
    Site,
    World,
    _settings,
    activities_of,
    follow_up,
    new_contact,
    new_contract,
    new_customer,
    new_lead,
    new_opportunity,
    ok,
    opened,
    timeline_of,
)

SEED = 7
QUICK = Retries(tries=20, first_wait=0.01, longest_wait=1.0, limit_wait=0.2)


class Company:
    """People at work in the original: each change is another."""

    def __init__(self, world: World) -> None:
        self._world, self._dora, self._random = world, world.client("dora"), random.Random(SEED)
        self.leads, self.customers = list[int](), list[int]()

    def begin(self) -> None:
        """What there is at first."""
        for number in range(9):
            self.leads.append(new_lead(self._dora, f"线索{number}"))
        for number in range(4):
            self.customers.append(new_customer(self._dora, f"客户{number}"))
            new_contact(self._dora, f"联系人{number}", customer_id=self.customers[-1])
        new_opportunity(self._dora, self.customers[0])
        new_contract(self._dora, self.customers[1])
        for number in range(24):
            self._write(number)

    def change(self) -> None:
        """Somebody does something."""
        self._world.clock.at += 7
        match self._random.randrange(6):
            case 0:
                self.leads.append(new_lead(self._dora, f"新线索{self._world.clock.at}"))
            case 1 if len(self.leads) > 4:
                gone = self.leads.pop(self._random.randrange(len(self.leads)))
                ok(self._dora.delete(f"/api/v2/leads/{gone}"))
            case 2:
                given = {"customer": {"name": f"改名{self._world.clock.at}"}}
                ok(self._dora.put(f"/api/v2/customers/{self._random.choice(self.customers)}", json=given))
            case 3:
                id_ = self._random.choice(self.leads)
                written = [each for each in activities_of(timeline_of(self._dora, id_)) if each["revisit_log"]]
                for each in written[:1]:
                    ok(self._dora.delete(f"/api/v2/revisit_logs/{each['saleable_id']}"))
            case 4:
                lead_id = self.leads.pop()
                self.customers.append(new_customer(self._dora, f"转化{lead_id}", refer_lead_id=lead_id))
                self.leads.append(lead_id)
            case _:
                self._write(self._world.clock.at)

    def _write(self, number: int) -> None:
        type_, some = self._random.choice([("Lead", self.leads), ("Customer", self.customers)])
        follow_up(self._dora, self._random.choice(some), f"第{number}次 😀", type_)


@contextmanager
def limited(world: World) -> Iterator[str]:
    """The world's server by a real clock, with its rate limit on."""
    installation = open_installation(_settings(world.site.url))
    with closing(installation.database):
        app = build(installation, _settings(world.site.url, rate_limit="200/1s", jobs="off"))
        config = uvicorn.Config(app, port=0, log_level="error", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)


def test_whatever_happens_on_the_way_the_copy_is_the_original(
    world: World, tmp_path: Path, sqlite_template: Path
) -> None:
    world.change(replace(DORA, id=39, name="Fetcher", login="fetcher", phone="", email=""))
    set_password(world.installation, ORGANISATION.id, "fetcher", PASSWORD)
    ACTS[FOLLOW_UP_WRITTEN](world)  # with a picture, a file and a recording
    world.clock.at = int(time.time()) - 3600
    company = Company(world)
    company.begin()
    url = new_sqlite(tmp_path / "copy.db", sqlite_template)
    settings = {"GENJIN_DATABASE_URL": url, "GENJIN_SYNC_PASSWORD": PASSWORD}

    def expire() -> None:
        set_password(world.installation, ORGANISATION.id, "fetcher", PASSWORD)

    with limited(world) as upstream:
        proxy = Proxy(upstream, SEED, company.change, expire)
        with proxied(proxy) as address, opened_copy(url) as copy:
            proxy.chance = 0.2
            killed(proxy, 32, ["sync", address, "--login", "fetcher", "--limit", "400/1s"], settings)
            for _ in range(2):  # once more in the middle of what happens, then to the end
                bring(copy, address, Options(recheck=0))
            assert set(proxy.met) >= set(FAULTS), "each fault was met"
            proxy.chance = 0.0
            report = bring(copy, address, Options(full=True, with_files=True))
            assert (report.strange, report.differences, report.due) == ([], [], 0)
            original = Upstream(world.client("dora"))
            found = differences(told_by(Upstream(copy.client())), told_by(original))
            assert [each for each in found if not (MUST_DIFFER | ADDRESSES) & set(each.split(":")[0].split("."))] == []
            kept = [files_of(client) for client in (copy.client(), world.client("dora"))]
            assert kept[0] == kept[1] and len(kept[0]) >= 3
            before = copy.dump()
            again = bring(copy, address, Options(recheck=0, verify=1000))
            assert (again.new, again.changed, again.gone, again.timelines, again.unlike) == ({}, {}, {}, 0, [])
            after = copy.dump()
            of_runs = {"syncs", "sync_units", "audit_log", "id_counter"}
            assert {name for name, rows in after.items() if rows != before[name]} <= of_runs


def files_of(client: httpx.Client) -> set[bytes]:
    """What lies at the addresses that timelines show."""
    timelines = told_by(Upstream(client))["timelines"].values()
    links = set(re.findall(r'"(?:mp3_)?file_url":"([^"]+)"', orjson.dumps(list(timelines)).decode()))
    return {client.get(link).raise_for_status().content for link in links}


@contextmanager
def opened_copy(url: str) -> Iterator[Copy]:
    with opened(Site(url, {})) as world:
        world.clock.at = int(time.time())
        yield Copy(world)


def bring(copy: Copy, address: str, options: Options) -> Report:
    """A run in this process."""
    copy.world.clock.at += 120
    with Client(address, login="fetcher", password=PASSWORD, limit=Limit(400, 1), retries=QUICK) as client:
        source = source_of(address, client)
        installation = copy.world.installation
        return synchronise(installation, source, organisation_for(installation, source, ""), options)


def killed(proxy: Proxy, calls: int, command: list[str], settings: dict[str, str]) -> None:
    """A run as a process of its own, which is killed when so many calls were made."""
    reached = threading.Event()
    proxy.on_call = lambda made: reached.set() if made >= calls else None
    with subprocess.Popen([*GENJIN, *command], env=environment(settings), stderr=subprocess.PIPE) as process:
        ended = threading.Thread(target=lambda: (process.wait(), reached.set()), daemon=True)
        ended.start()
        assert reached.wait(SLOWEST)
        assert process.poll() is None, process.stderr and process.stderr.read()
        os.kill(process.pid, signal.SIGKILL)
