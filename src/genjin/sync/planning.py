"""Says how many calls bringing everything will take, from a handful of them."""

from collections.abc import Mapping
from typing import NamedTuple

from genjin.client import Client, Limit, contract
from genjin.client.contract import MOST_PER_PAGE
from genjin.sync import follow_ups
from genjin.sync.lists import FORMS, LISTS, WITH_TIMELINES
from genjin.sync.reading import do

FOLLOW_UPS = "follow-ups"


class Plan(NamedTuple):
    """How many there are of each noun, and about how many calls all of it takes: a timeline has a page at least, and a
    page more for every hundred follow-ups that there are. How many calls were logged is not told by any list, so it may
    be somewhat more.
    """

    totals: dict[str, int]
    calls: int

    def seconds(self, limit: Limit) -> float:
        """How long that takes at this limit."""
        return self.calls / limit.calls * limit.seconds


def plan(client: Client) -> Plan:
    """Raises ClientError."""
    totals = {"users": _total(client, "/api/v2/user/list", "users", {})}
    totals |= {name: _total(client, f"/api/v2/{name}", name, {}) for name in LISTS}
    totals[FOLLOW_UPS] = _total(client, follow_ups.PATH, "revisit_logs", follow_ups.EVER)
    lists = sum(_pages(totals[name]) for name in ("users", *LISTS, FOLLOW_UPS))
    timelines = sum(totals[name] for name in WITH_TIMELINES) + totals[FOLLOW_UPS] // MOST_PER_PAGE
    others = 3 + len(FORMS) + len(WITH_TIMELINES)  # who we are, departments, categories; pools
    return Plan(totals, lists + timelines + others)


def _total(client: Client, path: str, name: str, asked: Mapping[str, str]) -> int:
    return do(client, contract.raw_page(path, name, 1, per_page=1, asked=asked)).total


def _pages(total: int) -> int:
    return max(1, -(-total // MOST_PER_PAGE))
