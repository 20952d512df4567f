"""The pages of custody on the real server: a recall is signed for, a lot's whole way, and the public's look at it."""

from playwright.sync_api import expect

from alerts.api import Server
from alerts.custody.desk import Recalls
from records.recall_events import Opened as Entered
from records.recall_events import Source
from tests.alerts.city_parts import House, domain
from tests.alerts.custody.test_desk import MILK, T0, TERMS, event, packed, seen
from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.test_real_server import desk, pytestmark, real  # noqa: F401  # fixtures
from topics.events import Custody
from topics.finding import Text

YOGHURT = "urn:epc:class:lgtin:69.yoghurt.Y1"


def fill(house: House, *more: Custody) -> None:
    house.city.put(domain(facts={"recall_terms": {"1": TERMS}}))
    house.city.tick(T0 + 1000)
    made = event("2", 2, "dairy", type="TransformationEvent", inputEPCList=[MILK], outputEPCList=[YOGHURT])
    failed = {"bizStep": "inspecting", "disposition": "non_conformant", "item": "lead", "result": "9", "standard": "5"}
    Recalls(house.store, house.city, house.clock).take([
        seen("1", 1, "farm", MILK, bizStep="commissioning"), made,
        packed("3", 3, "dairy", "van", YOGHURT), seen("4", 4, "shop", YOGHURT, bizStep="receiving"),
        *more, seen("5", 5, "lab", MILK, **failed),
    ])  # fmt: skip


def test_a_recall_is_signed_for_and_its_lot_is_looked_up(desk: Opened, house: House, real: Server) -> None:  # noqa: F811
    fill(house)
    page = desk.page("/recalls?lang=en", 1440, 1000)
    expect(page.locator("#recalls tr")).to_contain_text("sample failed: lead · 9 · 5")
    expect(page.locator("#recalls .thing")).to_have_text(MILK)
    page.get_by_role("button", name="Open").click()
    expect(page.locator("#holders tr")).to_have_count(4)
    page.get_by_label("Your name").fill("Li")
    page.locator('[data-holder="shop"]').get_by_role("button", name="Sign for it").click()
    expect(page.locator("#recalls tr")).to_contain_text("1 / 4")
    page.get_by_label("Shown").select_option("unsigned")
    expect(page.locator("#holders tr")).to_have_count(3)
    expect(page.locator("#holders-count")).to_have_text("3 of 3")
    page.locator("#look input").fill("Y1")
    page.locator("#look button").click()
    page.wait_for_url("**/lot?code=Y1")
    lot = desk.page("/lot?lang=zh&code=Y1", 1440, 900)
    expect(lot.locator("#events li")).to_have_count(3)
    expect(lot.locator("#sources")).to_contain_text("farm")
    expect(lot.locator("#facts")).to_contain_text("van")
    expect(lot.locator("#no-sources")).to_be_empty()
    expect(desk.page("/lot?lang=en&code=L7", 1440, 900).locator("#no-sources")).to_contain_text("Nothing is told")
    public = desk.page("/lookup?lang=zh&code=L7", 390, 844)
    expect(public.locator("#alerts")).to_contain_text("正在召回，1 级")
    expect(public.locator("#steps li")).to_have_count(3)
    expect(public.locator("#steps")).to_contain_text("不合格 · lead · 9 · 5")
    expect(public.locator("main")).not_to_contain_text("farm")


def test_a_cause_that_was_declared_wrong_is_told_wherever_the_recall_is(
    desk: Opened,  # noqa: F811
    house: House,
    real: Server,  # noqa: F811
) -> None:
    fill(house)
    known = Recalls(house.store, house.city, house.clock)
    failed = {"bizStep": "inspecting", "disposition": "non_conformant", "errorDeclaration": {"declarationTime": "1"}}
    known.take([seen("5#error/1", 5, "lab", MILK, **failed)])
    page = desk.page("/recalls?lang=en", 1440, 1000)
    expect(page.locator("#recalls tr")).to_contain_text("Its cause was declared wrong at")
    page.get_by_role("button", name="Open").click()
    expect(page.locator("#refuted")).to_contain_text("The recall stands until an officer closes it.")
    for path in ("lookup", "lot"):
        shown = desk.page(f"/{path}?lang=zh&code=L7", 390, 844)
        expect(shown.locator("#alerts .recalled")).to_contain_text("被声明有误")


def test_a_holder_signs_for_its_notice_without_an_account(desk: Opened, house: House, real: Server) -> None:  # noqa: F811
    fill(house, *(seen(f"s{each}", 4, f"market-{each:02}", YOGHURT) for each in range(51)))
    (told,) = house.rows("SELECT token FROM recall_notice WHERE holder = 'shop'")
    page = desk.page(f"/recall-receipt?lang=zh&notice={told.token}", 390, 844)
    expect(page.locator("#todo")).to_contain_text("立即停止销售")
    expect(page.locator("#facts")).to_contain_text(YOGHURT)
    page.get_by_label("您的姓名").fill("李")
    page.get_by_role("button", name="签收").click()
    expect(page.locator("#signed")).to_contain_text("李")
    expect(page.locator("#sign")).to_be_hidden()
    recalls = desk.page("/recalls?lang=en", 1440, 1000)
    expect(recalls.locator("#recalls tr")).to_contain_text("1 / 55")
    recalls.get_by_role("button", name="Open").click()
    expect(recalls.locator("#holders-count")).to_have_text("50 of 55")
    recalls.get_by_role("button", name="Show more").click()
    expect(recalls.locator("#holders tr")).to_have_count(55)
    expect(recalls.get_by_role("button", name="Show more")).to_be_hidden()
    expect(recalls.locator('[data-holder="farm"]')).to_contain_text("being sent")


def test_a_lot_is_called_as_its_link_says_and_no_name_runs_out_of_its_panel(
    desk: Opened,  # noqa: F811
    house: House,
    real: Server,  # noqa: F811
) -> None:
    link = "https://id.example.com/01/06900000000021/10/D%2F1"
    other = f"https://id.example.com/{'x' * 300}"
    known = Recalls(house.store, house.city, house.clock)
    made = event("2", 2, "dairy", type="TransformationEvent", inputEPCList=[other], outputEPCList=[link])
    known.take([seen("1", 1, "farm", other), made, packed("3", 3, "dairy", "van", link)])
    page = desk.page("/lot?lang=en&code=D/1", 390, 844)
    expect(page.locator("#facts .thing", has_text="GTIN 06900000000021, lot D/1").first).to_be_visible()
    expect(page.locator("#facts dd").nth(1)).to_have_text(other)
    expect(page.locator("#sources")).not_to_contain_text("van")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_recalls_come_fifty_at_a_time_and_the_page_says_of_how_many(desk: Opened, house: House, real: Server) -> None:  # noqa: F811
    fill(house)
    known = Recalls(house.store, house.city, house.clock)
    for number in range(60):
        text = Text(f"第 {number} 次", f"no. {number}")
        known.open(f"R-{number:02}", Entered(T0 + 2000 + number, "Wu", "1", "other", text, (Source("lot"),)))
    page = desk.page("/recalls?lang=en", 1440, 1000)
    expect(page.locator("#recalls-count")).to_have_text("50 of 61")
    expect(page.locator("#recalls tr").first).to_contain_text("no. 59")
    page.get_by_role("button", name="Show more").click()
    expect(page.locator("#recalls-count")).to_have_text("61 of 61")
    expect(page.locator("#recalls tr").last).to_contain_text("sample failed: lead")
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()
    page.locator("#recalls tr").last.get_by_role("button", name="Open").click()
    page.get_by_label("Your name").fill("Li")
    page.locator('[data-holder="shop"]').get_by_role("button", name="Sign for it").click()
    expect(page.locator("#recalls tr").last).to_contain_text("1 / 4")
    expect(page.locator("#recalls-count")).to_have_text("61 of 61")
