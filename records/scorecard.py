"""The monthly scorecard of districts: a weighted score, the rank, and the change to the month before. Pure."""

from collections.abc import Mapping

import msgspec

#: Weights of the score in points of 100. The ministries' own are not known: ours, and said to be so.
WEIGHTS = {"online": 40.0, "effectiveness": 40.0, "tickets": 20.0}


class Figures(msgspec.Struct, frozen=True):
    """What one district did in a month, in % (``None`` = nothing to measure), hours and counts."""

    online: float | None
    effectiveness: float | None
    tickets: float | None
    offline_h: float = 0.0
    drop_outs: int = 0
    review_lag_h: float | None = None
    stations: int = 0


class Scored(msgspec.Struct, frozen=True):
    """A row of the scorecard; rank 1 is the best, equal scores share a rank; changes are to the month before."""

    district: str
    figures: Figures
    score: float | None
    rank: int | None
    score_change: float | None = None
    rank_change: int | None = None


def score(figures: Figures) -> float | None:
    """Points of 100 over what there is to measure, to two decimals; ``None`` where there is nothing.

    >>> score(Figures(99.42, 95.0, None))
    97.21
    """
    measured = {"online": figures.online, "effectiveness": figures.effectiveness, "tickets": figures.tickets}
    parts = {name: value for name, value in measured.items() if value is not None}
    if not parts:
        return None
    total = sum(WEIGHTS[name] for name in parts)
    return round(sum(WEIGHTS[name] * value for name, value in parts.items()) / total, 2)


def scorecard(now: Mapping[str, Figures], before: Mapping[str, Figures]) -> list[Scored]:
    """All districts of this month, the best first; those without a score stand last."""
    past = {row.district: row for row in _ranked(before)}
    rows = []
    for row in _ranked(now):
        old = past.get(row.district)
        if old is None or row.score is None or old.score is None or row.rank is None or old.rank is None:
            rows.append(row)
            continue
        change, places = round(row.score - old.score, 2), old.rank - row.rank
        rows.append(msgspec.structs.replace(row, score_change=change, rank_change=places))
    return rows


def _ranked(figures: Mapping[str, Figures]) -> list[Scored]:
    scores = {district: score(each) for district, each in figures.items()}
    known = sorted((value for value in scores.values() if value is not None), reverse=True)
    rows = [
        Scored(district, figures[district], value, None if value is None else known.index(value) + 1)
        for district, value in scores.items()
    ]
    return sorted(rows, key=lambda row: (row.rank is None, row.rank or 0, row.district))
