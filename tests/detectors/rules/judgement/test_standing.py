"""What stands: versions only where something new is said, the days that count one another, and what is let go."""

import msgspec

from detectors.rules.judgement.day import COUNTED_DAYS
from detectors.rules.judgement.standing import KEEP_DAYS, Standing
from tests.detectors.rules.judgement.parts import DAY, DAY0, HOUR, OUTLET, book, hour_value
from topics.judgement import Judgement


def judged() -> tuple[Judgement, Judgement]:
    """The first hour of a day, and the day, of one outlet."""
    made = book()
    for hour in range(24):
        made.take(hour_value(OUTLET, DAY0 + hour * HOUR, 20.0))
    versions = made.settle(DAY0 + DAY + HOUR)
    return versions[0], next(each for each in versions if each.period == "day")


def on(day: int, verdict: str = "exceeds") -> Judgement:
    found: Judgement = msgspec.structs.replace(judged()[1], start=DAY0 + day * DAY, verdict=verdict)
    return found


def test_what_says_the_same_again_is_no_new_version() -> None:
    standing, (hour, _) = Standing(), judged()
    first = standing.enter(hour, "first", DAY0 + DAY)
    assert first is not None and (first.version, first.made) == (1, DAY0 + DAY)
    assert standing.enter(hour, "data", DAY0 + 2 * DAY) is None
    second = standing.enter(msgspec.structs.replace(hour, value=21.0), "first", DAY0 + 3 * DAY)
    assert second is not None and (second.version, second.cause) == (2, "data")
    assert standing.in_order() == [second] and standing.has_hour(hour.subject, hour.start)
    assert standing.hours_of(hour.subject, DAY0) == {DAY0: second}


def test_a_day_counts_the_exceedances_of_the_twenty_nine_before_it_and_is_counted_by_as_many() -> None:
    standing = Standing()
    for day in (0, 1, COUNTED_DAYS - 1, COUNTED_DAYS):
        standing.enter(on(day, "within" if day == 1 else "exceeds"), "first", DAY0)
    subject = on(0).subject
    assert standing.exceeded_before(subject, DAY0 + (COUNTED_DAYS - 1) * DAY) == 1
    assert standing.exceeded_before(subject, DAY0 + COUNTED_DAYS * DAY) == 1, "the first is thirty days ago"
    assert list(standing.counting(subject, DAY0)) == [DAY0 + DAY, DAY0 + (COUNTED_DAYS - 1) * DAY]


def test_hours_go_before_days_and_what_is_gone_is_told() -> None:
    standing, (hour, day) = Standing(), judged()
    standing.enter(hour, "first", DAY0)
    standing.enter(day, "first", DAY0)
    standing.forget(DAY0 + HOUR, DAY0 + KEEP_DAYS * DAY)
    assert standing.expired == [hour.key] and list(standing.known) == [day.key]
    standing.forget(DAY0 + HOUR, DAY0 + KEEP_DAYS * DAY + 1)
    assert standing.expired == [hour.key, day.key] and standing.in_order() == []
