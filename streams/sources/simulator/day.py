"""The day as it is sent: any span of city time gives the readings, events and faults that fall in it. Pure.

``Day.span`` may be asked for any cut of time; the cuts together give each reading exactly once.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from detectors.base import BoolArray, FloatArray, IntArray
from streams.sources.simulator.city import City, Series
from streams.sources.simulator.effects import Effects
from streams.sources.simulator.hour_records import HourRecord, Records
from streams.sources.simulator.outdoors import Outdoors, Report
from streams.sources.simulator.script import Dense, Script
from streams.sources.simulator.script_lines import Backfill, Fault, ms
from streams.sources.simulator.signals import MINUTE_MS, Signals
from streams.sources.simulator.yard_story import yard_events
from topics.events import Event
from topics.kitchen_events import Kitchen


@dataclass(frozen=True, slots=True)
class Block:
    """Readings on one grid, as arrays of shape (series, n). Only where ``sent`` is true is there a reading.

    ``rows`` are the indices of the series. Series of one device share their times.
    """

    rows: IntArray
    times: IntArray
    values: FloatArray
    sent: BoolArray

    def count(self) -> int:
        return int(self.sent.sum())


@dataclass(frozen=True, slots=True)
class Message:
    """What one device says at one time: values in the order of its series."""

    device: str
    time: int
    series: tuple[Series, ...]
    values: tuple[float, ...]
    backfill: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """All that falls in [start, end) of city time: messages in the order of time, events, faults, what vehicles and
    kitchens' cameras say, loggers' hour records.
    """

    start: int
    end: int
    messages: list[Message] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    kitchens: list[Kitchen] = field(default_factory=list)
    hours: list[HourRecord] = field(default_factory=list)


class Day:
    """One city, one script."""

    def __init__(self, city: City, script: Script) -> None:
        self.city = city
        self.script = script
        self.signals = Signals(city)
        self.series = city.series
        self.events = yard_events(script.lines)
        self.outdoors = Outdoors(script.lines)
        self._hours = Records(script.lines, city.series, self._live)
        self._effects = Effects(script.lines, city.series)
        self._dense: Sequence[Dense] = script.play.dense if script.play else ()
        self._offset = np.array([city.device_offsets_ms[each.device] for each in city.series], dtype=np.int64)
        self._of_device: dict[str, list[Series]] = {}
        for each in city.series:
            self._of_device.setdefault(each.device, []).append(each)
        self._backfills = [line for line in script.lines if isinstance(line, Backfill)]
        self._faults = sorted(
            (line for line in script.lines if isinstance(line, Fault)), key=lambda line: (line.at, line.id)
        )
        self._event_times = [event.time for event in self.events]

    def events_before(self, time_ms: int) -> list[Event]:
        """The events before the play begins: what happened in the weeks before."""
        return self.events[: bisect_left(self._event_times, time_ms)]

    def span(self, start_ms: int, end_ms: int) -> Span:
        """Everything in [start, end)."""
        messages = [message for block in self.blocks(start_ms, end_ms) for message in self._messages(block)]
        for line in self._backfills:
            if start_ms <= ms(line.at) < end_ms:
                messages += self._kept(line)
        messages.sort(key=lambda message: (message.time if not message.backfill else start_ms, message.device))
        return Span(
            start_ms,
            end_ms,
            messages,
            self.events[bisect_left(self._event_times, start_ms) : bisect_left(self._event_times, end_ms)],
            [line for line in self._faults if start_ms <= ms(line.at) < end_ms],
            self.outdoors.reports_in(start_ms, end_ms),
            self.outdoors.words_in(start_ms, end_ms),
            self._hours.sent_in(start_ms, end_ms),
        )

    def blocks(self, start_ms: int, end_ms: int, *, quiet_too: bool = False) -> Iterator[Block]:
        """The readings in [start, end) as arrays: one block of all series by the minute, and one for each dense
        window. ``quiet_too`` marks as sent what a silence keeps back (that is what is filled in later).
        """
        yield self._block(start_ms, end_ms, MINUTE_MS, np.arange(len(self.series)), None, quiet_too)
        for window in self._dense:
            first, last = max(start_ms, ms(window.start)), min(end_ms, ms(window.end))
            if first < last:
                rows = np.array([each.index for each in self.series if each.site in window.sites])
                yield self._block(first, last, window.step_s * 1000, rows, window, quiet_too)

    def history(self, start_ms: int, end_ms: int) -> tuple[list[str], IntArray, FloatArray]:
        """Healthy readings by the minute for priming models: series ids, ``times`` and ``values`` (series, n)."""
        grid, values = self.signals.minutes(start_ms, end_ms)
        return [each.id for each in self.series], grid + self._offset[:, None], values

    def _block(
        self, start_ms: int, end_ms: int, step_ms: int, rows: IntArray, window: Dense | None, quiet_too: bool
    ) -> Block:
        # A device speaks at its own second of the minute, so the grid begins one step earlier.
        if window is None:
            grid, values = self.signals.minutes(start_ms - MINUTE_MS, end_ms)
        else:
            grid, values = self.signals.fine(start_ms - step_ms, end_ms, step_ms)
        times = grid + self._offset[:, None] % step_ms
        values = values.copy()
        changed = self._effects.values(times, values, self._healthy)
        if changed.size:
            values[changed] = self.signals.rounded(values[changed], changed)
        sent = (times >= start_ms) & (times < end_ms)
        if not quiet_too:
            sent &= self._effects.sent(times)
        if window is None:
            sent &= ~self._in_dense(times)
        return Block(rows, times[rows], values[rows], sent[rows])

    def _in_dense(self, times: IntArray) -> BoolArray:
        inside = np.zeros(times.shape, dtype=bool)
        for window in self._dense:
            rows = [each.index for each in self.series if each.site in window.sites]
            inside[rows] |= (times[rows] >= ms(window.start)) & (times[rows] < ms(window.end))
        return inside

    def _live(self, series: Series, start_ms: int, end_ms: int) -> list[float]:
        """The values that a series sends in [start, end)."""
        values: list[float] = []
        for block in self.blocks(start_ms, end_ms):
            for place in np.flatnonzero(block.rows == series.index):
                values += block.values[place][block.sent[place]].tolist()
        return values

    def _healthy(self, row: int, time_ms: int) -> float:
        _, values = self.signals.minutes(time_ms // MINUTE_MS * MINUTE_MS, time_ms // MINUTE_MS * MINUTE_MS + 1)
        return float(values[row, 0])

    def _messages(self, block: Block, *, backfill: bool = False) -> Iterator[Message]:
        place = {int(row): at for at, row in enumerate(block.rows)}
        for device, series in self._of_device.items():
            if series[0].index not in place:
                continue
            at = [place[each.index] for each in series]
            columns = np.flatnonzero(block.sent[at[0]])
            if not columns.size:
                continue
            times = block.times[at[0], columns].tolist()
            values = block.values[at][:, columns].T.tolist()
            named = tuple(series)
            for time, row in zip(times, values, strict=True):
                yield Message(device, time, named, tuple(row), backfill)

    def _kept(self, line: Backfill) -> list[Message]:
        """What a silent device had kept, in the order of time."""
        found = [
            message
            for block in self.blocks(ms(line.start), ms(line.end), quiet_too=True)
            for message in self._messages(block, backfill=True)
            if message.series[0].site == line.site
        ]
        return sorted(found, key=lambda message: (message.time, message.device))
