"""The hazard day through the judge of units, held against the oracle."""

from dataclasses import dataclass, field

from streams.judges.unit_conditions import GRADE, STORAGE
from streams.judges.unit_facts import hazard_facts
from streams.judges.units import UnitsJudge
from streams.replays.hazard_day import MINUTE_MS, START_MS, hazard_day, hazard_pack
from streams.replays.hazard_oracle import Expected, expected
from topics.finding import Finding
from topics.reading import Reading

#: What the oracle calls the conditions that have no degree.
MARKS = {"unit-vote": "trip", "unit-discrepancy": "apart", "unit-rate-of-rise": "fast", "unit-bypass": "bypass"}


@dataclass(slots=True)
class Replayed:
    """``said`` and ``wanted`` as episodes; ``kept_silent``: how often a rule was suppressed by design."""

    said: list[Expected]
    wanted: list[Expected]
    findings: list[Finding] = field(default_factory=list)
    kept_silent: dict[str, int] = field(default_factory=dict)

    @property
    def missed(self) -> list[Expected]:
        return [each for each in self.wanted if each not in self.said]

    @property
    def unwanted(self) -> list[Expected]:
        return [each for each in self.said if each not in self.wanted]


def replay_hazard_day() -> Replayed:
    """Play the day; deterministic."""
    pack = hazard_pack()
    facts = hazard_facts(pack)
    assert facts is not None
    judge = UnitsJudge(pack, facts, 0)
    findings: list[Finding] = []
    for offset, message in enumerate(hazard_day()):
        if isinstance(message, Reading):
            findings += judge.apply(message, offset, message.time)
        else:
            findings += judge.tick(message.time, offset, message.time)
    return Replayed(episodes_of(findings), expected(), findings, dict(judge.kept_silent))


def episodes_of(findings: list[Finding]) -> list[Expected]:
    """Findings as the oracle tells episodes: an update that changes the degree ends one and begins the next."""
    open_: dict[tuple[str, str], tuple[str, int]] = {}
    found = []
    for finding in findings:
        key, minute = (finding.detector, finding.subject), (finding.time - START_MS) // MINUTE_MS
        if key in open_:
            mark, since = open_.pop(key)
            if since != minute:  # what lasts less than a minute is between two readings of the same minute
                found.append(Expected(finding.detector, mark, since, minute))
        if finding.phase != "close":
            open_[key] = _mark(finding), minute
    found += [Expected(rule, mark, since, None) for (rule, _), (mark, since) in open_.items()]
    return sorted(_joined(found))


def _joined(found: list[Expected]) -> list[Expected]:
    """Two pieces of the same degree without a gap are one."""
    kept: list[Expected] = []
    for each in sorted(found, key=lambda each: (each.rule, each.opens)):
        if kept and (kept[-1].rule, kept[-1].mark, kept[-1].closes) == (each.rule, each.mark, each.opens):
            each = Expected(each.rule, each.mark, kept.pop().opens, each.closes)
        kept.append(each)
    return kept


def _mark(finding: Finding) -> str:
    if finding.detector == GRADE:
        return str(finding.facts["grade"])
    if finding.detector == STORAGE:
        return "over" if finding.value is not None and finding.value > (finding.expected or 0) else "near"
    return MARKS[finding.detector]
