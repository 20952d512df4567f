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
from detectors.integrity.judge import measures, prompt
from detectors.integrity.outlet import HOUR_MS, MINUTE_MS, Outlet

DAYS_OF_YEAR = 365.25
TRIES = 200


@dataclass(slots=True)
class Kind:
    """``found``: the fraud was told by some rule; ``named``: by the rule of its kind. ``after_h``: hours from the
    beginning of each that was found to the look that told it first."""

    injected: int = 0
    found: int = 0
    named: int = 0
    after_h: list[float] = field(default_factory=list)

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
        """Years of monitoring by one outlet, which false findings are counted over."""
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
    look_h: int = 1,
) -> Trial:
    """Judge ``outlets`` honest months of ``days`` days, then each with one fraud of each kind that fits it, or with
    one of ``every`` kinds in turn. The prompt rules look every ``look_h`` hours.
    """
    told = Trial(outlets=outlets, scores={rule.name: [] for rule in rules})
    told.kinds = {name: Kind() for name in frauds}
    for number, month in enumerate(months(seed, outlets, days)):
        honest(month, days, rules, told, look_h)
        for place, (name, fraud) in enumerate(frauds.items()):
            if (number + place) % every == 0 and fraud.fits(month):
                random = np.random.default_rng([seed, number, place, 77])
                inject(random, name, fraud, month, days, rules, told, look_h)
        say(f"{number + 1}/{outlets} outlets")
    return told


def looks(day: Outlet, rules: Sequence[Rule], look_h: int = 1) -> Iterator[tuple[Outlet, Sequence[Rule]]]:
    """The looks at a day, in the order of time: every ``look_h`` hours the prompt rules, at last all."""
    soon = prompt(rules)
    if soon:
        for end_ms in range(day.start_ms + look_h * HOUR_MS, day.end_ms, look_h * HOUR_MS):
            yield day.until(end_ms), soon
    yield day, rules


def honest(month: Month, days: int, rules: Sequence[Rule], told: Trial, look_h: int = 1) -> None:
    """Every day of an honest month; one rule that speaks on days in a row accuses once."""
    last: dict[str, int] = {}
    sent = send(month)
    for day in range(days):
        found = [
            each for look, asked in looks(sent.look(day + BEFORE_DAYS), rules, look_h) for each in measures(look, asked)
        ]
        told.outlet_days += 1
        for rule in rules:
            best = max((each.score for other, each in found if other is rule), default=0.0)
            told.scores[rule.name].append(best)
            if best >= rule.threshold:
                if last.get(rule.name, -2) < day - 1:
                    told.accusations.append((month.name, day, rule.name))
                last[rule.name] = day


def inject(
    random: Random,
    name: str,
    fraud: Fraud,
    month: Month,
    days: int,
    rules: Sequence[Rule],
    told: Trial,
    look_h: int = 1,
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
    said = [each for each in _told(tampered, end - begin, rules, look_h) if each[1].score >= each[0].threshold]
    kind.found += bool(said)
    kind.named += any(rule.name == fraud.rule for rule, _, _ in said)
    if said:
        begun = BEGIN_MS + tampered.first * MINUTE_MS
        kind.after_h.append((min(at for _, _, at in said) - begun) / HOUR_MS)


def _told(tampered: Tampered, days: int, rules: Sequence[Rule], look_h: int) -> Iterator[tuple[Rule, Measure, int]]:
    """What the looks from the fraud's first to its last day say of the time it lasts, and when (the look's end)."""
    begin, end = (BEGIN_MS + each * MINUTE_MS for each in (tampered.first, tampered.last))
    sent = send(tampered.month, tampered.hours)
    for day in range(tampered.first // DAY, days):
        for look, asked in looks(sent.look(day), rules, look_h):
            if look.end_ms <= begin:
                continue
            for rule, measure in measures(look, asked):
                if measure.start_ms < end and measure.end_ms > begin:
                    yield rule, measure, look.end_ms


def _moment(random: Random, fraud: Fraud, month: Month, days: int) -> tuple[int, int] | None:
    """Rows of a stretch in the judged days in which the plant runs nearly all the time and the line is up."""
    there = runs(month) & ~month.lost
    for _ in range(TRIES):
        length = int(random.uniform(*fraud.hours) * 60)
        first = int(random.integers(BEFORE_DAYS * DAY, (BEFORE_DAYS + days) * DAY - length)) // 60 * 60
        if there[first : first + length].mean() > 0.95 and there[first]:
            return first, first + length
    return None
