"""How long the server takes to say how much is in a yard, where and whose, at any past minute of a long history."""

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from alerts.responder.yards import Yards
from records.stays import YardEvent
from records.stock import Question, Wanted
from records.yard import GRAMS, Inventory, Yard, grams
from topics.events import Declared, GateIn, GateOut, Goods, Stacked
from topics.goods import load_goods

#: Promised for each answer (p99), in ms of processor.
PROMISED_MS = 100.0
SITE, FIRST_MS, MINUTE_MS = "bench-yard", 1_700_000_000_000, 60_000
BATCH = 5_000
#: An event is heard of so long after it at most.
LATEST_MS = 4 * 3_600_000
PAGE = 200
FIRMS = 200

Say = Callable[[str], None]


def bench_inventory(boxes: int, turns: int, asked: int, checked: int, seed: int, say: Say) -> dict[str, Any]:
    """Let a yard in which ``boxes`` stand at a time be filled ``turns`` times over, its events late by up to
    ``LATEST_MS``, and ask ``asked`` times each of random minutes and things; ``checked`` of the minutes are replayed
    from zero too.
    """
    draw = random.Random(seed)
    events = list(history(boxes, turns, draw))
    events.sort(key=lambda each: each.time + draw.randrange(LATEST_MS))
    batch = min(BATCH, len(events) // 20)
    yards, began = Yards(), time.process_time()
    for at in range(0, len(events), batch):
        yards.take(events[at : at + batch])
    filled_s = time.process_time() - began
    say(f"{len(events):,} events taken in {filled_s:.1f} s of processor")
    whole, last = (boxes * MINUTE_MS, boxes * turns * MINUTE_MS)
    uns = sorted(load_goods())
    took: dict[str, list[float]] = {}
    for _ in range(asked):
        minute = FIRST_MS + draw.randrange(whole, last)
        questions = {
            "how_much": (Wanted(), 0),
            "where": (Wanted(un=draw.choice(uns)), PAGE),
            "whose": (Wanted(owner=f"firm {draw.randrange(FIRMS)}"), PAGE),
            "first_page_of_all": (Wanted(), PAGE),
        }
        for name, (wanted, limit) in questions.items():
            began = time.process_time()
            yards.ask(SITE, Question(minute, wanted, limit=limit))
            took.setdefault(name, []).append(1000 * (time.process_time() - began))
        began = time.process_time()
        yards.at(SITE, minute)
        took.setdefault("all_boxes", []).append(1000 * (time.process_time() - began))
    wrong = sum(not _agrees(yards, events, FIRST_MS + draw.randrange(whole, last)) for _ in range(checked))
    answers = {
        name: {"p50_ms": _quantile(each, 0.5), "p99_ms": _quantile(each, 0.99), "worst_ms": round(max(each), 1)}
        for name, each in took.items()
    }
    return {
        "boxes": boxes,
        "events": len(events),
        "take_cpu_s": round(filled_s, 1),
        "answers": answers,
        "checked": checked,
        "unlike_replay": wrong,
        "promised_ms": PROMISED_MS,
        "kept": wrong == 0 and all(each["p99_ms"] < PROMISED_MS for each in answers.values()),
    }


def history(boxes: int, turns: int, draw: random.Random) -> Iterator[YardEvent]:
    """A box a minute comes, is moved once and goes after about as many minutes as boxes stand."""
    goods = list(load_goods().values())
    for each in range(boxes * turns):
        entry, came, name = draw.choice(goods), FIRST_MS + each * MINUTE_MS, f"B{each:07}"
        line = Goods(entry.un, entry.title.en, entry.hazard_class, draw.randrange(1, 30_000) / 1000, entry.subsidiary)
        yield Declared(f"d{each}", SITE, came, f"D{each}", name, (line,), f"firm {draw.randrange(FIRMS)}")
        yield GateIn(f"i{each}", SITE, came + 1, name, f"D{each}")
        for number in range(2):
            place = draw.choice("ABCDEF"), draw.randrange(60), draw.randrange(12), draw.randrange(4) + 1
            yield Stacked(f"s{each}-{number}", SITE, came + 2 + number * MINUTE_MS, name, *place)
        left = came + draw.randrange(boxes // 2, boxes * 3 // 2) * MINUTE_MS
        yield GateOut(f"o{each}", SITE, left, name)


def _agrees(yards: Yards, events: list[YardEvent], minute: int) -> bool:
    """Whether a replay from zero up to this minute gives the same boxes, masses and owners."""
    replay = Yard(SITE)
    for event in events:
        if event.time <= minute:
            replay.apply(event)
    there = replay.now()
    answer = yards.ask(SITE, Question(minute))
    masses = {each.key: round(each.mass_t * GRAMS) for each in answer.by_un}
    return (
        yards.at(SITE, minute).boxes == there.boxes
        and masses == _grams(there)
        and {each.key: each.mass_t for each in answer.by_owner} == there.whose()
    )


def _grams(there: Inventory) -> dict[str, int]:
    found: dict[str, int] = {}
    for box in there.boxes:
        for line in box.goods:
            found[line.un] = found.get(line.un, 0) + grams(line)
    return found


def _quantile(values: list[float], share: float) -> float:
    return round(sorted(values)[min(len(values) - 1, int(share * len(values)))], 1)
