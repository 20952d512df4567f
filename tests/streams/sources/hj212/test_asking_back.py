"""What is missing waits for its turn, and what comes of having been asked for is known as such for a while."""

from collections.abc import Callable

import msgspec

from streams.sources.hj212.asking_back import MOST_WAITING, STILL_ASKED_S, AskingBack
from streams.sources.hj212.diary import Diary
from streams.sources.hj212.exchange import Exchange
from streams.sources.hj212.gaps import Gap, GapFinder
from streams.sources.hj212.times import When
from topics.device_event import DeviceEvent

HOUR = 3_600_000
T0 = 1_470_009_600_000
NOW = T0 + 30 * 24 * HOUR


def asking(asks_per_min: float = 600.0, most_days: int = 40) -> AskingBack:
    return AskingBack(GapFinder(most_days), asks_per_min, Diary(lambda: NOW))


def hour(number: int) -> When:
    start = T0 + number * HOUR
    return When(start + HOUR, start, start + HOUR)


def gap(of: AskingBack, mn: str, number: int = 2) -> Gap:
    """Hours 1 to ``number`` - 1 of a device never come."""
    of.saw(mn, "2061", hour(0), NOW)
    of.saw(mn, "2061", hour(number), NOW)
    return Gap(mn, "2061", T0 + HOUR, T0 + number * HOUR)


def written(of: AskingBack) -> list[DeviceEvent]:
    return [msgspec.json.decode(each.value, type=DeviceEvent) for each in of.diary.take()]


def everyone(mn: str) -> bool:
    return True


def but(busy: str) -> Callable[[str], bool]:
    return lambda mn: mn != busy


def test_what_is_missing_is_written_down_and_asked_for_once() -> None:
    back = asking()
    missing = gap(back, "A", 5)
    (entry,) = written(back)
    assert (entry.kind, entry.command, entry.start, entry.end) == ("gap", "2061", missing.start, missing.end)
    assert "将向设备索取" in entry.text.zh and "to be asked for" in entry.text.en
    assert list(back.due(everyone, 0.0)) == [missing]
    assert list(back.due(everyone, 100.0)) == [] and written(back) == []


def test_a_busy_device_waits_while_another_is_asked() -> None:
    back = asking()
    first, second = gap(back, "A"), gap(back, "B")
    assert list(back.due(but("A"), 0.0)) == [second]
    assert list(back.due(everyone, 1.0)) == [first]


def test_one_gap_of_each_device_at_a_time_and_what_could_not_come_first() -> None:
    back = asking()
    gap(back, "A", 2)
    back.saw("A", "2061", hour(4), NOW)
    (lost,) = back.due(everyone, 0.0)
    back.again(lost)
    assert list(back.due(everyone, 1.0)) == [lost]
    assert list(back.due(everyone, 2.0)) == [Gap("A", "2061", T0 + 3 * HOUR, T0 + 4 * HOUR)]


def test_all_devices_together_are_asked_at_the_rate_that_is_allowed() -> None:
    back = asking(asks_per_min=3.0)  # one in twenty seconds, which the bucket lets come at once
    missing = [gap(back, mn) for mn in "ABC"]
    assert list(back.due(everyone, 0.0)) == missing[:1]
    assert list(back.due(everyone, 19.0)) == []
    assert list(back.due(everyone, 20.0)) == missing[1:2]
    assert list(back.due(everyone, 40.0)) == missing[2:]


def test_of_too_many_gaps_the_oldest_is_given_up_and_that_is_written_down() -> None:
    back = asking()
    for number in range(0, 2 * MOST_WAITING + 4, 2):
        back.saw("A", "2061", hour(number), NOW)
    given_up = [each for each in written(back) if each.outcome == "refused"]
    assert [each.start for each in given_up] == [T0 + HOUR]
    assert next(back.due(everyone, 0.0)).start == T0 + 3 * HOUR


def test_data_count_as_asked_for_by_period_or_qn_for_ten_minutes() -> None:
    back = asking()
    exchange = Exchange("A", "2061", "20160801085857223", b"request", Gap("A", "2061", T0, T0 + HOUR))
    assert not back.asked("A", "2061", exchange.qn, hour(0), 0.0)
    back.began(exchange, 0.0)
    assert back.asked("A", "2061", "another", hour(0), STILL_ASKED_S)
    assert back.asked("A", "2061", exchange.qn, hour(7), STILL_ASKED_S)
    assert not back.asked("A", "2061", "another", hour(1), 0.0)
    assert not back.asked("A", "2051", exchange.qn, hour(0), 0.0)
    assert not back.asked("A", "2061", exchange.qn, hour(0), STILL_ASKED_S + 1)
    assert not back.asked("B", "2061", exchange.qn, hour(0), 0.0)
