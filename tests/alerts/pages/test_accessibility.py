"""What holds for every page however it is looked at: axe-core finds no serious or critical fault, as it opens and with
its dialogs open, in both languages; and nothing that can be pressed moves while the page fills itself (filling.py).
"""

from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from alerts.pages import PLAIN
from tests.alerts.city_parts import House
from tests.alerts.pages.axe import faults
from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.filling import Order, moved, moved_by, watch
from tests.alerts.pages.full_city import fill
from tests.alerts.pages.recorded_server import RecordedCity
from tests.alerts.pages.test_layout import PHONE, WALL, fits, settled
from tests.alerts.pages.test_real_server import desk, pytestmark, real  # noqa: F401  # fixtures

#: Where one must sign in to be shown anything: test_account_pages.py.
DOORS = ("link", "account", "accounts")
DESK = (1366, 768)


@dataclass(frozen=True, slots=True)
class Look:
    """A way to look at the pages: the language, the window (px) and which answer of the interface comes first."""

    lang: str
    size: tuple[int, int]
    order: Order


def test_axe_finds_a_planted_fault(window: Opened) -> None:
    page = window.page("/?lang=en")
    settled(page)
    page.evaluate("document.getElementById('main').append(document.createElement('input'))")
    assert any("label (critical)" in each for each in faults(page))


@pytest.mark.parametrize("look", [Look("zh", PHONE, "last"), Look("en", DESK, "first")], ids=lambda look: look.lang)
def test_no_page_of_records_has_a_grave_fault_or_moves_what_is_pressed(
    desk: Opened,  # noqa: F811
    house: House,
    look: Look,
) -> None:
    named = fill(house)
    watch(desk.context, look.order)
    page = desk.page(f"/yard?lang={look.lang}", *look.size)
    records = ["yard", *(name for name in PLAIN if name not in DOORS)]
    found = {}
    for name in records:
        page.goto(f"{desk.base}{named.get(name, f'/{name}')}")
        found[name] = moved(page)
        expect(page.locator("main h1").first).to_be_visible()
        fits(page, name)
        found[name] += faults(page)
    assert len(found) > 20
    assert not any(found.values()), {name: said for name, said in found.items() if said}


@pytest.mark.parametrize("look", [Look("zh", PHONE, "last"), Look("en", WALL, "first")], ids=lambda look: look.lang)
def test_no_page_has_a_grave_fault_or_moves_what_is_pressed(window: Opened, city: RecordedCity, look: Look) -> None:
    watch(window.context, look.order)
    page = window.page(f"/sign-in?lang={look.lang}", *look.size)
    assert moved(page) + faults(page) == [], "sign-in"
    for path in ("/", f"/alarms/{city.story['id']}", "/console"):
        page.goto(f"{window.base}{path}")
        assert moved(page) == [], path
        settled(page)
        assert faults(page) == [], path
    assert moved_by(page, "#alarm-398b674dfe82071c") == [], "the alarm's pane"
    page.keyboard.press("Escape")

    # The console in use: figures open, everything unfolded, several picked, each kind of dialog.
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
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
