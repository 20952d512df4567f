"""The road to the port through judge and store in this process, without Kafka: what is said, and what must be."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from alerts.carriage.desk import CargoDesk
from alerts.city import City
from alerts.intake import Arrived, Intake
from alerts.responder.yards import Yards
from alerts.store import Store
from records.carriage.permits import PermitBook
from records.carriage.terms import carriage_facts
from records.registry import Site, registry_of
from streams.judges.carriage import CarriageJudge
from streams.replays.cargo_road import Scenario, Wanted, load_scenario, permits, told, yard_events
from topics.domain import Domain
from topics.domain_file import load_domains
from topics.finding import Finding, Text

SECOND = 1_000
#: So long after the last message of the truck the city's time is run on.
AFTER_S = 600
#: City time is ticked this often; what is said does not depend on it.
TICK_S = 5


@dataclass(slots=True)
class Replayed:
    """What was said, in order; ``missed`` of the story, and ``unwanted``: what opened that no line of it tells of."""

    findings: list[Finding]
    wanted: tuple[Wanted, ...]
    start_ms: int
    custody: list[dict[str, Any]] = field(default_factory=list)
    moments: dict[str, str] = field(default_factory=dict)
    alarms: int = 0

    @property
    def opened(self) -> list[Finding]:
        """The findings that open an episode."""
        return [each for each in self.findings if each.phase == "open"]

    @property
    def missed(self) -> list[Wanted]:
        """What the scenario wants and no rule said."""
        return [each for each in self.wanted if not any(self._is(each, found) for found in self.opened)]

    @property
    def unwanted(self) -> list[Finding]:
        """What a rule said and the scenario does not want."""
        return [each for each in self.opened if not any(self._is(wanted, each) for wanted in self.wanted)]

    def second(self, time_ms: int) -> int:
        """Seconds after the start."""
        return (time_ms - self.start_ms) // SECOND

    def _is(self, wanted: Wanted, found: Finding) -> bool:
        return (
            found.detector == wanted.detector
            and wanted.from_s <= self.second(found.opened) <= wanted.to_s
            and (not wanted.near or found.facts.get("near_area") == wanted.near)
            and (not wanted.area or found.facts.get("area") == wanted.area)
        )


def cargo_pack() -> Domain:
    """The product's own."""
    return next(each for each in load_domains() if each.name == "cargo")


def sites(scenario: Scenario) -> list[Site]:
    """The haulier and the yard of the scenario."""
    yard = Text("瑞海堆场", "Ruihai yard")
    haulier = Text("津滨危货运输", "Jinbin dangerous goods haulage")
    return [
        Site(scenario.yard, "cargo", yard, "Ruihai", "120116", 39.0397, 117.7367),
        Site(scenario.haulier, "cargo", haulier, "Jinbin", "120116", 39.08, 117.60),
    ]


def judged(scenario: Scenario, pack: Domain) -> list[Finding]:
    """What the watch says of the truck, with ticks of city time."""
    facts = carriage_facts(pack)
    assert facts is not None
    judge = CarriageJudge(pack.name, facts, 0, PermitBook(permits(scenario)))
    waiting = told(scenario)
    last = scenario.waybill.ended_s + AFTER_S
    found: list[Finding] = []
    offset = 0
    for second in range(0, last + 1, TICK_S):
        while waiting and waiting[0][0] <= second:
            judge.take(waiting.pop(0)[1], offset)
            offset += 1
        found += judge.tick(scenario.at(second), offset, scenario.at(second))
        offset += 1
    return found


def fill(scenario: Scenario, store: Store, city: City, yards: Yards, findings: list[Finding]) -> CargoDesk:
    """Put all of it where the alert server has it: alarms, tracks, papers, gate and yard."""
    desk = CargoDesk(store, city, yards)
    yards.take(yard_events(scenario))
    desk.book.take([message for _, message in told(scenario)])
    intake = Intake(store, city, "citybrain.replay", lambda: scenario.at(scenario.waybill.ended_s))
    intake.take([Arrived(each) for each in findings])
    return desk


def replay_cargo_road() -> Replayed:
    """Play it; deterministic."""
    scenario, pack = load_scenario(), cargo_pack()
    findings = judged(scenario, pack)
    played = Replayed(findings, scenario.story, scenario.start_ms)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'store.db'}")
        try:
            city = City([pack], registry_of(sites(scenario)), simulated=True)
            city.tick(scenario.at(scenario.voyage.departs_s + 7_200))
            desk = fill(scenario, store, city, Yards(), findings)
            whole = desk.container(scenario.container)
            assert whole is not None
            played.custody = whole["line"]
            for second in (1_200, 4_450, 10_000, 23_000):
                then = desk.container(scenario.container, scenario.at(second))
                holder = then["now"] if then is not None else None
                played.moments[str(second)] = f"{holder['kind']} {holder['name']}" if holder else "nobody"
            with store.read() as connection:
                played.alarms = connection.exec_driver_sql("SELECT count(*) FROM alarm").scalar() or 0
        finally:
            store.close()
    return played


def figures(played: Replayed) -> dict[str, Any]:
    """The outcome as one object."""
    return {
        "said": [
            {
                "detector": each.detector, "second": played.second(each.opened), "severity": each.severity,
                "late": each.late, "text": each.text.en, "facts": each.facts,
            }
            for each in played.opened
        ],
        "missed": [msgspec.to_builtins(each) for each in played.missed],
        "unwanted": [each.detector for each in played.unwanted],
        "custody": [{"kind": each["kind"], "name": each["name"], "since": each["since"]} for each in played.custody],
        "moments": played.moments,
        "alarms": played.alarms,
    }  # fmt: skip
