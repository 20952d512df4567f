"""The page of judgements on the real server: what stands, why, how sure, and what stood before."""

from playwright.sync_api import expect

from alerts.api import Server
from alerts.judgements.board import Board
from tests.alerts.city_parts import House
from tests.alerts.judgements.parts import judgement
from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.test_real_server import desk, pytestmark, real  # noqa: F401  # fixtures


def test_a_judgement_shows_its_limit_its_doubt_and_its_versions(desk: Opened, house: House, real: Server) -> None:  # noqa: F811
    board = Board(house.store, house.city, house.clock)
    board.take(
        [judgement(), judgement("within", version=2, value=42.0, multiple=None, cause="data"), judgement(number=1)]
    )
    page = desk.page("/judgements?lang=en", 1440, 1000)
    expect(page.locator("#judgements tr")).to_have_count(2)
    row = page.locator(f'[data-judgement="{judgement().key}"]')
    expect(row).to_contain_text("within")
    expect(row).to_contain_text("not confirmed")
    row.get_by_role("button").click()
    expect(page.locator("#versions li")).to_have_count(2)
    expect(page.locator("#versions li").first).to_contain_text("data came later")
    expect(page.locator("#limit")).to_contain_text("from memory")
    page.get_by_label("Result").select_option("exceeds")
    expect(page.locator("#judgements tr")).to_have_count(1)
    chinese = desk.page("/judgements?lang=zh", 390, 844)
    expect(chinese.locator("#judgements")).to_contain_text("未经核实")


def test_until_a_first_day_is_over_the_hours_are_shown(desk: Opened, house: House, real: Server) -> None:  # noqa: F811
    Board(house.store, house.city, house.clock).take([judgement(period="hour", number=each) for each in range(60)])
    page = desk.page("/judgements?lang=en", 1440, 1000)
    expect(page.locator("#judgements tr")).to_have_count(50)
    expect(page.get_by_label("Period")).to_have_value("hour")
    page.get_by_role("button", name="Show more").click()
    expect(page.locator("#judgements tr")).to_have_count(60)
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()
