"""What the generator sends: seeded readings in the full published schema, of about 240 bytes each.

The sequence depends on the seed alone, so a run can be repeated and its expected findings recomputed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topics.codec import encode, partition_of
from topics.reading import Control

#: All fields of ``Reading``, as a gateway writes them when it has them all, in pieces: what a series always sends is
#: encoded once, what a whole round shares once a round. Whoever makes 100,000 a second takes none from the worker.
BEFORE_TIME = '{{"series":"{series}","time":'
AFTER_TIME = b'%d,"value":'
AFTER_VALUE = ',"flag":"N","unit":"{unit}","source":"load/{device}","received":'
AT_END = b'%d,"period_start":%d,"period_end":%d,"backfill":false,"schema":1}'


class Message(NamedTuple):
    """One record, ready to be appended to a batch of its partition."""

    partition: int
    key: bytes | None
    value: bytes


@dataclass(frozen=True, slots=True)
class Workload:
    """``series`` readings make a round; a round is ``interval_ms`` of event time.

    Healthy values keep within ``level`` ± a few per cent. One reading in ``breach_every`` is ``breach``
    (beyond the limit), the next of its series is healthy again: one opening and one closing.

    ``hot_share`` of all series are the first site's: one key, so one partition has at least this share of the traffic.
    A round comes in ``slices`` of equal length, each with its own ticks and event time: a city whose points report
    once a minute, spread over the minute, has 60.
    """

    seed: int
    partitions: int
    series: int = 5_000
    series_per_site: int = 10
    quantity: str = "so2"
    unit: str = "mg/m³"
    interval_ms: int = 1_000
    level: float = 20.0
    breach: float = 90.0
    breach_every: int = 2_000
    name: str = "load"
    hot_share: float = 0.0
    slices: int = 1

    @property
    def sites(self) -> int:
        """How many sites its series are of."""
        return self.site_of(self.series - 1) + 1

    def site_of(self, number: int) -> int:
        """The site of series ``number``."""
        return (
            max(0, number - max(0, round(self.hot_share * self.series) - self.series_per_site)) // self.series_per_site
        )

    def site(self, number: int) -> str:
        """Id of site ``number``."""
        return f"{self.name}-{number:05d}"

    def device(self, number: int) -> str:
        """Id of the device of series ``number``; the name is in it, because a device is in the registry once."""
        return f"{self.name}-{number:09d}"

    def devices(self) -> Sequence[tuple[str, str]]:
        """(site id, device id) of every series."""
        return [(self.site(self.site_of(number)), self.device(number)) for number in range(self.series)]

    def partition(self, number: int) -> int:
        """The partition of series ``number``."""
        return partition_of(self.site(self.site_of(number)), self.partitions)

    def series_id(self, number: int) -> str:
        """Id of series ``number``."""
        return f"{self.site(self.site_of(number))}/{self.device(number)}/{self.quantity}/Rtd"

    def values(self, start_ms: int, lot: int = 0) -> Iterator[tuple[int, NDArray[np.float64]]]:
        """Event time (ms UTC) and the value of every series, round after round for ever.

        Another ``lot`` has other noise around the same levels.
        """
        generator = np.random.default_rng(self.seed)
        levels = self.level * generator.uniform(0.8, 1.2, self.series)
        if lot:
            generator = np.random.default_rng((self.seed, lot))
        time_ms = start_ms - start_ms % 1000
        while True:
            values = levels * (1 + 0.02 * generator.standard_normal(self.series))
            values[generator.random(self.series) < 1 / self.breach_every] = self.breach
            yield time_ms, values
            time_ms += self.interval_ms

    def rounds(self, start_ms: int) -> Iterator[list[Message]]:
        """Round after round, or slice after slice, for ever: a tick in every partition, then a reading of each series
        of the slice."""
        shapes = [self._shape(number) for number in range(self.series)]
        step_ms = self.interval_ms // self.slices
        for round_ms, values in self.values(start_ms):
            for part in range(self.slices):
                time_ms, chosen = round_ms + part * step_ms, slice(part, None, self.slices)
                tick = encode(Control("~tick", time_ms))
                messages = [Message(partition, None, tick) for partition in range(self.partitions)]
                time, end = AFTER_TIME % time_ms, AT_END % (time_ms, time_ms - self.interval_ms, time_ms)
                messages += [
                    Message(partition, key, b"".join((before, time, b"%.3f" % value, after, end)))
                    for (partition, key, before, after), value in zip(
                        shapes[chosen], values[chosen].tolist(), strict=True
                    )
                ]
                yield messages

    def _shape(self, number: int) -> tuple[int, bytes, bytes, bytes]:
        site, device = self.site(self.site_of(number)), self.device(number)
        before = BEFORE_TIME.format(series=self.series_id(number)).encode()
        after = AFTER_VALUE.format(unit=self.unit, device=device).encode()
        return self.partition(number), site.encode(), before, after
