"""From fetches of a readings topic to rows of the history: what is kept, and what is left out and counted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from streams.history_folder import DAY_MS, SCHEMA, Place
from topics.city_zone import ZONE_MS
from topics.codec import Fetch, decode_fetch

#: As the kernel has it: a reading further ahead of city time is a fault (dead letter ``time_ahead``).
AHEAD_MS = 600_000


@dataclass(slots=True)
class Counts:
    """Since the start: rows kept, and records left out because they were no reading, ahead of city
    time, or older than the retention.
    """

    rows: int = 0
    refused: int = 0
    ahead: int = 0
    expired: int = 0


@dataclass(slots=True)
class RowBuffer:
    """Rows of one domain that are decoded and not yet flushed, and the places they reach."""

    retention_days: int
    places: dict[int, Place]
    counts: Counts = field(default_factory=Counts)
    rows: int = 0
    dirty: bool = False
    _parts: list[pa.RecordBatch] = field(default_factory=list)

    @property
    def tick(self) -> int:
        """The last city time seen in any partition, 0 before the first."""
        return max((place.tick for place in self.places.values()), default=0)

    def add(self, partition: int, records: Sequence[Any]) -> None:
        """Take one fetch of one partition, in log order; what is no reading is counted and left out."""
        fetch = decode_fetch([record.value for record in records])
        offsets = np.fromiter((record.offset for record in records), np.int64, len(records))
        place = self.places.get(partition, Place(0, -1, 0))
        self.counts.refused += len(fetch.refused)
        tick = self._take(partition, fetch, offsets, place.tick)
        last = records[-1]
        self.places[partition] = Place(last.offset + 1, last.offset, last.timestamp, tick)
        self.dirty = True

    def flush(self) -> pa.Table:
        """All rows so far; the buffer is then empty."""
        table = pa.Table.from_batches(self._parts, SCHEMA)
        self._parts, self.rows, self.dirty = [], 0, False
        return table

    def _take(self, partition: int, fetch: Fetch, offsets: Any, tick: int) -> int:
        """Keep the fetch's readings; the partition's city time after it."""
        rows = fetch.rows
        time = np.fromiter((row.time for row in rows), np.int64, len(rows))
        keep = np.ones(len(rows), np.bool_)
        reached = np.full(len(rows), tick, np.int64)
        for position, control in fetch.controls:
            keep[position] = False
            if control.series == "~tick" and control.time > tick:
                tick = control.time
                reached[position:] = tick
        ahead = keep & (reached > 0) & (time > reached + AHEAD_MS)
        today = (np.maximum(reached, self.tick) + ZONE_MS) // DAY_MS
        oldest = (today - self.retention_days) * DAY_MS - ZONE_MS
        expired = keep & ~ahead & (time < oldest)
        keep &= ~ahead & ~expired
        self.counts.ahead += int(ahead.sum())
        self.counts.expired += int(expired.sum())
        chosen = rows if keep.all() else [row for row, kept in zip(rows, keep, strict=True) if kept]
        if chosen:
            at = offsets[np.asarray(fetch.index, np.intp)][keep]
            self._parts.append(_batch(chosen, time[keep], partition, at))
            self.rows += len(chosen)
            self.counts.rows += len(chosen)
        return tick


def _batch(rows: Sequence[Any], time: Any, partition: int, offsets: Any) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [
            pa.array([row.series for row in rows], pa.string()),
            pa.array(time),
            pa.array([row.value for row in rows], pa.float64()),
            pa.array([row.flag for row in rows], pa.string()),
            pa.array([row.backfill for row in rows], pa.bool_()),
            pa.array([row.received for row in rows], pa.int64()),
            pa.array(np.full(len(rows), partition, np.int32)),
            pa.array(offsets),
            pa.array([_period(row) for row in rows], pa.int64()),
        ],
        schema=SCHEMA,
    )


def _period(row: Any) -> int:
    return row.period_end - row.period_start if row.period_end and row.period_start else 0
