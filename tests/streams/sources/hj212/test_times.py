"""Times are China's, periods are named by their start, event time is their end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sources.hj212.diagnosis import BadSegment
from streams.sources.hj212.segment import Segment, parse_segment
from streams.sources.hj212.times import When, parse_time, when
from topics.reading import EARLIEST_MS, LATEST_MS

EIGHT = 1_470_009_600_000  # 2016-08-01 08:00 in China, midnight UTC
HOUR = 3_600_000


def data(cn: str, data_time: str) -> Segment:
    return parse_segment(f"ST=32;CN={cn};MN=M1;CP=&&DataTime={data_time};w01018-Avg=1&&".encode())


def test_local_time_without_a_zone() -> None:
    assert parse_time("20160801080000") == EIGHT
    assert parse_time("20160801080000123") == EIGHT + 123


@pytest.mark.parametrize(
    ("cn", "start", "length"),
    [("2051", EIGHT, 600_000), ("2061", EIGHT, HOUR), ("2031", EIGHT, 24 * HOUR), ("2041", EIGHT, 24 * HOUR)],
)
def test_period_values_hold_at_the_end_of_their_period(cn: str, start: int, length: int) -> None:
    assert when(data(cn, "20160801080000")) == When(start + length, start, start + length)


@pytest.mark.parametrize("cn", ["2011", "2021"])
def test_realtime_values_hold_when_they_were_taken(cn: str) -> None:
    assert when(data(cn, "20160801080000")) == When(EIGHT)


def test_minute_data_of_a_device_that_is_set_otherwise() -> None:
    assert when(data("2051", "20160801080000"), minute_s=60).period_end == EIGHT + 60_000


@pytest.mark.parametrize(
    "text",
    ["2016080108000", "201608010800", "20161301080000", "20160230080000", "20160801080060", "19990101000000",
     "21000101000000", "2016-08-01 08:00", "２０１６０８０１０８００００", "+2016080108000"],
)  # fmt: skip
def test_unreadable_times_are_said_to_be(text: str) -> None:
    with pytest.raises(BadSegment) as caught:
        when(data("2011", text))
    assert caught.value.diagnosis.code == "bad_data_time"
    assert "DataTime is unreadable" in caught.value.diagnosis.text.en and text[:6] in caught.value.diagnosis.text.zh


def test_a_missing_time_is_said_to_be() -> None:
    with pytest.raises(BadSegment, match="DataTime is missing"):
        when(parse_segment(b"ST=32;CN=2011;MN=M1;CP=&&w01018-Rtd=1&&"))


@given(st.text("0123456789", min_size=14, max_size=17))
def test_any_digits_are_a_time_of_a_reading_or_refused(text: str) -> None:
    try:
        time = parse_time(text)
    except ValueError:
        return
    assert EARLIEST_MS <= time <= LATEST_MS
