"""The live kernel over past readings: one lane for each partition, as in a worker, at full speed."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from detectors.backtest import model_ref
from detectors.base import SeriesSpec
from detectors.calibration import DEFAULT_RATE
from detectors.fitting import fit
from detectors.groups.fitting import fit_groups
from detectors.kernel import Kernel
from detectors.samples import Samples
from streams.backtesting.past import Past
from streams.backtesting.trace import Watched, watch
from streams.batch import Batch, Judged
from streams.lane import Lane
from streams.specs import SpecBook
from topics.codec import Fetch
from topics.domain import Domain
from topics.finding import Finding
from topics.reading import Control

#: Controls that put another pack or other models in force.
ARTEFACTS = frozenset({"~config", "~model"})
#: What a candidate said beside the live kernel changed no finding, and its topic need not have kept it.
TRIALS = frozenset({"~shadow"})

#: Told how many records have been judged since the last call.
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How the past is judged.

    ``rate``: false alerts that one healthy sensor may raise in a day. ``models``: a bundle in force from the
    beginning. ``fit_until``: event time (ms UTC) before which nothing is told and models are learnt, if no bundle
    is given. ``follow_log``: obey packs and models that the log itself names, as the worker did. ``tell_from``:
    event time before which findings are not counted, only learnt from.
    """

    domain: Domain
    book: Callable[[Domain], SpecBook]
    rate: float = DEFAULT_RATE
    models: bytes | None = None
    fit_until: int | None = None
    follow_log: bool = True
    tell_from: int = 0


@dataclass(slots=True)
class Replayed:
    """What came of it. ``findings`` in log order, partition by partition; times are event times, ms UTC;
    ``sensors`` are the series that were judged; ``cpu_s`` processor seconds."""

    findings: list[Finding] = field(default_factory=list)
    readings: int = 0
    late: int = 0
    duplicate: int = 0
    unregistered: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    first_ms: int = 0
    last_ms: int = 0
    sensors: dict[str, SeriesSpec] = field(default_factory=dict)
    models: str = ""
    cpu_s: float = 0.0

    @property
    def days(self) -> float:
        """Days of event time that findings were counted in."""
        return max(self.last_ms - self.first_ms, 0) / 86_400_000


class Rerun:
    """Judges ``past`` as ``plan`` says; ``play`` may be called again and gives the same."""

    def __init__(self, past: Past, plan: Plan) -> None:
        self.past = past
        self.plan = plan

    def play(self, progress: Progress = lambda _: None, watched: Watched | None = None) -> Replayed:
        """All of it; ``watched`` series are traced on the way."""
        began, found = time.process_time(), Replayed()
        samples = Samples() if self.plan.fit_until is not None and self.plan.models is None else None
        lanes = [self._lane(partition, samples, watched) for partition in range(self.past.partitions)]
        logs = [_Log(self.past.batches(partition)) for partition in range(self.past.partitions)]
        if samples is not None:
            assert self.plan.fit_until is not None
            for lane, log in zip(lanes, logs, strict=True):
                for batch in log.until(self.plan.fit_until):
                    self._judge(lane, batch, progress)
            groups = fit_groups(self.plan.domain, samples.groups.gathered(), self.plan.fit_until)
            body = fit(self.plan.domain.name, samples.rows(), self.plan.fit_until, groups=groups)
            found.models = self._put_in_force(lanes, body, self.plan.fit_until)
            for lane in lanes:
                lane.kernel.forest_watch.samples = lane.kernel.group_watch.samples = None
        elif self.plan.models is not None:
            found.models = self._put_in_force(lanes, self.plan.models, 0)
        tell_from = max(self.plan.tell_from, self.plan.fit_until or 0)
        for lane, log in zip(lanes, logs, strict=True):
            for batch in log.rest():
                _take(found, batch, self._judge(lane, batch, progress), tell_from)
            _count(found, lane)
        found.first_ms = max(found.first_ms, tell_from)
        found.cpu_s = time.process_time() - began
        return found

    def _lane(self, partition: int, samples: Samples | None, watched: Watched | None) -> Lane:
        plan, past = self.plan, self.past
        kernel = Kernel(plan.domain, past.topic, partition, rate=plan.rate, samples=samples)
        if watched is not None:
            watch(kernel, watched)
        return Lane(kernel, plan.book(plan.domain), partition, past.partitions, past.artefact)

    def _judge(self, lane: Lane, batch: Batch, progress: Progress) -> Judged:
        judged = lane.judge(_without(batch, TRIALS if self.plan.follow_log else TRIALS | ARTEFACTS))
        progress(len(batch.all))
        return judged

    def _put_in_force(self, lanes: list[Lane], body: bytes, time_ms: int) -> str:
        ref = model_ref(self.plan.domain.name, body)
        for lane in lanes:
            outcome = lane.kernel.control(Control("~model", time_ms, ref=ref), lane.next_offset, 0, body)
            if outcome.rejects:
                raise ValueError(outcome.rejects[0].detail)
        return ref


class _Log:
    """A partition's batches, which may be stopped in between at an event time."""

    def __init__(self, batches: Iterator[Batch]) -> None:
        self._batches = batches
        self._waiting: Batch | None = None

    def until(self, time_ms: int) -> Iterator[Batch]:
        """Those before the first that begins at or after ``time_ms``."""
        for batch in self._batches:
            if batch.fetch.rows and batch.fetch.rows[0].time >= time_ms:
                self._waiting = batch
                return
            yield batch

    def rest(self) -> Iterator[Batch]:
        if self._waiting is not None:
            yield self._waiting
            self._waiting = None
        yield from self._batches


def _take(found: Replayed, batch: Batch, judged: Judged, tell_from: int) -> None:
    found.findings += [each for each in judged.findings if each.time >= tell_from and each.opened >= tell_from]
    found.refused.update(reason for _, reason, _ in judged.refused)
    found.unregistered += len(judged.unregistered)
    rows = len(batch.fetch.rows) - len(batch.fetch.controls)
    found.readings += rows
    if rows:
        times = [row.time for row in batch.fetch.rows if not row.series.startswith("~")]
        found.first_ms = min(found.first_ms or times[0], min(times))
        found.last_ms = max(found.last_ms, max(times))


def _count(found: Replayed, lane: Lane) -> None:
    found.late += lane.tally.late
    found.duplicate += lane.tally.duplicate
    found.sensors |= {spec.series: spec for spec in lane.kernel.series.specs}
    found.models = found.models or lane.kernel.force.refs.get("~model", "")


def _without(batch: Batch, names: frozenset[str]) -> Batch:
    """The batch without the controls of these names."""
    dropped = {place for place, control in batch.fetch.controls if control.series in names}
    if not dropped:
        return batch
    kept = [place for place in range(len(batch.fetch.rows)) if place not in dropped]
    new = {place: at for at, place in enumerate(kept)}
    controls = [(new[place], control) for place, control in batch.fetch.controls if place in new]
    fetch = Fetch([batch.fetch.rows[place] for place in kept], range(len(kept)), controls, batch.fetch.refused)
    return Batch(batch.all, [batch.records[place] for place in kept], fetch)
