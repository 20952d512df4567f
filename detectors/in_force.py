"""What is in force: the pack, compiled, with its detectors, and the fitted models. Switched by controls in the log."""

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import TypeVar

import msgspec
import numpy as np

from detectors.base import BoolArray, Detector, FloatArray
from detectors.calibration import FUSED, MOST_RARE, RarityTable, alarm_rarity, least_scores, prior_table
from detectors.chain import Chain
from detectors.duplicate import Duplicate
from detectors.forest import Forest
from detectors.groups.declared import DeclaredGroups
from detectors.groups.fitted import GroupModels
from detectors.groups.in_force import GROUPS_SHARE, JudgedGroup, judged_groups
from detectors.isolation_forest import OddCombination
from detectors.late import Late
from detectors.missing import Missing
from detectors.models import unpacked
from detectors.outlier_detector import OutlierDetector
from detectors.outlier_model import Scorer
from detectors.pack_tables import ON_REQUEST, PackTables
from detectors.registry import DETECTORS, OUTLIERS, Member
from detectors.series import SeriesTable
from detectors.severities import Severities
from detectors.wording import amount
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.published_pack import PublishedPack, from_published
from topics.scheme import load_scheme

T = TypeVar("T", bound=Detector)

#: The knob is for all statistical detectors together: so much of it is for the fused ones, the rest for the forest.
FUSED_SHARE = 0.75
#: Odd rows of a healthy series come in clusters, and a cluster is one alert: measured on AR(1) with heavy tails, where
#: CUSUM remembers for some rows (realised 0.48 of nominal at 2).
ROWS_IN_A_CLUSTER = 4.0


class InForce:
    """One pack and one bundle of models. ``bounds`` and ``forest_bounds``: rarity by code at which an episode opens;
    ``fused``: the detectors of ``FUSED`` that run on any kind, ``runs_fused`` (detectors of ``FUSED``, codes) on which;
    ``least_scores``: by detector of ``FUSED``, scores below all of which no series can reach its bound;
    ``forest_speaks``: by code, whether any row could reach the forest's; ``outliers``: the detectors of other libraries
    by name, whose bounds are the forest's; ``declared``: the pack's groups of channels;
    ``groups``: those that are judged, by place.

    ``rate``: false alerts that one healthy sensor may raise in a day, all statistical detectors together.
    """

    tables: PackTables
    severities: Severities
    bounds: FloatArray
    least_scores: FloatArray
    fused: tuple[str, ...]
    runs_fused: BoolArray
    forest_bounds: FloatArray
    forest_speaks: BoolArray
    missing: Missing
    late: Late
    duplicate: Duplicate
    forest: OddCombination
    outliers: dict[str, OutlierDetector]
    declared: DeclaredGroups
    groups: dict[str, JudgedGroup]

    def __init__(self, domain: Domain, rate: float, members: Mapping[str, Member] = DETECTORS) -> None:
        self.rate = rate
        self.members = members
        self.refs: dict[str, str] = {}
        self.table: RarityTable = prior_table()
        self.forests: dict[str, Forest] = {}
        self.group_models = GroupModels()
        self.scorers: dict[str, dict[str, Scorer]] = {}
        self.chain = Chain()
        self.versions: dict[str, str] = {}
        self._classes: dict[str, int] = {}
        self._use_pack(PackTables(domain))

    def class_of(self, sensor_class: str) -> int:
        """The class's line in the rarity table; 0 is the prior."""
        return self._classes.get(sensor_class, 0)

    def heed_kinds(self) -> None:
        """The tables have a new line, or the models are others: detectors with tables of their own must know it."""
        tables = self.tables
        wanted = {name for name in self.members if name not in ON_REQUEST or tables.runs[name].any()}
        self.fused = tuple(name for name in FUSED if name in wanted)
        self.runs_fused = np.array([tables.runs[name] for name in FUSED])
        self.chain.use(
            {name: each.build(tables) for name, each in self.members.items() if each.sees == "rows" and name in wanted}
        )
        self.missing = _of(Missing, self.members["missing"].build(tables))
        self.late = _of(Late, self.members["late"].build(tables))
        self.duplicate = _of(Duplicate, self.members["duplicate"].build(tables))
        forests = tuple(
            self.forests.get(kind.sensor_class) if "isolation_forest" in kind.chain else None for kind in tables.kinds
        )
        built = _of(OddCombination, self.members["isolation_forest"].build(tables))
        self.forest = dataclasses.replace(built, forests=forests)
        looks_ms = np.maximum(tables.interval_ms, self.forest.every_ms)
        rate = tables.domain.false_alerts_per_sensor_day or self.rate
        self.bounds = alarm_rarity(rate * FUSED_SHARE * ROWS_IN_A_CLUSTER, tables.interval_ms)
        self.least_scores = least_scores(self.table, float(self.bounds.min(initial=MOST_RARE)))
        # Where several kinds of model look at a series they share what is for models.
        looking = np.sum([tables.runs[name] for name in ("isolation_forest", *OUTLIERS)], axis=0)
        self.forest_bounds = alarm_rarity(rate * (1.0 - FUSED_SHARE) / np.maximum(looking, 1), looks_ms)
        if self.declared.by_name:  # what the groups may raise is taken from the share of these models
            taken = np.log10((1.0 - FUSED_SHARE) / (1.0 - FUSED_SHARE - GROUPS_SHARE))
            grouped = [self.declared.watching(kind.quantity, kind.statistic) > 0 for kind in tables.kinds]
            self.forest_bounds = self.forest_bounds + np.where(grouped, taken, 0.0)
        reach = np.array([each.most_rare if each else 0.0 for each in forests])
        self.forest_speaks = reach >= self.forest_bounds
        self.outliers = {name: self._outlier(name) if name in wanted else kind() for name, kind in OUTLIERS.items()}

    def _outlier(self, name: str) -> OutlierDetector:
        built, kinds = _of(OUTLIERS[name], self.members[name].build(self.tables)), self.tables.kinds
        scorers = self.scorers.get(name, {})
        models = [scorers.get(each.sensor_class) if name in each.chain else None for each in kinds]
        # An estimator that the pack no longer asks for has no say.
        known = [each if each is not None and each.model.plan == built.plan else None for each in models]
        return dataclasses.replace(built, models=tuple(known) if any(known) else ())

    @property
    def asked_outliers(self) -> tuple[OutlierDetector, ...]:
        """Those that the pack asks for on any quantity: what is to be fitted."""
        return tuple(each for name, each in self.outliers.items() if self.tables.runs[name].any())

    @property
    def outliers_speak(self) -> bool:
        """Whether any detector of another library has a model to judge by."""
        return any(each.models for each in self.outliers.values())

    def obey(self, series: str, ref: str, artefact: bytes) -> None:
        """Put a model bundle or a pack in force. Raises ``ValueError`` or ``MsgspecError`` if it is broken."""
        domain = self.tables.domain.name
        if series == "~model":
            digest = hashlib.sha256(artefact).hexdigest()
            if digest != ref.rpartition("@")[2]:
                raise ValueError(f"expected content with the hash in its name, got {digest}")
            models = unpacked(artefact)
            if models.domain != domain:
                raise ValueError(f"expected models of domain {domain}, got {models.domain}")
            scorers = {
                detector: {name: each.fitted() for name, each in by_class.items()}
                for detector, by_class in models.outliers.items()
            }
            self.table, self.forests, self.scorers = models.table, models.forests, scorers
            self.group_models = models.groups
            self._classes = {name: place for place, name in enumerate(models.table.classes)}
            self.heed_kinds()
            self._heed_groups()
        else:
            pack = from_published(msgspec.json.decode(artefact, type=PublishedPack))
            if pack.name != domain:
                raise ValueError(f"expected a pack of domain {domain}, got {pack.name}")
            self._use_pack(self._buildable(self.tables.replaced(pack)))
        self.refs[series] = ref
        self._name_versions()

    def judge_like(self, other: "InForce") -> None:
        """Take over the models of another; the pack is the one this was made with."""
        self.refs = dict(other.refs)
        self.table, self.forests, self._classes = other.table, other.forests, dict(other._classes)
        self.scorers, self.group_models = other.scorers, other.group_models
        self.heed_kinds()
        self._heed_groups()
        self._name_versions()

    def amount(self, series: SeriesTable, slot: int, value: float | None) -> str:
        """A value of this series for people."""
        facts = self.tables.kinds[int(series.code[slot])].facts
        return amount(value, facts.decimals if facts else 2, series.specs[slot].unit)

    def _buildable(self, tables: PackTables) -> PackTables:
        """The tables, if this process can build all that the pack asks for: a library of an extra may be missing here.
        Raises ``ValueError``."""
        try:
            for member in self.members.values():
                member.build(tables)
        except ConfigurationError as error:
            raise ValueError(str(error)) from error
        return tables

    def _use_pack(self, tables: PackTables) -> None:
        self.tables = tables
        self.severities = Severities(load_scheme(tables.domain.scheme))
        self.declared = DeclaredGroups(tables.domain)
        self.heed_kinds()
        self._heed_groups()
        self._name_versions()

    def _heed_groups(self) -> None:
        rate = self.tables.domain.false_alerts_per_sensor_day or self.rate
        self.groups = judged_groups(self.declared, self.group_models, rate)

    def _name_versions(self) -> None:
        self.versions = {"pack": self.tables.hash[:16]}
        if "~model" in self.refs:
            self.versions["models"] = self.refs["~model"].rpartition("@")[2][:16]


def _of(kind: type[T], built: Detector) -> T:
    assert isinstance(built, kind), f"expected a {kind.__name__}, got {built!r}"
    return built
