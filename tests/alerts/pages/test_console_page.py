"""The console's list: the order of work, what is folded, the keys, and staying true to the stream."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.recorded_server import RecordedCity

pytestmark = pytest.mark.pages

ALARMS = "#alarms .is-alarm"
RANK = {"red": 4, "orange": 3, "yellow": 2, "blue": 1}
RUIHAI = "g-hazardous-cargo-bh-ruihai"


def console(window: Opened) -> Page:
    """The console in English with its list loaded."""
    page = window.page("/console?lang=en")
    expect(page.locator(ALARMS)).to_have_count(15)
    return page


def shown(page: Page) -> list[str]:
    """The ids of the alarms in the list, from the top."""
    return [str(each.get_attribute("id")).removeprefix("alarm-") for each in page.locator(ALARMS).all()]


def chosen(page: Page) -> str:
    return str(page.locator(".row.is-current").get_attribute("id")).removeprefix("alarm-")


def test_what_needs_action_comes_first_and_groups_and_consequences_are_folded(
    window: Opened, city: RecordedCity
) -> None:
    page = console(window)
    heads = page.locator(".is-section .head-title")
    expect(heads).to_have_text(["To acknowledge", "Taken on", re.compile("^Quiet")])
    expect(page.locator(".is-section .head-count")).to_have_text(["11", "4", "2"])
    expect(page.locator(".is-group .head-title")).to_have_text("Ruihai arrival yard · Binhai New Area")
    expect(page.locator(".is-group .head-count")).to_have_text("3 alarms")

    # The worst stands first; a group stands where its worst alarm would, with the others right below.
    order = [city.alarms[each] for each in shown(page)]
    assert [each["state"].endswith("unacknowledged") for each in order] == [True] * 11 + [False] * 4
    assert [each["group"] for each in order[:3]] == [RUIHAI] * 3
    for part in (order[:3], order[3:11], order[11:]):
        keys = [(-RANK[each["severity"]], each["opened"]) for each in part]
        assert keys == sorted(keys)

    # Folded: what is hidden behind its cause, and what is quiet.
    smoke = page.locator("#alarm-422302848624ea55")
    expect(smoke.locator(".row-fold")).to_have_text("consequences: 2")
    smoke.locator(".row-fold").click()
    expect(page.locator(".is-hidden-behind")).to_have_count(2)
    expect(smoke).to_have_attribute("aria-expanded", "true")
    page.locator(".is-section", has_text="Quiet").click()
    expect(page.locator(ALARMS)).to_have_count(19)
    expect(page.locator("#alarm-c0de000000000003 .row-state")).to_have_text("shelveduntil 23:27")
    page.select_option("[name=state]", "quiet")
    expect(page.locator(ALARMS)).to_have_count(4)  # with what is hidden, whose cause is not in this list


def test_keys_move_fold_pick_and_help_and_leave_no_trap(window: Opened) -> None:
    page = console(window)
    order = shown(page)
    for key in "jj":
        page.keyboard.press(key)
    assert chosen(page) == order[0], "the first stop is the head of the group"
    page.keyboard.press("k")
    expect(page.locator(".is-group")).to_have_class(re.compile("is-current"))
    page.keyboard.press("ArrowLeft")
    expect(page.locator(ALARMS)).to_have_count(12)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator("#picked-count")).to_have_text("3 picked")
    expect(page.locator(".row[aria-selected=true]")).to_have_count(4)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("#picked")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    assert chosen(page) == order[0]
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()

    # Tab goes through the list and out of it, and what has the focus shows it.
    page.locator("#alarms").focus()
    expect(page.locator("#alarms")).to_have_css("outline-style", "solid")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#detail') !== null")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.id") == "help-open"
    page.locator("#alarms").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/alarms/*")


def test_a_rise_in_severity_takes_the_acknowledgement_back(window: Opened, city: RecordedCity) -> None:
    taken = next(each["id"] for each in city.alarms.values() if each["acknowledged_by"] == "陈静")
    page = window.page("/console?lang=en")
    row = page.locator(f"#alarm-{taken}")
    expect(row.locator(".row-state")).to_contain_text("by 陈静")
    nobody = {"acknowledged_by": None, "acknowledged_at": None, "note": ""}
    city.change(taken, state="unacknowledged", severity="red", latched_severity="red", **nobody)
    expect(row.locator(".row-state")).to_have_text("unacknowledged")
    expect(row.locator("svg")).to_have_attribute("aria-label", "red")
    expect(row).to_have_class("row is-alarm act")


def test_an_older_state_never_replaces_a_newer_one(window: Opened, city: RecordedCity) -> None:
    page = console(window)
    name = shown(page)[0]
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
    first = page.locator(ALARMS).first
    expect(first).to_have_id(f"alarm-{blue}")
    expect(first.locator("svg")).to_have_attribute("aria-label", "ultraviolet")
    expect(first.locator("svg text")).to_have_text("?")


def test_filters_cut_the_list_and_stay_in_the_address(window: Opened) -> None:
    page = window.page("/console?lang=en&domain=pollution")
    expect(page.locator(ALARMS)).to_have_count(4)
    expect(page.locator("[name=domain] option:checked")).to_have_text("Pollution sources")
    page.select_option("[name=severity]", "yellow")
    expect(page.locator(ALARMS)).to_have_count(2)
    page.select_option("[name=state]", "closed")
    expect(page.locator("#empty")).to_have_text("No alarm fits these filters.")
    page.select_option("[name=severity]", "")
    expect(page.locator(ALARMS)).to_have_count(1)
    assert "state=closed" in page.url and "domain=pollution" in page.url


def test_an_alarm_that_closes_leaves_the_list(window: Opened, city: RecordedCity) -> None:
    page = console(window)
    name = str(page.locator(ALARMS).last.get_attribute("id")).removeprefix("alarm-")
    city.change(name, state="normal", closed=city.wall["city_time"])
    expect(page.locator(ALARMS)).to_have_count(14)


def test_a_flood_is_drawn_in_parts_and_counted_whole(window: Opened, city: RecordedCity) -> None:
    for number in range(300):
        city.alarms[f"flood-{number}"] = {**city.story, "id": f"flood-{number}", "group": f"g-{number}"}
        city.alarms[f"same-{number}"] = {**city.story, "id": f"same-{number}", "group": "g-same"}
    page = window.page("/console?lang=en")
    expect(page.locator("#count")).to_have_text("611 to acknowledge of 619")
    expect(page.locator("#alarms .row")).to_have_count(100)
    page.click("#more")
    expect(page.locator("#alarms .row")).to_have_count(200)
    # A group of very many is one line until somebody opens it.
    page.evaluate("document.getElementById('more').click(); document.getElementById('more').click()")
    head = page.locator(".is-group", has_text="300 alarms")
    expect(head).to_have_attribute("aria-expanded", "false")
    since = city.wall["city_time"] - 120_000
    desks = [{"desk": "city", "title": {"zh": "全市", "en": "whole city"}, "since": since, "changed": {"blue": 40}}]
    city.say("flood", {"desks": desks, "changed": 40})
    expect(page.locator(".flood-told")).to_contain_text(
        "Alarm flood: whole city since 22:56. Lesser changes are counted"
    )
    city.say("flood", {"desks": [], "changed": 0})
    expect(page.locator(".flood-told")).to_be_hidden()


def test_the_desk_in_figures_beside_what_is_recommended(window: Opened, city: RecordedCity) -> None:
    page = console(window)
    line = page.locator("#desk summary")
    expect(line).to_contain_text("whole city")
    expect(line).to_contain_text("Oldest waits 42 min")
    expect(line).to_contain_text("no flood")
    line.click()
    expect(page.locator(".loudest li").first).to_have_text("Dongli steel sinter head · Sulphur dioxide9")
    expect(page.get_by_role("row", name="Most in 10 min")).to_contain_text("at most 10")
    page.locator(".desk-choice select").select_option("hazardous-cargo")
    city.wall["desks"][1]["flood"] |= {"on": True, "since": city.wall["city_time"]}
    expect(line).to_contain_text("Hazardous cargo")
    expect(line).to_contain_text("flood since 22:58")
    city.wall["desks"] = []
    expect(page.locator("#desk")).to_be_hidden()
