"""A copy of the test world: what its API answers, put into an empty database as `genjin sync` puts it."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx

from genjin.domain.people import DataScope
from genjin.domain.records import RecordType, Ref
from genjin.domain.sync import Misfit
from genjin.importers.synced.bringing import Bringing
from genjin.importers.synced.files import keep_file, wanted_files
from genjin.importers.synced.forms import put_categories, put_custom_fields
from genjin.importers.synced.ids import OF_RECORDS
from genjin.importers.synced.people import put_departments, put_users
from genjin.importers.synced.pools import put_pools
from genjin.importers.synced.records import put_records
from genjin.importers.synced.timelines import put_timeline
from genjin.service.files.uploads import arriving
from genjin.service.organisation.signin import create_token
from genjin.store import people
from genjin.store.tables import metadata
from genjin.store.transaction import Tx
from tests.databases import new_sqlite
from tests.samples import recording
from tests.world import ORGANISATION, Json, Site, World, activities_of, ok, opened, timeline_of

ORDER = (RecordType.CUSTOMER, RecordType.LEAD, RecordType.CONTACT, RecordType.OPPORTUNITY, RecordType.CONTRACT)
WATCHED = (RecordType.CUSTOMER, RecordType.LEAD)
FORM_NAMES = {type_: type_.name.lower() for type_ in RecordType}
SYNC_ID = 7


class Upstream:
    """What a client who sees everything is answered."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def get(self, path: str, **asked: object) -> Json:
        return ok(self.client.get(path, params=asked))  # type: ignore[arg-type]

    def departments(self) -> list[Json]:
        return self.get("/api/v2/user/department_list")["departments"]  # type: ignore[no-any-return]

    def users(self) -> list[Json]:
        return self.get("/api/v2/user/list", per_page=200, with_left=1)["users"]  # type: ignore[no-any-return]

    def records(self, type_: RecordType) -> list[Json]:
        return self.get(f"/api/v2/{OF_RECORDS[type_]}", per_page=200)[OF_RECORDS[type_]]  # type: ignore[no-any-return]

    def pools(self, type_: RecordType) -> list[Json]:
        path = f"/api/v2/common_{OF_RECORDS[type_]}/common_settings"
        return self.get(path)["common_settings"]  # type: ignore[no-any-return]

    def timeline(self, type_: RecordType, id_: int) -> list[Json]:
        return activities_of(timeline_of(self.client, id_, OF_RECORDS[type_], per_page=200))


class Copy:
    """A database that a source is put into."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.database = world.database
        self.captures = False

    def bringing(self, tx: Tx, sync_id: int = SYNC_ID) -> Bringing:
        return Bringing(tx, ORGANISATION.id, sync_id, self.world.clock.now(), self.captures)

    def put(self, put: Callable[..., None], *told: object, sync_id: int = SYNC_ID) -> Bringing:
        """One part."""

        def use(tx: Tx) -> Bringing:
            into = self.bringing(tx, sync_id)
            put(into, *told)
            return into

        return self.database.write(use, ORGANISATION.id)

    def fetch(self, upstream: Upstream, bodies: list[Json]) -> None:
        """The files that these activities show."""
        installation = self.world.installation
        wanted = self.database.read(lambda tx: wanted_files(self.bringing(tx), bodies), ORGANISATION.id)
        for each in wanted:
            elsewhere = each.url.startswith("https://example.com/")  # of another length than it is told to have
            with arriving(installation) as file:
                file.write(recording() if elsewhere else upstream.client.get(each.url).content)
                keep_file(installation, ORGANISATION.id, SYNC_ID, each, file)

    def take(
        self, upstream: Upstream, sync_id: int = SYNC_ID, with_files: bool = False, timelines: bool = True
    ) -> "Outcome":
        """Everything, in the order in which the engine reads it."""
        every = Outcome()

        def do(put: Callable[..., None], *told: object) -> None:
            every.add(self.put(put, *told, sync_id=sync_id))

        do(put_departments, upstream.departments())
        do(put_users, upstream.users())
        for type_ in (*ORDER, None):
            form = FORM_NAMES[type_] if type_ else "revisit_log"
            do(put_custom_fields, type_, upstream.get(f"/api/v2/custom_fields/{form}/by_group"))
        do(put_categories, upstream.get("/api/v2/field_maps/revisit_logs"))
        for type_ in WATCHED:
            do(put_pools, type_, upstream.pools(type_))
        listed = {type_: upstream.records(type_) for type_ in ORDER}
        for type_, bodies in listed.items():
            do(put_records, type_, bodies)
        for type_ in WATCHED if timelines else ():
            for body in listed[type_]:
                bodies = upstream.timeline(type_, body["id"])
                if with_files:
                    self.fetch(upstream, bodies)
                do(put_timeline, Ref(type_, body["id"]), bodies, True)
        return every

    def client(self, login: str = "dora", user_id: int = 34) -> httpx.Client:
        """The colleague, who sees everything here now."""

        def use(tx: Tx) -> None:
            roles = {role.id: role for role in people.role_list(tx, ORGANISATION.id)}
            user = people.find_user(tx, ORGANISATION.id, user_id)
            assert user is not None
            people.put_users(tx, ORGANISATION.id, [replace(user, login=login)])
            people.put_roles(tx, ORGANISATION.id, [replace(roles[user.role_id], scope=DataScope.ALL)])
            people.bump_version(tx, ORGANISATION.id)

        self.database.write(use, ORGANISATION.id)
        token = create_token(self.world.installation, ORGANISATION.id, login, "test")
        client = self.world.client()
        client.headers["Authorization"] = f"Token token={token}"
        return client

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table."""
        return self.database.read(
            lambda tx: {
                table.name: sorted(tx.rows(f"SELECT * FROM {table.name}", ()), key=repr)
                for table in metadata.sorted_tables
                if table.info.get("only_on", tx.engine) == tx.engine and table.name not in ("tokens", "secrets")
            }
        )


class Outcome:
    """What several parts came to."""

    def __init__(self) -> None:
        self.new, self.changed, self.gone = Counter[str](), Counter[str](), Counter[str]()
        self.misfits: list[Misfit] = []

    def add(self, into: Bringing) -> None:
        self.new += into.new
        self.changed += into.changed
        self.gone += into.gone
        self.misfits += into.misfits


@contextmanager
def empty_copy(folder: Path, template: Path) -> Iterator[Copy]:
    """An organisation in which nothing is yet."""
    with copy_in(new_sqlite(folder / "copy.db", template)) as copy:
        yield copy


@contextmanager
def copy_in(url: str) -> Iterator[Copy]:
    """The same in this database, in which nobody is yet."""
    with opened(Site(url, {})) as world:
        world.database.write(lambda tx: people.put_organisation(tx, ORGANISATION), ORGANISATION.id)
        yield Copy(world)


def differences(ours: Json, theirs: Json, path: str = "") -> list[str]:
    """Where two bodies differ, and how."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        keys = [*theirs, *(key for key in ours if key not in theirs)]
        return [d for key in keys for d in differences(ours.get(key), theirs.get(key), f"{path}.{key}")]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return [d for place, pair in pairs for d in differences(*pair, f"{path}[{place}]")]
    return [] if ours == theirs else [f"{path}: {ours!r} is {theirs!r} in the original"]
