"""`citybrain replay pollution-month`: the month through the kernel's book, held against the oracle period by period."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from detectors.rules.judgement.book import Book
from detectors.rules.judgement.rules import JudgementRules
from streams.replays.pollution_month import DAY_MS, HOUR_MS, START_MS, Month, source_type
from streams.replays.pollution_oracle import day_of, furnace_day, hour_of
from topics.judgement import Judgement
from topics.mark import Mark

TICK_MS = 600_000

#: What the oracle was told, from the text of the standards: DB12/599 A for COD, GB 13223 for SO2 at 6 % oxygen.
COD_LIMIT, SO2_LIMIT, COAL_OXYGEN = 30.0, 50.0, 6.0


@dataclass(slots=True)
class Replayed:
    """What came of a month: judgements by verdict, versions, and every period in which oracle and kernel differ."""

    readings: int = 0
    marks: int = 0
    versions: int = 0
    revised: int = 0
    cpu_s: float = 0.0
    periods: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        """Whether kernel and oracle agree on every period, and there were any."""
        return self.periods > 0 and not self.differences

    def figures(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "readings": self.readings, "marks": self.marks, "versions": self.versions, "revised": self.revised,
            "periods": self.periods, "verdicts": dict(sorted(self.verdicts.items())),
            "differences": len(self.differences), "first_differences": self.differences[:10],
            "cpu_s": round(self.cpu_s, 2), "readings_per_cpu_s": round(self.readings / max(self.cpu_s, 1e-9)),
        }  # fmt: skip


def replay_month(month: Month, rules: JudgementRules, say: Callable[[str], None] = lambda _: None) -> Replayed:
    """Play the month as it arrived, with a tick each ten minutes of city time, and compare what stands at its end."""
    book, result = Book(rules, source_type), Replayed()
    standing: dict[str, Judgement] = {}
    began = time.process_time()
    for versions in _played(book, month, result, say):
        for version in versions:
            standing[version.key] = version
            result.versions += 1
            result.revised += version.version > 1
    result.cpu_s = time.process_time() - began
    for judgement in standing.values():
        result.verdicts[f"{judgement.period} {judgement.verdict}"] += 1
    _compare(month, standing, result)
    return result


def _played(book: Book, month: Month, result: Replayed, say: Callable[[str], None]) -> Iterator[list[Judgement]]:
    tick = START_MS
    for at, _, item in month.in_order():
        while tick + TICK_MS <= at:
            tick += TICK_MS
            yield book.settle(tick)
            if (tick - START_MS) % (5 * DAY_MS) == 0:
                say(f"day {(tick - START_MS) // DAY_MS} of {month.days}")
        if isinstance(item, Mark):
            result.marks += 1
            book.mark(item)
        else:
            result.readings += 1
            book.take(item)
    yield book.settle(max(tick, month.end))


def _compare(month: Month, standing: dict[str, Judgement], result: Replayed) -> None:
    for subject, minutes in month.minutes.items():
        water = subject.endswith("w01018")
        reference = None if water else COAL_OXYGEN
        hours = [hour_of(minutes[place * 60 : place * 60 + 60], 1, reference) for place in range(len(minutes) // 60)]
        first = next((place for place, hour in enumerate(hours) if hour[0] != "missing"), 0)
        for place, (outcome, value, _) in enumerate(hours[first:], first):
            found = standing.get(f"{subject}|hour|{START_MS + place * HOUR_MS}")
            expected = outcome
            if outcome == "valid" and value is not None and not water:
                expected = "exceeds" if value > SO2_LIMIT else "within"
            elif outcome == "valid" and value is not None:
                expected = "anomaly" if value > COD_LIMIT else "no-limit"
            _held(result, f"{subject} hour {place}", found, expected, value)
        for day in range(month.days if water else 0):
            found = standing.get(f"{subject}|day|{START_MS + day * DAY_MS}")
            _held(result, f"{subject} day {day}", found, *day_of(hours[day * 24 : day * 24 + 24], COD_LIMIT, 1))
    for subject, means in month.furnace.items():
        for day in range(month.days):
            found = standing.get(f"{subject}|day|{START_MS + day * DAY_MS}")
            broken = furnace_day(means[day * 288 : day * 288 + 288])
            _held(result, f"{subject} day {day}", found, "exceeds" if broken else "within", None)


def _held(result: Replayed, name: str, found: Judgement | None, verdict: str, value: float | None) -> None:
    result.periods += 1
    if found is None:
        result.differences.append(f"{name}: expected {verdict} {value}, got no judgement")
    elif found.verdict != verdict or (value is not None and found.value != value):
        result.differences.append(f"{name}: expected {verdict} {value}, got {found.verdict} {found.value}")
