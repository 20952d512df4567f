"""Past readings from the history's Parquet files, in the order in which they came."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from streams.backtesting.past import Past, Place, with_ticks
from streams.batch import Batch
from streams.history_folder import Manifest, read_manifest
from topics.errors import PartMissing
from topics.reading import Reading

ROWS = 20_000

_QUERY = """
SELECT DISTINCT "offset", series, "time", "value", flag, backfill, received FROM read_parquet(?)
WHERE "partition" = ? AND "time" >= ? AND "time" < ? ORDER BY "offset"
"""


class HistoryPast(Past):
    """The history of ``domain`` under ``root`` of event times ``start_ms <= time < end_ms``.

    Places and order are the log's own, so a reading is judged as the worker judged it. City time is not kept in the
    history: it is taken from the readings, minute by minute, so silence and the forest's looks may come up to a
    minute later than live. What does not fit in half a gigabyte is sorted on disk. Raises ``PartMissing`` where
    nothing has been kept.
    """

    def __init__(self, root: Path, domain: str, topic: str, partitions: int, start_ms: int, end_ms: int) -> None:
        self.topic = topic
        self.folder = root / domain
        self._partitions = partitions
        self._span = (start_ms, end_ms)
        self._room = tempfile.TemporaryDirectory(prefix="citybrain-backtest-")
        self._engine = duckdb.connect(
            ":memory:", config={"threads": 1, "memory_limit": "512MB", "temp_directory": self._room.name}
        )
        if read_manifest(self.folder) is None:
            self.close()
            raise PartMissing(f"history {self.folder}: expected what `citybrain history` has kept there, got nothing")

    @property
    def partitions(self) -> int:
        return self._partitions

    def batches(self, partition: int) -> Iterator[Batch]:
        yield from with_ticks(self._pieces(partition), self.tick_ms)

    def expected(self) -> int:
        return sum(file.rows for file in self._files())

    def begins(self) -> int:
        return max(self._span[0], min((file.first_time for file in self._files()), default=0))

    def close(self) -> None:
        self._engine.close()
        self._room.cleanup()

    def _files(self) -> list[Any]:
        start, end = self._span
        manifest = read_manifest(self.folder) or Manifest("")
        return [file for file in manifest.files if file.first_time < end and file.last_time >= start]

    def _pieces(self, partition: int) -> Iterator[tuple[Sequence[Reading], Sequence[Place]]]:
        files = [str(self.folder / file.name) for file in self._files()]
        if not files:
            return
        with self._engine.cursor() as engine:
            found = engine.execute(_QUERY, [files, partition, *self._span])
            while rows := found.fetchmany(ROWS):
                yield (
                    [Reading(row[1], row[2], row[3], flag=row[4], backfill=row[5]) for row in rows],
                    [Place(row[0], row[6]) for row in rows],
                )
