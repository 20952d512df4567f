"""Past readings from a CSV or Parquet file: anybody's data, with no broker and no registry."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from streams.backtesting.past import Past, Place, with_ticks
from streams.backtesting.times import moment
from streams.batch import Batch
from topics.errors import ConfigurationError
from topics.reading import EARLIEST_MS, LATEST_MS, Reading

NEEDED = ("series", "time", "value")
OPTIONAL = ("flag", "backfill")
#: Rows handed over at a time.
ROWS = 20_000


class FilePast(Past):
    """A CSV file with a header, or a Parquet file (``*.parquet``), with the columns ``series``
    (``site/device/quantity/statistic``), ``time`` (ISO 8601 or a timestamp, the city's zone where it names none, or ms
    UTC), ``value`` (empty = none came), and where they are given ``flag`` (HJ 212, N = normal) and ``backfill`` (true
    or false).

    Rows are judged in the order of time, equal times as they stand in the file; an "offset" is a row's place in
    that order, from 0. All sites lie in one partition. Raises ``ConfigurationError`` for a file that is none of this.
    """

    def __init__(self, path: Path, zone: ZoneInfo, start_ms: int = EARLIEST_MS, end_ms: int = LATEST_MS) -> None:
        self.topic = path.name
        self.rows = [row for row in _read(path, zone) if start_ms <= row.time < end_ms]

    @property
    def partitions(self) -> int:
        return 1

    def batches(self, partition: int) -> Iterator[Batch]:
        yield from with_ticks(self._pieces(), self.tick_ms)

    def expected(self) -> int:
        return len(self.rows)

    def begins(self) -> int:
        return self.rows[0].time if self.rows else 0

    def _pieces(self) -> Iterator[tuple[Sequence[Reading], Sequence[Place]]]:
        for first in range(0, len(self.rows), ROWS):
            part = self.rows[first : first + ROWS]
            yield part, [Place(first + at, row.time) for at, row in enumerate(part)]


#: Names of the columns, and row after row the cells as text, ``None`` where nothing stands.
_Cells: TypeAlias = tuple[Sequence[str], Iterable[Sequence[str | None]]]


def _read(path: Path, zone: ZoneInfo) -> list[Reading]:
    parquet = path.suffix == ".parquet"
    names, cells = _parquet(path) if parquet else _csv(path)
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise ConfigurationError(f"{path}: expected columns {', '.join(NEEDED)}, got no {', '.join(missing)}")
    at = {name: names.index(name) for name in (*NEEDED, *OPTIONAL) if name in names}
    what, first = ("row", 1) if parquet else ("line", 2)
    rows = [_reading(f"{path}: {what} {number}", at, row, zone) for number, row in enumerate(cells, start=first)]
    return sorted(rows, key=lambda row: row.time)


def _csv(path: Path) -> _Cells:
    with duckdb.connect(":memory:", config={"threads": 1}) as engine:
        try:
            found = engine.execute("SELECT * FROM read_csv(?, header=true, all_varchar=true)", [str(path)])
        except duckdb.Error as error:
            raise ConfigurationError(f"{path}: expected a CSV file with a header, got: {error}") from error
        return [column[0] for column in found.description or ()], found.fetchall()


def _parquet(path: Path) -> _Cells:
    try:
        table = pq.read_table(path, memory_map=True)
    except (OSError, pa.ArrowInvalid) as error:
        raise ConfigurationError(f"{path}: expected a Parquet file, got: {error}") from error
    if twice := sorted({name for name in table.column_names if table.column_names.count(name) > 1}):
        raise ConfigurationError(f"{path}: expected each column once, got {', '.join(twice)} more than once")
    wanted = [name for name in table.column_names if name in (*NEEDED, *OPTIONAL)]
    return wanted, zip(*(_texts(table.column(name)) for name in wanted), strict=True)


def _texts(column: pa.ChunkedArray) -> Iterator[str | None]:
    """A column's values as a CSV file would have them."""
    if pa.types.is_timestamp(column.type):
        unit = pa.timestamp("ms", column.type.tz)
        column = pc.floor_temporal(column, unit="millisecond").cast(unit)
    for value in column.to_pylist():
        yield None if value is None else value.isoformat() if isinstance(value, dt.datetime) else str(value)


def _reading(place: str, at: dict[str, int], cells: Sequence[str | None], zone: ZoneInfo) -> Reading:
    said = {name: (cells[place] or "").strip() for name, place in at.items()}
    try:
        value = float(said["value"]) if said["value"] else None
        time = moment(said["time"], zone)
    except ValueError as error:
        raise ConfigurationError(f"{place}: {error}") from error
    value = None if value != value else value  # NaN: none came
    return Reading(
        said["series"], time, value, flag=(said.get("flag") or "N")[:1], backfill=_true(said.get("backfill", ""))
    )


def _true(text: str) -> bool:
    return text.casefold() in ("true", "1", "yes")
