"""The book of judgements of one partition: readings and marks in, in any order; revised judgements out.

Nothing is judged when it comes, only at a tick of city time (``settle``). A period is judged first when it has been
over for a while, and again whenever something about it has changed. Once all data are in, what stands in the book
does not depend on the order in which they came; the number of versions does.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from detectors.rules.judgement.day import DAY_MS, has_day, judge_day
from detectors.rules.judgement.hour import FLOWS, OXYGEN, WATER_TEMPERATURE, Question, judge_hour
from detectors.rules.judgement.material import HourRows, measured, packed, unpacked
from detectors.rules.judgement.minutes import HOUR_MS
from detectors.rules.judgement.rules import JudgementRules
from detectors.rules.judgement.standing import Standing
from topics.city_zone import day_start
from topics.judgement import Cause, Judgement
from topics.mark import Mark
from topics.reading import Reading

HELPERS = frozenset({OXYGEN, WATER_TEMPERATURE, *FLOWS.values()})

#: Hours untouched for so long are packed.
PACK_AFTER_MS = 3 * HOUR_MS


@dataclass(slots=True)
class Counts:
    """Readings taken, those that changed nothing, those of a unit nobody converts, and what came too late to be
    judged again (readings and marks of hours the book holds no more).
    """

    taken: int = 0
    repeated: int = 0
    wrong_unit: int = 0
    too_late: int = 0


@dataclass(slots=True)
class _Subject:
    """First hour of a factor that anything came of, and the next hour to be judged for the first time."""

    first: int
    next: int


@dataclass(slots=True)
class Book:
    """``source_type`` gives a site's; ``reach``: hours before it are not judged again from readings, because the log
    no longer holds all of theirs (0 = all can).
    """

    rules: JudgementRules
    source_type: Callable[[str], str]
    reach: int = 0
    counts: Counts = field(default_factory=Counts)
    standing: Standing = field(default_factory=Standing)
    _rows: dict[tuple[str, int], HourRows | bytes] = field(default_factory=dict)
    _subjects: dict[str, _Subject] = field(default_factory=dict)
    _by_device: dict[str, set[str]] = field(default_factory=dict)
    _marks: dict[str, dict[str, Mark]] = field(default_factory=dict)
    _hours: dict[tuple[str, int], Cause] = field(default_factory=dict)
    _days: dict[tuple[str, int], Cause] = field(default_factory=dict)
    _clock: int = 0
    _tidied: int = 0

    def restore(self, judgements: Iterable[Judgement]) -> None:
        """What was judged before, in any order: versions go on from there."""
        for each in judgements:
            self.standing.known[each.key] = each
            if each.period == "hour":
                subject = self._subject(each.subject, each.start)
                subject.next = max(subject.next, each.start + HOUR_MS)

    def take(self, reading: Reading) -> None:
        """Keep a reading; raises ``ValueError`` for a series that is no series id."""
        found = measured(reading, self.rules.units)
        if isinstance(found, str):
            self.counts.wrong_unit += found == "unit"
            return
        if found.hour < max(self.reach, self._oldest()):
            self.counts.too_late += 1
            return
        place = (found.device, found.hour)
        rows = self._rows.get(place)
        if isinstance(rows, bytes) or rows is None:
            rows = self._rows[place] = HourRows() if rows is None else unpacked(rows)
        if not rows.take(found.name, found.row, found.period):
            self.counts.repeated += 1
            return
        self.counts.taken += 1
        quantity = found.name[0]
        if quantity in self.rules.limits:
            subject = f"{found.device}/{quantity}"
            self._expect(subject, found.hour)
            self._hours[subject, found.hour] = "data"
        if quantity in HELPERS:
            for subject in self._by_device.get(found.device, ()):
                self._hours.setdefault((subject, found.hour), "data")

    def mark(self, mark: Mark) -> None:
        """Take a mark, or its newer form; what it and its older form cover is judged again."""
        marks = self._marks.setdefault(mark.site, {})
        old = marks.get(mark.id)
        if old == mark:
            return
        marks[mark.id] = mark
        for each in (old, mark):
            if each is not None:
                self._touch(each)

    def adopt(self, rules: JudgementRules) -> None:
        """Go on with other rules; all hours in reach are judged again by them, each by what held at its time."""
        self.rules = rules
        for each in self.standing.known.values():
            if each.period == "hour":
                self._hours.setdefault((each.subject, each.start), "rules")
            else:
                self._days.setdefault((each.subject, each.start), "rules")

    def settle(self, clock: int) -> list[Judgement]:
        """City time has reached ``clock`` (ms UTC): the new versions, hours before days, each in the order of time."""
        self._clock = max(self._clock, clock)
        self._close_hours()
        new = list(self._judge_hours())
        new += self._judge_days()
        self._tidy()
        return new

    def _subject(self, name: str, hour: int) -> _Subject:
        known = self._subjects.get(name)
        if known is None:
            known = self._subjects[name] = _Subject(hour, hour)
            self._by_device.setdefault(name.rpartition("/")[0], set()).add(name)
        known.first = min(known.first, hour)
        return known

    def _expect(self, name: str, hour: int) -> None:
        known = self._subjects.get(name)
        before = known.first if known is not None else hour
        subject = self._subject(name, hour)
        for missing in range(hour, before, HOUR_MS):
            if missing < subject.next:
                self._hours.setdefault((name, missing), "data")

    def _oldest(self) -> int:
        oldest = self._clock - self.rules.validity.keep_days * DAY_MS
        return max(0, oldest - oldest % HOUR_MS) if self._clock else 0

    def _touch(self, mark: Mark) -> None:
        oldest = self._oldest()
        for name in self._subjects:
            site, device, quantity = name.split("/")
            if site != mark.site or not mark.concerns(device, quantity):
                continue
            first = mark.start - mark.start % HOUR_MS
            if first < oldest:
                self.counts.too_late += 1
            for hour in range(max(first, oldest), mark.end, HOUR_MS):
                if hour < self._subjects[name].next:
                    self._hours[name, hour] = "mark"

    def _close_hours(self) -> None:
        settle_ms = self.rules.validity.hour_settle_s * 1000
        for name, subject in self._subjects.items():
            subject.next = max(subject.next, self._oldest())
            while subject.next + HOUR_MS + settle_ms <= self._clock:
                self._hours.setdefault((name, subject.next), "first")
                subject.next += HOUR_MS

    def _judge_hours(self) -> Iterator[Judgement]:
        due = sorted(
            (hour, name)
            for name, hour in self._hours
            if hour < self._subjects[name].next and hour >= self._subjects[name].first
        )
        for hour, name in due:
            cause = self._hours.pop((name, hour))
            if hour < self.reach and self.standing.has_hour(name, hour):
                self.counts.too_late += 1
                continue
            site, device, quantity = name.split("/")
            rows = self._rows.get((f"{site}/{device}", hour)) or HourRows()
            rows = unpacked(rows) if isinstance(rows, bytes) else rows
            marks = [
                mark
                for mark in self._marks.get(site, {}).values()
                if mark.withdrawn is None
                and mark.concerns(device, quantity)
                and mark.start < hour + HOUR_MS
                and mark.end > hour
            ]
            asked = Question(name, self.source_type(site), hour, sorted(marks, key=lambda mark: mark.id))
            version = self.standing.enter(judge_hour(self.rules, asked, rows), cause, self._clock)
            if version is not None:
                self._days[name, day_start(hour)] = "first" if version.version == 1 else version.cause
                yield version

    def _judge_days(self) -> Iterator[Judgement]:
        """Day after day, because how bad one is depends on those before it."""
        settle_ms = self.rules.validity.day_settle_s * 1000
        while due := {day for _, day in self._days if day + DAY_MS + settle_ms <= self._clock}:
            day = min(due)
            for name in sorted(name for name, each in self._days if each == day):
                version = self._judge_day(name, day, self._days.pop((name, day)))
                if version is not None:
                    yield version

    def _judge_day(self, name: str, day: int, cause: Cause) -> Judgement | None:
        site, _, quantity = name.split("/")
        source_type = self.source_type(site)
        if not has_day(self.rules, quantity, source_type):
            return None
        if day < self._oldest():  # its first hours are gone: it stands as it was judged
            self.counts.too_late += 1
            return None
        hours, before = self.standing.hours_of(name, day), self.standing.exceeded_before(name, day)
        judged = judge_day(self.rules, Question(name, source_type, day), hours, before)
        old = self.standing.known.get(judged.key)
        version = self.standing.enter(judged, cause, self._clock)
        if version is not None and (old is not None and old.verdict == "exceeds") != (version.verdict == "exceeds"):
            for later in self.standing.counting(name, day):
                self._days.setdefault((name, later), "history")
        return version

    def _tidy(self) -> None:
        """Once an hour: pack what is old, forget what is too old."""
        if self._clock < self._tidied + HOUR_MS:
            return
        self._tidied = self._clock
        oldest = self._oldest()
        for place, rows in list(self._rows.items()):
            if place[1] < oldest:
                del self._rows[place]
            elif not isinstance(rows, bytes) and place[1] + HOUR_MS + PACK_AFTER_MS < self._clock:
                self._rows[place] = packed(rows)
        self.standing.forget(oldest, self._clock)
        for name, hour in [each for each in self._hours if each[1] < oldest]:
            del self._hours[name, hour]
