"""A yard of the port in tests: its pack, a judge fed with events, boxes that come and are stacked, a busy log."""

import random
from typing import Any

import msgspec

from detectors.base import Outcome
from streams.judges.yard import YardJudge
from topics.domain import Domain
from topics.events import Declared, Event, GateIn, GateOut, Goods, Stacked
from topics.finding import Finding
from topics.goods import load_goods

MINUTE = 60_000

T = 1_438_000_000_000

FACTS: dict[str, Any] = {
    "critical_quantities": {
        "1942": {"q_t": 50.0, "beta": 1.0, "source": "test", "confirmed": True},
        "1689": {"q_t": 50.0, "beta": 2.0, "source": "test", "confirmed": True},
    },
    "alpha": {"value": 2.0, "source": "test", "confirmed": True},
    "permits": {"yard": {"1689": {"permit_t": 100.0, "design_t": 200.0, "source": "test", "confirmed": True}}},
}


def pack(**facts: Any) -> Domain:
    return msgspec.convert(
        {
            "name": "cargo",
            "title": {"zh": "危货", "en": "Cargo"},
            "order": 2,
            "cap_category": "CBRNE",
            "quantities": {},
            "detectors": {},
            "routes": [],
            "guidance": {},
            "events": True,
            "facts": {**FACTS, **facts},
        },
        Domain,
    )


class Play:
    """A judge fed with events one after the other, and all it said."""

    def __init__(self, domain: Domain | None = None) -> None:
        self.judge = YardJudge(domain or pack(), 0)
        self.offset = 0
        self.said: list[Finding] = []

    def __call__(self, *events: Event) -> list[Finding]:
        return self._said([self.judge.apply(event, self._next(), 1) for event in events])

    def tick(self, minute: float) -> list[Finding]:
        return self._said([self.judge.tick(at(minute), self._next(), 1)])

    def _next(self) -> int:
        self.offset += 1
        return self.offset

    def _said(self, outcomes: list[Outcome]) -> list[Finding]:
        new = [finding for outcome in outcomes for finding in outcome.findings]
        self.said += new
        return new

    def open(self, rule: str) -> set[str]:
        """Subjects of the rule whose last finding is not a close."""
        last = {each.subject: each for each in self.said if each.detector == rule}
        return {subject for subject, each in last.items() if each.phase != "close"}


def at(minute: float) -> int:
    return T + int(MINUTE * minute)


def line(un: str, mass: float) -> Goods:
    entry = load_goods()[un]
    return Goods(un, entry.title.en, entry.hazard_class, mass, entry.subsidiary, entry.packing_group)


def come(container: str, un: str, mass: float, minute: int, site: str = "yard") -> list[Event]:
    return [
        Declared(
            f"{container}-d{minute}", site, at(minute), f"D-{container}-{minute}", container, (line(un, mass),), "A"
        ),
        GateIn(f"{container}-i{minute}", site, at(minute), container, f"D-{container}-{minute}"),
    ]


def stack(container: str, minute: int, bay: int, row: int = 0, tier: int = 1, block: str = "A") -> Stacked:
    return Stacked(f"{container}-s{minute}-{bay}-{row}", "yard", at(minute), container, block, bay, row, tier)


def of(findings: list[Finding], rule: str) -> list[tuple[str, str]]:
    return [(each.phase, each.severity) for each in findings if each.detector == rule]


def random_log(seed: int, count: int) -> list[Event | int]:
    """Events (and ticks, as times) of a busy yard in an order of arrival that is not that of their times."""
    rng = random.Random(seed)
    uns = ["1942", "1689", "1428", "2556", "1830", "1486", "0209", "2014"]
    events: list[Event] = []
    for i in range(count):
        name, minute = f"C{i % 25:02}", i * 3
        kind = rng.random()
        if kind < 0.35:
            events += come(name, rng.choice(uns), rng.randrange(1, 90), minute)
        elif kind < 0.9:
            events.append(stack(name, minute, rng.randrange(6), rng.randrange(4), block=rng.choice("AB")))
        else:
            events.append(GateOut(f"{name}-o{minute}", "yard", at(minute), name))
    ordered = sorted(events, key=lambda event: event.time + rng.randrange(20) * MINUTE)
    log: list[Event | int] = []
    for i, event in enumerate(ordered):
        log.append(event)
        if i % 10 == 9:
            log.append(max(each.time for each in log if not isinstance(each, int)))
    return log
