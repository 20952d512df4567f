"""The page of kitchens on the real server: who is visited next, a blind camera, the week's list, a visit entered."""

from playwright.sync_api import expect

from alerts.api import Server
from alerts.kitchens.desk import Kitchens
from alerts.safety.watch import Watch
from alerts.tickets.desk import Tickets
from tests.alerts.city_parts import House, domain
from tests.alerts.kitchens.test_desk import MINUTE, T0, sight, state
from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.test_real_server import desk, pytestmark, real  # noqa: F401  # fixtures
from tests.records.kitchens.test_kitchens import FACTS


def fill(house: House) -> None:
    house.city.put(domain(facts={"kitchens": FACTS}))
    house.city.tick(T0 + 20 * MINUTE)
    tickets = Tickets(house.store, house.city, house.clock)
    Kitchens(house.store, house.city, tickets, Watch(house.store), house.clock).book.take(
        [
            state(1, "ok"), state(1, "ok", "k2"), sight(2, "rat"), sight(3, "open_bin", "k2"),
            sight(4, "no_gloves", "k2"), state(5, "blurred", "k2"), state(19, "ok"), state(19, "blurred", "k2"),
        ]
    )  # fmt: skip


def test_who_is_visited_next_and_a_visit_is_entered(desk: Opened, house: House, real: Server) -> None:  # noqa: F811
    fill(house)
    page = desk.page("/kitchens?lang=en", 1440, 1000)
    expect(page.locator("#kitchens tr").first).to_contain_text("k1")
    expect(page.locator('[data-camera="k2-c1"]')).to_contain_text("does not see")
    expect(page.locator('[data-what="rat"]')).to_contain_text("Told at once")
    expect(page.locator("#week tr")).to_contain_text("no gloves")
    page.locator('[data-kitchen="k1"]').get_by_role("button", name="Visited").click()
    page.get_by_label("Your name").fill("Wu")
    page.get_by_label("What was found").fill("holes filled")
    page.get_by_role("button", name="Enter the visit").click()
    expect(page.locator("#kitchens tr").first).to_contain_text("k2")
    narrow = desk.page("/kitchens?lang=zh", 390, 844)
    expect(narrow.locator('[data-camera="k2-c1"]')).to_contain_text("看不清")
    expect(narrow.locator("#week tr")).to_contain_text("未戴手套")
    assert narrow.evaluate("document.documentElement.scrollWidth <= innerWidth")
