"""Frames of commands to devices, as an upper computer writes them. Pure."""

import datetime as dt

from streams.sources.hj212.client import build_segment
from streams.sources.hj212.crc import crc_text
from streams.sources.hj212.device_words import HISTORY
from streams.sources.hj212.sm4 import encrypt_segment
from streams.sources.hj212.times import CHINA

_ACK_WANTED = 1
_FLAG_2017 = 4


def qn_of(now_ms: int) -> str:
    """QN of a command given at this time: ``YYYYMMDDhhmmsszzz`` in China's time.

    >>> qn_of(1470013137223)
    '20160801085857223'
    """
    return f"{local_time(now_ms)}{now_ms % 1000:03d}"


def local_time(ms: int) -> str:
    """``YYYYMMDDhhmmss`` in China's time."""
    return f"{dt.datetime.fromtimestamp(ms / 1000, CHINA):%Y%m%d%H%M%S}"


def period_cp(start_ms: int, end_ms: int) -> str:
    """CP of a request for history; both ends are named by the standard as times of data."""
    return f"BeginTime={local_time(start_ms)},EndTime={local_time(end_ms)}"


def request(
    *, qn: str, st: str, cn: str, pw: str, mn: str, flag: int | None, cp: str = "", sm4_key: bytes = b""
) -> bytes:
    """The frame of a command: Flag has the device's own version and asks for an answer.

    A request for history is encrypted for a device with a key, as commands 2000 to 2999 are; length and check
    sum are then those of the plain text.
    """
    flag = max(_FLAG_2017, (flag or 0) & ~3) | _ACK_WANTED
    plain = build_segment(qn=qn, st=st, cn=cn, pw=pw, mn=mn, flag=flag, cp=cp).encode()
    body = encrypt_segment(plain, sm4_key) if sm4_key and cn in HISTORY else plain
    return b"##%04d%b%b\r\n" % (len(plain), body, crc_text(plain))
