"""The page of a station's log on the real server: an entry is made, amended, withdrawn, and seen in both languages."""

from playwright.sync_api import expect

from alerts.api import Server
from alerts.stations.log import StationLog
from records.registry import Device
from tests.alerts.city_parts import MINUTE, SITE, T0, House
from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.test_real_server import desk, pytestmark, real  # noqa: F401  # fixtures
from topics.station_entry import StationEntry


def test_an_entry_is_made_amended_and_withdrawn(desk: Opened, house: House, real: Server) -> None:  # noqa: F811
    house.city.registry.put(Device("GT-1", SITE.id, "gas detector"))
    house.city.tick(T0)
    picture = StationEntry(
        "p1", SITE.id, "picture", T0 - MINUTE, T0, link="https://example.org/p.jpg", sha256="ab" * 32
    )
    StationLog(house.store).enter(picture, 0)
    page = desk.page(f"/station-log?lang=en&site={SITE.id}", 1440, 1000)
    expect(page.locator('[data-entry="p1"] a')).to_have_attribute("href", "https://example.org/p.jpg")
    expect(page.locator('[data-entry="p1"]')).to_contain_text("SHA-256 abababababab")
    form = page.locator("#entry")
    form.get_by_label("Work").select_option("calibration")
    form.get_by_label("Device").select_option("GT-1")
    form.get_by_label("Begin").fill("2015-08-12T20:00")
    form.get_by_label("Who did it").fill("Wang")
    form.get_by_label("Text").fill("zero drifted")
    page.get_by_role("button", name="Enter", exact=True).click()
    made = page.locator("#entries tr", has_text="zero drifted")
    expect(made).to_contain_text("calibration")
    made.get_by_role("button", name="Amend").click()
    form.get_by_label("Text").fill("battery replaced")
    page.get_by_role("button", name="Enter", exact=True).click()
    page.locator("#entries tr", has_text="battery replaced").get_by_role("button", name="Withdraw").click()
    expect(page.locator("#entries tr")).to_have_count(1)
    assert [each.text for each in StationLog(house.store).entries(SITE.id, kinds=["maintenance"], forms=True)] == [
        "zero drifted", "battery replaced", "battery replaced",
    ]  # fmt: skip
    narrow = desk.page(f"/station-log?lang=zh&site={SITE.id}", 390, 844)
    narrow.get_by_label("含旧版本和已撤回").check()
    expect(narrow.locator("#entries")).to_contain_text("已撤回")
    assert narrow.evaluate("document.documentElement.scrollWidth <= innerWidth")
