"""From fetches of the topic of raw frames to rows of the history, sorted by device as readings are by series."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pyarrow as pa

from streams.history_folder import Place
from streams.history_rows import Counts
from topics.raw_frame import RawFrame

#: Beside the domains' folders; no domain's name begins like this.
FRAMES_FOLDER = "_raw-frames"

#: A folder sorts and cuts into days by ``series`` and ``time``: here the device's MN, and the arrival, because a device
#: may say any ``data_time``.
SCHEMA = pa.schema(
    [
        pa.field("series", pa.string(), nullable=False),
        pa.field("time", pa.int64(), nullable=False),
        pa.field("data_time", pa.int64(), nullable=False),
        pa.field("frame", pa.binary(), nullable=False),
        pa.field("peer", pa.string(), nullable=False),
        pa.field("partition", pa.int32(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
    ]
)


@dataclass(slots=True)
class FrameBuffer:
    """Frames that are decoded and not yet flushed, and the places they reach; as ``RowBuffer`` for readings."""

    places: dict[int, Place]
    counts: Counts = field(default_factory=Counts)
    rows: int = 0
    dirty: bool = False
    _parts: list[tuple[RawFrame, int, int]] = field(default_factory=list)
    _decoder: msgspec.json.Decoder[RawFrame] = field(default_factory=lambda: msgspec.json.Decoder(RawFrame))

    @property
    def tick(self) -> int:
        """The latest arrival in any partition, 0 before the first."""
        return max((place.tick for place in self.places.values()), default=0)

    def add(self, partition: int, records: Sequence[Any]) -> None:
        """Take one fetch of one partition; what is no frame is counted and left out."""
        tick = self.places.get(partition, Place(0, -1, 0)).tick
        for record in records:
            try:
                frame = self._decoder.decode(record.value or b"")
            except msgspec.MsgspecError:
                self.counts.refused += 1
                continue
            tick = max(tick, frame.received)
            self._parts.append((frame, partition, record.offset))
            self.counts.rows += 1
        last = records[-1]
        self.places[partition] = Place(last.offset + 1, last.offset, last.timestamp, tick)
        self.rows, self.dirty = len(self._parts), True

    def flush(self) -> pa.Table:
        """All rows so far; the buffer is then empty."""
        parts, self._parts = self._parts, []
        self.rows, self.dirty = 0, False
        return pa.Table.from_pylist(
            [
                {
                    "series": frame.device,
                    "time": frame.received,
                    "data_time": frame.time,
                    "frame": frame.frame,
                    "peer": frame.peer,
                    "partition": partition,
                    "offset": offset,
                }
                for frame, partition, offset in parts
            ],
            SCHEMA,
        )
