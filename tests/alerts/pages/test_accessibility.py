"""axe-core finds no serious or critical fault on any page, as it opens and with its dialogs open, in both languages."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from alerts.pages import PLAIN
from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.recorded_server import RecordedCity
from tests.alerts.pages.test_layout import fits, settled
from tests.alerts.pages.test_real_server import desk, pytestmark, real  # noqa: F401  # fixtures

GRAVE = {"serious", "critical"}
#: All rules; where they hold it is enough to know that they do, every place of which would double the time.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
LOOK = "options => axe.run(options).then(({passes, violations}) => ({passes: passes.length, violations}))"


def faults(page: Page) -> list[str]:
    """Rule, impact and place of what axe-core calls serious or critical."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(LOOK, RULES)
    assert found["passes"] > 10, "axe-core looked at almost nothing"
    return [
        f"{each['id']} ({each['impact']}): {node['target']}"
        for each in found["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]


def test_axe_finds_a_planted_fault(window: Opened) -> None:
    page = window.page("/?lang=en")
    settled(page)
    page.evaluate("document.getElementById('main').append(document.createElement('input'))")
    assert any("label (critical)" in each for each in faults(page))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_of_records_has_a_grave_fault(desk: Opened, lang: str) -> None:  # noqa: F811
    page = desk.page(f"/?lang={lang}", 1366, 768)
    records = [name for name in PLAIN if name not in ("link", "account", "accounts")]
    found = {}
    for name in records:
        page.goto(f"{desk.base}/{name}")
        expect(page.locator("main h1").first).to_be_visible()
        fits(page, name)
        found[name] = faults(page)
    assert len(found) > 20
    assert not any(found.values()), {name: said for name, said in found.items() if said}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_has_a_grave_fault(window: Opened, city: RecordedCity, lang: str) -> None:
    page = window.page(f"/sign-in?lang={lang}", 1366, 768)
    assert faults(page) == [], "sign-in"
    for path in ("/", f"/alarms/{city.story['id']}", "/console"):
        page.goto(f"{window.base}{path}")
        settled(page)
        assert faults(page) == [], path

    # The console in use: figures open, everything unfolded, several picked, each kind of dialog.
    page.click("#desk summary")
    expect(page.locator(".loudest li").first).to_be_visible()
    page.click(".is-section >> nth=-1")
    page.click("#alarm-422302848624ea55 .row-fold")
    page.locator(".is-group .row-tick").click()
    page.click("#alarm-398b674dfe82071c")
    expect(page.locator(".detail .guidance")).to_be_visible()
    assert faults(page) == [], "console in use"
    page.click("#picked-clear")
    for key in "sc?":
        page.keyboard.press(key)
        expect(page.locator("dialog[open]")).to_be_visible()
        assert faults(page) == [], key
        page.keyboard.press("Escape")
