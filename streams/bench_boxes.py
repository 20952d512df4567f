"""A yard of watched boxes over some hours: what the judge says of it, held against a slow oracle of the same rules.

The boxes and what happens to them are made up. The oracle (``bench_boxes_oracle``) sees whole series at once and shares
no code with the judge.
"""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from records.box_terms import box_terms
from streams.bench_boxes_oracle import expected
from streams.judges.box_conditions import EVENTS, READINGS, BoxJudge
from topics.domain import Domain
from topics.events import Declared, Event, GateIn, Goods, OpeningOrdered, SensorFitted, Stacked
from topics.goods import goods_of
from topics.reading import Reading

SITE = "yard-bench"
START = 1_764_172_800_000
MINUTE = 60_000
PER_BLOCK = 20
#: What happens to a box, each to as many of a hundred; a "wild" one has single wild values and nothing else.
SHARES = {"warm": 4, "gas": 3, "tilt": 3, "door": 3, "ordered": 3, "silent": 3, "wild": 6}
#: Rules that the oracle knows; what drifts slowly depends on the boxes around it and is tested apart.
RULES = ("box-control", "box-emergency", "box-rise", "box-gas", "box-tilt", "box-door", "box-silence", "box-mass-loss")
CONTROL_C, EMERGENCY_C = -5.0, 5.0

Key = tuple[str, str]


@dataclass(slots=True)
class Plan:
    """The boxes: block, fate, and by quantity the values at their times (ms UTC); when each may be opened."""

    minutes: int
    blocks: dict[str, str] = field(default_factory=dict)
    fates: dict[str, str] = field(default_factory=dict)
    courses: dict[str, dict[str, list[tuple[int, float]]]] = field(default_factory=dict)
    orders: dict[str, tuple[int, int]] = field(default_factory=dict)


def plan(boxes: int, hours: float, seed: int) -> Plan:
    """A yard that is the same for equal seeds; the sensors of one of its blocks are lost at two thirds of the time."""
    dice, made = random.Random(seed), Plan(round(hours * 60))
    lost_at, lost = made.minutes * 2 // 3, f"B{dice.randrange(-(-boxes // PER_BLOCK))}"
    for number in range(boxes):
        name, block = f"BNCH{number:07}", f"B{number // PER_BLOCK}"
        fate = dice.choices([*SHARES, "well"], [*SHARES.values(), 100 - sum(SHARES.values())])[0]
        made.blocks[name], made.fates[name] = block, fate
        begin = dice.randrange(60, max(61, made.minutes - 60))
        made.courses[name] = _course(number, made.minutes, begin, fate, lost_at if block == lost else None, dice)
        if fate == "ordered":
            made.orders[name] = START + begin * MINUTE, START + (begin + 45) * MINUTE
    return made


def _course(
    number: int, minutes: int, begin: int, fate: str, lost_at: int | None, dice: random.Random
) -> dict[str, list[tuple[int, float]]]:
    per_h, noise = dice.uniform(5.0, 20.0), dice.uniform(0.05, 0.2)
    rows: dict[str, list[tuple[int, float]]] = {"container_temp": [], "gas_lel": [], "tilt": [], "door": []}
    for minute in range(1, minutes):
        if (fate == "silent" and begin <= minute < begin + 20) or (lost_at is not None and minute >= lost_at):
            continue
        moment = START + minute * MINUTE + number % 50 * 1000
        after = minute - begin
        heat = -12.0 + (max(0, after) / 60 * per_h if fate == "warm" else 0.0) + dice.gauss(0, noise)
        wild = fate == "wild" and dice.random() < 0.02
        rows["container_temp"].append((moment, round(60.0 if wild else heat, 1)))
        rows["gas_lel"].append((moment, 40.0 if fate == "gas" and 0 <= after < 15 else round(dice.uniform(0, 3), 1)))
        rows["tilt"].append((moment, 7.5 if fate == "tilt" and 0 <= after < 30 else 0.4))
        rows["door"].append((moment, 1.0 if fate in ("door", "ordered") and 0 <= after < 30 else 0.0))
    return rows


def events(made: Plan) -> list[Event]:
    """Papers, gate, place and sensor of each box, and orders to open."""
    goods = (Goods("3115", "ORGANIC PEROXIDE", "5.2", 10.0, control_c=CONTROL_C, emergency_c=EMERGENCY_C),)
    told: list[Event] = []
    for number, (name, block) in enumerate(made.blocks.items()):
        told += [
            Declared(f"{name}d", SITE, START - 86_400_000, f"D{number}", name, goods),
            GateIn(f"{name}g", SITE, START - 3_600_000, name, f"D{number}"),
            Stacked(f"{name}s", SITE, START - 3_500_000, name, block, number % PER_BLOCK, 0, 1),
            SensorFitted(f"{name}f", SITE, START - 3_400_000, name, f"L{number}"),
        ]
        if name in made.orders:
            start, until = made.orders[name]
            told.append(OpeningOrdered(f"{name}o", SITE, start, name, until, "customs"))
    return sorted(told, key=lambda each: each.time)


def readings(made: Plan) -> Iterator[Reading]:
    """All readings in the order of time."""
    rows = [
        (moment, f"{SITE}/L{number}/{quantity}/Rtd", value)
        for number, courses in enumerate(made.courses.values())
        for quantity, course in courses.items()
        for moment, value in course
    ]
    return (Reading(series, moment, value) for moment, series, value in sorted(rows))


def bench_boxes(pack: Domain, boxes: int, hours: float, seed: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Judge the plan and compare when each condition first opens with the oracle's word. Raises ``ValueError`` for a
    pack that does not judge boxes.
    """
    terms = box_terms(pack)
    if terms is None:
        raise ValueError(f"pack {pack.name}: expected facts.box_conditions, got none")
    made = plan(boxes, hours, seed)
    say(f"{boxes} boxes over {hours:g} h")
    judge = BoxJudge(pack, terms, 0, goods_of(pack.facts))
    for event in events(made):
        judge.event(event)
    end = START + (made.minutes + 2) * MINUTE  # nobody falls silent only because it is over
    judge.tick(EVENTS, end)
    log = list(readings(made))
    say(f"{len(log):,} readings")
    found: dict[Key, int] = {}
    began, city = time.process_time(), START
    for offset, row in enumerate(log):
        if row.time >= city + MINUTE:
            city = row.time - row.time % MINUTE
            judge.tick(READINGS, city)
            _note(judge, found)
        judge.reading(row, offset, 0)
    judge.tick(READINGS, end)
    _note(judge, found)
    spent = time.process_time() - began
    say("asking the oracle")
    wanted = expected(made.courses, made.blocks, made.orders, terms, CONTROL_C, EMERGENCY_C, end)
    missed, extra = wanted.keys() - found.keys(), found.keys() - wanted.keys()
    moved = [key for key in wanted.keys() & found.keys() if wanted[key] != found[key]]
    planted = sum(fate in ("warm", "gas", "tilt", "door", "silent") for fate in made.fates.values())
    return {
        "boxes": boxes, "readings": len(log), "planted": planted, "expected": len(wanted), "found": len(found),
        "missed": len(missed), "extra": len(extra), "at_another_time": len(moved),
        "readings_per_cpu_s": round(len(log) / max(spent, 1e-9)), "kept": not (missed or extra or moved),
        "by_rule": {rule: sum(rule == name for name, _ in found) for rule in RULES},
    }  # fmt: skip


def _note(judge: BoxJudge, found: dict[Key, int]) -> None:
    """When each rule first opened for each box or area."""
    for _, finding in judge.advance():
        if finding.phase == "open" and finding.detector in RULES:
            found.setdefault((finding.detector, finding.quantity), finding.time)
