"""The one table of detectors. A new one: copy ``rate_of_change.py``, add its line here, describe it in the docs.

Row detectors see every reading; tick detectors see the city's time. The names are those that packs use.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from detectors.base import Detector
from detectors.ewma_level import EwmaLevel
from detectors.hour_of_day import HourOfDay
from detectors.limit import LimitBreach
from detectors.pack_tables import PackTables
from detectors.rate_of_change import RateOfChange
from detectors.rules.limits import limit_table
from detectors.settings_of import made
from detectors.silence import Missing
from detectors.model_watch import IsolationForestWatch
from detectors.stuck import Stuck
from detectors.value_range import ValueRange
from topics.scheme import load_scheme

Settings: TypeAlias = Mapping[str, Any]
RowFactory: TypeAlias = Callable[[Settings, PackTables], Detector]


def _limit(settings: Settings, tables: PackTables) -> Detector:
    kinds = [kind.limits for kind in tables.kinds]
    return made(
        LimitBreach, "limit", settings, table=limit_table(tables.domain, load_scheme(tables.domain.scheme), kinds)
    )


def _range(settings: Settings, tables: PackTables) -> Detector:
    return made(ValueRange, "range", settings, low=tables.low, high=tables.high)


#: In the order in which their scores are told.
ROW_DETECTORS: dict[str, RowFactory] = {
    "limit": _limit,
    "range": _range,
    "stuck": lambda settings, _: made(Stuck, "stuck", settings),
    "rate_of_change": lambda settings, _: made(RateOfChange, "rate_of_change", settings),
    "ewma_level": lambda settings, _: made(EwmaLevel, "ewma_level", settings),
    "hour_of_day": lambda settings, _: made(HourOfDay, "hour_of_day", settings),
}

TICK_DETECTORS: dict[str, Callable[[Settings], Any]] = {
    "missing": lambda settings: made(Missing, "missing", settings),
    "isolation_forest": lambda settings: made(IsolationForestWatch, "isolation_forest", settings),
}

#: All names a pack may use.
DETECTORS: tuple[str, ...] = (*ROW_DETECTORS, *TICK_DETECTORS)
