"""The page of first-station coding on the real server: faults of codes, and firms by their share of good records."""

from playwright.sync_api import expect

from alerts.api import Server
from alerts.coding.desk import Coding
from alerts.custody.record import CustodyRecord
from alerts.safety.watch import Watch
from streams.bench_coding import FIRST_MS
from tests.alerts.city_parts import House, domain
from tests.alerts.coding.test_desk import FACTS, seen
from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.test_real_server import desk, pytestmark, real  # noqa: F401  # fixtures

ITEM = "urn:epc:id:sgtin:6900000.000001.7"


def fill(house: House) -> None:
    house.city.put(domain(facts=FACTS))
    house.city.tick(FIRST_MS + 3_600_000)
    events = [
        seen("1", 1, "commissioning", "tank-farm-1", ITEM), seen("2", 2, "receiving", "shop", ITEM),
        seen("3", 3, "retail_selling", "shop", ITEM), seen("4", 4, "retail_selling", "kiosk", ITEM),
        seen("5", 5, "retail_selling", "kiosk", "urn:epc:id:sgtin:6900000.000002.1"),
    ]  # fmt: skip
    CustodyRecord(house.store).take(events)
    Coding(house.store, house.city, Watch(house.store)).take(events)


def test_faults_of_codes_and_firms_stand_in_both_languages(desk: Opened, house: House, real: Server) -> None:  # noqa: F811
    fill(house)
    page = desk.page("/coding?lang=en", 1440, 1000)
    expect(page.locator("#faults tr")).to_have_count(3)
    expect(page.locator('[data-fault="two-holders"]')).to_contain_text("is used by shop and kiosk at once")
    expect(page.locator('[data-fault="broken-link"]')).to_contain_text("tank farm 1 never sent it out")
    expect(page.locator('[data-firm="shop"]')).to_contain_text("0.0 %")
    page.locator("select[name=kind]").select_option("uncoded-sale")
    expect(page.locator("#faults tr")).to_have_count(1)
    narrow = desk.page("/coding?lang=zh", 390, 844)
    expect(narrow.locator("#faults tr")).to_have_count(3)
    expect(narrow.locator('[data-fault="uncoded-sale"]')).to_contain_text("未在首站赋码即销售")
    expect(narrow.locator("#firms")).to_contain_text("时区")
    assert narrow.evaluate("document.documentElement.scrollWidth <= innerWidth")
