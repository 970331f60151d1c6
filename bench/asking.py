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
IN_TURN = 600
"""Pages of a set: about 17 MB of answers, twice of what Genjin keeps."""
RECORDS_IN_TURN = 20_000
"""At most, drawn from all over the database."""
PATHS = {RecordType.LEAD: "leads", RecordType.CUSTOMER: "customers"}


def page_path(ref: Ref, page: int = 1) -> str:
    """Where a page of a record's timeline is; the first page is asked for as a client does, without its number."""
    path = f"/api/v2/{PATHS[ref.type]}/{ref.id}/sales_activities"
    return path if page == 1 else f"{path}?page={page}"


class Asking:
    """The files of requests, by name. What is asked "in turn" is too much to be kept from one time to the next."""

    def __init__(self, folder: Path, world: World, size: Size) -> None:
        self.folder = folder
        self.hot, self.nobody = world.hot, Ref(RecordType.LEAD, 2_000_000_000)
        self.others = [record.ref for record in world.records if record.ref != world.hot]
        Random(SEED).shuffle(self.others)
        all_others = len(self.others)
        self.others = self.others[:RECORDS_IN_TURN]
        pages = _pages(size)
        self.last_page = pages["deepest"][-1]
        self.titles = {
            "first": "hot record, page 1, again and again",
            "disturbed": "the same, while another record is written",
            "unchanged": "the same, for who has it already (304)",
            **{name: f"hot record, pages {some[0]:,}-{some[-1]:,} in turn" for name, some in pages.items()},
            "records": f"{all_others:,} records in turn"
            if all_others == len(self.others)
            else f"{len(self.others):,} records of {all_others:,} in turn",
            "refusal": "refusal of a missing record",
        }
        for name in ("first", "disturbed"):
            self._write(name, [page_path(world.hot)])
        for name, some in pages.items():
            self._write(name, [page_path(world.hot, page) for page in some])
        self._write("records", [page_path(ref) for ref in self.others])
        self._write("refusal", [page_path(self.nobody)])
        self._write_follow_ups()

    def __getitem__(self, name: str) -> Path:
        return self.folder / f"{name}.requests"

    def _write(self, name: str, paths: Sequence[str]) -> None:
        write_requests(self[name], [("GET", path, "", "") for path in paths])

    def unchanged(self, server: Server, token: str) -> Path:
        """The hot record's first page, asked for by who has this server's answer."""
        path = page_path(self.hot)
        return write_requests(self[f"unchanged {server.name}"], [("GET", path, "", server.tag(path, token))])

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
        path = "/api/v2/revisit_logs"
        write_requests(self["follow-ups"], [("POST", path, urlencode(form), "") for form in forms])


def _pages(size: Size) -> dict[str, list[int]]:
    """Pages near the newest entry, around the thousandth, and up to the oldest; as many of each."""
    last = size.entries // PAGE_SIZE  # a full one, so that all pages have as much to say
    some = min(IN_TURN, last)
    around = max(1, min(1000 - some // 2, last - some + 1))
    starts = {"newest": 1, "thousandth": around, "deepest": last - some + 1}
    return {name: list(range(start, start + some)) for name, start in starts.items()}


def check_genjin(server: Server, asking: Asking, token: str) -> None:
    """Every page that is asked for is whole, and the missing record is refused. Raises Failed."""
    for page in (1, 2, asking.last_page // 2, asking.last_page):
        found = _data(server, page_path(asking.hot, page), token)
        entries = [entry for day in found["sales_activities"] for entry in day["activities"]]
        if len(entries) != PAGE_SIZE or any(len(entry) != KEYS for entry in entries):
            raise Failed(f"{server.name}: page {page} has {len(entries)} activities")
    refused = json.loads(server.get(page_path(asking.nobody), token))
    if refused["code"] != 100100:
        raise Failed(f"{server.name}: a missing record is answered with {refused['code']}")


def check_same(one: Server, other: Server, asking: Asking, token: str) -> None:
    """Two servers over the same data and ids give the same answers, key by key. Raises Failed."""
    for path in _sample(asking):
        if _data(one, path, token) != _data(other, path, token):
            raise Failed(f"{one.name} and {other.name} differ at {path}")


def check_same_list(genjin: Server, other: Server, asking: Asking, token: str) -> None:
    """A server that lists `actions` in a form of its own lists as many, of the same moments. Raises Failed."""
    for path in _sample(asking):
        ours, theirs = _data(genjin, path, token), _data(other, path, token)
        moments = [each["timestamp"] for day in ours["sales_activities"] for each in day["activities"]]
        if (ours["total_count"], moments) != (theirs["total_count"], [each["timestamp"] for each in theirs["actions"]]):
            raise Failed(f"{genjin.name} and {other.name} differ at {path}")


def _sample(asking: Asking) -> list[str]:
    hot = [page_path(asking.hot, page) for page in (1, asking.last_page // 2, asking.last_page)]
    return hot + [page_path(ref) for ref in asking.others[:20]]


def activities_a_page(server: Server, asking: Asking, token: str) -> float:
    """How many activities the first page of a record has, on average."""
    some = asking.others[:50]
    found = [_data(server, page_path(ref), token)["sales_activities"] for ref in some]
    return sum(len(day["activities"]) for days in found for day in days) / len(some)


def _data(server: Server, path: str, token: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(server.get(path, token))
    if answer.get("code") != 0:
        raise Failed(f"{server.name}: {path} is answered with {str(answer)[:300]}")
    data: dict[str, Any] = answer["data"]
    return data
