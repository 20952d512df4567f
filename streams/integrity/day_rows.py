"""One site's readings of some days, out of the history, by series and period."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import duckdb
import numpy as np

from detectors.base import FloatArray, IntArray
from detectors.integrity.outlet import FlagArray
from streams.history_folder import read_manifest
from streams.history_reader import TRIES
from topics.errors import CityBrainError, PartMissing

_SITES = """
SELECT DISTINCT split_part(series, '/', 1) AS site FROM read_parquet(?) WHERE "time" >= ? AND "time" < ? ORDER BY site
"""
#: The end of a site's series in the order of text: "0" follows "/".
_ROWS = """
SELECT series, {period} AS period, "time", coalesce("value", 'nan'::DOUBLE) AS "value", flag, "partition", "offset"
FROM read_parquet(?, union_by_name = true)
WHERE series >= ? || '/' AND series < ? || '0' AND "time" >= ? AND "time" < ?
ORDER BY series, period, "time", "partition", "offset"
"""


@dataclass(frozen=True, slots=True)
class SeriesRows:
    """Readings of one series and period (ms, 0 = moments) in the order of event time; of a period value ``time`` is
    the end. All arrays have one length; NaN where no value came. ``partition`` is the topic's."""

    series: str
    period_ms: int
    time: IntArray
    value: FloatArray
    flag: FlagArray
    offset: IntArray
    partition: int


class DayRows:
    """Reads ``root/<domain>``; to be used with ``with``. Raises ``PartMissing`` where nothing has been kept."""

    def __init__(self, root: Path, domain: str) -> None:
        self.folder = root / domain
        self._engine = duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "512MB"})

    def __enter__(self) -> "DayRows":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._engine.close()

    def sites(self, start_ms: int, end_ms: int) -> list[str]:
        """The sites that were heard of in ``start_ms <= time < end_ms``, sorted."""
        found = self._asked(_SITES, [start_ms, end_ms], start_ms, end_ms)
        return [] if found is None else [str(each) for each in found["site"]]

    def of_site(self, site: str, start_ms: int, end_ms: int) -> Iterator[SeriesRows]:
        """All series of the site in ``start_ms <= time <= end_ms``: the last period of a day is dated at its end."""
        found = self._asked(_ROWS, [site, site, start_ms, end_ms + 1], start_ms, end_ms + 1)
        if found is None or not len(found["time"]):
            return
        series, period = found["series"], np.asarray(found["period"], np.int64)
        breaks = np.flatnonzero((series[1:] != series[:-1]) | (period[1:] != period[:-1])) + 1
        for first, last in zip([0, *breaks.tolist()], [*breaks.tolist(), len(series)], strict=True):
            rows = slice(first, last)
            yield SeriesRows(
                str(series[first]),
                int(period[first]),
                np.asarray(found["time"][rows], np.int64),
                np.asarray(found["value"][rows], np.float64),
                np.asarray(found["flag"][rows]).astype("U1"),
                np.asarray(found["offset"][rows], np.int64),
                int(found["partition"][first]),
            )

    def _asked(self, query: str, values: list[object], start_ms: int, end_ms: int) -> "dict[str, np.ndarray] | None":  # type: ignore[type-arg]
        """As ``HistoryDays``: the manifest is read anew where compaction has taken a file away."""
        for _ in range(TRIES):
            manifest = read_manifest(self.folder)
            if manifest is None:
                raise PartMissing(f"history {self.folder}: expected what `citybrain history` has kept, got nothing")
            files = [
                str(self.folder / file.name)
                for file in manifest.files
                if file.first_time < end_ms and file.last_time >= start_ms
            ]
            if not files:
                return None
            try:
                return self._engine.execute(query.format(period="coalesce(period, 0)"), [files, *values]).fetchnumpy()
            except duckdb.BinderException:  # no file of these days is young enough to say a period
                return self._engine.execute(query.format(period="0"), [files, *values]).fetchnumpy()
            except duckdb.IOException:
                continue
        raise CityBrainError(f"history {self.folder}: expected the manifest's files, got none in {TRIES} tries")
