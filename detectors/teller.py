"""Telling: an episode and the moment that turned it become a ``Finding``."""

from collections.abc import Callable
from math import isfinite
from typing import NamedTuple

from detectors.episodes import FAMILY, Episode
from topics.finding import Channel, Finding, Origin, Phase, Text, finding_id

#: Part of every finding's id: to be raised when the same log would open other episodes than before.
VERSION = 1

Facts = dict[str, str | float | int | None]


class Moment(NamedTuple):
    """The row or tick that a message is about."""

    time: int
    offset: int
    stamp: int
    value: float | None = None
    expected: float | None = None
    score: float | None = None
    p: float | None = None


class Teller:
    """Knows what all findings of a partition share; ``versions`` gives the pack and models in force."""

    def __init__(self, domain: str, topic: str, partition: int, versions: Callable[[], dict[str, str]]) -> None:
        self.domain = domain
        self.topic = topic
        self.partition = partition
        self.versions = versions

    def tell(
        self,
        episode: Episode,
        phase: Phase,
        moment: Moment,
        text: Text,
        unit: str,
        facts: Facts | None = None,
        late: bool = False,
        channels: tuple[Channel, ...] = (),
    ) -> Finding:
        """The next message of the episode."""
        finding = Finding(
            id=finding_id(episode.track, VERSION, episode.subject, episode.opened),
            phase=phase,
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
            channels=channels,
        )
        episode.seq += 1
        return finding


def _plain(value: float | None) -> float | None:
    """JSON has no NaN."""
    return float(value) if value is not None and isfinite(value) else None
