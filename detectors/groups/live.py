"""Groups of channels in the kernel: at ticks of city time each place's vector is made, judged and told."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from detectors.base import FloatArray, IntArray, Outcome, Reject, Rows, SlotArray
from detectors.episodes import OpenEpisodes
from detectors.groups.course import Course, follow
from detectors.groups.gathered import Layout
from detectors.groups.periods import MOST_WAITING, Periods
from detectors.groups.places import Place, PlaceState
from detectors.groups.telling import GroupTeller, Heard
from detectors.groups.watch import RELEARN_AFTER
from detectors.in_force import InForce
from detectors.samples import Samples
from detectors.series import SeriesTable, block_of
from detectors.teller import Moment, Teller
from topics.finding import Finding

#: An episode is over once so many vectors in a row have been below this share of the bound; then the place is left in
#: peace for a while.
CALM_SHARE = 0.5
CALM_VECTORS = 5
QUIET_MS = 3_600_000


class GroupWatch:
    """Works on the partition's series and open episodes; ``states`` holds what is remembered of each place.

    A vector depends on the readings' event times alone, its judgement on that place's past, so that any cut of the log
    into batches, and any restart, gives the same. With ``samples``, healthy vectors are kept there.
    """

    def __init__(
        self, series: SeriesTable, episodes: OpenEpisodes, teller: Teller, force: InForce, samples: Samples | None
    ) -> None:
        self.series = series
        self.episodes = episodes
        self.force = force
        self.samples = samples
        self.tell = GroupTeller(series, teller, force)
        self.periods: dict[int, Periods] = {}
        self.places: dict[str, Place] = {}
        self.states: dict[str, PlaceState] = {}
        self._declared = force.declared
        self._layouts: dict[int, Layout] = {}
        self._looked: dict[int, int] = {}
        self._waiting: dict[str, dict[int, FloatArray]] = {}

    def met(self, slot: int) -> None:
        """A series is new: take its seat in the groups it belongs to."""
        spec = self.series.specs[slot]
        for declared, subject in self._declared.of(spec):
            periods = self.periods.setdefault(declared.period_ms, Periods(declared.period_ms))
            seat = periods.seat(slot, spec.series)
            place = self.places.setdefault(subject, Place(subject, spec.site, declared, periods))
            place.seats[spec.series] = seat
            self._layouts.pop(declared.period_ms, None)
            kept = self._waiting.get(spec.series, {}).pop(declared.period_ms, None)
            if kept is not None:
                periods.load(spec.series, kept)

    def heed(self) -> None:
        """Another pack may be in force: seat all series anew; what is remembered stays."""
        if self.force.declared is self._declared:
            return
        for series in self.series.slot_of:
            if kept := self._exported_periods(series):
                self._waiting[series] = kept
        self.periods, self.places, self._layouts, self._looked = {}, {}, {}, {}
        self._declared = self.force.declared
        for slot in range(self.series.count):
            self.met(slot)

    def keep(self, rows: Rows, offset: IntArray) -> None:
        """Take the readings of a tick; to be called only where there are ``periods``."""
        for each in self.periods.values():
            each.keep(rows, offset)

    def at_tick(self, now: int, offset: int, stamp: int, outcome: Outcome) -> None:
        """Judge the periods that are over, of every group whose turn it is."""
        moment = Moment(now, offset, stamp)
        for period_ms, periods in sorted(self.periods.items()):
            due, looked = periods.due(now), self._looked.get(period_ms, -1)
            if due > looked:
                first = due - MOST_WAITING + 1
                values, offsets = periods.vectors(first, due)
                if self.samples is not None:
                    self._sample(self.samples, periods, values[max(looked - first + 1, 0) :])
                self._look(periods, first, (values, offsets), moment, outcome)
                self._looked[period_ms] = due
        if len(self.states) > len(self.places):
            self._let_go_undeclared(moment, outcome)

    def new_normal(self, slot: int, by: str, reason: str, offset: int, stamp: int) -> list[Finding]:
        """A person has said that what a series shows is its new normal: the groups it is in learn from their next
        vector on, whatever is open, and their findings say who said it and why."""
        spec, found = self.series.specs[slot], []
        for _, subject in self._declared.of(spec):
            state = self.states.get(subject)
            if state is not None and state.course is not None and state.episode is not None:
                state.course = replace(state.course, watch=replace(state.course.watch, open_for=RELEARN_AFTER + 1))
                found.append(
                    self.tell.declared_normal(state, spec, by, reason, Moment(self._now(state), offset, stamp))
                )
        return found

    def _now(self, state: PlaceState) -> int:
        """Event time at which the last judged period of a place was over."""
        return (state.judged + 1) * self.places[state.subject].periods.period_ms

    def _look(
        self, periods: Periods, first: int, seen: tuple[FloatArray, FloatArray], moment: Moment, outcome: Outcome
    ) -> None:
        """``seen``: values and offsets (periods, seats), those of period ``first`` in the first line."""
        awake, due = self.series.awake(moment.offset), first + MOST_WAITING - 1
        for place in self._places(periods):
            if awake is not None and not awake[periods.slots[next(iter(place.seats.values()))]]:
                continue
            state = self.states.get(place.subject)
            if state is None:
                state = self.states[place.subject] = PlaceState(place.subject, place.site)
            judged = self.force.groups.get(place.subject)
            start = max(state.judged + 1, first) if state.judged >= 0 else due
            state.judged = max(state.judged, due)
            if judged is None:
                self._let_go(state, moment, outcome)
                continue
            if state.mark != judged.mark or state.course is None:
                state.mark, state.course = judged.mark, Course.begun(judged.fitted)
            seats = np.array([place.seats.get(series, -1) for series in judged.channels], np.intp)
            for number in range(start, due + 1):
                x, at = (np.where(seats >= 0, each[number - first, seats], np.nan) for each in seen)
                try:
                    verdict, state.course = follow(judged.fitted, state.course, x, number)
                except Exception as error:  # noqa: BLE001  # the edge of a detector, as in detectors/chain.py
                    said = f"{place.subject}: {judged.declared.detector.name}: {type(error).__name__}: {error}"
                    outcome.rejects.append(Reject(moment.offset, "detector_failed", said))
                    state.course = Course.begun(judged.fitted)
                    continue
                if verdict is not None and (state.episode is not None or verdict.score >= judged.least):
                    heard = Heard(place, judged, verdict, x, at, number * periods.period_ms)
                    self._turn(state, heard, moment, outcome)

    def _turn(self, state: PlaceState, heard: Heard, moment: Moment, outcome: Outcome) -> None:
        """Open, change or close the place's episode, as one vector says."""
        bound, rarity, episode = heard.judged.bound, heard.rarity, state.episode
        if rarity >= bound:
            rank = self._rank(rarity - bound)
            if episode is None:
                if heard.end >= state.quiet_until and not self._spoken_for(heard):
                    state.calm = 0
                    outcome.findings.append(self.tell.opened(state, heard, rank, moment))
            elif rank > episode.rank:
                state.calm = 0
                outcome.findings.append(self.tell.changed(state, heard, rank, moment))
            else:
                state.calm = 0
        elif episode is not None and rarity < CALM_SHARE * bound:
            state.calm += 1
            if state.calm >= CALM_VECTORS:
                state.quiet_until = heard.end + QUIET_MS
                outcome.findings.append(self.tell.over(state, heard, moment))

    def _rank(self, above: float) -> int:
        return int(self.force.severities.banded(np.array([above]), np.ones(1, np.bool_))[0])

    def _spoken_for(self, heard: Heard) -> bool:
        """Whether the channel that weighs most is an open matter already: then the group says nothing new."""
        slot = self.series.slot_of.get(heard.judged.channels[int(np.argmax(heard.verdict.shares))])
        return slot is not None and bool(self.episodes.any_open[slot])

    def _let_go(self, state: PlaceState, moment: Moment, outcome: Outcome) -> None:
        """Nothing judges this place any more: an episode that is open is over."""
        state.course, state.mark = None, ""
        if state.episode is not None:
            outcome.findings.append(self.tell.let_go(state, moment))

    def _let_go_undeclared(self, moment: Moment, outcome: Outcome) -> None:
        for subject in sorted(self.states.keys() - self.places.keys()):
            self._let_go(self.states.pop(subject), moment, outcome)

    def _places(self, periods: Periods) -> Iterator[Place]:
        mine = self._layout(periods).places
        return (self.places[subject] for subject in mine)

    def _layout(self, periods: Periods) -> Layout:
        if periods.period_ms not in self._layouts:
            mine = {
                subject: (place.declared.name, place.in_order)
                for subject, place in sorted(self.places.items())
                if place.periods is periods
            }
            self._layouts[periods.period_ms] = Layout(mine, tuple(periods.series))
        return self._layouts[periods.period_ms]

    def _sample(self, samples: Samples, periods: Periods, rows: FloatArray) -> None:
        """Keep the rows, but for places of which any channel is an open matter."""
        layout, slots = self._layout(periods), np.array(periods.slots, np.intp)
        ill = self.episodes.any_open[slots]
        if ill.any():
            hurt: list[SlotArray] = [seats for _, seats in layout.places.values() if ill[seats].any()]
            rows[:, np.concatenate([np.flatnonzero(ill), *hurt])] = np.nan
        samples.groups.take(layout, rows)

    def _exported_periods(self, series: str) -> dict[int, FloatArray]:
        """What is remembered of a series' readings, by period (ms)."""
        seated = {ms: kept for ms, each in self.periods.items() if (kept := each.exported(series)) is not None}
        return self._waiting.get(series, {}) | seated

    def export(self, block: int) -> dict[str, Any]:
        """The memory of a block's places, for a snapshot; equal memories export alike."""
        slots, _ = self.series.in_block(block)
        names = [self.series.specs[slot].series for slot in slots.tolist()]
        periods = {name: kept for name in names if (kept := self._exported_periods(name))}
        states = [state.exported() for _, state in sorted(self.states.items()) if block_of(state.site) == block]
        return {
            "places": states,
            "periods": {name: [[ms, kept[ms]] for ms in sorted(kept)] for name, kept in periods.items()},
        }

    def load(self, exported: dict[str, Any]) -> None:
        """Take over a block's memory; the series have been met. A pack that seats them may come later."""
        for series, kept in exported.get("periods", {}).items():
            for ms, array in ((int(each), np.asarray(array, np.float64)) for each, array in kept):
                if ms in self.periods and self.periods[ms].exported(series) is not None:
                    self.periods[ms].load(series, array)
                else:
                    self._waiting.setdefault(series, {})[ms] = array
        for each in exported.get("places", ()):
            self.states[each["subject"]] = PlaceState.loaded(each)
