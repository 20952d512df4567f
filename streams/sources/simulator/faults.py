"""What a wire gets wrong, sent on purpose, and what must become of it: each fault has its expected end."""

from streams.sources.simulator.day import Day
from streams.sources.simulator.doors import Doors
from streams.sources.simulator.frames import UNKNOWN_MN, frame, with_bad_crc, with_modbus_crc
from streams.sources.simulator.report import SentReport
from streams.sources.simulator.script_lines import Fault, ms
from topics.codec import encode
from topics.reading import Reading

#: How far ahead of city time the reading of ``ahead_of_time`` lies: an hour.
AHEAD_MS = 3_600_000

#: A year that no reading can have (2150), beyond ``topics.reading.LATEST_MS``.
ABSURD_MS = 5_680_281_600_000

UNKNOWN_SITE = "plant-unknown"

#: A device has spoken within this long before its fault (two of its minutes).
BEFORE_MS = 120_000

#: A millisecond that no healthy message falls on, so that a fault never repeats a good reading's time.
ODD_MS = 7


class Faults:
    """Sends the faults of a script."""

    def __init__(self, day: Day, doors: Doors, report: SentReport) -> None:
        self.day = day
        self.doors = doors
        self.report = report

    async def send(self, line: Fault) -> None:
        """Send one fault; everything before its time must have been sent."""
        if line.what in ("bad_crc", "modbus_crc", "unknown_mn", "resend"):
            await self._on_hj212(line)
        else:
            await self._on_topic(line)

    async def _on_hj212(self, line: Fault) -> None:
        before = self.day.span(ms(line.at) - BEFORE_MS, ms(line.at)).messages
        message = next(each for each in reversed(before) if each.series[0].site == line.site)
        st = self.day.city.device_kinds[message.device].st
        if line.what == "bad_crc":
            await self._bad(message.device, with_bad_crc(frame(message, st)))
        elif line.what == "modbus_crc":
            await self._bad(message.device, with_modbus_crc(frame(message, st)))
        else:
            mn = UNKNOWN_MN if line.what == "unknown_mn" else message.device
            self.report.resent += await self.doors.frames(mn, [frame(message, st, mn)])
            self.report.frames += 1
            if line.what == "unknown_mn":  # the gateway puts these aside itself, they never see a readings topic
                self.report.unregistered += len(message.values)
            else:
                self.report.readings[message.series[0].domain] += len(message.values)
                self.report.repeated += len(message.values)

    async def _bad(self, device: str, wrong: bytes) -> None:
        await self.doors.bad_frame(device, wrong)
        self.report.frames += 1
        self.report.dead_letters["bad_frame"] += 1

    async def _on_topic(self, line: Fault) -> None:
        series = next(each for each in self.day.city.series if each.site == line.site)
        good = Reading(series.id, ms(line.at) + ODD_MS, 1.0, unit=series.signal.unit, source="simulator")
        key, topic = line.site, f"readings.{series.domain}"
        if line.what == "malformed":
            value = encode(good).replace(b"1.0", b"NaN")
            self.report.dead_letters["malformed_json"] += 1
        elif line.what == "absurd_time":
            value = encode(good).replace(str(good.time).encode(), str(ABSURD_MS).encode())
            self.report.dead_letters["schema_mismatch"] += 1
        elif line.what == "ahead_of_time":
            value = encode(good).replace(str(good.time).encode(), str(good.time + AHEAD_MS).encode())
            self.report.dead_letters["time_ahead"] += 1
        else:
            key = UNKNOWN_SITE
            value = encode(good).replace(line.site.encode(), UNKNOWN_SITE.encode())
            self.report.readings[series.domain] += 1
            self.report.unregistered += 1
        await self.doors.publish(topic, [(key, value)])
