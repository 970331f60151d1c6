"""Makes docs/images, the screenshots of the README, of the demo's team (`make screenshots`)."""

import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page

from genjin.demo import EXAMPLE_LEAD, LOGIN, PASSWORD
from tests.cli.running import serving
from tests.documents import ROOT
from tests.web.browsing import DESK, PHONE, chromium

FOLDER = ROOT / "docs/images"
COLOURS = 128


class Shot(NamedTuple):
    """A picture of a page."""

    name: str
    path: str
    size: tuple[int, int]
    theme: str = "light"
    language: str = "zh"


SHOTS = (
    Shot("record", f"/leads/{EXAMPLE_LEAD}", DESK),
    Shot("record-phone", f"/leads/{EXAMPLE_LEAD}", PHONE),
    Shot("home", "/", DESK),
    Shot("home-phone", "/", PHONE, "dark"),
    Shot("customers", "/customers", DESK),
    Shot("team", "/team", DESK, "dark"),
    Shot("record-en", f"/leads/{EXAMPLE_LEAD}", DESK, language="en"),
    Shot("team-en", "/team", DESK, language="en"),
)


def main() -> None:
    """Serve the demo, sign in as its manager, and look at each page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), "demo") as server, chromium() as browser:
        for shot in SHOTS:
            page = _signed_in(browser, server.url, shot)
            page.goto(shot.path)
            page.wait_for_load_state("load")
            page.wait_for_timeout(1500)  # pictures and charts are drawn
            picture = Image.open(BytesIO(page.screenshot()))
            small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            small.save(FOLDER / f"{shot.name}.png", optimize=True)
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
    page.locator("#login").fill(LOGIN)
    page.locator("#password").fill(PASSWORD)
    page.locator("button.primary").click()
    page.wait_for_url("**/account")
    return page


if __name__ == "__main__":
    main()
