"""The requests that are sent, and the proof that the answers are what they should be before their speed counts."""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

from bench.load import write_requests
from bench.servers import Failed, Server
from bench.world import SEED, Size, World
from genjin.domain.records import RecordType, Ref

PAGE_SIZE = 15
KEYS = 50
PATHS = {RecordType.LEAD: "leads", RecordType.CUSTOMER: "customers"}


def page_path(ref: Ref, page: int = 1) -> str:
    """Where a page of a record's timeline is; the first page is asked for as a client does, without its number."""
    path = f"/api/v2/{PATHS[ref.type]}/{ref.id}/sales_activities"
    return path if page == 1 else f"{path}?page={page}"


class Asking:
    """The files of requests, by name."""

    def __init__(self, folder: Path, world: World, size: Size) -> None:
        self._folder = folder
        last = size.entries // PAGE_SIZE  # a full one, so that all pages have as much to say
        self.pages = {"first": 1, "thousandth": min(1000, last), "middle": last // 2, "last": last}
        self.others = [record.ref for record in world.records if record.ref != world.hot]
        self.titles = {
            "first": "hot record, page 1",
            "thousandth": f"hot record, page {self.pages['thousandth']:,}",
            "middle": f"hot record, middle page ({self.pages['middle']:,})",
            "last": f"hot record, last full page ({last:,})",
            "random": f"random records of {len(self.others):,}",
            "refusal": "refusal of a missing record",
        }
        self.nobody = Ref(RecordType.LEAD, 2_000_000_000)
        self.hot = world.hot
        for name, page in self.pages.items():
            self._write(name, [page_path(world.hot, page)])
        self._write("random", [page_path(ref) for ref in self.others])
        self._write("refusal", [page_path(self.nobody)])
        self._write_follow_ups()

    def __getitem__(self, name: str) -> Path:
        return self._folder / f"{name}.requests"

    def _write(self, name: str, paths: Sequence[str]) -> None:
        write_requests(self[name], [("GET", path, "") for path in paths])

    def _write_follow_ups(self) -> None:
        classes = {RecordType.LEAD: "Lead", RecordType.CUSTOMER: "Customer"}
        forms = [
            {
                "revisit_log[loggable_type]": classes[ref.type],
                "revisit_log[loggable_id]": ref.id,
                "revisit_log[content]": "电话沟通，客户需要再考虑。",
            }
            for ref in self.others
        ]
        write_requests(self["follow-ups"], [("POST", "/api/v2/revisit_logs", urlencode(form)) for form in forms])


def check_genjin(server: Server, asking: Asking, token: str) -> None:
    """Every page that is asked for is whole, and the missing record is refused. Raises Failed."""
    for page in sorted({1, *asking.pages.values()}):
        found = _data(server, page_path(asking.hot, page), token)
        entries = [entry for day in found["sales_activities"] for entry in day["activities"]]
        if len(entries) != PAGE_SIZE or any(len(entry) != KEYS for entry in entries):
            raise Failed(f"{server.name}: page {page} has {len(entries)} activities")
    refused = json.loads(server.get(page_path(asking.nobody), token))
    if refused["code"] != 100100:
        raise Failed(f"{server.name}: a missing record is answered with {refused['code']}")


def check_same(one: Server, other: Server, asking: Asking, token: str) -> None:
    """Two servers over the same data and ids give the same answers, key by key. Raises Failed."""
    some = Random(SEED).sample(asking.others, min(20, len(asking.others)))
    paths = [page_path(asking.hot, page) for page in asking.pages.values()] + [page_path(ref) for ref in some]
    for path in paths:
        if _data(one, path, token) != _data(other, path, token):
            raise Failed(f"{one.name} and {other.name} differ at {path}")


def activities_a_page(server: Server, asking: Asking, token: str) -> float:
    """How many activities the first page of a random record has, on average."""
    some = Random(SEED).sample(asking.others, min(50, len(asking.others)))
    found = [_data(server, page_path(ref), token)["sales_activities"] for ref in some]
    return sum(len(day["activities"]) for days in found for day in days) / len(some)


def _data(server: Server, path: str, token: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(server.get(path, token))
    if answer.get("code") != 0:
        raise Failed(f"{server.name}: {path} is answered with {str(answer)[:300]}")
    data: dict[str, Any] = answer["data"]
    return data
