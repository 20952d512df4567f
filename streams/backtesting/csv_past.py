"""Past readings from a CSV file: anybody's data, with no broker and no registry."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from streams.backtesting.past import Past, Place, with_ticks
from streams.backtesting.times import moment
from streams.lane import Batch
from topics.errors import ConfigurationError
from topics.reading import EARLIEST_MS, LATEST_MS, Reading

NEEDED = ("series", "time", "value")
OPTIONAL = ("flag", "backfill")
#: Rows handed over at a time.
ROWS = 20_000


class CsvPast(Past):
    """A file with a header: ``series`` (``site/device/quantity/statistic``), ``time`` (ISO 8601, the city's zone where
    it names none, or ms UTC), ``value`` (empty = none came), and where they are given ``flag`` (HJ 212, N = normal)
    and ``backfill`` (true or false).

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


def _read(path: Path, zone: ZoneInfo) -> list[Reading]:
    with duckdb.connect(":memory:", config={"threads": 1}) as engine:
        try:
            found = engine.execute("SELECT * FROM read_csv(?, header=true, all_varchar=true)", [str(path)])
        except duckdb.Error as error:
            raise ConfigurationError(f"{path}: expected a CSV file with a header, got: {error}") from error
        names = [column[0] for column in found.description or ()]
        missing = [name for name in NEEDED if name not in names]
        if missing:
            raise ConfigurationError(f"{path}: expected columns {', '.join(NEEDED)}, got no {', '.join(missing)}")
        at = {name: names.index(name) for name in (*NEEDED, *OPTIONAL) if name in names}
        rows = [_reading(path, line, at, cells, zone) for line, cells in enumerate(found.fetchall(), start=2)]
    return sorted(rows, key=lambda row: row.time)


def _reading(path: Path, line: int, at: dict[str, int], cells: tuple[Any, ...], zone: ZoneInfo) -> Reading:
    said = {name: (cells[place] or "").strip() for name, place in at.items()}
    try:
        value = float(said["value"]) if said["value"] else None
        time = moment(said["time"], zone)
    except ValueError as error:
        raise ConfigurationError(f"{path}: line {line}: {error}") from error
    value = None if value != value else value  # NaN: none came
    return Reading(
        said["series"], time, value, flag=(said.get("flag") or "N")[:1], backfill=_true(said.get("backfill", ""))
    )


def _true(text: str) -> bool:
    return text.casefold() in ("true", "1", "yes")
