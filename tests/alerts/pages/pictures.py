"""Takes the pictures of docs/pages.md from the recorded city, and those of the wall from a running one.

``python -m tests.alerts.pages.pictures docs/pictures``; the wall with ``--wall http://127.0.0.1:8400`` while
``make demo`` runs.
"""

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.alerts.pages.conftest import CHROMIUM_ARGS
from tests.alerts.pages.recorded_server import RecordedCity, recorded_app
from tests.alerts.pages.served import Served
from tests.alerts.pages.small_png import read_png, small_png

LANGUAGES = ("zh", "en")
WALL, PHONE = (1920, 1080), (390, 844)


def take(browser: Browser, address: str, size: tuple[int, int], file: Path, keys: Sequence[str] = ()) -> None:
    """One picture of what fits the window, after the page has its data and these keys were pressed."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce")
    page.goto(address)
    expect(page.locator("#newest li, #alarms .is-alarm, #log li").first).to_be_visible()
    expect(page.locator("#map svg, .bar").first).to_be_visible()
    for key in keys:
        page.keyboard.press(key)
    if keys:
        expect(page.locator(".detail .guidance")).to_be_visible()
    expect(page.locator("#city-day")).to_contain_text("2015")
    file.write_bytes(small_png(read_png(page.screenshot())))
    page.close()


def walls(folder: Path, base: str) -> None:
    """The wall of the server at ``base`` as it is now, in both languages."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGS)
        for lang in LANGUAGES:
            take(browser, f"{base}/?lang={lang}", WALL, folder / f"wall-{lang}.png")
        browser.close()


def recorded(folder: Path) -> None:
    """Console, story and dialogs from the recorded city."""
    city = RecordedCity()
    with Served(recorded_app(city)) as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGS)
        story = f"/alarms/{city.story['id']}"
        for lang in LANGUAGES:
            take(
                browser,
                f"{served.base}/console?lang={lang}",
                WALL,
                folder / f"console-{lang}.png",
                keys=("j", "j", "j", "ArrowRight"),
            )
            take(browser, f"{served.base}{story}?lang={lang}", WALL, folder / f"story-{lang}.png")
        take(browser, f"{served.base}/console?lang=zh", PHONE, folder / "console-phone-zh.png")
        take(browser, f"{served.base}/console?lang=en", PHONE, folder / "shelve-phone-en.png", keys=("j", "j", "s"))
        browser.close()


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the pictures are written")
    parser.add_argument("--wall", metavar="URL", help="take the wall of this server, and nothing else")
    chosen = parser.parse_args()
    if chosen.wall:
        walls(chosen.folder, chosen.wall)
    else:
        recorded(chosen.folder)


if __name__ == "__main__":
    main()
