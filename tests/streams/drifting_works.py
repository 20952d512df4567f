"""Works whose sensors are read each ten minutes and move to another level for good: as messages, and as history."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import msgspec
import pyarrow as pa

from detectors.backtest import Step
from detectors.base import FloatArray
from records.registry import Device, Registry, SeriesMeta, Site, registry_of
from streams.history_folder import SCHEMA, HistoryFolder, Place
from tests.detectors.healthy_city import DAY, City
from tests.detectors.small_pack import START, domain, quantity
from topics.codec import partition_of
from topics.domain import Domain
from topics.finding import Text
from topics.published_pack import from_published, publish_form
from topics.reading import Control, Reading

DAY_MS = 86_400_000
#: Where the works run after the drift: far from before within the instruments' span, and healthy.
MOVED_BY = 60.0


class Works:
    """``sensors`` of the domain ``name``, ten to a site; ``drift`` is the day after which they run at another level."""

    def __init__(self, name: str, sensors: int, drift: int, seed: int = 3) -> None:
        quantities = {"temp": quantity(interval_s=600)}
        made = msgspec.structs.replace(domain(quantities), name=name, partitions=2)
        self.domain: Domain = from_published(publish_form(made, START))  # as read from the wire
        sites = [self._site(number) for number in range(-(-sensors // 10))]
        self.names = [f"{sites[number // 10]}/p{number}/temp/Rtd" for number in range(sensors)]
        self.city = City(sensors, seed)
        self.drift = drift

    def _site(self, number: int) -> str:
        """Sites lie in the partitions in turn."""
        ids = (f"{self.domain.name}-{number}-{tried}" for tried in count())
        return next(each for each in ids if self.partition(each) == number % self.domain.partitions)

    @property
    def now(self) -> int:
        return self.city.now

    def records(self) -> list[Site | Device]:
        """What the registry must know."""
        site_ids = sorted({name.split("/")[0] for name in self.names})
        sites = [Site(each, self.domain.name, Text("厂", "Works"), "Firm", "120116", 39.0, 117.7) for each in site_ids]
        return [*sites, *(Device(each.split("/")[1], each.split("/")[0], "probe", _TEMP) for each in self.names)]

    def registry(self) -> Registry:
        return registry_of(self.records())

    def partition(self, name: str) -> int:
        return partition_of(name.split("/")[0], self.domain.partitions)

    def days(self, length: float, silent: frozenset[int] = frozenset()) -> Iterator[Reading | Control]:
        """So many days from where the works stand; ``silent`` sensors say nothing in the last three hours."""
        steps = int(length * DAY)

        def spoil(step: int, values: FloatArray) -> FloatArray:
            values = values + (MOVED_BY if self.now >= START + self.drift * DAY_MS else 0.0)
            if step >= steps - 18:
                values[sorted(silent)] = float("nan")
            return values

        for each in self.city.steps(steps, spoil):
            if isinstance(each, Step):
                yield each.control
                continue
            for slot, time, value in zip(each.slot.tolist(), each.time_ms.tolist(), each.value.tolist(), strict=True):
                yield Reading(self.names[slot], time, value)
        yield Control("~tick", self.now)

    def keep(self, root: Path, length: float, *, flush_rows: int = 5_000) -> None:
        """Days written to the history as the keeper would, ``flush_rows`` at a time."""
        readings = [each for each in self.days(length) if isinstance(each, Reading)]
        with HistoryFolder(root / self.domain.name, self.domain.topic) as folder:
            for first in range(0, len(readings), flush_rows):
                part = readings[first : first + flush_rows]
                folder.append(table(part, first), {0: Place(first + len(part), first + len(part) - 1, 1, self.now)})


def table(readings: list[Reading], first_offset: int) -> pa.Table:
    """Rows of the history."""
    columns = [
        [each.series for each in readings],
        [each.time for each in readings],
        [each.value for each in readings],
        [each.flag for each in readings],
        [each.backfill for each in readings],
        [each.received for each in readings],
        [0] * len(readings),
        list(range(first_offset, first_offset + len(readings))),
        [0] * len(readings),
    ]
    return pa.table(columns, schema=SCHEMA)


_TEMP = {"temp": SeriesMeta()}
