"""The search: settings drawn at random over the space, each tried by a look back over the whole past."""

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import optuna

from detectors.registry import settings_problems
from streams.backtesting.labels import Labels
from streams.backtesting.past import Past
from streams.backtesting.rerun import Plan, Rerun
from streams.backtesting.score import episodes
from streams.tuning.folds import By, Counts, Nested, counts_by_fold, folds_of, nested
from streams.tuning.knobs import Knob, Values, rounded, with_values
from topics.errors import ConfigurationError

#: Told after each trial: how many are done, and the best F so far.
Watcher = Callable[[int, float], None]


@dataclass(frozen=True, slots=True)
class Task:
    """What is searched: ``knobs`` of the plan's pack, by labels in ``folds`` folds; ``beta`` as in ``Counts.f``."""

    past: Past
    plan: Plan
    labels: Labels
    knobs: tuple[Knob, ...]
    folds: int = 4
    by: By = "site"
    beta: float = 1.0


@dataclass(frozen=True, slots=True)
class Searched:
    """``values[0]`` is empty: the settings in force; ``alarms`` episodes of each trial."""

    values: tuple[Values, ...]
    counts: tuple[tuple[Counts, ...], ...]
    alarms: tuple[int, ...]
    result: Nested


def search(
    task: Task, trials: int, minutes: float, seed: int = 0, watcher: Watcher = lambda done, best: None
) -> Searched:
    """Try the settings in force and up to ``trials`` others, for ``minutes`` of wall time at most (one more trial
    may be under way then).

    The draws are random and look at no score, so the same trials serve every fold, and a fold's
    figure owes nothing to its own labels. Raises ``ConfigurationError`` where labels or knobs do not suffice.
    """
    if not task.knobs:
        raise ConfigurationError("tune: expected at least one setting to search, got none (see --only)")
    study = _study(seed)
    space = {knob.path: _distribution(knob) for knob in task.knobs}
    values: list[Values] = []
    counts: list[tuple[Counts, ...]] = []
    alarms: list[int] = []
    deadline = time.monotonic() + 60.0 * minutes
    while not values or (len(values) <= trials and time.monotonic() < deadline):
        trial = study.ask(space) if values else None
        drawn = {path: rounded(each) for path, each in trial.params.items()} if trial else {}
        found, told = _tried(task, drawn)
        values.append(drawn)
        counts.append(found)
        alarms.append(told)
        if trial:
            study.tell(trial, sum(found, Counts()).f(task.beta))
        watcher(len(values), max(sum(each, Counts()).f(task.beta) for each in counts))
    return Searched(tuple(values), tuple(counts), tuple(alarms), nested(counts, task.beta))


def _study(seed: int) -> Any:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.RandomSampler(seed=seed)
    return optuna.create_study(direction="maximize", sampler=sampler)


def _distribution(knob: Knob) -> Any:
    return optuna.distributions.FloatDistribution(knob.low, knob.high, log=knob.log)


def _tried(task: Task, values: Values) -> tuple[tuple[Counts, ...], int]:
    domain = with_values(task.plan.domain, values)
    if problems := settings_problems(domain):
        raise ConfigurationError("\n".join(problems))
    plan = dataclasses.replace(task.plan, domain=domain, follow_log=False)
    found = Rerun(task.past, plan).play()
    told = episodes(found.findings, found.last_ms)
    labels = task.labels.within(found.first_ms, found.last_ms + 1).of(found.sensors)
    sites = {series: spec.site for series, spec in found.sensors.items()}
    try:
        fold_of = folds_of(labels, sites, task.by, task.folds, (found.first_ms, found.last_ms))
    except ValueError as error:
        raise ConfigurationError(str(error)) from error
    return counts_by_fold(told, labels, sites, fold_of, task.folds), len(told)
