"""One alarm's story: readings with their limits, guidance, the record, and who was told."""

import pytest
from playwright.sync_api import expect

from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.recorded_server import RecordedCity

pytestmark = pytest.mark.pages


def test_the_story_shows_text_guidance_log_and_receipts(window: Opened, city: RecordedCity) -> None:
    city.story["findings"][0]["channels"] = [
        {"series": "bh-ruihai/c1/temperature/Rtd", "title": {"zh": "温度", "en": "Temperature"},
         "share": 0.8125, "value": 41.5, "expected": 32.0, "unit": "°C"},
        {"series": "bh-ruihai/c1/pressure/Rtd", "title": {"zh": "压力", "en": "Pressure"},
         "share": 0.1875, "value": 0.4, "unit": "MPa"},
    ]  # fmt: skip
    page = window.page(f"/alarms/{city.story['id']}?lang=en")
    expect(page.locator("h1")).to_have_text("Ruihai arrival yard")
    expect(page.locator(".sentence")).to_contain_text("Nitrocellulose container")
    expect(page.locator("#guidance")).to_contain_text("evacuate 200 m")
    expect(page.locator("#guidance")).to_contain_text("5 min")
    expect(page.locator("#log li")).to_have_count(4)
    expect(page.locator("#log li").nth(1)).to_contain_text("王建国")
    expect(page.locator("#log li").nth(2)).to_contain_text("withdrew the acknowledgement")
    channels = page.locator("#channels tbody tr")
    expect(channels).to_have_text(["Temperature 81 %41.5 °C32 °C", "Pressure 19 %0.4 MPa–"])
    expect(channels.first.locator("meter")).to_have_js_property("value", 0.8125)
    receipts = page.locator("#warnings tbody tr")
    expect(receipts).to_have_count(3)
    expect(receipts.nth(0)).to_contain_text("signed for by 交通委值班室 周涛")
    expect(receipts.nth(2)).to_contain_text("503")
    expect(receipts.nth(2)).to_contain_text("not yet signed for")
    expect(page.locator("#findings tbody tr")).to_have_count(3)
    expect(page.locator("#findings")).to_contain_text("citybrain readings show readings.hazardous-cargo 2 41872..41952")


def test_the_steps_of_a_sequence_lead_to_where_each_can_be_seen(window: Opened, city: RecordedCity) -> None:
    started = city.story["findings"][0]["time"]
    city.story["findings"][0]["facts"] = {
        "step_1_time": started - 120_000, "step_1_link": "readings.safety 2 81443",
        "step_2_time": started - 60_000, "step_2_link": "/alarms/a1b2c3",
        "step_3_time": started, "step_3_link": "//elsewhere.example/",
    }  # fmt: skip
    page = window.page(f"/alarms/{city.story['id']}?lang=en")
    steps = page.locator("#findings .steps li")
    expect(steps).to_have_count(3)
    expect(steps.nth(0)).to_contain_text("citybrain readings show readings.safety 2 81443")
    expect(steps.nth(1).locator("a")).to_have_attribute("href", "/alarms/a1b2c3")
    expect(steps.nth(2).locator("a")).to_have_count(0)


def test_the_plot_draws_readings_limits_gaps_flags_and_the_episode(window: Opened, city: RecordedCity) -> None:
    page = window.page(f"/alarms/{city.story['id']}?lang=en")
    figure = page.locator("figure").first
    curve = str(figure.locator(".curve").get_attribute("d"))
    assert curve.count("M") == 2, "the lost readings break the line once"
    expect(figure.locator(".limit")).to_have_count(2)
    expect(figure.locator(".limit.unconfirmed")).to_have_count(1)
    expect(figure.locator(".limits li").first).to_contain_text("JT 617.1-2018")
    expect(figure.locator(".limits li").first).to_contain_text("unconfirmed")
    expect(figure.locator(".limits li").nth(1)).not_to_contain_text("unconfirmed")
    flagged = [flag for _, _, flag in city.readings["series"][0]["points"] if flag != "N"]
    assert flagged
    expect(figure.locator(".flags > *")).to_have_count(len(flagged))
    episode = figure.locator(".episode").bounding_box()
    plot = figure.locator("svg.plot").bounding_box()
    assert episode is not None and plot is not None
    assert plot["x"] + plot["width"] / 2 < episode["x"] < plot["x"] + plot["width"]
    # A limit far off the curve is named at the edge instead of flattening it.
    expect(page.locator("figure").nth(1).locator(".limit text")).to_have_text("↑ H 45")


def test_the_pointer_reads_a_value(window: Opened, city: RecordedCity) -> None:
    page = window.page(f"/alarms/{city.story['id']}?lang=en")
    plot = page.locator("svg.plot").first
    read = page.locator(".cursor").first
    # The plot may be drawn anew under a pointer that lies still; whoever looks moves it again.
    for step in range(20):
        plot.hover(position={"x": 600 + step, "y": 100})
        if "°C" in read.inner_text():
            break
        page.wait_for_timeout(250)
    expect(read).to_contain_text("°C")


def test_the_story_shows_clocks_silences_and_every_try_and_is_acted_on(window: Opened, city: RecordedCity) -> None:
    city.story["consequences"] = [
        {"id": "c0de000000000001", "state": "unacknowledged", "severity": "orange", "hidden": True,
         "text": {"zh": "摄像机中断", "en": "Camera at bay 4 lost"}},
    ]  # fmt: skip
    page = window.page(f"/alarms/{city.story['id']}?lang=en")
    expect(page.locator("#clocks")).to_contain_text("Acknowledge by, else it climbs")
    expect(page.locator("#clocks .is-over")).to_contain_text("Respond by")
    expect(page.locator("#silences")).to_contain_text("covers it no more")
    expect(page.locator("#silences")).to_contain_text('site="bh-ruihai"')
    expect(page.locator("#behind")).to_contain_text("Camera at bay 4 losthidden behind this one")
    page.locator("#warnings summary").last.click()
    expect(page.locator(".tries li")).to_have_count(2)
    expect(page.locator(".tries li").first).to_contain_text("no answer within 5 s")

    page.keyboard.press("a")
    page.keyboard.type("赵强")
    page.keyboard.press("Enter")
    expect(page.locator(".head-facts")).to_contain_text("acknowledged")
    expect(page.locator("#taken")).to_contain_text("Acknowledged by 赵强")
    expect(page.locator(".tries li").first).to_be_visible()
    expect(page.locator("#actions [data-action=acknowledge]")).to_have_count(0)


def test_an_unknown_alarm_is_said_to_be_unknown(window: Opened) -> None:
    window.allow("404")
    page = window.page("/alarms/nonesuch?lang=en")
    expect(page.locator("#story-error")).to_have_text("There is no alarm nonesuch.")


def test_text_from_outside_never_becomes_markup(window: Opened, city: RecordedCity) -> None:
    evil = "<img src=x onerror=alert(1)><b>bold</b>"
    city.change(city.story["id"], text={"zh": evil, "en": evil}, site_title={"zh": evil, "en": evil}, note=evil)
    for path in ("/", "/console", f"/alarms/{city.story['id']}"):
        page = window.page(f"{path}?lang=en")
        expect(page.get_by_text("<b>bold</b>").first).to_be_visible()
        assert page.locator("img, b").count() == 0
