"""Overdue tickets and accidents: each step they climb is told once, in both languages, until they are done."""

from collections.abc import Iterator

import pytest

from alerts.accidents.desk import Accidents
from alerts.overdue import Overdue
from alerts.safety.watch import Watch
from alerts.tickets.desk import Tickets
from records.accident_events import Opened, Reported
from records.accident_terms import Figures
from records.tickets import Replied, Verified
from tests.alerts.city_parts import MINUTE, T0, House, domain
from topics.finding import Text
from topics.handling import EscalationStep

HOUR = 60 * MINUTE
CLOCKS = {
    "reply_s": 3600, "supplement_s": 3600, "review_s": 7200, "escalate_every_s": 1800,
    "firm_steps": ["district", "bureau"], "office_steps": ["leader"], "source": "the test", "confirmed": True,
}  # fmt: skip
SITE = "tank-farm-1"


class City(House):
    """A house whose desks act with city time as the server lets them."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        steps = {"leader": EscalationStep(Text("带班领导", "duty leader"), ("folder",))}
        self.city.put(domain(facts={"ticket_terms": {"day": CLOCKS}}, escalation=steps))
        self.begin()

    def begin(self) -> None:
        """As a process that begins on this store."""
        self.tickets = Tickets(self.store, self.city, self.clock)
        self.accidents = Accidents(self.store, self.city, self.clock)
        self.watch = Watch(self.store)
        self.overdue = Overdue(self.tickets, self.accidents, self.city, self.watch)

    def at(self, time: int) -> list[tuple[str, str]]:
        """City time comes to this; the warnings that were released by it: to whom, what."""
        self.city.tick(time)
        before = self.rows("SELECT count(*) FROM warning")[0][0]
        self.tickets.on_time()
        self.accidents.on_time()
        self.overdue.on_time()
        for name, body, findings in self.watch.untold():
            self.take(*findings)
            self.watch.told(name, body)
        rows = self.rows(f"SELECT authority, msg_type FROM warning ORDER BY id LIMIT 99 OFFSET {before}")
        return sorted((row[0], row[1]) for row in rows)


@pytest.fixture
def city(copied_store: str) -> Iterator[City]:
    made = City(copied_store)
    yield made
    made.store.close()


def issue(city: City) -> None:
    city.tickets.issue("t1", SITE, "day", "key", Text("氨氮日均值超标", "ammonia above its limit"), "office", T0)


def test_each_step_of_an_overdue_ticket_is_told_once_and_the_answer_ends_it(city: City) -> None:
    issue(city)
    assert city.at(T0 + HOUR) == [], "the last moment is in time"
    first = city.at(T0 + HOUR + 1)
    assert ("district", "Alert") in first and not any(to == "bureau" for to, _ in first)
    assert city.at(T0 + HOUR + 2) == [] == city.at(T0 + HOUR + 20 * MINUTE)
    city.begin()
    assert city.at(T0 + HOUR + 25 * MINUTE) == [], "nor by a process that begins anew"
    second = city.at(T0 + HOUR + 31 * MINUTE)
    assert ("bureau", "Alert") in second and ("district", "Update") in second, "it has become worse"
    assert city.at(T0 + 9 * HOUR) == []
    city.tickets.act("t1", Replied(T0 + 9 * HOUR, "firm", "repaired"))
    over = city.at(T0 + 9 * HOUR + MINUTE)
    assert {("district", "Update"), ("bureau", "Update")} <= set(over)
    assert city.rows("SELECT state FROM alarm WHERE family = 'overdue'") == [("returned-unacknowledged",)]


def test_the_office_that_is_late_with_its_review_climbs_by_steps_of_its_own(city: City) -> None:
    issue(city)
    city.at(T0 + 2 * HOUR)
    city.tickets.act("t1", Replied(T0 + 2 * HOUR, "firm", "repaired"))
    told = city.at(T0 + 4 * HOUR + MINUTE)
    assert ("leader", "Alert") in told
    assert city.rows("SELECT DISTINCT channel FROM delivery WHERE recipient = 'leader'") == [("folder",)]
    assert city.rows("SELECT DISTINCT channel FROM delivery WHERE recipient = 'district'") == [("cap",)]
    city.tickets.act("t1", Verified(T0 + 5 * HOUR, "office", "rectified", ""))
    assert ("leader", "Update") in city.at(T0 + 5 * HOUR + MINUTE)


def test_what_is_told_names_ticket_term_and_step_in_both_languages(city: City) -> None:
    issue(city)
    city.at(T0 + HOUR + 1)
    (row,) = city.rows("SELECT statement FROM warning WHERE authority = 'district'")
    for word in (
        "督办单 t1",
        "氨氮日均值超标",
        "2015-08-12 23:00",
        "ticket t1",
        "ammonia above its limit",
        "督促责任人",
    ):
        assert word in row[0], word
    log = city.rows("SELECT rule, note FROM alarm_log WHERE action = 'escalated'")
    assert log == [("overdue-climbs", "district")]


def test_after_hours_without_a_server_each_step_is_told_once_in_order_as_of_its_own_time(city: City) -> None:
    issue(city)
    told = city.at(T0 + 9 * HOUR)
    assert ("bureau", "Alert") in told
    assert [kind for to, kind in told if to == "district"] == ["Alert", "Update"], "told first, then that it is worse"
    log = city.rows("SELECT note, time FROM alarm_log WHERE action = 'escalated' ORDER BY id")
    assert log == [("district", T0 + HOUR + 1), ("bureau", T0 + HOUR + 30 * MINUTE + 1)]


def test_each_duty_of_an_accident_climbs_by_itself_until_it_is_done(city: City) -> None:
    opened = Opened(
        T0, "Wu", T0, T0 - MINUTE, "safety", "fire", "tank fire", "Test Chemicals", "120116", site=SITE
    )  # fmt: skip
    name = city.accidents.open(opened)
    told = city.at(T0 + HOUR + MINUTE)
    assert ("leader", "Alert") not in told and ("duty-leader", "Alert") in told
    assert ("city-duty-office", "Alert") in city.at(T0 + HOUR + 31 * MINUTE)
    (row,) = city.rows("SELECT statement FROM warning WHERE authority = 'city-duty-office'")
    assert "首报应于" in row[0] and "initial report was due by" in row[0] and name in row[0]
    late = T0 + 2 * HOUR
    city.accidents.act(name, Reported(late, "Wu", "initial", late, Figures(deaths=1), "burning", rescue_over=True))
    assert ("duty-leader", "Update") in city.at(late + MINUTE)
    told = city.at(late + 2 * HOUR + MINUTE)
    assert ("duty-leader", "Alert") in told, "the way up is another duty, with a chain of its own"
    quantities = {row[0].split("/")[2] for row in city.rows("SELECT quantity FROM alarm WHERE family = 'overdue'")}
    assert quantities == {"initial", "up:city-bureau"}


def test_an_accidents_duty_that_climbed_while_no_server_ran_is_told_step_by_step_as_of_each_steps_time(
    city: City,
) -> None:
    name = city.accidents.open(
        Opened(T0, "Wu", T0, T0 - MINUTE, "safety", "fire", "tank fire", "Test Chemicals", "120116", site=SITE)
    )
    told = city.at(T0 + 9 * HOUR)
    assert ("city-duty-office", "Alert") in told
    assert [kind for to, kind in told if to == "duty-leader"] == ["Alert", "Update"], (
        "told first, then that it is worse"
    )
    steps = "SELECT note, time FROM alarm_log WHERE action = 'escalated' AND note IN (%s) ORDER BY id"
    log = city.rows(steps % "'duty-leader', 'city-duty-office'")
    assert log == [("duty-leader", T0 + HOUR + 1), ("city-duty-office", T0 + HOUR + 30 * MINUTE + 1)], name
