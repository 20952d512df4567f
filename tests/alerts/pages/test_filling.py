"""The watch over pages that fill themselves (filling.py) finds what it is for; every page stands under it in
test_accessibility.py. And whatever waits for the server is shown in the end, with it or without.
"""

import pytest
from playwright.sync_api import Route, expect

from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.filling import moved, watch
from tests.alerts.pages.test_real_server import desk, real  # noqa: F401  # fixtures

pytestmark = pytest.mark.pages

LATE_HEAD = """addEventListener("DOMContentLoaded", async () => {
  await fetch("/api/wall");
  const head = document.createElement("h2");
  head.textContent = "late";
  document.querySelector("#main").prepend(head);
});"""
NEVER = """addEventListener("DOMContentLoaded", () => {
  document.querySelector("#sign-in").setAttribute("aria-busy", "true");
});"""


@pytest.mark.parametrize("order", ["first", "last"])
def test_a_page_that_moves_its_controls_is_told_with_them(window: Opened, order: str) -> None:
    watch(window.context, "first" if order == "first" else "last")
    window.context.add_init_script(LATE_HEAD)
    page = window.page("/sign-in?lang=en", 1280, 800)
    told = moved(page)
    assert [each.split(" moved from ")[0] for each in told] == [
        'input "Name" in #sign-in',
        'input "Password" in #sign-in',
        'button "Sign in" in #sign-in',
    ]


def test_a_part_that_is_never_shown_is_told(window: Opened) -> None:
    watch(window.context, "first")
    window.context.add_init_script(NEVER)
    assert moved(window.page("/sign-in?lang=en")) == ["#sign-in is never shown"]


def test_a_server_that_does_not_answer_hides_nothing_for_long(desk: Opened) -> None:  # noqa: F811
    page = desk.page("/sign-in?lang=en")
    held: list[Route] = []
    page.route("**/api/tickets?*", lambda route: held.append(route))
    page.goto(f"{desk.base}/tickets")
    expect(page.get_by_role("heading", name="Tickets")).to_be_visible()
    form = page.locator("#cut")
    expect(form).to_be_hidden()
    waits = "document.getAnimations().filter(each => each.animationName === 'shown')"
    assert page.evaluate(f"{waits}.map(each => each.effect.getTiming().delay)[0]") == 5000
    page.evaluate(f"{waits}.forEach(each => each.finish())")
    expect(form).to_be_visible()
    page.unroute_all(behavior="ignoreErrors")
