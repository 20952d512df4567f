"""From a frame to records: whose they are, when they hold, and what becomes of the rest."""

import msgspec
import pytest

from streams.sources.base import Record
from streams.sources.hj212.diagnosis import BadSegment
from streams.sources.hj212.segment import parse_segment
from streams.sources.hj212.to_readings import Origin, Outgoing, records_of
from streams.unregistered_series import registered_series
from tests.streams.sources.hj212.plant import NOW, REGISTRY, frame
from topics.dead_letter import from_headers
from topics.reading import Reading

ORIGIN = Origin("127.0.0.1:5000", NOW)


def outgoing(raw: bytes) -> Outgoing:
    return records_of(parse_segment(raw.rstrip()[6:-4]), raw, REGISTRY, ORIGIN)


def reading(record: Record) -> Reading:
    return msgspec.json.decode(record.value, type=Reading)


def test_a_realtime_value() -> None:
    (record,) = outgoing(frame()).records
    assert (record.topic, record.key) == ("readings.pollution", "plant-01")
    assert reading(record) == Reading(
        series="plant-01/OUTLET1/w01018/Rtd",
        time=1_470_013_137_000,
        value=12.5,
        flag="N",
        unit="ug/L",  # the station's own, as registered
        source="hj212/OUTLET1",
        received=NOW,
    )


def test_an_hour_value_holds_at_the_end_of_its_hour() -> None:
    out = outgoing(frame("DataTime=20160801080000;a21026-ZsAvg=35,a21026-Avg=30,a21026-Flag=M", cn="2061"))
    start = 1_470_009_600_000
    converted, mean = (reading(record) for record in out.records)
    assert (converted.series, mean.series) == ("plant-01/OUTLET1/a21026/ZsAvg", "plant-01/OUTLET1/a21026/Avg")
    assert (mean.time, mean.period_start, mean.period_end) == (start + 3_600_000, start, start + 3_600_000)
    assert (mean.flag, mean.unit) == ("M", "mg/m3")


def test_resent_data_are_backfill() -> None:
    (record,) = outgoing(frame(flag=9, rf=True)).records
    assert reading(record).backfill


def test_a_late_hour_frozen_at_zero_is_passed_on_as_it_is() -> None:
    raw = frame("DataTime=20160731150000;w01018-Avg=0,w01018-Min=0,w01018-Max=0,w01018-Flag=N", cn="2061")
    assert [reading(record).value for record in outgoing(raw).records] == [0.0, 0.0, 0.0]


def test_old_codes_and_codes_of_the_devices_own() -> None:
    (old,) = outgoing(frame("DataTime=20160801085857;011-Rtd=12.5,011-flag=N")).records
    assert reading(old).series == "plant-01/OUTLET1/w01018/Rtd"
    (mapped,) = outgoing(frame("DataTime=20160801085857;011-Rtd=12.5", mn="MAPPED1")).records
    assert reading(mapped).series == "plant-01/MAPPED1/cod/Rtd"


@pytest.mark.parametrize(
    ("mn", "series", "key", "reason"),
    [
        ("NOBODY", "unknown/NOBODY/w01018/Rtd", "NOBODY", "unknown_device"),
        ("GONE1", "plant-01/GONE1/w01018/Rtd", "GONE1", "unknown_device"),
        ("STRAY1", "plant-99/STRAY1/w01018/Rtd", "plant-99", "unknown_site"),
    ],
)
def test_who_is_not_registered_is_kept_aside(mn: str, series: str, key: str, reason: str) -> None:
    out = outgoing(frame(mn=mn))
    assert (out.readings, out.unregistered) == (0, 1)
    (record,) = out.records
    assert (record.topic, record.key, reading(record).series) == ("unregistered", key, series)
    assert dict(record.headers) == {
        "topic": b"gateway/hj212", "partition": b"-1", "offset": b"-1", "reason": reason.encode()
    }  # fmt: skip


def test_a_reading_kept_aside_is_found_again_once_its_device_is_registered() -> None:
    (record,) = outgoing(frame(mn="NOBODY")).records
    later = reading(record).series.replace("NOBODY", "OUTLET1")
    known = registered_series(later, REGISTRY, NOW)
    assert known is not None and known.series == "plant-01/OUTLET1/w01018/Rtd"


def test_a_value_that_is_no_number_is_refused_alone() -> None:
    raw = frame("DataTime=20160801085857;w01018-Rtd=--,w01018-Flag=N;w21003-Rtd=2,w21003-Flag=N;rubbish")
    out = outgoing(raw)
    good, letter = out.records
    assert (out.readings, out.refused) == (1, 2)
    assert reading(good).series == "plant-01/OUTLET1/w21003/Rtd"
    assert (letter.topic, letter.key, letter.value) == ("dead-letters", "OUTLET1", raw)
    told = from_headers(letter.headers)
    assert (told.reason, told.topic, told.time) == ("bad_frame", "gateway/hj212", NOW)
    assert 'expected a number, got "--"' in told.detail and "不是数字" in told.detail and "rubbish" in told.detail
    assert dict(letter.headers)["peer"] == b"127.0.0.1:5000"


@pytest.mark.parametrize("cn", ["2062", "2013", "2081", "3020", "9014", "1013"])
def test_commands_that_carry_no_measurements_give_no_readings(cn: str) -> None:
    assert outgoing(frame("DataTime=20160801085857;RestartTime=20160801010203;w01018-Check=1", cn=cn)).records == []


def test_a_request_of_a_platform_is_no_data() -> None:
    assert outgoing(frame("BeginTime=20160801080000,EndTime=20160801090000", cn="2061")).records == []


def test_an_unreadable_time_refuses_the_whole_frame() -> None:
    with pytest.raises(BadSegment, match="DataTime"):
        outgoing(frame("DataTime=20169901085857;w01018-Rtd=1"))


def test_the_longest_names_still_make_a_reading() -> None:
    raw = frame("DataTime=20160801085857;" + "c" * 40 + "-Rtd=1", mn="M" * 80)
    assert len(reading(outgoing(raw).records[0]).source) == 80
