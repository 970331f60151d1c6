"""Makes docs/images, the screenshots of the README, of the demo's team (`make screenshots`)."""

import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Browser, Page

from genjin.demo import LOGIN, PASSWORD
from genjin.demo.sale import COMPANY
from tests.cli.running import serving
from tests.documents import ROOT
from tests.web.browsing import DESK, PHONE, chromium

FOLDER = ROOT / "docs/images"


class Shot(NamedTuple):
    """A picture of a page, as somebody sees it; of a list with `opens` that of what it has first, from `scrolls` on."""

    name: str
    path: str
    size: tuple[int, int]
    theme: str = "light"
    language: str = "zh"
    login: str = LOGIN
    opens: bool = False
    scrolls: str = ""


SALE = f"/customers?{urlencode({'q': COMPANY})}"
SHOTS = (
    Shot("record", SALE, DESK, opens=True),
    Shot("record-en", SALE, DESK, language="en", opens=True),
    Shot("record-phone", SALE, PHONE, theme="dark", opens=True, scrolls="#timeline"),
    Shot("home", "/", DESK, login="wangxue"),
    Shot("customers", "/customers?sort=last_activity_at", DESK),
    Shot("team", "/team?period=last_30_days", DESK),
    Shot("team-en", "/team?period=last_30_days", DESK, theme="dark", language="en"),
)


def main() -> None:
    """Serve the demo, sign in, and look at each page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), "demo") as server, chromium() as browser:
        for shot in SHOTS:
            page = _signed_in(browser, server.url, shot)
            page.goto(shot.path)
            if shot.opens:
                page.locator(f"main a:has-text('{COMPANY}')").first.click()
                page.wait_for_url("**/customers/*")
            if shot.scrolls:
                page.locator(shot.scrolls).evaluate("each => each.scrollIntoView()")
            page.wait_for_load_state("load")
            page.wait_for_timeout(1500)  # pictures and charts are drawn
            picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
            picture.save(FOLDER / f"{shot.name}.png", optimize=True)
            page.context.close()
            sys.stdout.write(f"docs/images/{shot.name}.png\n")


def _signed_in(browser: Browser, url: str, shot: Shot) -> Page:
    context = browser.new_context(
        base_url=url,
        viewport={"width": shot.size[0], "height": shot.size[1]},
        locale="zh-CN" if shot.language == "zh" else "en-GB",
        color_scheme="dark" if shot.theme == "dark" else "light",
        timezone_id="Asia/Shanghai",
    )
    page = context.new_page()
    page.goto("/sign-in?next=/account")
    page.locator("#login").fill(shot.login)
    page.locator("#password").fill(PASSWORD)
    page.locator("button.primary").click()
    page.wait_for_url("**/account")
    return page


if __name__ == "__main__":
    main()
