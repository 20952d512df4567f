"""One domain's folder of Parquet files and the manifest that says which of them count.

The manifest lists the files and, with them, the offsets they reach: it is replaced in one step (write,
fsync, rename), so a crash at any moment leaves either the old truth or the new one, and a restart reads on
at exactly the right record. A file that the manifest does not name does not exist; it is swept at opening.
"""

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from topics.city_zone import ZONE_MS
from topics.errors import ConfigurationError, PartMissing

DAY_MS = 86_400_000

#: Rows of a row group: about a day of one series at 2 s; a range query reads one or two of them.
GROUP_ROWS = 40_960

#: So many files of a day and level become one of the next level.
FAN_IN = 8

#: A day nothing has been added to for so many appends is merged into one file.
QUIET_APPENDS = 30

SCHEMA = pa.schema(
    [
        pa.field("series", pa.string(), nullable=False),
        pa.field("time", pa.int64(), nullable=False),
        pa.field("value", pa.float64()),
        pa.field("flag", pa.string(), nullable=False),
        pa.field("backfill", pa.bool_(), nullable=False),
        pa.field("received", pa.int64(), nullable=False),
        pa.field("partition", pa.int32(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
        #: Length in ms of the period a value stands for (an hour mean), 0 = a moment; files of before have none.
        pa.field("period", pa.int64()),
    ]
)
ORDER = [("series", "ascending"), ("time", "ascending"), ("partition", "ascending"), ("offset", "ascending")]


class DataFile(msgspec.Struct, frozen=True):
    """One Parquet file. ``day`` is days since 1970 in the city's zone; ``last_time`` is inclusive."""

    name: str
    day: int
    level: int
    rows: int
    first_time: int
    last_time: int


class Place(msgspec.Struct, frozen=True):
    """How far one partition has been kept: the next offset, and the stamp of the last record before it,
    by which a topic that was made anew is noticed. ``tick`` is the last city time seen in it.
    """

    next: int
    last: int
    stamp: int
    tick: int = 0


class Manifest(msgspec.Struct, frozen=True):
    """What counts: the files, and the place of each partition (by its number as text)."""

    topic: str
    number: int = 0
    files: tuple[DataFile, ...] = ()
    places: dict[str, Place] = {}
    schema: int = 1


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest in force, ``None`` where there is none. Raises ``ConfigurationError`` if it is broken."""
    path = folder / "manifest.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise ConfigurationError(f"history {path}: expected a manifest, got: {error}") from error


class HistoryFolder:
    """The one writer of a folder; thread-safe, so that compaction runs beside appending.

    Raises ``PartMissing`` if another process writes there, ``ConfigurationError`` for another topic's folder.
    """

    def __init__(self, folder: Path, topic: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._owner = (folder / "lock").open("w")
        try:
            fcntl.flock(self._owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._owner.close()
            raise PartMissing(f"history {folder}: expected to be its only writer, got another one at work") from None
        self.manifest = read_manifest(folder) or Manifest(topic)
        if self.manifest.topic != topic:
            self.close()
            raise ConfigurationError(f"history {folder}: expected topic {topic}, got one of {self.manifest.topic}")
        self._lock = threading.Lock()
        self._appends = 0
        self._touched: dict[int, int] = {}
        self._sweep()

    def close(self) -> None:
        """Let another process write here."""
        self._owner.close()

    def __enter__(self) -> "HistoryFolder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(self, rows: pa.Table, places: Mapping[int, Place]) -> None:
        """Keep these rows and places for good, both or neither. ``rows`` has ``SCHEMA`` in any order."""
        number = self.manifest.number + 1
        days = pc.floor(pc.divide(pc.cast(pc.add(rows["time"], ZONE_MS), pa.float64()), float(DAY_MS)))
        days = pc.cast(days, pa.int64())
        made = []
        for day in sorted(pc.unique(days).to_pylist()):
            part = rows.filter(pc.equal(days, day)).sort_by(ORDER)
            name = f"{day}-{number}-0.parquet"
            self._write(name, lambda path, part=part: pq.write_table(part, path, GROUP_ROWS, compression="zstd"))
            made.append(_described(name, day, 0, part))
        with self._lock:
            self._appends += 1
            self._touched |= dict.fromkeys((file.day for file in made), self._appends)
            merged = self.manifest.places | {str(partition): place for partition, place in places.items()}
            self._publish(number, (*self.manifest.files, *made), merged)

    def compact(self, today: int) -> bool:
        """Merge one set of files into one if there is one worth it; whether there was."""
        with self._lock:
            chosen = self._worth_merging(today)
        if not chosen:
            return False
        level = max(file.level for file in chosen) + 1
        name = f"{chosen[0].day}-{chosen[-1].name.split('-')[1]}-{level}.parquet"
        self._write(name, lambda path: self._merge(chosen, path))
        merged = DataFile(
            name,
            chosen[0].day,
            level,
            sum(file.rows for file in chosen),
            min(file.first_time for file in chosen),
            max(file.last_time for file in chosen),
        )
        with self._lock:
            rest = [file for file in self.manifest.files if file not in chosen]
            self._publish(self.manifest.number + 1, (*rest, merged), self.manifest.places)
        self._remove(chosen)
        return True

    def expire(self, before_day: int) -> int:
        """Drop the days before this one; how many files that were."""
        with self._lock:
            old = [file for file in self.manifest.files if file.day < before_day]
            if old:
                rest = tuple(file for file in self.manifest.files if file.day >= before_day)
                self._publish(self.manifest.number + 1, rest, self.manifest.places)
        self._remove(old)
        return len(old)

    def _worth_merging(self, today: int) -> list[DataFile]:
        by_level: dict[tuple[int, int], list[DataFile]] = {}
        by_day: dict[int, list[DataFile]] = {}
        for file in self.manifest.files:
            by_level.setdefault((file.day, file.level), []).append(file)
            by_day.setdefault(file.day, []).append(file)
        for _, files in sorted(by_level.items()):
            if len(files) >= FAN_IN:
                return files
        for day, files in sorted(by_day.items()):
            if day < today and len(files) > 1 and self._touched.get(day, 0) <= self._appends - QUIET_APPENDS:
                return files
        return []

    def _merge(self, files: list[DataFile], target: Path) -> None:
        with duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "512MB"}) as engine:
            engine.execute(
                "COPY (SELECT * FROM read_parquet(?, union_by_name = true) "
                'ORDER BY series, "time", "partition", "offset") '
                f"TO {_quoted(target)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {GROUP_ROWS})",
                [[str(self.folder / file.name) for file in files]],
            )

    def _write(self, name: str, write: Any) -> None:
        temporary = self.folder / f"{name}.tmp"
        write(temporary)
        _sync(temporary)
        temporary.rename(self.folder / name)

    def _publish(self, number: int, files: tuple[DataFile, ...], places: dict[str, Place]) -> None:
        manifest = Manifest(self.manifest.topic, max(number, self.manifest.number + 1), files, places)
        temporary = self.folder / "manifest.json.tmp"
        temporary.write_bytes(msgspec.json.encode(manifest))
        _sync(temporary)
        _sync(self.folder)  # the data files' names, before anything speaks of them
        temporary.rename(self.folder / "manifest.json")
        _sync(self.folder)
        self.manifest = manifest

    def _remove(self, files: Iterable[DataFile]) -> None:
        # Readers who still have one open go on reading it; those who come too late read the manifest again.
        for file in files:
            with contextlib.suppress(FileNotFoundError):
                (self.folder / file.name).unlink()

    def _sweep(self) -> None:
        named = {file.name for file in self.manifest.files}
        for path in self.folder.iterdir():
            if path.suffix == ".tmp" or (path.suffix == ".parquet" and path.name not in named):
                path.unlink()


def _described(name: str, day: int, level: int, rows: pa.Table) -> DataFile:
    bounds = pc.min_max(rows["time"]).as_py()
    return DataFile(name, day, level, rows.num_rows, bounds["min"], bounds["max"])


def _quoted(path: Path) -> str:
    """A path as an SQL string: COPY takes no parameter for its target."""
    return "'" + str(path).replace("'", "''") + "'"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
