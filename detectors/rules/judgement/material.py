"""What came of one device in one hour: kept so that the order in which it came leaves no trace."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from detectors.rules.judgement.minutes import HOUR_MS, Row, newer
from topics.reading import Reading, parse_series

#: Quantity and statistic: ``("w01018", "Rtd")``.
Name = tuple[str, str]

#: Units a station may send in, and what takes them to the pack's.
FACTORS = {
    ("ug/L", "mg/L"): 1e-3, ("mg/L", "ug/L"): 1e3, ("ug/m3", "mg/m3"): 1e-3, ("mg/m3", "ug/m3"): 1e3,
    ("m3/h", "m3/s"): 1 / 3600, ("m3/h", "L/s"): 1 / 3.6, ("m3/s", "L/s"): 1e3, ("L/s", "m3/s"): 1e-3,
}  # fmt: skip

Key = TypeVar("Key")

INSTANT = frozenset({"Rtd", "ZsRtd"})
OF_PERIOD = frozenset({"Avg", "ZsAvg"})


@dataclass(slots=True)
class HourRows:
    """Live values by time, means of minutes by their bounds, and the device's own hour means, each by name."""

    instants: dict[Name, dict[int, Row]] = field(default_factory=dict)
    minutes: dict[Name, dict[tuple[int, int], Row]] = field(default_factory=dict)
    hours: dict[Name, Row] = field(default_factory=dict)

    def take(self, name: Name, row: Row, period: tuple[int, int] | None) -> bool:
        """Keep a row; whether anything changed by it."""
        if period is None:
            return _put(self.instants.setdefault(name, {}), row.time, row)
        if period[1] - period[0] < HOUR_MS:
            return _put(self.minutes.setdefault(name, {}), period, row)
        return _put(self.hours, name, row)

    def quantities(self) -> set[str]:
        """What was measured at all."""
        return {quantity for part in (self.instants, self.minutes, self.hours) for quantity, _ in part}

    def instant(self, quantity: str, statistic: str) -> list[Row]:
        """The live values of a quantity by one statistic."""
        return list(self.instants.get((quantity, statistic), {}).values())


def _put(kept: dict[Key, Row], key: Key, row: Row) -> bool:
    old = kept.get(key)
    chosen = row if old is None else newer(old, row)
    kept[key] = chosen
    return chosen != old


@dataclass(frozen=True, slots=True)
class Measured:
    """A reading as the book takes it: the device (``site/device``), the start of its hour, name, row and period."""

    device: str
    hour: int
    name: Name
    row: Row
    period: tuple[int, int] | None


def measured(reading: Reading, units: dict[str, str]) -> Measured | str:
    """The reading for the book, or why it is none of its business: ``other`` (a day value, another statistic, a
    quantity the pack does not know) or ``unit`` (one that nothing here converts).
    """
    name = parse_series(reading.series)
    unit = units.get(name.quantity)
    start, end = reading.period_start, reading.period_end
    whole = start is not None and end is not None
    kinds = OF_PERIOD if whole else INSTANT
    if unit is None or name.statistic not in kinds or (start is not None and end is not None and end - start > HOUR_MS):
        return "other"
    factor = 1.0 if reading.unit in ("", unit) else FACTORS.get((reading.unit, unit))
    if factor is None:
        return "unit"
    value = None if reading.value is None else reading.value * factor
    row = Row(reading.time, reading.received, value, reading.flag)
    period = (start, end) if start is not None and end is not None else None
    at = reading.time if period is None else period[0]
    return Measured(f"{name.site}/{name.device}", at - at % HOUR_MS, (name.quantity, name.statistic), row, period)


def packed(rows: HourRows) -> bytes:
    """An hour that is judged, as small as it gets: most hours are never asked for again."""
    flat: list[Any] = [[kind, *name, *key, *row] for kind, name, key, row in _flat(rows)]
    return zlib.compress(msgspec.msgpack.encode(flat), 1)


def unpacked(data: bytes) -> HourRows:
    """The hour as it was."""
    rows = HourRows()
    for kind, quantity, statistic, first, last, *row in msgspec.msgpack.decode(zlib.decompress(data)):
        name, kept = (quantity, statistic), Row(*row)
        if kind == "i":
            rows.instants.setdefault(name, {})[first] = kept
        elif kind == "m":
            rows.minutes.setdefault(name, {})[(first, last)] = kept
        else:
            rows.hours[name] = kept
    return rows


def _flat(rows: HourRows) -> Iterator[tuple[str, Name, tuple[int, int], Row]]:
    for name, instants in rows.instants.items():
        yield from (("i", name, (time, 0), row) for time, row in instants.items())
    for name, minutes in rows.minutes.items():
        yield from (("m", name, bounds, row) for bounds, row in minutes.items())
    yield from (("h", name, (0, 0), row) for name, row in rows.hours.items())
