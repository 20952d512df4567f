"""A real Chromium, the recorded city behind a real port, and a page that fails its test on any console error."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.alerts.pages.recorded_server import RecordedCity, recorded_app
from tests.alerts.pages.served import Served
from tests.made_stores import made_store

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 10_000


# Playwright's loop would be in the way of the asynchronous tests elsewhere, so it lives for this folder only. That is a
# package: what belongs to a folder without ``__init__.py`` pytest keeps until the end of the session.
@pytest.fixture(scope="package")
def browser(program: Callable[[str], str]) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program("chromium"), args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


@dataclass
class Opened:
    """One browser window; ``allow`` names what it may complain about."""

    context: BrowserContext
    base: str
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    allowed: list[re.Pattern[str]] = field(default_factory=list)

    def allow(self, pattern: str) -> None:
        self.allowed.append(re.compile(pattern))

    def page(self, path: str = "/", width: int = 1920, height: int = 1080) -> Page:
        """A page of this window on ``path``."""
        page = self.context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._see(request.url))
        page.goto(self.base + path)
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _see(self, url: str) -> None:
        if not url.startswith(self.base):
            self.strangers.append(url)

    def unexpected(self) -> list[str]:
        return [each for each in self.complaints if not any(pattern.search(each) for pattern in self.allowed)]


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """What a browser sees does not depend on the store, so one kind is enough here."""
    return made_store(tmp_path)


@pytest.fixture
def city() -> RecordedCity:
    return RecordedCity()


@pytest.fixture
def server(city: RecordedCity) -> Iterator[Served]:
    with Served(recorded_app(city)) as served:
        yield served
        city.awake.set()


@pytest.fixture
def window(browser: Browser, server: Served) -> Iterator[Opened]:
    """A fresh window (no cookies); any console error or request to elsewhere fails the test."""
    context = browser.new_context(locale="de-DE", timezone_id="America/New_York")
    opened = Opened(context, server.base)
    yield opened
    context.close()
    assert opened.unexpected() == []
    assert opened.strangers == []
