"""The responder's card: rings, what must not be wetted, downwind, and a past minute as a replay shows it."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from records.responder_card import NAMED, Near, near
from records.stays import Place, YardEvent
from records.stock import Stock
from records.yard import Inventory, Yard
from tests.records.card_by_hand import Placed, by_hand
from topics.events import Declared, GateIn, GateOut, Goods, Stacked
from topics.goods import load_goods

GOODS = load_goods()
T = 1_438_000_000_000


def where(place: Place) -> tuple[float, float] | None:
    return None if place.block == "Z" else (place.bay * 10.0, place.row * 10.0)


def placed(inventory: Inventory) -> list[Placed]:
    return [Placed("yard", box, where(box.place) if box.place else None) for box in inventory.boxes]


def card(yard: Yard, time: int, wind: float | None = None) -> Near:
    """By columns, and box by box the same."""
    stock = Stock()
    for name in dict.fromkeys(each.container for each in (*yard.at(time).boxes, *yard.now().boxes)):
        stock.put(name, yard.story(name))
    lines = stock.lines(time)
    middles = [where(each.place) if each.place else None for each in lines.boxes]
    at = np.array([(math.nan, math.nan) if each is None else each for each in middles], float).reshape(-1, 2)
    found = near(lines, at, GOODS, wind)
    assert found == by_hand(placed(yard.at(time)), GOODS, wind)
    return found


def box(name: str, un: str, bay: int, row: int, block: str = "A", mass: float = 10.0) -> list[YardEvent]:
    line = Goods(un, "AS DECLARED", GOODS[un].hazard_class if un in GOODS else "9", mass)
    return [
        Declared(f"d{name}", "yard", T, f"D{name}", name, (line,), f"firm {name}", "119"),
        GateIn(f"i{name}", "yard", T + 1, name, f"D{name}"),
        Stacked(f"s{name}", "yard", T + 2, name, block, bay, row, 1),
    ]


def played(*boxes: list[YardEvent]) -> Yard:
    yard = Yard("yard")
    for events in boxes:
        for event in events:
            yard.apply(event)
    return yard


def test_the_lowest_declared_temperature_of_a_substance_is_the_one_that_counts() -> None:
    """Two boxes of a peroxide under different papers, one of them without; what nobody declared stays unknown."""
    yard = Yard("yard")
    for name, control, emergency in (("A", 30.0, 35.0), ("B", 20.0, None), ("C", None, None)):
        line = Goods("3119", "PEROXIDE", "5.2", 1.0, control_c=control, emergency_c=emergency)
        yard.apply(GateIn(f"i{name}", "yard", T, name, goods=(line,)))
        yard.apply(Stacked(f"s{name}", "yard", T, name, "A", 1, 1, 1))
    for event in box("N", "1942", 1, 1):
        yard.apply(event)
    found = {each.un: (each.control_c, each.emergency_c) for each in card(yard, T + 5).substances}
    assert found == {"3119": (20.0, 35.0), "1942": (None, None)}


def test_rings_quantities_water_and_contacts() -> None:
    yard = played(
        box("N", "1428", 4, 0), box("A", "1942", 0, 9, mass=800.0), box("X", "9999", 0, 40), box("U", "1942", 1, 1, "Z")
    )
    shown = card(yard, T + 5)
    assert [(ring.radius_m, ring.boxes, ring.mass_t) for ring in shown.rings] == [
        (50, 1, 10.0),
        (100, 2, 810.0),
        (200, 2, 810.0),
        (500, 3, 820.0),
    ]
    assert shown.rings[1].no_water == ("1428",) and shown.unplaced.boxes == 1
    first = shown.substances[0]
    assert (first.un, first.consignors, first.contacts) == ("1942", ("firm A",), ("119",))
    assert [(each.container, each.place, each.away_m) for each in first.boxes] == [("A", "A 00-09-1", 90.0)]
    assert first.ems == "F-H, S-Q" and shown.unplaced.substances[0].boxes[0].away_m is None
    unknown = shown.substances[-1]
    assert unknown.un == "9999" and not unknown.listed and unknown.no_water is None


def test_of_very_many_boxes_of_a_substance_the_nearest_are_named_and_all_are_counted() -> None:
    """Several deep, of one weight to the substance and another to the box's other line of the same goods."""
    yard = played(*(box(f"N{each:03}", "1428", each % 7, each // 70) for each in range(NAMED + 30)))
    for each in range(0, NAMED, 9):
        lines = (Goods("1428", "X", "4.3", 0.3), Goods("1942", "X", "5.1", 0.1), Goods("1428", "X", "4.3", 0.1))
        yard.apply(GateIn(f"again{each}", "yard", T + 3, f"N{each:03}", goods=lines))
    sodium = next(each for each in card(yard, T + 5, 90.0).substances if each.un == "1428")
    assert len(sodium.boxes) == NAMED and sodium.boxes_in_all == NAMED + 18 and len(sodium.consignors) == NAMED + 18


def test_downwind_is_where_the_wind_blows_to_and_unsaid_without_a_wind() -> None:
    yard = played(box("E", "1428", 3, 0), box("N", "1428", 0, 3))
    west_wind = card(yard, T + 5, 270.0).substances[0]
    assert west_wind.downwind_boxes == 1
    assert card(yard, T + 5, 45.0).substances[0].downwind_boxes == 0
    assert card(yard, T + 5).substances[0].downwind_boxes is None


NAMES = st.sampled_from(["C1", "C2", "C3"])
TIMES = st.integers(T, T + 20)
LINE = st.builds(
    lambda un, mass, control, more: Goods(un, "X", "4.3", mass, more, control_c=control),
    st.sampled_from(["1428", "1942", "9999"]), st.sampled_from([5.0, 0.3, 0.1]), st.sampled_from([None, 20.0, 30.0]),
    st.sampled_from([(), ("8",), ("6.1", "8")]),
)  # fmt: skip
LINES = st.lists(LINE, max_size=3).map(tuple)
STEP = st.one_of(
    st.tuples(st.just("declared"), TIMES, NAMES, LINES.filter(bool)),
    st.tuples(st.just("in"), TIMES, NAMES, LINES),
    st.tuples(st.just("stacked"), TIMES, NAMES, st.integers(-60, 60)),
    st.tuples(st.just("out"), TIMES, NAMES, LINES),
)


def event_of(number: int, step: tuple[str, int, str, object]) -> YardEvent:
    kind, time, name, more = step
    if kind == "declared" and isinstance(more, tuple):
        return Declared(f"e{number}", "yard", time, f"D{number}", name, more, f"firm {number % 2}")
    if kind == "stacked" and isinstance(more, int):
        return Stacked(f"e{number}", "yard", time, name, "Z" if more == 7 else "A", abs(more), 0, 1)
    if kind == "in" and isinstance(more, tuple):
        return GateIn(f"e{number}", "yard", time, name, goods=more)
    return GateOut(f"e{number}", "yard", time, name)


@settings(max_examples=80, deadline=None)
@given(st.lists(STEP, max_size=25), TIMES, st.randoms(), st.sampled_from([None, 0.0, 250.0]))
def test_the_card_of_a_minute_is_what_a_replay_up_to_it_shows(steps, minute, order, wind) -> None:  # type: ignore[no-untyped-def]
    events = [event_of(number, step) for number, step in enumerate(steps)]
    replay = Yard("yard")
    for event in events:
        if event.time <= minute:
            replay.apply(event)
    order.shuffle(events)
    yard = played(events)
    assert card(yard, minute, wind) == by_hand(placed(replay.now()), GOODS, wind)
