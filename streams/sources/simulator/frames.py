"""HJ 212 frames as the city's devices send them, right ones and wrong ones. Pure."""

import datetime as dt

from streams.sources.hj212.client import build_cp, build_frame, build_segment
from streams.sources.hj212.crc import modbus_crc16
from streams.sources.simulator.day import Message
from streams.sources.simulator.hour_records import HourRecord
from streams.sources.simulator.script_lines import ZONE

#: 2017 with an answer asked for; 2025 with an answer asked for, for back-filled data (RF exists only there).
FLAG_2017, FLAG_2025 = 5, 9

REAL_TIME, HOUR = "2011", "2061"

#: The MN that no registry knows.
UNKNOWN_MN = "999999A8909F0F0000000000"


def frame(message: Message, st: str, mn: str | None = None) -> bytes:
    """The frame of a device's real-time values (CN 2011), MN as given or the device's own.

    >>> from streams.sources.simulator.city import load_city
    >>> cod = tuple(each for each in load_city().series if each.site == "outlet-01" and each.quantity == "w01018")
    >>> print(frame(Message(cod[0].device, 1439340300000, cod, (21.5,)), "32", "TEST").decode()[:72])
    ##0120QN=20150812084500000;ST=32;CN=2011;PW=123456;MN=TEST;Flag=5;CP=&&D
    """
    moment = dt.datetime.fromtimestamp(message.time / 1000, ZONE)
    second = f"{moment:%Y%m%d%H%M%S}"
    fields: dict[str, dict[str, str]] = {}
    for series, value in zip(message.series, message.values, strict=True):
        fields.setdefault(series.quantity, {})[series.statistic] = f"{value:.10g}"
    for of_factor in fields.values():
        of_factor["Flag"] = "N"
    segment = build_segment(
        qn=f"{second}{message.time % 1000:03d}",
        st=st,
        cn=REAL_TIME,
        mn=mn or message.device,
        cp=build_cp(second, list(fields.items())),
        flag=FLAG_2025 if message.backfill else FLAG_2017,
        rf=message.backfill,
    )
    return build_frame(segment)


def hour_frame(record: HourRecord, st: str) -> bytes:
    """The frame of a logger's hour record (CN 2061); its DataTime is the beginning of the hour."""
    moment, begun = (dt.datetime.fromtimestamp(each / 1000, ZONE) for each in (record.sent, record.start))
    fields = {name: f"{value:.10g}" for name, value in record.statistics.items()} | {"Flag": "N"}
    segment = build_segment(
        qn=f"{moment:%Y%m%d%H%M%S}{record.sent % 1000:03d}",
        st=st,
        cn=HOUR,
        mn=record.series.device,
        cp=build_cp(f"{begun:%Y%m%d%H%M%S}", [(record.series.quantity, fields)]),
        flag=FLAG_2017,
    )
    return build_frame(segment)


def with_bad_crc(right: bytes) -> bytes:
    """The frame with one digit of its data changed, length and CRC left as they were."""
    place = right.rindex(b"-Flag=N") - 1
    changed = b"8" if right[place : place + 1] != b"8" else b"3"
    return right[:place] + changed + right[place + 1 :]


def with_modbus_crc(right: bytes) -> bytes:
    """The frame with the check sum of MODBUS, as some devices send it."""
    data = right[6:-6]
    return right[:6] + data + b"%04X\r\n" % modbus_crc16(data)
