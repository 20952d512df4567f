"""The yard: any order of events, any past minute, how much, where and whose."""

import os
import random
import time

import pytest

from records.stays import YardEvent
from records.yard import Yard
from topics.events import DeclarationWithdrawn, Declared, GateIn, GateOut, Goods, Inspected, Stacked

FULL = bool(os.environ.get("CITYBRAIN_FULL_SIZE"))
#: All boxes of a port are asked at a tenth of the minutes in the daily run.
BOXES, MINUTES = (20_000, 100) if FULL else (20_000, 10)

MINUTE = 60_000
T = 1_438_000_000_000
NITRATE = Goods("1942", "AMMONIUM NITRATE", "5.1", 20.1)
CYANIDE = Goods("1689", "SODIUM CYANIDE", "6.1", 18.3)


def at(minute: int) -> int:
    return T + MINUTE * minute


def story() -> list[YardEvent]:
    return [
        Declared("e1", "yard", at(0), "D1", "C1", (NITRATE,), "Firm A"),
        GateIn("e2", "yard", at(10), "C1", "D1"),
        Stacked("e3", "yard", at(12), "C1", "A", 1, 2, 1),
        Stacked("e4", "yard", at(20), "C1", "B", 3, 4, 1),
        GateOut("e5", "yard", at(30), "C1"),
        GateIn("e6", "yard", at(40), "C1"),
    ]


def test_every_order_of_arrival_gives_the_same_yard() -> None:
    rng = random.Random(1)
    expected = Yard("yard")
    for event in story():
        expected.apply(event)
    for _ in range(50):
        shuffled = story() * 2
        rng.shuffle(shuffled)
        yard = Yard("yard")
        for event in shuffled:
            yard.apply(event)
        assert yard.now() == expected.now()
        assert all(yard.at(at(minute)) == expected.at(at(minute)) for minute in range(-1, 45))


def test_the_story_of_one_box() -> None:
    yard = Yard("yard")
    for event in story():
        yard.apply(event)
    assert yard.at(at(9)).boxes == ()
    (came,) = yard.at(at(10)).boxes
    assert came.goods == (NITRATE,) and came.consignor == "Firm A" and came.place is None
    (moved,) = yard.at(at(25)).where("1942")
    assert moved.place is not None and moved.place.block == "B"
    assert yard.at(at(25)).masses_t() == {"1942": 20.1} and yard.at(at(25)).whose() == {"Firm A": 20.1}
    assert yard.at(at(35)).boxes == ()
    again = yard.box("C1")
    assert again is not None and again.declaration == "" and again.goods == ()
    assert yard.masses_t() == {}


def test_a_declaration_that_comes_late_covers_the_stay_and_what_the_gate_saw_stands() -> None:
    yard = Yard("yard")
    yard.apply(GateIn("e1", "yard", at(0), "C1", goods=(CYANIDE,)))
    yard.apply(GateIn("e2", "yard", at(0), "C2", declaration="D7"))
    yard.apply(Declared("e3", "yard", at(5), "D1", "C1", (NITRATE,), "A"))
    yard.apply(Declared("e4", "yard", at(5), "D8", "C2", (NITRATE,), "B"))
    first, second = yard.box("C1"), yard.box("C2")
    assert first is not None and first.declaration == "D1" and first.goods == (CYANIDE,)
    assert second is not None and second.declaration == ""
    yard.apply(Declared("e5", "yard", at(6), "D7", "C2", (NITRATE,), "B"))
    second = yard.box("C2")
    assert second is not None and second.declaration == "D7" and second.goods == (NITRATE,)


def test_an_amended_declaration_changes_the_box() -> None:
    yard = Yard("yard")
    for event in story()[:3]:
        yard.apply(event)
    change = yard.apply(Declared("e9", "yard", at(13), "D1", "C1", (CYANIDE,), "A"))
    assert change is not None and change.before is not None and change.before.goods == (NITRATE,)
    assert yard.masses_t() == {"1689": 18.3}


def test_a_withdrawn_declaration_covers_no_box_that_comes_later() -> None:
    yard = Yard("yard")
    yard.apply(GateIn("e2", "yard", at(10), "C1"))  # heard of first
    yard.apply(DeclarationWithdrawn("w", "yard", at(5), "D1", "C1"))
    yard.apply(story()[0])
    box = yard.box("C1")
    assert box is not None and (box.declaration, box.goods) == ("", ())


def test_what_an_inspection_finds_goes_before_what_was_declared() -> None:
    yard = Yard("yard")
    for event in (*story()[:3], Inspected("i", "yard", at(15), "C1", True, (CYANIDE,), by="Wu")):
        yard.apply(event)
    assert yard.masses_t() == {"1689": 18.3} and yard.at(at(14)).masses_t() == {"1942": 20.1}


def test_a_box_seen_stacked_without_a_gate_in_is_in_the_yard() -> None:
    yard = Yard("yard")
    yard.apply(Stacked("e1", "yard", at(1), "C1", "A", 1, 1, 1))
    box = yard.box("C1")
    assert box is not None and not box.gated


def test_an_event_of_another_site_is_refused() -> None:
    with pytest.raises(ValueError, match="expected an event of this site"):
        Yard("yard").apply(GateOut("e1", "other", T, "C1"))


def history(boxes: int, rng: random.Random) -> list[YardEvent]:
    events: list[YardEvent] = []
    for i in range(boxes):
        name, start = f"C{i:05}", rng.randrange(0, 50_000)
        goods = (Goods(rng.choice(["1942", "1689", "1486"]), "X", "5.1", rng.randrange(1, 30_000) / 1000),)
        events.append(Declared(f"{name}d", "yard", at(start), f"D{i}", name, goods, f"Firm {i % 7}"))
        events.append(GateIn(f"{name}i", "yard", at(start + 5), name, f"D{i}"))
        events.append(Stacked(f"{name}s", "yard", at(start + 9), name, f"B{i % 9}", i % 40, i % 8, 1))
        if rng.random() < 0.8:
            events.append(GateOut(f"{name}o", "yard", at(start + 10 + rng.randrange(5_000)), name))
    return events


def test_a_full_yard_equals_a_replay_at_random_minutes_and_answers_in_100_ms() -> None:
    rng = random.Random(3)
    events = history(BOXES, rng)
    shuffled = list(events)
    rng.shuffle(shuffled)
    yard = Yard("yard")
    for event in shuffled:
        yard.apply(event)
    inside: dict[str, tuple[Goods, ...]] = {}
    papers: dict[str, tuple[Goods, ...]] = {}
    ordered = sorted(events, key=lambda event: event.time)
    place = 0
    for minute in sorted(rng.sample(range(60_000), MINUTES)):
        while place < len(ordered) and ordered[place].time <= at(minute):
            event = ordered[place]
            place += 1
            if isinstance(event, Declared):
                papers[event.container] = event.goods
            elif isinstance(event, GateIn):
                inside[event.container] = papers[event.container]
            elif isinstance(event, GateOut):
                del inside[event.container]
        inventory = yard.at(at(minute))
        assert {box.container: box.goods for box in inventory.boxes} == inside
        for un in ("1942", "1689", "1486"):
            mass = sum(each.mass_t for goods in inside.values() for each in goods if each.un == un)
            assert inventory.masses_t().get(un, 0.0) == pytest.approx(mass)
    assert yard.masses_t() == yard.at(at(1_000_000)).masses_t()
    started = time.process_time()
    whole = yard.at(at(30_000))
    assert whole.masses_t() and whole.whose() and whole.where("1942")
    assert time.process_time() - started < 0.1
