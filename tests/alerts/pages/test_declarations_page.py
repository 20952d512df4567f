"""The page of declarations on the real server: declared with the list at hand, signed twice, amended, taken back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from alerts.api import Server
from tests.alerts.city_parts import House
from tests.alerts.declarations.parts import desk_of, port
from tests.alerts.declarations.test_api import server_of
from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.test_real_server import desk, pytestmark  # noqa: F401  # fixtures


@pytest.fixture
def house(copied_store: str) -> Iterator[House]:
    made = House(copied_store, port())
    yield made
    made.store.close()


@pytest.fixture
def real(house: House) -> Server:
    return server_of(house, desk_of(house))


def test_a_declaration_goes_its_way_on_the_page(desk: Opened, house: House) -> None:  # noqa: F811
    page = desk.page("/declarations?lang=en", 1440, 1100)
    expect(page.locator("#none")).to_be_visible()
    page.get_by_role("button", name="Declare goods").click()
    page.locator("#sites").select_option("yard")
    for label, value in (("Container", "CSQU3054383"), ("Operation", "2015-08-13T04:00"), ("Consignor", "Firm A")):
        page.locator("#form").get_by_label(label, exact=True).fill(value)
    page.get_by_label("Emergency contact").fill("8888")
    page.get_by_label("UN number").fill("1942")
    page.get_by_label("UN number").press("Tab")
    expect(page.locator(".known")).to_contain_text("Source: goods list of amendment 42-24")
    expect(page.get_by_label("Proper shipping name")).to_have_value("AMMONIUM NITRATE")
    page.get_by_label("Net mass, t").fill("20")
    page.locator("#form").get_by_label("Your name").fill("Li")
    page.get_by_role("button", name="Declare", exact=True).click()
    expect(page.locator("#declarations tr")).to_contain_text("transport, emergency")
    who = page.locator("#answering").get_by_label("Your name")
    for authority, name in (("transport", "Wu"), ("emergency", "Sun")):
        who.fill(name)
        page.locator(f'[data-authority="{authority}"]').get_by_role("button", name="Accept and sign").click()
        expect(page.locator(f'[data-authority="{authority}"]')).to_contain_text(f"signed by {name}")
    expect(page.locator("#declarations tr")).to_contain_text("accepted")
    expect(page.locator('[data-authority="transport"]')).not_to_contain_text("8888")
    page.get_by_role("button", name="Amend").click()
    page.get_by_label("Net mass, t").fill("21")
    page.get_by_label("Reason of the amendment").fill("weighed again")
    page.get_by_role("button", name="Send the amendment").click()
    expect(page.locator("#versions li").last).to_contain_text("weighed again · UN 1942 21 t")
    expect(page.locator("#declarations tr")).to_contain_text("version 2 · version 1 in force")
    other = desk.page("/declarations?lang=zh", 1440, 900)
    other.get_by_role("button", name="打开").click()
    other.get_by_label("您的姓名").last.fill("Li")
    other.get_by_label("原因").fill("不装了")
    other.get_by_role("button", name="撤回").click()
    expect(other.locator("#declarations tr")).to_contain_text("已撤回")
    assert [row.state for row in house.rows("SELECT state FROM declaration")] == ["cancelled"]
