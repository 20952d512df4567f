"""The pages of safety work on the real server: a plan is drawn and visited, a danger put right, a commitment given."""

from playwright.sync_api import expect

from alerts.api import Server
from alerts.safety.desk import SafetyDesk
from alerts.tickets.desk import Tickets
from records.registry import registry_of
from records.safety.days import DAY_MS, HOUR_MS
from tests.alerts.city_parts import House, domain
from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.test_real_server import desk, pytestmark, real  # noqa: F401  # fixtures
from tests.alerts.safety.safety_house import FACTS, SITES, tell
from tests.records.safety.parts import TEN, commitment, permit


def safety_of(house: House) -> SafetyDesk:
    """A city of six firms at three in the afternoon: one silent, one untrue, a permit with faults, nobody named."""
    house.city.put(domain(facts=FACTS, events=True))
    house.city.registry = registry_of(SITES)
    house.city.tick(TEN + 5 * HOUR_MS)
    safety = SafetyDesk(house.store, house.city, Tickets(house.store, house.city, house.clock), house.clock)
    safety.book.take([commitment(each.id, works={"hot-work": 0}) for each in SITES[1:]])
    safety.book.take([permit(1, "p2"), permit(2, "p3", gas_tests=(), completed=None, place="罐区东侧")])
    for number, each in enumerate(SITES[:4]):
        safety.grade(each.id, 55 + 12 * number, (), TEN - 1000 * DAY_MS, "处长", "")
    safety.plan("冬季抽查", {"red": 1, "orange": 1}, 7, TEN + DAY_MS, "处长")
    safety.on_time()
    tell(house, safety)
    return safety


def test_what_firms_owe_and_a_commitment_given_on_the_page(desk: Opened, house: House, real: Server) -> None:  # noqa: F811
    safety_of(house)
    page = desk.page("/safety-work?lang=en", 1440, 900)
    expect(page.locator("#findings tr")).to_have_count(7)
    page.goto(f"{desk.base}/commitments?lang=en")
    expect(page.locator("[data-site=p1]")).to_contain_text("missing")
    page.get_by_text("Give or amend the commitment of the day").click()
    page.get_by_label("Signed by").fill("Head Li")
    page.get_by_label("Plants").fill("2")
    page.get_by_label("Running").fill("2")
    page.get_by_role("button", name="Give the commitment").click()
    expect(page.locator("[data-site=p1]")).to_contain_text("5 h 0 min late")
    page.goto(f"{desk.base}/special-work?lang=zh")
    expect(page.locator("[data-permit=DH-002]")).to_contain_text("作业前没有气体分析")
    page.goto(f"{desk.base}/firms?lang=zh")
    expect(page.locator("#hazards")).to_contain_text("空缺")
    expect(page.locator("[data-site=p1]")).to_contain_text("55")


def test_a_visit_finds_a_danger_that_is_put_right(desk: Opened, house: House, real: Server) -> None:  # noqa: F811
    safety_of(house)
    page = desk.page("/inspections?lang=en", 1440, 900)
    page.locator("#visits").get_by_role("button", name="Enter the result").first.click()
    page.locator("#outcomes").select_option("dangers")
    page.get_by_label("Inspectors").fill("Wu, Zhao")
    page.locator("#result").get_by_label("Your name").fill("Wu")
    page.get_by_role("button", name="Keep the result").click()
    expect(page.locator("#visits")).to_contain_text("Wu, Zhao")
    page.goto(f"{desk.base}/dangers?lang=en")
    page.get_by_text("Put a danger to the firm").click()
    form = page.locator("#reporting")
    form.get_by_label("Place").fill("tank 3")
    form.get_by_label("Responsible").fill("Zhang")
    form.get_by_label("Text").fill("no earthing")
    form.get_by_label("Your name").fill("Wu")
    page.get_by_role("button", name="Put it to the firm").click()
    page.get_by_role("button", name="Open", exact=True).click()
    answer = page.locator("#answering")
    answer.get_by_label("Your name").fill("Zhang")
    answer.get_by_label("Text").fill("earthed")
    page.get_by_role("button", name="Reply").click()
    expect(page.locator("#dangers")).to_contain_text("to be checked again")
    answer.get_by_label("Your name").fill("Wu")
    answer.get_by_label("Text").fill("seen")
    page.get_by_role("button", name="Decide and close").click()
    expect(page.locator("#events li").last).to_contain_text("Wu · seen · put right")
    expect(page.locator("#none")).to_be_visible()
