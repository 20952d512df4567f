"""The pages of cargo on its way, in Chromium: who is under way, one trip drawn, one container now and then."""

import pytest
from playwright.sync_api import expect

from alerts.api import Server
from alerts.carriage.desk import CargoDesk
from alerts.responder.yards import Yards
from tests.alerts.carriage.test_desk import BOX, facts, site
from tests.alerts.city_parts import House, domain
from tests.alerts.pages.axe import faults
from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.test_real_server import desk, pytestmark, real  # noqa: F401  # fixtures
from tests.records.carriage.places import MINUTE, T0, TRUCK, at, position, waybill
from topics.finding import Finding, Origin, Text


def fill(house: House) -> None:
    """A truck on its way, with one wild fix, and what was found of it."""
    house.city.put(domain(name="cargo", facts=facts(), events=True))
    house.city.registry.put(site("haul-01", "120116"))
    house.city.tick(T0 + 20 * MINUTE)
    way = [position(s, s * 10, 0, trip="YD-1") for s in range(0, 1_200, 10)]
    book = CargoDesk(house.store, house.city, Yards()).book
    book.take([waybill(origin="plant", destination="yard-1"), *way, position(605, 90_000, 0, trip="YD-1")])
    lat, lon = at(1_000, 0)
    house.take(
        Finding(
            "f-1", "open", 0, "cargo", "haul-01", f"{TRUCK}/homes", TRUCK, "route", "carriage-forbidden-area", 1,
            "orange", T0 + 100_000, T0 + 100_000, Text("进入居住区", "entered the homes"), Origin("positions", 0, 1, 2),
            facts={"carrier": TRUCK, "trip": "YD-1", "lat": lat, "lon": lon},
        )
    )  # fmt: skip


WORDS = {
    "zh": ("进入居住区", "现在：运输车辆", "时：托运人"),
    "en": ("entered the homes", "Now with vehicle", "with shipper"),
}


@pytest.mark.parametrize("lang", WORDS)
def test_from_the_list_to_its_trip_and_box(desk: Opened, house: House, real: Server, lang: str) -> None:  # noqa: F811
    found, now, then = WORDS[lang]
    fill(house)
    page = desk.page(f"/cargo?lang={lang}", 1440, 900)
    expect(page.locator("#carriers tr")).to_contain_text(found)
    expect(page.locator("#map .spot.wrong")).to_contain_text(TRUCK)
    page.get_by_role("link", name="YD-1").click()
    expect(page.locator('#findings [data-detector="carriage-forbidden-area"]')).to_contain_text(found)
    expect(page.locator("#map .area.forbidden")).to_have_count(1)
    expect(page.locator("#map .route")).to_have_count(1)
    expect(page.locator("#map .finding")).to_have_count(1)
    track = page.locator("#map .track").bounding_box()
    drawn = page.locator("#map svg").bounding_box()
    assert track is not None and drawn is not None
    assert track["width"] > drawn["width"] / 3, "a wild fix would have squeezed it"
    assert faults(page) == []
    page.get_by_role("link", name=BOX).click()
    expect(page.locator("#holder")).to_contain_text(now)
    expect(page.locator("#line li")).to_have_count(2)
    expect(page.locator("#map .spot.last")).to_contain_text(TRUCK)
    page.locator("#at").fill("2026-03-02T07:30")
    page.locator("form.cut button").click()
    expect(page.locator("#holder")).to_contain_text(then)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
    assert faults(page) == []
    desk.allow("404")
    page.goto(f"{desk.base}/cargo-container?name=NONE0000000&lang={lang}")
    expect(page.locator("#answer")).not_to_be_empty()
    assert desk.unexpected() == []
