"""A generated outlet's days written to a history as the keeper would, with the registry and pack that fit it."""

from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from detectors.benchmarks.integrity.frauds import FRAUDS
from detectors.benchmarks.integrity.months import BEFORE_DAYS, Month, months
from detectors.benchmarks.integrity.processes import DAY
from detectors.benchmarks.integrity.sending import BEGIN_MS, Sent, send
from detectors.integrity.outlet import DAY_MS, HOUR_MS, MINUTE_MS
from records.registry import Device, Registry, Site, registry_of
from streams.history_folder import SCHEMA, HistoryFolder, Place
from topics.domain import Domain
from topics.domain_file import load_domains
from topics.finding import Text

#: The day that is judged, the last of the history.
JUDGED_MS = BEGIN_MS + BEFORE_DAYS * DAY_MS
SEED = 7


@cache
def pack() -> Domain:
    return next(each for each in load_domains() if each.name == "pollution")


@cache
def outlet() -> Month:
    """A waste water outlet that is not clean."""
    return next(each for each in months(SEED, 4, 1) if not each.clean and "w00000" in each.values)


def tampered(month: Month, kind: str) -> Sent:
    """The outlet with this fraud over the whole judged day."""
    first = BEFORE_DAYS * DAY
    made = FRAUDS[kind].put(np.random.default_rng(SEED), month.part(0, BEFORE_DAYS + 1), first, first + DAY)
    return send(made.month, made.hours)


def registry(*names: str) -> Registry:
    title = Text("一号排口", "outlet 1")
    sites = [Site(name, "pollution", title, "Works", "120116", 39.0, 117.7) for name in names]
    return registry_of([*sites, *(Device(name, name, "hj212") for name in names)])


def table(sent: Sent) -> pa.Table:
    """Rows of the history."""
    columns: dict[str, list[object]] = {field.name: [] for field in SCHEMA}
    for track in sent.tracks.values():
        there = np.flatnonzero(track.flag != "")
        _add(columns, track.series, BEGIN_MS + there * MINUTE_MS, track.value[there], track.flag[there].tolist(), 0)
    for quantity, by_statistic in sent.hours.items():
        for statistic, values in by_statistic.items():
            there = np.flatnonzero(np.isfinite(values))
            name = f"{sent.name}/{sent.name}/{quantity}/{statistic}"
            _add(columns, name, BEGIN_MS + (there + 1) * HOUR_MS, values[there], ["N"] * len(there), HOUR_MS)
    columns["offset"] = list(range(len(columns["time"])))
    return pa.table(columns, schema=SCHEMA)


def keep(root: Path, sent: Sent, tick_ms: int = JUDGED_MS + 2 * DAY_MS, partitions: int = 4) -> None:
    """Write the days under ``root``, with city time at ``tick_ms`` in every partition."""
    rows = table(sent)
    with HistoryFolder(root / "pollution", "readings.pollution") as folder:
        folder.append(
            rows, {number: Place(rows.num_rows, rows.num_rows - 1, 1, tick_ms) for number in range(partitions)}
        )


def _add(
    columns: dict[str, list[object]], series: str, time: "np.ndarray[tuple[int], np.dtype[np.int64]]",
    value: "np.ndarray[tuple[int], np.dtype[np.float64]]", flag: list[str], period: int,
) -> None:  # fmt: skip
    count = len(time)
    columns["series"] += [series] * count
    columns["time"] += time.tolist()
    columns["value"] += [None if np.isnan(each) else each for each in value.tolist()]
    columns["flag"] += flag
    columns["backfill"] += [False] * count
    columns["received"] += time.tolist()
    columns["partition"] += [2] * count
    columns["period"] += [period] * count
