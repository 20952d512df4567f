"""The one table of integrity rules. A new one: copy ``order.py``, add its line here, and a fraud to the benchmark.

The contract test runs over every line.
"""

from collections.abc import Mapping
from typing import Any

from detectors.integrity.base import Rule
from detectors.integrity.below_span import BelowSpan
from detectors.integrity.clipped import ClippedUnderLimit
from detectors.integrity.constant import ConstantValue
from detectors.integrity.cut_off import CutOff
from detectors.integrity.detection_limit import DetectionLimitHover
from detectors.integrity.dilution import OxygenDilution
from detectors.integrity.flag_abuse import FlagAbuse
from detectors.integrity.mass import MassBalance
from detectors.integrity.means import MeansOfParts
from detectors.integrity.neighbours import Neighbours
from detectors.integrity.order import OrderOfBounds
from detectors.integrity.replayed import ReplayedCurve
from detectors.integrity.treatment_off import TreatmentOff
from detectors.settings_of import made
from topics.errors import ConfigurationError

RULES: tuple[type[Rule], ...] = (
    ConstantValue,
    BelowSpan,
    DetectionLimitHover,
    ClippedUnderLimit,
    ReplayedCurve,
    CutOff,
    FlagAbuse,
    TreatmentOff,
    OxygenDilution,
    MeansOfParts,
    OrderOfBounds,
    MassBalance,
    Neighbours,
)

#: What every row of a pack's facts has beside its values.
PROVENANCE = ("source", "confirmed")


def rules_of(settings: Mapping[str, Mapping[str, Any]] | None = None) -> tuple[Rule, ...]:
    """All rules, with a pack's settings (``facts.integrity.rules``) where it has any.

    Raises ``ConfigurationError`` for a rule or a setting that is not there, naming it.
    """
    settings = settings or {}
    known = {rule.name for rule in RULES}
    if unknown := settings.keys() - known:
        raise ConfigurationError(f"integrity.rules: expected some of {sorted(known)}, got {sorted(unknown)}")
    return tuple(made(rule, f"integrity.{rule.name}", _values(settings.get(rule.name, {}))) for rule in RULES)


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in PROVENANCE}
