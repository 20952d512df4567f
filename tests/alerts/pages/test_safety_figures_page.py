"""Accidents, statistics and risk on the real server: an alarm becomes a case, its report counts, the firm turns red."""

from playwright.sync_api import expect

from alerts.api import Server
from tests.alerts.city_parts import MINUTE, T0, House, finding
from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.test_real_server import desk, pytestmark, real  # noqa: F401  # fixtures


def test_an_alarm_becomes_a_case_that_is_reported_counted_and_weighs(desk: Opened, house: House, real: Server) -> None:  # noqa: F811
    (alarm,) = house.take(finding(severity="red"))
    house.city.tick(T0 + 30 * MINUTE)
    page = desk.page(f"/accidents?lang=en&alarm={alarm}&site=tank-farm-1", 1440, 1000)
    expect(page.locator("#opening [name=alarms]")).to_have_value(alarm)
    page.get_by_label("What happened, in a few words").fill("tank fire")
    page.locator("#opening [name=occurred]").fill("2015-08-12T22:10")
    page.locator("#opening [name=who]").fill("Wu")
    page.get_by_role("button", name="Open the case").click()
    expect(page.locator("#duties")).to_contain_text("initial report")
    expect(page.locator("#duties li").first).to_contain_text("23:30:00")
    expect(page.locator("#alarms")).to_contain_text("above its limit")
    page.locator("#reporting [name=deaths]").fill("3")
    page.locator("#reporting [name=text]").fill("burning")
    page.locator("#reporting [name=who]").fill("Wu")
    page.get_by_role("button", name="Sign the report").click()
    expect(page.locator("#grade")).to_contain_text("larger")
    expect(page.locator("#versions tr")).to_have_count(1)
    page.close()

    month = desk.page("/safety-figures?lang=zh", 1440, 1000)
    expect(month.locator("[data-figure=deaths] td").first).to_have_text("3")
    expect(month.locator("#span")).to_contain_text("2015-08 尚未结束")
    plots = month.locator("#plots img")
    expect(plots).to_have_count(9)
    for place in range(9):
        expect(plots.nth(place)).to_have_js_property("complete", True)
        assert plots.nth(place).evaluate("image => image.naturalWidth") > 0
    month.close()

    firms = desk.page("/firm-risk?lang=en", 1440, 800)
    expect(firms.locator("#firms tr")).to_have_count(1)
    expect(firms.locator("[data-term=grave-accident]")).to_contain_text("a larger or graver accident")
    expect(firms.locator("[data-term=alarms]")).to_contain_text("−8.0")
    firms.close()
