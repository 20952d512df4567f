"""A yard of watched boxes over some hours: what the judge says of it, held against a slow oracle of the same rules.

The boxes and what happens to them are made up. The oracle (``bench_boxes_oracle``) sees whole series at once and shares
no code with the judge.
"""

import math
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from records.box_terms import BoxTerms, box_terms
from streams.bench_boxes_oracle import Cargo, Opening, expected, limits_of
from streams.judges.box_conditions import EVENTS, READINGS, BoxJudge
from topics.domain import Domain
from topics.events import Declared, Event, GateIn, Goods, OpeningOrdered, SensorFitted, Stacked
from topics.finding import Text
from topics.goods import GoodsEntry, GoodsTemperatures
from topics.pack_goods import goods_of
from topics.reading import Reading

SITE = "yard-bench"
START = 1_764_172_800_000
MINUTE = 60_000
PER_BLOCK = 20
#: What happens to a box, each to as many of a hundred and to one at least; a "wild" one has single wild values and
#: nothing else, one "near" stays some minutes just below, at or above one of its limits, one that "drifts" goes on all
#: the time.
SHARES = {
    "warm": 4, "gas": 3, "tilt": 3, "door": 3, "ordered": 3, "silent": 3, "wild": 5, "near": 24, "drift": 20,
}  # fmt: skip
RULES = (
    "box-ceiling", "box-control", "box-emergency", "box-sadt", "box-rise", "box-drift", "box-gas", "box-tilt",
    "box-door", "box-silence", "box-mass-loss",
)  # fmt: skip
#: What is in the boxes, in turn. The temperatures are made up: declared, by the SADT of each row of IMDG 7.3.7.2, and
#: a general ceiling alone.
CARGOES = (
    Cargo("3115", "5.2", control_c=-5.0, emergency_c=5.0),
    Cargo("3231", "4.1", sadt_c=15.0),
    Cargo("3233", "4.1", sadt_c=30.0),
    Cargo("3235", "4.1", sadt_c=55.0),
    Cargo("1385", "4.2"),
)
#: In turn: how far from its limit a box "near" stays (°C), and for how many readings: two minutes are three of them.
NEAR = ((0.0, 3), (-0.1, 4), (0.1, 3), (0.0, 2))
#: In turn: °C an hour of a box that drifts, hours from its limit when it begins, and how far it swings meanwhile (°C);
#: fast and near enough, too slow, too far, too unsteady.
DRIFTS = (
    ((0.3, 0.6), (9.0, 14.0), 0.0), ((0.05, 0.18), (9.0, 14.0), 0.0), ((0.25, 0.5), (20.0, 30.0), 0.0),
    ((0.3, 0.6), (9.0, 14.0), 2.0),
)  # fmt: skip
#: How fast the sun warms every box of one block, °C an hour.
SUN_PER_H = 0.5

Key = tuple[str, str]


@dataclass(slots=True)
class Plan:
    """The boxes: block, fate, and by quantity the values at their times (ms UTC); when each may be opened."""

    minutes: int
    blocks: dict[str, str] = field(default_factory=dict)
    cargoes: dict[str, Cargo] = field(default_factory=dict)
    fates: dict[str, str] = field(default_factory=dict)
    courses: dict[str, dict[str, list[tuple[int, float]]]] = field(default_factory=dict)
    orders: dict[str, tuple[int, int]] = field(default_factory=dict)


def plan(boxes: int, hours: float, seed: int, terms: BoxTerms) -> Plan:
    """A yard that is the same for equal seeds; the sensors of one of its blocks are lost at five sixths of the time,
    and the sun is on another.
    """
    dice, made = random.Random(seed), Plan(round(hours * 60))
    blocks = [f"B{number}" for number in range(-(-boxes // PER_BLOCK))]
    lost_at, (lost, sunny) = made.minutes * 5 // 6, dice.sample([*blocks, ""], 2)
    fates = [*SHARES, *dice.choices([*SHARES, "well"], [*SHARES.values(), 100 - sum(SHARES.values())], k=boxes)][:boxes]
    dice.shuffle(fates)
    for number, fate in enumerate(fates):
        name, block, cargo = f"BNCH{number:07}", blocks[number // PER_BLOCK], CARGOES[number % len(CARGOES)]
        made.blocks[name], made.fates[name], made.cargoes[name] = block, fate, cargo
        begin = dice.randrange(60, max(61, made.minutes - 60))
        sun = SUN_PER_H if block == sunny else 0.0
        turn = sum(each == fate for each in fates[:number])
        heat = _heat(made.minutes, begin, (fate, turn), limits_of(cargo, terms), sun, dice)
        made.courses[name] = _course(number, heat, begin, fate, lost_at if block == lost else None, dice)
        if fate == "ordered":
            made.orders[name] = START + begin * MINUTE, START + (begin + 45) * MINUTE
    return made


def _heat(
    minutes: int, begin: int, fated: tuple[str, int], limits: dict[str, float], sun_per_h: float, dice: random.Random
) -> list[float]:
    """The temperature (°C) of each minute; ``fated``: what happens, and how many boxes had it before."""
    (fate, turn), lowest, noise = fated, min(limits.values()), dice.uniform(0.05, 0.2)
    base, per_h, wave_c = lowest - 7.0, 0.0, 0.0
    if fate == "warm":
        per_h = dice.uniform(5.0, 20.0)
    if fate == "drift":
        rates, hours, wave_c = DRIFTS[turn % len(DRIFTS)]
        begin, per_h = 0, dice.uniform(*rates)
        base = lowest - per_h * dice.uniform(*hours)
    course = [
        base + (max(0, minute - begin) * per_h + minute * sun_per_h) / 60
        + wave_c * math.sin(minute / 90 * 2 * math.pi) + dice.gauss(0, noise)
        for minute in range(minutes)
    ]  # fmt: skip
    if fate == "near":
        off, stays = NEAR[turn % len(NEAR)]
        course[begin : begin + stays] = [dice.choice(sorted(limits.values())) + off] * stays
    if fate == "wild":
        course = [lowest + 65.0 if dice.random() < 0.02 else each for each in course]
    return [round(each, 1) for each in course]


def _course(
    number: int, heat: list[float], begin: int, fate: str, lost_at: int | None, dice: random.Random
) -> dict[str, list[tuple[int, float]]]:
    """What each sensor says: the temperature each minute, the others every other one."""
    rows: dict[str, list[tuple[int, float]]] = {"container_temp": [], "gas_lel": [], "tilt": [], "door": []}
    for minute in range(1, len(heat)):
        if (fate == "silent" and begin <= minute < begin + 20) or (lost_at is not None and minute >= lost_at):
            continue
        moment, after = START + minute * MINUTE + number % 50 * 1000, minute - begin
        rows["container_temp"].append((moment, heat[minute]))
        if minute % 2:
            continue
        rows["gas_lel"].append((moment, 40.0 if fate == "gas" and 0 <= after < 15 else round(dice.uniform(0, 3), 1)))
        rows["tilt"].append((moment, 7.5 if fate == "tilt" and 0 <= after < 30 else 0.4))
        rows["door"].append((moment, 1.0 if fate in ("door", "ordered") and 0 <= after < 30 else 0.0))
    return rows


def goods_list(pack: Domain) -> dict[str, GoodsEntry]:
    """The pack's goods with the made-up temperatures of ``CARGOES``."""
    listed = {
        each.un: GoodsEntry(
            each.un, Text(each.un, each.un), each.hazard_class, source="made up", confirmed=False,
            temperatures=GoodsTemperatures("made up", False, sadt_c=each.sadt_c),
        )
        for each in CARGOES
        if each.sadt_c is not None
    }  # fmt: skip
    return goods_of(pack.facts) | listed


def events(made: Plan) -> list[Event]:
    """Papers, gate, place and sensor of each box, and orders to open."""
    told: list[Event] = []
    for number, (name, block) in enumerate(made.blocks.items()):
        of = made.cargoes[name]
        goods = (Goods(of.un, of.un, of.hazard_class, 10.0, control_c=of.control_c, emergency_c=of.emergency_c),)
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
    made = plan(boxes, hours, seed, terms)
    say(f"{boxes} boxes over {hours:g} h")
    judge = BoxJudge(pack, terms, 0, goods_list(pack))
    for event in events(made):
        judge.event(event)
    end = START + (made.minutes + 2) * MINUTE  # nobody falls silent only because it is over
    judge.tick(EVENTS, end)
    log = list(readings(made))
    say(f"{len(log):,} readings")
    found: dict[Key, Opening] = {}
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
    wanted = expected(made.courses, made.blocks, made.cargoes, made.orders, terms, end)
    missed, extra = wanted.keys() - found.keys(), found.keys() - wanted.keys()
    both = wanted.keys() & found.keys()
    moved = [key for key in both if wanted[key].time != found[key].time]
    other_left = [key for key in both if key not in moved and wanted[key].hours_left != found[key].hours_left]
    return {
        "boxes": boxes, "readings": len(log), "expected": len(wanted), "found": len(found),
        "missed": len(missed), "extra": len(extra), "at_another_time": len(moved),
        "other_time_left": len(other_left), "sides": sides(made, wanted),
        "readings_per_cpu_s": round(len(log) / max(spent, 1e-9)), "kept": not (missed or extra or moved or other_left),
        "by_rule": {rule: sum(rule == name for name, _ in found) for rule in RULES},
    }  # fmt: skip


def sides(made: Plan, wanted: Mapping[Key, Opening]) -> dict[str, dict[str, int]]:
    """Of the boxes that stay near a limit and of those that drift: how many the oracle wants told, and how many not."""
    heats = ("box-ceiling", "box-control", "box-emergency", "box-sadt")
    found = {}
    for fate, rules in (("near", heats), ("drift", ("box-drift",))):
        names = [name for name, each in made.fates.items() if each == fate]
        told = sum(any((rule, name) in wanted for rule in rules) for name in names)
        found[fate] = {"told": told, "not_told": len(names) - told}
    return found


def _note(judge: BoxJudge, found: dict[Key, Opening]) -> None:
    """When each rule first opened for each box or area, and how long a drift was said to have left."""
    for _, finding in judge.advance():
        if finding.phase == "open" and finding.detector in RULES:
            left = finding.facts.get("hours_to_limit") if finding.detector == "box-drift" else None
            opening = Opening(finding.time, float(left) if left is not None else None)
            found.setdefault((finding.detector, finding.quantity), opening)
