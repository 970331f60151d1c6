"""Captured answers for the importer's tests: the documented one, variations of it, and a place to import them into."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import orjson
from sqlalchemy import Table, delete, func, select

from genjin.domain.people import DataScope, Role, User
from genjin.domain.records import Ref
from genjin.errors import ImportRefused
from genjin.importers.capture import import_captures
from genjin.importers.importing import Summary
from genjin.service.organisation.signin import create_token
from genjin.store import ids, people
from genjin.store.recount import Miscount, recount
from genjin.store.tables import metadata
from genjin.store.transaction import Tx
from tests.world import Json, World, activities_of, timeline_of

UPSTREAM = Path(__file__).parent.parent / "wire" / "upstream" / "sales_activities.json"
ORGANISATION_ID = 11300332
LEAD_ID = 1311120102
FOLLOW_UP_ID, CALL_ID, CREATED_ID = 1143541100, 1143355154, 1133434023
"""The newest follow-up, the newest call and the creation among the six activities."""


def document() -> Json:
    """The documented answer, to be changed at will."""
    return orjson.loads(UPSTREAM.read_bytes())


def activity(id_: int = FOLLOW_UP_ID, **changed: object) -> Json:
    """One documented activity, with one name of its lead and its user's department, and with some keys changed."""
    found = next(entry for entry in activities_of(document()["data"]) if entry["id"] == id_)
    found["refer_name"] = "老师"
    if found["saleable_type"] == "Lead":
        found["title"] = found["saleable_name"] = "老师"
    if found["user"]["department_name"] == "销售部":
        found["user"]["department_name"] = "上海销售部"
    return found | changed


def answer(*activities: Json, **data: object) -> Json:
    """An answer with these activities."""
    groups = [{"date": "2024-04-04 星期四", "activities": [entry]} for entry in activities]
    return {"code": 0, "data": {"sales_activities": groups, "total_count": len(groups), **data}}


class Capturing:
    """The test world, which captures are imported into."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        self._files = 0

    def file(self, *bodies: Json) -> Path:
        """A file with one answer, or with JSON Lines of several."""
        return self.file_of(b"\n".join(map(orjson.dumps, bodies)))

    def file_of(self, content: bytes) -> Path:
        self._files += 1
        path = self.folder / f"capture{self._files}.json"
        path.write_bytes(content)
        return path

    def take(self, *bodies: Json, subject: Ref | None = None) -> Summary:
        """Import each body from a file of its own, all at once."""
        return self.take_files(*map(self.file, bodies), subject=subject)

    def take_files(self, *files: Path, subject: Ref | None = None) -> Summary:
        return import_captures(self.world.installation, files, subject)

    def refusal(self, *files: Path, subject: Ref | None = None) -> list[str]:
        """The problems of an import that is refused and changes nothing."""
        before = self.dump()
        try:
            self.take_files(*files, subject=subject)
        except ImportRefused as refused:
            assert self.dump() == before
            return [str(problem).replace(f"{self.folder}/", "") for problem in refused.problems]
        raise AssertionError("it was imported")

    def client(self, organisation_id: int = ORGANISATION_ID) -> httpx.Client:
        """Somebody who sees everything of the captured organisation."""
        login = f"watcher{organisation_id}"

        def use(tx: Tx) -> None:
            if people.user_named(tx, organisation_id, login) is None:
                user_id, role_id = ids.allocate(tx, 2)
                people.put_roles(tx, organisation_id, [Role(role_id, "观察员", DataScope.ALL)])
                people.put_users(
                    tx, organisation_id, [User(user_id, "观察员", self.world.clock.now(), login=login, role_id=role_id)]
                )
                people.bump_version(tx, organisation_id)

        self.world.database.write(use)
        token = create_token(self.world.installation, organisation_id, login, "test")
        client = self.world.client()
        client.headers["Authorization"] = f"Token token={token}"
        return client

    def author(self) -> httpx.Client:
        """The one who wrote the captured follow-ups, who now signs in here and sees everything."""

        def use(tx: Tx) -> None:
            (user,) = (user for user in people.user_list(tx, ORGANISATION_ID) if user.name == "小兰")
            people.put_roles(tx, ORGANISATION_ID, [Role(user.role_id, "销售", DataScope.ALL)])
            people.put_users(tx, ORGANISATION_ID, [replace(user, login="xiaolan")])
            people.bump_version(tx, ORGANISATION_ID)

        self.world.database.write(use)
        client = self.world.client()
        token = create_token(self.world.installation, ORGANISATION_ID, "xiaolan", "test")
        client.headers["Authorization"] = f"Token token={token}"
        return client

    def served(
        self, id_: int = LEAD_ID, entity: str = "leads", organisation_id: int = ORGANISATION_ID
    ) -> dict[int, Json]:
        """The activities of a captured record as we serve them, by id, newest first."""
        page = timeline_of(self.client(organisation_id), id_, entity, per_page=200)
        return {entry["id"]: entry for entry in activities_of(page)}

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        return self.world.database.read(lambda tx: {table.name: _rows(tx, table) for table in metadata.sorted_tables})

    def count(self, table: Table, organisation_id: int = ORGANISATION_ID) -> int:
        """How many rows of the captured organisation a table has."""
        wanted = select(func.count()).select_from(table).where(table.c.organisation_id == organisation_id)
        return self.world.database.read(lambda tx: int(tx.execute(wanted).scalar_one()))

    def forget(self, organisation_id: int) -> None:
        """Take out everything of an organisation."""

        def use(tx: Tx) -> None:
            for table in metadata.sorted_tables:
                if "organisation_id" in table.c:
                    tx.execute(delete(table).where(table.c.organisation_id == organisation_id))

        self.world.database.write(use)

    def miscounts(self, organisation_id: int = ORGANISATION_ID) -> list[Miscount]:
        return self.world.database.read(lambda tx: recount(tx, organisation_id))


def _rows(tx: Tx, table: Table) -> list[tuple[Any, ...]]:
    if table.info.get("only_on", tx.engine) != tx.engine:
        return []
    return sorted(tx.rows(f"SELECT * FROM {table.name}", ()), key=repr)
