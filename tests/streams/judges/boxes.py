"""A yard of boxes with sensors, told minute by minute, and the judge that hears it."""

from collections.abc import Iterable
from functools import cache
from itertools import chain
from typing import Any

import msgspec

from records.box_terms import box_terms
from streams.judges.box_conditions import EVENTS, READINGS, BoxJudge
from topics.domain import Domain
from topics.domain_file import load_domains
from topics.events import Declared, Event, GateIn, Goods, SensorFitted, Stacked
from topics.finding import Finding
from topics.goods import load_goods
from topics.reading import Reading

GOODS = load_goods()
T0 = 1_764_172_800_000
MINUTE = 60_000
YARD = "yard-9"

#: A peroxide as its consignor declares it: the control and emergency temperature are those of its formulation.
PEROXIDE = Goods("3115", "ORGANIC PEROXIDE TYPE D, LIQUID", "5.2", 12.0, control_c=-5.0, emergency_c=5.0)
NITRATE = Goods("1942", "AMMONIUM NITRATE", "5.1", 20.0)
COTTON = Goods("2556", "NITROCELLULOSE", "4.1", 12.0)

#: A message in one of the two logs: a reading, an event, or city time.
Told = Reading | Event | int


@cache
def cargo_pack() -> Domain:
    """The product's cargo pack."""
    (cargo,) = [each for each in load_domains() if each.name == "cargo"]
    return cargo


def pack(**changes: Any) -> Domain:
    """The product's cargo pack; ``changes`` of its terms."""
    cargo = cargo_pack()
    return msgspec.structs.replace(
        cargo, facts=cargo.facts | {"box_conditions": cargo.facts["box_conditions"] | changes}
    )


def judge(**changes: Any) -> BoxJudge:
    domain = pack(**changes)
    terms = box_terms(domain)
    assert terms is not None
    return BoxJudge(domain, terms, 0, GOODS)


def at(minute: float) -> int:
    return T0 + int(minute * MINUTE)


#: After all events of a test's day: the events' log is read to its end.
FAR = at(5000)


def box(
    name: str, device: str, goods: Goods = PEROXIDE, bay: int = 0, block: str = "A", minute: float = 0
) -> list[Event]:
    """A declared box comes, is stacked, and a sensor is fitted to it."""
    time = at(minute)
    return [
        Declared(f"{name}-d", YARD, time - 86_400_000, f"D-{name}", name, (goods,), "consignor", "contact"),
        GateIn(f"{name}-g", YARD, time, name, f"D-{name}"),
        Stacked(f"{name}-s", YARD, time + 1, name, block, bay, 0, 1),
        SensorFitted(f"{name}-f", YARD, time + 2, name, device),
    ]


def yard_of(number: int) -> list[Event]:
    """So many boxes side by side in area A, each with its sensor: R0, R1, ..."""
    return list(chain(*(box(f"SIMU00000{n:02d}", f"R{n}", bay=n) for n in range(number))))


def reading(device: str, minute: float, value: float | None, quantity: str = "container_temp", **more: Any) -> Reading:
    return Reading(f"{YARD}/{device}/{quantity}/Rtd", at(minute), value, **more)


def play(
    judge: BoxJudge, readings: Iterable[Reading | int], events: Iterable[Event | int]
) -> list[tuple[int, Finding]]:
    """Hear both logs, the events first, in their own order; an ``int`` is a tick."""
    for each in events:
        if isinstance(each, int):
            judge.tick(EVENTS, each)
        else:
            assert judge.event(each) == ""
    found = []
    for offset, row in enumerate(readings):
        if isinstance(row, int):
            judge.tick(READINGS, row)
            found += judge.advance()
        else:
            judge.reading(row, offset, row.time)
    return found


def day(rows: Iterable[Reading], until: float, every: float = 1.0) -> list[Reading | int]:
    """Readings in the order of time with the city's ticks between them, a second after each step."""
    ordered = sorted(rows, key=lambda row: row.time)
    log: list[Reading | int] = []
    place, minute = 0, 0.0
    while minute <= until:
        while place < len(ordered) and ordered[place].time <= at(minute):
            log.append(ordered[place])
            place += 1
        log.append(at(minute) + 1000)
        minute += every
    return log


def rows(found: Iterable[tuple[int, Finding]]) -> list[tuple[str, str, str, float]]:
    """Rule, phase, severity and minute of each."""
    return [(each.detector, each.phase, each.severity, (each.time - T0) / MINUTE) for _, each in found]


def of(found: list[tuple[int, Finding]], rule: str) -> list[Finding]:
    """What one rule said."""
    return [each for _, each in found if each.detector == rule]
