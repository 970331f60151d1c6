"""`python -m bench.page`: how soon the page of a customer with a long history is seen, and how much it loads."""

import argparse
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from bench import servers
from bench.filling import fill
from bench.world import LOGIN, ORGANISATION, Size, highest_id, make_history, make_world
from genjin.domain.records import RecordType
from genjin.service.context import open_installation
from genjin.service.organisation.signin import create_token
from genjin.settings import Settings
from genjin.web.cookies import COOKIE

SIZES: Mapping[str, tuple[int, int]] = {"phone": (390, 844), "desk": (1440, 900)}
OTHERS = 20_000
SETTLED_MS = 500
"""How long nothing more is loaded, once a page is there."""


@dataclass(frozen=True)
class Look:
    """One look at a page with an empty cache: milliseconds until something is seen and until all is there, bytes as
    they were sent, with their headers, and how many requests these were.
    """

    first_ms: float
    loaded_ms: float
    sent: int
    requests: int


def main() -> int:
    """Fill a database, look at the page, print a line for each size of the screen."""
    parser = argparse.ArgumentParser(prog="python -m bench.page", description=__doc__)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument(
        "--at", type=Path, metavar="FILE", help="a database to fill and keep, or one that was filled so"
    )
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="genjin-bench-") as folder, sync_playwright() as playwright:
        file = asked.at or Path(folder, "genjin.db")
        url = f"sqlite:///{file}"
        path, token = _filled(url, asked.entries, file.exists())
        browser = playwright.chromium.launch(executable_path=asked.chromium, args=["--no-sandbox"])
        settings = {"GENJIN_LOG_LEVEL": "warning"}
        with servers.genjin("genjin", Path(folder), url, None, settings=settings) as server:
            print(f"a customer with {asked.entries:,} entries, SQLite, Chromium {browser.version}")
            for name, screen in SIZES.items():
                looks = [_look(browser, server, token, path, screen) for _ in range(asked.times + 1)]
                print(f"  {name:6}{_line(looks[1:])}")
        browser.close()
    return 0


def _filled(url: str, entries: int, is_there: bool) -> tuple[str, str]:
    """The path of the customer's page, and a token, of a database that has it."""
    size = Size(entries, OTHERS)
    made = make_world(size)
    hot = replace(made.records[0], type=RecordType.CUSTOMER)
    path, world = f"/customers/{hot.id}", replace(made, records=[hot, *made.records[1:]], hot=hot.ref)
    if not is_there:
        return path, fill(url, world, make_history(world, size), highest_id(world, size)).token
    installation = open_installation(Settings(database_url=url))
    with closing(installation.database):
        return path, create_token(installation, ORGANISATION, LOGIN, "bench")


def _line(looks: list[Look]) -> str:
    first, loaded = (sorted(getattr(look, name) for look in looks) for name in ("first_ms", "loaded_ms"))
    sent, requests = median(look.sent for look in looks), median(look.requests for look in looks)
    return (
        f"first contentful paint {median(first):.0f} ms ({first[0]:.0f} to {first[-1]:.0f}), "
        f"loaded {median(loaded):.0f} ms, {sent / 1000:.0f} KB in {requests:.0f} requests"
    )


def _look(browser: Browser, server: servers.Server, token: str, path: str, screen: tuple[int, int]) -> Look:
    """The stream of what happens is not counted: it does not end."""
    origin = f"http://{servers.HOST}:{server.port}"
    context = browser.new_context(viewport={"width": screen[0], "height": screen[1]}, locale="zh-CN")
    context.add_cookies([{"name": COOKIE, "value": token, "url": origin}])
    page = context.new_page()
    network, sent = context.new_cdp_session(page), list[int]()
    network.on("Network.loadingFinished", lambda event: sent.append(int(event["encodedDataLength"])))
    network.send("Network.enable")
    page.goto(origin + path, wait_until="load")
    page.wait_for_timeout(SETTLED_MS)
    first, loaded = page.evaluate(
        "[performance.getEntriesByName('first-contentful-paint')[0].startTime,"
        " performance.getEntriesByType('navigation')[0].loadEventEnd]"
    )
    assert page.locator("[data-entry]").count() > 0
    context.close()
    return Look(first, loaded, sum(sent), len(sent))


if __name__ == "__main__":
    sys.exit(main())
