"""The console: the order of work, the keys, and acknowledging with the server's own answer."""

import pytest
from playwright.sync_api import Page, expect

from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.recorded_server import RecordedCity

pytestmark = pytest.mark.pages


def console(window: Opened) -> Page:
    """The console in English with its list loaded."""
    page = window.page("/console?lang=en")
    expect(page.locator("#alarms li")).to_have_count(15)
    return page


def chosen(page: Page) -> str:
    return str(page.locator("#alarms [aria-selected=true]").get_attribute("id")).removeprefix("alarm-")


def test_what_needs_action_comes_first(window: Opened, city: RecordedCity) -> None:
    page = console(window)
    order = [str(each.get_attribute("id")).removeprefix("alarm-") for each in page.locator("#alarms li").all()]
    rank = {"red": 4, "orange": 3, "yellow": 2, "blue": 1}
    keys = [
        (not city.alarms[each]["state"].endswith("unacknowledged"), -rank[city.alarms[each]["severity"]],
         city.alarms[each]["opened"])
        for each in order
    ]  # fmt: skip
    assert keys == sorted(keys)


def test_keys_move_choose_and_help(window: Opened) -> None:
    page = console(window)
    ids = [str(each.get_attribute("id")) for each in page.locator("#alarms li").all()]
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert f"alarm-{chosen(page)}" == ids[1]
    page.keyboard.press("k")
    assert f"alarm-{chosen(page)}" == ids[0]
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url("**/alarms/*")


def test_acknowledging_by_keyboard_shows_who_and_moves_the_alarm_down(window: Opened, city: RecordedCity) -> None:
    page = console(window)
    page.keyboard.press("j")
    name = chosen(page)
    page.keyboard.press("a")
    page.keyboard.type("王建国 j k a ?")
    page.keyboard.press("Tab")
    page.keyboard.type("called the firm")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".answer")).to_have_text("The server has recorded the acknowledgement.")
    expect(page.locator(".taken")).to_contain_text("Acknowledged by 王建国 j k a ?")
    expect(page.locator(".taken .note")).to_have_text("called the firm")
    assert (city.alarms[name]["acknowledged_by"], city.alarms[name]["note"]) == ("王建国 j k a ?", "called the firm")
    row = page.locator(f"#alarm-{name}")
    expect(row.locator(".row-state")).to_contain_text("acknowledged")
    expect(row.locator(".row-state")).to_contain_text("by 王建国")
    expect(page.locator("#alarms li").first).not_to_have_id(f"alarm-{name}")


def test_nothing_is_acknowledged_before_the_server_says_so(window: Opened, city: RecordedCity) -> None:
    window.allow("409")
    city.refusal = (409, {"error": "taken by another desk"})
    page = console(window)
    page.keyboard.press("j")
    name = chosen(page)
    page.keyboard.press("a")
    page.keyboard.type("李敏")
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_have_text("Not acknowledged: taken by another desk")
    expect(page.locator(f"#alarm-{name} .row-state")).to_have_text("unacknowledged")
    expect(page.locator(".taken")).to_be_hidden()


def test_a_rise_in_severity_takes_the_acknowledgement_back(window: Opened, city: RecordedCity) -> None:
    taken = next(each["id"] for each in city.alarms.values() if each["acknowledged_by"] == "陈静")
    page = window.page("/console?lang=en")
    row = page.locator(f"#alarm-{taken}")
    expect(row.locator(".row-state")).to_contain_text("by 陈静")
    nobody = {"acknowledged_by": None, "acknowledged_at": None, "note": ""}
    city.change(taken, state="unacknowledged", severity="red", latched_severity="red", **nobody)
    expect(row.locator(".row-state")).to_have_text("unacknowledged")
    expect(row.locator("svg")).to_have_attribute("aria-label", "red")
    expect(row).to_have_class("row act")


def test_an_older_state_never_replaces_a_newer_one(window: Opened, city: RecordedCity) -> None:
    page = console(window)
    first = page.locator("#alarms li").first
    name = str(first.get_attribute("id")).removeprefix("alarm-")
    old = dict(city.alarms[name])
    city.change(name, state="acknowledged", acknowledged_by="李敏")
    expect(page.locator(f"#alarm-{name} .row-state")).to_contain_text("by 李敏")
    city.say("alarm", old)
    marker = {**old, "id": "marker", "updated": old["updated"] + 9_000_000}
    city.put(marker)
    expect(page.locator("#alarm-marker")).to_be_visible()
    expect(page.locator(f"#alarm-{name} .row-state")).to_contain_text("by 李敏")


def test_a_severity_no_scheme_knows_counts_as_the_worst(window: Opened, city: RecordedCity) -> None:
    blue = next(each["id"] for each in city.alarms.values() if each["severity"] == "blue")
    page = console(window)
    city.change(blue, severity="ultraviolet", state="unacknowledged")
    first = page.locator("#alarms li").first
    expect(first).to_have_id(f"alarm-{blue}")
    expect(first.locator("svg")).to_have_attribute("aria-label", "ultraviolet")
    expect(first.locator("svg text")).to_have_text("?")


def test_filters_cut_the_list_and_stay_in_the_address(window: Opened) -> None:
    page = window.page("/console?lang=en&domain=pollution")
    expect(page.locator("#alarms li")).to_have_count(4)
    expect(page.locator("[name=domain] option:checked")).to_have_text("Pollution sources")
    page.select_option("[name=severity]", "yellow")
    expect(page.locator("#alarms li")).to_have_count(2)
    page.select_option("[name=state]", "closed")
    expect(page.locator("#empty")).to_have_text("No alarm fits these filters.")
    page.select_option("[name=severity]", "")
    expect(page.locator("#alarms li")).to_have_count(1)
    assert "state=closed" in page.url and "domain=pollution" in page.url


def test_an_alarm_that_closes_leaves_the_list(window: Opened, city: RecordedCity) -> None:
    page = console(window)
    name = str(page.locator("#alarms li").last.get_attribute("id")).removeprefix("alarm-")
    city.change(name, state="normal", closed=city.wall["city_time"])
    expect(page.locator("#alarms li")).to_have_count(14)


def test_a_flood_is_drawn_in_parts_and_counted_whole(window: Opened, city: RecordedCity) -> None:
    for number in range(300):
        city.alarms[f"flood-{number}"] = {**city.story, "id": f"flood-{number}"}
    page = window.page("/console?lang=en")
    expect(page.locator("#count")).to_have_text("311 to acknowledge of 315")
    expect(page.locator("#alarms li")).to_have_count(100)
    page.click("#more")
    expect(page.locator("#alarms li")).to_have_count(200)
