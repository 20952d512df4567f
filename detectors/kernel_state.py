"""A kernel's memory as plain values: blocks of series, and the controls obeyed, so that torn snapshots stay right."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.base import SeriesSpec
from detectors.episodes import Episode, OpenEpisodes

if TYPE_CHECKING:  # the kernel owns this; the type alone is needed back
    from detectors.kernel import Kernel

#: Controls remembered: enough to know what was in force at the oldest block of a snapshot cycle.
MOST_TICKS = 512
MOST_SWITCHES = 16

Entry = tuple[int, str, str, int]  # offset, series of the control, ref, time
Artefact = Callable[[str], bytes | None]


class KernelState:
    """Exports and loads one kernel's memory. A block holds all that belongs to its sites' series; which controls
    are in force belongs to the partition and is found again from the history of controls."""

    def __init__(self, kernel: "Kernel") -> None:
        self._kernel = kernel
        self._ticks: list[Entry] = []
        self._switches: list[Entry] = []
        self._pending: tuple[list[Entry], Artefact] | None = None

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
        """What the kernel remembers of one block of series, as plain values and arrays, with their specs."""
        kernel = self._kernel
        slots, specs = kernel.series.in_block(block)
        if not len(slots):
            return {"block": block, "specs": []}
        episodes = []
        for place in np.flatnonzero(kernel.episodes.any_open[slots]).tolist():
            for track in np.flatnonzero(kernel.episodes.rank[:, slots[place]]).tolist():
                episodes.append([track, place, kernel.episodes.by_place[track, int(slots[place])].exported()])
        return {
            "block": block,
            "specs": specs,
            "last_t": kernel.series.last_t[slots],
            "memory": kernel.force.chain.exported(slots),
            "features": {name: value[slots] for name, value in kernel.forest_watch.features.items()},
            "punctuality": kernel.punctuality.export(slots),
            "turns": {name: getattr(kernel.episodes, name)[..., slots] for name in OpenEpisodes.SAVED},
            "episodes": episodes,
            "lost": [each.exported() for each in kernel.silence.losses(block)],
            "groups": kernel.group_watch.export(block),
        }

    def load(self, exported: dict[str, Any], since: int) -> None:
        """Take what ``export`` gave of a block, whatever slots its series have here. All that the log says of it before
        offset ``since`` is known then.
        """
        if not exported:
            return
        kernel = self._kernel
        slots = np.array([kernel.bind(SeriesSpec(**spec)) for spec in exported["specs"]], np.intp)
        kernel.series.restored(exported["block"], since)
        if not len(slots):
            return
        kernel.series.last_t[slots] = exported["last_t"]
        kernel.force.chain.load(slots, exported["memory"])
        for name, value in exported["features"].items():
            kernel.forest_watch.features[name][slots] = value
        kernel.punctuality.load(slots, exported.get("punctuality", {}))
        for name, value in exported["turns"].items():
            array = getattr(kernel.episodes, name)
            # A snapshot from before there were so many tracks has fewer lines.
            (array if array.ndim == 1 else array[: len(value)])[..., slots] = value
        kernel.episodes.settle(slots)
        for track, place, values in exported["episodes"]:
            kernel.episodes.keep(track, int(slots[place]), Episode(**values))
        for values in exported["lost"]:
            kernel.silence.lost[values["site"]] = Episode(**values)
        kernel.group_watch.load(exported.get("groups", {}))

    def export_shared(self) -> dict[str, Any]:
        """The controls obeyed, also where none has come since they were loaded."""
        entries = [*self._ticks[-MOST_TICKS:], *self._switches]
        if self._pending is not None:
            entries = self._pending[0]
        return {"controls": [list(each) for each in sorted(entries)]}

    def load_shared(self, exported: dict[str, Any], at: int, artefact: Artefact) -> None:
        """Take what ``export_shared`` gave; controls of offset ``at`` and beyond come again and are left out.
        ``artefact`` gives the bodies that controls name; they are obeyed by ``settle``.
        """
        controls = [(int(o), str(s), str(r), int(t)) for o, s, r, t in exported.get("controls", ())]
        self._pending = [entry for entry in controls if entry[0] < at], artefact

    def settle(self, offset: int) -> None:
        """The first row or control after a load comes at this offset: put in force what was, just before it.

        An artefact that is gone leaves the models, or the pack, that the kernel was made with.
        """
        if self._pending is None:
            return
        entries, artefact = self._pending
        self._pending = None
        kernel = self._kernel
        before = [entry for entry in entries if entry[0] < offset]
        for entry in before:
            self.remember(*entry)
            if entry[1] == "~tick":
                self._tick(entry[3])
        for series in ("~config", "~model"):
            refs = [ref for _, name, ref, _ in before if name == series]
            body = artefact(refs[-1]) if refs else None
            if body is not None:
                kernel.obey(series, refs[-1], body)

    def _tick(self, time: int) -> None:
        """City time as it was, without judging anything again."""
        kernel = self._kernel
        minute = int(kernel.force.forest.minute_s * 1000)
        kernel.last_tick = max(kernel.last_tick, time)
        if time // minute > kernel.forest_watch.last_look // minute:
            kernel.forest_watch.last_look = time
