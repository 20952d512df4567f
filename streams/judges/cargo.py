"""The judges of a cargo domain's events, one beside the other: the yard first, then the papers over the same yard."""

from detectors.base import Outcome
from streams.judges.reconciling import PaperJudge
from streams.judges.yard import YardJudge
from topics.domain import Domain
from topics.events import Event


class CargoJudge:
    """Judges one partition (see ``streams.judges.base.EventJudge``). What the yard's judge refuses nobody judges."""

    def __init__(self, domain: Domain, partition: int) -> None:
        self.yards = YardJudge(domain, partition)
        self.papers = PaperJudge(domain, partition, self.yards.yard)

    def apply(self, event: Event, offset: int, stamp: int) -> Outcome:
        outcome = self.yards.apply(event, offset, stamp)
        if outcome.rejects:
            return outcome
        return Outcome(outcome.findings + self.papers.apply(event, offset, stamp).findings, outcome.rejects)

    def tick(self, time_ms: int, offset: int, stamp: int) -> Outcome:
        outcome = self.yards.tick(time_ms, offset, stamp)
        return Outcome(outcome.findings + self.papers.tick(time_ms, offset, stamp).findings, outcome.rejects)
