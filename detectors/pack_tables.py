"""A domain pack as small arrays: one line (``code``) per kind of series, so that a row costs one look-up."""

from dataclasses import dataclass

import numpy as np

from detectors.base import BoolArray, FloatArray, SeriesSpec
from topics.domain import Domain, Limit, Quantity
from topics.published_pack import content_hash

#: Without a list of its own a quantity runs these (where the pack does not choose either).
DEFAULT_CHAIN = (
    "limit", "range", "stuck", "missing", "late", "duplicate", "rate_of_change", "ewma_level", "hour_of_day", "cusum",
    "isolation_forest",
)  # fmt: skip
#: Run where a pack asks for them.
ON_REQUEST = ("new_extreme", "spread", "ar_residual", "sklearn_outlier", "river_outlier")
#: Runs whatever the pack chooses: what an instrument cannot measure must not reach the others unseen.
ALWAYS = frozenset({"range"})
#: The statistic that comes every ``interval_s``; period values (Avg, ZsAvg, …) have their own, unknown pace.
LIVE = "Rtd"
_PERIOD_MS = 600_000.0


@dataclass(frozen=True, slots=True)
class Kind:
    """One line of the tables: all series of one quantity, statistic and sensor class are alike."""

    quantity: str
    statistic: str
    sensor_class: str
    facts: Quantity | None  # None once a later edition of the pack has dropped the quantity
    limits: tuple[Limit, ...]
    chain: frozenset[str]


class PackTables:
    """The pack in force, compiled. ``kinds[code]`` for people and slow paths, arrays by code for the hot one.

    ``low``, ``high`` the span; ``resolution``; ``interval_ms``; ``live`` whether readings must come at that
    interval; ``runs[name]`` whether a detector runs on the code.
    """

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.hash = content_hash(domain)
        self.kinds: list[Kind] = []
        self._codes: dict[tuple[str, str, str], int] = {}
        self._rebuild()

    def code(self, spec: SeriesSpec) -> int:
        """The line of this series' kind, made at its first sight; a quantity the pack lacks gets a silent one."""
        key = (spec.quantity, spec.statistic, spec.sensor_class)
        if key not in self._codes:
            self._codes[key] = len(self.kinds)
            self.kinds.append(self._kind(*key))
            self._rebuild()
        return self._codes[key]

    def replaced(self, domain: Domain) -> "PackTables":
        """Tables of a later edition with the same codes, so that every series keeps its line."""
        later = PackTables(domain)
        for kind in self.kinds:
            key = (kind.quantity, kind.statistic, kind.sensor_class)
            later._codes[key] = len(later.kinds)
            later.kinds.append(later._kind(*key))
        later._rebuild()
        return later

    def _kind(self, quantity: str, statistic: str, sensor_class: str) -> Kind:
        facts = self.domain.quantities.get(quantity)
        if facts is None:
            return Kind(quantity, statistic, sensor_class, None, (), frozenset())
        chain = facts.detectors or tuple(self.domain.detectors) or DEFAULT_CHAIN
        limits = tuple(
            limit for limit in facts.limits if limit.statistic == statistic and limit.sensor_class in ("", sensor_class)
        )
        return Kind(quantity, statistic, sensor_class, facts, limits, frozenset(chain) | ALWAYS)

    def _rebuild(self) -> None:
        facts: list[Quantity | None] = [kind.facts for kind in self.kinds]
        live = [kind.statistic == LIVE for kind in self.kinds]
        self.low: FloatArray = np.array([q.span[0] if q else -np.inf for q in facts], dtype=np.float64)
        self.high: FloatArray = np.array([q.span[1] if q else np.inf for q in facts], dtype=np.float64)
        self.resolution: FloatArray = np.array([q.resolution if q else 1.0 for q in facts], dtype=np.float64)
        self.interval_ms: FloatArray = np.array(
            [q.interval_s * 1000.0 if q and now else _PERIOD_MS for q, now in zip(facts, live, strict=True)],
            dtype=np.float64,
        )
        self.live: BoolArray = np.array(live, dtype=np.bool_)
        self.runs: dict[str, BoolArray] = {
            name: np.array([name in kind.chain for kind in self.kinds], dtype=np.bool_)
            for name in (*DEFAULT_CHAIN, *ON_REQUEST)
        }
