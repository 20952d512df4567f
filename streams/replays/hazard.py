"""The hazard day through the judge of units, held against the oracle."""

from dataclasses import dataclass, field

from streams.judges.unit_conditions import GRADE, STORAGE
from streams.judges.unit_facts import hazard_facts
from streams.judges.units import UnitsJudge, Word
from streams.replays.hazard_day import MINUTE_MS, START_MS, hazard_day, hazard_pack
from streams.replays.hazard_oracle import SILENT, Expected, expected
from topics.finding import Finding
from topics.reading import Reading
from topics.unit_state import UnitState

#: What the oracle calls the conditions that have no degree.
MARKS = {"unit-vote": "trip", "unit-discrepancy": "apart", "unit-rate-of-rise": "fast", "unit-bypass": "bypass"}


@dataclass(slots=True)
class Replayed:
    """``said`` and ``wanted`` as episodes, with the stretches in which they were suppressed by design among them."""

    said: list[Expected]
    wanted: list[Expected]
    findings: list[Finding] = field(default_factory=list)
    states: list[UnitState] = field(default_factory=list)

    @property
    def silent(self) -> list[Expected]:
        """What was suppressed by design."""
        return [each for each in self.said if each.mark == SILENT]

    @property
    def missed(self) -> list[Expected]:
        """What is wanted and was not said."""
        return [each for each in self.wanted if each not in self.said]

    @property
    def unwanted(self) -> list[Expected]:
        """What was said and is not wanted."""
        return [each for each in self.said if each not in self.wanted]


def replay_hazard_day() -> Replayed:
    """Play the day; deterministic."""
    pack = hazard_pack()
    facts = hazard_facts(pack)
    assert facts is not None
    judge = UnitsJudge(pack, facts, 0)
    words: list[Word] = []
    for offset, message in enumerate(hazard_day()):
        if isinstance(message, Reading):
            words += judge.apply(message, offset, message.time)
        else:
            words += judge.tick(message.time, offset, message.time)
    findings = [word for word in words if isinstance(word, Finding)]
    states = [word for word in words if isinstance(word, UnitState)]
    return Replayed(sorted(episodes_of(findings) + silent_in(words)), expected(), findings, states)


def silent_in(words: list[Word]) -> list[Expected]:
    """When which open findings were suppressed by the state that their unit had told."""
    state: UnitState | None = None
    open_: dict[str, Finding] = {}
    since: dict[str, int] = {}
    found = []
    for word in words:
        if isinstance(word, UnitState):
            state = word
        elif word.phase == "close":
            del open_[word.id]
        else:
            open_[word.id] = word
        minute = (word.time - START_MS) // MINUTE_MS
        now = {name for name, each in open_.items() if state is not None and state.makes_meaningless(each)}
        for name in now - since.keys():
            since[name] = minute
        for name in since.keys() - now:
            detector = next(each.detector for each in words if isinstance(each, Finding) and each.id == name)
            found.append(Expected(detector, SILENT, since.pop(name), minute))
    return found


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
