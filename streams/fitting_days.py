"""Fitting a domain's models from days of readings: the kernel run over them at full speed, and what it has sampled.

The same kernel that judges live runs here, with no model in force: so that what the newest models find odd can
teach the next ones, and a bundle depends on the readings, the pack and the registry alone.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from detectors.backtest import sampling_kernel
from detectors.base import Columns, SeriesSpec, SlotArray
from detectors.fitting import fit
from detectors.groups.fitting import fit_groups
from detectors.kernel import Kernel
from detectors.models import Models
from detectors.sound_times import AHEAD_MS
from records.registry import Registry
from streams.group_choice import with_groups
from streams.history_days import GRID_MS, HistoryDays, Piece
from streams.specs import SpecBook
from topics.domain import Domain
from topics.reading import Control

DAY_MS = 86_400_000
#: Ticks of the city time that is run over; every tick is a look that gathers feature rows.
TICK_MS = GRID_MS


@dataclass(frozen=True, slots=True)
class Fitted:
    """What came of it. ``rows``: healthy feature rows by sensor class; ``series``: how many were run over, of
    ``of`` that are in the history; ``readings``: how many of theirs."""

    models: bytes
    rows: dict[str, int]
    series: int
    of: int
    readings: int
    #: Places of each group of channels that were looked at, fitted or not.
    places: dict[str, int] = field(default_factory=dict)


def fit_from_history(
    domain: Domain,
    registry: Registry,
    days: HistoryDays,
    window: tuple[int, int],
    most_series: int,
    before: Models | None,
) -> Fitted:
    """The bundle of this event-time point: equal histories give equal bytes.

    ``window``: event times [start, point) that teach it; ``most_series``: of each sensor class, so that a large
    city takes no longer, beside all channels of the groups that are fitted; ``before``: the models in force, kept for
    classes and groups that now have too few rows.
    """
    start, point = window
    names = days.series(start, point)
    specs = _known(names, SpecBook(registry, domain), point)
    chosen = with_groups(_chosen(specs, most_series), specs, domain)
    kernel, samples = sampling_kernel(domain)
    slots = np.array([kernel.bind(spec) for spec in chosen], np.intp)
    pieces = days.pieces([spec.series for spec in chosen], start, point)
    readings = run_days(kernel, _batches(slots, pieces))
    rows = samples.rows()
    gathered = samples.groups.gathered()
    groups = fit_groups(domain, gathered, point, before.groups if before else None)
    asked = kernel.force.asked_outliers
    models = fit(domain.name, rows, point, before=before, asked=asked, groups=groups)
    places = dict(Counter(each.name for each in gathered.values()))
    return Fitted(models, {name: len(each) for name, each in rows.items()}, len(chosen), len(names), readings, places)


def run_days(kernel: Kernel, batches: Iterable[Columns]) -> int:
    """Judge batches of at most one tick's length each, in order of time, with a tick after each; the readings."""
    count = 0
    for columns in batches:
        tick = Control("~tick", int(columns.time_ms.max()) // TICK_MS * TICK_MS)
        if kernel.last_tick and tick.time + TICK_MS > kernel.last_tick + AHEAD_MS:  # nothing came for some time
            kernel.control(tick, int(columns.offset[0]), 0, None)
        kernel.apply(columns)
        count += len(columns.slot)
        kernel.control(tick, int(columns.offset[-1]), 0, None)
    return count


def _known(names: Sequence[str], book: SpecBook, point: int) -> list[SeriesSpec]:
    """Those that the registry and the pack know at the point."""
    looked_up = [book.look_up(name, point)[0] for name in names]
    return [spec for spec in looked_up if isinstance(spec, SeriesSpec)]


def _chosen(specs: Sequence[SeriesSpec], most: int) -> list[SeriesSpec]:
    """At most so many of each sensor class, picked by a hash of the name: mostly the same ones at every point."""
    by_class: dict[str, list[SeriesSpec]] = defaultdict(list)
    for spec in specs:
        by_class[spec.sensor_class].append(spec)
    kept = [spec for each in by_class.values() for spec in sorted(each, key=_lot)[:most]]
    return sorted(kept, key=lambda spec: spec.series)


def _lot(spec: SeriesSpec) -> str:
    return hashlib.sha256(spec.series.encode()).hexdigest()


def _batches(slots: SlotArray, pieces: Iterable[Piece]) -> Iterator[Columns]:
    """The pieces cut at ticks. What was sent again later counts where it was measured."""
    offset = 0
    for piece in pieces:
        tick = piece.time // TICK_MS
        edges = [0, *(np.flatnonzero(np.diff(tick)) + 1).tolist(), len(tick)]
        for first, last in pairwise(edges):
            part, m = slice(first, last), last - first
            yield Columns(
                slots[piece.which[part]], piece.time[part], piece.value[part], piece.usable[part],
                np.zeros(m, np.bool_), np.arange(offset, offset + m), np.zeros(m, np.int64),
            )  # fmt: skip
            offset += m
