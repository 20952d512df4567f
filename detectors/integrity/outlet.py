"""What the rules see: one outlet's series of some days on a grid of equal steps, and what is known of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from detectors.base import BoolArray, FloatArray
from topics.finding import Text

FlagArray: TypeAlias = NDArray[np.str_]
Role: TypeAlias = Literal[
    "pollutant", "flow", "oxygen", "stack-temperature", "production-power", "treatment-power", "condition"
]
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
MINUTE_MS = 60_000

#: Share of its usual high from which a plant counts as running.
RUNNING = 0.3


@dataclass(frozen=True, slots=True)
class Known:
    """What pack and registry say of a quantity here, in its unit. ``limit``: the lowest high limit in force on the
    day judged, None where it has none, for values of the statistic ``judged``; ``detection_limit`` None = not known.
    """

    role: Role
    unit: str
    title: Text
    span: tuple[float, float]
    resolution: float
    detection_limit: float | None = None
    limit: float | None = None
    judged: str = "Rtd"


@dataclass(frozen=True)
class Track:
    """Live values of a series: ``value`` (NaN = none came) and ``flag`` ('' = nothing came), ``step_ms`` apart,
    beginning at the outlet's ``back_ms``."""

    series: str
    value: FloatArray
    flag: FlagArray
    step_ms: int = MINUTE_MS

    @cached_property
    def valid(self) -> BoolArray:
        """Where the instrument itself says that the value may be used."""
        found: BoolArray = np.isfinite(self.value) & (self.flag == "N")
        return found

    @property
    def per_hour(self) -> int:
        """Samples an hour at its step, at least one."""
        return max(1, HOUR_MS // self.step_ms)


@dataclass(frozen=True)
class Hours:
    """Hour records of one quantity by statistic (Min, Avg, Max, Cou), each (hours,) from ``back_ms``; NaN = none."""

    series: dict[str, str]
    values: dict[str, FloatArray]


@dataclass(frozen=True)
class Outlet:
    """One outlet (the series of one device, by quantity) from ``back_ms`` to ``end_ms``; judged are the rows from
    ``start_ms`` on, what lies before is what is usual here. All three are ms UTC on whole hours.

    ``below`` is the outlet next downstream which must feel what is discharged here, where the pack names one.
    """

    site: str
    device: str
    back_ms: int
    start_ms: int
    end_ms: int
    tracks: Mapping[tuple[str, str], Track]
    hours: Mapping[str, Hours]
    known: Mapping[str, Known]
    below: "Outlet | None" = None
    _running: dict[int, BoolArray] = field(default_factory=dict, repr=False, compare=False)

    def until(self, end_ms: int) -> "Outlet":
        """The outlet as it was seen at this earlier whole hour of the judged time."""
        count = (end_ms - self.back_ms) // MINUTE_MS

        def cut(track: Track) -> Track:
            rows = count * MINUTE_MS // track.step_ms
            return Track(track.series, track.value[:rows], track.flag[:rows], track.step_ms)

        def cut_hours(each: Hours) -> Hours:
            return Hours(each.series, {name: value[: count // 60] for name, value in each.values.items()})

        return replace(
            self,
            end_ms=end_ms,
            tracks={key: cut(track) for key, track in self.tracks.items()},
            hours={quantity: cut_hours(each) for quantity, each in self.hours.items()},
            below=self.below.until(end_ms) if self.below is not None else None,
            _running={},
        )

    def of_role(self, *roles: Role, judged: bool = False) -> Iterator[tuple[str, Known, Track]]:
        """Quantities of these roles in the order of their codes, each with what its instrument shows, or with the
        series that is ``judged`` by a limit (at reference oxygen)."""
        for quantity in sorted(self.known):
            known = self.known[quantity]
            track = self.tracks.get((quantity, known.judged if judged else "Rtd"))
            if known.role in roles and track is not None:
                yield quantity, known, track

    def first(self, role: Role) -> Track | None:
        """The live series of the first quantity with this role."""
        return next((track for _, _, track in self.of_role(role)), None)

    def place(self, time_ms: int, step_ms: int) -> int:
        """The row of the grid in which this moment lies."""
        return (time_ms - self.back_ms) // step_ms

    def time(self, row: int, step_ms: int) -> int:
        """The moment at which a row of the grid begins, ms UTC."""
        return self.back_ms + row * step_ms

    def running(self, like: Track) -> BoolArray:
        """Where the plant runs, on this series' grid: by production power, else by flow, else always."""
        if like.step_ms not in self._running:
            gauge = self.first("production-power") or self.first("flow")
            if gauge is None or gauge.step_ms != like.step_ms:
                answer = np.ones(len(like.value), np.bool_)
            else:
                usual = usual_high(gauge.value, gauge.valid)
                answer = np.nan_to_num(gauge.value, nan=0.0) > RUNNING * usual if usual > 0 else gauge.valid
            self._running[like.step_ms] = answer
        return self._running[like.step_ms]


def usual_high(value: FloatArray, valid: BoolArray) -> float:
    """The 90th percentile of the valid values, 0.0 where there are fewer than ten."""
    kept = value[valid]
    return float(np.quantile(kept, 0.9)) if len(kept) >= 10 else 0.0
