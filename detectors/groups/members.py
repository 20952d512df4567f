"""The one table of group detectors. A new one: copy ``hotelling.py``, add its line; one contract test runs over all."""

from detectors.groups.base import GroupDetector
from detectors.groups.hotelling import Hotelling
from detectors.groups.neighbours import Neighbours
from detectors.groups.var_residual import VarResidual

MEMBERS: dict[str, type[GroupDetector]] = {
    "var_residual": VarResidual,
    "hotelling": Hotelling,
    "neighbours": Neighbours,
}
#: The frozen default for several channels; what benchmarks and packs run unless they say otherwise.
DEFAULT = "var_residual"
