"""Heads, positions, batches and registrations: what is written is read back; anything else is a sentence, no crash."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.sources.jt808.framing import Framer, framed
from streams.sources.jt808.location import ZONE, Location, read_batch, read_location, write_batch, write_location
from streams.sources.jt808.message import LOCATION, REGISTER, Message, read_message, write_message
from streams.sources.jt808.parts import MOST_OPEN, MOST_PARTS, Parts
from streams.sources.jt808.registration import read_code, read_registration, write_code, write_registration
from tests.streams.sources.jt808.vehicles import place

PHONES = st.from_regex(r"[1-9][0-9]{4,11}", fullmatch=True)


@given(st.integers(0, 0xFFFF), PHONES, st.integers(0, 0xFFFF), st.binary(max_size=1023), st.sampled_from([2013, 2019]))
def test_a_message_comes_back(name: int, phone: str, serial: int, body: bytes, edition: int) -> None:
    message = Message(name, phone, serial, body, edition, version=1 if edition == 2019 else 0)
    assert read_message(write_message(message)) == message
    part = replace(message, parts=3, part=2)
    assert read_message(write_message(part)) == part


def test_a_published_frame_is_read_as_its_authors_read_it() -> None:
    """The worked example of the README of SmallChi/JT808: both escapes stand in it."""
    frame = bytes.fromhex(
        "7E02000026123456789012007D02000000010000000200BA7F0E07E4F11C0028003C00001810151010100104000000640202007D01137E"
    )
    (piece,) = Framer().feed(frame)
    assert piece.data is not None
    message = read_message(piece.data)
    assert (message.id, message.phone, message.serial, len(message.body)) == (LOCATION, "123456789012", 126, 38)
    told = read_location(message.body)
    assert (told.lat, told.lon, told.altitude_m, told.speed_kmh) == (12.222222, 132.444444, 40, 6.0)
    assert dt.datetime.fromtimestamp(told.time / 1000, ZONE).isoformat() == "2018-10-15T10:10:10+08:00"
    assert told.located and told.alarms == 1 and told.items == {1: b"\0\0\0d", 2: b"\0}"}
    assert framed(write_message(message)) == frame


@given(
    st.integers(0, 3_000_000_000), st.floats(-90, 90), st.floats(-180, 180), st.integers(-400, 8000),
    st.integers(0, 4000), st.integers(0, 359), st.booleans(),
    st.dictionaries(st.integers(1, 255), st.binary(max_size=9), max_size=4),
)  # fmt: skip
def test_a_position_comes_back(
    second: int, lat: float, lon: float, height: int, tenths: int, heading: int, located: bool, items: dict[int, bytes]
) -> None:
    start = round(dt.datetime(2000, 1, 1, tzinfo=ZONE).timestamp() * 1000)
    told = Location(start + 1000 * second, lat, lon, height, tenths / 10, heading, located, items=items)
    read = read_location(write_location(told))
    assert (read.time, read.altitude_m, read.heading_deg, read.located) == (told.time, height, heading, located)
    assert read.lat == pytest.approx(lat, abs=5.1e-7) and read.lon == pytest.approx(lon, abs=5.1e-7)
    assert read.speed_kmh == tenths / 10 and read.items == items


def test_a_position_as_it_stands_on_the_wire() -> None:
    body = "00000000 00000003 0253DF90 0703AF00 0004 01A9 0061 260302090000 01040000006E"
    told = read_location(bytes.fromhex(body))
    assert (told.lat, told.lon) == (39.051152, 117.68192)
    assert (told.altitude_m, told.speed_kmh, told.heading_deg, told.located) == (4, 42.5, 97, True)
    assert dt.datetime.fromtimestamp(told.time / 1000, ZONE).isoformat() == "2026-03-02T09:00:00+08:00"
    assert told.items == {1: bytes.fromhex("0000006E")}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "at least 28 bytes, got 0"),
        (write_location(place())[:22] + bytes.fromhex("261302090000"), "YYMMDDhhmmss, got 261302090000"),
        (write_location(place())[:8] + b"\xff" * 4 + write_location(place())[12:], "up to 90 and 180"),
    ],
)
def test_a_position_that_cannot_be_is_a_sentence(body: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_location(body)


@given(st.binary(max_size=120))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for read in (read_message, read_location, read_batch):
        try:
            read(data)
        except ValueError as error:
            assert "expected" in str(error)
    for edition in (2013, 2019):
        for read_body in (read_registration, read_code):
            try:
                read_body(Message(REGISTER, "1", 1, data, edition))
            except ValueError as error:
                assert "expected" in str(error)


def test_several_positions_in_one_message_come_back_with_whether_they_were_kept() -> None:
    bodies = [write_location(place(second)) for second in range(3)]
    assert read_batch(write_batch(bodies, kept=True)) == (True, bodies)
    assert read_batch(write_batch(bodies, kept=False)) == (False, bodies)
    with pytest.raises(ValueError, match="expected 4 reports, got 3"):
        read_batch(b"\x00\x04" + write_batch(bodies, kept=True)[2:])
    with pytest.raises(ValueError, match="expected 28 bytes for report 3"):
        read_batch(write_batch(bodies, kept=True)[:-1])


@pytest.mark.parametrize("edition", [2011, 2013, 2019])
def test_the_plate_and_the_code_of_each_edition(edition: int) -> None:
    body = write_registration("津A12345", edition, "T-1")
    said = read_registration(Message(REGISTER, "1", 1, body, max(edition, 2013)))
    assert (said.edition, said.plate) == (edition, "津A12345")
    assert read_code(Message(REGISTER, "1", 1, write_code("密码-1", edition), edition)) == "密码-1"


@given(st.permutations(range(5)), st.integers(0, 0xFFFF))
def test_parts_in_any_order_make_the_message(order: list[int], serial: int) -> None:
    parts = Parts()
    pieces = [Message(7, "1", (serial + n) & 0xFFFF, bytes([n]) * 3, parts=5, part=n + 1) for n in range(5)]
    answers = [parts.put(pieces[n]) for n in order]
    assert answers[:4] == [None] * 4 and answers[4] is not None
    whole, mine = answers[4]
    assert whole.body == b"".join(each.body for each in pieces) and mine == pieces
    assert len(parts) == 0


def test_unfinished_messages_do_not_pile_up() -> None:
    parts = Parts()
    for serial in range(0, 5_000, 10):
        parts.put(Message(7, "1", serial, b"x", parts=9, part=1))
    assert len(parts) <= MOST_OPEN
    with pytest.raises(ValueError, match="at most 64"):
        parts.put(Message(7, "1", 1, b"x", parts=MOST_PARTS + 1, part=1))
