"""A morning in two kitchens: a rat, an open bin, bare hands, and a camera that goes blind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.kitchens.book import Book
from alerts.kitchens.desk import ORDER, Kitchens, week_of
from alerts.safety.watch import Watch
from alerts.store import Store
from alerts.tickets.desk import Tickets
from records.registry import Device, Site, registry_of
from records.tickets import Replied
from tests.alerts.city_parts import House, domain
from tests.made_stores import made_store
from tests.records.kitchens.test_kitchens import FACTS
from topics.domain_file import load_domains
from topics.finding import Finding, Text
from topics.kitchen_events import CameraState, Kitchen, KitchenSight, Sight

MINUTE = 60_000
DAY = 24 * 60
#: A Friday, 27 November 2026, 09:00 in Tianjin.
T0 = 1_795_741_200_000
CLOCKS = {
    "reply_s": 86_400, "supplement_s": 86_400, "review_s": 86_400, "escalate_every_s": 86_400,
    "firm_steps": ["district"], "source": "test", "confirmed": True,
}  # fmt: skip


class Morning:
    """The desk beside its store; ``at`` moves the city's clock (minutes after nine)."""

    def __init__(self, url: str) -> None:
        self.house = House(url)
        facts = {"kitchens": FACTS, "ticket_terms": {ORDER: CLOCKS}}
        self.house.city.put(domain(name="food", facts=facts, events=True))
        places: list[Site | Device] = [_place("k1", "120116"), _place("k2", "120101"), Device("k1-c1", "k1", "camera")]
        self.house.city.registry = registry_of(places)
        self.watch = Watch(self.house.store)
        self.tickets = Tickets(self.house.store, self.house.city, self.house.clock)
        self.desk = self.opened()
        self.house.city.tick(T0)
        self.desk.on_time()

    def opened(self) -> Kitchens:
        return Kitchens(self.house.store, self.house.city, self.tickets, self.watch, self.house.clock)

    def at(self, minutes: float, *events: Kitchen) -> list[tuple[str, str, str]]:
        """What is new by then: phase, rule and site of each message."""
        self.desk.book.take(events)
        self.house.city.tick(T0 + int(minutes * MINUTE))
        self.desk.on_time()
        found = []
        for name, body, messages in self.watch.untold():
            found += [(each.phase, each.detector, each.site) for each in messages]
            self.watch.told(name, body)
        return sorted(found)

    def open(self) -> list[Finding]:
        known = self.watch.known("food", self.house.city.time)
        return [each.finding for each in known.values() if each.closed is None]


def _place(name: str, district: str) -> Site:
    return Site(name, "food", Text("食堂", f"Canteen {name}"), "firm", district, 39.0, 117.7, source_type="kitchen")


def sight(at: float, what: str, site: str = "k1", confidence: float | None = None) -> KitchenSight:
    return KitchenSight(f"{site}-{what}-{at}", site, T0 + int(at * MINUTE), f"{site}-c1", what, confidence)


def state(at: float, said: Sight, site: str = "k1") -> CameraState:
    return CameraState(f"{site}-{at}", site, T0 + int(at * MINUTE), f"{site}-c1", said)


@pytest.fixture
def morning(tmp_path: Path) -> Iterator[Morning]:
    made = Morning(made_store(tmp_path))
    yield made
    made.house.store.close()


def test_a_rat_is_told_at_once_a_bin_is_an_order_with_a_date_and_gloves_wait_for_the_list(morning: Morning) -> None:
    told = morning.at(1, sight(1, "rat"), sight(1, "open_bin"), sight(1, "no_gloves"), sight(1, "rat", confidence=0.1))
    assert told == [("open", "kitchen-order", "k1"), ("open", "kitchen-warning", "k1")]
    rat = next(each for each in morning.open() if each.detector == "kitchen-warning")
    assert (rat.severity, rat.opened, rat.family) == ("red", T0 + MINUTE, "kitchen")
    assert rat.text.zh.startswith("后厨发现老鼠") and rat.text.en.startswith("a rat seen")
    (order,) = morning.tickets.listed(kinds=[ORDER])
    assert (order["site"], order["due"]) == ("k1", T0 + MINUTE + 3 * DAY * MINUTE)
    weekly = morning.desk.weekly(WHOLE_CITY, "2026-W48")
    assert [(each["site"], each["what"], each["matters"]) for each in weekly["items"]] == [("k1", "no_gloves", 1)]
    assert morning.at(2) == [] and morning.at(3, sight(1, "rat")) == [], "nothing new, nothing told"
    assert morning.at(62, state(61, "ok")) == [("close", "kitchen-order", "k1"), ("close", "kitchen-warning", "k1")]


def test_one_order_at_a_time_about_one_thing(morning: Morning) -> None:
    morning.at(1, sight(1, "open_bin"))
    morning.at(200, sight(200, "open_bin"))
    (order,) = morning.tickets.listed(kinds=[ORDER])
    morning.tickets.act(order["id"], Replied(T0 + 201 * MINUTE, "firm", "lids bought"))
    morning.at(300, sight(300, "open_bin"))
    assert len(morning.tickets.listed(kinds=[ORDER])) == 1, "answered is not closed"
    again = morning.opened()
    again.on_time()
    assert len(morning.tickets.listed(kinds=[ORDER])) == 1, "a new process orders nothing again"


def test_a_blind_or_silent_camera_is_a_finding_and_its_kitchen_never_all_good(morning: Morning) -> None:
    def level() -> str:
        return {each.site: each.colour for each in morning.desk.scores(morning.house.city.time)}["k1"]

    assert morning.at(5, state(5, "ok"), state(5, "ok", "k2")) == [] and level() == "blue"
    assert morning.at(14, state(6, "blurred"), state(14, "blurred"), state(14, "ok", "k2")) == []
    assert morning.at(16.5, state(16, "blurred")) == [("open", "camera-unseeing", "k1")] and level() == "yellow"
    assert morning.at(23, state(18, "ok"), state(23, "ok", "k2")) == [("close", "camera-unseeing", "k1")]
    assert morning.at(28.5) == [("open", "camera-silent", "k1")] and level() == "yellow"
    silent = next(each for each in morning.open())
    assert (silent.opened, silent.family) == (T0 + 18 * MINUTE, "camera-health")
    assert morning.at(29, state(29, "ok")) == [("close", "camera-silent", "k1")] and level() == "blue"


def test_a_camera_that_never_spoke_is_silent_too_and_who_begins_waits_until_all_is_read(morning: Morning) -> None:
    assert morning.at(9) == []
    assert morning.at(10) == [("open", "camera-silent", "k1")], "the registry knows it, nobody heard of it"
    morning.desk = morning.opened()
    assert morning.at(11) == [], "the new process has not read everything yet: it closes nothing"
    morning.at(12, state(12, "ok"))
    assert morning.at(21.5) == [("close", "camera-silent", "k1")]


def test_the_plan_of_visits_follows_the_score(morning: Morning) -> None:
    morning.at(1, state(1, "ok"), state(1, "ok", "k2"))
    plan = [(each["site"], each["colour"]) for each in morning.desk.view(WHOLE_CITY)["kitchens"]]
    assert {colour for _, colour in plan} == {"blue"}
    morning.at(2, *(sight(2, what, "k2") for what in ("open_bin", "drone")), sight(2, "no_gloves", "k2"))
    first = morning.desk.view(WHOLE_CITY)["kitchens"][0]
    assert (first["site"], first["score"], first["visit_days"]) == ("k2", 89.0, 30.0)
    morning.at(4, sight(4, "rat"))
    first = morning.desk.view(WHOLE_CITY)["kitchens"][0]
    assert (first["site"], first["due"]) == ("k1", T0 + 4 * MINUTE + DAY * MINUTE)
    late = morning.at(4 + DAY + 1, state(DAY + 4, "ok"), state(DAY + 4, "ok", "k2"))
    assert ("open", "kitchen-visit", "k1") in late
    morning.desk.visit("k1", "Wu", "holes filled")
    assert ("close", "kitchen-visit", "k1") in morning.at(4 + DAY + 2)
    assert morning.desk.view(WHOLE_CITY)["kitchens"][0]["site"] == "k2"
    with pytest.raises(LookupError, match="nowhere"):
        morning.desk.visit("nowhere", "Wu", "x")


def test_either_store_keeps_the_latest_word_of_a_camera_and_each_sight_once(store_url: str) -> None:
    store = Store(store_url)
    book = Book(store, lambda: 1)
    book.take([sight(1, "rat"), state(2, "ok"), sight(1, "rat")], "t", 0, 5)
    book.take([sight(1, "rat"), state(4, "blurred"), state(3, "dark")], "t", 0, 6)
    ((camera, first),) = book.cameras()
    assert (camera.state, camera.since, first) == ("blurred", T0 + 4 * MINUTE, T0 + MINUTE)
    assert len(book.sights(0, T0 + 2 * MINUTE)) == 1 and book.next_offset("t", 0) == 6
    book.visit("k1", T0, "Wu", "clean", 90.0)
    book.visit("k1", T0, "Wu", "clean", 90.0)
    assert book.last_visits()["k1"].who == "Wu"
    store.close()


def test_a_district_sees_its_own_kitchens(morning: Morning) -> None:
    morning.at(1, sight(1, "no_gloves"), sight(1, "no_gloves", "k2"))
    near = Jurisdiction(districts=frozenset({"120101"}))
    assert [each["site"] for each in morning.desk.view(near)["kitchens"]] == ["k2"]
    assert [each["site"] for each in morning.desk.weekly(near, week_of(T0))["items"]] == ["k2"]
    with pytest.raises(ValueError, match="expected YYYY-Www"):
        morning.desk.weekly(near, "2026-11")


def test_by_the_products_pack_the_rat_leaves_the_house_at_once_and_the_bin_does_not(morning: Morning) -> None:
    (pack,) = (each for each in load_domains(None) if each.name == "food")
    morning.house.city.put(pack)
    morning.desk.book.take([sight(1, "rat", confidence=0.9), sight(1, "open_bin", confidence=0.9)])
    morning.house.city.tick(T0 + MINUTE)
    morning.desk.on_time()
    for _, _, messages in morning.watch.untold():
        morning.house.take(*messages)
    alarms = morning.house.rows("SELECT key, severity FROM alarm ORDER BY key")
    assert alarms == [("food|k1|kitchen-order|kitchen", "yellow"), ("food|k1|kitchen-warning|kitchen", "red")]
    warned = morning.house.rows("SELECT alarm.key FROM warning JOIN alarm ON alarm.id = warning.alarm_id")
    assert warned == [("food|k1|kitchen-warning|kitchen",)]
