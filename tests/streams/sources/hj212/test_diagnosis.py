"""What is wrong with a frame is said in words, in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sources.hj212.crc import modbus_crc16
from streams.sources.hj212.diagnosis import diagnose_piece
from tests.streams.sources.hj212.vectors import ENCRYPTED, OFFICIAL_2017

DATA = OFFICIAL_2017[6:-4]
MODBUS = b"##0101" + DATA + b"%04X" % modbus_crc16(DATA)

#: A frame in a real test suite, its body elided here: right in length, wrong in check sum.
BAD_CRC = b"##0136ST=32;CN=2011;PW=123456;MN=LD130133000015;".ljust(140, b"x") + b"&&4980"


@pytest.mark.parametrize(
    ("raw", "code", "length_ok", "crc_ok", "words"),
    [
        (MODBUS, "crc_modbus", True, False, "CRC is that of MODBUS"),
        (MODBUS + b"junk", "crc_modbus", True, False, "CRC is that of MODBUS"),
        (b"##0101" + DATA + b"801C", "crc_swapped", True, False, "bytes swapped"),
        (b"##0101" + DATA + b"1C8G", "crc_not_hex", True, False, 'CRC is "1C8G", expected four hex digits'),
        (BAD_CRC, "crc", True, False, 'CRC says "4980"'),
        (OFFICIAL_2017.replace(b"=30", b"=31"), "crc", True, False, 'CRC says "1C80"'),
        (OFFICIAL_2017.replace(b"##0101", b"##0103"), "length", False, True, "length says 103, found 101"),
        (OFFICIAL_2017.replace(b"##0101", b"##0099"), "length", False, True, "length says 99, found 101"),
        (
            b"##0101" + DATA.replace(b"Interval", b"Interv") + b"1C80",
            "length", False, False, "length says 101, found 99",
        ),
        (OFFICIAL_2017.replace(b"##0101", b"##1o1 "), "length_not_digits", False, False, 'length is "1o1 "'),
        (OFFICIAL_2017[:40], "cut_off", False, False, "cut off: length says 101, found 30"),
        (b"##01", "cut_off", False, False, "cut off after 4 bytes"),
        (b"##0101", "cut_off", False, False, "cut off: length says 101"),
        (ENCRYPTED, "encrypted", True, None, "SM4 cipher text"),
        (ENCRYPTED.replace(b"##0123", b"##0129"), "encrypted", False, None, "length says 129, its plain text has 123"),
        (b"GET / HTTP/1.1\r\n\r\n", "garbage", False, False, "14 bytes between frames"),
    ],
)  # fmt: skip
def test_the_words(raw: bytes, code: str, length_ok: bool, crc_ok: bool | None, words: str) -> None:
    diagnosis = diagnose_piece(raw)
    assert (diagnosis.code, diagnosis.length_ok, diagnosis.crc_ok) == (code, length_ok, crc_ok)
    assert words in diagnosis.text.en
    assert any("一" <= character <= "鿿" for character in diagnosis.text.zh)


def test_the_numbers_stand_in_both_languages() -> None:
    text = diagnose_piece(OFFICIAL_2017.replace(b"##0101", b"##0103")).text
    assert "103" in text.zh and "101" in text.zh


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda tail: b"##0020" + tail))
def test_any_bytes_get_a_diagnosis(raw: bytes) -> None:
    assert diagnose_piece(raw).text.en.isprintable()
