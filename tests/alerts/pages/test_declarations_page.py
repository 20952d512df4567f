"""The page of declarations on the real server: declared with the list at hand, signed twice, amended, taken back."""

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from alerts.api import Server
from alerts.declarations import tables
from alerts.declarations.box import BoxSteps
from tests.alerts.city_parts import House
from tests.alerts.declarations.parts import HOUR, NOW, desk_of, form, port
from tests.alerts.declarations.test_api import server_of
from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.test_real_server import desk, pytestmark  # noqa: F401  # fixtures
from topics.editions import file_digest
from topics.events import GateIn, GateOut, Inspected, Stacked
from topics.goods import FILE


@pytest.fixture
def house(copied_store: str) -> Iterator[House]:
    made = House(copied_store, port())
    yield made
    made.store.close()


@pytest.fixture
def real(house: House) -> Server:
    return server_of(house, desk_of(house))


def forget_by_what_the_first_was_checked(house: House) -> None:
    """As declarations were kept before that was recorded."""
    table = tables.declaration_event
    (row,) = house.rows("SELECT declaration_id, body FROM declaration_event WHERE number = 1")
    body = json.loads(row.body)
    del body["checked"]
    older = sa.update(table).where(table.c.number == 1).values(body=json.dumps(body))
    house.store.write(lambda connection: connection.execute(older))


def test_a_declaration_goes_its_way_on_the_page(desk: Opened, house: House) -> None:  # noqa: F811
    page = desk.page("/declarations?lang=en", 1440, 1100)
    expect(page.locator("#none")).to_be_visible()
    page.get_by_role("button", name="Declare goods").click()
    expect(page.locator("#sites")).to_have_value("")
    expect(page.locator("#sites option")).to_have_text(["Choose a site", "the quay", "the yard"])
    page.get_by_label("UN number").fill("1942")
    page.get_by_label("UN number").press("Tab")
    expect(page.locator(".known")).to_have_text("Choose a site: each has its own goods list.")
    page.get_by_label("UN number").fill("")
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
    page.locator("#versions li").last.get_by_text("Checked by the rules of 2015-08-11").click()
    checked = page.locator("#versions li").last.locator(".checked")
    expect(checked).to_contain_text("Goods listIMDG before amendment 42-24 · Source: segregation groups of 2021")
    expect(checked).to_contain_text(f"SHA-256 {file_digest(FILE)}")
    forget_by_what_the_first_was_checked(house)
    other = desk.page("/declarations?lang=zh", 1440, 900)
    other.get_by_role("button", name="打开").click()
    expect(other.locator("#versions li").first).to_contain_text("按哪些清单核对：未记录")
    other.get_by_text("按 2015-08-11 的规则核对").click()
    expect(other.locator("#versions li").last).to_contain_text("货物清单IMDG 规则第 42-24 版修正案之前 · 来源: ")
    other.get_by_label("您的姓名").last.fill("Li")
    other.get_by_label("原因").fill("不装了")
    other.get_by_role("button", name="撤回").click()
    expect(other.locator("#declarations tr")).to_contain_text("已撤回")
    assert [row.state for row in house.rows("SELECT state FROM declaration")] == ["cancelled"]


def test_the_list_goes_on_with_show_more_and_keeps_its_cut(desk: Opened, house: House) -> None:  # noqa: F811
    declarations = desk_of(house)
    for number in range(53):
        made, _ = declarations.enter(form(container=f"CSQU{number:07}"), "Li")
        if number:
            declarations.sign(made, "transport", "Wu")
    page = desk.page("/declarations?lang=zh", 1440, 900)
    expect(page.locator("#declarations tr")).to_have_count(50)
    expect(page.locator("#declarations-count")).to_have_text("已列 50，共 53")
    page.get_by_role("button", name="显示更多").click()
    expect(page.locator("#declarations tr")).to_have_count(53)
    expect(page.locator("#older")).to_be_hidden()
    page.locator("#awaiting").select_option("transport")
    expect(page.locator("#declarations tr")).to_have_count(1)
    expect(page.locator("#declarations tr")).to_contain_text("CSQU0000000")
    expect(page.locator("#declarations-count")).to_have_text("已列 1，共 1")


def test_what_left_unanswered_is_said_to_have_lapsed_and_offers_no_signature(desk: Opened, house: House) -> None:  # noqa: F811
    declarations = desk_of(house)
    declarations.enter(form(), "Li")
    BoxSteps(declarations).take([GateOut("o", "yard", NOW + HOUR, "CSQU3054383")])
    page = desk.page("/declarations?lang=zh", 1440, 900)
    expect(page.locator("#declarations tr")).to_contain_text("已出闸")
    expect(page.locator("#declarations tr")).to_contain_text("未答复即终结")
    page.get_by_role("button", name="打开").click()
    expect(page.locator('[data-authority="transport"]')).to_contain_text("始终未答复")
    expect(page.get_by_role("button", name="接受并签收")).to_have_count(0)
    expect(page.locator("#versions li")).to_contain_text("未答复即终结")


def test_the_way_of_a_box_reads_as_a_port_says_it(desk: Opened, house: House) -> None:  # noqa: F811
    declarations = desk_of(house)
    declarations.enter(form(), "Li")
    box = "CSQU3054383"
    BoxSteps(declarations).take(
        [
            GateIn("i", "yard", NOW + 1, box),
            Stacked("s", "yard", NOW + 2, box, "A", 1, 2, 1),
            Stacked("m", "yard", NOW + 3, box, "B", 3, 4, 1),
            Inspected("n", "yard", NOW + 4, box, True),
            Inspected("p", "yard", NOW + 5, box, False),
            GateOut("o", "yard", NOW + 6, box, "MV Test"),
        ]
    )
    page = desk.page("/declarations?lang=zh", 1440, 900)
    page.get_by_role("button", name="打开").click()
    steps = page.locator("#box li span:nth-child(2)")
    expect(steps).to_have_text(["已进闸", "已堆放", "已移箱", "已开箱", "已查验", "已装船"])


def test_a_message_that_cannot_be_read_is_refused_in_the_language_of_the_page(desk: Opened) -> None:  # noqa: F811
    page = desk.page("/declarations?lang=zh", 1440, 900)
    page.get_by_role("button", name="申报货物").click()
    page.locator("#sites").select_option("yard")
    page.locator("#form").get_by_label("您的姓名").fill("李")
    desk.allow("422")
    page.locator("#message").set_input_files({"name": "m.edi", "mimeType": "text/plain", "buffer": b"UNH+1+IFTMIN'"})
    expect(page.locator("#answer")).to_have_text("第 1 段 UNH（第 1 个字符）：报文末尾须有 UNT")
