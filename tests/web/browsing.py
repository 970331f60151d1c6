"""A browser that looks at the page of a real server, and minds what the page must never do."""

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from genjin.app import build
from genjin.web.cookies import COOKIE
from tests.world import World, _settings

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
WHERE_FROM = "the tests of the page need Chromium (Debian: apt install chromium), or CHROMIUM=/path/to/it"
PHONE, DESK = (390, 844), (1440, 900)
_GIVEN_UP = ("htmx:sendAbort", "htmx:afterRequest")
PATIENCE = 30_000
"""Milliseconds that a busy machine may take for anything."""
expect.set_options(timeout=PATIENCE)
SERIOUS = ("serious", "critical")


@contextmanager
def served(world: World) -> Iterator[str]:
    """The world's server, listening on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        app = build(world.installation, _settings(world.site.served_url, jobs="off"))
        # The world closes its database itself, so the application's end is not told.
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium; it asks nobody but the server for anything."""
    if not CHROMIUM:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(WHERE_FROM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
            ],
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Surfer:
    """Opens pages as people do, and remembers what went wrong on them."""

    browser: Browser
    url: str
    world: World
    troubles: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(
        self,
        name: str | None,
        path: str = "/",
        size: tuple[int, int] = DESK,
        language: Literal["zh", "en"] = "zh",
        theme: Literal["light", "dark"] = "light",
        script: bool = True,
    ) -> Page:
        """A page of somebody who is signed in, or of a stranger."""
        context = self.browser.new_context(
            base_url=self.url,
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN" if language == "zh" else "en-GB",
            color_scheme=theme,
            timezone_id="Asia/Shanghai",
            java_script_enabled=script,
            has_touch=size == PHONE,
            permissions=["microphone", "geolocation"],
            geolocation={"latitude": 31.23, "longitude": 121.47},
        )
        self.contexts.append(context)
        context.set_default_timeout(PATIENCE)
        if name is not None:
            context.add_cookies([{"name": COOKIE, "value": self.world.site.tokens[name], "url": self.url}])
        page = context.new_page()
        self._mind(page)
        page.goto(path)
        return page

    def _mind(self, page: Page) -> None:
        """No request leaves the server, no error is on the console, nothing is refused by the policy."""
        host = urlsplit(self.url).netloc
        tell = self.troubles.append
        page.on("request", lambda r: tell(f"left the server: {r.url}") if not _stays(r.url, host) else None)
        page.on("pageerror", lambda error: tell(f"error: {error}"))
        page.on(
            "console", lambda m: tell(f"console: {m.text}") if m.type == "error" and not _expected(m.text) else None
        )
        page.on("requestfailed", lambda r: tell(f"failed: {r.url} {r.failure}") if _failed(r.failure) else None)

    def close(self) -> None:
        """Close all pages. Raises AssertionError for what went wrong on them."""
        for context in self.contexts:
            context.close()
        assert not self.troubles, self.troubles


def accessible(page: Page) -> None:
    """axe-core finds nothing serious on the page, and nothing is wider than the screen."""
    page.wait_for_load_state("load")
    expect(page.locator(".htmx-request")).to_have_count(0)
    found = Axe().run(page)
    told = [
        (each["id"], each["impact"], [node["html"][:160] for node in each["nodes"]][:4])
        for each in found.response["violations"]
        if each["impact"] in SERIOUS
    ]
    assert not told, told
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px wider than the screen"


def _stays(url: str, host: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob") or parts.netloc == host


def _expected(text: str) -> bool:
    """That a form was refused is told on the console too; and that htmx gave a request up for a newer one."""
    return (
        "the server responded with a status of 4" in text
        or "Response Status Error Code 4" in text
        or text.startswith(_GIVEN_UP)
    )


def _failed(failure: str | None) -> bool:
    """Whether a request failed that nobody gave up: to go to another page ends those of this one."""
    return "ERR_ABORTED" not in (failure or "")
