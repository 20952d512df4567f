"""Hour records: made of the live values that were sent, and where one is tampered with its mean leaves its bounds."""

from statistics import mean

import msgspec

from records.registry import registry_of
from streams.sources.hj212.segment import parse_segment
from streams.sources.hj212.to_readings import Origin, records_of
from streams.sources.simulator.frames import hour_frame
from streams.sources.simulator.hour_records import HOUR_MS
from tests.streams.sources.simulator.plays import clock, whole_day
from topics.reading import Reading


def test_a_record_comes_a_minute_after_its_hour_and_is_of_the_live_values() -> None:
    day = whole_day()
    assert day.span(clock("08:00"), clock("08:01")).hours == []
    (record,) = day.span(clock("08:01"), clock("08:02")).hours
    live = [
        message.values[[each.quantity for each in message.series].index("w01018")]
        for message in day.span(clock("07:00"), clock("08:00")).messages
        if message.device == record.series.device
    ]
    assert (record.start, len(live)) == (clock("07:00"), 60)
    assert (record.low, record.high) == (min(live), max(live))
    assert abs(record.mean - mean(live)) <= record.series.signal.step / 2


def test_only_the_mean_that_was_pressed_down_lies_below_its_own_minimum() -> None:
    hours = whole_day().span(clock("07:00"), clock("23:59")).hours
    assert [each.start for each in hours] == [clock("07:00") + number * HOUR_MS for number in range(16)]
    assert [each.start for each in hours if not each.low <= each.mean <= each.high] == [clock("09:00")]


def test_its_frame_becomes_the_readings_of_the_hours_end() -> None:
    (record,) = whole_day().span(clock("10:01"), clock("10:02")).hours
    frame = hour_frame(record, "32")
    registry = registry_of(whole_day().city.registry_records())
    out = records_of(parse_segment(frame[6:-6]), frame, registry, Origin("test", clock("10:01")))
    readings = [msgspec.json.decode(each.value, type=Reading) for each in out.records]
    assert {each.time for each in readings} == {clock("10:00")}
    assert {each.series.rpartition("/")[2]: each.value for each in readings} == record.statistics
