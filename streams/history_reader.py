"""Reading the history: DuckDB over the files that the manifests name, while they are being written."""

import threading
from pathlib import Path
from typing import Any

import duckdb

from records.history import Point
from streams.frame_rows import FRAMES_FOLDER
from streams.history_folder import Manifest, read_manifest
from topics.errors import CityBrainError
from topics.raw_frame import RawFrame
from topics.reading import LATEST_MS

#: Compaction may take a file away between the manifest and its opening; each try reads the manifest anew.
TRIES = 8

_QUERY = """
SELECT "time", "value", flag FROM (
    SELECT DISTINCT "partition", "offset", "time", "value", flag FROM read_parquet(?)
    WHERE series = ? AND "time" >= ? AND "time" < ?
) ORDER BY "time", "partition", "offset"
"""

#: A device's clock may be ahead of the gateway's by so much at most; what is asked back arrives any time later.
CLOCK_MS = 86_400_000

_FRAMES = """
SELECT data_time, "time", frame, peer FROM (
    SELECT DISTINCT "partition", "offset", "time", data_time, frame, peer FROM read_parquet(?)
    WHERE series = ? AND data_time >= ? AND data_time < ?
) ORDER BY "time", "partition", "offset" LIMIT ?
"""


class ParquetHistory:
    """The ``History`` kept under ``root`` (a folder for each domain, one more for frames); any thread may ask.

    What has been flushed is seen at once: the writer flushes every two seconds at the latest.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._engine = duckdb.connect(":memory:", config={"threads": 2, "memory_limit": "512MB"})
        self._lock = threading.Lock()
        self._manifests: dict[Path, tuple[tuple[int, int], Manifest]] = {}
        #: A site belongs to one domain for ever, so its folder is looked for once.
        self._homes: dict[str, Path] = {}

    def close(self) -> None:
        """Give up the engine."""
        self._engine.close()

    def range(self, series: str, start_ms: int, end_ms: int) -> list[Point]:
        """The points with ``start_ms <= time < end_ms``; see ``records.history.History``."""
        site = series.partition("/")[0]
        with self._lock:
            home = self._homes.get(site)
            if home is not None:
                return self._points(home, series, start_ms, end_ms)
            for folder in self._folders():
                if points := self._points(folder, series, start_ms, end_ms):
                    self._homes[site] = folder
                    return points
        return []

    def frames(self, device: str, start_ms: int, end_ms: int, most: int) -> list[RawFrame]:
        """Frames as they came; see ``records.history.History``."""
        with self._lock:
            rows = self._rows(
                self.root / FRAMES_FOLDER,
                (start_ms - CLOCK_MS, LATEST_MS),
                _FRAMES,
                [device, start_ms, end_ms, most],
            )
        return [RawFrame(device, stated, came, frame, peer) for stated, came, frame, peer in rows]

    def _folders(self) -> list[Path]:
        return sorted(path.parent for path in self.root.glob("*/manifest.json") if path.parent.name != FRAMES_FOLDER)

    def _points(self, folder: Path, series: str, start_ms: int, end_ms: int) -> list[Point]:
        rows = self._rows(folder, (start_ms, end_ms), _QUERY, [series, start_ms, end_ms])
        return [Point(*row) for row in rows]

    def _rows(self, folder: Path, span: tuple[int, int], query: str, words: list[Any]) -> list[tuple[Any, ...]]:
        for _ in range(TRIES):
            files = [
                str(folder / file.name)
                for file in self._manifest(folder).files
                if file.first_time < span[1] and file.last_time >= span[0]
            ]
            if not files:
                return []
            try:
                return self._engine.execute(query, [files, *words]).fetchall()
            except duckdb.IOException:
                self._manifests.pop(folder, None)
        raise CityBrainError(f"history {folder}: expected the files of the manifest, got none of them in {TRIES} tries")

    def _manifest(self, folder: Path) -> Manifest:
        try:
            status = (folder / "manifest.json").stat()
        except FileNotFoundError:
            return Manifest("")
        mark = (status.st_mtime_ns, status.st_ino)
        known = self._manifests.get(folder)
        if known is None or known[0] != mark:
            known = (mark, read_manifest(folder) or Manifest(""))
            self._manifests[folder] = known
        return known[1]
