"""The kernel: readings of one partition in, findings out. Engine-free, columnar and pure.

Faust worker, Flink job and backtest all call this, and find the same things: what it says depends on the
partition's log alone, however the log is cut into batches and wherever it was saved and loaded in between.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import numpy as np

from detectors.base import Columns, Outcome, Reject, Rows, SeriesSpec, SlotArray, Slots, where_true
from detectors.calibration import DEFAULT_RATE
from detectors.episodes import MISSING, OpenEpisodes
from detectors.forest_watch import ForestWatch
from detectors.groups.live import GroupWatch
from detectors.hot_rows import HotRows
from detectors.in_force import InForce
from detectors.kernel_state import KernelState
from detectors.kth_rows import kth_rows
from detectors.late_rows import LateRows
from detectors.live_rows import LiveRows, dense
from detectors.punctuality import Punctuality
from detectors.registry import DETECTORS, Member
from detectors.row_episodes import RowEpisodes
from detectors.samples import Samples
from detectors.series import SeriesTable
from detectors.silence_watch import SilenceWatch
from detectors.slot_facts import SlotFacts
from detectors.sound_times import with_sound_times
from detectors.teller import Teller
from topics.domain import Domain
from topics.reading import Control


class Kernel:
    """Judges the readings of one partition of ``topic``.

    ``rate``: false alerts that one healthy sensor may raise in a day, all statistical detectors together.
    ``samples``: where the features of healthy series are kept, to fit models from; none in a worker.
    """

    def __init__(
        self,
        domain: Domain,
        topic: str,
        partition: int,
        *,
        rate: float = DEFAULT_RATE,
        samples: Samples | None = None,
        members: Mapping[str, Member] = DETECTORS,
    ) -> None:
        self.last_tick = 0
        self.series = SeriesTable()
        self.episodes = OpenEpisodes()
        self.force = InForce(domain, rate, members)
        self.facts = SlotFacts()
        teller = Teller(domain.name, topic, partition, lambda: self.force.versions)
        parts = (self.series, self.episodes, teller, self.force)
        self.row_episodes = RowEpisodes(*parts)
        self.punctuality = Punctuality(*parts)
        self.late_rows = LateRows(*parts, self.punctuality)
        self.live_rows = LiveRows(self.series, self.episodes, self.facts)
        self.silence = SilenceWatch(*parts, self.facts)
        self.forest_watch = ForestWatch(*parts, self.facts, samples)
        self.group_watch = GroupWatch(*parts, samples)
        self.saved = KernelState(self)

    def slot(self, series: str) -> int | None:
        """The slot of a series that has been bound."""
        return self.series.slot_of.get(series)

    def bind(self, spec: SeriesSpec) -> int:
        """The slot of this series, made at its first sight; what the spec says now replaces what it said."""
        slot = self.series.slot_of.get(spec.series)
        if slot is not None and self.series.specs[slot] == spec:
            return slot
        tables = self.force.tables
        kinds = len(tables.kinds)
        code, rarity_class = tables.code(spec), self.force.class_of(spec.sensor_class)
        if len(tables.kinds) != kinds:
            self.force.heed_kinds()
        if slot is not None:
            self.series.replace(slot, spec, code, rarity_class)
            self.facts.heed_one(slot, self.series, tables, self.force.missing.intervals)
            return slot
        room = self.series.room
        slot = self.series.add(spec, code, rarity_class)
        if self.series.room != room:
            for each in (self.force.chain, self.episodes, self.forest_watch, self.punctuality):
                each.grow(self.series.room)
        self.facts.heed_one(slot, self.series, tables, self.force.missing.intervals)
        self.group_watch.met(slot)
        return slot

    def apply(self, columns: Columns) -> Outcome:
        """Judge a micro-batch in log order.

        Rows at or before a series' last time are duplicates (same time, nothing happens) or late (limit rules
        only). Back-filled rows are late whatever their time. Rows too far ahead of city time, or from before
        there were computers in the field, are rejected.
        """
        outcome = Outcome()
        if len(columns.slot):
            self.saved.settle(int(columns.offset[0]))
            if int(columns.offset[0]) < self.series.latest_since:
                columns = columns.part(where_true(columns.offset >= self.series.since[columns.slot]))
        if len(columns.slot):
            columns, bounds = with_sound_times(columns, self.series, self.last_tick, outcome)
            with np.errstate(all="ignore"):
                for positions in kth_rows(columns.slot):
                    self._pass(columns, positions, bounds, outcome)
        outcome.findings.sort(key=lambda finding: finding.origin.last_offset)
        outcome.rejects.sort(key=lambda reject: reject.offset)
        return outcome

    def _pass(self, columns: Columns, positions: Slots, bounds: tuple[int, int], outcome: Outcome) -> None:
        """One row for each of some series, in order of slot."""
        slots = columns.slot[positions]
        gap = columns.time_ms[positions] - self.series.last_t[dense(slots)]
        live = gap > 0
        if columns.backfill.any():
            live &= ~columns.backfill[positions]
        if not live.all():
            if isinstance(positions, slice):
                positions = np.arange(positions.start, positions.stop)
            for place in positions[~live].tolist():
                self.late_rows.judge(columns, place, self.last_tick, outcome)
            kept = where_true(live)
            if not len(kept):
                return
            positions, slots, gap = positions[kept], slots[kept], gap[kept]
        rows = self.live_rows.gather(columns, positions, slots, gap, bounds)
        oldest = self.punctuality.oldest(self.last_tick)
        if rows.first_t < oldest:
            behind = (positions if isinstance(positions, np.ndarray) else np.arange(len(rows.t)))[rows.t < oldest]
            outcome.findings += self.punctuality.came_late(columns, behind.tolist(), self.last_tick)
        self._live(rows, slots, positions, columns, outcome)

    def _live(self, rows: Rows, slots: SlotArray, positions: Slots, columns: Columns, outcome: Outcome) -> None:
        verdict = self.force.chain.judge(rows)
        offset, stamp = columns.offset[positions], columns.stamp[positions]
        for poison in verdict.poison:
            series = self.series.specs[int(slots[poison.position])].series
            detail = f"{series}: {poison.detector}: {poison.error}"
            outcome.rejects.append(Reject(int(offset[poison.position]), "detector_failed", detail))
        if verdict.kept is not None:
            slots, offset, stamp = slots[verdict.kept], offset[verdict.kept], stamp[verdict.kept]
            if not len(slots):
                return
        rows = verdict.rows
        # What people are told was expected is read before the memories change.
        hot = HotRows(rows, slots, verdict.scores, self.episodes, self.force, offset, stamp)
        self.force.chain.commit(verdict)
        self.forest_watch.keep(rows, verdict.scores)
        if self.group_watch.periods:
            self.group_watch.keep(rows, offset)
        self.series.last_t[rows.slots] = rows.t
        if self.episodes.count[MISSING]:
            outcome.findings += self.silence.returned(slots, rows.t, offset, stamp, self.last_tick)
        outcome.findings += self.row_episodes.judge(hot)

    def control(self, control: Control, offset: int, stamp: int, artefact: bytes | None) -> Outcome:
        """Obey a control message: city time, models or pack. A broken artefact is a reject, nothing changes.

        What runs in the shadow is no business of the kernel beside it (streams/beside.py).
        """
        outcome = Outcome()
        if control.series == "~shadow":
            return outcome
        self.saved.settle(offset)
        if control.series == "~tick":
            self._tick(control.time, offset, stamp, outcome)
            return outcome
        if control.series == "~normal":
            self._new_normal(control, offset, stamp, outcome)
            return outcome
        try:
            self.obey(control.series, control.ref, artefact or b"")
        except (ValueError, msgspec.MsgspecError) as error:
            outcome.rejects.append(Reject(offset, "schema_mismatch", f"{control.series} {control.ref}: {error}"))
            return outcome
        self.saved.remember(offset, control.series, control.ref, control.time)
        return outcome

    def _new_normal(self, control: Control, offset: int, stamp: int, outcome: Outcome) -> None:
        """A person says that what a series shows is its new normal; a series of another partition is none of ours."""
        slot = self.series.slot_of.get(control.subject)
        if slot is not None and offset >= self.series.since[slot]:
            outcome.findings += self.row_episodes.new_normal(slot, control.by, control.reason, offset, stamp)
            outcome.findings += self.group_watch.new_normal(slot, control.by, control.reason, offset, stamp)

    def obey(self, series: str, ref: str, artefact: bytes) -> None:
        """Put a model bundle or a pack in force. Raises ``ValueError`` or ``MsgspecError`` if it is broken."""
        self.force.obey(series, ref, artefact)
        classes = [self.force.class_of(spec.sensor_class) for spec in self.series.specs]
        self.series.rarity_class[: len(classes)] = classes
        self.facts.heed(self.series, self.force.tables, self.force.missing.intervals)
        self.group_watch.heed()

    def _tick(self, now: int, offset: int, stamp: int, outcome: Outcome) -> None:
        if now <= self.last_tick:
            return
        self.last_tick = now
        self.saved.remember(offset, "~tick", "", now)
        with np.errstate(all="ignore"):
            outcome.findings += self.silence.at_tick(now, offset, stamp)
            outcome.findings += self.punctuality.at_tick(now, offset, stamp)
            outcome.findings += self.forest_watch.at_tick(now, offset, stamp)
            self.group_watch.at_tick(now, offset, stamp, outcome)

    def export(self, block: int) -> dict[str, Any]:
        """The state of a block's series as plain values and arrays; equal states export alike."""
        return self.saved.export(block)

    def load(self, exported: dict[str, Any], since: int) -> None:
        """Take over a block; rows and ticks before offset ``since`` are in it already and will be ignored for it."""
        self.saved.load(exported, since)

    def export_shared(self) -> dict[str, Any]:
        """What belongs to the whole partition: which controls were obeyed where."""
        return self.saved.export_shared()

    def load_shared(
        self, exported: dict[str, Any], at: int, artefact: Callable[[str], bytes | None] = lambda _: None
    ) -> None:
        """Take over the controls; those in force are found when the first row or control comes.

        ``artefact`` gives the bytes of a model or pack by its ref.
        """
        self.saved.load_shared(exported, at, artefact)
