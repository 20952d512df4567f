"""The wall's own reckoning: speed of the replay, latency, and curves that keep their peaks when thinned."""

import math

from hypothesis import given
from hypothesis import strategies as st

from alerts.latency import LONGEST_MS, Latency
from alerts.lifecycle import Shelved
from alerts.plot import MOST_POINTS, plot, thinned
from alerts.queries import Queries
from alerts.report import report, stored_latency
from alerts.wall import SHOW_EVERY_MS, SPEED_OVER_MS, Wall
from records.history import ListHistory, Point
from tests.alerts.city_parts import MINUTE, T0, House, domain, finding
from topics.handling import Handling, Inhibition, Matcher
from topics.pulse import Pulse
from topics.reading import Reading


def wall_of(house: House) -> Wall:
    return Wall(house.store, house.city, Latency(), house.clock)


def test_the_speed_is_that_of_the_last_seconds(house: House) -> None:
    wall = wall_of(house)
    assert wall.speed() == 1.0
    for second in range(12):
        house.clock.now_ms += 1000
        wall.tick(T0 + second * 60_000)
    assert wall.speed() == 60.0
    for second in range(2 * SPEED_OVER_MS // 1000):
        house.clock.now_ms += 1000
        wall.tick(T0 + 12 * 60_000 + second * 1000)
    assert wall.speed() == 1.0


def test_city_time_never_goes_back_on_the_wall(house: House) -> None:
    wall = wall_of(house)
    wall.tick(T0 + MINUTE)
    wall.tick(T0)
    assert wall.show()["city_time"] == T0 + MINUTE


def test_two_workers_of_a_domain_add_up_and_one_alive_is_enough(house: House) -> None:
    wall = wall_of(house)
    wall.hear(Pulse("w1", "safety", 0, last_reading=T0 - MINUTE, readings=3, lag=1))
    house.clock.now_ms += 60_000
    wall.hear(Pulse("w2", "safety", 0, last_reading=T0, readings=4, lag=2))
    (domain,) = wall.show()["domains"]
    assert (domain["status"], domain["readings"], domain["lag"], domain["last_reading"]) == ("live", 7, 3, T0)


def test_a_worker_that_lives_but_judged_nothing_is_silent_not_green(house: House) -> None:
    wall = wall_of(house)
    wall.hear(Pulse("w1", "safety", 0))
    assert wall.show()["domains"][0]["status"] == "silent"


def test_the_wall_is_made_once_for_all_who_look(house: House) -> None:
    wall = wall_of(house)
    assert wall.show() is wall.show()
    first = wall.show()
    house.take(finding())
    house.clock.now_ms += SHOW_EVERY_MS
    assert wall.show()["totals"]["open"] == first["totals"]["open"] + 1


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=200))
def test_percentiles_are_right_to_three_digits(latencies: list[int]) -> None:
    latency = Latency()
    latency.record(latencies)
    found = latency.at(50, 100)
    ranked = sorted(max(1, each) for each in latencies)
    median, largest = ranked[math.ceil(len(ranked) / 2) - 1], ranked[-1]
    assert found["p50"] is not None and abs(found["p50"] - median) <= median / 500
    assert found["max"] is not None and abs(found["max"] - largest) <= largest / 500


def test_nothing_measured_is_none_and_the_slowest_counts_as_an_hour() -> None:
    latency = Latency()
    assert latency.at(50) == {"p50": None, "max": None}
    latency.record([10 * LONGEST_MS])
    assert latency.at(50)["p50"] >= LONGEST_MS * 0.999  # type: ignore[operator]


def test_the_stored_latency_runs_from_the_stamp_of_the_cause_to_the_store(house: House) -> None:
    house.take(finding(stamp=house.clock.now_ms - 80), finding("update", 1, stamp=house.clock.now_ms - 40))
    house.take(finding("close", 2))
    assert stored_latency(house.store).at(50) == {"p50": 40, "max": 80}
    figures = report(house.store)
    assert figures["latency_ms"] == {"p50": 40, "p95": 80, "p99": 80, "max": 80}
    assert (figures["findings"], figures["finding_messages"]) == (1, 3)


def test_a_long_curve_is_thinned_and_keeps_its_highest_and_lowest() -> None:
    points = [Point(T0 + n, math.sin(n / 100), "N") for n in range(20_000)]
    points[7_777] = Point(T0 + 7_777, 99.0, "N")
    points[12_345] = Point(T0 + 12_345, -99.0, "T")
    kept = thinned(points)
    assert len(kept) <= MOST_POINTS
    assert points[7_777] in kept and points[12_345] in kept
    assert [point.time for point in kept] == sorted(point.time for point in kept)
    assert thinned(points[:10]) == points[:10]


def test_a_finding_about_a_group_is_drawn_by_what_the_site_measures(house: House) -> None:
    (name,) = house.take(finding(subject="group of tanks"))
    queries = Queries(house.store, house.city)
    history = ListHistory([Reading("tank-farm-1/GT-1/lel/Rtd", T0, math.inf)])
    alarm = queries.alarm(name)
    assert alarm is not None
    (series,) = plot(alarm, queries.subjects(name), history, house.city)["series"]
    assert series["points"] == [[T0, None, "N"]], "infinity is no JSON"


def test_the_wall_leaves_out_what_is_hidden_or_delayed_and_asks_for_no_answer_to_what_is_shelved(house: House) -> None:
    rule = Inhibition("cause", Matcher(quantity=("lel",)), Matcher(quantity=("other",)))
    house.city.put(domain(inhibition=(rule,), handling={"slow": Handling(on_delay_s=60)}))
    (name,) = house.take(finding())
    house.take(finding(quantity="other", subject="other"), finding(quantity="slow", subject="slow"))
    house.clock.now_ms += SHOW_EVERY_MS
    totals = wall_of(house).show()["totals"]
    assert (totals["open"], totals["unacknowledged"]) == (1, 1)
    house.desk.act(name, lambda _, now: Shelved(now, "wang", "", now + 60_000, "known"))
    totals = wall_of(house).show()["totals"]
    assert (totals["open"], totals["unacknowledged"]) == (2, 1), "what it hid is to be seen now"
