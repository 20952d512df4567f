"""How long the server takes to make a responder's card of a full yard, and whether it is what a replay would show."""

import random
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from alerts.city import City
from alerts.responder.api import encoded
from alerts.responder.asked import Asked
from alerts.responder.cards import ResponderCards
from alerts.responder.rules import THEN
from alerts.responder.yards import Yards
from alerts.store import Store
from records.history import ListHistory
from records.registry import Device, Registry, SeriesMeta, Site, registry_of
from records.stays import YardEvent
from streams.bench_inventory import FIRST_MS, LATEST_MS, MINUTE_MS, SITE, history
from streams.judges.yard_grades import YardGrades
from topics.domain import Domain
from topics.finding import Text
from topics.reading import Reading

#: Promised for each card (p99), in ms of processor: the JSON that is sent, all said.
PROMISED_MS = 200.0
LAT, LON = 39.04, 117.74
#: Corners of the made-up yard's blocks, metres east and north of its point: all of it lies within 500 m.
BLOCKS = {block: {"x_m": -180.0, "y_m": 60.0 * place - 180.0} for place, block in enumerate("ABCDEF")}
BATCH = 5_000
MAST = "bench-air/mast"

Say = Callable[[str], None]


def bench_card(pack: Domain, boxes: int, turns: int, asked: int, checked: int, seed: int, say: Say) -> dict[str, Any]:
    """Let a yard in which ``boxes`` stand at a time be filled ``turns`` times over, its events late by hours, and make
    ``asked`` cards: of now, and of random minutes. ``checked`` of the minutes are played again in order, up to the
    minute and no further, and the card of that city's now must be the same.
    """
    draw = random.Random(seed)
    last, winds = FIRST_MS + boxes * turns * MINUTE_MS, _winds(boxes * turns, draw)
    events = [each for each in history(boxes, turns, draw) if each.time <= last]
    events.sort(key=lambda each: each.time + draw.randrange(LATEST_MS))
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'store.db'}")
        try:
            whole = _cards(store, pack, events, winds, last)
            say(f"{len(events):,} events taken")
            minutes = [FIRST_MS + draw.randrange(boxes, boxes * turns) * MINUTE_MS for _ in range(asked)]
            took = {"now": _timed(whole, [None] * asked), "past": _timed(whole, minutes)}
            full = whole.card(Asked(site=SITE))
            say("playing again")
            wrong = sum(_unlike(store, pack, events, winds, whole, each) for each in minutes[:checked])
        finally:
            store.close()
    ring = full.near.rings[-1]
    return {
        "boxes_on_card": ring.boxes + full.near.unplaced.boxes,
        "substances": len(full.near.substances),
        "boxes_named": sum(len(each.boxes) for each in full.near.substances),
        "bytes": len(encoded(full)),
        "events": len(events),
        "cards": took,
        "checked": min(checked, asked),
        "unlike_replay": wrong,
        "promised_ms": PROMISED_MS,
        "kept": wrong == 0 and all(each["cpu_ms"]["p99"] < PROMISED_MS for each in took.values()),
    }


def _timed(cards: ResponderCards, minutes: Sequence[int | None]) -> dict[str, dict[str, float]]:
    """Milliseconds of processor and by the clock for one card of each moment, as it is sent."""
    marks = [(time.process_time(), time.perf_counter())]
    for minute in minutes:
        encoded(cards.card(Asked(site=SITE, at=minute)))
        marks.append((time.process_time(), time.perf_counter()))
    took = {
        name: sorted(1000 * (after[place] - before[place]) for before, after in pairwise(marks))
        for place, name in enumerate(("cpu_ms", "wall_ms"))
    }
    return {
        name: {"p50": _quantile(each, 0.5), "p99": _quantile(each, 0.99), "worst": round(each[-1], 1)}
        for name, each in took.items()
    }


def _quantile(ordered: Sequence[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


def _unlike(
    store: Store, pack: Domain, events: list[YardEvent], winds: list[Reading], whole: ResponderCards, minute: int
) -> bool:
    """Whether the card of a past minute differs from the card of now in a city that is played to that minute only. What
    says when it was made, how far was read and that somebody asked for the past is left aside.
    """
    until = sorted((each for each in events if each.time <= minute), key=lambda each: each.time)
    replay = _cards(store, pack, until, [each for each in winds if each.time <= minute], minute)
    past, now = whole.card(Asked(site=SITE, at=minute, rules_as_of=THEN)), replay.card(Asked(site=SITE))
    now = msgspec.structs.replace(
        now, spot=msgspec.structs.replace(now.spot, at=minute), past=True, made=past.made, read_to=past.read_to
    )
    return past != now


def _cards(store: Store, pack: Domain, events: list[YardEvent], winds: list[Reading], now: int) -> ResponderCards:
    """The server's part that makes cards, in a city that has come to ``now`` and knows these events."""
    blocks = {name: each | {"source": "made up", "confirmed": False} for name, each in BLOCKS.items()}
    domain = msgspec.structs.replace(pack, facts=pack.facts | {"blocks": {SITE: blocks}})
    city, yards = City([domain], _registry(pack.name)), Yards()
    city.tick(now)
    batch = min(BATCH, max(1, len(events) // 20))
    for begin in range(0, len(events), batch):
        yards.take(events[begin : begin + batch])
    return ResponderCards(store, city, yards, ListHistory(winds), lambda: now, YardGrades())


def _registry(domain: str) -> Registry:
    title = Text("基准堆场", "benchmark yard")
    plant = Text("邻厂", "plant next door")
    return registry_of(
        [
            Site(SITE, domain, title, "bench", "120116", LAT, LON),
            Site("bench-plant", "safety", plant, "bench", "120116", LAT + 0.002, LON),
            Site("bench-air", "pollution", Text("空气站", "air station"), "bench", "120116", LAT, LON + 0.02),
            Device("mast", "bench-air", "mast", {"a01008": SeriesMeta(unit="°"), "a01007": SeriesMeta(unit="m/s")}),
        ]
    )


def _winds(minutes: int, draw: random.Random) -> list[Reading]:
    """Where the wind came from and how fast it was, every half hour."""
    return [
        Reading(f"{MAST}/{quantity}/Rtd", FIRST_MS + minute * MINUTE_MS, value)
        for minute in range(0, minutes, 30)
        for quantity, value in (("a01008", draw.uniform(0, 360)), ("a01007", draw.uniform(0, 10)))
    ]
