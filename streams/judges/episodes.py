"""Episodes of conditions: one condition is one finding that opens, is amended and closes, however often it is seen."""

from dataclasses import dataclass, field, replace

from topics.finding import Finding, Origin, Phase, Text, finding_id


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that holds now. ``rule`` and ``subject`` name it; a new ``mark`` or ``severity`` is worth an update."""

    rule: str
    family: str
    site: str
    subject: str
    quantity: str
    severity: str
    text: Text
    mark: str = ""
    value: float | None = None
    expected: float | None = None
    unit: str = ""
    standard: str = ""
    facts: dict[str, str | float | int | None] = field(default_factory=dict)


@dataclass(slots=True)
class _Open:
    condition: Condition
    id: str
    seq: int
    opened: int
    first_offset: int


@dataclass(slots=True)
class Memory:
    """What episodes must know to go on: those that are open, and when each rule and subject opened last."""

    open: list[_Open]
    last_opened: list[tuple[str, str, int]]


@dataclass(frozen=True, slots=True)
class Cause:
    """What made us look: event time (ms UTC), offset in the partition, Kafka's stamp."""

    time: int
    offset: int
    stamp: int


class Episodes:
    """The open conditions of one partition. Ids follow from rule, subject and first-open event time alone."""

    def __init__(self, domain: str, topic: str, partition: int, version: int = 1) -> None:
        self.domain = domain
        self.topic = topic
        self.partition = partition
        self.version = version
        self._open: dict[tuple[str, str], _Open] = {}
        self._last_opened: dict[tuple[str, str], int] = {}

    def holds(self, condition: Condition, cause: Cause) -> list[Finding]:
        """The condition holds: a finding if that is new or worth an update, else nothing."""
        key = (condition.rule, condition.subject)
        episode = self._open.get(key)
        if episode is None:
            # Never the time of an earlier episode of the same subject: two episodes are two ids.
            opened = max(cause.time, self._last_opened.get(key, 0) + 1)
            self._last_opened[key] = opened
            name = finding_id(condition.rule, self.version, condition.subject, opened)
            episode = self._open[key] = _Open(condition, name, 0, opened, cause.offset)
            return [self._finding(episode, "open", cause)]
        known = episode.condition
        episode.condition = condition
        if (known.severity, known.mark) == (condition.severity, condition.mark):
            return []
        episode.seq += 1
        return [self._finding(episode, "update", cause)]

    def ends(self, rule: str, subject: str, cause: Cause, text: Text | None = None) -> list[Finding]:
        """The condition holds no longer; nothing if it did not hold. ``text`` says why it ended."""
        episode = self._open.pop((rule, subject), None)
        if episode is None:
            return []
        episode.seq += 1
        return [self._finding(episode, "close", cause, text)]

    def has(self, rule: str, subject: str) -> bool:
        """Whether this condition holds now."""
        return (rule, subject) in self._open

    def that_hold(self, rule: str) -> list[Condition]:
        """The conditions of a rule that hold now, as last seen."""
        return [each.condition for (name, _), each in self._open.items() if name == rule]

    def memory(self) -> "Memory":
        """All that must be kept to go on later; what it holds is not changed by what comes."""
        opened = [(rule, subject, time) for (rule, subject), time in sorted(self._last_opened.items())]
        return Memory([replace(each) for _, each in sorted(self._open.items())], opened)

    def recall(self, memory: "Memory") -> None:
        """Go on from what was kept."""
        self._open = {(each.condition.rule, each.condition.subject): replace(each) for each in memory.open}
        self._last_opened = {(rule, subject): time for rule, subject, time in memory.last_opened}

    def forget_before(self, time_ms: int) -> None:
        """Let go of subjects whose last episode opened and ended before this: nothing earlier is judged any more."""
        old = [name for name, opened in self._last_opened.items() if opened < time_ms and name not in self._open]
        for name in old:
            del self._last_opened[name]

    def _finding(self, episode: _Open, phase: Phase, cause: Cause, text: Text | None = None) -> Finding:
        condition = episode.condition
        time = max(cause.time, episode.opened)
        return Finding(
            id=episode.id,
            phase=phase,
            seq=episode.seq,
            domain=self.domain,
            site=condition.site,
            subject=condition.subject,
            quantity=condition.quantity,
            family=condition.family,
            detector=condition.rule,
            detector_version=self.version,
            severity=condition.severity,
            opened=episode.opened,
            time=time,
            text=text or condition.text,
            origin=Origin(self.topic, self.partition, episode.first_offset, cause.offset),
            closed=time if phase == "close" else None,
            value=condition.value,
            expected=condition.expected,
            unit=condition.unit,
            stamp=cause.stamp,
            versions={"standard": condition.standard} if condition.standard else {},
            facts=condition.facts,
        )
