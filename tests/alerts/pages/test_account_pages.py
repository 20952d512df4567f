"""The pages of accounts in a real browser, on the real server: from the first link to the first acknowledgement."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from alerts.accounts.access import Access
from alerts.accounts.jurisdiction import WHOLE_CITY
from alerts.accounts.passwords import Passwords
from alerts.accounts.signing_in import new_link
from alerts.api import Server, create_app
from tests.alerts.city_parts import House, finding
from tests.alerts.pages.conftest import Opened
from tests.alerts.pages.filling import moved, watch
from tests.alerts.pages.served import Served
from tests.alerts.pages.test_real_server import real  # noqa: F401  # the fixture

pytestmark = pytest.mark.pages

GOOD, OTHER = "seven blue kilns at dusk", "nine red kilns at noon"


@pytest.fixture
def access(house: House) -> Access:
    return Access(house.store, passwords=Passwords(passes=1, memory_kib=8, lanes=1))


@pytest.fixture
def desk(browser: Browser, real: Server, access: Access) -> Iterator[Opened]:  # noqa: F811
    with Served(create_app(real, access)) as served:
        context = browser.new_context()
        opened = Opened(context, served.base)
        yield opened
        context.close()
        assert opened.unexpected() == []


def test_the_first_administrator_brings_in_an_operator_who_acknowledges(
    desk: Opened, access: Access, house: House, browser: Browser
) -> None:
    watch(desk.context, "first")
    link = new_link(access, None, "first start")
    page = desk.page(f"/link?lang=en#{link.secret}", 1280, 800)
    expect(page.locator("#link-title")).to_have_text("Make an administrator's account")
    assert link.secret not in page.url
    page.get_by_label("Name", exact=True).fill("zhao")
    page.get_by_label("Shown as").fill("Zhao Min")
    page.get_by_label("New password").fill(GOOD)
    page.get_by_label("The same again").fill(OTHER)
    page.get_by_role("button", name="Set password").click()
    expect(page.locator("#answer")).to_have_text("The two passwords differ.")
    page.get_by_label("The same again").fill(GOOD)
    page.get_by_role("button", name="Set password").click()
    page.wait_for_url("**/account")
    assert moved(page) == []
    expect(page.locator("#me")).to_contain_text("administrator")

    page.get_by_role("link", name="Accounts").click()
    page.wait_for_url("**/accounts")
    assert moved(page) == []  # what is ticked stands below a list that comes later
    page.locator("#edit").get_by_label("Name", exact=True).fill("wang")
    page.locator("#edit").get_by_label("Shown as").fill("Wang Wei")
    page.locator("#edit").get_by_label("operator").check()
    page.get_by_role("button", name="Save").click()
    told = page.locator("#made code")
    expect(told).to_contain_text("/link#cbl_")
    expect(page.locator("tr[data-account=wang]")).to_contain_text("operator")
    expect(page.locator("#audit")).to_contain_text("POST /api/link")

    other = browser.new_context()
    operator = Opened(other, desk.base)
    page = operator.page(told.inner_text().removeprefix(desk.base).replace("/link", "/link?lang=en"), 1280, 800)
    expect(page.locator("#link-title")).to_have_text("Set the password of Wang Wei")
    page.get_by_label("New password").fill(OTHER)
    page.get_by_label("The same again").fill(OTHER)
    page.get_by_role("button", name="Set password").click()
    expect(page.locator("#me")).to_contain_text("wang")
    (alarm,) = house.take(finding())
    page.goto(f"{desk.base}/alarms/{alarm}")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator(".act-dialog")).to_contain_text("as Wang Wei")
    page.locator(".act-dialog").get_by_role("button", name="Acknowledge").click()
    expect(page.locator("#log")).to_contain_text("acknowledged · Wang Wei")
    expect(page.locator("[data-action=close]")).to_have_count(0)  # an operator may not
    expect(page.locator("nav")).to_contain_text("Wang Wei")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    other.close()
    assert operator.unexpected() == []


def test_a_session_that_ends_leads_back_to_the_sign_in_and_on_to_where_one_was(
    desk: Opened, access: Access, house: House
) -> None:
    kept = access.passwords.hash(GOOD)
    access.store.write(
        lambda connection: access.directory.add(
            connection, "wang", "Wang Wei", ["viewer"], WHOLE_CITY, "test", password=kept
        )
    )
    desk.allow("401")
    page = desk.page("/console?state=all&lang=en", 1280, 800)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Name").fill("wang")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#answer")).to_have_text("the name or the password is wrong")
    page.get_by_label("Password").fill(GOOD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/console?state=all&lang=en")
    (session,) = access.credentials.listed(1)
    access.credentials.revoke(session["id"])
    page.wait_for_url("**/sign-in?next=*")
