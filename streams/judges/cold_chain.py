"""The judge of the cold chain: readings and ticks of a readings partition in, findings and breaches out. Pure.

A limit on temperature says that it is warm now; this judge says that goods have been too warm for too long. Its state
is its log's: a replay from the beginning says the same.
"""

from collections import deque
from dataclasses import dataclass, field

from detectors.rules.cold_chain import Course, Point, judge_course
from streams.judges.cold_chain_facts import ColdChain, Goods
from streams.judges.episodes import Cause, Condition, Episodes
from topics.domain import Domain
from topics.finding import Finding, Text
from topics.reading import Reading, parse_series

FAMILY = "cold-chain"
RULE, SPARSE = "cold_chain_budget", "cold_chain_recording"
EXCUSED_FROM = 0.5


@dataclass(frozen=True, slots=True)
class Breach:
    """Goods were beyond what they endure: ``start <= t < end`` (ms UTC), in or on ``carrier``; ``worst`` in °C."""

    finding: str
    site: str
    carrier: str
    start: int
    end: int
    worst: float


@dataclass(slots=True)
class Said:
    """What a reading or a tick gave rise to; false where it is nothing."""

    findings: list[Finding] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.findings or self.breaches)


@dataclass(slots=True)
class _Series:
    points: deque[Point] = field(default_factory=deque)
    last_beyond: int = 0
    course: Course | None = None
    sparse: bool = False


class ColdChainJudge:
    """Judges the temperatures of one partition that the pack's facts watch; all else passes it by."""

    def __init__(self, domain: Domain, facts: ColdChain, partition: int) -> None:
        self.domain = domain
        self.facts = facts
        self.episodes = Episodes(domain.name, domain.topic, partition)
        self.clock = 0
        self._series: dict[str, _Series] = {}
        self._excuse: dict[tuple[str, str, str], bool] = {}

    def apply(self, reading: Reading, offset: int, stamp: int) -> Said:
        """Judge one reading in log order; late and marked ones change nothing."""
        said = Said()
        if reading.backfill or reading.flag != "N" or reading.value is None:
            return said
        parts = parse_series(reading.series)
        if parts.quantity in self.facts.excusing:
            self._excuse[parts.site, parts.device, parts.quantity] = reading.value >= EXCUSED_FROM
            return said
        goods = self.facts.goods.get(parts.quantity)
        if goods is None or parts.statistic != "Rtd":
            return said
        seen = self._series.setdefault(reading.series, _Series())
        if seen.points and reading.time <= seen.points[-1].time:
            return said
        self._recorded(reading, goods, seen, Cause(reading.time, offset, stamp), said)
        excused = any(self._excuse.get((parts.site, parts.device, name)) for name in goods.excused_by)
        seen.points.append(Point(reading.time, reading.value, excused))
        if not goods.low <= reading.value <= goods.high:
            seen.last_beyond = reading.time
        self._judge(reading.series, goods, seen, Cause(reading.time, offset, stamp), said)
        return said

    def tick(self, time_ms: int, offset: int, stamp: int) -> Said:
        """City time goes on: what is too warm stays so until a value says otherwise."""
        said = Said()
        if time_ms <= self.clock:
            return said
        self.clock = time_ms
        for name, seen in self._series.items():
            goods = self.facts.goods[parse_series(name).quantity]
            # A series that is well and has been is no work: most are, at any time.
            if seen.last_beyond and (seen.points[-1].time == seen.last_beyond or seen.course is not None):
                self._judge(name, goods, seen, Cause(max(time_ms, seen.points[-1].time), offset, stamp), said)
        return said

    def _judge(self, name: str, goods: Goods, seen: _Series, cause: Cause, said: Said) -> None:
        while len(seen.points) > 1 and cause.time - seen.points[0].time > goods.within_s * 1000:
            seen.points.popleft()
        if not seen.last_beyond:
            return
        course = judge_course(seen.points, goods.budget, cause.time)
        if course.spoilt:
            seen.course = course
            said.findings += self.episodes.holds(self._condition(name, goods, course), cause)
        held = seen.course
        if held is None or not seen.points:
            return
        last = seen.points[-1]
        within = goods.low <= last.value <= goods.high
        if within and cause.time - seen.last_beyond >= goods.clear_s * 1000:
            self._over(name, goods, seen, held, cause, said)

    def _over(self, name: str, goods: Goods, seen: _Series, course: Course, cause: Cause, said: Said) -> None:
        site, device = name.split("/")[:2]
        start, end = course.windows[0][0], course.windows[-1][1]
        values = [point.value for point in seen.points if start <= point.time < end]
        worst = max(values, key=lambda value: max(value - goods.high, goods.low - value), default=goods.high)
        closing = self.episodes.ends(RULE, name, cause)
        said.findings += closing
        if closing and (carrier := self.facts.carriers.get(device)):
            said.breaches.append(Breach(closing[-1].id, site, carrier, start, end, worst))
        # What was aboard has been judged; what comes aboard now has its whole budget.
        seen.points, seen.course, seen.last_beyond = deque([seen.points[-1]]), None, 0

    def _recorded(self, reading: Reading, goods: Goods, seen: _Series, cause: Cause, said: Said) -> None:
        """While goods are beyond their limits, values must come more densely (GSP: drugs)."""
        if not goods.record_s or not seen.points:
            return
        before = seen.points[-1]
        beyond = not goods.low <= before.value <= goods.high
        gap_s = (reading.time - before.time) / 1000
        if beyond and gap_s > goods.record_s * 1.5:
            zh = f"超温期间 {gap_s / 60:.0f} 分钟无记录，要求每 {goods.record_s / 60:g} 分钟一次"
            en = (
                f"no value for {gap_s / 60:.0f} min while beyond limits, one every {goods.record_s / 60:g} min is asked"
            )
            condition = self._about(name=reading.series, rule=SPARSE, text=Text(zh, en), severity="yellow", goods=goods)
            said.findings += self.episodes.holds(condition, cause)
        else:
            said.findings += self.episodes.ends(SPARSE, reading.series, cause)

    def _condition(self, name: str, goods: Goods, course: Course) -> Condition:
        start, end = course.windows[0][0], course.windows[-1][1]
        minutes, kinetic = course.beyond_s / 60, course.kinetic
        zh = f"超出 {goods.low:g}～{goods.high:g} °C 累计 {minutes:.0f} 分钟，{course.dose:.0f} 度分钟"
        en = f"beyond {goods.low:g} to {goods.high:g} °C for {minutes:.0f} min, {course.dose:.0f} degree minutes"
        if kinetic is not None:
            zh, en = f"{zh}，平均动力学温度 {kinetic:.1f} °C", f"{en}, mean kinetic temperature {kinetic:.1f} °C"
        facts: dict[str, str | float | int | None] = {
            "series": name,
            "start": start,
            "end": end,
            "beyond_s": round(course.beyond_s, 1),
            "dose": round(course.dose, 1),
            "mean_kinetic": None if kinetic is None else round(kinetic, 2),
            "unproven_s": round(course.unproven_s, 1),
            "allowed_s": goods.allowed_s,
            "carrier": self.facts.carriers.get(name.split("/")[1], ""),
        }
        # Each further half of what is allowed is worth an update: nobody is helped by one a minute.
        mark = str(int(2 * course.beyond_s / max(goods.allowed_s, 60.0)))
        return self._about(name, RULE, Text(zh, en), goods.severity, goods, mark, facts, round(minutes, 1))

    def _about(
        self,
        name: str,
        rule: str,
        text: Text,
        severity: str,
        goods: Goods,
        mark: str = "",
        facts: dict[str, str | float | int | None] | None = None,
        value: float | None = None,
    ) -> Condition:
        parts = parse_series(name)
        return Condition(
            rule,
            FAMILY,
            parts.site,
            name,
            parts.quantity,
            severity,
            text,
            mark,
            value,
            goods.allowed_s / 60 if value is not None else None,
            "min" if value is not None else "",
            goods.source,
            facts or {"series": name},
        )
