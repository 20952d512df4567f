"""Nested validation: what chooses the settings never judges them. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from streams.backtesting.labels import Label, Labels
from streams.backtesting.score import Told, judge

By = Literal["site", "time"]
#: Which fold an episode or label lies in, from its site and its time.
FoldOf = Callable[[str, int], int]


@dataclass(frozen=True, slots=True)
class Counts:
    """What a setting found in one fold: true and false episodes; events that were found, and all of them."""

    true: int = 0
    false: int = 0
    found: int = 0
    events: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.true + other.true, self.false + other.false, self.found + other.found, self.events + other.events
        )

    def f(self, beta: float = 1.0) -> float:
        """F of precision (by episodes) and recall (by events), 0 where nothing was found rightly; ``beta`` > 1 counts
        recall higher."""
        precision = self.true / (self.true + self.false) if self.true else 0.0
        recall = self.found / self.events if self.events else 0.0
        weighed = beta * beta * precision + recall
        return (1 + beta * beta) * precision * recall / weighed if weighed else 0.0


@dataclass(frozen=True, slots=True)
class Nested:
    """``best``: the trial that wins on everything; ``in_sample`` its counts there (flattering); ``out_of_fold``: each
    fold judged by the trial that won on the *others*; ``chosen`` those trials, by fold."""

    best: int
    in_sample: Counts
    out_of_fold: Counts
    chosen: tuple[int, ...]


def folds_of(labels: Labels, sites: dict[str, str], by: By, count: int, span: tuple[int, int]) -> FoldOf:
    """Folds by site (events spread evenly over them) or by stretches of time. ``sites``: by series its site.

    Raises ``ValueError`` where there are too few sites with events, or none.
    """
    if by == "time":
        width = max(1, (span[1] - span[0]) // count + 1)
        return lambda site, time: min(count - 1, max(0, (time - span[0]) // width))
    events = [label for label in labels.windows if label.kind == "event"]
    load: dict[str, int] = dict.fromkeys(sorted(set(sites.values())), 0)
    for label in events:
        load[_site_of(label, sites)] += 1
    if sum(1 for each in load.values() if each) < 2:
        raise ValueError(
            f"tune: expected events at two sites or more, got {len(events)} at too few; use --folds-by time"
        )
    totals, place = [0] * count, dict[str, int]()
    for site in sorted(load, key=lambda site: (-load[site], site)):
        place[site] = min(range(count), key=lambda fold: (totals[fold], list(place.values()).count(fold)))
        totals[place[site]] += load[site]
    return lambda site, time: place.get(site, 0)


def _site_of(label: Label, sites: dict[str, str]) -> str:
    for series, site in sorted(sites.items()):
        if label.covers(series, site):
            return site
    raise ValueError(f"label {label.series}: expected one of the series that were judged, got none of them")


def counts_by_fold(
    told: Sequence[Told], labels: Labels, sites: dict[str, str], fold_of: FoldOf, folds: int
) -> tuple[Counts, ...]:
    """What these episodes are worth in each fold."""
    judged = judge(told, labels)
    found = [Counts()] * folds
    for each in told:
        fold = fold_of(each.opening.site, each.at)
        kind = judged.kinds[each.opening.id]
        found[fold] += Counts(true=kind == "true", false=kind == "false")
    for match in judged.matches:
        fold = fold_of(_site_of(match.label, sites), match.label.start)
        found[fold] += Counts(found=match.first is not None, events=1)
    return tuple(found)


def nested(trials: Sequence[Sequence[Counts]], beta: float) -> Nested:
    """Choose and judge. ``trials[i][fold]``; equal scores go to the earlier trial, so the settings in force (the
    first) stay unless something is better. The trials must not have been picked by looking at their scores."""
    folds = len(trials[0])

    def winner(without: int | None) -> int:
        def score(trial: int) -> float:
            kept = (each for fold, each in enumerate(trials[trial]) if fold != without)
            return round(sum(kept, Counts()).f(beta), 12)

        return max(range(len(trials)), key=lambda trial: (score(trial), -trial))

    chosen = tuple(winner(fold) for fold in range(folds))
    outside = sum((trials[trial][fold] for fold, trial in enumerate(chosen)), Counts())
    best = winner(None)
    return Nested(best, sum(trials[best], Counts()), outside, chosen)
