"""What a logger sends of a month: live values, those at reference oxygen, hour records; and what of it arrives."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from detectors.base import FloatArray
from detectors.benchmarks.integrity.months import BEFORE_DAYS, REFERENCE_O2, Month
from detectors.benchmarks.integrity.processes import DAY
from detectors.integrity.outlet import DAY_MS, HOUR_MS, Hours, Known, Outlet, Track

#: 2026-01-05 00:00 in the city, a Monday: where the months begin.
BEGIN_MS = 1_767_542_400_000

HourChange = Callable[[dict[str, dict[str, FloatArray]]], None]


@dataclass(frozen=True)
class Sent:
    """All that arrives of a month: live series and hour records, from ``BEGIN_MS`` on."""

    name: str
    known: dict[str, Known]
    tracks: dict[tuple[str, str], Track]
    hours: dict[str, dict[str, FloatArray]]
    below: "Sent | None"

    def look(self, day: int) -> Outlet:
        """That day and the ``BEFORE_DAYS`` before it, as the rules see them."""
        first, last = day - BEFORE_DAYS, day + 1
        minutes, hours = slice(first * DAY, last * DAY), slice(first * 24, last * 24)
        return Outlet(
            site=self.name,
            device=self.name,
            back_ms=BEGIN_MS + first * DAY_MS,
            start_ms=BEGIN_MS + day * DAY_MS,
            end_ms=BEGIN_MS + last * DAY_MS,
            tracks={
                key: Track(each.series, each.value[minutes], each.flag[minutes]) for key, each in self.tracks.items()
            },
            hours={
                quantity: Hours(
                    {each: _series(self.name, quantity, each) for each in values},
                    {each: value[hours] for each, value in values.items()},
                )
                for quantity, values in self.hours.items()
            },
            known=self.known,
            below=self.below.look(day) if self.below is not None else None,
        )


def send(month: Month, change_hours: HourChange | None = None) -> Sent:
    """What arrives of a month; ``change_hours`` tampers with the hour records."""
    hours = hour_records(month)
    if change_hours is not None:
        change_hours(hours)
    below = send(month.below) if month.below is not None else None
    return Sent(month.name, month.known, _tracks(month), hours, below)


def hour_records(month: Month) -> dict[str, dict[str, FloatArray]]:
    """Min, Avg, Max and Cou (kg) that the logger computes of all its valid minutes, by quantity."""
    made = {}
    flow = month.values.get("w00000", month.values.get("a00000"))
    assert flow is not None
    for quantity in month.pollutants:
        value, good = month.values[quantity], month.flags[quantity] == "N"
        step = month.known[quantity].resolution
        by_hour = np.where(good, value, np.nan).reshape(-1, 60)
        count = good.reshape(-1, 60).sum(axis=1)
        enough = count >= 45
        total = np.nansum(by_hour, axis=1)
        mass = np.nansum(by_hour * flow.reshape(-1, 60), axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            made[quantity] = {
                "Min": np.where(enough, np.where(good, value, np.inf).reshape(-1, 60).min(axis=1), np.nan),
                "Avg": np.where(enough, np.round(total / count / step) * step, np.nan),
                "Max": np.where(enough, np.where(good, value, -np.inf).reshape(-1, 60).max(axis=1), np.nan),
                "Cou": np.where(enough, np.round(mass / count * HOUR_MS / 1000 / 1e6, 3), np.nan),
            }
    return made


def _tracks(month: Month) -> dict[tuple[str, str], Track]:
    tracks = {}
    for quantity, value in month.values.items():
        gone = month.lost | month.cut.get(quantity, np.zeros(1, np.bool_))
        flag = np.where(gone, "", month.flags[quantity])
        tracks[quantity, "Rtd"] = Track(_series(month.name, quantity, "Rtd"), np.where(gone, np.nan, value), flag)
        if month.known[quantity].judged == "ZsRtd":
            oxygen = np.minimum(month.values["a19001"], 20.0)  # loggers stop converting where nothing burns
            at_reference = value * (21 - REFERENCE_O2) / (21 - oxygen)
            step = month.known[quantity].resolution
            shown = np.where(gone, np.nan, np.round(at_reference / step) * step)
            tracks[quantity, "ZsRtd"] = Track(_series(month.name, quantity, "ZsRtd"), shown, flag)
    return tracks


def _series(name: str, quantity: str, statistic: str) -> str:
    return f"{name}/{name}/{quantity}/{statistic}"
