"""The pages on the real alert server: findings into a real store, a real acknowledgement, the real stream."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route, expect

from alerts.api import Server, create_app
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.wall import Wall
from records.history import ListHistory
from tests.alerts.city_parts import MINUTE, T0, House, finding
from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.served import Served
from topics.pulse import Pulse
from topics.reading import Reading

pytestmark = pytest.mark.pages

SERIES = "tank-farm-1/GT-1/lel/Rtd"


@pytest.fixture
def real(house: House) -> Server:
    history = ListHistory(Reading(SERIES, T0 + at * MINUTE, 20.0 + at) for at in range(-10, 11))
    wall = Wall(house.store, house.city, Latency(), house.clock)
    return Server(
        store=house.store,
        city=house.city,
        desk=house.desk,
        wall=wall,
        feed=Feed(),
        ledger=Ledger(house.store),
        wake_outbox=lambda: None,
        history=history,
        metrics=lambda: b"",
    )


@pytest.fixture
def desk(browser: Browser, real: Server) -> Iterator[Opened]:
    with Served(create_app(real)) as served:
        context = browser.new_context()
        opened = Opened(context, served.base)
        yield opened
        context.close()
        assert opened.unexpected() == []


def test_an_alarm_lives_its_life_on_the_pages(desk: Opened, house: House, real: Server) -> None:
    """Appears by the stream, is acknowledged, loses that by a rise, is taken again, returns and closes."""
    page = desk.page("/console?lang=en")
    expect(page.locator("#empty")).to_have_text("No alarm fits these filters.")
    (name,) = house.take(finding())
    row = page.locator(f"#alarm-{name}")
    expect(row).to_contain_text("tank farm 1")
    expect(row.locator(".row-state")).to_have_text("unacknowledged")

    page.keyboard.press("j")
    page.keyboard.press("a")
    page.keyboard.type("王建国")
    page.keyboard.press("Enter")
    expect(row.locator(".row-state")).to_contain_text("by 王建国")
    assert [each.acknowledged_by for each in house.rows("SELECT acknowledged_by FROM alarm")] == ["王建国"]

    house.take(finding("update", 1, value=31.0))
    house.take(finding("update", 2, severity="red"))
    expect(row.locator(".row-state")).to_have_text("unacknowledged")
    expect(row.locator("svg")).to_have_attribute("aria-label", "red")

    house.take(finding("close", 3, severity="red"))
    expect(row.locator(".row-state")).to_contain_text("back to normal, unacknowledged")
    page.click("[data-action=acknowledge]")
    page.click(".act-dialog button[type=submit]")
    expect(page.locator("#alarms li")).to_have_count(0)
    assert [each.state for each in house.rows("SELECT state FROM alarm")] == ["normal"]

    page.goto(f"{desk.base}/alarms/{name}?lang=en")
    expect(page.locator("#log")).to_contain_text("the rise in severity withdrew the acknowledgement")
    expect(page.locator("#log strong", has_text="updated")).to_have_text(["figures updated", "severity updated"])
    expect(page.locator("figure .curve")).to_have_count(1)
    expect(page.locator(".limits")).to_contain_text("GB/T 50493-2019")
    expect(page.locator("#guidance")).to_contain_text("shut the gas off, evacuate")
    expect(page.locator("#warnings .warning").first).to_contain_text("emergency bureau")


def test_the_slower_of_two_desks_is_told_so(desk: Opened, house: House) -> None:
    desk.allow("409")
    (name,) = house.take(finding())
    page = desk.page("/console")  # nobody has chosen a language: the refusal is in that of the page
    expect(page.locator(f"#alarm-{name}")).to_be_visible()

    def overtake(route: Route) -> None:
        house.desk.acknowledge(name, "王建国", "")
        route.continue_()

    page.route("**/acknowledge", overtake)
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.keyboard.type("李敏")
    page.keyboard.press("Enter")
    expect(page.locator(".refused")).to_contain_text("已确认的报警不能再确认")
    expect(page.locator(f"#alarm-{name} .row-state")).to_contain_text("王建国")
    assert [each.acknowledged_by for each in house.rows("SELECT acknowledged_by FROM alarm")] == ["王建国"]


def test_a_worker_that_falls_silent_turns_its_domain_dead_on_the_wall(desk: Opened, house: House, real: Server) -> None:
    real.wall.hear(Pulse("w1", "safety", house.clock.now_ms, city_time=T0, last_reading=T0 - 1000, readings=10))
    page = desk.page("/?lang=en")
    panel = page.locator(".panel")
    expect(panel.locator(".feed")).to_contain_text("live")
    house.clock.now_ms += 60_000
    expect(panel.locator(".feed-word")).to_have_text("Dead")
    expect(panel).to_have_class("panel is-off")
    expect(page.locator("#map .site")).to_have_count(1)
