"""Takes the pictures of docs/pages.md from the recorded city.

``python -m tests.alerts.pages.pictures docs/pictures``
"""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.alerts.pages.conftest import CHROMIUM_ARGS
from tests.alerts.pages.recorded_server import RecordedCity, recorded_app
from tests.alerts.pages.served import Served
from tests.alerts.pages.small_png import read_png, small_png

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


def main(folder: Path) -> None:
    city = RecordedCity()
    chromium = shutil.which("chromium")
    with Served(recorded_app(city)) as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
        story = f"/alarms/{city.story['id']}"
        for lang in ("zh", "en"):
            take(browser, f"{served.base}/?lang={lang}", WALL, folder / f"wall-{lang}.png")
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


if __name__ == "__main__":
    main(Path(sys.argv[1]))
