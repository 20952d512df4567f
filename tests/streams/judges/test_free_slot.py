"""The proposal of a slot, and the ground's answers, held against brute force over every box."""

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.rules.segregation import Standing
from records.stays import Box, Place
from streams.judges.free_slot import Slots, free_slot
from streams.judges.ground import Ground
from streams.judges.segregation_editions import segregation_of
from topics.events import Goods
from topics.goods import load_goods
from topics.segregation_rules import load_overrides
from topics.segregation_table import load_segregation

TABLE, LIST = load_segregation(), load_goods()
RULE = segregation_of(TABLE, load_overrides())
SLOTS = {"A": Slots((0, 5), (0, 5), 2)}
CORNERS = {"A": (0.0, 0.0), "B": (0.0, 18.0)}


def ground() -> Ground:
    return Ground(RULE, LIST, CORNERS, TABLE.yard.bay_m, TABLE.yard.row_m)


def box(name: str, un: str, place: Place | None, more: tuple[str, ...] = ()) -> Box:
    lines = (LIST[each] for each in (un, *more))
    goods = tuple(Goods(each.un, each.title.en, each.hazard_class, 1.0, each.subsidiary) for each in lines)
    return Box(name, 0, goods, place=place)


NAMES = st.integers(0, 25).map(lambda number: f"C{number:02d}")
PLACES = st.builds(Place, st.sampled_from("ABZ"), st.integers(0, 5), st.integers(0, 5), st.integers(1, 2))
BOXES = st.builds(box, NAMES, st.sampled_from(sorted(LIST)), PLACES, st.sampled_from([(), ("1428",)]))
STEPS = st.lists(st.one_of(BOXES, NAMES), max_size=60)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_every_move_finds_what_brute_force_finds(steps: list[Box | str]) -> None:
    here = ground()
    standing: dict[str, Standing] = {}
    for step in steps:
        if isinstance(step, str):
            here.take(step)
            standing.pop(step, None)
            continue
        placed = here.put(step)
        assert placed is not None
        standing[step.container] = placed
        brute = {RULE.conflict(placed, other) for other in standing.values()} - {None}
        assert set(RULE.conflicts(placed, here.near(placed))) == brute


@settings(max_examples=60, deadline=None)
@given(st.lists(BOXES, min_size=1, max_size=40))
def test_a_slot_is_proposed_if_and_only_if_brute_force_finds_one(boxes: list[Box]) -> None:
    here, standing = ground(), {}
    for each in boxes:
        standing[each.container] = (each, here.put(each))
    moved = boxes[-1]
    others = {name: both for name, both in standing.items() if name != moved.container}
    good = set()
    for bay in range(6):
        for row in range(6):
            tiers = [o.place.tier for o, _ in others.values() if o.place and _stack(o.place) == ("A", bay, row)]
            place = Place("A", bay, row, max(tiers, default=0) + 1)
            own = moved.place is not None and _stack(moved.place) == ("A", bay, row)
            probe = here.stand(moved, place)
            near = [probe, *(other for _, other in others.values() if other is not None)]
            if place.tier <= 2 and not own and not any(RULE.conflict(probe, other) for other in near):
                good.add(place)
    proposed = free_slot(here, moved, SLOTS)
    assert proposed in good if good else proposed is None


def test_the_nearest_is_proposed_and_a_full_stack_is_not() -> None:
    here = ground()
    sodium, acid = box("S", "1428", Place("A", 0, 0, 1)), box("N", "1942", Place("A", 1, 0, 1))
    for each in (sodium, acid, box("T", "1428", Place("A", 4, 0, 1)), box("U", "1428", Place("A", 4, 0, 2))):
        here.put(each)
    place = free_slot(here, sodium, SLOTS)
    assert place == Place("A", 0, 3, 1)  # three rows on: 8.7 m between middles, 6.26 m between walls
    assert free_slot(here, sodium, {}) is None
    assert free_slot(here, sodium, {"A": Slots((4, 4), (0, 0), 2)}) is None


def _stack(place: Place) -> tuple[str, int, int]:
    return place.block, place.bay, place.row
