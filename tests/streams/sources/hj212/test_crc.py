"""The check sum: its anchors, and every printed frame."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sources.hj212.crc import crc16, crc16_by_bytes, crc_text, modbus_crc16
from tests.streams.sources.hj212.vectors import GOOD


@pytest.mark.parametrize(("data", "text"), [(b"", b"FFFF"), (b"\x00", b"4040"), (b"123456789", b"2F80")])
def test_the_anchors_of_the_algorithm(data: bytes, text: bytes) -> None:
    assert crc_text(data) == text


def test_it_is_not_modbus() -> None:
    assert modbus_crc16(b"123456789") == 0x4B37


def test_it_follows_the_words_of_annex_a() -> None:
    """The standard's own steps, written out bit by bit, against the table."""
    data = bytes(range(256)) * 2
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ byte
        for _ in range(8):
            low, register = register & 1, register >> 1
            if low:
                register ^= 0xA001
    assert crc16(data) == register


@pytest.mark.parametrize("name", GOOD)
def test_printed_frames_verify_with_it_and_not_with_modbus(name: str) -> None:
    frame = GOOD[name][0]
    assert crc_text(frame[6:-4]) == frame[-4:].upper()
    assert modbus_crc16(frame[6:-4]) != int(frame[-4:], 16)


@given(st.binary(min_size=1, max_size=600) | st.binary(min_size=1, max_size=40).map(lambda data: data * 240))
def test_folding_gives_what_going_byte_by_byte_gives(data: bytes) -> None:
    assert crc16(data) == crc16_by_bytes(data)
