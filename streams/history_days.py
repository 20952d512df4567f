"""A domain's history in the order of time, in pieces that fit in memory: what a kernel is run over again."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from detectors.base import BoolArray, FloatArray, IntArray, SlotArray
from streams.history_folder import Manifest, read_manifest
from streams.history_reader import TRIES
from topics.errors import CityBrainError, PartMissing

#: Rows of the files that one query sorts. How many it turns out to be must not show: pieces end on this grid.
PIECE_ROWS = 4_000_000
GRID_MS = 300_000
LONGEST_MS = 86_400_000

_SERIES = 'SELECT DISTINCT series FROM read_parquet(?) WHERE "time" >= ? AND "time" < ? ORDER BY series'
_PIECE = """
SELECT chosen.place AS place, "time", coalesce("value", 'nan'::DOUBLE) AS "value", flag = 'N' AS usable
FROM read_parquet(?) JOIN chosen USING (series)
WHERE "time" >= ? AND "time" < ? ORDER BY "time", "partition", "offset"
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """Readings of some series in the order of event time, as arrays of one length: ``which`` of the series asked
    for, ``time`` (ms UTC), ``value`` (NaN = none came), ``usable`` whether its data flag is N."""

    which: SlotArray
    time: IntArray
    value: FloatArray
    usable: BoolArray


class HistoryDays:
    """The history of ``domain`` under ``root``; to be used with ``with``. One thread, and what does not fit in half
    a gigabyte is sorted on disk. Raises ``PartMissing`` where nothing has been kept of this domain.
    """

    def __init__(self, root: Path, domain: str) -> None:
        self.folder = root / domain
        self._room = tempfile.TemporaryDirectory(prefix="citybrain-fit-")
        self._engine = duckdb.connect(
            ":memory:", config={"threads": 1, "memory_limit": "512MB", "temp_directory": self._room.name}
        )

    def __enter__(self) -> "HistoryDays":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._engine.close()
        self._room.cleanup()

    def series(self, start_ms: int, end_ms: int) -> list[str]:
        """The ids of all series read in ``start_ms <= time < end_ms``, sorted."""
        found = self._asked(_SERIES, start_ms, end_ms)
        return [] if found is None else [str(each) for each in found["series"]]

    def pieces(self, chosen: Sequence[str], start_ms: int, end_ms: int) -> Iterator[Piece]:
        """All readings of these series in ``start_ms <= time < end_ms``; no time is in two pieces."""
        self._engine.register("chosen", pa.table({"series": list(chosen), "place": np.arange(len(chosen))}))
        begin = start_ms
        while begin < end_ms:
            end = min(end_ms, (begin + self._length(begin)) // GRID_MS * GRID_MS)
            found = self._asked(_PIECE, begin, end)
            if found is not None and len(found["time"]):
                yield Piece(
                    np.asarray(found["place"], np.intp),
                    np.asarray(found["time"], np.int64),
                    np.asarray(found["value"], np.float64),
                    np.asarray(found["usable"], np.bool_),
                )
            begin = end

    def _length(self, begin: int) -> int:
        """How much time from here is a piece: shorter where the files are fuller."""
        files = [
            each for each in self._manifest().files if each.first_time < begin + LONGEST_MS and each.last_time >= begin
        ]
        share = PIECE_ROWS / max(1, sum(file.rows for file in files))
        return max(GRID_MS, int(min(1.0, share) * LONGEST_MS) // GRID_MS * GRID_MS)

    def _manifest(self) -> Manifest:
        manifest = read_manifest(self.folder)
        if manifest is None:
            raise PartMissing(f"history {self.folder}: expected what `citybrain history` has kept there, got nothing")
        return manifest

    def _asked(self, query: str, start_ms: int, end_ms: int) -> Any:
        """The answer as a dict of arrays, ``None`` where no file has anything of that time. Compaction may take a
        file away meanwhile: the manifest is read anew then."""
        for _ in range(TRIES):
            files = [
                str(self.folder / file.name)
                for file in self._manifest().files
                if file.first_time < end_ms and file.last_time >= start_ms
            ]
            if not files:
                return None
            try:
                return self._engine.execute(query, [files, start_ms, end_ms]).fetchnumpy()
            except duckdb.IOException:
                continue
        raise CityBrainError(
            f"history {self.folder}: expected the files of the manifest, got none of them in {TRIES} tries"
        )


def kept_until(root: Path, domain: str, partitions: int) -> int:
    """City time up to which all that came in every partition of the domain has been kept, ms UTC; 0 = nothing yet."""
    manifest = read_manifest(root / domain)
    places = manifest.places if manifest else {}
    return min(place.tick for place in places.values()) if len(places) >= max(1, partitions) else 0


def reached(root: Path, domain: str, partitions: int, time_ms: int) -> bool:
    """Whether all that came before city time ``time_ms`` in every partition of the domain has been kept."""
    return kept_until(root, domain, partitions) >= time_ms
