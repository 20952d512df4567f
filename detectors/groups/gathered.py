"""Healthy vectors of groups, bounded: what their models are fitted from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from detectors.base import FloatArray, SlotArray

#: Vectors kept for a group, the newest: a week of minutes.
MOST_VECTORS = 10_080


@dataclass(frozen=True, slots=True)
class Gathered:
    """``rows`` (n, d) of one place's group ``name``, one for each period, oldest first; NaN where nothing healthy
    came. ``series``: what the channels are, in order of their names."""

    name: str
    series: tuple[str, ...]
    rows: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where the channels of groups lie in rows over all seats: by place its group and its seats."""

    places: Mapping[str, tuple[str, SlotArray]]
    series: tuple[str, ...]


class GroupSamples:
    """Rows over all seats, as kernels take them. Of a place that has got another channel only what came since."""

    def __init__(self, most: int = MOST_VECTORS) -> None:
        self.most = most
        self._chunks: dict[Layout, list[FloatArray]] = {}
        self._count: dict[Layout, int] = {}

    def take(self, layout: Layout, rows: FloatArray) -> None:
        """Rows (periods, seats), each period once and in order."""
        chunks = self._chunks.setdefault(layout, [])
        chunks.append(rows)
        count = self._count.get(layout, 0) + len(rows)
        while count - len(chunks[0]) >= self.most:
            count -= len(chunks.pop(0))
        self._count[layout] = count

    def gathered(self) -> dict[str, Gathered]:
        """What there is, by place."""
        found: dict[str, Gathered] = {}
        for layout, chunks in self._chunks.items():
            rows = np.concatenate(chunks)
            for subject, (name, seats) in layout.places.items():
                series, mine = tuple(layout.series[seat] for seat in seats.tolist()), rows[:, seats]
                before = found.get(subject)
                if before is not None and before.series == series:
                    mine = np.concatenate([before.rows, mine])
                found[subject] = Gathered(name, series, mine[-self.most :])
        return dict(sorted(found.items()))
