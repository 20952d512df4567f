"""The book: versions as data and marks come, and a result that does not depend on the order in which they came."""

import datetime as dt
import random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.rules.judgement.book import Book
from tests.detectors.rules.judgement.parts import (
    COLD,
    DAY,
    DAY0,
    FURNACE,
    HOUR,
    MINUTE,
    OUTLET,
    book,
    hour_of_minutes,
    hour_value,
    limit,
    mark,
    reading,
    rules,
)
from topics.judgement import Judgement
from topics.mark import Mark
from topics.reading import Reading

EVENING = DAY0 + DAY + HOUR


def play(made: Book, items: list[Reading | Mark]) -> None:
    for item in items:
        if isinstance(item, Mark):
            made.mark(item)
        else:
            made.take(item)


def day_of_hours(value: float, day: int = DAY0, hours: int = 24) -> list[Reading]:
    return [hour_value(OUTLET, day + n * HOUR, value) for n in range(hours)]


def days(judgements: list[Judgement]) -> list[Judgement]:
    return [each for each in judgements if each.period == "day"]


def test_an_hour_is_judged_ten_minutes_after_its_end_and_once() -> None:
    made = book()
    play(made, list(hour_of_minutes(OUTLET, DAY0, 20.0)))
    assert made.settle(DAY0 + HOUR + 9 * MINUTE) == []
    (first,) = made.settle(DAY0 + HOUR + 10 * MINUTE)
    assert (first.version, first.cause, first.made, first.value) == (1, "first", DAY0 + HOUR + 10 * MINUTE, 20.0)
    assert made.settle(DAY0 + HOUR + 20 * MINUTE) == []


def test_back_fill_and_marks_make_versions_that_keep_what_was_said_before() -> None:
    made = book()
    play(made, list(hour_of_minutes(OUTLET, DAY0, 20.0, minutes=30)))
    (short,) = made.settle(DAY0 + 2 * HOUR - 1)
    assert short.verdict == "invalid"
    play(made, [reading(f"{OUTLET}/Rtd", DAY0 + n * MINUTE, 50.0, received=9, backfill=True) for n in range(30, 60)])
    (filled,) = made.settle(DAY0 + 2 * HOUR - 1)
    assert (filled.version, filled.cause, filled.verdict, filled.value) == (2, "data", "anomaly", 35.0)
    made.mark(mark("m", "plant", "stopped", DAY0, DAY0 + HOUR))
    (exempt,) = made.settle(DAY0 + 2 * HOUR - 1)
    assert (exempt.version, exempt.cause, exempt.verdict, exempt.marks) == (3, "mark", "exempt", ("m",))
    made.mark(mark("m", "plant", "stopped", DAY0, DAY0 + HOUR, withdrawn=DAY0 + 2 * HOUR))
    (back,) = made.settle(DAY0 + 2 * HOUR - 1)
    assert [(each.version, each.verdict, each.value) for each in back.earlier] == [
        (1, "invalid", None), (2, "anomaly", 35.0), (3, "exempt", None),
    ]  # fmt: skip
    assert (back.version, back.value) == (4, 35.0)


def test_a_day_is_weighted_by_flow_where_every_hour_has_one() -> None:
    made = book()
    play(made, [hour_value(OUTLET, DAY0 + n * HOUR, 10.0 if n < 12 else 40.0) for n in range(24)])
    flows = [hour_value("works/W1/w00000", DAY0 + n * HOUR, 300.0 if n < 12 else 100.0) for n in range(24)]
    play(made, list(flows))
    (day,) = days(made.settle(EVENING))
    assert (day.value, day.method, day.verdict, day.valid) == (17.5, "flow-weighted", "within", 24)
    without = book()
    play(without, [hour_value(OUTLET, DAY0 + n * HOUR, 10.0 if n < 12 else 40.0) for n in range(24)])
    play(without, list(flows[:-1]))
    (day,) = days(without.settle(EVENING))
    assert (day.value, day.method) == (25.0, "arithmetic")


def test_a_day_needs_18_hours_of_24_and_fewer_of_those_in_which_the_plant_ran() -> None:
    for hours, verdict in ((18, "within"), (17, "invalid")):
        made = book()
        play(made, list(day_of_hours(20.0, hours=hours)))
        (day,) = days(made.settle(EVENING))
        assert (day.verdict, day.valid) == (verdict, hours)
    made = book()
    play(made, [*day_of_hours(20.0, hours=9), mark("m", "plant", "stopped", DAY0 + 12 * HOUR, DAY0 + DAY)])
    (day,) = days(made.settle(EVENING))
    assert (day.verdict, day.valid, day.exempt) == ("within", 9, 12)


def test_the_message_of_hefei_one_point_six_three_times_the_limit_first_in_thirty_days_is_blue() -> None:
    made = book(limits={"w01018": (limit(50.0),)})
    play(made, list(day_of_hours(81.5)))
    (day,) = days(made.settle(EVENING))
    assert (day.multiple, day.days_over, day.severity) == (0.63, 1, "blue")


def test_the_fifth_day_or_three_times_the_limit_is_worse() -> None:
    made = book(limits={"w01018": (limit(50.0),)})
    for n in range(5):
        play(made, list(day_of_hours(51.0, DAY0 + n * DAY)))
    found = days(made.settle(DAY0 + 5 * DAY + HOUR))
    assert [(each.days_over, each.severity) for each in found] == [
        (1, "blue"), (2, "blue"), (3, "yellow"), (4, "yellow"), (5, "orange"),
    ]  # fmt: skip
    once = book(limits={"w01018": (limit(50.0),)})
    play(once, list(day_of_hours(150.0)))
    assert days(once.settle(EVENING))[0].severity == "orange"


def test_a_day_that_is_taken_back_changes_the_count_of_those_after_it() -> None:
    made = book(limits={"w01018": (limit(50.0),)})
    for n in range(3):
        play(made, list(day_of_hours(60.0, DAY0 + n * DAY)))
    made.settle(DAY0 + 3 * DAY + HOUR)
    made.mark(mark("m", "plant", "stopped", DAY0, DAY0 + DAY))
    found = days(made.settle(DAY0 + 3 * DAY + 2 * HOUR))
    assert [(each.cause, each.verdict, each.days_over, each.severity) for each in found] == [
        ("mark", "exempt", 0, ""), ("history", "exceeds", 1, "blue"), ("history", "exceeds", 2, "blue"),
    ]  # fmt: skip


def test_the_water_temperature_of_the_day_chooses_the_limit() -> None:
    for degrees, expected in ((12.0, 8.0), (12.5, 5.0)):
        made = book(limits={"w01018": (limit(5.0), limit(8.0, condition=COLD))})
        play(made, list(day_of_hours(7.0)))
        play(made, [hour_value("works/W1/w01010", DAY0 + n * HOUR, degrees) for n in range(24)])
        (day,) = days(made.settle(EVENING))
        assert day.limit is not None and day.limit.value == expected


def test_replay_of_an_old_day_gives_the_old_verdict() -> None:
    change = dt.date(2026, 5, 2)
    made = book(limits={"w01018": (limit(50.0, valid_to=change), limit(30.0, valid_from=change))})
    play(made, [*day_of_hours(40.0), *day_of_hours(40.0, DAY0 + DAY)])
    assert [each.verdict for each in days(made.settle(DAY0 + 9 * DAY)) if each.value] == ["within", "exceeds"]


def test_six_furnace_means_below_850_are_an_exceedance_and_five_are_not() -> None:
    for cold, verdict in ((5, "within"), (6, "exceeds")):
        made = book()
        for n in range(288):
            start, end = DAY0 + n * 5 * MINUTE, DAY0 + (n + 1) * 5 * MINUTE
            value = 849.9 if n < cold else 850.0
            made.take(reading(f"{FURNACE}/Avg", end, value, period_start=start, period_end=end))
        (day,) = days(made.settle(EVENING))
        assert (day.verdict, day.value) == (verdict, cold)


def test_hours_nobody_sent_are_missing_and_a_station_that_speaks_earlier_than_known_owes_them() -> None:
    made = book()
    play(made, list(hour_of_minutes(OUTLET, DAY0 + 3 * HOUR, 20.0)))
    assert [each.verdict for each in made.settle(DAY0 + 6 * HOUR)] == ["no-limit", "missing"]
    play(made, list(hour_of_minutes(OUTLET, DAY0, 20.0)))
    found = made.settle(DAY0 + 6 * HOUR)
    assert [(each.start - DAY0) // HOUR for each in found] == [0, 1, 2]
    assert [each.verdict for each in found] == ["no-limit", "missing", "missing"]


def test_units_are_converted_or_refused() -> None:
    made = book()
    play(made, [reading(f"{OUTLET}/Rtd", DAY0 + n * MINUTE, 20_000.0, unit="ug/L") for n in range(60)])
    made.take(reading(f"{OUTLET}/Rtd", DAY0, 1.0, unit="furlongs"))
    (hour,) = made.settle(DAY0 + HOUR + 10 * MINUTE)
    assert (hour.value, made.counts.wrong_unit) == (20.0, 1)


def test_a_restarted_book_goes_on_with_versions_and_leaves_alone_what_its_log_no_longer_holds() -> None:
    before = book()
    play(before, list(day_of_hours(20.0)))
    known = before.settle(EVENING)
    after = Book(rules(), before.source_type, reach=DAY0 + 20 * HOUR)
    after.restore(known)
    play(after, list(day_of_hours(20.0)))
    assert after.settle(EVENING) == []
    play(after, [hour_value(OUTLET, DAY0, 99.0, received=2), hour_value(OUTLET, DAY0 + 21 * HOUR, 25.0, received=2)])
    hour, day = after.settle(EVENING)
    assert (hour.version, hour.value, day.version, day.period) == (2, 25.0, 2, "day")
    assert after.counts.too_late > 0


def said(made: Book) -> list[Judgement]:
    return [
        msgspec.structs.replace(each, version=1, made=0, cause="first", earlier=()) for each in made.standing.in_order()
    ]


def material(chance: random.Random) -> list[Reading | Mark]:
    """Two days of one outlet with everything that can disagree: resent, corrected, minutes, hours, flows, marks."""
    items: list[Reading | Mark] = []
    for n in range(48):
        start, value = DAY0 + n * HOUR, chance.uniform(10.0, 50.0)
        if chance.random() < 0.9:
            items.append(hour_value(OUTLET, start, value, chance.choice("NNNND"), chance.randrange(3)))
        if chance.random() < 0.3:
            items.append(hour_value(OUTLET, start, value + 1, received=chance.randrange(3)))
        if chance.random() < 0.8:
            items.append(hour_value("works/W1/w00000", start, chance.choice((0.0, 5.0, 9.0))))
        if chance.random() < 0.3:
            step = chance.choice((10, 20)) * MINUTE
            items += [
                reading(f"{OUTLET}/Avg", at + step, value, period_start=at, period_end=at + step)
                for at in range(start, start + HOUR, step)
                if chance.random() < 0.9
            ]
    for n in range(chance.randrange(4)):
        start = DAY0 + chance.randrange(48 * 60) * MINUTE
        scope, what = chance.choice((("plant", "stopped"), ("monitor", "fault"), ("treatment", "fault")))
        items.append(mark(f"m{n}", scope, what, start, start + chance.randrange(1, 600) * MINUTE))
    return items


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_once_all_data_are_in_the_order_of_arrival_leaves_no_trace(seed: int, chance: random.Random) -> None:
    items = material(random.Random(seed))
    straight, mixed = book(), book()
    play(straight, items)
    straight.settle(DAY0 + 3 * DAY)
    chance.shuffle(items)
    clock = DAY0
    for item in items:
        play(mixed, [item] * chance.choice((1, 1, 2)))
        if chance.random() < 0.3:
            clock = min(DAY0 + 3 * DAY, clock + chance.randrange(8 * HOUR))
            mixed.settle(clock)
    mixed.settle(DAY0 + 3 * DAY)
    assert said(mixed) == said(straight)
    assert any(each.period == "day" for each in said(mixed))
