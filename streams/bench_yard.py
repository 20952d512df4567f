"""How long the yard's judge takes to answer a move among very many boxes, and whether brute force agrees."""

import random
import time
from collections.abc import Callable
from typing import Any

import msgspec

from detectors.rules.segregation import Conflict, Standing
from streams.judges.ground import Ground
from streams.judges.yard import YardJudge
from streams.judges.yard_facts import yard_facts
from topics.domain import Domain
from topics.events import Declared, GateIn, Goods, Stacked
from topics.goods import load_goods

#: Promised: an answer in this many milliseconds (p99), at this many moves a second.
PROMISED_MS = 100.0
PROMISED_MOVES = 50.0
LOT = 100
SITE, FIRST_MS, TIERS, ROWS = "bench-yard", 1_700_000_000_000, 4, 10

Say = Callable[[str], None]


def bench_yard(domain: Domain, boxes: int, moves: int, checked: int, seed: int, say: Say) -> dict[str, Any]:
    """Fill a yard, lots of ``LOT`` boxes of one substance side by side as lines of stock stand; then move boxes
    anywhere, whatever stands there.

    Every answer is the whole of the judge's: conflicts, findings, and the proposal of a free slot. ``checked`` of the
    moves are asked of brute force over all boxes too.
    """
    draw = random.Random(seed)
    bays = boxes * 5 // 4 // (TIERS * ROWS) + 1
    slots = {"A": {"bays": [0, bays - 1], "rows": [0, ROWS - 1], "tiers": TIERS}}
    judge = YardJudge(domain, 0)
    stacks = [(bay, row) for bay in range(bays) for row in range(ROWS)]
    heights = dict.fromkeys(stacks, 0)
    tops: dict[str, tuple[int, int]] = {}
    oracle = _Oracle(judge)
    number = _fill(judge, oracle, boxes, draw, heights, tops)
    # Nobody needs a proposal while the yard fills: that is not what is measured.
    judge.facts = yard_facts(msgspec.structs.replace(domain, facts=domain.facts | {"slots": {SITE: slots}}))
    say(f"{boxes:,} boxes stand")
    wall_ms: list[float] = []
    cpu_ms: list[float] = []
    wrong = conflicts = proposals = 0
    every = max(1, moves // checked) if checked else moves + 1
    names = list(tops)
    for each in range(moves):
        name = draw.choice(names)
        to = draw.choice([stack for stack in draw.sample(stacks, 40) if heights[stack] < TIERS] or [tops[name]])
        heights[tops[name]] -= 1
        heights[to] += 1
        tops[name] = to
        event = Stacked(f"m{each}", SITE, FIRST_MS + (number + each) * 1000, name, "A", *to, heights[to])
        wall, cpu = time.perf_counter(), time.process_time()
        findings = judge.apply(event, number + each, 0).findings
        cpu_ms.append(1000 * (time.process_time() - cpu))
        wall_ms.append(1000 * (time.perf_counter() - wall))
        proposals += any("proposed_slot" in finding.facts for finding in findings)
        found = judge.conflicts(SITE, name)
        conflicts += len(found)
        oracle.put(judge, name)
        if each % every == 0:
            wrong += set(found) != oracle.conflicts(name)
    p99 = _quantile(wall_ms, 0.99)
    rate = 1000 * moves / sum(cpu_ms)
    return {
        "boxes": boxes,
        "moves": moves,
        "p50_ms": round(_quantile(wall_ms, 0.5), 2),
        "p99_ms": round(p99, 2),
        "p99_cpu_ms": round(_quantile(cpu_ms, 0.99), 2),
        "moves_per_cpu_s": round(rate, 1),
        "conflicts_per_move": round(conflicts / moves, 1),
        "moves_with_proposal": proposals,
        "checked": len(range(0, moves, every)),
        "unlike_brute_force": wrong,
        "kept": wrong == 0 and p99 < PROMISED_MS and rate >= PROMISED_MOVES,
    }


class _Oracle:
    """All boxes in a plain list of their own; no grid, no memory of conflicts."""

    def __init__(self, judge: YardJudge) -> None:
        facts = judge.facts
        self.rule = facts.segregation_at(FIRST_MS).rule
        self._place = Ground(self.rule, judge.goods, facts.blocks.get(SITE, {}), facts.bay_m, facts.row_m)
        self._all: dict[str, Standing] = {}

    def put(self, judge: YardJudge, container: str) -> None:
        box = judge.yard(SITE).box(container)
        if box is not None and box.place is not None:
            self._all[container] = self._place.stand(box, box.place)

    def conflicts(self, container: str) -> set[Conflict]:
        mine = self._all[container]
        return {found for other in self._all.values() if (found := self.rule.conflict(mine, other)) is not None}


def _fill(
    judge: YardJudge,
    oracle: _Oracle,
    boxes: int,
    draw: random.Random,
    heights: dict[tuple[int, int], int],
    tops: dict[str, tuple[int, int]],
) -> int:
    """Boxes by declaration, gate and crane, bay after bay. Gives the number of events."""
    goods = list(load_goods().values())
    stacks = iter(sorted(heights))
    stack, number, entry = next(stacks), 0, goods[0]
    room = draw.randint(2, TIERS)
    for each in range(boxes):
        if heights[stack] >= room:
            stack, room = next(stacks), min(TIERS, draw.randint(2, TIERS + 2))
        heights[stack] += 1
        name = f"B{each:05d}"
        entry = draw.choice(goods) if each % LOT == 0 else entry
        line = Goods(entry.un, entry.title.en, entry.hazard_class, 20.0, entry.subsidiary, entry.packing_group)
        tops[name] = stack
        for event in (
            Declared(f"d{each}", SITE, FIRST_MS + number, f"D{each}", name, (line,), f"firm {each % 50}"),
            GateIn(f"i{each}", SITE, FIRST_MS + number + 1, name, f"D{each}"),
            Stacked(f"s{each}", SITE, FIRST_MS + number + 2, name, "A", *stack, heights[stack]),
        ):
            judge.apply(event, number, 0)
            number += 1
        oracle.put(judge, name)
    return number


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
