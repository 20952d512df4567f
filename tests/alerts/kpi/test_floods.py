"""Floods against their definition, whatever order the alarms come in."""

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.kpi.floods import Flood, Floods
from alerts.kpi.rates import Rates

#: Small enough to ask the definition at every millisecond.
SMALL = Rates(window_s=0.010, flood_starts_above=3, flood_ends_below=2)
MINUTE = 60_000

moments = st.lists(st.integers(0, 60), max_size=25)
END = 80


def by_definition(times: list[int], until: int, rates: Rates = SMALL) -> list[Flood]:
    """Millisecond by millisecond: above one bound a flood begins, below the other it ends."""
    floods: list[Flood] = []
    for now in range(until + 1):
        rate = sum(now - rates.window_ms < time <= now for time in times)
        lasts = bool(floods) and floods[-1].end is None
        if not lasts and rate > rates.flood_starts_above:
            floods.append(Flood(now))
        elif lasts and rate < rates.flood_ends_below:
            floods[-1] = Flood(floods[-1].start, now)
    return floods


@settings(max_examples=60, deadline=None)
@given(moments, st.integers(0, END))
def test_floods_are_what_the_definition_says_at_every_moment(times: list[int], until: int) -> None:
    floods = Floods(SMALL)
    for time in sorted(times):
        floods.add(time)
    assert floods.until(until) == by_definition(times, until)


@settings(max_examples=60, deadline=None)
@given(moments, st.data())
def test_what_comes_late_gives_the_floods_of_the_whole_row(times: list[int], data: st.DataObject) -> None:
    floods = Floods(SMALL)
    for time in times:
        floods.add(time)
        if data.draw(st.booleans()):
            floods.until(END)  # looking in between changes nothing
    assert floods.until(END) == by_definition(times, END)


def test_what_comes_late_at_the_very_end_of_a_flood_keeps_it_up() -> None:
    times = [0] * 9 + [9, 10, 20]
    floods = Floods(SMALL)
    for time in times:
        floods.add(time)
    assert floods.until(END) == [Flood(0, 19)]
    floods.add(19)
    assert floods.until(END) == [Flood(0, 29)] == by_definition([*times, 19], END)


@settings(max_examples=60, deadline=None)
@given(moments, st.integers(0, 60))
def test_forgetting_changes_nothing_of_what_is_kept(times: list[int], before: int) -> None:
    floods = Floods(SMALL)
    for time in sorted(times):
        floods.add(time)
    floods.forget(before)
    kept = [each for each in floods.until(END) if each.end is None or each.end > before]
    assert kept == [each for each in by_definition(times, END) if each.end is None or each.end > before]


@settings(max_examples=60, deadline=None)
@given(moments, st.integers(-5, 60), st.integers(1, 30))
def test_the_peak_is_the_highest_rate_of_any_moment(times: list[int], start: int, length: int) -> None:
    floods = Floods(SMALL)
    for time in times:
        floods.add(time)
    peak, at = floods.peak(start, start + length)
    inside = [time for time in times if start < time <= start + length]
    assert peak == max((floods.rate(time) for time in inside), default=0)
    assert at == min((time for time in inside if floods.rate(time) == peak), default=None)


def test_a_flood_overlaps_only_what_lies_in_it_and_nothing_has_no_peak() -> None:
    over, lasting = Flood(10, 20), Flood(10)
    assert [over.overlap(*span) for span in ((0, 10), (5, 12), (12, 15), (15, 30), (20, 30))] == [0, 2, 3, 5, 0]
    assert [lasting.overlap(*span) for span in ((0, 10), (15, 30))] == [0, 15]
    assert Floods(Rates()).peak(0, MINUTE) == (0, None)


def test_eleven_in_ten_minutes_are_a_flood_until_fewer_than_five_are_left() -> None:
    floods = Floods(Rates())
    for number in range(10):
        floods.add(number * MINUTE // 2)
    assert floods.until(5 * MINUTE) == []  # ten in ten minutes are hard work, no flood
    floods.add(5 * MINUTE)
    assert floods.until(5 * MINUTE) == [Flood(5 * MINUTE)]
    # The alarms at 3:00, 3:30, 4:00, 4:30 and 5:00 are five; when the first of them is ten minutes old, four are left.
    assert floods.until(13 * MINUTE - 1) == [Flood(5 * MINUTE)]
    assert floods.until(13 * MINUTE) == [Flood(5 * MINUTE, 13 * MINUTE)]
