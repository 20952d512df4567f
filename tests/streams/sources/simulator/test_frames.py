"""Frames: right ones verify, wrong ones are wrong in the way they say."""

from streams.sources.hj212.crc import crc_text, modbus_crc16
from streams.sources.simulator.day import Message
from streams.sources.simulator.frames import UNKNOWN_MN, frame, with_bad_crc, with_modbus_crc
from tests.streams.sources.simulator.plays import clock, whole_day


def message(site: str, at: str = "08:00", backfill: bool = False) -> Message:
    span = whole_day().span(clock(at), clock(at) + 60_000)
    (one,) = [each for each in span.messages if each.series[0].site == site]
    return Message(one.device, one.time, one.series, one.values, backfill)


def parts(wire: bytes) -> tuple[int, bytes, bytes]:
    assert wire[:2] == b"##" and wire[-2:] == b"\r\n"
    return int(wire[2:6]), wire[6:-6], wire[-6:-2]


def test_every_device_of_the_city_sends_frames_that_verify() -> None:
    city = whole_day().city
    for each in whole_day().span(clock("08:00"), clock("08:01")).messages:
        if each.series[0].wire == "hj212":
            length, data, check = parts(frame(each, city.device_kinds[each.device].st))
            assert length == len(data) <= 1024 and crc_text(data) == check


def test_what_a_stack_says() -> None:
    stack = message("stack-01")
    data = frame(stack, "31").decode()
    assert "ST=31;CN=2011;" in data and f"MN={stack.device};Flag=5;CP=&&DataTime=20150812080" in data
    values = {
        f"{series.quantity}-{series.statistic}": value for series, value in zip(stack.series, stack.values, strict=True)
    }
    so2 = f"a21026-Rtd={values['a21026-Rtd']:g},a21026-ZsRtd={values['a21026-ZsRtd']:g},a21026-Flag=N;"
    assert so2 in data


def test_back_filled_data_is_marked_and_an_unknown_mn_is_used_as_given() -> None:
    assert b";Flag=9;RF=1;CP=&&" in frame(message("outlet-05", backfill=True), "32")
    assert f"MN={UNKNOWN_MN};".encode() in frame(message("outlet-04"), "32", UNKNOWN_MN)


def test_a_bad_frame_keeps_its_length_and_breaks_its_check_sum() -> None:
    right = frame(message("outlet-02"), "32")
    length, data, check = parts(with_bad_crc(right))
    assert length == len(data) and crc_text(data) != check
    assert sum(a != b for a, b in zip(right, with_bad_crc(right), strict=True)) == 1


def test_the_modbus_frame_differs_in_its_check_sum_alone() -> None:
    right = frame(message("outlet-03"), "32")
    length, data, check = parts(with_modbus_crc(right))
    assert data == parts(right)[1] and length == len(data)
    assert check == b"%04X" % modbus_crc16(data) != crc_text(data)
