"""Episodes: one disturbance is one alarm. An episode opens once, is updated when it gets worse, and closes once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from detectors.base import BoolArray, FloatArray, SeriesSpec
from topics.finding import Finding, Origin, Text, finding_id

#: Which episodes a series can have at a time, in the order in which their findings are told.
TRACKS = ("limit", "range", "stuck", "missing", "anomaly", "isolation_forest")
FAMILY = {
    "limit": "limit",
    "range": "quality",
    "stuck": "quality",
    "missing": "quality",
    "mass_loss": "quality",
    "anomaly": "anomaly",
    "isolation_forest": "model",
}
VERSION = 1


@dataclass(slots=True)
class Episode:
    """An open episode. ``rank`` is its worst severity so far in the scheme's order; times are ms UTC."""

    track: str
    subject: str
    site: str
    quantity: str
    opened: int
    rank: int
    severity: str
    first_offset: int
    seq: int = 0
    calm_rows: int = 0

    def exported(self) -> dict[str, Any]:
        """As plain values, for a snapshot."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Moment:
    """The row or tick that a message is about."""

    time: int
    offset: int
    stamp: int
    value: float | None = None
    expected: float | None = None
    score: float | None = None
    p: float | None = None


class Teller:
    """Turns an episode and a moment into a ``Finding``; knows what all of a partition's findings share."""

    def __init__(self, domain: str, topic: str, partition: int, versions: Callable[[], dict[str, str]]) -> None:
        self.domain = domain
        self.topic = topic
        self.partition = partition
        self.versions = versions

    def tell(
        self,
        episode: Episode,
        phase: str,
        moment: Moment,
        text: Text,
        unit: str,
        facts: dict[str, Any] | None = None,
        late: bool = False,
    ) -> Finding:
        """The next message of the episode."""
        finding = Finding(
            id=finding_id(episode.track, VERSION, episode.subject, episode.opened),
            phase=phase,  # type: ignore[arg-type]  # one of the three words
            seq=episode.seq,
            domain=self.domain,
            site=episode.site,
            subject=episode.subject,
            quantity=episode.quantity,
            family=FAMILY[episode.track],
            detector=episode.track,
            detector_version=VERSION,
            severity=episode.severity,
            opened=episode.opened,
            time=moment.time,
            closed=moment.time if phase == "close" else None,
            text=text,
            origin=Origin(self.topic, self.partition, episode.first_offset, moment.offset),
            value=_plain(moment.value),
            expected=_plain(moment.expected),
            unit=unit,
            score=_plain(moment.score),
            p=_plain(moment.p),
            late=late,
            stamp=moment.stamp,
            versions=self.versions(),
            facts=facts or {},
        )
        episode.seq += 1
        return finding


def _plain(value: float | None) -> float | None:
    """JSON has no NaN."""
    return None if value is None or not np.isfinite(value) else float(value)


class OpenEpisodes:
    """Which series have which episode open: flags for the hot path, ``Episode`` objects for the few that do.

    ``open[track, slot]``; ``quiet_until[track, slot]``: event time before which no new one may open.
    """

    def __init__(self) -> None:
        self.open: BoolArray = np.zeros((len(TRACKS), 0), np.bool_)
        self.opened: FloatArray = np.zeros((len(TRACKS), 0))
        self.quiet_until: FloatArray = np.zeros((len(TRACKS), 0))
        self.by_place: dict[tuple[int, int], Episode] = {}

    def grow(self, n: int) -> None:
        """Room for ``n`` slots."""
        more = n - self.open.shape[1]
        if more > 0:
            self.open = np.concatenate([self.open, np.zeros((len(TRACKS), more), np.bool_)], axis=1)
            self.opened = np.concatenate([self.opened, np.zeros((len(TRACKS), more))], axis=1)
            self.quiet_until = np.concatenate([self.quiet_until, np.full((len(TRACKS), more), -np.inf)], axis=1)

    def begin(self, track: int, slot: int, episode: Episode) -> None:
        self.open[track, slot] = True
        self.opened[track, slot] = episode.opened
        self.by_place[track, slot] = episode

    def end(self, track: int, slot: int, quiet_until: float) -> Episode:
        self.open[track, slot] = False
        self.quiet_until[track, slot] = quiet_until
        return self.by_place.pop((track, slot))


def episode_of(track: str, spec: SeriesSpec, opened: int, rank: int, severity: str, offset: int) -> Episode:
    """A new episode of a series."""
    return Episode(track, spec.series, spec.site, spec.quantity, opened, rank, severity, offset)
