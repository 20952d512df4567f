"""Whoever is about to press something hits that and nothing else: rows wait for the hand, buttons outlive an update."""

import pytest
from playwright.sync_api import Page, expect

from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.recorded_server import RecordedCity
from tests.alerts.pages.test_console_page import console, shown

pytestmark = pytest.mark.pages


def worse(city: RecordedCity, name: str) -> None:
    """A red alarm that would stand above all others by its level and its time."""
    now = city.wall["city_time"]
    fields = {"id": name, "group": name, "severity": "red", "state": "unacknowledged", "opened": 1, "updated": now}
    city.put({**city.story, **fields})


def under(page: Page, row: str) -> bool:
    """Whether the pointer, which was put on the middle of ``row``, still is on it."""
    inside: bool = page.locator(row).evaluate("row => row.matches(':hover')")
    return inside


def test_rows_of_the_console_wait_while_the_pointer_is_on_the_list(window: Opened, city: RecordedCity) -> None:
    page = console(window)
    order = shown(page)
    mine = f"#alarm-{order[4]}"
    page.hover(mine)
    worse(city, "new-1")
    expect(page.locator(".waiting")).to_have_text("1 new, shown when the pointer rests or leaves the list")
    # What is known of the rows that stand is told all the while; one that rose stays where it is.
    city.change(order[-1], severity="red", state="unacknowledged")
    expect(page.locator(f"#alarm-{order[-1]}")).to_have_class("row is-alarm act")
    city.change(order[0], state="normal", closed=city.wall["city_time"])
    expect(page.locator(f"#alarm-{order[0]} .row-state")).to_contain_text("closed")
    assert shown(page) == order
    assert under(page, mine)
    page.mouse.move(5, 5)
    expect(page.locator("#alarm-new-1")).to_be_visible()
    expect(page.locator(f"#alarm-{order[0]}")).to_have_count(0)
    expect(page.locator(".waiting")).to_be_hidden()
    assert shown(page).index(order[-1]) < shown(page).index(order[4])


def test_nothing_waits_long_for_a_pointer_at_rest(window: Opened, city: RecordedCity) -> None:
    page = console(window)
    page.clock.install()
    page.reload()
    expect(page.locator("#alarms .is-alarm")).to_have_count(15)
    page.hover("#alarms .is-alarm >> nth=3")
    worse(city, "new-1")
    expect(page.locator(".waiting")).to_be_visible()
    page.clock.fast_forward(4_000)
    expect(page.locator("#alarm-new-1")).to_be_visible()
    expect(page.locator(".waiting")).to_be_hidden()


def test_rows_of_the_wall_wait_too(window: Opened, city: RecordedCity) -> None:
    page = window.page("/?lang=en")
    rows = page.locator("#newest li a")
    expect(rows.nth(3)).to_be_visible()
    order = [each.get_attribute("href") for each in rows.all()]
    rows.nth(2).hover()
    alarm = {**city.story, "id": "new-1", "opened": city.wall["city_time"], "updated": city.wall["city_time"]}
    city.put(alarm)
    expect(page.locator(".waiting")).to_be_visible()
    assert [each.get_attribute("href") for each in rows.all()] == order
    page.mouse.move(5, 5)
    expect(rows.first).to_have_attribute("href", "/alarms/new-1")


def test_a_button_outlives_an_update_and_acts_on_the_alarm_as_it_is(window: Opened, city: RecordedCity) -> None:
    page = console(window)
    page.click(f"#alarm-{city.story['id']}")
    button = page.locator("#detail [data-action=acknowledge]")
    button.evaluate("button => { button.dataset.mine = 'yes'; button.focus(); }")
    city.change(city.story["id"], text={"zh": "更浓了", "en": "thicker now"})
    expect(page.locator(".detail-text")).to_have_text("thicker now")
    expect(button).to_have_attribute("data-mine", "yes")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".act-dialog .subject")).to_contain_text("thicker now")
