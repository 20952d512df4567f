"""The seam to where configurations run: what the server asks of the logs and lets be written there."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

import msgspec

from topics.finding import Finding
from topics.shadow import Candidate, ShadowWord


class NotPossible(Exception):
    """What was asked cannot be done as things stand; the text says what was required and what there is."""


class Held(msgspec.Struct, frozen=True):
    """What is in force: the pack's content, and what controls call the models (empty = none known)."""

    pack: dict[str, Any]
    models: str = ""


class Heard(msgspec.Struct, frozen=True):
    """All that a run and the live configuration have said since it began, and in how many partitions it should run."""

    words: list[ShadowWord]
    live: list[Finding]
    partitions: int


class Trials(ABC):
    """All times are city time in ms UTC. Every call may take seconds; each raises ``NotPossible`` in one sentence, or
    a ``CityBrainError`` where the logs cannot be reached."""

    @abstractmethod
    def start(self, candidate: Candidate) -> None:
        """Check the candidate against what is in force, and start it in every partition."""

    @abstractmethod
    def stop(self, domain: str, time_ms: int) -> None:
        """End whatever runs."""

    @abstractmethod
    def candidates(self, domain: str) -> Iterable[Candidate]:
        """Those of the domain, in the order in which they were started."""

    @abstractmethod
    def heard(self, candidate: Candidate) -> Heard:
        """What both sides have said."""

    @abstractmethod
    def held(self, domain: str) -> Held:
        """What is in force."""

    @abstractmethod
    def promote(self, candidate: Candidate, time_ms: int) -> Held:
        """End the run and put the candidate in force in every partition; what is in force then."""

    @abstractmethod
    def put_back(self, domain: str, before: Held, time_ms: int) -> None:
        """Put in force what was before."""

    @abstractmethod
    def new_normal(self, domain: str, series: str, who: str, reason: str, time_ms: int) -> dict[str, Any]:
        """Say in the log of the series' readings that what it shows is its new normal; ``topic`` and ``partition``."""


class NoTrials(Trials):
    """Where no logs are at hand nothing can be tried."""

    def start(self, candidate: Candidate) -> None:
        raise NOWHERE

    def stop(self, domain: str, time_ms: int) -> None:
        raise NOWHERE

    def candidates(self, domain: str) -> Iterable[Candidate]:
        return ()

    def heard(self, candidate: Candidate) -> Heard:
        raise NOWHERE

    def held(self, domain: str) -> Held:
        raise NOWHERE

    def promote(self, candidate: Candidate, time_ms: int) -> Held:
        raise NOWHERE

    def put_back(self, domain: str, before: Held, time_ms: int) -> None:
        raise NOWHERE

    def new_normal(self, domain: str, series: str, who: str, reason: str, time_ms: int) -> dict[str, Any]:
        raise NOWHERE


NOWHERE = NotPossible("shadow: expected a server that reaches the workers' topics, got one without")
