"""The one table of detectors. A new one: copy ``rate_of_change.py``, add its line here, describe it in the docs.

The names are those that packs use; the contract test runs over every line.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from detectors.ar_residual import ArResidual
from detectors.base import Detector
from detectors.city_days import city_days
from detectors.cusum import Cusum
from detectors.duplicate import Duplicate
from detectors.ewma_level import EwmaLevel
from detectors.groups.declared import group_settings_problems
from detectors.hour_of_day import HourOfDay
from detectors.isolation_forest import OddCombination
from detectors.late import Late
from detectors.limit import LimitBreach
from detectors.missing import Missing
from detectors.new_extreme import NewExtreme
from detectors.outlier_detector import OutlierDetector
from detectors.pack_tables import PackTables
from detectors.rate_of_change import RateOfChange
from detectors.river_outlier import RiverOutlier
from detectors.rules.limits import limit_table
from detectors.settings_of import made
from detectors.sklearn_outlier import SklearnOutlier
from detectors.spread import Spread
from detectors.stuck import Stuck
from detectors.value_range import ValueRange
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.scheme import load_scheme


@dataclass(frozen=True, slots=True)
class Member:
    """A detector: how it is made from a pack, and what it ``sees``: every row, every tick of city time, rows that
    come late or again, or the series' features once in a minute of city time."""

    build: Callable[[PackTables], Detector]
    sees: Literal["rows", "ticks", "late rows", "minutes"] = "rows"


def _plain(kind: type[Detector]) -> Callable[[PackTables], Detector]:
    return lambda tables: made(kind, kind.name, tables.domain.detectors.get(kind.name, {}))


def _limit(tables: PackTables) -> Detector:
    kinds = [kind.limits if "limit" in kind.chain else () for kind in tables.kinds]
    table = limit_table(tables.domain, load_scheme(tables.domain.scheme), kinds)
    return made(LimitBreach, "limit", tables.domain.detectors.get("limit", {}), table=table)


def _range(tables: PackTables) -> Detector:
    settings = tables.domain.detectors.get("range", {})
    return made(ValueRange, "range", settings, low=tables.low, high=tables.high)


def _hour_of_day(tables: PackTables) -> Detector:
    settings = tables.domain.detectors.get("hour_of_day", {})
    return made(HourOfDay, "hour_of_day", settings, days=city_days(tables.domain.facts))


def _forest(tables: PackTables) -> Detector:
    settings = tables.domain.detectors.get("isolation_forest", {})
    return made(OddCombination, "isolation_forest", settings, forests=())


def _outlier(kind: type[OutlierDetector]) -> Callable[[PackTables], Detector]:
    def build(tables: PackTables) -> Detector:
        pack = tables.domain
        asked = kind.name in pack.detectors or any(kind.name in each.detectors for each in pack.quantities.values())
        return kind.from_pack(pack.detectors.get(kind.name, {})) if asked else kind()

    return build


#: Detectors that ask the estimator of another library.
OUTLIERS: dict[str, type[OutlierDetector]] = {"sklearn_outlier": SklearnOutlier, "river_outlier": RiverOutlier}

#: In the order in which they score.
DETECTORS: dict[str, Member] = {
    "limit": Member(_limit),
    "range": Member(_range),
    "stuck": Member(_plain(Stuck)),
    "rate_of_change": Member(_plain(RateOfChange)),
    "ewma_level": Member(_plain(EwmaLevel)),
    "hour_of_day": Member(_hour_of_day),
    "new_extreme": Member(_plain(NewExtreme)),
    "cusum": Member(_plain(Cusum)),
    "spread": Member(_plain(Spread)),
    "ar_residual": Member(_plain(ArResidual)),
    "missing": Member(_plain(Missing), "ticks"),
    "late": Member(_plain(Late), "late rows"),
    "duplicate": Member(_plain(Duplicate), "late rows"),
    "isolation_forest": Member(_forest, "minutes"),
} | {name: Member(_outlier(kind), "minutes") for name, kind in OUTLIERS.items()}


def settings_problems(domain: Domain) -> list[str]:
    """What is wrong with a pack's detectors and those of its groups: names nobody answers to, settings they do not
    have."""
    problems = []
    tables = PackTables(domain)
    asked = (name for each in domain.quantities.values() for name in each.detectors)
    for name in dict.fromkeys([*domain.detectors, *(each for each in asked if each in DETECTORS)]):
        if name not in DETECTORS:
            problems.append(f"detectors.{name}: expected one of {sorted(DETECTORS)}, got {name!r}")
            continue
        try:
            DETECTORS[name].build(tables)
        except ConfigurationError as error:
            problems.append(str(error))
    return problems + group_settings_problems(domain)
