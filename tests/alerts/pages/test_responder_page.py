"""The responder's card in a browser: one click from an alarm, on paper without its form, and the print button works."""

import pytest
from playwright.sync_api import Browser, expect

from alerts.api import create_app
from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.served import Served
from tests.alerts.responder.test_sheet import parts

pytestmark = pytest.mark.pages


def test_the_card_is_one_click_from_the_alarm_and_prints(browser: Browser, copied_store: str) -> None:
    server = parts(copied_store)
    with Served(create_app(server)) as served:
        context = browser.new_context()
        desk = Opened(context, served.base)
        page = desk.page("/console?lang=zh", 1440, 900)
        page.locator("#alarms [role=treeitem]").filter(has_text="瑞海堆场").last.click()
        page.locator("#detail").get_by_role("link", name="应急处置卡").click()
        expect(page.locator("h1")).to_have_text("应急处置卡 · 瑞海堆场 ARR 区")
        expect(page.locator("#dry")).to_contain_text("UN 1428 钠")
        page.evaluate("window.print = () => { document.title = 'printed'; }")
        page.get_by_role("button", name="打印").click()
        expect(page).to_have_title("printed")
        page.emulate_media(media="print")
        expect(page.locator("form")).to_be_hidden()
        page.set_viewport_size({"width": 794, "height": 1123})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.pdf(format="A4").startswith(b"%PDF")
        page.emulate_media(media="screen")
        page.get_by_role("link", name="EN").click()
        expect(page.locator("#dry")).to_contain_text("NO WATER on these")
        context.close()
        assert desk.unexpected() == [] and desk.strangers == []
    server.store.close()


def test_what_is_in_the_yard_is_cut_to_one_owner_and_to_a_past_minute(browser: Browser, copied_store: str) -> None:
    server = parts(copied_store)
    with Served(create_app(server)) as served:
        context = browser.new_context()
        desk = Opened(context, served.base)
        page = desk.page("/yard?lang=en", 1440, 900)
        expect(page.locator("#boxes tr")).to_have_count(4)
        expect(page.locator("#by-un")).to_contain_text("1942")
        page.locator("#by-owner").get_by_role("link", name="firm SODIUM").click()
        expect(page.locator("#boxes tr")).to_have_count(1)
        expect(page.locator("#whole")).to_contain_text("0.500 t")
        page.get_by_label("Moment (empty = now)").fill("2015-08-12T01:00:00")
        page.get_by_role("button", name="Show").click()
        expect(page.locator("#boxes tr")).to_have_count(0)
        page.get_by_role("link", name="中文").click()
        expect(page.locator("h1")).to_have_text("堆场存货")
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        context.close()
        assert desk.unexpected() == [] and desk.strangers == []
    server.store.close()
