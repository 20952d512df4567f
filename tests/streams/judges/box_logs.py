"""Random hours of a yard as the two logs the judge hears, in order or not, and read a few messages at a time."""

import random
from typing import Any

from streams.judges.box_conditions import EVENTS, READINGS, BoxJudge
from tests.streams.judges.boxes import COTTON, NITRATE, PEROXIDE, YARD, at, box, reading
from topics.events import Event, GateOut, OpeningOrdered, Stacked
from topics.finding import Finding
from topics.reading import Reading


def story(seed: int) -> tuple[list[Reading], list[Event]]:
    """Four boxes over three hours: warming, gas, doors, silences and moves at random."""
    dice = random.Random(seed)
    events: list[Event] = []
    values: list[Reading] = []
    for n in range(4):
        name, device = f"SIMU000000{n}", f"R{n}"
        events += box(name, device, dice.choice([PEROXIDE, NITRATE, COTTON]), n, minute=dice.randrange(3))
        if dice.random() < 0.5:
            events.append(Stacked(f"{name}-m", YARD, at(dice.randrange(40, 120)), name, "B", n, 0, 1))
        if dice.random() < 0.3:
            events.append(GateOut(f"{name}-o", YARD, at(dice.randrange(100, 170)), name))
        if dice.random() < 0.5:
            start = dice.randrange(10, 60)
            events.append(
                OpeningOrdered(f"{name}-a", YARD, at(start), name, at(start + dice.randrange(5, 60)), "customs")
            )
        quiet, per_h = dice.randrange(60, 150), dice.choice([0.0, 3.0, 9.0, 30.0])
        for minute in range(1, 180, 2):
            if quiet <= minute < quiet + 20:
                continue
            values.append(reading(device, minute, round(-8 + minute / 60 * per_h + dice.gauss(0, 0.2), 2)))
            values.append(reading(device, minute, dice.choice([0.0, 1.0]) if 20 < minute < 60 else 0.0, "door"))
            values.append(reading(device, minute, 20.0 + 10 * (minute % 30 > 25), "gas_lel"))
    return sorted(values, key=lambda row: row.time), sorted(events, key=lambda event: event.time)


def ticked(items: list[Any], until: float = 190.0) -> list[Any]:
    """City time each minute, as the clock writes it: a second after what came in that minute."""
    log: list[Any] = []
    place = 0
    for minute in range(int(until)):
        while place < len(items) and items[place].time <= at(minute):
            log.append(items[place])
            place += 1
        log.append(at(minute) + 1000)
    return log


def disorder(items: list[Any], dice: random.Random) -> list[Any]:
    """Messages change places by up to the settling time: each arrives before city time is so much beyond it."""
    late = sorted(((each.time + dice.uniform(0, 27_000), number, each) for number, each in enumerate(items)))
    log: list[Any] = []
    minute = 0
    for arrival, _, each in late:
        while at(minute) + 1000 <= arrival:
            log.append(at(minute) + 1000)
            minute += 1
        log.append(each)
    return log + [at(m) + 1000 for m in range(minute, 190)]


def interleaved(watch: BoxJudge, logs: dict[str, list[Any]], dice: random.Random, begin: int = 0) -> list[Finding]:
    """Read both logs a few messages at a time, whichever comes first."""
    found: list[Finding] = []
    places = {EVENTS: 0, READINGS: begin}
    while any(places[name] < len(log) for name, log in logs.items()):
        name = dice.choice([each for each, log in logs.items() if places[each] < len(log)])
        for _ in range(dice.randrange(1, 40)):
            if places[name] < len(logs[name]):
                hear(watch, name, logs[name][places[name]], places[name])
                places[name] += 1
        found += [each for _, each in watch.advance()]
    return found


def hear(watch: BoxJudge, name: str, each: Any, offset: int) -> None:
    if isinstance(each, int):
        watch.tick(name, each)
    elif name == EVENTS:
        watch.event(each)
    else:
        watch.reading(each, 0, 0)  # where it lies in the log is the log's, and the only thing that may differ
