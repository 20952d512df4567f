"""A kernel's memory as plain values: blocks of series, and the controls obeyed, so that torn snapshots stay right."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.base import SeriesSpec
from detectors.open_episodes import TRACKS, Episode
from detectors.series import block_of

if TYPE_CHECKING:  # the kernel owns this; the type alone is needed back
    from detectors.kernel import Kernel

#: Controls remembered: enough to know what was in force at the oldest block of a snapshot cycle.
MOST_TICKS = 512
MOST_SWITCHES = 16

Entry = tuple[int, str, str, int]  # offset, series of the control, ref, time


class KernelState:
    """Exports and loads one kernel's memory."""

    def __init__(self, kernel: "Kernel") -> None:
        self._kernel = kernel
        self._ticks: list[Entry] = []
        self._switches: list[Entry] = []
        self._pending: tuple[list[Entry], Callable[[str], bytes | None]] | None = None

    def remember(self, offset: int, series: str, ref: str, time: int) -> None:
        """A control has been obeyed."""
        if series == "~tick":
            self._ticks.append((offset, series, ref, time))
            if len(self._ticks) > 2 * MOST_TICKS:
                del self._ticks[:MOST_TICKS]
        else:
            self._switches.append((offset, series, ref, time))
            del self._switches[:-MOST_SWITCHES]

    def export(self, block: int) -> dict[str, Any]:
        kernel = self._kernel
        slots = kernel.series.slots_in(block)
        if not len(slots):
            return {}
        members = set(slots.tolist())
        rank = {slot: place for place, slot in enumerate(slots.tolist())}
        episodes = [
            [track, rank[slot], each.exported()]
            for (track, slot), each in sorted(
                kernel.episodes.by_place.items(), key=lambda item: (item[0][0], rank.get(item[0][1], -1))
            )
            if slot in members
        ]
        return {
            "specs": kernel.series.exported(slots),
            "last_t": kernel.series.last_t[slots],
            "memory": kernel.chain.exported(slots),
            "quiet_until": kernel.episodes.quiet_until[:, slots],
            "features": kernel.latest.features[:, slots],
            "latest_value": kernel.latest.value[slots],
            "latest_time": kernel.latest.time[slots],
            "episodes": episodes,
            "lost": [each.exported() for site, each in sorted(kernel.silence.lost.items()) if block_of(site) == block],
        }

    def load(self, exported: dict[str, Any], since: int) -> None:
        if not exported:
            return
        kernel = self._kernel
        slots = np.array([kernel.bind(SeriesSpec(**spec)) for spec in exported["specs"]], np.intp)
        kernel.series.last_t[slots] = exported["last_t"]
        kernel.series.since[slots] = since
        kernel.chain.load(slots, exported["memory"])
        if len(exported["quiet_until"]) == len(TRACKS):
            kernel.episodes.quiet_until[:, slots] = exported["quiet_until"]
        kernel.latest.features[:, slots] = exported["features"]
        kernel.latest.value[slots] = exported["latest_value"]
        kernel.latest.time[slots] = exported["latest_time"]
        for track, place, values in exported["episodes"]:
            kernel.episodes.begin(track, int(slots[place]), Episode(**values))
        for values in exported["lost"]:
            kernel.silence.lost[values["site"]] = Episode(**values)

    def export_shared(self) -> dict[str, Any]:
        return {
            "controls": [list(each) for each in sorted([*self._ticks[-MOST_TICKS:], *self._switches])],
        }

    def load_shared(self, exported: dict[str, Any], at: int, artefact: Callable[[str], bytes | None]) -> None:
        entries: list[Entry] = [tuple(each) for each in exported.get("controls", ()) if each[0] < at]
        self._pending = (entries, artefact)

    def settle(self, offset: int) -> None:
        """The first row or control after a load comes at this offset: put in force what was, just before it."""
        if self._pending is None:
            return
        entries, artefact = self._pending
        self._pending = None
        kernel = self._kernel
        for place, series, ref, time in entries:
            if place >= offset:
                continue
            self.remember(place, series, ref, time)
            if series == "~tick":
                minute = kernel.forest_watch.settings.minute_s * 1000.0
                if time // minute > kernel.last_look // minute:
                    kernel.last_look = float(time)
                kernel.last_tick = max(kernel.last_tick, time)
        for series in ("~config", "~model"):
            refs = [ref for place, name, ref, _ in entries if name == series and place < offset]
            if refs:
                body = artefact(refs[-1])
                if body is None:
                    raise ValueError(f"{series}: expected artefact {refs[-1]}, which was in force here, got none")
                kernel.obey(series, refs[-1], body)
