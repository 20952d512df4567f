"""What a trial says, as one object for programs: by kind with intervals, false accusations, and whether it is kept."""

from collections import Counter
from statistics import median
from typing import Any

from detectors.benchmarks.integrity.trial import Trial, share_interval

#: What is promised: of all injected frauds, and accusations of honest outlets in a station-year.
PROMISED_SHARE = 0.95
PROMISED_RATE = 1.0


def told(trial: Trial) -> dict[str, Any]:
    """The object of `citybrain bench integrity --json`."""
    injected = sum(kind.injected for kind in trial.kinds.values())
    found = sum(kind.found for kind in trial.kinds.values())
    low, high = trial.rate_interval()
    rate = len(trial.accusations) / trial.station_years
    return {
        "outlets": trial.outlets,
        "outlet_days": trial.outlet_days,
        "station_years": round(trial.station_years, 2),
        "kinds": {
            name: {
                "injected": kind.injected,
                "found": kind.found,
                "named": kind.named,
                "share": round(kind.found / kind.injected, 4) if kind.injected else None,
                "interval_95": [round(each, 4) for each in kind.interval()],
                "told_after_h_median": round(median(kind.after_h), 1) if kind.after_h else None,
            }
            for name, kind in trial.kinds.items()
        },
        "injected": injected,
        "found": found,
        "share": round(found / injected, 4) if injected else None,
        "share_interval_95": [round(each, 4) for each in share_interval(found, injected)],
        "false_accusations": len(trial.accusations),
        "false_by_rule": dict(Counter(rule for _, _, rule in trial.accusations)),
        "false_per_station_year": round(rate, 3),
        "false_interval_95": [round(low, 3), round(high, 3)],
        "worst_kind_share": min(
            (round(kind.found / kind.injected, 4) for kind in trial.kinds.values() if kind.injected), default=None
        ),
        "promise_kept": kept(trial),
    }


def kept(trial: Trial) -> bool:
    """Whether each kind is found often enough, and honest outlets are accused seldom enough."""
    every = all(kind.found >= PROMISED_SHARE * kind.injected for kind in trial.kinds.values())
    return every and len(trial.accusations) <= PROMISED_RATE * trial.station_years


def healthy_lines(trials: list[Trial], seeds: list[int], most: int = 40, look_h: int = 1) -> str:
    """The file of healthy scores (`detectors/integrity/healthy_scores.toml`); ``look_h`` is that of the trials."""
    days = sum(each.outlet_days for each in trials)
    lines = [
        "# The highest scores of each rule on honest generated outlet-days; written by",
        f"# `citybrain bench integrity --healthy-scores FILE --healthy-seeds {','.join(map(str, seeds))}`.",
        f"outlet_days = {days}",
        f"seeds = {seeds}",
        f"look_h = {look_h}",
        "",
        "[highest]",
    ]
    for name in trials[0].scores:
        highest = sorted((score for each in trials for score in each.scores[name] if score > 0), reverse=True)[:most]
        lines.append(f"{name} = [{', '.join(f'{score:.3f}' for score in highest)}]")
    return "\n".join(lines) + "\n"
