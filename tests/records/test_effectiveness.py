"""Transmission effectiveness as known on each date, the online rate, and the scorecard, against tables made by hand."""

import datetime as dt

from records.effectiveness import (
    CITY,
    DAY_MS,
    HOUR_MS,
    Effectiveness,
    HourHeard,
    MarkMeaning,
    effectiveness,
    month_bounds,
    offline,
    online_rate,
)
from records.scorecard import Figures, score, scorecard
from topics.mark import Mark

MEANINGS = {("plant", "stopped"): MarkMeaning("exempt", True), ("monitor", "fault"): MarkMeaning("invalid")}
START, END = month_bounds(2026, 5)


def day(month: int, number: int, hour: int = 0, minute: int = 0) -> int:
    return int(dt.datetime(2026, month, number, hour, minute, tzinfo=CITY).timestamp() * 1000)


def hours(missing: range = range(0), poor: range = range(0)) -> list[HourHeard]:
    """The 744 hours of May; those in ``missing`` never came, those in ``poor`` came flagged."""
    return [
        HourHeard(START + n * HOUR_MS, 0 if n in missing else 60, 0 if n in missing or n in poor else 60)
        for n in range((END - START) // HOUR_MS)
    ]


def mark(name: str, scope: str, state: str, start: int, length_h: int, made: int, **more: int) -> Mark:
    return Mark(name, "works", scope, state, start, start + length_h * HOUR_MS, made, **more)  # type: ignore[arg-type]


def known(at: int, *marks: Mark, of: list[HourHeard] | None = None) -> tuple[int, int, int]:
    found = effectiveness(of or hours(), marks, MEANINGS, at)
    return found.owed, found.received, found.valid


def test_the_rate_is_transmission_times_validity() -> None:
    found = effectiveness(hours(range(10), range(10, 30)), [], MEANINGS, END)
    assert (found.owed, found.received, found.valid) == (744, 734, 714)
    assert (found.transmission, found.validity, found.rate) == (98.66, 97.28, 95.97)
    assert Effectiveness(0, 0, 0).rate is None


def test_a_mark_of_the_ninth_day_counts_and_one_of_the_eleventh_does_not() -> None:
    """Ten hours of 1 May at fault: entered nine and eleven days after."""
    first = day(5, 1, 12)
    ninth, eleventh = (
        mark("a", "monitor", "fault", first, 10, day(5, 10, 12)),
        mark("b", "monitor", "fault", first, 10, day(5, 12, 12)),
    )
    by_hand = [
        # as known on         mark of day 9        mark of day 11
        (day(5, 10, 11),      (227, 227, 227),     (227, 227, 227)),
        (day(5, 10, 12),      (228, 228, 218),     (228, 228, 228)),
        (day(5, 13),          (288, 288, 278),     (288, 288, 288)),
        (END,                 (744, 744, 734),     (744, 744, 744)),
    ]  # fmt: skip
    for at, early, late in by_hand:
        assert known(at, ninth) == early, at
        assert known(at, eleventh) == late, at


def test_of_a_long_mark_only_the_hours_within_ten_days_count() -> None:
    """48 hours from 1 May 0:00, entered on 11 May 12:30: the first 11 hours and a half are too old."""
    late = mark("a", "monitor", "fault", START, 48, day(5, 11, 12, 30))
    assert known(END, late) == (744, 744, 744 - 48 + 12)


def test_proof_of_the_tenth_holds_and_that_of_the_eleventh_reverts_and_the_rate_is_reckoned_anew() -> None:
    """Fifty hours from 20 May that never came: the plant stood still, entered on 21 May."""
    gone, first = hours(range(19 * 24, 19 * 24 + 50)), day(5, 20)

    def stopped(documented: int | None) -> list[Mark]:
        plain = mark("s", "plant", "stopped", first, 50, day(5, 21))
        return (
            [plain]
            if documented is None
            else [plain, mark("s", "plant", "stopped", first, 50, day(5, 21), documented=documented)]
        )

    provisional, reverted = (694, 694, 694), (744, 694, 694)
    by_hand = [
        # as known on          proof 10 June 23:59   proof 11 June 0:00   none
        (day(6, 1),            provisional,          provisional,         provisional),
        (day(6, 10, 23, 59),   provisional,          provisional,         provisional),
        (day(6, 11),           provisional,          reverted,            reverted),
        (day(6, 30),           provisional,          reverted,            reverted),
    ]  # fmt: skip
    for at, *expected in by_hand:
        for proof, figures in zip((day(6, 10, 23, 59), day(6, 11), None), expected, strict=True):
            assert known(at, *stopped(proof), of=gone) == figures, (at, proof)


def test_a_withdrawn_mark_counts_until_it_is_taken_back() -> None:
    first, made, back = day(5, 3), day(5, 4), day(5, 6)
    forms = [
        mark("a", "monitor", "fault", first, 5, made), mark("a", "monitor", "fault", first, 5, made, withdrawn=back),
    ]  # fmt: skip
    assert known(day(5, 5), *forms)[2] == 96 - 5 and known(day(5, 6), *forms)[2] == 120


def test_online_rate_of_a_known_outage() -> None:
    assert online_rate(4.31, 744) == 99.42
    some = hours()
    for n in (100, 101, 102):
        some[n] = HourHeard(some[n].start, 0, 0)
    some[103] = HourHeard(some[103].start, 30, 30)
    some[500] = HourHeard(some[500].start, 51, 51)
    assert offline(some) == (3.65, 2)
    assert online_rate(3.65, 744) == 99.51


def test_the_scorecard_of_59_places_ranks_and_shows_the_change() -> None:
    now = {f"{n:06d}": Figures(99.0 - n / 10, 95.0, 90.0, stations=n) for n in range(59)}
    before = {name: Figures(99.0, 95.0, 90.0 - int(name) / 10) for name in reversed(now)}
    rows = scorecard(now, before)
    assert [row.rank for row in rows] == list(range(1, 60))
    assert rows[0].score == score(now["000000"]) == 95.6
    assert (rows[1].score_change, rows[1].rank_change) == (-0.02, 0)
    tied = scorecard(
        {"a": Figures(99.0, None, None), "b": Figures(99.0, None, None), "c": Figures(None, None, None)}, {}
    )
    assert [(row.district, row.rank) for row in tied] == [("a", 1), ("b", 1), ("c", None)]


def test_february_and_december_end_where_they_should() -> None:
    assert month_bounds(2026, 2)[1] - month_bounds(2026, 2)[0] == 28 * DAY_MS
    assert month_bounds(2026, 12)[1] == month_bounds(2027, 1)[0]
