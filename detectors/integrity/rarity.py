"""How rare a score is on healthy outlets: the highest scores that each rule gave on a great number of healthy days."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("healthy_scores.toml")


@dataclass(frozen=True, slots=True)
class HealthyScores:
    """The ``highest`` scores of one rule in falling order, out of ``days`` outlet-days (its best of each day)."""

    days: int
    highest: tuple[float, ...]

    def rarity(self, score: float) -> float:
        """The chance that a healthy outlet-day scores this high: counted, never less than once in all of them.

        >>> HealthyScores(999, (3.0, 2.0, 1.0)).rarity(2.5)
        0.002
        """
        return (1 + sum(each >= score for each in self.highest)) / (self.days + 1)


@cache
def healthy_scores() -> Mapping[str, HealthyScores]:
    """By rule, as `citybrain bench integrity --healthy-scores` wrote them; ``look_h`` of the file says how often those
    days were looked at, in hours: the watch looks every hour.
    """
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {name: HealthyScores(told["outlet_days"], tuple(row)) for name, row in told["highest"].items()}
