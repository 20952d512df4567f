"""The line to the server: a page that lost it says so, since when, and catches up when it is back."""

import pytest
from playwright.sync_api import expect

from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.recorded_server import RecordedCity
from tests.alerts.pages.served import Served

pytestmark = pytest.mark.pages


@pytest.mark.parametrize("path", ["/", "/console"])
def test_a_cut_line_is_said_since_when_and_mends_itself(
    window: Opened, city: RecordedCity, server: Served, path: str
) -> None:
    window.allow("ERR_")
    page = window.page(f"{path}?lang=en")
    rows = page.locator("#newest li, #alarms li")
    expect(rows).not_to_have_count(0)
    server.stop()
    expect(page.locator("#lost")).to_contain_text("No connection since ")
    expect(page.locator("body")).to_have_class(f"page-{'wall' if path == '/' else 'console'} is-lost")
    city.alarms["while-away"] = {
        **city.story, "id": "while-away", "opened": city.wall["city_time"], "severity": "red",
        "site_title": {"zh": "断线期间", "en": "While the line was cut"},
    }  # fmt: skip
    server.start()
    expect(page.get_by_text("While the line was cut").first).to_be_visible()
    expect(page.locator("#lost")).to_be_hidden()


def test_the_stream_resumes_where_it_was_cut(window: Opened, city: RecordedCity, server: Served) -> None:
    window.allow("ERR_")
    page = window.page("/console?lang=en")
    expect(page.locator("#alarms .is-alarm")).to_have_count(15)
    city.put({**city.story, "id": "before-cut"})
    expect(page.locator("#alarm-before-cut")).to_be_visible()
    server.stop()
    expect(page.locator("#lost")).to_be_visible()
    server.start()
    expect(page.locator("#lost")).to_be_hidden()
    assert city.asked_since[0] is None
    assert city.asked_since[-1] == "1"


def test_a_server_that_hangs_is_found_out(window: Opened, city: RecordedCity) -> None:
    page = window.page("/?lang=en")
    page.clock.install()
    page.reload()
    expect(page.locator("#newest li")).not_to_have_count(0)
    city.awake.clear()
    page.clock.fast_forward(8_000)
    expect(page.locator("#lost")).to_contain_text("No connection since ")
    city.awake.set()
    page.clock.fast_forward(2_000)
    expect(page.locator("#lost")).to_be_hidden()


def test_a_list_that_cannot_be_loaded_is_not_an_empty_list(window: Opened, city: RecordedCity) -> None:
    window.allow("500|Internal Server Error")
    page = window.context.new_page()
    page.route("**/api/alarms?*", lambda route: route.fulfill(status=500, json={"error": "the store is locked"}))
    page.goto(f"{window.base}/console?lang=en")
    expect(page.locator("#list-error")).to_have_text("The list could not be loaded: the store is locked")
    expect(page.locator("#empty")).to_have_text("Loading…")
