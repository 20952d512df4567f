"""The pages of tickets and of the month on the real server: a firm answers with a file, an officer decides."""

from playwright.sync_api import expect

from alerts.api import Server
from alerts.judgements.board import Board
from alerts.tickets.desk import Tickets
from tests.alerts.city_parts import House, domain
from tests.alerts.judgements.parts import DAY, DAY0, HOUR, judgement
from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.test_real_server import desk, pytestmark, real  # noqa: F401  # fixtures
from tests.alerts.tickets.test_desk import CLOCKS


def test_a_ticket_is_answered_and_decided_and_the_month_shows_it(desk: Opened, house: House, real: Server) -> None:  # noqa: F811
    house.city.put(domain(facts={"ticket_terms": {"day": CLOCKS}}))
    house.city.tick(DAY0 + DAY + HOUR)
    Tickets(house.store, house.city, house.clock).judged([judgement()])
    heard = {"heard": 60.0, "automatic": 60.0}
    board = Board(house.store, house.city, house.clock)
    board.take([judgement("no-limit", number=n, period="hour", helpers=heard) for n in range(20)])
    page = desk.page("/tickets?lang=en", 1440, 1000)
    expect(page.locator("#figures")).to_contain_text("1 issued, 0 verified")
    page.get_by_role("button", name="Open").click()
    page.get_by_label("Your name").fill("Firm Li")
    page.get_by_label("Text").fill("the pump failed")
    page.get_by_label("Attachment").set_input_files({"name": "log.txt", "mimeType": "text/plain", "buffer": b"pump"})
    page.get_by_role("button", name="Reply").click()
    expect(page.locator("#events")).to_contain_text("log.txt · 4 B")
    page.get_by_label("Your name").fill("Officer Wu")
    page.get_by_label("Text").fill("clear")
    page.get_by_role("button", name="Decide and close").click()
    expect(page.locator("#events li").last).to_contain_text("Officer Wu · clear · violation")
    expect(page.locator("#figures")).to_contain_text("1 verified (100 %)")
    month = desk.page("/month?lang=zh", 1440, 800)
    expect(month.locator("#stations tr")).to_have_count(1)
    expect(month.locator("#scores")).to_contain_text("滨海")
    expect(month.locator("#scores")).to_contain_text("100.00 %")
