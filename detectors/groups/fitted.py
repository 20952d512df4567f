"""Fitted models of groups: of each place its own, and of all places of a group together how rare a score is."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from detectors.base import FloatArray
from detectors.calibration import STEPS
from detectors.groups.base import Arrays, GroupDetector
from detectors.groups.members import MEMBERS
from detectors.groups.watch import FittedGroup
from topics.channel_group import MOST_CHANNELS


@dataclass(frozen=True, slots=True)
class PlaceModel:
    """The model of one place. ``name`` of its group; ``channels`` the series, in the order of the arrays;
    ``signature`` that of the declaration it was fitted under (detectors/groups/declared.py); ``rows`` taught it."""

    name: str
    channels: tuple[str, ...]
    signature: str
    fitted_until: int
    arrays: Arrays
    limits: FloatArray
    rows: int

    @property
    def mark(self) -> str:
        """Says whether a memory belongs to this model."""
        return f"{self.fitted_until}:{zlib.crc32('|'.join((self.signature, *self.channels)).encode()):08x}"

    def under(self, detector: GroupDetector) -> FittedGroup:
        """The group ready to be watched by this detector."""
        return FittedGroup(detector, self.arrays, self.limits, self.rows)

    def checked(self, subject: str) -> "PlaceModel":
        """Itself. Raises ``ValueError`` naming the place if it is no model of one place's channels."""
        d, sites = len(self.channels), {each.partition("/")[0] for each in self.channels}
        try:
            if not 1 < d <= MOST_CHANNELS or sites != {subject.partition("/")[0]}:
                raise ValueError(
                    f"expected 2 to {MOST_CHANNELS} channels of its site, because only what one site measures lies in "
                    f"one partition, got {d} of {sorted(sites)}"
                )
            detector = self._detector()
            if detector is not None:
                detector.checked(self.arrays, d)
                if self.limits.shape != (len(detector.PARTS),) or not (self.limits > 0).all():
                    raise ValueError(f"expected {len(detector.PARTS)} limits above 0, got {self.limits.tolist()}")
        except (ValueError, TypeError, AttributeError) as error:  # the signature too comes from elsewhere
            raise ValueError(f"models: group {subject}: {error}") from error
        return self

    def _detector(self) -> GroupDetector | None:
        """As the signature says; ``None`` for one of a later version, which no pack in force here asks for."""
        said = json.loads(self.signature)
        kind = MEMBERS.get(str(said.get("detector", "var_residual")))
        return None if kind is None or said.get("version") != kind.version else kind(**said.get("settings", {}))


@dataclass(frozen=True, slots=True)
class GroupModels:
    """``places`` by subject; ``rarity`` by group: -log10 p by the steps of ``detectors/calibration.py``, of a place's
    score (parts over their limits) against the held-out scores of all places of the group."""

    places: Mapping[str, PlaceModel] = field(default_factory=dict)
    rarity: Mapping[str, FloatArray] = field(default_factory=dict)

    def checked(self) -> "GroupModels":
        """Itself. Raises ``ValueError`` if anything in it does not fit."""
        for subject, place in self.places.items():
            place.checked(subject)
            table = self.rarity.get(place.name)
            if table is None or table.shape != (STEPS,):
                raise ValueError(f"models: group {subject}: expected a rarity table of {STEPS} steps, got {table!r}")
        return self
