"""The wall: what stands open, what is dead, and that it never looks quiet because a feed died."""

import pytest
from playwright.sync_api import expect

from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.recorded_server import RecordedCity

pytestmark = pytest.mark.pages


def test_a_domain_shows_its_open_alarms_by_number_shape_and_word(window: Opened) -> None:
    page = window.page("/?lang=en")
    panel = page.locator(".panel", has_text="Hazardous cargo")
    expect(panel.locator(".take strong")).to_have_text("4")
    expect(panel.locator("[data-level=red] .number")).to_have_text("3")
    expect(panel.locator("[data-level=red] svg")).to_have_attribute("aria-label", "red")
    shapes = panel.locator("[data-level] svg").evaluate_all(
        "marks => marks.map(each => each.querySelector('rect, path, circle').outerHTML.slice(0, 30))"
    )
    assert len(set(shapes)) == 4, "each level has a shape of its own"
    expect(panel.locator(".feed")).to_contain_text("last reading 4 s ago")


def test_a_new_alarm_appears_without_reload(window: Opened, city: RecordedCity) -> None:
    page = window.page("/?lang=en")
    expect(page.locator("#newest li")).not_to_have_count(0)
    page.evaluate("window.stayed = true")
    alarm = {**city.story, "id": "new-1", "site": "bd-dairy", "site_title": {"zh": "宝坻乳品厂", "en": "Baodi dairy"}}
    city.put({**alarm, "opened": city.wall["city_time"], "updated": city.wall["city_time"]})
    first = page.locator("#newest li").first
    expect(first).to_contain_text("Baodi dairy")
    expect(page.locator("#map .place", has_text="Baodi dairy")).to_be_visible()
    assert page.evaluate("window.stayed")


@pytest.mark.parametrize(("status", "word"), [("silent", "Silent"), ("dead", "Dead"), ("odd", "odd")])
def test_a_feed_that_is_not_live_says_so_and_since_when(
    window: Opened, city: RecordedCity, status: str, word: str
) -> None:
    page = window.page("/?lang=en")
    panel = page.locator(".panel", has_text="Safety production")
    expect(panel).not_to_have_class("panel is-off")
    city.wall["domains"][1]["status"] = status
    city.wall["domains"][1]["last_reading"] = city.wall["city_time"] - 600_000
    city.say("wall", city.wall)
    expect(panel).to_have_class("panel is-off")
    expect(panel.locator(".feed-word")).to_have_text(word)
    expect(panel.locator(".feed-age")).to_have_text("since 22:48:12, for 10 min")


def test_a_feed_that_never_spoke_is_not_shown_live_whatever_the_server_says(window: Opened, city: RecordedCity) -> None:
    city.wall["domains"][0]["last_reading"] = None
    page = window.page("/?lang=en")
    panel = page.locator(".panel", has_text="Hazardous cargo")
    expect(panel).to_have_class("panel is-off")
    expect(panel.locator(".feed")).to_contain_text("no reading yet")


def test_simulation_speed_and_city_time_are_said(window: Opened, city: RecordedCity) -> None:
    page = window.page("/?lang=en")
    expect(page.locator("#simulated")).to_have_text("Simulated")
    expect(page.locator("#speed")).to_have_text("speed ×60")
    expect(page.locator("#city-time")).to_contain_text("22:5")
    expect(page.locator("#city-day")).to_contain_text("12 Aug 2015")
    city.wall.update(simulated=False, speed=1.02)
    city.say("wall", city.wall)
    expect(page.locator("#simulated")).to_be_hidden()
    expect(page.locator("#speed")).to_have_text("")


def test_city_time_that_stands_still_is_said_to(window: Opened) -> None:
    page = window.page("/?lang=en")
    page.clock.install()
    page.reload()
    expect(page.locator("#city-day")).to_contain_text("2015")
    expect(page.locator("#still")).to_be_hidden()
    page.clock.fast_forward(20_000)
    expect(page.locator("#still")).to_contain_text("city time stands still for")


def test_the_authorities_debts_and_the_latency_are_shown(window: Opened) -> None:
    page = window.page("/?lang=en")
    figures = page.locator(".flow .figures div")
    expect(figures.filter(has_text="Deliveries due").locator("dd")).to_have_text("12")
    expect(figures.filter(has_text="Not yet signed for").locator("dd")).to_have_text("2")
    expect(figures.filter(has_text="99 of 100 within").locator("dd")).to_have_text("164 ms")


def test_the_map_marks_alarms_where_they_are(window: Opened) -> None:
    page = window.page("/?lang=en")
    yard = page.locator("#map .level", has_text="Ruihai arrival yard")
    expect(yard.locator("text.place")).to_have_text("Ruihai arrival yard · 5")
    north, south = (
        page.locator("#map .level", has_text=name).locator("g").first.bounding_box()
        for name in ("Wuqing heat and power", "Nangang petrochemical")
    )
    assert north is not None and south is not None
    assert north["y"] < south["y"]
    assert north["x"] < south["x"]
