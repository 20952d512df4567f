"""The watch over one sequence of a pack: happenings in any order and city time in, findings out. Pure.

What it says follows from what has happened and not from the order in which it came, as long as that is in order within
``late_s`` of city time: so it is the same beside a Faust worker, beside Flink and in a replay.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from detectors.sequences.happening import Happening, concerns
from detectors.sequences.matcher import Match, Matcher, Standing
from detectors.sequences.reorder import Reorder
from streams.judges.sequence_texts import closed_text, opened_text, withdrawn_text
from topics.domain import Domain
from topics.event_sequence import SEQUENCE, EventSequence
from topics.finding import Finding, Origin, finding_id


class SequenceWatch:
    """``late`` counts what came too late to be put in its order and was of no use."""

    def __init__(self, domain: Domain, name: str, sequence: EventSequence) -> None:
        self.domain = domain
        self.name = name
        self.sequence = sequence
        self.late = 0
        self.matcher = Matcher(sequence)
        self.reorder = Reorder(round(1000 * sequence.late_s))
        self._patterns = (*sequence.steps, *sequence.absent)
        self._open: dict[str, Finding] = {}

    @property
    def detector(self) -> str:
        """What its findings name as their detector."""
        return f"{SEQUENCE}:{self.name}"

    def concerns(self, happening: Happening) -> bool:
        """Whether it is of any use to this sequence."""
        return any(concerns(pattern, happening) for pattern in self._patterns)

    def hear(self, happening: Happening) -> list[Finding]:
        """Take in what it ``concerns``; findings only where what came too late ends one, or too many wait."""
        if self.reorder.put(happening):
            return self._take(self.reorder.press())
        used, matches = self.matcher.late(happening)
        self.late += not used
        return [self._said(match) for match in matches]

    def advance(self, city_ms: int) -> list[Finding]:
        """City time has reached ``city_ms``."""
        found = self._take(self.reorder.advance(city_ms))
        return found + [self._said(match) for match in self.matcher.until(self.reorder.reached)]

    def recall(self, said: Iterable[Finding]) -> list[Finding]:
        """What an earlier run has said of this sequence, in the order it was said; what must be taken back of it
        because the sequence was declared anew since."""
        newest: dict[str, Finding] = {}
        first: dict[str, Finding] = {}
        for finding in said:
            first.setdefault(finding.id, finding)
            newest[finding.id] = finding
        taken_back = []
        for finding in sorted(newest.values(), key=lambda each: each.opened):
            if finding.detector_version != self.sequence.version:
                taken_back += withdrawn(finding)
                continue
            lasts = round(1000 * self.sequence.lasts_s)
            over = finding.phase == "close"
            until = finding.closed if over else first[finding.id].time + lasts if lasts else None
            self.matcher.recall(finding.subject, Standing(finding.opened, (), until, said=over))
            if not over:
                self._open[finding.subject] = finding
        return taken_back

    def _take(self, happenings: Iterable[Happening]) -> list[Finding]:
        return [self._said(match) for happening in happenings for match in self.matcher.take(happening)]

    def _said(self, match: Match) -> Finding:
        if match.closed:
            return self._closed(match)
        last = match.chain[-1]
        places = [each.offset for each in match.chain if (each.topic, each.partition) == (last.topic, last.partition)]
        facts: dict[str, Any] = {}
        for number, step in enumerate(match.chain, 1):
            facts |= {f"step_{number}_time": step.time, f"step_{number}_link": step.link}
        finding = Finding(
            id=finding_id(self.detector, self.sequence.version, match.key, match.opened),
            phase="open",
            seq=0,
            domain=self.domain.name,
            site=last.site,
            subject=match.key,
            quantity=self.name,
            family=SEQUENCE,
            detector=self.detector,
            detector_version=self.sequence.version,
            severity=self.sequence.severity,
            opened=match.opened,
            time=match.time,
            text=opened_text(self.domain, self.sequence, match),
            origin=Origin(last.topic, last.partition, min(places), max(places)),
            # What follows from an absence has no record that caused it: its latency is not measured.
            stamp=0 if self.sequence.absent_s else last.stamp,
            facts=facts,
        )
        self._open[match.key] = finding
        return finding

    def _closed(self, match: Match) -> Finding:
        opened = self._open.pop(match.key)
        facts = dict(opened.facts)
        if match.by is not None:
            facts |= {"ended_time": match.by.time, "ended_link": match.by.link}
        return msgspec.structs.replace(
            opened,
            phase="close",
            seq=opened.seq + 1,
            time=match.time,
            closed=match.time,
            text=closed_text(self.domain, self.sequence, match),
            late=match.late,
            stamp=0,
            facts=facts,
        )


def watches_of(domain: Domain) -> list[SequenceWatch]:
    """One watch for each sequence of a pack."""
    return [SequenceWatch(domain, name, sequence) for name, sequence in sorted(domain.sequences.items())]


def withdrawn(finding: Finding) -> list[Finding]:
    """The close of a finding whose rule is declared no more; nothing where it is closed."""
    if finding.phase == "close":
        return []
    text = withdrawn_text(finding.text)
    return [
        msgspec.structs.replace(
            finding, phase="close", seq=finding.seq + 1, closed=finding.time, text=text, late=False, stamp=0
        )
    ]
