"""What a new bundle of models changes, for people: rows that taught it and the scores at which it calls things odd."""

from typing import Any

import numpy as np

from detectors.base import FloatArray
from detectors.calibration import FUSED, MOST_RARE, step_scores
from detectors.models import Models, unpacked
from streams.fitting_days import Fitted

#: One healthy reading in ten thousand scores as high.
RARE = 4.0


def fit_report(fitted: Fitted, before: Models | None) -> dict[str, Any]:
    """As `citybrain fit --json` prints it.

    ``classes``: by sensor class its healthy feature ``rows``, whether it is ``calibrated`` and has a ``forest``,
    whether these are ``kept`` from before because the rows were too few, and ``thresholds``: by detector the score
    that one healthy reading in 10,000 reaches, [before, now], ``null`` where nothing is known. ``groups``: by group of
    channels how many ``places`` were seen, of how many a model was ``fitted``, and how many ``kept`` theirs.
    """
    now = unpacked(fitted.models)
    classes = {}
    for name in sorted(set(now.table.classes[1:]) | fitted.rows.keys()):
        thresholds = {}
        for place, detector in enumerate((*FUSED, "isolation_forest")):
            old, new = (None if each is None else _threshold(each, name, place) for each in (before, now))
            thresholds[detector] = [old, new]
        known = name in now.table.classes
        classes[name] = {
            "rows": fitted.rows.get(name, 0),
            "calibrated": known,
            "forest": name in now.forests,
            "kept": before is not None and known and _same(before, now, name),
            "thresholds": thresholds,
        }
    return {"series": fitted.series, "of": fitted.of, "readings": fitted.readings, "classes": classes} | {
        "groups": _groups(fitted, now)
    }


def _groups(fitted: Fitted, now: Models) -> dict[str, dict[str, int]]:
    models = now.groups.places.values()
    return {
        name: {
            "places": fitted.places.get(name, 0),
            "fitted": sum(each.name == name and each.fitted_until == now.fitted_until for each in models),
            "kept": sum(each.name == name and each.fitted_until != now.fitted_until for each in models),
        }
        for name in sorted({*fitted.places, *(each.name for each in models)})
    }


def fresh_classes(report: dict[str, Any]) -> list[str]:
    """The classes and groups that have learnt anything: none of them, and the bundle is not worth putting in force."""
    classes = [name for name, each in report["classes"].items() if each["calibrated"] and not each["kept"]]
    return classes + [f"group {name}" for name, each in report["groups"].items() if each["fitted"]]


def lines(report: dict[str, Any]) -> list[str]:
    """The report as text, a line for each class."""
    told = [f"{report['readings']:,} readings of {report['series']} of {report['of']} series"]
    for name, each in report["classes"].items():
        state = "too few rows: keeps what is in force" if each["kept"] else "calibrated"
        if not each["calibrated"]:
            state = "too few rows: stays with the cautious prior"
        told.append(f"{name}: {each['rows']:,} healthy rows, {state}{', forest' if each['forest'] else ''}")
        if each["calibrated"] and not each["kept"]:
            told += [
                f"  {detector}: one reading in 10,000 scores {_amount(old)} before, {_amount(new)} now"
                for detector, (old, new) in each["thresholds"].items()
                if new is not None
            ]
    for name, each in report["groups"].items():
        state = "" if each["fitted"] or each["kept"] else ", too few vectors: not judged yet"
        told.append(f"group {name}: {each['places']} places, {each['fitted']} fitted, {each['kept']} kept{state}")
    return told


def _threshold(models: Models, name: str, place: int) -> float | None:
    """The mildest score that is so rare in this class; ``place`` beyond the fused detectors is the forest."""
    rarity: FloatArray
    if place < len(FUSED):
        if name not in models.table.classes:
            return None
        rarity = models.table.parts[models.table.classes.index(name), place]
    else:
        if name not in models.forests:
            return None
        rarity = models.forests[name].rarity
    if rarity.max() < min(RARE, MOST_RARE):
        return None
    return round(float(step_scores()[int(np.argmax(rarity >= RARE))]), 3)


def _same(before: Models, now: Models, name: str) -> bool:
    if name not in before.table.classes:
        return False
    old, new = before.table, now.table
    parts = old.parts[old.classes.index(name)], new.parts[new.classes.index(name)]
    return bool(np.array_equal(*parts, equal_nan=True))


def _amount(score: float | None) -> str:
    return "–" if score is None else f"{score:.2f}"
