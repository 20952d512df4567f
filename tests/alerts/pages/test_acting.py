"""Acting on alarms: dialogs that ask for what an action needs, one or many at once, and the server's own refusal."""

import pytest
from playwright.sync_api import Page, expect

from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.recorded_server import RecordedCity

pytestmark = pytest.mark.pages

PHONE = (390, 844)
SMOKE = "422302848624ea55"


def console(window: Opened, lang: str = "en", size: tuple[int, int] = (1366, 768)) -> Page:
    page = window.page(f"/console?lang={lang}", *size)
    expect(page.locator("#alarms .is-alarm")).to_have_count(15)
    return page


def options(page: Page) -> list[str]:
    return page.locator(".act-dialog .choice strong").all_inner_texts()


def test_one_is_acknowledged_then_a_whole_group_by_keyboard_alone(window: Opened, city: RecordedCity) -> None:
    page = console(window)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.keyboard.type("王建国 j k a ?")
    page.keyboard.press("Tab")
    page.keyboard.type("called the firm")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Recorded: Acknowledge.")
    expect(page.locator(".taken")).to_contain_text("Acknowledged by 王建国 j k a ?")
    expect(page.locator(".taken .note")).to_have_text("called the firm")
    assert [each[0] for each in city.asked] == ["acknowledge"]
    expect(page.locator(f"#alarm-{city.asked[0][1]} .row-state")).to_have_text("acknowledgedby 王建国 j k a ?")

    # What is left of the group, with the name remembered: space, a, Enter.
    page.locator(".is-group .row-tick").first.click()
    expect(page.locator("#picked-count")).to_have_text("2 picked")
    page.keyboard.press("a")
    expect(page.locator(".act-dialog button[type=submit]")).to_have_text("Acknowledge: 2 alarms")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Recorded: Acknowledge, 2 alarms.")
    assert len(city.asked) == 3
    expect(page.locator(".is-section .head-count").first).to_have_text("8")


def test_shelving_offers_times_up_to_the_longest_and_wants_a_reason_on_a_phone(
    window: Opened, city: RecordedCity
) -> None:
    page = console(window, "zh", PHONE)
    page.locator(f"#alarm-{SMOKE}").click()
    page.locator("[data-action=shelve]").click()
    assert options(page) == ["15 分钟", "30 分钟", "1 小时", "直至恢复"]
    page.get_by_label("您的姓名").fill("李敏")
    page.get_by_label("1 小时").first.check()
    page.get_by_label("原因").select_option("other")
    page.locator(".act-dialog button[type=submit]").click()
    assert city.asked == [], "another reason needs a word"
    page.get_by_label("备注").fill("仪表厂家在场")
    box = page.locator(".act-dialog").bounding_box()
    assert box is not None and box["x"] >= 0 and box["width"] <= PHONE[0] and box["y"] + box["height"] <= PHONE[1] + 1
    page.locator(".act-dialog button[type=submit]").click()
    expect(page.locator(".act-dialog")).to_be_hidden()
    assert city.asked == [
        ("shelve", SMOKE, {"who": "李敏", "seconds": 3600, "reason": "other", "note": "仪表厂家在场"})
    ]
    expect(page.locator(".detail-head")).to_contain_text("已搁置")
    expect(page.locator("[data-action=unshelve]")).to_have_text("取消搁置")
    expect(page.locator("[data-action=acknowledge]")).to_have_count(0)


def test_escalating_handing_over_commenting_and_closing_ask_for_what_they_need(
    window: Opened, city: RecordedCity
) -> None:
    page = console(window)
    page.evaluate("localStorage.setItem('citybrain.who', '李敏')")
    page.locator("#alarm-398b674dfe82071c").click()
    page.keyboard.press("e")
    expect(page.locator(".act-dialog .step")).to_have_text("It goes to: Duty leader")
    page.keyboard.type("no answer by telephone")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Recorded: Escalate.")
    page.keyboard.press("h")
    page.keyboard.type("陈静")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Recorded: Hand over.")
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    expect(page.locator(".act-dialog")).to_be_visible()
    page.keyboard.type("fire brigade on its way")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Recorded: Comment.")
    page.keyboard.press("c")
    assert options(page)[:3] == ["real", "instrument fault", "maintenance"]
    expect(page.locator(".act-dialog")).to_contain_text("counts as a sensor fault")
    page.get_by_label("real").check()
    page.keyboard.press("Enter")
    expect(page.locator("#alarm-398b674dfe82071c")).to_have_count(0)
    assert [each[0] for each in city.asked] == ["escalate", "hand-over", "comment", "close"]
    assert [each[2] for each in city.asked] == [
        {"who": "李敏", "note": "no answer by telephone"},
        {"who": "李敏", "to": "陈静"},
        {"who": "李敏", "note": "fire brigade on its way"},
        {"who": "李敏", "verdict": "real"},
    ]
    # What an alarm does not take is not offered, and its key says so.
    page.locator(f"#alarm-{SMOKE}").click()
    expect(page.locator("[data-action=close]")).to_have_count(0)
    page.keyboard.press("c")
    expect(page.locator("#said")).to_have_text("Close with a verdict: not possible as it stands now.")


def test_a_refusal_stands_in_the_dialog_and_nothing_is_shown_as_done(window: Opened, city: RecordedCity) -> None:
    window.allow("409")
    city.refusal = (409, {"error": "taken by another desk"})
    page = console(window)
    page.locator(f"#alarm-{SMOKE}").click()
    page.keyboard.press("a")
    page.keyboard.type("李敏")
    page.keyboard.press("Enter")
    expect(page.locator(".refused")).to_have_text("Refused:taken by another desk")
    expect(page.locator(f"#alarm-{SMOKE} .row-state")).to_contain_text("unacknowledged")
    page.keyboard.press("Escape")
    expect(page.locator(".act-dialog")).to_be_hidden()
    expect(page.locator(".taken")).to_have_count(0)


def test_where_the_pack_is_silent_there_is_what_to_check(window: Opened, city: RecordedCity) -> None:
    city.story["guidance"] = None
    page = console(window, "zh")
    page.locator(f"#alarm-{SMOKE}").click()
    expect(page.locator(".detail .guidance")).to_contain_text("数值是否真实")
    expect(page.locator(".detail")).to_contain_text("通用提示")
