"""The trial: every outlet's honest month judged day by day, and every kind of fraud put into every outlet it fits."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.stats import beta, chi2

from detectors.benchmarks.integrity.frauds import FRAUDS, Fraud, Tampered, runs
from detectors.benchmarks.integrity.months import BEFORE_DAYS, Month, months
from detectors.benchmarks.integrity.processes import DAY, Random
from detectors.benchmarks.integrity.sending import BEGIN_MS, send
from detectors.integrity.base import Measure, Rule
from detectors.integrity.judge import measures
from detectors.integrity.outlet import MINUTE_MS

DAYS_OF_YEAR = 365.25
TRIES = 200


@dataclass(slots=True)
class Kind:
    """``found``: the fraud was told by some rule; ``named``: by the rule of its kind."""

    injected: int = 0
    found: int = 0
    named: int = 0

    def interval(self) -> tuple[float, float]:
        """The share found, 95 % interval of Clopper and Pearson."""
        return share_interval(self.found, self.injected)


@dataclass(slots=True)
class Trial:
    """What came out. ``accusations``: (outlet, day, rule) on honest days, a run of days counted once;
    ``scores``: the best score of each rule on each honest outlet-day."""

    outlets: int = 0
    outlet_days: int = 0
    kinds: dict[str, Kind] = field(default_factory=dict)
    accusations: list[tuple[str, int, str]] = field(default_factory=list)
    scores: dict[str, list[float]] = field(default_factory=dict)

    @property
    def station_years(self) -> float:
        return self.outlet_days / DAYS_OF_YEAR

    def rate_interval(self) -> tuple[float, float]:
        """False accusations a station-year, 95 % interval of a Poisson count."""
        count = len(self.accusations)
        low = chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
        return float(low / self.station_years), float(chi2.ppf(0.975, 2 * count + 2) / 2 / self.station_years)


def share_interval(hits: int, tries: int) -> tuple[float, float]:
    """95 % interval of a share (Clopper and Pearson); (0, 1) of nothing."""
    if not tries:
        return 0.0, 1.0
    low = beta.ppf(0.025, hits, tries - hits + 1) if hits else 0.0
    high = beta.ppf(0.975, hits + 1, tries - hits) if hits < tries else 1.0
    return float(low), float(high)


def trial(
    seed: int,
    outlets: int,
    days: int,
    rules: Sequence[Rule],
    say: Callable[[str], None] = lambda _: None,
    frauds: Mapping[str, Fraud] = FRAUDS,
    every: int = 1,
) -> Trial:
    """Judge ``outlets`` honest months of ``days`` days, then each with one fraud of each kind that fits it, or with
    one of ``every`` kinds in turn.
    """
    told = Trial(outlets=outlets, scores={rule.name: [] for rule in rules})
    told.kinds = {name: Kind() for name in frauds}
    for number, month in enumerate(months(seed, outlets, days)):
        honest(month, days, rules, told)
        for place, (name, fraud) in enumerate(frauds.items()):
            if (number + place) % every == 0 and fraud.fits(month):
                random = np.random.default_rng([seed, number, place, 77])
                inject(random, name, fraud, month, days, rules, told)
        say(f"{number + 1}/{outlets} outlets")
    return told


def honest(month: Month, days: int, rules: Sequence[Rule], told: Trial) -> None:
    """Every day of an honest month; one rule that speaks on days in a row accuses once."""
    last: dict[str, int] = {}
    sent = send(month)
    for day in range(days):
        found = measures(sent.look(day + BEFORE_DAYS), rules)
        told.outlet_days += 1
        for rule in rules:
            best = max((each.score for other, each in found if other is rule), default=0.0)
            told.scores[rule.name].append(best)
            if best >= rule.threshold:
                if last.get(rule.name, -2) < day - 1:
                    told.accusations.append((month.name, day, rule.name))
                last[rule.name] = day


def inject(
    random: Random, name: str, fraud: Fraud, month: Month, days: int, rules: Sequence[Rule], told: Trial
) -> None:
    """One fraud at a moment at which the plant runs; nothing where no such moment is found."""
    kind = told.kinds[name]
    place = _moment(random, fraud, month, days)
    if place is None:
        return
    first, last = place
    begin = first // DAY - BEFORE_DAYS
    end = -(-last // DAY)
    part = month.part(begin, end)
    tampered = fraud.put(random, part, first - begin * DAY, last - begin * DAY)
    kind.injected += 1
    said = [rule for rule, measure in _told(tampered, end - begin, rules) if measure.score >= rule.threshold]
    kind.found += bool(said)
    kind.named += any(rule.name == fraud.rule for rule in said)


def _told(tampered: Tampered, days: int, rules: Sequence[Rule]) -> Iterator[tuple[Rule, Measure]]:
    """What the daily looks from the fraud's first to its last day say of the time it lasts."""
    begin, end = (BEGIN_MS + each * MINUTE_MS for each in (tampered.first, tampered.last))
    sent = send(tampered.month, tampered.hours)
    for day in range(tampered.first // DAY, days):
        for rule, measure in measures(sent.look(day), rules):
            if measure.start_ms < end and measure.end_ms > begin:
                yield rule, measure


def _moment(random: Random, fraud: Fraud, month: Month, days: int) -> tuple[int, int] | None:
    """Rows of a stretch in the judged days in which the plant runs nearly all the time and the line is up."""
    there = runs(month) & ~month.lost
    for _ in range(TRIES):
        length = int(random.uniform(*fraud.hours) * 60)
        first = int(random.integers(BEFORE_DAYS * DAY, (BEFORE_DAYS + days) * DAY - length)) // 60 * 60
        if there[first : first + length].mean() > 0.95 and there[first]:
            return first, first + length
    return None
