"""The live kernel of a partition and, while one runs, a candidate's kernel beside it over the same rows. No I/O.

A ``~shadow`` control in the log starts a candidate: its kernel begins as a copy of the live one at that offset, then
the candidate's pack and models are put in force in it. From there on it sees every row and control that the live one
sees, but for controls of what the candidate itself names. So what it says depends on the log alone, as with the live
kernel, and its memory is kept in the same snapshots (streams/owned.py). What it says goes nowhere but into words
about the run. Whatever fails in it ends the run, never the live kernel's work.
"""

import time
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from detectors.base import Columns, Outcome, Reject, SeriesSpec, SlotArray
from detectors.fork import alike, forked
from detectors.kernel import Kernel
from streams.candidates import put_in_force, read_candidate
from topics.reading import Control
from topics.shadow import Candidate, Kind, ShadowWord

SHADOW = "~shadow"

#: Cost is told at the first tick of city time after so much of it.
COST_EVERY_MS = 60_000

Artefact = Callable[[str], bytes | None]

#: What a candidate raises that does not fit.
BROKEN = (ValueError, LookupError, msgspec.MsgspecError)


class Run:
    """A candidate at work. ``began``: the offset of the control that started it."""

    def __init__(self, kernel: Kernel, candidate: Candidate, ref: str, began: int) -> None:
        self.kernel = kernel
        self.candidate = candidate
        self.ref = ref
        self.began = began
        self.holds = frozenset(
            name for name, held in (("~config", candidate.pack), ("~model", candidate.models)) if held is not None
        )
        self.slots = np.full(0, -1, np.intp)  # of the candidate's kernel, by the live kernel's
        self.readings = self.refused = 0
        self.live_s = self.candidate_s = 0.0
        self.told_at = 0
        put_in_force(kernel, candidate)

    def exported(self) -> dict[str, Any]:
        """What a snapshot keeps of it beside the blocks of its kernel."""
        shared = self.kernel.export_shared()
        shared["controls"] = [each for each in shared["controls"] if each[1] not in self.holds]
        return {"ref": self.ref, "began": self.began, "shared": shared}


class Beside:
    """``topic`` and ``partition`` are those of the readings; ``cpu`` gives the processor seconds of this thread."""

    def __init__(self, kernel: Kernel, topic: str, partition: int, cpu: Callable[[], float] = time.thread_time) -> None:
        self.kernel = kernel
        self.topic = topic
        self.partition = partition
        self.run: Run | None = None
        self._cpu = cpu
        self._at = 0
        self._words: list[ShadowWord] = []

    @property
    def kernels(self) -> list[Kernel]:
        """The live one and, while one runs, the candidate's: in a snapshot 64 blocks each, in this order."""
        return [self.kernel] if self.run is None else [self.kernel, self.run.kernel]

    def words(self) -> list[ShadowWord]:
        """What runs have said since they were last asked."""
        words, self._words = self._words, []
        return words

    def bind(self, spec: SeriesSpec) -> int:
        """The live kernel's slot of this series."""
        slot = self.kernel.bind(spec)
        if self.run is not None:
            self._safely(lambda run: self._bound(run, slot))
        return slot

    def apply(self, columns: Columns) -> Outcome:
        """What the live kernel finds in these rows; the candidate, where one runs, judges them too."""
        if self.run is None:
            return self.kernel.apply(columns)
        began = self._cpu()
        outcome = self.kernel.apply(columns)
        between = self._cpu()
        self._at = int(columns.offset[-1])
        self._safely(lambda run: self._rows(run, columns, outcome))
        if self.run is not None:
            self.run.readings += len(columns.slot)
            self.run.live_s += between - began
            self.run.candidate_s += self._cpu() - between
        return outcome

    def control(self, control: Control, offset: int, stamp: int, artefact: bytes | None) -> Outcome:
        """Obey a control of the log; ``artefact`` as ``Kernel.control`` wants it."""
        if control.series == SHADOW:
            return self._obey(control, offset, artefact)
        began = self._cpu()
        outcome = self.kernel.control(control, offset, stamp, artefact)
        if self.run is not None and control.series not in self.run.holds:
            self._at, between = offset, self._cpu()
            self._safely(lambda run: self._say(run, run.kernel.control(control, offset, stamp, artefact), outcome))
            if self.run is not None:
                self.run.live_s += between - began
                self.run.candidate_s += self._cpu() - between
                self._tell_cost(self.run, offset, control.time)
        return outcome

    def export_shared(self) -> dict[str, Any]:
        """What a snapshot keeps for the whole partition."""
        shared = self.kernel.export_shared()
        return shared if self.run is None else shared | {"shadow": self.run.exported()}

    def restore(self, shared: dict[str, Any], at: int, artefact: Artefact) -> None:
        """Take over ``export_shared`` while the live kernel is still as it was made. A candidate that is not on its
        topic any more ends, and says so."""
        self.kernel.load_shared(shared, at, artefact)
        kept = shared.get("shadow")
        if kept is None:
            return
        body, kernel = artefact(kept["ref"]), alike(self.kernel, self.topic, self.partition)
        kernel.load_shared(kept["shared"], at, artefact)
        try:
            if body is None:
                raise ValueError(f"expected {kept['ref']} on its topic, got none")
            self.run = Run(kernel, read_candidate(body), kept["ref"], kept["began"])
        except BROKEN as error:
            _, domain, run = kept["ref"].rpartition("@")[0].split("/")
            where = (self.topic, self.partition, at, 0)
            self._words.append(ShadowWord(run, domain, "failed", *where, detail=str(error)))

    def _obey(self, control: Control, offset: int, artefact: bytes | None) -> Outcome:
        outcome = Outcome()
        if self.run is not None:
            if offset <= self.run.began:
                return outcome  # it is read again, from a snapshot that knows of it
            self._end(offset)
        if not control.ref:
            return outcome
        try:
            candidate = read_candidate(artefact or b"")
        except msgspec.MsgspecError as error:
            outcome.rejects.append(Reject(offset, "schema_mismatch", f"{control.series} {control.ref}: {error}"))
            return outcome
        try:
            if candidate.domain != self.kernel.force.tables.domain.name:
                raise ValueError(f"expected a candidate of {self.kernel.force.tables.domain.name}")
            self.run = Run(forked(self.kernel, self.topic, self.partition, offset), candidate, control.ref, offset)
        except BROKEN as error:
            self._words.append(self._word(candidate, "failed", offset, detail=str(error)))
        else:
            self._words.append(self._word(candidate, "began", offset, detail=control.ref))
        return outcome

    def _end(self, offset: int) -> None:
        assert self.run is not None
        self._cost(self.run, offset)
        self._words.append(self._word(self.run.candidate, "ended", offset))
        self.run = None

    def _rows(self, run: Run, columns: Columns, live: Outcome) -> None:
        room = self.kernel.series.room
        if len(run.slots) < room:
            run.slots = np.concatenate([run.slots, np.full(room - len(run.slots), -1, np.intp)])
        slots = run.slots[columns.slot]
        for slot in np.unique(columns.slot[slots < 0]).tolist():
            self._bound(run, slot)
        self._say(run, run.kernel.apply(_with_slots(columns, run.slots[columns.slot])), live)

    def _bound(self, run: Run, live: int) -> None:
        slot = run.kernel.bind(self.kernel.series.specs[live])
        if live < len(run.slots):
            run.slots[live] = slot

    def _say(self, run: Run, outcome: Outcome, live: Outcome) -> None:
        if outcome.rejects:  # what the live kernel refuses too is the sender's fault and not the candidate's
            too = {reject.offset for reject in live.rejects}
            run.refused += sum(reject.offset not in too for reject in outcome.rejects)
        for finding in outcome.findings:
            word = self._word(run.candidate, "finding", finding.origin.last_offset, finding=finding)
            self._words.append(word)

    def _tell_cost(self, run: Run, offset: int, city_ms: int) -> None:
        if run.told_at == 0:
            run.told_at = city_ms
        if city_ms - run.told_at >= COST_EVERY_MS:
            run.told_at = city_ms
            self._cost(run, offset)

    def _cost(self, run: Run, offset: int) -> None:
        if not run.readings:
            return
        self._words.append(
            self._word(
                run.candidate, "cost", offset, readings=run.readings, refused=run.refused,
                live_s=round(run.live_s, 6), candidate_s=round(run.candidate_s, 6),
            )
        )  # fmt: skip
        run.readings = run.refused = 0
        run.live_s = run.candidate_s = 0.0

    def _safely(self, work: Callable[[Run], None]) -> None:
        """Let the candidate work; whatever it raises ends its run alone."""
        run = self.run
        assert run is not None
        try:
            work(run)
        except Exception as error:  # noqa: BLE001  # the edge: a candidate must never take the live kernel with it
            self._words.append(self._word(run.candidate, "failed", self._at, detail=f"{type(error).__name__}: {error}"))
            self.run = None

    def _word(self, candidate: Candidate, kind: Kind, offset: int, **more: Any) -> ShadowWord:
        where = (self.topic, self.partition, offset, self.kernel.last_tick)
        return ShadowWord(candidate.id, candidate.domain, kind, *where, **more)


def _with_slots(columns: Columns, slots: SlotArray) -> Columns:
    return Columns(
        slots, columns.time_ms, columns.value, columns.usable, columns.backfill, columns.offset, columns.stamp
    )
