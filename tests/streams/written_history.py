"""Rows of a history written by hand, and what stands in its files."""

from pathlib import Path

import pyarrow as pa

from streams.history import ParquetHistory
from streams.history_folder import SCHEMA, HistoryFolder, Place

T0 = 1_439_337_600_000

SERIES = "s1/d1/q/Rtd"


def table(times: list[int], *, series: str = SERIES, offset: int = 0, partition: int = 0) -> pa.Table:
    count = len(times)
    return pa.table(
        [
            [series] * count,
            times,
            [float(offset + row) for row in range(count)],
            ["N"] * count,
            [False] * count,
            times,
            [partition] * count,
            [offset + row for row in range(count)],
            [0] * count,
        ],
        schema=SCHEMA,
    )


def append(folder: HistoryFolder, times: list[int], offset: int) -> None:
    folder.append(table(times, offset=offset), {0: Place(offset + len(times), offset + len(times) - 1, 1)})


def values(root: Path) -> list[float | None]:
    history = ParquetHistory(root)
    try:
        return [point.value for point in history.range(SERIES, 0, T0 * 2)]
    finally:
        history.close()
